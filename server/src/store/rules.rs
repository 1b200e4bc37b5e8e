//! The journal of the office's rules over the catalogue: who changed what and when. Only ever written to its end.

use sqlx::Row;
use xiaohao_shared::api::RuleChange;
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError, number};

pub async fn note(tx: &mut Connection, device: DeviceId, change: &RuleChange) -> Result<(), StoreError> {
    let next: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM rule_changes").fetch_one(&mut *tx).await?;
    let sql = "INSERT INTO rule_changes (id, at, person, device, wish, was) VALUES ($1, $2, $3, $4, $5, $6)";
    let insert = sqlx::query(sql).bind(next).bind(change.at.0).bind(change.by.0).bind(number(device.0));
    let insert = insert.bind(json(&change.wish)?).bind(change.was.as_ref().map(json).transpose()?);
    insert.execute(tx).await?;
    Ok(())
}

/// The latest first.
pub async fn latest(pool: &Pool, limit: u32) -> Result<Vec<RuleChange>, StoreError> {
    let sql = "SELECT at, person, wish, was FROM rule_changes ORDER BY id DESC LIMIT $1";
    sqlx::query(sql).bind(limit).fetch_all(pool).await?.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<RuleChange, StoreError> {
    let was: Option<&str> = row.try_get("was")?;
    Ok(RuleChange {
        at: Timestamp(row.try_get("at")?),
        by: PersonId(row.try_get("person")?),
        wish: serde_json::from_str(row.try_get("wish")?).map_err(damaged)?,
        was: was.map(serde_json::from_str).transpose().map_err(damaged)?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Damaged(format!("rule_changes: {error}"))
}

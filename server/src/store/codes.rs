//! Enrolment codes, known only by their hash.

use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, StoreError, number};

#[derive(Debug, Clone, sqlx::FromRow)]
struct Row {
    person: u32,
    expires_at: i64,
    tries: i64,
    used_at: Option<i64>,
    device: Option<i64>,
    key: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub struct Code {
    pub person: PersonId,
    pub expires_at: Timestamp,
    pub tries: i64,
    pub used: Option<Use>,
}

/// By whom and when a code was used.
#[derive(Debug, Clone)]
pub struct Use {
    pub at: Timestamp,
    pub device: DeviceId,
    pub key: Vec<u8>,
}

impl From<Row> for Code {
    fn from(row: Row) -> Self {
        let used = match (row.used_at, row.device, row.key) {
            (Some(at), Some(device), Some(key)) => {
                Some(Use { at: Timestamp(at), device: DeviceId(device.unsigned_abs()), key })
            }
            _ => None,
        };
        Self { person: PersonId(row.person), expires_at: Timestamp(row.expires_at), tries: row.tries, used }
    }
}

pub async fn find(tx: &mut Connection, hash: &str) -> Result<Option<Code>, StoreError> {
    let sql = "SELECT person, expires_at, tries, used_at, device, key FROM codes WHERE hash = $1";
    Ok(sqlx::query_as::<_, Row>(sql).bind(hash).fetch_optional(tx).await?.map(Code::from))
}

pub async fn insert(
    tx: &mut Connection,
    hash: &str,
    person: PersonId,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO codes (hash, person, expires_at) VALUES ($1, $2, $3)");
    query.bind(hash).bind(person.0).bind(expires_at.0).execute(tx).await?;
    Ok(())
}

pub async fn count_try(tx: &mut Connection, hash: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE codes SET tries = tries + 1 WHERE hash = $1").bind(hash).execute(tx).await?;
    Ok(())
}

pub async fn mark_used(tx: &mut Connection, hash: &str, by: &Use) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE codes SET used_at = $2, device = $3, key = $4 WHERE hash = $1");
    query.bind(hash).bind(by.at.0).bind(number(by.device.0)).bind(&by.key).execute(tx).await?;
    Ok(())
}

pub async fn forget(tx: &mut Connection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM codes WHERE expires_at < $1").bind(before.0).execute(tx).await?;
    Ok(())
}

//! Notices of the office (今日提示) and who has read them. None of it can be made from the log, so `rebuild` leaves it alone.

use sqlx::Row;
use xiaohao_shared::api::Bulletin;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Db, StoreError};

const COLUMNS: &str = "SELECT id, text, zone_ids, until_at, made_at, made_by, withdrawn_at FROM bulletins ";

pub async fn insert(tx: &mut Connection, bulletin: &Bulletin) -> Result<(), StoreError> {
    let zones: Vec<String> = bulletin.zones.iter().map(ToString::to_string).collect();
    let sql = "INSERT INTO bulletins (id, text, zone_ids, until_at, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6)";
    let query = sqlx::query(sql).bind(bulletin.id).bind(&bulletin.text).bind(zones.join(",")).bind(bulletin.until.0);
    query.bind(bulletin.made_at.0).bind(bulletin.made_by.0).execute(tx).await?;
    Ok(())
}

pub async fn next_id(tx: &mut Connection) -> Result<u32, StoreError> {
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) + 1 FROM bulletins").fetch_one(tx).await?)
}

/// Those that neither ended nor were withdrawn, the newest first.
pub async fn standing<'a>(
    store: impl sqlx::Executor<'a, Database = Db>,
    now: Timestamp,
) -> Result<Vec<Bulletin>, StoreError> {
    const STANDING: &str = "WHERE withdrawn_at IS NULL AND until_at > $1 ORDER BY id DESC";
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}{STANDING}"));
    let rows = sqlx::query(sql).bind(now.0).fetch_all(store).await?;
    rows.iter().map(|row| Ok(read(row)?.0)).collect()
}

/// The newest, and when each was withdrawn.
pub async fn latest(tx: &mut Connection, limit: u32) -> Result<Vec<(Bulletin, Option<Timestamp>)>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}ORDER BY id DESC LIMIT $1"));
    sqlx::query(sql).bind(limit).fetch_all(tx).await?.iter().map(read).collect()
}

pub async fn find(tx: &mut Connection, id: u32) -> Result<Option<Bulletin>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}WHERE id = $1"));
    let row = sqlx::query(sql).bind(id).fetch_optional(tx).await?;
    row.map(|row| Ok(read(&row)?.0)).transpose()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<(Bulletin, Option<Timestamp>), StoreError> {
    let zones: String = row.try_get("zone_ids")?;
    let bulletin = Bulletin {
        id: row.try_get("id")?,
        text: row.try_get("text")?,
        zones: zones.split(',').filter_map(|id| id.parse().ok()).map(ZoneId).collect(),
        until: Timestamp(row.try_get("until_at")?),
        made_at: Timestamp(row.try_get("made_at")?),
        made_by: PersonId(row.try_get("made_by")?),
    };
    Ok((bulletin, row.try_get::<Option<i64>, _>("withdrawn_at")?.map(Timestamp)))
}

/// The first withdrawal stays.
pub async fn withdraw(tx: &mut Connection, id: u32, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE bulletins SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
    sqlx::query(sql).bind(id).bind(now.0).execute(tx).await?;
    Ok(())
}

/// The first time that somebody read it stays.
pub async fn mark_read(tx: &mut Connection, id: u32, by: PersonId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO bulletin_reads (bulletin, person, read_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    sqlx::query(sql).bind(id).bind(by.0).bind(now.0).execute(tx).await?;
    Ok(())
}

pub async fn readers(tx: &mut Connection, id: u32) -> Result<Vec<(PersonId, Timestamp)>, StoreError> {
    let sql = "SELECT person, read_at FROM bulletin_reads WHERE bulletin = $1 ORDER BY read_at, person";
    let rows: Vec<(u32, i64)> = sqlx::query_as(sql).bind(id).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(person, at)| (PersonId(person), Timestamp(at))).collect())
}

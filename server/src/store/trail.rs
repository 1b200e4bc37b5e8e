//! The rows of the audit, in the order in which they were written. Knows nothing of what makes them a chain.

use sqlx::{AssertSqlSafe, Row as _};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Db, StoreError, number};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub number: u64,
    pub at: Timestamp,
    pub act: String,
    /// Zero for nobody.
    pub person: u32,
    pub device: u64,
    pub origin: String,
    pub what: String,
    pub result: String,
    pub hash: Vec<u8>,
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Line, StoreError> {
    Ok(Line {
        number: row.try_get::<i64, _>("number")?.unsigned_abs(),
        at: Timestamp(row.try_get("at")?),
        act: row.try_get("act")?,
        person: row.try_get("person")?,
        device: row.try_get::<i64, _>("device")?.unsigned_abs(),
        origin: row.try_get("origin")?,
        what: row.try_get("what")?,
        result: row.try_get("result")?,
        hash: row.try_get("hash")?,
    })
}

const COLUMNS: &str = "SELECT number, at, act, person, device, origin, what, result, hash FROM audit";

pub async fn last<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<Option<Line>, StoreError> {
    let row = sqlx::query(AssertSqlSafe(format!("{COLUMNS} ORDER BY number DESC LIMIT 1")));
    row.fetch_optional(store).await?.as_ref().map(read).transpose()
}

/// The newest row of an act.
pub async fn last_of(tx: &mut Connection, act: &str) -> Result<Option<Line>, StoreError> {
    let row = sqlx::query(AssertSqlSafe(format!("{COLUMNS} WHERE act = $1 ORDER BY number DESC LIMIT 1"))).bind(act);
    row.fetch_optional(tx).await?.as_ref().map(read).transpose()
}

/// Those after `number`, the oldest first.
pub async fn after<'a>(
    store: impl sqlx::Executor<'a, Database = Db>,
    after: u64,
    limit: u32,
) -> Result<Vec<Line>, StoreError> {
    let query = sqlx::query(AssertSqlSafe(format!("{COLUMNS} WHERE number > $1 ORDER BY number LIMIT $2")));
    query.bind(number(after)).bind(limit).fetch_all(store).await?.iter().map(read).collect()
}

/// Those before `number`, the newest first.
pub async fn before<'a>(
    store: impl sqlx::Executor<'a, Database = Db>,
    before: u64,
    limit: u32,
) -> Result<Vec<Line>, StoreError> {
    let query = sqlx::query(AssertSqlSafe(format!("{COLUMNS} WHERE number < $1 ORDER BY number DESC LIMIT $2")));
    query.bind(number(before)).bind(limit).fetch_all(store).await?.iter().map(read).collect()
}

pub async fn insert(tx: &mut Connection, line: &Line) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (number, at, act, person, device, origin, what, result, hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let query = sqlx::query(sql).bind(number(line.number)).bind(line.at.0).bind(&line.act).bind(line.person);
    let query = query.bind(number(line.device)).bind(&line.origin).bind(&line.what).bind(&line.result);
    query.bind(&line.hash).execute(tx).await?;
    Ok(())
}

/// The last of the rows at the beginning that are all older than `time`.
pub async fn last_older(tx: &mut Connection, time: Timestamp) -> Result<Option<Line>, StoreError> {
    let first_kept = "SELECT COALESCE(MIN(number), 0) FROM audit WHERE at >= $1";
    let first_kept: i64 = sqlx::query_scalar(first_kept).bind(time.0).fetch_one(&mut *tx).await?;
    Ok(before(tx, first_kept.unsigned_abs(), 1).await?.pop())
}

pub async fn forget(tx: &mut Connection, up_to: u64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM audit WHERE number <= $1").bind(number(up_to)).execute(tx).await?;
    Ok(())
}

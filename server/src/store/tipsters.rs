//! Sealed names and numbers of who told the office of a problem, apart from everything else. Cannot open them.

use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub noted_by: PersonId,
    pub noted_at: Timestamp,
}

pub async fn find(pool: &Pool, issue: IssueId) -> Result<Option<Sealed>, StoreError> {
    let sql = "SELECT sealed, noted_by, noted_at FROM tipsters WHERE issue_id = $1";
    let row: Option<(Vec<u8>, u32, i64)> = sqlx::query_as(sql).bind(issue.to_string()).fetch_optional(pool).await?;
    Ok(row.map(|(bytes, by, at)| Sealed { bytes, noted_by: PersonId(by), noted_at: Timestamp(at) }))
}

pub async fn remove(tx: &mut Connection, issue: IssueId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tipsters WHERE issue_id = $1").bind(issue.to_string()).execute(tx).await?;
    Ok(())
}

pub async fn insert(tx: &mut Connection, issue: IssueId, sealed: &Sealed) -> Result<(), StoreError> {
    let sql = "INSERT INTO tipsters (issue_id, sealed, noted_by, noted_at) VALUES ($1, $2, $3, $4)";
    let query = sqlx::query(sql).bind(issue.to_string()).bind(&sealed.bytes);
    query.bind(sealed.noted_by.0).bind(sealed.noted_at.0).execute(tx).await?;
    Ok(())
}

const OLD: &str = "issue_id IN (SELECT issue_id FROM issues WHERE is_open = 0 AND touched_at < $1)";

pub async fn count_old(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM tipsters WHERE {OLD}"));
    Ok(sqlx::query_scalar::<_, i64>(sql).bind(cut.0).fetch_one(tx).await?.unsigned_abs())
}

pub async fn remove_old(tx: &mut Connection, cut: Timestamp) -> Result<u64, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("DELETE FROM tipsters WHERE {OLD}"));
    Ok(sqlx::query(sql).bind(cut.0).execute(tx).await?.rows_affected())
}

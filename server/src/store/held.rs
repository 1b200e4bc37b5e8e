//! Changes that were kept but not merged: evidence, or waiting for a supervisor.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _};
use xiaohao_shared::api::Held;
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::time::Timestamp;

use super::groups::{lists, places};
use super::log::issue_id;
use super::{Connection, Pool, StoreError, number};

pub struct Row {
    pub hash: ChangeHash,
    pub issue: IssueId,
    pub zone: ZoneId,
    pub device: DeviceId,
    pub person: PersonId,
    pub received_at: Timestamp,
    pub reason: String,
    pub content: String,
    pub bytes: Vec<u8>,
    pub adoptable: bool,
}

pub async fn insert(tx: &mut Connection, row: &Row) -> Result<(), StoreError> {
    let sql = "INSERT INTO held (hash, issue_id, zone, device, person, received_at, reason, content, bytes, adoptable) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (hash) DO NOTHING";
    let query = sqlx::query(sql).bind(row.hash.to_string()).bind(row.issue.to_string()).bind(row.zone.0);
    let query = query.bind(number(row.device.0)).bind(row.person.0).bind(row.received_at.0).bind(&row.reason);
    query.bind(&row.content).bind(&row.bytes).bind(i64::from(row.adoptable)).execute(tx).await?;
    Ok(())
}

/// Marks as adopted what was adopted before an office was restored: nobody at the desk needs to look at it again.
pub async fn is_adopted(tx: &mut Connection, hash: ChangeHash, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE held SET decided_at = $2, decision = $3 WHERE hash = $1 AND decided_at IS NULL";
    sqlx::query(sql).bind(hash.to_string()).bind(now.0).bind(ADOPT).execute(tx).await?;
    Ok(())
}

/// The reason of each of these changes that is here, and whether it may be adopted.
pub async fn verdicts(
    tx: &mut Connection,
    hashes: &[ChangeHash],
) -> Result<BTreeMap<ChangeHash, (String, bool)>, StoreError> {
    let mut found = BTreeMap::new();
    for list in lists(hashes) {
        let sql = format!("SELECT hash, reason, adoptable FROM held WHERE hash IN {}", places(1, list.len()));
        let query = sqlx::query_as::<_, (String, String, i64)>(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, hash| query.bind(hash.to_string()));
        for (hash, reason, adoptable) in query.fetch_all(&mut *tx).await? {
            let hash = hash.parse().map_err(|_| StoreError::Damaged("held.hash".into()))?;
            found.insert(hash, (reason, adoptable != 0));
        }
    }
    Ok(found)
}

/// The changes of a device in an issue that were held for a supervisor, as they came, decided or not.
pub async fn changes(tx: &mut Connection, issue: IssueId, device: DeviceId) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT bytes FROM held WHERE device = $1 AND adoptable = 1 AND issue_id = $2 LIMIT 500";
    let query = sqlx::query_scalar(sql).bind(number(device.0)).bind(issue.to_string());
    Ok(query.fetch_all(tx).await?)
}

/// Whether a change of a device that was held names a photo or thumbnail.
pub async fn names_photo(pool: &Pool, device: DeviceId, photo: PhotoId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM held WHERE device = $1 AND adoptable = 1 AND content LIKE $2 LIMIT 1";
    let query = sqlx::query_scalar::<_, i64>(sql).bind(number(device.0)).bind(format!("%{photo}%"));
    Ok(query.fetch_optional(pool).await?.is_some())
}

/// What the changes say that wait for a supervisor and speak of a photo or thumbnail.
pub async fn waiting_with(pool: &Pool, photo: PhotoId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT content FROM held WHERE adoptable = 1 AND decided_at IS NULL AND content LIKE $1 LIMIT 100";
    Ok(sqlx::query_scalar(sql).bind(format!("%{photo}%")).fetch_all(pool).await?)
}

/// How many refused changes of a device nobody has looked at.
pub async fn open_evidence(tx: &mut Connection, device: DeviceId) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM held WHERE device = $1 AND adoptable = 0 AND decided_at IS NULL";
    Ok(sqlx::query_scalar(sql).bind(number(device.0)).fetch_one(tx).await?)
}

/// Counts a refused change that is not kept.
pub async fn count_dropped(tx: &mut Connection, device: DeviceId) -> Result<(), StoreError> {
    let update = sqlx::query("UPDATE held_dropped SET dropped = dropped + 1 WHERE device = $1").bind(number(device.0));
    if update.execute(&mut *tx).await?.rows_affected() == 0 {
        let insert = sqlx::query("INSERT INTO held_dropped (device, dropped) VALUES ($1, 1)").bind(number(device.0));
        insert.execute(tx).await?;
    }
    Ok(())
}

/// The words of a decision.
pub const ADOPT: &str = "adopt";
pub const DISCARD: &str = "discard";

/// What became of a change that was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Waits,
    Adopted,
    /// With the desk's reason, which may be empty.
    Discarded(String),
    /// As after a restore from a backup that is older than it.
    Unknown,
}

pub async fn fate(tx: &mut Connection, hash: ChangeHash, device: DeviceId) -> Result<Fate, StoreError> {
    let sql = "SELECT decision, decision_reason FROM held WHERE hash = $1 AND device = $2";
    let query = sqlx::query_as(sql).bind(hash.to_string()).bind(number(device.0));
    let found: Option<(Option<String>, String)> = query.fetch_optional(tx).await?;
    Ok(match found {
        None => Fate::Unknown,
        Some((None, _)) => Fate::Waits,
        Some((Some(word), _)) if word == ADOPT => Fate::Adopted,
        Some((Some(_), reason)) => Fate::Discarded(reason),
    })
}

/// What nobody has decided yet: first what can be adopted, then the evidence, each newest first.
pub async fn open(pool: &Pool) -> Result<Vec<Held>, StoreError> {
    let sql = "SELECT hash, issue_id, zone, person, device, received_at, reason, content, adoptable FROM held \
               WHERE decided_at IS NULL ORDER BY adoptable DESC, received_at DESC, hash LIMIT 500";
    sqlx::query(sql).fetch_all(pool).await?.iter().map(read).collect()
}

pub async fn count_open(pool: &Pool) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM held WHERE decided_at IS NULL");
    Ok(count.fetch_one(pool).await?.unsigned_abs())
}

/// One of them, while it is open.
pub async fn find(tx: &mut Connection, hash: ChangeHash) -> Result<Option<Held>, StoreError> {
    let sql = "SELECT hash, issue_id, zone, person, device, received_at, reason, content, adoptable FROM held \
               WHERE hash = $1 AND decided_at IS NULL";
    sqlx::query(sql).bind(hash.to_string()).fetch_optional(tx).await?.as_ref().map(read).transpose()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Held, StoreError> {
    Ok(Held {
        hash: row.try_get("hash")?,
        issue: issue_id(row.try_get("issue_id")?)?,
        zone: ZoneId(row.try_get("zone")?),
        person: PersonId(row.try_get("person")?),
        device: DeviceId(row.try_get::<i64, _>("device")?.unsigned_abs()),
        received_at: Timestamp(row.try_get("received_at")?),
        reason: row.try_get("reason")?,
        content: row.try_get("content")?,
        adoptable: row.try_get::<i64, _>("adoptable")? != 0,
    })
}

pub async fn decide(
    tx: &mut Connection,
    hash: ChangeHash,
    by: PersonId,
    (decision, reason): (&str, &str),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE held SET decided_at = $2, decided_by = $3, decision = $4, decision_reason = $5 WHERE hash = $1";
    let query = sqlx::query(sql).bind(hash.to_string()).bind(at.0).bind(by.0).bind(decision);
    query.bind(reason).execute(tx).await?;
    Ok(())
}

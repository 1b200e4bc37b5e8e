//! Saved documents, a cache of the log: bytes with what a sync asks of them, and the digest of each zone.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Row};
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::sync::wire::Receipt;

use super::groups::{groups, lists, places};
use super::log::{issue_id, receipt};
use super::{Connection, Pool, StoreError, number};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub issue: IssueId,
    pub zone: ZoneId,
    pub number: String,
    pub fingerprint: u64,
    pub receipt: Receipt,
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "d.issue_id, d.zone, d.number, d.fingerprint, d.receipt, d.bytes";

pub async fn find(tx: &mut Connection, issue: IssueId) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT issue_id, zone, number, fingerprint, receipt, bytes FROM documents WHERE issue_id = $1";
    let row = sqlx::query(sql).bind(issue.to_string()).fetch_optional(tx).await?;
    row.as_ref().map(read).transpose()
}

/// The documents of these issues, of those that there are.
pub async fn all(tx: &mut Connection, issues: &[IssueId]) -> Result<Vec<Stored>, StoreError> {
    let mut found = Vec::new();
    for list in lists(issues) {
        let sql = format!("SELECT {COLUMNS} FROM documents d WHERE d.issue_id IN {}", places(1, list.len()));
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, issue| query.bind(issue.to_string()));
        for row in query.fetch_all(&mut *tx).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Which of these issues stand in none of the zones, and the zone that each is in.
pub async fn elsewhere(
    tx: &mut Connection,
    issues: &[IssueId],
    zones: &BTreeSet<ZoneId>,
) -> Result<Vec<(IssueId, ZoneId)>, StoreError> {
    let mut found = Vec::new();
    for list in lists(issues) {
        let sql = format!("SELECT issue_id, zone FROM documents WHERE issue_id IN {}", places(1, list.len()));
        let query = sqlx::query_as::<_, (String, u32)>(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, issue| query.bind(issue.to_string()));
        for (issue, zone) in query.fetch_all(&mut *tx).await? {
            found.push((issue_id(&issue)?, ZoneId(zone)));
        }
    }
    found.retain(|(_, zone)| !zones.contains(zone));
    Ok(found)
}

/// Which of these issues the office has.
pub async fn present(pool: &Pool, ids: &[IssueId]) -> Result<BTreeSet<IssueId>, StoreError> {
    let mut found = BTreeSet::new();
    for list in lists(ids) {
        let sql = format!("SELECT issue_id FROM documents WHERE issue_id IN {}", places(1, list.len()));
        let mut query = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql));
        for id in &list {
            query = query.bind(id.to_string());
        }
        for id in query.fetch_all(pool).await? {
            found.insert(issue_id(&id)?);
        }
    }
    Ok(found)
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Stored, StoreError> {
    Ok(Stored {
        issue: issue_id(row.try_get("issue_id")?)?,
        zone: ZoneId(row.try_get("zone")?),
        number: row.try_get("number")?,
        fingerprint: row.try_get::<i64, _>("fingerprint")?.cast_unsigned(),
        receipt: receipt(row.try_get("receipt")?)?,
        bytes: row.try_get("bytes")?,
    })
}

/// The zone and the fingerprint under which a document stands in a digest.
pub type Counted = (ZoneId, u64);

/// Replaces what was stored and moves the digests of the zones along. `before` is how it was counted until now.
pub async fn save(tx: &mut Connection, all: &[(Option<Counted>, Stored)]) -> Result<(), StoreError> {
    for group in groups(all) {
        let sql = format!(
            "INSERT INTO documents (issue_id, zone, number, fingerprint, receipt, bytes) VALUES {} \
             ON CONFLICT (issue_id) DO UPDATE SET zone = excluded.zone, number = excluded.number, \
             fingerprint = excluded.fingerprint, receipt = excluded.receipt, bytes = excluded.bytes",
            places(group.len(), 6)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (_, stored) in group {
            query = query.bind(stored.issue.to_string()).bind(stored.zone.0).bind(&stored.number);
            query = query.bind(stored.fingerprint.cast_signed()).bind(&stored.receipt.0[..]).bind(&stored.bytes);
        }
        query.execute(&mut *tx).await?;
    }
    // XOR puts a fingerprint into a zone's digest and takes it out again.
    let mut moved: BTreeMap<ZoneId, u64> = BTreeMap::new();
    for (before, after) in all {
        for (zone, fingerprint) in before.iter().copied().chain([(after.zone, after.fingerprint)]) {
            *moved.entry(zone).or_default() ^= fingerprint;
        }
    }
    for (zone, by) in moved.into_iter().filter(|(_, by)| *by != 0) {
        toggle(tx, zone, by).await?;
    }
    Ok(())
}

async fn toggle(tx: &mut Connection, zone: ZoneId, by: u64) -> Result<(), StoreError> {
    let after = (digest(tx, zone).await?.unwrap_or(0) ^ by).cast_signed();
    let sql = "INSERT INTO zone_digests (zone, digest) VALUES ($1, $2) \
               ON CONFLICT (zone) DO UPDATE SET digest = excluded.digest";
    sqlx::query(sql).bind(zone.0).bind(after).execute(tx).await?;
    Ok(())
}

pub async fn digest(tx: &mut Connection, zone: ZoneId) -> Result<Option<u64>, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT digest FROM zone_digests WHERE zone = $1").bind(zone.0);
    Ok(query.fetch_optional(tx).await?.map(i64::cast_unsigned))
}

/// The digests as they stand; one of nothing is as good as none.
pub async fn digests(tx: &mut Connection) -> Result<BTreeMap<ZoneId, u64>, StoreError> {
    let rows: Vec<(u32, i64)> =
        sqlx::query_as("SELECT zone, digest FROM zone_digests WHERE digest <> 0").fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(zone, digest)| (ZoneId(zone), digest.cast_unsigned())).collect())
}

/// The digests that the stored documents amount to.
pub async fn counted_digests(tx: &mut Connection) -> Result<BTreeMap<ZoneId, u64>, StoreError> {
    let rows: Vec<(u32, i64)> = sqlx::query_as("SELECT zone, fingerprint FROM documents").fetch_all(tx).await?;
    let mut digests = BTreeMap::new();
    for (zone, fingerprint) in rows {
        *digests.entry(ZoneId(zone)).or_insert(0) ^= fingerprint.cast_unsigned();
    }
    digests.retain(|_, digest| *digest != 0);
    Ok(digests)
}

pub async fn replace_digests(tx: &mut Connection, digests: &BTreeMap<ZoneId, u64>) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM zone_digests").execute(&mut *tx).await?;
    for (zone, digest) in digests {
        let insert = sqlx::query("INSERT INTO zone_digests (zone, digest) VALUES ($1, $2)");
        insert.bind(zone.0).bind(digest.cast_signed()).execute(&mut *tx).await?;
    }
    Ok(())
}

/// (issue, fingerprint) of a zone, from the index alone.
pub async fn fingerprints(tx: &mut Connection, zone: ZoneId) -> Result<Vec<(IssueId, u64)>, StoreError> {
    let query = sqlx::query_as::<_, (String, i64)>("SELECT issue_id, fingerprint FROM documents WHERE zone = $1");
    let rows = query.bind(zone.0).fetch_all(tx).await?;
    rows.into_iter().map(|(issue, print)| Ok((issue_id(&issue)?, print.cast_unsigned()))).collect()
}

/// One keyset page of a first pull: newest first within a rank (0 mine and open, 1 open, 2 closed or void).
pub async fn page(
    tx: &mut Connection,
    zone: ZoneId,
    person: PersonId,
    rank: u8,
    before: Option<IssueId>,
    limit: u32,
) -> Result<Vec<Stored>, StoreError> {
    let rank = match rank {
        0 => "i.is_open = 1 AND (i.assignee_id = $2 OR i.reporter_id = $2)",
        1 => "i.is_open = 1 AND i.reporter_id <> $2 AND (i.assignee_id IS NULL OR i.assignee_id <> $2)",
        _ => "i.is_open = 0 AND $2 = $2",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM documents d JOIN issues i ON i.issue_id = d.issue_id \
         WHERE d.zone = $1 AND {rank} AND d.issue_id < $3 ORDER BY d.issue_id DESC LIMIT $4"
    );
    // Above every id, so that the first page needs no statement of its own.
    let before = before.map_or_else(|| "~".to_owned(), |issue| issue.to_string());
    let query = sqlx::query(AssertSqlSafe(sql)).bind(zone.0).bind(person.0).bind(before).bind(limit);
    query.fetch_all(tx).await?.iter().map(read).collect()
}

/// Takes so many serials of a day's numbers and gives the last of them.
pub async fn take_serials(tx: &mut Connection, day: &str, count: u64) -> Result<i64, StoreError> {
    let sql = "INSERT INTO numbers (day, last) VALUES ($1, $2) \
               ON CONFLICT (day) DO UPDATE SET last = numbers.last + excluded.last";
    sqlx::query(sql).bind(day).bind(number(count)).execute(&mut *tx).await?;
    Ok(sqlx::query_scalar("SELECT last FROM numbers WHERE day = $1").bind(day).fetch_one(tx).await?)
}

/// Lets a day's numbers go on above this one.
pub async fn raise_serial(tx: &mut Connection, day: &str, last: i64) -> Result<(), StoreError> {
    let before = sqlx::query_scalar::<_, i64>("SELECT last FROM numbers WHERE day = $1").bind(day);
    let sql = match before.fetch_optional(&mut *tx).await? {
        Some(before) if before >= last => return Ok(()),
        Some(_) => "UPDATE numbers SET last = $2 WHERE day = $1",
        None => "INSERT INTO numbers (day, last) VALUES ($1, $2)",
    };
    sqlx::query(sql).bind(day).bind(last).execute(tx).await?;
    Ok(())
}

pub async fn has_number(tx: &mut Connection, number: &str) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT 1 FROM documents WHERE number = $1 LIMIT 1").bind(number);
    Ok(query.fetch_optional(tx).await?.is_some())
}

/// Every issue that is stored.
pub async fn all_ids(tx: &mut Connection) -> Result<Vec<IssueId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT issue_id FROM documents").fetch_all(tx).await?;
    ids.iter().map(|id| issue_id(id)).collect()
}

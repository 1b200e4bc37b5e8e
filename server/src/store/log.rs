//! The log of admitted changes and the streams that phones read. Rows are only ever added.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row};
use xiaohao_shared::doc::screen;
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::sync::wire::Receipt;
use xiaohao_shared::time::Timestamp;

use super::groups::{groups, lists, places};
use super::{Connection, Pool, StoreError, number};

/// One admitted change.
pub struct Change {
    pub seq: u64,
    pub issue: IssueId,
    pub hash: ChangeHash,
    pub device: DeviceId,
    pub person: PersonId,
    pub received_at: Timestamp,
    pub receipt: Receipt,
    pub bytes: Vec<u8>,
}

/// What a stream row tells the phones of its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Change,
    Snapshot,
    LetGo,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Snapshot => "snapshot",
            Self::LetGo => "let_go",
        }
    }

    fn from_code(code: &str) -> Result<Self, StoreError> {
        let all = [Self::Change, Self::Snapshot, Self::LetGo];
        let found = all.into_iter().find(|kind| kind.code() == code);
        found.ok_or_else(|| StoreError::Damaged(format!("stream kind {code:?}")))
    }
}

/// A change as phones get it.
pub struct Raw {
    pub hash: ChangeHash,
    pub device: DeviceId,
    /// Of the document as it now is: whatever order a phone reads in, it ends with the newest.
    pub receipt: Receipt,
    pub number: String,
    pub bytes: Vec<u8>,
}

pub struct StreamRow {
    pub seq: u64,
    pub kind: Kind,
    pub issue: IssueId,
    /// The raw change where the row is one.
    pub change: Option<Raw>,
}

/// The newest position.
pub async fn newest(pool: &Pool) -> Result<u64, StoreError> {
    let seq: i64 = sqlx::query_scalar("SELECT seq FROM log_position WHERE id = 1").fetch_one(pool).await?;
    Ok(seq.unsigned_abs())
}

/// The newest position as this transaction sees it.
pub async fn newest_in(tx: &mut Connection) -> Result<u64, StoreError> {
    let seq: i64 = sqlx::query_scalar("SELECT seq FROM log_position WHERE id = 1").fetch_one(tx).await?;
    Ok(seq.unsigned_abs())
}

/// Takes so many positions and gives the last of them; the row stays locked until commit, so positions are given in commit order.
pub async fn take(tx: &mut Connection, count: u64) -> Result<u64, StoreError> {
    sqlx::query("UPDATE log_position SET seq = seq + $1 WHERE id = 1").bind(number(count)).execute(&mut *tx).await?;
    newest_in(tx).await
}

pub async fn append(tx: &mut Connection, changes: &[Change]) -> Result<(), StoreError> {
    for group in groups(changes) {
        let sql = format!(
            "INSERT INTO changes (seq, issue_id, hash, device, person, received_at, receipt, bytes) VALUES {}",
            places(group.len(), 8)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for change in group {
            query = query.bind(number(change.seq)).bind(change.issue.to_string()).bind(&change.hash.0[..]);
            query = query.bind(number(change.device.0)).bind(change.person.0).bind(change.received_at.0);
            query = query.bind(&change.receipt.0[..]).bind(&change.bytes);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// What the phones of a zone learn at a position.
pub struct News {
    pub zone: ZoneId,
    pub seq: u64,
    pub kind: Kind,
    pub issue: IssueId,
}

pub async fn publish(tx: &mut Connection, news: &[News]) -> Result<(), StoreError> {
    for group in groups(news) {
        let sql = format!("INSERT INTO stream (zone, seq, kind, issue_id) VALUES {}", places(group.len(), 4));
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for News { zone, seq, kind, issue } in group {
            query = query.bind(zone.0).bind(number(*seq)).bind(kind.code()).bind(issue.to_string());
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Which of these changes are in the log, and in which issue.
pub async fn known(tx: &mut Connection, hashes: &[ChangeHash]) -> Result<BTreeMap<ChangeHash, IssueId>, StoreError> {
    let mut known = BTreeMap::new();
    for list in lists(hashes) {
        let sql = format!("SELECT hash, issue_id FROM changes WHERE hash IN {}", places(1, list.len()));
        let query = sqlx::query_as::<_, (Vec<u8>, String)>(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, hash| query.bind(hash.0.to_vec()));
        for (hash, issue) in query.fetch_all(&mut *tx).await? {
            known.insert(change_hash(hash)?, issue_id(&issue)?);
        }
    }
    Ok(known)
}

/// Whether a device brought anything between these positions.
pub async fn is_busy_between(
    tx: &mut Connection,
    device: DeviceId,
    after: u64,
    before: u64,
) -> Result<bool, StoreError> {
    let sql = "SELECT seq FROM changes WHERE seq > $1 AND seq < $2 AND device = $3 LIMIT 1";
    let query = sqlx::query_scalar::<_, i64>(sql).bind(number(after)).bind(number(before)).bind(number(device.0));
    Ok(query.fetch_optional(tx).await?.is_some())
}

/// When each change of these issues was received.
pub async fn receipts(
    tx: &mut Connection,
    issues: &[IssueId],
) -> Result<BTreeMap<IssueId, BTreeMap<ChangeHash, Timestamp>>, StoreError> {
    let mut received: BTreeMap<IssueId, BTreeMap<ChangeHash, Timestamp>> = BTreeMap::new();
    for list in lists(issues) {
        let places = places(1, list.len());
        let sql = format!("SELECT issue_id, hash, received_at FROM changes WHERE issue_id IN {places}");
        let query = sqlx::query_as::<_, (String, Vec<u8>, i64)>(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, issue| query.bind(issue.to_string()));
        for (issue, hash, at) in query.fetch_all(&mut *tx).await? {
            received.entry(issue_id(&issue)?).or_default().insert(change_hash(hash)?, Timestamp(at));
        }
    }
    Ok(received)
}

/// When those of these changes were received that another device made.
pub async fn witnessed(
    tx: &mut Connection,
    changes: &[ChangeHash],
    but: DeviceId,
) -> Result<BTreeMap<ChangeHash, Timestamp>, StoreError> {
    let mut witnessed = BTreeMap::new();
    for list in lists(changes) {
        let sql = format!(
            "SELECT hash, received_at FROM changes WHERE hash IN {} AND device <> ${}",
            places(1, list.len()),
            list.len() + 1
        );
        let query = sqlx::query_as::<_, (Vec<u8>, i64)>(AssertSqlSafe(sql));
        let query = list.iter().fold(query, |query, hash| query.bind(hash.0.to_vec())).bind(number(but.0));
        for (hash, at) in query.fetch_all(&mut *tx).await? {
            witnessed.insert(change_hash(hash)?, Timestamp(at));
        }
    }
    Ok(witnessed)
}

/// One row of an issue's log, as it lies there.
pub struct Logged {
    pub hash: ChangeHash,
    pub receipt: Receipt,
    pub bytes: Vec<u8>,
}

impl Logged {
    /// Whether the bytes are those that were admitted under this hash.
    pub fn is_whole(&self) -> bool {
        screen::change_hash(&self.bytes) == Ok(self.hash)
    }
}

/// The log of an issue in the order in which its changes were admitted: dependencies first.
pub async fn of_issue(tx: &mut Connection, issue: IssueId) -> Result<Vec<Logged>, StoreError> {
    let sql = "SELECT hash, receipt, bytes FROM changes WHERE issue_id = $1 ORDER BY seq";
    let query = sqlx::query_as::<_, (Vec<u8>, Vec<u8>, Vec<u8>)>(sql).bind(issue.to_string());
    let rows = query.fetch_all(tx).await?;
    let logged = |(hash, proof, bytes)| Ok(Logged { hash: change_hash(hash)?, receipt: receipt(proof)?, bytes });
    rows.into_iter().map(logged).collect()
}

/// The raw changes of an issue in the order in which they were admitted: dependencies first.
pub async fn raw(tx: &mut Connection, issue: IssueId) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(of_issue(tx, issue).await?.into_iter().map(|logged| logged.bytes).collect())
}

/// Every issue that has a change.
pub async fn issues(tx: &mut Connection) -> Result<Vec<IssueId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT DISTINCT issue_id FROM changes").fetch_all(tx).await?;
    ids.iter().map(|id| issue_id(id)).collect()
}

/// The rows of a zone after a position, oldest first.
pub async fn stream(
    tx: &mut Connection,
    zone: ZoneId,
    after: u64,
    until: u64,
    limit: u32,
) -> Result<Vec<StreamRow>, StoreError> {
    let sql = "SELECT s.seq, s.kind, s.issue_id, c.hash, c.device, c.bytes, d.receipt, d.number FROM stream s \
               JOIN changes c ON c.seq = s.seq JOIN documents d ON d.issue_id = s.issue_id \
               WHERE s.zone = $1 AND s.seq > $2 AND s.seq <= $3 ORDER BY s.seq LIMIT $4";
    let query = sqlx::query(sql).bind(zone.0).bind(number(after)).bind(number(until)).bind(limit);
    query.fetch_all(tx).await?.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<StreamRow, StoreError> {
    let kind = Kind::from_code(row.try_get("kind")?)?;
    let change = match kind {
        Kind::Change => Some(Raw {
            hash: change_hash(row.try_get("hash")?)?,
            device: DeviceId(row.try_get::<i64, _>("device")?.unsigned_abs()),
            receipt: receipt(row.try_get("receipt")?)?,
            number: row.try_get("number")?,
            bytes: row.try_get("bytes")?,
        }),
        Kind::Snapshot | Kind::LetGo => None,
    };
    let issue = issue_id(row.try_get("issue_id")?)?;
    Ok(StreamRow { seq: row.try_get::<i64, _>("seq")?.unsigned_abs(), kind, issue, change })
}

fn change_hash(bytes: Vec<u8>) -> Result<ChangeHash, StoreError> {
    bytes.try_into().map(ChangeHash).map_err(|_| StoreError::Damaged("changes.hash".into()))
}

pub(super) fn receipt(bytes: Vec<u8>) -> Result<Receipt, StoreError> {
    bytes.try_into().map(Receipt).map_err(|_| StoreError::Damaged("receipt".into()))
}

pub(super) fn issue_id(text: &str) -> Result<IssueId, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("issue id {text:?}")))
}

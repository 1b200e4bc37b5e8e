//! The log of admitted changes and the streams that phones read. Rows are only ever added.

use sqlx::Row;
use xiaohao_shared::doc::screen;
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::sync::wire::Receipt;
use xiaohao_shared::time::Timestamp;

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

/// Takes the next position; the row stays locked until commit, so positions are given in commit order.
pub async fn next(tx: &mut Connection) -> Result<u64, StoreError> {
    sqlx::query("UPDATE log_position SET seq = seq + 1 WHERE id = 1").execute(&mut *tx).await?;
    let seq: i64 = sqlx::query_scalar("SELECT seq FROM log_position WHERE id = 1").fetch_one(tx).await?;
    Ok(seq.unsigned_abs())
}

pub async fn append(tx: &mut Connection, change: &Change) -> Result<(), StoreError> {
    let sql = "INSERT INTO changes (seq, issue_id, hash, device, person, received_at, receipt, bytes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let query = sqlx::query(sql).bind(number(change.seq)).bind(change.issue.to_string()).bind(&change.hash.0[..]);
    let query = query.bind(number(change.device.0)).bind(change.person.0).bind(change.received_at.0);
    query.bind(&change.receipt.0[..]).bind(&change.bytes).execute(tx).await?;
    Ok(())
}

pub async fn publish(
    tx: &mut Connection,
    zone: ZoneId,
    seq: u64,
    kind: Kind,
    issue: IssueId,
) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO stream (zone, seq, kind, issue_id) VALUES ($1, $2, $3, $4)");
    query.bind(zone.0).bind(number(seq)).bind(kind.code()).bind(issue.to_string()).execute(tx).await?;
    Ok(())
}

pub async fn knows(tx: &mut Connection, hash: ChangeHash) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar::<_, i64>("SELECT seq FROM changes WHERE hash = $1").bind(hash.0.to_vec());
    Ok(query.fetch_optional(tx).await?.is_some())
}

/// When each change of an issue was received.
pub async fn receipts(tx: &mut Connection, issue: IssueId) -> Result<Vec<(ChangeHash, Timestamp)>, StoreError> {
    let query = sqlx::query_as::<_, (Vec<u8>, i64)>("SELECT hash, received_at FROM changes WHERE issue_id = $1");
    let rows = query.bind(issue.to_string()).fetch_all(tx).await?;
    rows.into_iter().map(|(hash, at)| Ok((change_hash(hash)?, Timestamp(at)))).collect()
}

/// When the newest of these changes was received, of those that another device made.
pub async fn witnessed(
    tx: &mut Connection,
    changes: &[ChangeHash],
    but: DeviceId,
) -> Result<Option<Timestamp>, StoreError> {
    let mut newest = None;
    for hash in changes {
        let query = sqlx::query_scalar("SELECT received_at FROM changes WHERE hash = $1 AND device <> $2");
        let at: Option<i64> = query.bind(&hash.0[..]).bind(number(but.0)).fetch_optional(&mut *tx).await?;
        newest = newest.max(at.map(Timestamp));
    }
    Ok(newest)
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
    let sql = "SELECT s.seq, s.kind, s.issue_id, c.hash, c.bytes, d.receipt, d.number FROM stream s \
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

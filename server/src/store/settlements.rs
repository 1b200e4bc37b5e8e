//! The books of the months: frozen lines, and in which month each issue was booked. Knows rows; the arithmetic is
//! `shared::model::settlement`.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _};
use xiaohao_shared::api::SettlementHead;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::drift::Entered;
use xiaohao_shared::model::settlement::{Booked, Ending, Known, Line, Lines, Month, Posting};
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::groups::{groups, places};
use super::{Connection, StoreError, number};

/// The earlier of what the phone said and of the receipt.
pub(super) const REPORTED: &str = "CASE WHEN i.received_at < i.reported_at THEN i.received_at ELSE i.reported_at END";
pub(super) const ENDED: &str =
    "CASE WHEN i.closed_received_at < i.closed_at THEN i.closed_received_at ELSE i.closed_at END";

/// A frozen month as it stands, with the seal over it.
pub struct Frozen {
    pub head: SettlementHead,
    pub device: i64,
    pub seal: String,
}

/// The earliest first.
pub async fn all(tx: &mut Connection) -> Result<Vec<Frozen>, StoreError> {
    let sql = "SELECT month, number, frozen_at, frozen_by, device, seal FROM settlements ORDER BY month";
    let rows: Vec<(String, String, i64, u32, i64, String)> = sqlx::query_as(sql).fetch_all(tx).await?;
    let frozen = |(month, number, at, by, device, seal): (String, String, i64, u32, i64, String)| {
        let (month, frozen_at, frozen_by) = (self::month(&month)?, Timestamp(at), PersonId(by));
        Ok(Frozen { head: SettlementHead { month, number, frozen_at, frozen_by }, device, seal })
    };
    rows.into_iter().map(frozen).collect()
}

fn month(text: &str) -> Result<Month, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("month {text:?}")))
}

pub(super) fn kind(text: &str) -> Result<Kind, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("kind {text:?}")))
}

pub async fn save(tx: &mut Connection, frozen: &Frozen, lines: &Lines) -> Result<(), StoreError> {
    let SettlementHead { month, number: name, frozen_at, frozen_by } = &frozen.head;
    let sql =
        "INSERT INTO settlements (month, number, frozen_at, frozen_by, device, seal) VALUES ($1, $2, $3, $4, $5, $6)";
    let head = sqlx::query(sql).bind(month.to_string()).bind(name).bind(frozen_at.0).bind(frozen_by.0);
    head.bind(frozen.device).bind(&frozen.seal).execute(&mut *tx).await?;
    for ((zone, kind), line) in lines {
        let sql = format!("INSERT INTO settlement_lines VALUES {}", places(1, 11));
        let query = sqlx::query(AssertSqlSafe(sql)).bind(month.to_string()).bind(zone.0).bind(kind.to_string());
        line.counts().into_iter().fold(query, |query, count| query.bind(number(count))).execute(&mut *tx).await?;
    }
    Ok(())
}

pub async fn lines(tx: &mut Connection, month: Month) -> Result<Lines, StoreError> {
    let sql = "SELECT zone_id, kind, opening, entered, entered_late, struck, struck_late, voided, voided_late, closing \
               FROM settlement_lines WHERE month = $1";
    let rows = sqlx::query(sql).bind(month.to_string()).fetch_all(tx).await?;
    let line = |row: &sqlx::sqlite::SqliteRow| {
        let count = |at: usize| row.try_get::<i64, _>(at).map(i64::unsigned_abs);
        let line = Line {
            opening: count(2)?,
            entered: count(3)?,
            entered_late: count(4)?,
            struck: count(5)?,
            struck_late: count(6)?,
            voided: count(7)?,
            voided_late: count(8)?,
            closing: count(9)?,
        };
        Ok(((ZoneId(row.try_get(0)?), kind(row.try_get(1)?)?), line))
    };
    rows.iter().map(line).collect()
}

pub type Counts = BTreeMap<(ZoneId, Kind), u64>;

/// The months that are frozen, in their order.
pub async fn months(tx: &mut Connection) -> Result<Vec<Month>, StoreError> {
    let months: Vec<String> = sqlx::query_scalar("SELECT month FROM settlements ORDER BY month").fetch_all(tx).await?;
    months.iter().map(|text| month(text)).collect()
}

/// All that the books say of the issues from one to another, by their ids.
pub async fn entered(
    tx: &mut Connection,
    first: &str,
    last: &str,
) -> Result<BTreeMap<String, Vec<Entered>>, StoreError> {
    let sql = "SELECT issue_id, zone_id AS booked_zone, kind AS booked_kind, entered, ended, ending, ended_late \
               FROM postings WHERE issue_id >= $1 AND issue_id <= $2";
    let mut entered: BTreeMap<String, Vec<Entered>> = BTreeMap::new();
    for row in sqlx::query(sql).bind(first).bind(last).fetch_all(tx).await? {
        let is_late = row.try_get::<Option<i64>, _>("ended_late")?.is_some_and(|late| late != 0);
        entered.entry(row.try_get("issue_id")?).or_default().extend(posting(&row)?.map(|it| (it, is_late)));
    }
    Ok(entered)
}

/// An issue that the books may still have to move.
pub struct Open {
    pub issue: String,
    pub known: Known,
    pub posting: Option<Posting>,
}

/// How many issues the books did not let out yet, but for the few that came back.
pub async fn count_open(tx: &mut Connection) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM issues) - (SELECT COUNT(*) FROM postings WHERE ended IS NOT NULL)";
    Ok(sqlx::query_scalar::<_, i64>(sql).fetch_one(tx).await?.max(0).unsigned_abs())
}

/// At most so many that the books may have to move in a month or that may differ from it, after an issue: what they did not let out
/// yet, what was reported in the month or ended in it, and what seems to have come back since. Those of a page are booked before the
/// next is read.
pub async fn open(tx: &mut Connection, month: Month, after: &str, limit: u32) -> Result<Vec<Open>, StoreError> {
    let sql = format!(
        "SELECT i.issue_id, i.zone_id, i.kind, i.state, {REPORTED} AS reported, {ENDED} AS ended_at, \
         p.zone_id AS booked_zone, p.kind AS booked_kind, p.entered, p.ended, p.ending FROM issues i \
         LEFT JOIN postings p ON p.issue_id = i.issue_id \
         AND p.entered = (SELECT MAX(entered) FROM postings WHERE issue_id = i.issue_id) \
         WHERE i.issue_id > $1 AND (p.ended IS NULL OR i.is_open = 1 OR {REPORTED} >= $2 OR {ENDED} >= $2 \
         OR (p.ending = 'void' AND i.state <> 'void') OR (p.ending <> 'void' AND i.state = 'void')) \
         ORDER BY i.issue_id LIMIT $3"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(month.start().0).bind(limit);
    query.fetch_all(tx).await?.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Open, StoreError> {
    Ok(Open { issue: row.try_get("issue_id")?, known: known(row)?, posting: posting(row)? })
}

pub(super) fn known(row: &sqlx::sqlite::SqliteRow) -> Result<Known, StoreError> {
    let ended = State::from_code(row.try_get("state")?).and_then(Ending::of);
    let ended_at = row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp);
    Ok(Known {
        zone: ZoneId(row.try_get("zone_id")?),
        kind: kind(row.try_get("kind")?)?,
        reported: Timestamp(row.try_get("reported")?),
        ended: ended_at.zip(ended),
    })
}

fn posting(row: &sqlx::sqlite::SqliteRow) -> Result<Option<Posting>, StoreError> {
    let Some(zone) = row.try_get::<Option<u32>, _>("booked_zone")? else { return Ok(None) };
    let ended = match row.try_get::<Option<&str>, _>("ended")? {
        None => None,
        Some(at) => Some((booked(at)?, ending(row)?)),
    };
    let (kind, entered) = (kind(row.try_get("booked_kind")?)?, booked(row.try_get("entered")?)?);
    Ok(Some(Posting { zone: ZoneId(zone), kind, entered, ended }))
}

const STRUCK: &str = "struck";
const VOID: &str = "void";

fn ending(row: &sqlx::sqlite::SqliteRow) -> Result<Ending, StoreError> {
    Ok(if row.try_get::<&str, _>("ending")? == VOID { Ending::Void } else { Ending::Struck })
}

fn booked(text: &str) -> Result<Booked, StoreError> {
    if text.is_empty() { Ok(None) } else { month(text).map(Some) }
}

/// Before the books began there is no month.
fn word(at: Booked) -> String {
    at.map(|month| month.to_string()).unwrap_or_default()
}

/// A posting that a month makes or ends, and whether entry and end come late to it.
pub struct Entry {
    pub issue: String,
    pub reported: Timestamp,
    pub posting: Posting,
    pub late: [bool; 2],
}

pub async fn book(tx: &mut Connection, entries: &[Entry]) -> Result<(), StoreError> {
    for group in groups(entries) {
        let sql = format!(
            "INSERT INTO postings (issue_id, reported_at, zone_id, kind, entered, ended, ending, entered_late, ended_late) VALUES {} \
             ON CONFLICT (issue_id, entered) \
             DO UPDATE SET ended = excluded.ended, ending = excluded.ending, ended_late = excluded.ended_late",
            places(group.len(), 9)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for Entry { issue, reported, posting, late } in group {
            let ending = posting.ended.map(|(_, ending)| if ending == Ending::Struck { STRUCK } else { VOID });
            query = query
                .bind(issue)
                .bind(reported.0)
                .bind(posting.zone.0)
                .bind(posting.kind.to_string())
                .bind(word(posting.entered));
            query = query.bind(posting.ended.map(|(at, _)| word(at))).bind(ending);
            query = query.bind(i64::from(late[0])).bind(posting.ended.map(|_| i64::from(late[1])));
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

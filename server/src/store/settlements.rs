//! The books of the months: frozen lines, and in which month each issue was booked. Knows rows; the arithmetic is
//! `shared::model::settlement`.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, QueryBuilder, Row as _};
use xiaohao_shared::api::SettlementHead;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::behind::{Drift, Within};
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::settlement::{Booked, Ending, Known, Line, Lines, Month, Posting};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::board::{self, After};
use super::groups::{groups, places};
use super::{Connection, Db, StoreError, number};

/// The earlier of what the phone said and of the receipt.
const REPORTED: &str = "CASE WHEN i.received_at < i.reported_at THEN i.received_at ELSE i.reported_at END";
const ENDED: &str = "CASE WHEN i.closed_received_at < i.closed_at THEN i.closed_received_at ELSE i.closed_at END";

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

fn kind(text: &str) -> Result<Kind, StoreError> {
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

type Counts = BTreeMap<(ZoneId, Kind), u64>;

/// What the closing stock of a month would be by what is known today.
pub async fn stock(tx: &mut Connection, month: Month) -> Result<Counts, StoreError> {
    let mut query = QueryBuilder::new("SELECT i.zone_id, i.kind, COUNT(*) FROM issues i WHERE ");
    push_live(&mut query, month);
    query.push(" GROUP BY i.zone_id, i.kind");
    counts(tx, query).await
}

/// How many issues the book and what is known today do not have in common, by the zone and kind of whoever has them.
pub async fn drift(tx: &mut Connection, month: Month, drift: Drift) -> Result<Counts, StoreError> {
    let of = side(drift);
    let mut query = QueryBuilder::new(format!("SELECT {of}.zone_id, {of}.kind, COUNT(*) FROM "));
    push_drift(&mut query, month, drift, Within::default());
    query.push(format!(" GROUP BY {of}.zone_id, {of}.kind"));
    counts(tx, query).await
}

async fn counts(tx: &mut Connection, mut query: QueryBuilder<Db>) -> Result<Counts, StoreError> {
    let rows: Vec<(u32, String, i64)> = query.build_query_as().fetch_all(tx).await?;
    rows.into_iter().map(|(zone, code, count)| Ok(((ZoneId(zone), kind(&code)?), count.unsigned_abs()))).collect()
}

/// One page of these issues, the latest report first.
pub async fn drifted(
    tx: &mut Connection,
    (month, drift, within): (Month, Drift, Within),
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let mut query = board::rows_where("issue_id IN (");
    query.push(format!("SELECT {}.issue_id FROM ", side(drift)));
    push_drift(&mut query, month, drift, within);
    query.push(")");
    if let Some((last, id)) = after {
        query.push(" AND (reported_at < ").push_bind(*last);
        query.push(" OR reported_at = ").push_bind(*last).push(" AND issue_id > ").push_bind(id.clone()).push(")");
    }
    query.push(" ORDER BY reported_at DESC, issue_id LIMIT ").push_bind(limit);
    query.build().fetch_all(tx).await?.iter().map(board::read).collect()
}

/// Whose zone and kind count: `p` is the book, `i` is what is known today.
fn side(drift: Drift) -> &'static str {
    if drift == Drift::Gone { "p" } else { "i" }
}

/// What stands behind FROM. An issue that is on both sides, but under another zone or kind, is gone from the one and has come to
/// the other.
fn push_drift(query: &mut QueryBuilder<Db>, month: Month, drift: Drift, within: Within) {
    match drift {
        Drift::Gone => {
            query.push("postings p JOIN issues i ON i.issue_id = p.issue_id WHERE ");
            push_booked(query, month);
            query.push(" AND NOT (i.zone_id = p.zone_id AND i.kind = p.kind AND ");
            push_live(query, month);
        }
        Drift::Come => {
            query.push("issues i WHERE ");
            push_live(query, month);
            query.push(" AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.issue_id = i.issue_id ");
            query.push("AND p.zone_id = i.zone_id AND p.kind = i.kind AND ");
            push_booked(query, month);
        }
        Drift::Missed => {
            query.push(format!("issues i WHERE {REPORTED} < ")).push_bind(month.end().0);
            query.push(" AND i.received_at >= ").push_bind(month.start().0);
            query.push(" AND i.reported_at >= ").push_bind(month.start().0);
            query.push(" AND NOT (EXISTS (SELECT 1 FROM postings p WHERE p.issue_id = i.issue_id AND p.entered = ");
            query.push_bind(month.to_string()).push(")");
        }
        Drift::Otherwise => push_otherwise(query, month),
    }
    query.push(")");
    if let Some(zone) = within.zone {
        query.push(format!(" AND {}.zone_id = ", side(drift))).push_bind(zone.0);
    }
    if let Some(kind) = within.kind {
        query.push(format!(" AND {}.kind = ", side(drift))).push_bind(kind.to_string());
    }
}

/// The last bracket is open. The book says when and how an issue ended, or that it did so before this month, and comes late. Which
/// issues these can be is said by what ended since and by what was booked; of each, its own postings are looked at.
fn push_otherwise(query: &mut QueryBuilder<Db>, month: Month) {
    let (start, end, name) = (month.start().0, month.end().0, month.to_string());
    let ended_now = |query: &mut QueryBuilder<Db>| {
        query.push("i.is_open = 0 AND i.closed_at >= ").push_bind(start);
        query.push(format!(" AND {ENDED} >= ")).push_bind(start);
        query.push(format!(" AND {ENDED} < ")).push_bind(end);
    };
    let same = "p.ending = CASE i.state WHEN 'void' THEN 'void' ELSE 'struck' END";
    // An expression, so that they are not looked for among all of the month.
    let its = "EXISTS (SELECT 1 FROM postings p WHERE p.issue_id = i.issue_id AND p.ended || '' = ";
    query.push("issues i WHERE ((");
    ended_now(query);
    query.push(format!(" AND NOT {its}")).push_bind(name.clone()).push(format!(" AND {same})) OR ("));
    query.push("i.issue_id IN (SELECT issue_id FROM postings WHERE ended = ").push_bind(name.clone());
    query.push(format!(") AND {its}")).push_bind(name);
    query.push(format!(" AND COALESCE(p.ended_late, CASE WHEN {ENDED} < ")).push_bind(start);
    query.push(format!(" THEN 1 ELSE 0 END) = 0 AND NOT ({same} AND "));
    ended_now(query);
    query.push(")))");
}

/// Of `i`: open at the end of the month by what is known today. That every deadline is after the year 1970 narrows nothing, and lets
/// the index of open issues serve: most are long closed.
fn push_live(query: &mut QueryBuilder<Db>, month: Month) {
    let end = month.end().0;
    query.push(format!("{REPORTED} < ")).push_bind(end);
    query.push(" AND ((i.is_open = 1 AND COALESCE(i.due_at, 9223372036854775807) > -1)");
    query.push(" OR (i.is_open = 0 AND i.closed_at >= ").push_bind(end);
    query.push(format!(" AND {ENDED} >= ")).push_bind(end).push("))");
}

/// Of `p`: in the closing stock of the book; what went out later was in it. Said so that two indexes serve: most went out long ago.
fn push_booked(query: &mut QueryBuilder<Db>, month: Month) {
    let name = month.to_string();
    query.push("p.entered || '' <= ").push_bind(name.clone());
    query.push(" AND ((p.ended IS NULL AND p.issue_id > '') OR p.ended > ").push_bind(name).push(")");
}

/// An issue that the books may still have to move.
pub struct Open {
    pub issue: String,
    pub known: Known,
    pub posting: Option<Posting>,
}

/// How many issues the books did not let out yet, but for the few that came back.
pub async fn count_open(tx: &mut Connection) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM issues) - (SELECT COUNT(DISTINCT issue_id) FROM postings WHERE ended IS NOT NULL)";
    Ok(sqlx::query_scalar::<_, i64>(sql).fetch_one(tx).await?.unsigned_abs())
}

/// At most so many that the books may have to move in a month, after an issue: what they did not let out yet, and what seems to
/// have come back since. Those of a page are booked before the next is read.
pub async fn open(tx: &mut Connection, month: Month, after: &str, limit: u32) -> Result<Vec<Open>, StoreError> {
    let sql = format!(
        "SELECT i.issue_id, i.zone_id, i.kind, i.state, {REPORTED} AS reported, {ENDED} AS ended_at, \
         p.zone_id AS booked_zone, p.kind AS booked_kind, p.entered, p.ended, p.ending FROM issues i \
         LEFT JOIN postings p ON p.issue_id = i.issue_id \
         AND p.entered = (SELECT MAX(entered) FROM postings WHERE issue_id = i.issue_id) \
         WHERE i.issue_id > $1 AND (p.ended IS NULL OR i.is_open = 1 OR {ENDED} >= $2 \
         OR (p.ending = 'void' AND i.state <> 'void') OR (p.ending <> 'void' AND i.state = 'void')) \
         ORDER BY i.issue_id LIMIT $3"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(month.start().0).bind(limit);
    query.fetch_all(tx).await?.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Open, StoreError> {
    let ended = State::from_code(row.try_get("state")?).and_then(Ending::of);
    let ended_at = row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp);
    let known = Known {
        zone: ZoneId(row.try_get("zone_id")?),
        kind: kind(row.try_get("kind")?)?,
        reported: Timestamp(row.try_get("reported")?),
        ended: ended_at.zip(ended),
    };
    let posting = match row.try_get::<Option<u32>, _>("booked_zone")? {
        None => None,
        Some(zone) => Some(Posting {
            zone: ZoneId(zone),
            kind: kind(row.try_get("booked_kind")?)?,
            entered: booked(row.try_get("entered")?)?,
            ended: match row.try_get::<Option<&str>, _>("ended")? {
                None => None,
                Some(at) => Some((booked(at)?, ending(row)?)),
            },
        }),
    };
    Ok(Open { issue: row.try_get("issue_id")?, known, posting })
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
    pub posting: Posting,
    pub late: [bool; 2],
}

pub async fn book(tx: &mut Connection, entries: &[Entry]) -> Result<(), StoreError> {
    for group in groups(entries) {
        let sql = format!(
            "INSERT INTO postings (issue_id, zone_id, kind, entered, ended, ending, entered_late, ended_late) VALUES {} \
             ON CONFLICT (issue_id, entered) \
             DO UPDATE SET ended = excluded.ended, ending = excluded.ending, ended_late = excluded.ended_late",
            places(group.len(), 8)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for Entry { issue, posting, late } in group {
            let ending = posting.ended.map(|(_, ending)| if ending == Ending::Struck { STRUCK } else { VOID });
            query = query.bind(issue).bind(posting.zone.0).bind(posting.kind.to_string()).bind(word(posting.entered));
            query = query.bind(posting.ended.map(|(at, _)| word(at))).bind(ending);
            query = query.bind(i64::from(late[0])).bind(posting.ended.map(|_| i64::from(late[1])));
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

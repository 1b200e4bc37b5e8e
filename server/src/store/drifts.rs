//! Where the books of frozen months and what is known today do not agree, issue by issue: kept in the transaction that changes an
//! issue or freezes a month, so that a month tells its differences without a look at all that it holds. What they are is
//! `shared::model::drift`.

use sqlx::{AssertSqlSafe, Row as _};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::behind::Drift;
use xiaohao_shared::model::drift::{Entered, drifts};
use xiaohao_shared::model::settlement::{Ending, Known, Month};
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::groups::{groups, places};
use super::projection::{self, Cell, Rewrite, Rows};
use super::settlements::{self, Counts, ENDED, REPORTED};
use super::{Connection, Pool, StoreError, begin, office};

/// Issues that are compared at once where all are.
const PAGE: u32 = 2_000;

/// One issue that a month and today do not agree about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    issue: String,
    month: String,
    drift: &'static str,
    zone: ZoneId,
    kind: String,
    reported: Timestamp,
}

/// The differences between an issue and the book of one month.
pub fn of_month<'a>(
    issue: &'a str,
    known: &Known,
    entered: &[Entered],
    month: Month,
) -> impl Iterator<Item = Difference> + use<'a> {
    let reported = known.reported;
    drifts(known, entered, month).into_iter().map(move |(drift, zone, kind)| Difference {
        issue: issue.to_owned(),
        month: month.to_string(),
        drift: drift.code(),
        zone,
        kind: kind.to_string(),
        reported,
    })
}

/// How many issues a month and today do not agree about in this way.
pub async fn counts(tx: &mut Connection, month: Month, drift: Drift) -> Result<Counts, StoreError> {
    let sql =
        "SELECT zone_id, kind, COUNT(*) FROM drifts WHERE month = $1 AND drift = $2 GROUP BY zone_id + 0, kind || ''";
    let rows: Vec<(u32, String, i64)> =
        sqlx::query_as(sql).bind(month.to_string()).bind(drift.code()).fetch_all(tx).await?;
    let count =
        |(zone, kind, count): (u32, String, i64)| Ok(((ZoneId(zone), settlements::kind(&kind)?), count.unsigned_abs()));
    rows.into_iter().map(count).collect()
}

/// Compares the issues whose rows change with the months that are frozen.
pub(super) async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    let months = settlements::months(tx).await?;
    let Some(last) = months.last() else { return Ok(()) };
    for Rewrite { issue, before, after } in all {
        let (was, known) = (before.as_ref().map(self::known), self::known(after));
        // No month can differ from what happened after it, whatever the clocks of phones say.
        let is_later = |known: &Option<Known>| {
            let times = known.iter().flat_map(|known| [Some(known.reported), known.ended.map(|(at, _)| at)]);
            times.flatten().all(|at| at >= last.end())
        };
        if was.is_some_and(|was| was == known || (is_later(&was) && is_later(&known))) {
            continue;
        }
        let issue = issue.to_string();
        sqlx::query("DELETE FROM drifts WHERE issue_id = $1").bind(&issue).execute(&mut *tx).await?;
        let Some(known) = known else { continue };
        let entered = settlements::entered(tx, &issue, &issue).await?.remove(&issue).unwrap_or_default();
        add(tx, &of_months(&issue, &known, &entered, &months)).await?;
    }
    Ok(())
}

fn of_months(issue: &str, known: &Known, entered: &[Entered], months: &[Month]) -> Vec<Difference> {
    months.iter().flat_map(|month| of_month(issue, known, entered, *month)).collect()
}

/// What the books have to know of an issue; `None` where there is none.
fn known(rows: &Rows) -> Option<Known> {
    let row = Rewrite::table(rows, "issues").first()?;
    let cell = |name: &str| row.get(projection::column("issues", name));
    let number = |name: &str| if let Some(Cell::Int(value)) = cell(name) { Some(*value) } else { None };
    let text = |name: &str| if let Some(Cell::Text(value)) = cell(name) { Some(value.as_str()) } else { None };
    let earlier = |one: &str, other: &str| Some(Timestamp(number(one)?.min(number(other).unwrap_or(i64::MAX))));
    Some(Known {
        zone: ZoneId(u32::try_from(number("zone_id")?).ok()?),
        kind: text("kind")?.parse().ok()?,
        reported: earlier("reported_at", "received_at")?,
        ended: earlier("closed_at", "closed_received_at").zip(State::from_code(text("state")?).and_then(Ending::of)),
    })
}

pub async fn add(tx: &mut Connection, all: &[Difference]) -> Result<(), StoreError> {
    for group in groups(all) {
        let places = places(group.len(), 6);
        let sql = format!(
            "INSERT INTO drifts (issue_id, month, drift, zone_id, kind, reported_at) VALUES {places} \
             ON CONFLICT (issue_id, month, drift) DO UPDATE SET zone_id = excluded.zone_id, kind = excluded.kind"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for Difference { issue, month, drift, zone, kind, reported } in group {
            query = query.bind(issue).bind(month).bind(*drift).bind(zone.0).bind(kind).bind(reported.0);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Compares every issue once, where an older server kept no differences.
pub(super) async fn settle(pool: &Pool) -> Result<(), StoreError> {
    if office::value(pool, office::DRIFTS).await?.is_some() {
        return Ok(());
    }
    let mut tx = begin(pool).await?;
    refill(&mut tx).await?;
    office::set(&mut tx, office::DRIFTS, "1").await?;
    Ok(tx.commit().await?)
}

/// Compares everything anew.
pub async fn refill(tx: &mut Connection) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM drifts").execute(&mut *tx).await?;
    let (months, mut after) = (settlements::months(tx).await?, String::new());
    while let Some((last, found)) = compared(tx, &months, &after).await? {
        add(tx, &found).await?;
        after = last;
    }
    Ok(())
}

/// Whether what is kept is what the books and the issues say.
pub async fn are_right(tx: &mut Connection) -> Result<bool, StoreError> {
    let (months, mut after) = (settlements::months(tx).await?, String::new());
    let mut count = 0;
    while let Some((last, mut found)) = compared(tx, &months, &after).await? {
        found.sort();
        if kept(tx, &after, &last).await? != found {
            return Ok(false);
        }
        count += found.len();
        after = last;
    }
    let all: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM drifts").fetch_one(tx).await?;
    Ok(usize::try_from(all) == Ok(count))
}

/// The differences of some issues after one, by their ids, and the last of these; `None` after the end, or before a month is frozen.
async fn compared(
    tx: &mut Connection,
    months: &[Month],
    after: &str,
) -> Result<Option<(String, Vec<Difference>)>, StoreError> {
    if months.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT i.issue_id, i.zone_id, i.kind, i.state, {REPORTED} AS reported, {ENDED} AS ended_at FROM issues i \
         WHERE i.issue_id > $1 ORDER BY i.issue_id LIMIT $2"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(PAGE).fetch_all(&mut *tx).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let last: String = last.try_get("issue_id")?;
    let first: String = rows[0].try_get("issue_id")?;
    let (entered, mut found) = (settlements::entered(tx, &first, &last).await?, Vec::new());
    for row in &rows {
        let issue: String = row.try_get("issue_id")?;
        let known = settlements::known(row)?;
        found.extend(of_months(&issue, &known, entered.get(&issue).map_or(&[], Vec::as_slice), months));
    }
    Ok(Some((last, found)))
}

/// In their order.
async fn kept(tx: &mut Connection, after: &str, last: &str) -> Result<Vec<Difference>, StoreError> {
    let sql =
        "SELECT issue_id, month, drift, zone_id, kind, reported_at FROM drifts WHERE issue_id > $1 AND issue_id <= $2";
    let rows: Vec<(String, String, String, u32, String, i64)> =
        sqlx::query_as(sql).bind(after).bind(last).fetch_all(tx).await?;
    let difference = |(issue, month, drift, zone, kind, reported): (String, String, String, u32, String, i64)| {
        // A word that means nothing is no difference that there is.
        let drift = Drift::from_code(&drift).map_or("", Drift::code);
        Difference { issue, month, drift, zone: ZoneId(zone), kind, reported: Timestamp(reported) }
    };
    let mut kept: Vec<Difference> = rows.into_iter().map(difference).collect();
    kept.sort();
    Ok(kept)
}

#[cfg(test)]
mod tests;

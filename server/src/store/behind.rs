//! The issues behind a figure: those that a line of the books, an indicator or a weekly list counts. Each list is a source of issues
//! with their places in it, read from an index alone; only the issues of a page are looked up.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::behind::{Became, Drift, LONG_STANDING, Measured, Settled, Within};
use xiaohao_shared::model::indicator::{Span, WATCHED};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::time::Timestamp;

use super::board::{self, After};
use super::halfyear::{self, Shown};
use super::log::issue_id;
use super::{Db, Pool, StoreError};

/// What the issues of a list have in common.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    Settled(Month, Settled),
    Drifted(Month, Drift),
    Measured(Span, Measured),
    /// Of a weekly list, or of one person's part of it.
    Listed(&'a str, Option<PersonId>, Became),
}

impl Behind<'_> {
    /// What is due comes by its deadline, a weekly list in its own order, the first at the front; anything else the latest first.
    fn is_ascending(self) -> bool {
        match self {
            Behind::Listed(..) => true,
            Behind::Measured(_, figure) => by_deadline(figure),
            Behind::Settled(..) | Behind::Drifted(..) => false,
        }
    }
}

fn by_deadline(figure: Measured) -> bool {
    use Measured::{Due, Extended, HandedIn, Handled, InTime, Overdue, Reworked};
    matches!(figure, Due | Handled | InTime | HandedIn | Reworked | Overdue | Extended)
}

pub async fn count(pool: &Pool, behind: Behind<'_>, within: Within, now: Timestamp) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (");
    push(&mut query, behind, within, now);
    let (count,): (i64,) = query.push(")").build_query_as().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

/// One page, and the key after which the list goes on.
pub async fn page(
    pool: &Pool,
    behind: Behind<'_>,
    within: Within,
    now: Timestamp,
    after: Option<&After>,
    limit: u32,
) -> Result<(Vec<Summary>, Option<After>), StoreError> {
    let mut query = list(behind, within, now, after, limit);
    let entries: Vec<(String, i64)> = query.build_query_as().fetch_all(pool).await?;
    let ids = entries.iter().map(|(entry, _)| issue_id(entry)).collect::<Result<Vec<_>, _>>()?;
    let mut rows: BTreeMap<IssueId, Summary> =
        board::of(pool, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
    // The books keep what they took in, also where a damaged store lost the issue.
    let rows = ids.iter().filter_map(|id| rows.remove(id)).collect();
    let is_full = entries.len() == limit as usize;
    let next = entries.into_iter().next_back().filter(|_| is_full).map(|(entry, place)| (place, entry));
    Ok((rows, next))
}

fn list(behind: Behind<'_>, within: Within, now: Timestamp, after: Option<&After>, limit: u32) -> QueryBuilder<Db> {
    let (beyond, order) = if behind.is_ascending() { (">", "place, entry") } else { ("<", "place DESC, entry") };
    let mut query = QueryBuilder::new("SELECT entry, place FROM (");
    push(&mut query, behind, within, now);
    query.push(") WHERE 1 = 1");
    if let Some(after) = after {
        board::push_after(&mut query, "place", beyond, "entry", after);
    }
    query.push(format!(" ORDER BY {order} LIMIT ")).push_bind(limit);
    query
}

/// Issues under `entry`, each once, and their `place` in the list.
fn push(query: &mut QueryBuilder<Db>, behind: Behind<'_>, within: Within, now: Timestamp) {
    match behind {
        Behind::Settled(month, figure) => push_settled(query, month, figure, within),
        Behind::Drifted(month, drift) => push_drifted(query, month, drift, within),
        Behind::Listed(number, person, became) => push_listed(query, number, person, became),
        Behind::Measured(span, figure) => push_measured(query, span, figure, within, now),
    }
}

fn push_within(query: &mut QueryBuilder<Db>, within: Within) {
    if let Some(zone) = within.zone {
        // An expression, so that the list is read by what it is about.
        query.push(" AND zone_id + 0 = ").push_bind(zone.0);
    }
    if let Some(kind) = within.kind {
        query.push(" AND kind || '' = ").push_bind(kind.to_string());
    }
}

/// By the zone and kind under which the books took an issue in.
fn push_settled(query: &mut QueryBuilder<Db>, month: Month, figure: Settled, within: Within) {
    let further = match figure {
        Settled::Opening | Settled::Closing => {
            return push_stock(query, month, figure == Settled::Closing, within, None);
        }
        Settled::Live => return push_live(query, month, within),
        Settled::Entered => "entered = ",
        Settled::EnteredLate => "entered_late = 1 AND entered = ",
        Settled::Struck => "ending = 'struck' AND ended = ",
        Settled::StruckLate => "ending = 'struck' AND ended_late = 1 AND ended = ",
        Settled::Voided => "ending = 'void' AND ended = ",
        Settled::VoidedLate => "ending = 'void' AND ended_late = 1 AND ended = ",
    };
    query.push(format!("{POSTED}{further}")).push_bind(month.to_string());
    push_within(query, within);
}

const POSTED: &str = "SELECT issue_id AS entry, reported_at AS place FROM postings WHERE ";

/// In stock is what is not out yet, and what went out only in a later month: said month by month, so that each is one stretch.
fn push_stock(query: &mut QueryBuilder<Db>, month: Month, closing: bool, within: Within, without: Option<Drift>) {
    let (entered, ended) = if closing { ("<=", ">") } else { ("<", ">=") };
    let push_rest = |query: &mut QueryBuilder<Db>| {
        push_within(query, within);
        if let Some(drift) = without {
            query.push(" AND issue_id NOT IN (SELECT issue_id FROM drifts WHERE month = ").push_bind(month.to_string());
            query.push(" AND drift = ").push_bind(drift.code()).push(")");
        }
    };
    query.push(format!("{POSTED}ended IS NULL AND entered || '' {entered} ")).push_bind(month.to_string());
    push_rest(query);
    query.push(format!(" UNION ALL {POSTED}ended IN (SELECT month FROM settlements WHERE month {ended} "));
    query.push_bind(month.to_string()).push(format!(") AND entered {entered} ")).push_bind(month.to_string());
    push_rest(query);
}

/// What the closing stock would be today: that of the book without what is gone and with what has come.
fn push_live(query: &mut QueryBuilder<Db>, month: Month, within: Within) {
    push_stock(query, month, true, within, Some(Drift::Gone));
    query.push(" UNION ALL ");
    push_drifted(query, month, Drift::Come, within);
}

fn push_drifted(query: &mut QueryBuilder<Db>, month: Month, drift: Drift, within: Within) {
    query
        .push("SELECT issue_id AS entry, reported_at AS place FROM drifts WHERE month = ")
        .push_bind(month.to_string());
    query.push(" AND drift = ").push_bind(drift.code());
    push_within(query, within);
}

fn push_listed(query: &mut QueryBuilder<Db>, number: &str, person: Option<PersonId>, became: Became) {
    query.push("SELECT issue_id AS entry, position AS place FROM weekly_entries WHERE list = ");
    query.push_bind(number.to_owned());
    if let Some(person) = person {
        query.push(" AND assignee_id = ").push_bind(person.0);
    }
    query.push(match became {
        Became::Struck => " AND became = 'closed'",
        Became::HandedIn => " AND became = 'to_check'",
        Became::Unsettled => " AND became NOT IN ('closed', 'to_check', 'void')",
        Became::Void => " AND became = 'void'",
        Became::Ended => " AND became IN ('closed', 'void')",
        Became::Left => " AND became NOT IN ('closed', 'void')",
    });
}

fn push_measured(query: &mut QueryBuilder<Db>, span: Span, figure: Measured, within: Within, now: Timestamp) {
    let (place, further) = match figure {
        Measured::Open => return halfyear::push_open(query, span.before.min(now), |query| push_within(query, within)),
        Measured::Due => ("due_at", ""),
        Measured::Handled => ("due_at", " AND state IN ('to_check', 'closed')"),
        Measured::InTime => (
            "due_at",
            " AND state IN ('to_check', 'closed') AND (appeal = 'granted' OR COALESCE(handed_in_at, closed_at) <= due_at)",
        ),
        Measured::HandedIn => ("due_at", " AND (reworks > 0 OR state IN ('to_check', 'closed'))"),
        Measured::Reworked => ("due_at", " AND reworks > 0"),
        Measured::Overdue => ("due_at", " AND clock_runs = 1 AND due_at < "),
        Measured::Extended => ("due_at", " AND extensions > 0"),
        Measured::Reported | Measured::Contacted | Measured::Watched => ("reported_at", ""),
        Measured::Recurred => ("reported_at", " AND recurrence_of IS NOT NULL"),
        Measured::Struck | Measured::Solved | Measured::Pictured => ("closed_at", ""),
    };
    query.push(format!("SELECT issue_id AS entry, {place} AS place FROM issues WHERE "));
    match figure {
        Measured::Solved => halfyear::push(query, span, Shown::Solved(LONG_STANDING)),
        Measured::Pictured => halfyear::push(query, span, Shown::Pairs),
        Measured::Struck => halfyear::push(query, span, Shown::All),
        Measured::Contacted => push_contacted(query, span),
        Measured::Watched => push_watched(query, span.before),
        _ => {
            query.push(format!("state <> 'void' AND {place} >= ")).push_bind(span.from.0);
            query.push(format!(" AND {place} < ")).push_bind(span.before.0).push(further);
        }
    }
    if figure == Measured::Overdue {
        query.push_bind(now.0);
    }
    push_within(query, within);
}

fn push_contacted(query: &mut QueryBuilder<Db>, span: Span) {
    query.push("state <> 'void' AND issue_id IN (SELECT issue_id FROM contacts WHERE occurred_at >= ");
    query.push_bind(span.from.0).push(" AND occurred_at < ").push_bind(span.before.0).push(")");
}

/// The kind stands in the text, so that its own index serves.
fn push_watched(query: &mut QueryBuilder<Db>, before: Timestamp) {
    query.push(format!("state <> 'void' AND kind = '{WATCHED}' AND reported_at < ")).push_bind(before.0);
}

#[cfg(test)]
mod tests;

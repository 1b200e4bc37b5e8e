//! The issues behind a figure: those that a line of the books, an indicator or a weekly list counts. Conditions over the
//! projection, with the same words as the counts themselves.

use sqlx::QueryBuilder;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::behind::{Became, LONG_STANDING, Measured, Settled, Within};
use xiaohao_shared::model::indicator::{Span, WATCHED};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::time::Timestamp;

use super::board::{self, After};
use super::halfyear::{self, Shown};
use super::weekly::FATE;
use super::{Db, Pool, StoreError};

/// What the issues of a list have in common.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    Settled(Month, Settled),
    Measured(Span, Measured),
    /// Of a weekly list, or of one person's part of it.
    Listed(&'a str, Option<PersonId>, Became),
}

pub async fn count(pool: &Pool, behind: Behind<'_>, within: Within, now: Timestamp) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM issues WHERE ");
    push(&mut query, behind, within, now);
    let (count,): (i64,) = query.build_query_as().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

/// One page, the latest report first.
pub async fn page(
    pool: &Pool,
    behind: Behind<'_>,
    within: Within,
    now: Timestamp,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let mut query = board::rows_where("");
    push(&mut query, behind, within, now);
    if let Some((last, id)) = after {
        query.push(" AND (reported_at < ").push_bind(*last);
        query.push(" OR reported_at = ").push_bind(*last).push(" AND issue_id > ").push_bind(id.clone()).push(")");
    }
    query.push(" ORDER BY reported_at DESC, issue_id LIMIT ").push_bind(limit);
    query.build().fetch_all(pool).await?.iter().map(board::read).collect()
}

fn push(query: &mut QueryBuilder<Db>, behind: Behind<'_>, within: Within, now: Timestamp) {
    match behind {
        Behind::Settled(month, figure) => push_settled(query, month, figure, within),
        Behind::Listed(number, person, became) => push_listed(query, number, person, became),
        Behind::Measured(span, figure) => {
            match figure {
                Measured::Open => halfyear::push_open(query, span.before.min(now)),
                Measured::Solved => halfyear::push(query, span, Shown::Solved(LONG_STANDING)),
                Measured::Pictured => halfyear::push(query, span, Shown::Pairs),
                Measured::Contacted => push_contacted(query, span),
                Measured::Watched => push_watched(query, span.before),
                _ => push_measured(query, span, figure, now),
            }
            push_within(query, within);
        }
    }
}

fn push_within(query: &mut QueryBuilder<Db>, within: Within) {
    if let Some(zone) = within.zone {
        query.push(" AND zone_id = ").push_bind(zone.0);
    }
    if let Some(kind) = within.kind {
        query.push(" AND kind = ").push_bind(kind.to_string());
    }
}

/// By the postings, and so by the zone and kind under which the books took an issue in; what the month would say today, by the issues.
fn push_settled(query: &mut QueryBuilder<Db>, month: Month, figure: Settled, within: Within) {
    let (begin, name) = (month.start(), month.to_string());
    let ended = |how| vec![("ended =", name.as_str()), ("ending =", how)];
    let conditions = match figure {
        Settled::Live => {
            push_stock(query, month.end());
            return push_within(query, within);
        }
        Settled::Opening | Settled::Closing => return push_standing(query, &name, figure, within),
        Settled::Entered | Settled::EnteredLate => vec![("entered =", name.as_str())],
        Settled::Struck | Settled::StruckLate => ended("struck"),
        Settled::Voided | Settled::VoidedLate => ended("void"),
    };
    let (late, times) = match figure {
        Settled::EnteredLate => ("entered_late", ["received_at", "reported_at"]),
        Settled::StruckLate | Settled::VoidedLate => ("ended_late", ["closed_received_at", "closed_at"]),
        _ => {
            push_booked(query.push("issue_id IN ("), &conditions, within);
            query.push(")");
            return;
        }
    };
    push_booked(query.push("(issue_id IN ("), &conditions, within);
    query.push(format!(" AND {late} = 1) OR issue_id IN ("));
    // What was booked before that was written down is told by what is known today.
    push_booked(query, &conditions, within);
    query.push(format!(" AND {late} IS NULL)"));
    earlier(query, times, begin);
    query.push(")");
}

fn push_booked(query: &mut QueryBuilder<Db>, conditions: &[(&str, &str)], within: Within) {
    query.push("SELECT issue_id FROM postings WHERE 1 = 1");
    for (condition, value) in conditions {
        query.push(format!(" AND {condition} ")).push_bind((*value).to_owned());
    }
    push_within(query, within);
}

/// In stock is what is not out yet, and what went out only later: said so that the indexes of these two serve.
fn push_standing(query: &mut QueryBuilder<Db>, month: &str, figure: Settled, within: Within) {
    let (entered, ended) =
        if figure == Settled::Opening { ("entered || '' <", "ended >=") } else { ("entered || '' <=", "ended >") };
    push_booked(query.push("issue_id IN ("), &[(entered, month)], within);
    query.push(" AND ended IS NULL AND issue_id > '' UNION ALL ");
    push_booked(query, &[(ended, month), (entered, month)], within);
    query.push(")");
}

/// The earlier of what the phone said and of the receipt lies before a moment.
fn earlier(query: &mut QueryBuilder<Db>, [one, other]: [&str; 2], before: Timestamp) {
    query.push(format!(" AND ({one} < ")).push_bind(before.0);
    query.push(format!(" OR {other} < ")).push_bind(before.0).push(")");
}

fn push_stock(query: &mut QueryBuilder<Db>, end: Timestamp) {
    query.push("1 = 1");
    earlier(query, ["received_at", "reported_at"], end);
    // Every deadline is after the year 1970: see `settlements`.
    query.push(" AND ((is_open = 1 AND COALESCE(due_at, 9223372036854775807) > -1) OR (is_open = 0");
    query.push(" AND COALESCE(closed_received_at, closed_at) >= ").push_bind(end.0);
    query.push(" AND closed_at >= ").push_bind(end.0).push("))");
}

fn push_listed(query: &mut QueryBuilder<Db>, number: &str, person: Option<PersonId>, became: Became) {
    query.push(
        "issue_id IN (SELECT w.issue_id FROM weekly_entries w JOIN issues i ON i.issue_id = w.issue_id WHERE w.list = ",
    );
    query.push_bind(number.to_owned());
    if let Some(person) = person {
        query.push(" AND w.assignee_id = ").push_bind(person.0);
    }
    query.push(format!(" AND {FATE} ")).push(match became {
        Became::Struck => "= 'closed')",
        Became::HandedIn => "= 'to_check')",
        Became::Unsettled => "NOT IN ('closed', 'to_check', 'void'))",
        Became::Void => "= 'void')",
        Became::Ended => "IN ('closed', 'void'))",
        Became::Left => "NOT IN ('closed', 'void'))",
    });
}

fn push_contacted(query: &mut QueryBuilder<Db>, span: Span) {
    query.push("state <> 'void' AND issue_id IN (SELECT issue_id FROM contacts WHERE occurred_at >= ");
    query.push_bind(span.from.0).push(" AND occurred_at < ").push_bind(span.before.0).push(")");
}

fn push_watched(query: &mut QueryBuilder<Db>, before: Timestamp) {
    query.push("state <> 'void' AND kind = ").push_bind(WATCHED.to_string());
    query.push(" AND reported_at < ").push_bind(before.0);
}

fn push_measured(query: &mut QueryBuilder<Db>, span: Span, figure: Measured, now: Timestamp) {
    let (column, further) = match figure {
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
        Measured::Reported => ("reported_at", ""),
        Measured::Recurred => ("reported_at", " AND recurrence_of IS NOT NULL"),
        Measured::Struck => ("closed_at", " AND is_open = 0 AND state = 'closed'"),
        Measured::Open | Measured::Solved | Measured::Pictured | Measured::Contacted | Measured::Watched => return,
    };
    query.push(format!("state <> 'void' AND {column} >= ")).push_bind(span.from.0);
    query.push(format!(" AND {column} < ")).push_bind(span.before.0).push(further);
    if figure == Measured::Overdue {
        query.push_bind(now.0);
    }
}

//! Boards and lists: read-only SQL over the projection, with the meaning of `shared::model::filter`.

mod asked;
mod conditions;
mod counts;
mod stretches;

use sqlx::{AssertSqlSafe, QueryBuilder, Row};
use xiaohao_shared::api::{Dot, Press, WeeklyEntry};
use xiaohao_shared::geo::outline::Spot;
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::PlaceType;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::model::{Severity, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::groups::lists;
use super::log::issue_id;
use super::projection::level_code;
use super::{Connection, Db, Pool, StoreError};
pub(super) use asked::{Asked, SOME};
use asked::{MANY, Narrow, SOON};
pub(super) use conditions::push_filter;
use conditions::{push_conditions, push_listed, push_sorts, push_words};
pub use counts::{Counter, total};

const COLUMNS: &str = "issue_id, number, zone_id, kind, place_type, description, address, landmark, latitude, \
    longitude, severity, state, reporter_id, reported_at, assignee_id, due_at, priority, supervision_level, \
    is_undecided, is_asked, touched_at, thumbnail, photo_count, responsible_ids, closed_at, merged_into, recurrence_of";

/// The columns that [`read`] reads, under a condition that begins so.
pub(super) fn rows_where(condition: &str) -> QueryBuilder<Db> {
    QueryBuilder::new(format!("SELECT {COLUMNS} FROM issues WHERE {condition}"))
}

/// Where a list goes on: the sort key and the id of the last row.
pub type After = (i64, String);

const DUE: &str = "COALESCE(due_at, 9223372036854775807)";
const REPORTED: &str = "reported_at";

/// One page of a list: what is to do by its deadline, the earliest first; any other by its report, the latest first.
pub async fn page(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let mut asked = Asked::page_of(pool, zones, filter, now).await?;
    let mut rows = list(&asked, after, limit).build().fetch_all(pool).await?;
    if let Some(Narrow::Soon(words)) = &asked.narrow
        && rows.len() < limit as usize
        && !is_all_soon(&asked, after).build_query_scalar::<bool>().fetch_one(pool).await?
    {
        asked = asked.by(Narrow::Exactly(words.clone()));
        rows = list(&asked, after, limit).build().fetch_all(pool).await?;
    }
    rows.iter().map(read).collect()
}

/// First which issues, in the order of the list and without their rows, and then these.
fn list(asked: &Asked, after: Option<&After>, limit: u32) -> QueryBuilder<Db> {
    let (filter, mut query) = (asked.filter, rows_where("issue_id IN (SELECT "));
    match (&asked.narrow, filter.assignee.filter(|_| is_of_one_person(filter))) {
        (Some(Narrow::WordsInOrder(words)), _) => {
            push_in_order(&mut query, words, after);
            push_filter(&mut query, asked);
            query.push(" LIMIT ").push_bind(limit);
        }
        (Some(Narrow::Soon(_)), _) => {
            query.push("entry FROM (");
            push_soon(&mut query, asked, after);
            query.push(") CROSS JOIN issues WHERE issues.issue_id = entry");
            push_words(&mut query, asked);
            query.push(" LIMIT ").push_bind(limit);
        }
        (_, Some(person)) => {
            query.push("issue_id FROM charges WHERE person_id = ").push_bind(person.0).push(" AND ");
            push_sorts(&mut query, asked.zones, filter, true);
            if filter.is_of_open() {
                query.push(" AND is_open = 1");
            }
            push_page(&mut query, filter, after, limit);
        }
        _ => {
            query.push("issue_id FROM ");
            push_listed(&mut query, asked);
            push_page(&mut query, filter, after, limit);
        }
    }
    query.push(")").push(order(filter));
    query
}

/// Those that can have the words, the latest report first, among all that is asked for. That the inner list has a limit keeps its order.
fn push_in_order(query: &mut QueryBuilder<Db>, words: &str, after: Option<&After>) {
    query.push("entry FROM (SELECT r.issue_id AS entry FROM search_grams g JOIN search_rows r ON r.id = g.rowid ");
    query.push("WHERE search_grams MATCH ").push_bind(words.to_owned());
    if let Some(after) = after {
        push_after(query, "r.reported_at", "<", "r.issue_id", after);
    }
    query.push(" ORDER BY r.reported_at DESC, r.issue_id LIMIT ").push_bind(MANY);
    query.push(") CROSS JOIN issues WHERE issues.issue_id = entry AND ");
}

/// The first of a list but for its words, in its order.
fn push_soon(query: &mut QueryBuilder<Db>, asked: &Asked, after: Option<&After>) {
    query.push("SELECT issue_id AS entry FROM issues WHERE ");
    push_conditions(query, asked, asked.filter.is_of_open());
    push_page(query, asked.filter, after, SOON);
}

/// Whether a list but for its words has no more than was read of it.
fn is_all_soon(asked: &Asked, after: Option<&After>) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) < ");
    query.push_bind(SOON).push(" FROM (");
    push_soon(&mut query, asked, after);
    query.push(")");
    query
}

/// What somebody has in charge knows of itself in which zone and state it is, and no more.
fn is_of_one_person(filter: &Filter) -> bool {
    let Filter { assignee, states, zones, open, .. } = filter.clone();
    assignee.is_some() && *filter == Filter { assignee, states, zones, open, ..Filter::default() }
}

fn push_page(query: &mut QueryBuilder<Db>, filter: &Filter, after: Option<&After>, limit: u32) {
    let (key, beyond) = if filter.is_of_open() { (DUE, ">") } else { (REPORTED, "<") };
    if let Some(after) = after {
        push_after(query, key, beyond, "issue_id", after);
    }
    query.push(order(filter)).push(" LIMIT ").push_bind(limit);
}

pub(super) fn push_after(query: &mut QueryBuilder<Db>, key: &str, beyond: &str, issue: &str, (last, id): &After) {
    query.push(format!(" AND {key} {beyond}= ")).push_bind(*last);
    query.push(format!(" AND ({key} {beyond} ")).push_bind(*last);
    query.push(format!(" OR {issue} > ")).push_bind(id.clone()).push(")");
}

/// The issues of a list that have a position, the first in its order.
pub async fn dots(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Dot>, StoreError> {
    let asked = Asked::of(pool, zones, filter, now, SOME).await?;
    let mut query =
        QueryBuilder::new("SELECT issue_id, latitude, longitude, state, kind, due_at, clock_runs FROM issues WHERE ");
    push_filter(&mut query, &asked);
    if filter.is_of_open() {
        query.push(" AND is_open = 1");
    }
    query.push(" AND latitude IS NOT NULL").push(order(filter)).push(" LIMIT ").push_bind(limit);
    let rows = query.build().fetch_all(pool).await?;
    let dots = rows.iter().map(|row| dot(row, now)).collect::<Result<Vec<_>, _>>()?;
    Ok(dots.into_iter().flatten().collect())
}

/// `None` where somebody's device named a place that there is not.
fn dot(row: &sqlx::sqlite::SqliteRow, now: Timestamp) -> Result<Option<Dot>, StoreError> {
    let Some(spot) = Spot::of((row.try_get("latitude")?, row.try_get("longitude")?)) else { return Ok(None) };
    let kind = row.try_get::<&str, _>("kind")?.parse();
    let due = row.try_get::<Option<i64>, _>("due_at")?;
    let overdue = row.try_get::<i64, _>("clock_runs")? != 0 && due.is_some_and(|due| due < now.0);
    Ok(Some(Dot(
        issue_id(row.try_get("issue_id")?)?,
        spot.lat,
        spot.lon,
        state(row.try_get("state")?)?,
        kind.map_err(|_| StoreError::Damaged("issues.kind".into()))?,
        overdue,
    )))
}

/// How a list is ordered, see [`page`].
pub(super) fn order(filter: &Filter) -> String {
    match filter.is_of_open() {
        true => format!(" ORDER BY {DUE}, issue_id"),
        false => format!(" ORDER BY {REPORTED} DESC, issue_id"),
    }
}

pub(super) fn state(code: &str) -> Result<State, StoreError> {
    State::from_code(code).ok_or_else(|| StoreError::Damaged(format!("state {code:?}")))
}

pub(super) fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Summary, StoreError> {
    const EXCERPT: usize = 60;
    let damaged = |what: &str| StoreError::Damaged(format!("issues.{what}"));
    let (address, landmark): (String, String) = (row.try_get("address")?, row.try_get("landmark")?);
    let (lat, lon): (Option<f64>, Option<f64>) = (row.try_get("latitude")?, row.try_get("longitude")?);
    let thumb: Option<String> = row.try_get("thumbnail")?;
    let responsible: String = row.try_get("responsible_ids")?;
    let description: String = row.try_get("description")?;
    let linked = |column: &str| row.try_get::<Option<&str>, _>(column)?.map(issue_id).transpose();
    Ok(Summary {
        id: issue_id(row.try_get("issue_id")?)?,
        number: row.try_get("number")?,
        zone: ZoneId(row.try_get("zone_id")?),
        kind: row.try_get::<&str, _>("kind")?.parse().map_err(|_| damaged("kind"))?,
        place_type: PlaceType::from_code(row.try_get("place_type")?).unwrap_or_default(),
        description: description.chars().take(EXCERPT).collect(),
        address: if address.is_empty() { landmark } else { address },
        position: lat.zip(lon),
        severity: Severity::from_code(row.try_get("severity")?).unwrap_or_default(),
        state: state(row.try_get("state")?)?,
        reporter: PersonId(row.try_get("reporter_id")?),
        reported_at: Timestamp(row.try_get("reported_at")?),
        assignee: row.try_get::<Option<u32>, _>("assignee_id")?.map(PersonId),
        responsible: responsible.split(',').filter_map(|id| id.parse().ok()).collect(),
        due: row.try_get::<Option<i64>, _>("due_at")?.map(Timestamp),
        priority: row.try_get::<i64, _>("priority")? != 0,
        supervision: level(row.try_get("supervision_level")?),
        undecided: row.try_get::<i64, _>("is_undecided")? != 0,
        asked: row.try_get::<i64, _>("is_asked")? != 0,
        thumb: thumb.and_then(|hex| hex.parse().ok()),
        photos: row.try_get("photo_count")?,
        touched_at: Timestamp(row.try_get("touched_at")?),
        closed_at: row.try_get::<Option<i64>, _>("closed_at")?.map(Timestamp),
        merged_into: linked("merged_into")?,
        recurrence_of: linked("recurrence_of")?,
    })
}

/// These issues, in no order.
pub async fn of(pool: &Pool, issues: &[IssueId]) -> Result<Vec<Summary>, StoreError> {
    let mut found = Vec::new();
    for list in lists(issues) {
        let mut query = rows_where("issue_id IN (");
        let mut ids = query.separated(", ");
        list.iter().for_each(|issue| {
            ids.push_bind(issue.to_string());
        });
        query.push(")");
        let rows = query.build().fetch_all(pool).await?;
        found.extend(rows.iter().map(read).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}

/// Puts the issues of a filter on a weekly list, the most urgent first; gives how many.
pub async fn list_weekly(
    tx: &mut Connection,
    number: &str,
    filter: &Filter,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new(
        "INSERT INTO weekly_entries (list, position, issue_id, assignee_id, state, due_at, supervision_level, became) SELECT ",
    );
    query.push_bind(number.to_owned());
    query.push(", ROW_NUMBER() OVER (ORDER BY COALESCE(due_at, 9223372036854775807), issue_id), issue_id, ");
    query.push("COALESCE(assignee_id, 0), state, due_at, supervision_level, state FROM issues WHERE ");
    push_filter(&mut query, &Asked { zones: None, filter, now, narrow: None });
    Ok(query.build().execute(tx).await?.rows_affected())
}

/// One unit's part of a weekly list, as it was and as it is.
pub async fn weekly(pool: &Pool, number: &str, person: u32, limit: u32) -> Result<Vec<WeeklyEntry>, StoreError> {
    let from = "FROM weekly_entries w JOIN issues i ON i.issue_id = w.issue_id \
                WHERE w.list = $1 AND w.assignee_id = $2 ORDER BY w.position LIMIT $3";
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("i.{}", column.trim())).collect();
    let sql = format!(
        "SELECT w.position, w.state AS was, w.due_at AS was_due, w.supervision_level AS was_level, \
         i.supervision_number, i.supervision_due_at, (SELECT COUNT(*) FROM weekly_entries e \
         WHERE e.issue_id = w.issue_id AND e.list <= w.list) AS times, {} {from}",
        columns.join(", ")
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(number).bind(person).bind(limit).fetch_all(pool).await?;
    let entry = |row: &sqlx::sqlite::SqliteRow| {
        let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
        let (now, due) = (read(row)?, row.try_get::<Option<i64>, _>("supervision_due_at")?.map(Timestamp));
        let number = row.try_get::<Option<String>, _>("supervision_number")?.unwrap_or_default();
        Ok(WeeklyEntry {
            position: count("position")?,
            state: state(row.try_get("was")?)?,
            due: row.try_get::<Option<i64>, _>("was_due")?.map(Timestamp),
            supervision: level(row.try_get("was_level")?),
            press: now.supervision.map(|_| Press { number, due, shared: false }),
            times: count("times")?,
            demand: String::new(),
            before: None,
            after: None,
            now,
            reply: None,
            pressed_for: String::new(),
            description: String::new(),
        })
    };
    rows.iter().map(entry).collect()
}

pub(super) fn level(code: Option<String>) -> Option<SupervisionLevel> {
    let levels = [SupervisionLevel::Office, SupervisionLevel::City];
    code.and_then(|code| levels.into_iter().find(|level| level_code(*level) == code))
}

/// The key after which the next page begins.
pub fn after(row: &Summary, filter: &Filter) -> After {
    let key = if filter.is_of_open() { row.due.map_or(i64::MAX, |due| due.0) } else { row.reported_at.0 };
    (key, row.id.to_string())
}

#[cfg(test)]
mod tests;

//! Boards and lists: read-only SQL over the projection, with the meaning of `shared::model::filter`.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, QueryBuilder, Row};
use xiaohao_shared::api::{Dot, Press, WeeklyEntry};
use xiaohao_shared::geo::outline::Spot;
use xiaohao_shared::id::{IssueId, PersonId, ZoneId};
use xiaohao_shared::model::catalogue::PlaceType;
use xiaohao_shared::model::filter::{Filter, Grouping, NOBODY};
use xiaohao_shared::model::summary::{DUE_SOON, Summary};
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::model::{Severity, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::groups::lists;
use super::log::issue_id;
use super::projection::level_code;
use super::{Connection, Db, Pool, StoreError, search};

const COLUMNS: &str = "issue_id, number, zone_id, kind, place_type, description, address, landmark, latitude, \
    longitude, severity, state, reporter_id, reported_at, assignee_id, due_at, priority, supervision_level, \
    is_undecided, is_asked, touched_at, thumbnail, photo_count, responsible_ids, closed_at, merged_into, recurrence_of";

/// The columns that [`read`] reads, under a condition that begins so.
pub(super) fn rows_where(condition: &str) -> QueryBuilder<Db> {
    QueryBuilder::new(format!("SELECT {COLUMNS} FROM issues WHERE {condition}"))
}

/// Whose issues are asked for, and when; and how they are found where they are few of all.
pub(super) struct Asked<'a> {
    zones: Option<&'a [ZoneId]>,
    filter: &'a Filter,
    now: Timestamp,
    narrow: Option<Narrow>,
}

/// How issues are found that are few of all, or some of all.
enum Narrow {
    /// By this condition of `search`, each of them.
    Words(String),
    /// By this condition of `search`, in the order of their reports, until a page is full.
    WordsInOrder(String),
    /// By the counters, which know where the few of a sort are.
    Sorts,
}

impl<'a> Asked<'a> {
    /// Where at most so many issues can have the words, each of them is looked at, whatever its place in the order.
    pub(super) async fn of(
        pool: &Pool,
        zones: Option<&'a [ZoneId]>,
        filter: &'a Filter,
        now: Timestamp,
        most: u32,
    ) -> Result<Self, StoreError> {
        let narrow = search::narrowed(pool, filter, most).await?.map(Narrow::Words);
        Ok(Self { zones, filter, now, narrow })
    }

    /// A page is read in its order where it is soon full.
    async fn page_of(
        pool: &Pool,
        zones: Option<&'a [ZoneId]>,
        filter: &'a Filter,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let of = |narrow| Self { zones, filter, now, narrow };
        if let Some(words) = search::narrowed(pool, filter, FEW).await? {
            return Ok(of(Some(Narrow::Words(words))));
        }
        // What is open is never so much that its order is not read soon.
        if filter.is_of_open() {
            return Ok(of(None));
        }
        if is_rare(pool, zones, filter).await? {
            return Ok(of(Some(Narrow::Sorts)));
        }
        // These have less than that, and indexes of their own.
        if filter.reporter.is_some() || filter.assignee.is_some() || filter.linked.is_some() {
            return Ok(of(None));
        }
        Ok(of(search::narrowed(pool, filter, MANY).await?.map(Narrow::WordsInOrder)))
    }
}

/// Of a page: where more issues have the words, each of them is looked at only until it is full.
const FEW: u32 = 2_000;
/// Of a page: where more have the words, its order is read sooner than they are put into it.
const MANY: u32 = 20_000;
/// Of what is read to its end: a row that is looked up costs several that are read one after the other.
pub(super) const SOME: u32 = 50_000;
/// Issues of a zone, kind or place type that are so few that their lists are not full before nearly all are read.
const RARE: i64 = 300;

/// Whether the counters know that hardly any issue is of these zones, this kind and this place type.
async fn is_rare(pool: &Pool, zones: Option<&[ZoneId]>, filter: &Filter) -> Result<bool, StoreError> {
    let sorts =
        Filter { zones: filter.zones.clone(), kind: filter.kind, place_type: filter.place_type, ..Filter::default() };
    if zones.is_none() && sorts == Filter::default() {
        return Ok(false);
    }
    let from = sort_tallies(&sorts, Grouping::State);
    let mut query = QueryBuilder::new(format!("SELECT COALESCE(SUM(issue_count), 0) FROM {from} WHERE {EVERY_ZONE}"));
    push_sorts(&mut query, zones, &sorts, false);
    Ok(query.build_query_scalar::<i64>().fetch_one(pool).await? <= RARE)
}

/// Every zone that the counters know. Says no more, but so that a key which begins with the zone serves.
const EVERY_ZONE: &str = "zone_id IN (SELECT DISTINCT zone_id FROM kind_tallies) AND ";

/// Where a list goes on: the sort key and the id of the last row.
pub type After = (i64, String);

/// How many issues of each state each group has.
pub async fn counts(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
    by: Grouping,
) -> Result<Vec<(String, State, u64)>, StoreError> {
    let (mut found, asked) = (BTreeMap::new(), Asked::of(pool, zones, filter, now, SOME).await?);
    for mut query in questions(&asked, by) {
        let rows: Vec<(String, String, i64)> = query.build_query_as().fetch_all(pool).await?;
        for (key, code, count) in rows.into_iter().filter(|(.., count)| *count > 0) {
            *found.entry((key, state(&code)?)).or_insert(0) += count.unsigned_abs();
        }
    }
    Ok(found.into_iter().map(|((key, state), count)| (key, state, count)).collect())
}

/// The counters answer what they can; anything else is counted from the issues, within what an index narrows it to.
fn questions(asked: &Asked, by: Grouping) -> Vec<QueryBuilder<Db>> {
    let filter = asked.filter;
    let Filter { states, zones: wanted, open, kind, place_type, assignee, unassigned, .. } = filter.clone();
    let plain = Filter { states, zones: wanted, open, ..Filter::default() };
    let sorts = Filter { kind, place_type, ..plain.clone() };
    let person = match by {
        Grouping::Person => *filter == plain,
        Grouping::State | Grouping::Zone => {
            assignee.is_some() != unassigned && *filter == Filter { assignee, unassigned, ..plain.clone() }
        }
        Grouping::Kind | Grouping::PlaceType => false,
    };
    let (from, count) = match by {
        _ if person => ("person_tallies", "SUM(issue_count)"),
        Grouping::Person => return persons(asked),
        _ if *filter == sorts => (sort_tallies(filter, by), "SUM(issue_count)"),
        _ => ("issues", "COUNT(*)"),
    };
    let key = column(by);
    let mut query = QueryBuilder::new(format!("SELECT CAST({key} AS TEXT), state, {count} FROM {from} WHERE "));
    if from == "issues" {
        push_counted(&mut query, asked);
    } else {
        push_sorts(&mut query, asked.zones, filter, false);
        if let Some(PersonId(person)) = filter.assignee.or(filter.unassigned.then_some(PersonId(0))) {
            query.push(" AND person_id = ").push_bind(person);
        }
    }
    query.push(format!(" GROUP BY {key}, state"));
    vec![query]
}

/// The smallest counters that know what is asked.
fn sort_tallies(filter: &Filter, by: Grouping) -> &'static str {
    let kind = filter.kind.is_some() || by == Grouping::Kind;
    let place = filter.place_type.is_some() || by == Grouping::PlaceType;
    match (kind, place) {
        (true, true) => "tallies",
        (false, true) => "place_tallies",
        (_, false) => "kind_tallies",
    }
}

/// Whoever is assigned, whoever is responsible beside him, and nobody.
fn persons(asked: &Asked) -> Vec<QueryBuilder<Db>> {
    let parts = [
        ("assignee_id + 0", "issues WHERE assignee_id IS NOT NULL AND "),
        (
            "c.person_id + 0",
            "issues JOIN responsible c ON c.issue_id = issues.issue_id \
             WHERE responsible_ids <> '' AND (assignee_id IS NULL OR assignee_id <> c.person_id) AND ",
        ),
        (NOBODY, "issues WHERE COALESCE(assignee_id, 0) = 0 AND responsible_ids = '' AND "),
    ];
    let part = |(key, from): (&str, &str)| {
        let mut query = QueryBuilder::new(format!("SELECT CAST({key} AS TEXT), state, COUNT(*) FROM {from}"));
        push_counted(&mut query, asked);
        query.push(if key == NOBODY { " GROUP BY state".into() } else { format!(" GROUP BY {key}, state") });
        query
    };
    parts.into_iter().map(part).collect()
}

/// By what rows are grouped: as expressions, so that the condition chooses the index and not the order of the groups.
fn column(by: Grouping) -> &'static str {
    match by {
        Grouping::State => "state || ''",
        Grouping::Zone => "zone_id + 0",
        Grouping::Person => "person_id + 0",
        Grouping::Kind => "kind || ''",
        Grouping::PlaceType => "place_type || ''",
    }
}

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
    let asked = Asked::page_of(pool, zones, filter, now).await?;
    let mut query = list(&asked, after, limit);
    query.build().fetch_all(pool).await?.iter().map(read).collect()
}

/// First which issues, in the order of the list and without their rows, and then these.
fn list(asked: &Asked, after: Option<&After>, limit: u32) -> QueryBuilder<Db> {
    let (filter, mut query) = (asked.filter, rows_where("issue_id IN (SELECT "));
    match (&asked.narrow, filter.assignee.filter(|_| is_of_one_person(filter))) {
        (Some(Narrow::WordsInOrder(words)), _) => push_in_order(&mut query, asked, words, after, limit),
        (_, Some(person)) => {
            query.push("issue_id FROM charges WHERE person_id = ").push_bind(person.0).push(" AND ");
            push_sorts(&mut query, asked.zones, filter, true);
            if filter.is_of_open() {
                query.push(" AND is_open = 1");
            }
            push_page(&mut query, filter, after, limit);
        }
        _ => {
            query.push("issue_id FROM issues WHERE ");
            push_filter(&mut query, asked);
            push_page(&mut query, filter, after, limit);
        }
    }
    query.push(")").push(order(filter));
    query
}

/// Those that can have the words, the latest report first, until so many of them are what is asked for. That the inner list has a limit
/// keeps its order.
fn push_in_order(query: &mut QueryBuilder<Db>, asked: &Asked, words: &str, after: Option<&After>, limit: u32) {
    query.push("entry FROM (SELECT r.issue_id AS entry FROM search_grams g JOIN search_rows r ON r.id = g.rowid ");
    query.push("WHERE search_grams MATCH ").push_bind(words.to_owned());
    if let Some(after) = after {
        push_after(query, "r.reported_at", "<", "r.issue_id", after);
    }
    query.push(" ORDER BY r.reported_at DESC, r.issue_id LIMIT ").push_bind(MANY);
    query.push(") CROSS JOIN issues WHERE issues.issue_id = entry AND ");
    push_filter(query, asked);
    query.push(" LIMIT ").push_bind(limit);
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

/// The conditions that issues and counters have in common. Within another order (`aside`) they are expressions, which no index
/// of theirs serves: a list is read in its own order, from an index that holds what filters ask.
fn push_sorts(query: &mut QueryBuilder<Db>, zones: Option<&[ZoneId]>, filter: &Filter, aside: bool) {
    let (number, text) = if aside { (" + 0", " || ''") } else { ("", "") };
    query.push("1 = 1");
    if let Some(zones) = zones {
        push_zones(query, number, zones.iter());
    }
    if !filter.states.is_empty() || filter.open {
        let wanted = |state: &State| filter.states.is_empty() || filter.states.contains(state);
        if aside && filter.states == [State::Void].into() && !filter.open {
            // As the index of these says it.
            query.push(" AND state = 'void'");
        }
        push_states(query, State::ALL.into_iter().filter(wanted).filter(|state| !filter.open || state.is_open()));
    }
    match (filter.zones.len(), filter.zones.first()) {
        (1, Some(zone)) => drop(query.push(format!(" AND zone_id{number} = ")).push_bind(zone.0)),
        (0, _) => {}
        _ => push_zones(query, number, filter.zones.iter()),
    }
    if let Some(kind) = filter.kind {
        query.push(format!(" AND kind{text} = ")).push_bind(kind.to_string());
    }
    if let Some(place_type) = filter.place_type {
        query.push(format!(" AND place_type{text} = ")).push_bind(place_type.code());
    }
}

fn push_zones<'a>(query: &mut QueryBuilder<Db>, number: &str, zones: impl Iterator<Item = &'a ZoneId>) {
    query.push(format!(" AND zone_id{number} IN ("));
    let mut list = query.separated(", ");
    for zone in zones {
        list.push_bind(zone.0);
    }
    // An empty list is not SQL everywhere; zero is no zone.
    list.push("0)");
}

fn push_states(query: &mut QueryBuilder<Db>, states: impl Iterator<Item = State>) {
    query.push(" AND state IN (");
    let mut list = query.separated(", ");
    for state in states {
        list.push_bind(state.code());
    }
    list.push("'')");
}

pub(super) fn push_filter(query: &mut QueryBuilder<Db>, asked: &Asked) {
    push_conditions(query, asked, asked.filter.is_of_open());
}

/// A count has no order to keep: of what nobody is in charge of, there is less than of what is open.
fn push_counted(query: &mut QueryBuilder<Db>, asked: &Asked) {
    let filter = asked.filter;
    let asks_deadline = filter.overdue || filter.pressing || filter.due_before.is_some();
    push_conditions(query, asked, filter.is_of_open() && (asks_deadline || !filter.unassigned));
}

/// Within the order of the deadlines, or outside of it.
fn push_conditions(query: &mut QueryBuilder<Db>, asked: &Asked, by_deadline: bool) {
    let Asked { zones, filter, now, narrow } = asked;
    let sort = filter.zones.len() == 1 && filter.kind.is_some() && narrow.is_none();
    push_sorts(query, *zones, filter, !sort || by_deadline);
    if by_deadline {
        // Says no more than the filter, but so that the index of open issues serves.
        query.push(" AND is_open = 1");
    }
    push_marks(query, filter, *now);
    push_times(query, filter, by_deadline);
    push_people(query, filter, by_deadline, narrow.is_some());
    push_words(query, filter);
    match narrow {
        None | Some(Narrow::WordsInOrder(_)) => {}
        Some(Narrow::Words(words)) => {
            query.push(" AND issues.issue_id IN (SELECT issue_id FROM search_rows WHERE id IN ");
            query.push("(SELECT rowid FROM search_grams WHERE search_grams MATCH ").push_bind(words.clone()).push("))");
        }
        Some(Narrow::Sorts) => push_rare(query, *zones, filter),
    }
}

/// By what the counters have any of: each is a stretch of the index of sorts.
fn push_rare(query: &mut QueryBuilder<Db>, zones: Option<&[ZoneId]>, filter: &Filter) {
    let sorts = Filter { states: [].into(), open: false, ..filter.clone() };
    query.push(
        " AND issues.issue_id IN (SELECT i.issue_id FROM (SELECT DISTINCT zone_id AS z, kind AS k, place_type AS p ",
    );
    query.push(format!("FROM tallies WHERE issue_count > 0 AND {EVERY_ZONE}"));
    push_sorts(query, zones, &sorts, false);
    query.push(") CROSS JOIN issues i WHERE i.zone_id = z AND i.kind = k AND i.place_type = p)");
}

fn push_people(query: &mut QueryBuilder<Db>, filter: &Filter, by_deadline: bool, narrow: bool) {
    if let Some(PersonId(person)) = filter.assignee {
        query
            .push(" AND issues.issue_id IN (SELECT issue_id FROM charges WHERE person_id = ")
            .push_bind(person)
            .push(")");
    }
    if filter.unassigned {
        // As the index of such issues says it; within those that are open, an expression that leaves their order to its own.
        let text = if by_deadline { " || ''" } else { "" };
        query.push(format!(" AND COALESCE(assignee_id, 0) = 0 AND responsible_ids{text} = ''"));
    }
    if let Some(PersonId(person)) = filter.reporter {
        let number = if narrow { " + 0" } else { "" };
        query.push(format!(" AND reporter_id{number} = ")).push_bind(person);
    }
}

fn push_words(query: &mut QueryBuilder<Db>, filter: &Filter) {
    for spellings in filter.words() {
        query.push(" AND (1 = 0");
        for word in spellings {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            query.push(" OR search LIKE ").push_bind(format!("%{escaped}%")).push(" ESCAPE '\\'");
            for kind in filter.own_called(&word) {
                query.push(" OR kind || '' = ").push_bind(kind.to_string());
            }
        }
        query.push(")");
    }
}

fn push_marks(query: &mut QueryBuilder<Db>, filter: &Filter, now: Timestamp) {
    if filter.supervised {
        query.push(" AND supervision_level IS NOT NULL");
    }
    // Few of all: found by their own indexes, whatever the order of the list.
    if filter.undecided {
        query.push(" AND issues.issue_id IN (SELECT issue_id FROM issues WHERE is_undecided = 1)");
    }
    if filter.asked {
        query.push(" AND issues.issue_id IN (SELECT issue_id FROM issues WHERE is_asked = 1)");
    }
    if let Some(issue) = filter.linked {
        query.push(" AND (merged_into = ").push_bind(issue.to_string());
        query.push(" OR recurrence_of = ").push_bind(issue.to_string()).push(")");
    }
    for before in [filter.overdue.then_some(now), filter.due_before].into_iter().flatten() {
        push_due(query.push(" AND "), before);
    }
    if filter.pressing {
        query.push(" AND (supervision_level IS NOT NULL OR (");
        push_due(query, now + DUE_SOON);
        query.push("))");
    }
}

/// The clock runs and the deadline is before this moment, in words that the index of open issues holds.
fn push_due(query: &mut QueryBuilder<Db>, before: Timestamp) {
    query.push(format!("{DUE} < ")).push_bind(before.0);
    push_states(query, State::ALL.into_iter().filter(|state| state.clock_runs()));
}

/// Within the order of the deadlines as expressions, which leave it to its own index.
fn push_times(query: &mut QueryBuilder<Db>, filter: &Filter, by_deadline: bool) {
    let number = if by_deadline { " + 0" } else { "" };
    let times = [
        ("reported_at", number, " >=", filter.reported_from),
        ("reported_at", number, " <", filter.reported_before),
        ("is_open = 0 AND closed_at", "", " >=", filter.closed_from),
        ("is_open = 0 AND closed_at", "", " <", filter.closed_before),
    ];
    for (column, number, relation, at) in times {
        if let Some(at) = at {
            query.push(format!(" AND {column}{number}{relation} ")).push_bind(at.0);
        }
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

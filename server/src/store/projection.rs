//! The office store: rows made from a document, one table of columns for writing, reading back and comparing them.
//! Knows documents and SQL; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Row as _, TypeInfo, ValueRef};
use xiaohao_shared::doc::{Conflict, Document};
use xiaohao_shared::id::{ChangeHash, IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::kind_info;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Appeal, Contact, Issue, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::groups::{groups, places};
use super::log::issue_id;
use super::{Connection, Db, Pool, StoreError, drifts, number, search, supervision, tallies, weekly};

/// A value in SQL.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! cell_from {
    ($($from:ty => $to:expr),* $(,)?) => { $(impl From<$from> for Cell { fn from(value: $from) -> Self { $to(value) } })* };
}
cell_from! {
    bool => |value| Cell::Int(i64::from(value)),
    u32 => |value| Cell::Int(i64::from(value)),
    u64 => |value| Cell::Int(number(value)),
    f64 => Cell::Real,
    &str => |value: &str| Cell::Text(value.into()),
    String => Cell::Text,
    Timestamp => |value: Timestamp| Cell::Int(value.0),
    IssueId => |value: IssueId| Cell::Text(value.to_string()),
    PhotoId => |value: PhotoId| Cell::Text(value.to_string()),
    PersonId => |value: PersonId| Cell::Int(value.0.into()),
    ZoneId => |value: ZoneId| Cell::Int(value.0.into()),
}

pub type Row = Vec<Cell>;

/// The rows of one issue, by table.
pub type Rows = BTreeMap<&'static str, Vec<Row>>;

/// Tables with their columns, those of the key first, and how many these are.
const TABLES: [(&str, usize, &[&str]); 8] = [
    (
        "issues",
        1,
        &[
            "issue_id",
            "number",
            "zone_id",
            "kind",
            "kind_name",
            "place_type",
            "description",
            "address",
            "landmark",
            "latitude",
            "longitude",
            "accuracy_m",
            "datum",
            "severity",
            "state",
            "is_open",
            "clock_runs",
            "reporter_id",
            "reported_at",
            "received_at",
            "assignee_id",
            "due_at",
            "extensions",
            "priority",
            "supervision_level",
            "supervision_number",
            "supervision_due_at",
            "duplicate_of",
            "recurrence_of",
            "is_undecided",
            "is_asked",
            "self_handled",
            "closed_at",
            "touched_at",
            "thumbnail",
            "photo_count",
            "responsible_ids",
            "search",
            "handed_in_at",
            "reworks",
            "closed_received_at",
            "merged_into",
            "appeal",
        ],
    ),
    (
        "steps",
        2,
        &[
            "issue_id",
            "step_id",
            "position",
            "action",
            "from_state",
            "to_state",
            "by_id",
            "occurred_at",
            "received_at",
            "reason",
            "until_at",
            "adopted_by",
        ],
    ),
    ("remarks", 2, &["issue_id", "remark_id", "position", "by_id", "occurred_at", "received_at", "text", "adopted_by"]),
    (
        "contacts",
        2,
        &[
            "issue_id",
            "contact_id",
            "position",
            "by_id",
            "occurred_at",
            "written_at",
            "received_at",
            "manner",
            "result",
            "text",
            "adopted_by",
        ],
    ),
    (
        "photos",
        2,
        &["issue_id", "sha256", "thumbnail", "stage", "by_id", "taken_at", "width", "height", "size", "mime"],
    ),
    ("responsible", 2, &["issue_id", "person_id", "part"]),
    ("charges", 2, &["issue_id", "person_id", "zone_id", "state", "is_open", "due_at", "reported_at"]),
    ("conflicts", 3, &["issue_id", "field", "rank", "value", "by_id", "at"]),
];

/// Where a column stands in the rows of its table.
pub(super) fn column(table: &str, name: &str) -> usize {
    let (.., columns) = TABLES.iter().find(|(found, ..)| *found == table).unwrap_or(&TABLES[0]);
    columns.iter().position(|column| *column == name).unwrap_or(usize::MAX)
}

/// What the projection needs beside the document.
pub struct Context<'a> {
    pub number: &'a str,
    /// When the server received each change.
    pub received: &'a BTreeMap<ChangeHash, Timestamp>,
}

/// What a document says, as far as rows are made of it.
pub struct Told {
    pub issue: Issue,
    pub conflicts: Vec<Conflict>,
}

impl Told {
    pub fn by(document: &Document, issue: Issue) -> Self {
        Self { issue, conflicts: document.conflicts() }
    }
}

/// Which changes brought each record, see [`Document::brought_by`]. Of an earlier state the first of them is true as well.
pub type BroughtBy = BTreeMap<(&'static str, String), Vec<ChangeHash>>;

/// The rows that a document amounts to. Pure: `rebuild` and `verify` rest on it.
pub fn project(Told { issue, conflicts }: &Told, brought_by: &BroughtBy, context: &Context<'_>) -> Rows {
    let received = |map: &'static str, id: &str| {
        let hashes = brought_by.get(&(map, id.to_owned()))?;
        hashes.iter().filter_map(|hash| context.received.get(hash)).min().copied()
    };
    let summary = Summary::of(issue, Some(context.number.into()), !conflicts.is_empty());
    let first = context.received.values().min().copied().unwrap_or_default();
    let closed_received = issue.ended_by().and_then(|step| received("steps", &step.id));
    let mut rows = Rows::from([("issues", vec![issue_row(issue, &summary, first, closed_received)])]);
    let steps = issue.steps.iter().enumerate().map(|(at, entry)| {
        let step = &entry.record;
        let (from, to) = (step.from.map(State::code), step.to.map(State::code));
        let (at, id, received) = (at as u64, entry.id.clone(), received("steps", &entry.id));
        let head: Row = vec![issue.id.into(), id.into(), at.into(), word(&step.action), from.into(), to.into()];
        let reason = step.reason.as_str();
        let tail: Row = vec![step.by.into(), step.at.into(), received.into(), reason.into(), step.until.into()];
        [head, tail, vec![step.adopted_by.into()]].concat()
    });
    rows.insert("steps", steps.collect());
    let (mut remarks, mut contacts) = (Vec::new(), Vec::new());
    for (at, entry) in issue.remarks.iter().enumerate() {
        let (remark, received) = (&entry.record, received("remarks", &entry.id));
        let head: Row = vec![issue.id.into(), entry.id.clone().into(), (at as u64).into(), remark.by.into()];
        let times: Row = vec![remark.at.into(), received.into()];
        let tail: Row = vec![remark.text.as_str().into(), remark.adopted_by.into()];
        match remark.contact {
            None => remarks.push([head, times, tail].concat()),
            Some(Contact { at, manner, result }) => {
                let how = vec![manner.code().into(), result.code().into()];
                contacts.push([head, vec![at.into()], times, how, tail].concat());
            }
        }
    }
    rows.insert("remarks", remarks);
    rows.insert("contacts", contacts);
    let photos = issue.photos.iter().map(|(sha, photo)| {
        let head: Row = vec![issue.id.into(), (*sha).into(), photo.thumb.into(), word(&photo.stage), photo.by.into()];
        let size: Row = vec![photo.taken_at.into(), photo.w.into(), photo.h.into(), photo.size.into()];
        [head, size, vec![photo.mime.as_str().into()]].concat()
    });
    rows.insert("photos", photos.collect());
    let responsible = issue.responsible.iter();
    let responsible = responsible.map(|(person, part)| vec![issue.id.into(), (*person).into(), word(part)]);
    rows.insert("responsible", responsible.collect());
    rows.insert("charges", charges(issue));
    let versions = conflicts.iter().flat_map(|conflict| {
        conflict.versions.iter().enumerate().map(|(rank, version)| {
            let value = serde_json::to_string(&version.value).unwrap_or_default();
            let head: Row = vec![issue.id.into(), conflict.register.key().into(), (rank as u64).into(), value.into()];
            [head, vec![version.by.into(), version.at.into()]].concat()
        })
    });
    rows.insert("conflicts", versions.collect());
    rows
}

/// Whoever has it in charge, once each.
fn charges(issue: &Issue) -> Vec<Row> {
    let persons: BTreeSet<PersonId> = issue.responsible.keys().copied().chain(issue.assignee).collect();
    let row = |person: PersonId| {
        let head: Row = vec![issue.id.into(), person.into(), issue.zone.into(), issue.state.code().into()];
        let tail: Row = vec![issue.state.is_open().into(), issue.due.into(), issue.reported_at.into()];
        [head, tail].concat()
    };
    persons.into_iter().map(row).collect()
}

fn issue_row(issue: &Issue, summary: &Summary, received_at: Timestamp, closed_received: Option<Timestamp>) -> Row {
    let fix = issue.place.fix.as_ref();
    let kind_name = kind_info(issue.kind).map_or("", |info| info.zh);
    let supervision = issue.supervision.as_ref();
    let taken = |action: Action| issue.steps.iter().rev().find(move |step| step.record.action == action);
    let reworks = issue.steps.iter().filter(|step| step.record.action == Action::Rework).count();
    let responsible: Vec<String> = summary.responsible.iter().map(ToString::to_string).collect();
    vec![
        issue.id.into(),
        summary.number.clone().into(),
        issue.zone.into(),
        issue.kind.to_string().into(),
        kind_name.into(),
        issue.place_type.code().into(),
        issue.description.as_str().into(),
        issue.place.address.as_str().into(),
        issue.place.landmark.as_str().into(),
        fix.map(|fix| fix.lat).into(),
        fix.map(|fix| fix.lon).into(),
        fix.map(|fix| fix.accuracy_m).into(),
        fix.map_or("", |fix| fix.datum.as_str()).into(),
        issue.severity.code().into(),
        issue.state.code().into(),
        issue.state.is_open().into(),
        issue.state.clock_runs().into(),
        issue.reporter.into(),
        issue.reported_at.into(),
        received_at.into(),
        issue.assignee.into(),
        issue.due.into(),
        issue.extensions.into(),
        issue.priority.into(),
        supervision.map(|supervision| level_code(supervision.level)).into(),
        supervision.map(|supervision| supervision.number.clone()).into(),
        supervision.and_then(|supervision| supervision.due).into(),
        issue.duplicate_of.into(),
        issue.recurrence_of.into(),
        summary.undecided.into(),
        summary.asked.into(),
        taken(Action::FixOnSpot).is_some().into(),
        summary.closed_at.into(),
        summary.touched_at.into(),
        summary.thumb.into(),
        summary.photos.into(),
        responsible.join(",").into(),
        search_text(summary).into(),
        issue.handed_in().map(|step| step.at).into(),
        (reworks as u64).into(),
        closed_received.into(),
        issue.merged_into().into(),
        issue.appeal().map(Appeal::code).into(),
    ]
}

/// The fields in which a text search looks, in small letters; the same as `Filter::matches` looks in. What an office calls its own
/// kinds may change and is asked when somebody searches.
fn search_text(summary: &Summary) -> String {
    let info = kind_info(summary.kind);
    let names = info.map_or(["", "", ""], |info| [info.zh, info.en, info.aliases]);
    let number = summary.number.as_deref().unwrap_or("");
    let fields = [summary.description.as_str(), &summary.address, number];
    [fields, names].concat().join("\n").to_lowercase()
}

pub(super) fn level_code(level: SupervisionLevel) -> &'static str {
    match level {
        SupervisionLevel::Office => "office",
        SupervisionLevel::City => "city",
    }
}

/// How serde spells a plain enum, so that SQL, JSON and documents use one word.
fn word<T: serde::Serialize>(value: &T) -> Cell {
    let json = serde_json::to_value(value).ok();
    Cell::Text(json.and_then(|json| json.as_str().map(String::from)).unwrap_or_default())
}

/// The rows of an issue, as they are and as they shall be.
pub struct Rewrite {
    pub issue: IssueId,
    /// `None`: nobody knows what stands there.
    pub before: Option<Rows>,
    pub after: Rows,
}

impl Rewrite {
    pub(super) fn table<'a>(rows: &'a Rows, table: &str) -> &'a [Row] {
        rows.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether rows stand there that are to go.
    fn takes_away(&self, table: &str, key: usize) -> bool {
        let Some(before) = &self.before else { return true };
        let after = Self::table(&self.after, table);
        let stays = |row: &Row| after.iter().any(|kept| kept[..key] == row[..key]);
        !Self::table(before, table).iter().all(stays)
    }

    /// The rows that do not stand there as they shall, each after the one of its key that stands there.
    fn brings<'a>(&'a self, table: &str, key: usize) -> impl Iterator<Item = (Option<&'a Row>, &'a Row)> {
        let nothing_stays = self.takes_away(table, key);
        let before = self.before.as_ref().filter(|_| !nothing_stays).map_or(&[][..], |rows| Self::table(rows, table));
        let differ = Self::table(&self.after, table).iter().filter(|row| !before.contains(row));
        differ.map(move |row| (before.iter().find(|stands| stands[..key] == row[..key]), row))
    }
}

/// Writes the rows of issues, as far as they differ from what stands there, and keeps the counters in step.
pub async fn write(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    tallies::keep(tx, all).await?;
    for (table, key, columns) in TABLES {
        for rewrite in all.iter().filter(|rewrite| rewrite.takes_away(table, key)) {
            let delete = format!("DELETE FROM {table} WHERE issue_id = $1");
            sqlx::query(AssertSqlSafe(delete)).bind(rewrite.issue.to_string()).execute(&mut *tx).await?;
        }
        let mut new: Vec<&Row> = Vec::new();
        for rewrite in all {
            for (stands, row) in rewrite.brings(table, key) {
                if !changed(tx, (table, key, columns), stands, row).await? {
                    new.push(row);
                }
            }
        }
        for group in groups(&new) {
            let query = sqlx::query(AssertSqlSafe(upsert(table, key, columns, group.len())));
            let cells = group.iter().flat_map(|row| row.iter());
            cells.fold(query, bound).execute(&mut *tx).await?;
        }
    }
    search::keep(tx, all).await?;
    drifts::keep(tx, all).await?;
    weekly::keep(tx, all).await?;
    supervision::keep(tx, all).await
}

type Bound<'q> = sqlx::query::Query<'q, Db, sqlx::sqlite::SqliteArguments>;

fn bound<'q>(query: Bound<'q>, cell: &'q Cell) -> Bound<'q> {
    match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Int(value) => query.bind(*value),
        Cell::Real(value) => query.bind(*value),
        Cell::Text(value) => query.bind(value.as_str()),
    }
}

/// Writes the cells of a row that are not as they stand, so that only the indexes of these are touched. Whether there was such a row.
async fn changed(
    tx: &mut Connection,
    (table, key, columns): (&str, usize, &[&str]),
    stands: Option<&Row>,
    row: &Row,
) -> Result<bool, StoreError> {
    let Some(stands) = stands else { return Ok(false) };
    let differ: Vec<usize> = (key..columns.len()).filter(|at| stands[*at] != row[*at]).collect();
    let places = |all: &[usize], first: usize, and: &str| {
        let terms = all.iter().enumerate().map(|(at, column)| format!("{} = ${}", columns[*column], first + at));
        terms.collect::<Vec<_>>().join(and)
    };
    let keys: Vec<usize> = (0..key).collect();
    let (sets, whose) = (places(&differ, 1, ", "), places(&keys, 1 + differ.len(), " AND "));
    let query = sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET {sets} WHERE {whose}")));
    let query = differ.iter().chain(&keys).map(|at| &row[*at]).fold(query, bound);
    Ok(query.execute(tx).await?.rows_affected() > 0)
}

/// A row that stands there against all expectation is overwritten: an issue must not be shut for ever by it.
fn upsert(table: &str, key: usize, columns: &[&str], rows: usize) -> String {
    let sets: Vec<String> = columns[key..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let (names, keys) = (columns.join(", "), columns[..key].join(", "));
    let places = places(rows, columns.len());
    format!("INSERT INTO {table} ({names}) VALUES {places} ON CONFLICT ({keys}) DO UPDATE SET {}", sets.join(", "))
}

/// The rows of an issue as they stand in the store.
pub async fn read(tx: &mut Connection, issue: IssueId) -> Result<Rows, StoreError> {
    let mut rows = Rows::new();
    for (table, _, columns) in TABLES {
        let sql = format!("SELECT {} FROM {table} WHERE issue_id = $1 ORDER BY 1, 2, 3", columns.join(", "));
        let found = sqlx::query(AssertSqlSafe(sql)).bind(issue.to_string()).fetch_all(&mut *tx).await?;
        let cells = |row: &sqlx::sqlite::SqliteRow| (0..columns.len()).map(|at| cell(row, at)).collect();
        rows.insert(table, found.iter().map(cells).collect::<Result<_, _>>()?);
    }
    Ok(rows)
}

/// Every issue of which there is a row in any table.
pub async fn issues(tx: &mut Connection) -> Result<Vec<IssueId>, StoreError> {
    let all = TABLES.map(|(table, ..)| format!("SELECT issue_id FROM {table}")).join(" UNION ");
    let ids: Vec<String> = sqlx::query_scalar(AssertSqlSafe(all)).fetch_all(tx).await?;
    ids.iter().map(|id| issue_id(id)).collect()
}

fn cell(row: &sqlx::sqlite::SqliteRow, at: usize) -> Result<Cell, StoreError> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" => Cell::Int(row.try_get_unchecked(at)?),
        "REAL" => Cell::Real(row.try_get_unchecked(at)?),
        _ => Cell::Text(row.try_get_unchecked(at)?),
    })
}

/// The issue and zone that name a photo, and whether as a thumbnail; `None` where nobody does, or its bytes are here.
pub async fn lacking_photo(pool: &Pool, sha: PhotoId) -> Result<Option<(IssueId, ZoneId, bool)>, StoreError> {
    let sql = "SELECT p.issue_id, i.zone_id, CASE WHEN p.sha256 = $1 THEN 0 ELSE 1 END FROM photos p \
               JOIN issues i ON i.issue_id = p.issue_id WHERE (p.sha256 = $1 OR p.thumbnail = $1) \
               AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha = $1) \
               AND NOT EXISTS (SELECT 1 FROM removed_photos r WHERE r.sha = $1) LIMIT 1";
    let row: Option<(String, u32, i64)> = sqlx::query_as(sql).bind(sha.to_string()).fetch_optional(pool).await?;
    row.map(|(issue, zone, thumb)| Ok((super::log::issue_id(&issue)?, ZoneId(zone), thumb != 0))).transpose()
}

/// The zones of the issues that name a photo or thumbnail.
pub async fn photo_zones(pool: &Pool, photo: PhotoId) -> Result<Vec<ZoneId>, StoreError> {
    let sql = "SELECT DISTINCT i.zone_id FROM photos p JOIN issues i ON i.issue_id = p.issue_id \
               WHERE p.sha256 = $1 OR p.thumbnail = $1";
    let zones: Vec<u32> = sqlx::query_scalar(sql).bind(photo.to_string()).fetch_all(pool).await?;
    Ok(zones.into_iter().map(ZoneId).collect())
}

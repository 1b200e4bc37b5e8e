//! Boards and lists: read-only SQL over the projection, with the meaning of `shared::model::filter`.

use sqlx::{QueryBuilder, Row};
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::catalogue::PlaceType;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::model::{Severity, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::log::issue_id;
use super::projection::level_code;
use super::{Db, Pool, StoreError};

const COLUMNS: &str = "SELECT issue_id, number, zone_id, kind, place_type, description, address, landmark, latitude, \
    longitude, severity, state, reporter_id, reported_at, assignee_id, due_at, priority, supervision_level, \
    is_undecided, is_asked, touched_at, thumbnail, photo_count, responsible_ids FROM issues WHERE ";

/// Where a list goes on: the sort key and the id of the last row.
pub type After = (i64, String);

/// How many issues of each state match.
pub async fn counts(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
) -> Result<Vec<(State, u64)>, StoreError> {
    let mut query = QueryBuilder::new("SELECT state, COUNT(*) FROM issues WHERE ");
    push_filter(&mut query, zones, filter, now);
    query.push(" GROUP BY state");
    let rows: Vec<(String, i64)> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(|(code, count)| Ok((state(&code)?, count.unsigned_abs()))).collect()
}

/// The most urgent first: earliest deadline, then newest id.
pub async fn by_deadline(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let mut query = QueryBuilder::new(COLUMNS);
    push_filter(&mut query, zones, filter, now);
    if let Some((due, id)) = after {
        let key = "COALESCE(due_at, 9223372036854775807)";
        query.push(format!(" AND ({key} > ")).push_bind(*due);
        query.push(format!(" OR ({key} = ")).push_bind(*due);
        query.push(" AND issue_id > ").push_bind(id.clone()).push("))");
    }
    query.push(" ORDER BY COALESCE(due_at, 9223372036854775807), issue_id LIMIT ").push_bind(limit);
    query.build().fetch_all(pool).await?.iter().map(read).collect()
}

/// The latest report first.
pub async fn newest(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Summary>, StoreError> {
    let mut query = QueryBuilder::new(COLUMNS);
    push_filter(&mut query, zones, filter, now);
    if let Some((reported_at, id)) = after {
        query.push(" AND (reported_at < ").push_bind(*reported_at);
        query.push(" OR (reported_at = ").push_bind(*reported_at);
        query.push(" AND issue_id > ").push_bind(id.clone()).push("))");
    }
    query.push(" ORDER BY reported_at DESC, issue_id LIMIT ").push_bind(limit);
    query.build().fetch_all(pool).await?.iter().map(read).collect()
}

pub(super) fn push_filter(query: &mut QueryBuilder<Db>, zones: Option<&[ZoneId]>, filter: &Filter, now: Timestamp) {
    query.push("1 = 1");
    if let Some(zones) = zones {
        query.push(" AND zone_id IN (");
        let mut list = query.separated(", ");
        for zone in zones {
            list.push_bind(zone.0);
        }
        // An empty list is not SQL everywhere; zero is no zone.
        list.push("0)");
    }
    if !filter.states.is_empty() {
        query.push(" AND state IN (");
        let mut list = query.separated(", ");
        for state in &filter.states {
            list.push_bind(state.code());
        }
        list.push_unseparated(")");
    }
    push_marks(query, filter, now);
    if let Some(zone) = filter.zone {
        query.push(" AND zone_id = ").push_bind(zone.0);
    }
    if let Some(kind) = filter.kind {
        query.push(" AND kind = ").push_bind(kind.to_string());
    }
    if let Some(place_type) = filter.place_type {
        query.push(" AND place_type = ").push_bind(place_type.code());
    }
    if let Some(PersonId(person)) = filter.assignee {
        query.push(" AND (assignee_id = ").push_bind(person);
        query.push(" OR EXISTS (SELECT 1 FROM responsible r WHERE r.issue_id = issues.issue_id AND r.person_id = ");
        query.push_bind(person).push("))");
    }
    if let Some(PersonId(person)) = filter.reporter {
        query.push(" AND reporter_id = ").push_bind(person);
    }
    for word in filter.text.to_lowercase().split_whitespace() {
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query.push(" AND search LIKE ").push_bind(format!("%{escaped}%")).push(" ESCAPE '\\'");
    }
}

fn push_marks(query: &mut QueryBuilder<Db>, filter: &Filter, now: Timestamp) {
    if filter.supervised {
        query.push(" AND supervision_level IS NOT NULL");
    }
    if filter.overdue {
        query.push(" AND clock_runs = 1 AND due_at < ").push_bind(now.0);
    }
    if filter.undecided {
        query.push(" AND is_undecided = 1");
    }
    if filter.open {
        query.push(" AND is_open = 1");
    }
}

pub(super) fn state(code: &str) -> Result<State, StoreError> {
    State::from_code(code).ok_or_else(|| StoreError::Damaged(format!("state {code:?}")))
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Summary, StoreError> {
    const EXCERPT: usize = 60;
    let damaged = |what: &str| StoreError::Damaged(format!("issues.{what}"));
    let (address, landmark): (String, String) = (row.try_get("address")?, row.try_get("landmark")?);
    let (lat, lon): (Option<f64>, Option<f64>) = (row.try_get("latitude")?, row.try_get("longitude")?);
    let level: Option<String> = row.try_get("supervision_level")?;
    let levels = [SupervisionLevel::Office, SupervisionLevel::City];
    let thumb: Option<String> = row.try_get("thumbnail")?;
    let responsible: String = row.try_get("responsible_ids")?;
    let description: String = row.try_get("description")?;
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
        supervision: level.and_then(|code| levels.into_iter().find(|level| level_code(*level) == code)),
        undecided: row.try_get::<i64, _>("is_undecided")? != 0,
        asked: row.try_get::<i64, _>("is_asked")? != 0,
        thumb: thumb.and_then(|hex| hex.parse().ok()),
        photos: row.try_get("photo_count")?,
        touched_at: Timestamp(row.try_get("touched_at")?),
    })
}

/// The key after which the next page begins.
pub fn after(row: &Summary, newest: bool) -> After {
    let key = if newest { row.reported_at.0 } else { row.due.map_or(i64::MAX, |due| due.0) };
    (key, row.id.to_string())
}

//! What goes into a file: which issues, and their rows a page at a time, so that no file is ever held whole.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, QueryBuilder, Row};
use xiaohao_shared::id::{IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::{Kind, PlaceType};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::model::{Severity, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::board::{Asked, SOME, level, order, push_filter, state};
use super::groups::{lists, places};
use super::log::issue_id;
use super::{Pool, StoreError};

/// One issue as a list outside shows it.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: IssueId,
    pub number: String,
    pub zone: ZoneId,
    pub kind: Kind,
    pub kind_name: String,
    pub place_type: PlaceType,
    pub description: String,
    pub address: String,
    pub landmark: String,
    pub position: Option<(f64, f64)>,
    pub severity: Severity,
    pub state: State,
    pub reporter: PersonId,
    pub reported_at: Timestamp,
    pub received_at: Timestamp,
    pub assignee: Option<PersonId>,
    pub responsible: Vec<PersonId>,
    /// What the last dispatch demanded (整改要求); empty where it said nothing.
    pub demand: String,
    pub due: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub extensions: u32,
    pub priority: bool,
    pub supervision: Option<SupervisionLevel>,
    pub supervision_number: String,
    pub self_handled: bool,
    pub undecided: bool,
    pub photos: u32,
    /// Handed in or ended so many milliseconds late; an appeal does not change it.
    pub overtime: Option<i64>,
    /// How an appeal against it stands.
    pub appeal: Option<String>,
    /// How often residents were spoken to.
    pub contacts: u32,
}

/// The issues of a list in its order. Sixteen bytes each: the list stands still while the file is written, and no connection with it.
pub async fn ids(
    pool: &Pool,
    zones: Option<&[ZoneId]>,
    filter: &Filter,
    now: Timestamp,
) -> Result<Vec<IssueId>, StoreError> {
    use futures_util::TryStreamExt;
    let mut query = QueryBuilder::new("SELECT issue_id FROM issues WHERE ");
    push_filter(&mut query, &Asked::of(pool, zones, filter, now, SOME).await?);
    query.push(order(filter));
    let mut rows = query.build().fetch(pool);
    let mut ids = Vec::new();
    while let Some(row) = rows.try_next().await? {
        ids.push(issue_id(row.try_get("issue_id")?)?);
    }
    Ok(ids)
}

/// The lines of these issues, in the order asked for. One that is gone meanwhile is left out.
pub async fn lines(pool: &Pool, ids: &[IssueId]) -> Result<Vec<Line>, StoreError> {
    let mut found = BTreeMap::new();
    for list in lists(ids) {
        for row in select(pool, "SELECT * FROM issues WHERE issue_id IN ", "", &list).await? {
            let line = read(&row)?;
            found.insert(line.id, line);
        }
        for (issue, demand) in demands(pool, &list).await? {
            found.entry(issue).and_modify(|line| line.demand = demand);
        }
        let contacts = "SELECT issue_id FROM contacts WHERE issue_id IN ";
        for row in select(pool, contacts, "", &list).await? {
            if let Some(line) = found.get_mut(&issue_id(row.try_get("issue_id")?)?) {
                line.contacts += 1;
            }
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What the last dispatch of each issue asked for.
pub async fn demands(pool: &Pool, ids: &[IssueId]) -> Result<BTreeMap<IssueId, String>, StoreError> {
    let sql = "SELECT issue_id, reason FROM steps WHERE action = 'dispatch' AND issue_id IN ";
    let mut demands = BTreeMap::new();
    for list in lists(ids) {
        for row in select(pool, sql, " ORDER BY issue_id, position", &list).await? {
            demands.insert(issue_id(row.try_get("issue_id")?)?, row.try_get("reason")?);
        }
    }
    Ok(demands)
}

/// All that is said of these issues; rows of lists have its beginning.
pub async fn descriptions(pool: &Pool, ids: &[IssueId]) -> Result<BTreeMap<IssueId, String>, StoreError> {
    let mut descriptions = BTreeMap::new();
    for list in lists(ids) {
        for row in select(pool, "SELECT issue_id, description FROM issues WHERE issue_id IN ", "", &list).await? {
            descriptions.insert(issue_id(row.try_get("issue_id")?)?, row.try_get("description")?);
        }
    }
    Ok(descriptions)
}

/// The first thumbnail of before and the last of after, of each issue that has them.
pub async fn thumbnails(pool: &Pool, ids: &[IssueId]) -> Result<BTreeMap<IssueId, [Option<PhotoId>; 2]>, StoreError> {
    let mut found: BTreeMap<IssueId, [Option<PhotoId>; 2]> = BTreeMap::new();
    for list in lists(ids) {
        let photos = "SELECT issue_id, stage, thumbnail FROM photos WHERE thumbnail IS NOT NULL AND issue_id IN ";
        for row in select(pool, photos, " ORDER BY issue_id, taken_at, sha256", &list).await? {
            let pair = found.entry(issue_id(row.try_get("issue_id")?)?).or_default();
            let thumb = row.try_get::<&str, _>("thumbnail")?.parse().ok();
            match row.try_get("stage")? {
                "before" => pair[0] = pair[0].or(thumb),
                "after" => pair[1] = thumb.or(pair[1]),
                _ => {}
            }
        }
    }
    Ok(found)
}

async fn select(
    pool: &Pool,
    head: &str,
    tail: &str,
    ids: &[IssueId],
) -> Result<Vec<sqlx::sqlite::SqliteRow>, StoreError> {
    let mut query = sqlx::query(AssertSqlSafe(format!("{head}{}{tail}", places(1, ids.len()))));
    for id in ids {
        query = query.bind(id.to_string());
    }
    Ok(query.fetch_all(pool).await?)
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Line, StoreError> {
    let responsible: String = row.try_get("responsible_ids")?;
    let (lat, lon): (Option<f64>, Option<f64>) = (row.try_get("latitude")?, row.try_get("longitude")?);
    let flag = |column: &str| row.try_get::<i64, _>(column).map(|flag| flag != 0);
    let time = |column: &str| row.try_get::<Option<i64>, _>(column).map(|time| time.map(Timestamp));
    let kind: &str = row.try_get("kind")?;
    let back = time("handed_in_at")?.or(time("closed_at")?);
    Ok(Line {
        id: issue_id(row.try_get("issue_id")?)?,
        number: row.try_get("number")?,
        zone: ZoneId(row.try_get("zone_id")?),
        kind: kind.parse().map_err(|_| StoreError::Damaged(format!("kind {kind:?}")))?,
        kind_name: row.try_get("kind_name")?,
        place_type: PlaceType::from_code(row.try_get("place_type")?).unwrap_or_default(),
        description: row.try_get("description")?,
        address: row.try_get("address")?,
        landmark: row.try_get("landmark")?,
        position: lat.zip(lon),
        severity: Severity::from_code(row.try_get("severity")?).unwrap_or_default(),
        state: state(row.try_get("state")?)?,
        reporter: PersonId(row.try_get("reporter_id")?),
        reported_at: Timestamp(row.try_get("reported_at")?),
        received_at: Timestamp(row.try_get("received_at")?),
        assignee: row.try_get::<Option<u32>, _>("assignee_id")?.map(PersonId),
        responsible: responsible.split(',').filter_map(|id| id.parse().ok()).collect(),
        demand: String::new(),
        due: time("due_at")?,
        closed_at: time("closed_at")?,
        extensions: row.try_get("extensions")?,
        priority: flag("priority")?,
        supervision: level(row.try_get("supervision_level")?),
        supervision_number: row.try_get::<Option<String>, _>("supervision_number")?.unwrap_or_default(),
        self_handled: flag("self_handled")?,
        undecided: flag("is_undecided")?,
        photos: row.try_get("photo_count")?,
        overtime: back.zip(time("due_at")?).map(|(back, due)| back - due).filter(|late| *late > 0),
        appeal: row.try_get("appeal")?,
        contacts: 0,
    })
}

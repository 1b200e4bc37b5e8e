//! Rounds through zones (巡查) as phones told of them. None of it can be made from the log, so `rebuild` leaves it alone.

use sqlx::Row;
use xiaohao_shared::api::Round;
use xiaohao_shared::id::{DeviceId, PatrolId, PersonId, ZoneId};
use xiaohao_shared::model::indicator::Span;
use xiaohao_shared::model::patrol::{Doubt, LONGEST, Patrol};
use xiaohao_shared::time::Timestamp;

use super::{Connection, StoreError};

pub async fn insert(tx: &mut Connection, round: &Round, by: DeviceId) -> Result<(), StoreError> {
    let sql = "INSERT INTO patrols (patrol_id, zone_id, person_id, device_id, begun_at, ended_at, found, skew_ms, \
               received_at, doubt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let Patrol { id, zone, found, skew, .. } = round.patrol;
    let span = round.patrol.span();
    let query = sqlx::query(sql).bind(id.0.to_string()).bind(zone.0).bind(round.person.0).bind(by.0.cast_signed());
    let query = query.bind(span.from.0).bind(span.before.0).bind(found).bind(skew).bind(round.received_at.0);
    query.bind(round.doubt.map(Doubt::code)).execute(tx).await?;
    Ok(())
}

const COLUMNS: &str =
    "SELECT patrol_id, zone_id, person_id, begun_at, ended_at, found, skew_ms, received_at, doubt FROM patrols ";

pub async fn find(tx: &mut Connection, id: PatrolId) -> Result<Option<Round>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}WHERE patrol_id = $1"));
    let row = sqlx::query(sql).bind(id.0.to_string()).fetch_optional(tx).await?;
    row.map(|row| read(&row)).transpose()
}

/// Those that lie in a span at least in part, the newest first.
pub async fn within(tx: &mut Connection, span: Span) -> Result<Vec<Round>, StoreError> {
    let sql =
        format!("{COLUMNS}WHERE begun_at >= $1 AND begun_at < $2 AND ended_at > $3 ORDER BY begun_at DESC, patrol_id");
    // None is longer, so the index is walked from there.
    let earliest = span.from + -LONGEST;
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(earliest.0).bind(span.before.0).bind(span.from.0);
    query.fetch_all(tx).await?.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Round, StoreError> {
    let id: String = row.try_get("patrol_id")?;
    let skew: i64 = row.try_get("skew_ms")?;
    let time = |name: &str| row.try_get(name).map(|at| Timestamp(at) + skew.saturating_neg());
    let patrol = Patrol {
        id: PatrolId(id.parse().map_err(|_| StoreError::Damaged(format!("patrol {id:?}")))?),
        zone: ZoneId(row.try_get("zone_id")?),
        begun_at: time("begun_at")?,
        ended_at: time("ended_at")?,
        found: row.try_get("found")?,
        skew,
    };
    let doubt: Option<String> = row.try_get("doubt")?;
    let person = PersonId(row.try_get("person_id")?);
    let received_at = Timestamp(row.try_get("received_at")?);
    Ok(Round { patrol, person, received_at, doubt: doubt.as_deref().and_then(Doubt::from_code) })
}

/// How many rounds of a person were received since then.
/// When the `number`th last one of a person came.
pub async fn received_last(
    tx: &mut Connection,
    person: PersonId,
    number: i64,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT received_at FROM patrols WHERE person_id = $1 ORDER BY received_at DESC LIMIT 1 OFFSET $2";
    let at = sqlx::query_scalar::<_, i64>(sql).bind(person.0).bind(number - 1).fetch_optional(tx).await?;
    Ok(at.map(Timestamp))
}

/// When the office's first round began.
pub async fn first(tx: &mut Connection) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT MIN(begun_at) FROM patrols WHERE doubt IS NULL";
    Ok(sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(tx).await?.map(Timestamp))
}

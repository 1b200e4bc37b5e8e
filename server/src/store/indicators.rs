//! The counts behind the indicators, by zone: `shared::model::indicator` as SQL over the projection.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row as _};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::indicator::{Figures, Span, WATCHED};
use xiaohao_shared::time::Timestamp;

use super::{Connection, StoreError};

type Zones = BTreeMap<ZoneId, Figures>;

/// Walks over one index each: by deadline, by report, by end, by contact. Groups are expressions, so that none is walked in the
/// order of zones.
pub async fn figures(tx: &mut Connection, span: Span, now: Timestamp) -> Result<Zones, StoreError> {
    let mut zones = Zones::new();
    due(tx, span, now, &mut zones).await?;
    reported(tx, span, &mut zones).await?;
    struck(tx, span, &mut zones).await?;
    last_new(tx, span, &mut zones).await?;
    contacts(tx, span, &mut zones).await?;
    Ok(zones)
}

async fn due(tx: &mut Connection, span: Span, now: Timestamp, zones: &mut Zones) -> Result<(), StoreError> {
    let sql = "SELECT zone_id, COUNT(*), SUM(CASE WHEN state IN ('to_check', 'closed') THEN 1 ELSE 0 END), \
               SUM(CASE WHEN state IN ('to_check', 'closed') AND (appeal = 'granted' OR COALESCE(handed_in_at, closed_at) <= due_at) THEN 1 ELSE 0 END), \
               SUM(CASE WHEN reworks > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN clock_runs = 1 AND due_at < $3 THEN 1 ELSE 0 END), \
               SUM(CASE WHEN extensions > 0 THEN 1 ELSE 0 END), \
               SUM(CASE WHEN reworks > 0 OR state IN ('to_check', 'closed') THEN 1 ELSE 0 END) \
               FROM issues WHERE state <> 'void' AND due_at >= $1 AND due_at < $2 GROUP BY zone_id + 0";
    for row in sqlx::query(sql).bind(span.from.0).bind(span.before.0).bind(now.0).fetch_all(tx).await? {
        let count = |at: usize| row.try_get::<i64, _>(at).map(i64::unsigned_abs);
        let found = zones.entry(ZoneId(row.try_get(0)?)).or_default();
        (found.due, found.handled, found.in_time) = (count(1)?, count(2)?, count(3)?);
        (found.reworked, found.overdue, found.extended) = (count(4)?, count(5)?, count(6)?);
        found.handed_in = count(7)?;
    }
    Ok(())
}

/// Each of the two from an index of its own: few have come back, and only their index knows it.
async fn reported(tx: &mut Connection, span: Span, zones: &mut Zones) -> Result<(), StoreError> {
    let all = "SELECT zone_id, COUNT(*) FROM issues \
               WHERE state <> 'void' AND reported_at >= $1 AND reported_at < $2 GROUP BY zone_id + 0";
    let recurred = "SELECT zone_id, COUNT(*) FROM issues WHERE recurrence_of IS NOT NULL \
                    AND state <> 'void' AND reported_at >= $1 AND reported_at < $2 GROUP BY zone_id + 0";
    for (zone, count) in counts(tx, all, span).await? {
        zones.entry(zone).or_default().reported = count;
    }
    for (zone, count) in counts(tx, recurred, span).await? {
        zones.entry(zone).or_default().recurred = count;
    }
    Ok(())
}

async fn counts(tx: &mut Connection, sql: &'static str, span: Span) -> Result<Vec<(ZoneId, u64)>, StoreError> {
    let rows: Vec<(u32, i64)> = sqlx::query_as(sql).bind(span.from.0).bind(span.before.0).fetch_all(tx).await?;
    Ok(rows.into_iter().map(|(zone, count)| (ZoneId(zone), count.unsigned_abs())).collect())
}

async fn struck(tx: &mut Connection, span: Span, zones: &mut Zones) -> Result<(), StoreError> {
    let sql = "SELECT zone_id, COUNT(*), SUM(closed_at - reported_at) FROM issues WHERE is_open = 0 AND state = 'closed' \
               AND closed_at >= $1 AND closed_at < $2 GROUP BY zone_id + 0";
    let rows: Vec<(u32, i64, i64)> = sqlx::query_as(sql).bind(span.from.0).bind(span.before.0).fetch_all(tx).await?;
    for (zone, all, handling) in rows {
        let found = zones.entry(ZoneId(zone)).or_default();
        (found.struck, found.handling) = (all.unsigned_abs(), handling);
    }
    Ok(())
}

async fn last_new(tx: &mut Connection, span: Span, zones: &mut Zones) -> Result<(), StoreError> {
    // The kind stands in the text, so that its own index serves.
    let sql = format!(
        "SELECT z.id, (SELECT MAX(i.reported_at) FROM issues i WHERE i.zone_id = z.id AND i.kind = '{WATCHED}' \
         AND i.state <> 'void' AND i.reported_at < $1) AS last FROM zones z"
    );
    let rows: Vec<(u32, Option<i64>)> = sqlx::query_as(AssertSqlSafe(sql)).bind(span.before.0).fetch_all(tx).await?;
    for (zone, last) in rows.into_iter().filter_map(|(zone, last)| Some((zone, last?))) {
        zones.entry(ZoneId(zone)).or_default().last_new = Some(Timestamp(last));
    }
    Ok(())
}

/// `shared::model::indicator::first_report`, along the index of reports.
pub async fn first_report(tx: &mut Connection, span: Span) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT reported_at FROM issues WHERE state <> 'void' AND reported_at < $1 ORDER BY reported_at LIMIT 1";
    let first = sqlx::query_scalar::<_, i64>(sql).bind(span.before.0).fetch_optional(tx).await?;
    Ok(first.map(Timestamp))
}

async fn contacts(tx: &mut Connection, span: Span, zones: &mut Zones) -> Result<(), StoreError> {
    let sql = "SELECT i.zone_id, COUNT(*) FROM contacts c JOIN issues i ON i.issue_id = c.issue_id \
               WHERE c.occurred_at >= $1 AND c.occurred_at < $2 AND i.state <> 'void' GROUP BY i.zone_id";
    for (zone, count) in counts(tx, sql, span).await? {
        zones.entry(zone).or_default().contacts = count;
    }
    Ok(())
}

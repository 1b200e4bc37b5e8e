//! What the half-year report counts and shows: found and struck off by kind and month, long-standing problems, pairs of pictures.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Row as _};
use xiaohao_shared::api::{BeforeAfter, Flow};
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::indicator::Span;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::time::Timestamp;

use super::board::{read, rows_where};
use super::{Connection, Db, Pool, StoreError};

/// Found, struck off and due in a span, by kind; the counts of the due as in [`super::indicators`]. Groups are expressions, so that the spans choose the index.
pub async fn flows(tx: &mut Connection, span: Span) -> Result<BTreeMap<Kind, Flow>, StoreError> {
    let found = "SELECT kind, COUNT(*) FROM issues WHERE state <> 'void' AND reported_at >= $1 AND reported_at < $2 \
                 GROUP BY kind || ''";
    let struck = "SELECT kind, COUNT(*) FROM issues WHERE is_open = 0 AND state = 'closed' AND closed_at >= $1 \
                  AND closed_at < $2 GROUP BY kind || ''";
    let mut flows: BTreeMap<Kind, Flow> = BTreeMap::new();
    for (kind, count) in counts(tx, found, span).await? {
        flows.entry(kind).or_default().found = count;
    }
    for (kind, count) in counts(tx, struck, span).await? {
        flows.entry(kind).or_default().struck = count;
    }
    due(tx, span, &mut flows).await?;
    Ok(flows)
}

async fn due(tx: &mut Connection, span: Span, flows: &mut BTreeMap<Kind, Flow>) -> Result<(), StoreError> {
    let sql = "SELECT kind, COUNT(*), SUM(CASE WHEN state IN ('to_check', 'closed') THEN 1 ELSE 0 END), \
               SUM(CASE WHEN state IN ('to_check', 'closed') AND (appeal = 'granted' OR COALESCE(handed_in_at, closed_at) <= due_at) THEN 1 ELSE 0 END) \
               FROM issues WHERE state <> 'void' AND due_at >= $1 AND due_at < $2 GROUP BY kind || ''";
    let rows: Vec<(String, i64, i64, i64)> =
        sqlx::query_as(sql).bind(span.from.0).bind(span.before.0).fetch_all(tx).await?;
    for (name, due, handled, in_time) in rows {
        let flow = flows.entry(kind(&name)?).or_default();
        (flow.due, flow.handled, flow.in_time) = (due.unsigned_abs(), handled.unsigned_abs(), in_time.unsigned_abs());
    }
    Ok(())
}

fn kind(name: &str) -> Result<Kind, StoreError> {
    name.parse().map_err(|_| StoreError::Damaged(format!("kind {name:?}")))
}

async fn counts(tx: &mut Connection, sql: &'static str, span: Span) -> Result<Vec<(Kind, u64)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(span.from.0).bind(span.before.0).fetch_all(tx).await?;
    rows.into_iter().map(|(name, count)| Ok((kind(&name)?, count.unsigned_abs()))).collect()
}

/// What was found before this moment and neither struck off nor voided then.
pub async fn open_at(tx: &mut Connection, at: Timestamp) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (");
    push_open(&mut query, at, |_| ());
    Ok(query.push(")").build_query_scalar::<i64>().fetch_one(tx).await?.unsigned_abs())
}

/// A list with its places, as `behind` has them: of what is open, and of what ended later.
pub(super) fn push_open(query: &mut QueryBuilder<Db>, at: Timestamp, push_further: impl Fn(&mut QueryBuilder<Db>)) {
    let found =
        |reported: &str| format!("SELECT issue_id AS entry, {reported} AS place FROM issues WHERE {reported} < ");
    query.push(found("reported_at")).push_bind(at.0).push(" AND is_open = 1");
    push_further(query);
    // An expression, so that it is read by its end: most ended long before.
    query.push(" UNION ALL ").push(found("reported_at + 0")).push_bind(at.0);
    query.push(" AND is_open = 0 AND state <> 'void' AND closed_at >= ").push_bind(at.0);
    push_further(query);
}

/// What the report shows a part of.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// Struck off in the span.
    All,
    /// Struck off in the span after at least so long.
    Solved(i64),
    /// Struck off in the span, with a picture of before and one of after.
    Pairs,
}

/// How many there are of it.
pub async fn count(pool: &Pool, span: Span, shown: Shown) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM issues WHERE ");
    push(&mut query, span, shown);
    Ok(query.build_query_scalar::<i64>().fetch_one(pool).await?.unsigned_abs())
}

pub(super) fn push(query: &mut QueryBuilder<Db>, span: Span, shown: Shown) {
    query.push("is_open = 0 AND state = 'closed' AND closed_at >= ").push_bind(span.from.0);
    query.push(" AND closed_at < ").push_bind(span.before.0);
    match shown {
        Shown::All => {}
        Shown::Solved(age) => drop(query.push(" AND closed_at - reported_at >= ").push_bind(age)),
        Shown::Pairs => {
            query.push(" AND photo_count > 1");
            for stage in ["before", "after"] {
                query.push(" AND EXISTS (SELECT 1 FROM photos p WHERE p.issue_id = issues.issue_id AND p.stage = '");
                query.push(stage).push("')");
            }
        }
    }
}

/// What waited longest comes first.
pub async fn solved(pool: &Pool, span: Span, age: i64, limit: u32) -> Result<Vec<Summary>, StoreError> {
    let mut query = rows_where("");
    push(&mut query, span, Shown::Solved(age));
    query.push(" ORDER BY closed_at - reported_at DESC, issue_id LIMIT ").push_bind(limit);
    query.build().fetch_all(pool).await?.iter().map(read).collect()
}

/// What was pressed or marked comes first.
pub async fn pairs(pool: &Pool, span: Span, limit: u32) -> Result<Vec<BeforeAfter>, StoreError> {
    let mut query = rows_where("");
    push(&mut query, span, Shown::Pairs);
    query.push(
        " ORDER BY CASE WHEN supervision_level IS NULL THEN 1 ELSE 0 END, priority DESC, closed_at DESC, issue_id",
    );
    query.push(" LIMIT ").push_bind(limit);
    let issues: Vec<Summary> = query.build().fetch_all(pool).await?.iter().map(read).collect::<Result<_, _>>()?;
    let mut pairs = Vec::new();
    for issue in issues {
        let sql = "SELECT stage, COALESCE(thumbnail, sha256) AS picture FROM photos \
                   WHERE issue_id = $1 AND stage IN ('before', 'after') ORDER BY taken_at, sha256";
        let rows = sqlx::query(sql).bind(issue.id.to_string()).fetch_all(pool).await?;
        let picture = |row: &sqlx::sqlite::SqliteRow| {
            let photo: PhotoId = row.try_get::<&str, _>("picture").ok()?.parse().ok()?;
            Some((row.try_get("stage").ok()?, photo))
        };
        let found: Vec<(String, PhotoId)> = rows.iter().filter_map(picture).collect();
        let before = found.iter().find(|(stage, _)| stage == "before").map(|(_, picture)| *picture);
        let after = found.iter().rev().find(|(stage, _)| stage == "after").map(|(_, picture)| *picture);
        pairs.extend(before.zip(after).map(|(before, after)| BeforeAfter { issue, before, after }));
    }
    Ok(pairs)
}

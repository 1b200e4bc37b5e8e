//! How SQLite carries out what stands behind a figure: by the plans that it makes, because a million issues are not at hand here.

use sqlx::Row as _;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::catalogue::CATALOGUE;

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn all() -> Vec<Behind<'static>> {
    let month = Month::of(NOW).before();
    let span = Span { from: month.start(), before: month.end() };
    let settled = Settled::ALL.map(|figure| Behind::Settled(month, figure));
    let drifted = Drift::ALL.map(|drift| Behind::Drifted(month, drift));
    let measured = Measured::ALL.map(|figure| Behind::Measured(span, figure));
    let of = |person: Option<PersonId>| Became::ALL.map(|became| Behind::Listed("2026-001", person, became));
    [&settled[..], &drifted[..], &measured[..], &of(None)[..], &of(Some(PersonId(7)))[..]].concat()
}

async fn plan(pool: &Pool, query: &QueryBuilder<Db>) -> Vec<String> {
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", query.sql().as_str()));
    let rows = sqlx::query(explain).fetch_all(pool).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn every_list_behind_a_figure_is_read_from_indexes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let pool = crate::store::open(&folder.path().join("office.db")).await.unwrap();
    let after = (1_790_000_000_000, "00000000-0000-7000-8000-000000000001".to_owned());
    let mut wrong = Vec::new();
    for behind in all() {
        for within in [
            Within::default(),
            Within { zone: Some(ZoneId(3)), kind: None },
            Within { zone: None, kind: Some(CATALOGUE[0].kind) },
            Within { zone: Some(ZoneId(3)), kind: Some(CATALOGUE[0].kind) },
        ] {
            for after in [None, Some(&after)] {
                let plan = plan(&pool, &list(behind, within, NOW, after, 50)).await;
                if !plan.iter().all(|step| is_of_indexes(step, behind)) {
                    wrong.push(format!("{behind:?} {within:?}: {plan:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

/// What somebody talked about with residents is looked up by the notes of the span, which are few.
fn is_of_indexes(step: &str, behind: Behind<'_>) -> bool {
    let reads = step.starts_with("SCAN ") || step.starts_with("SEARCH ");
    let contacted = matches!(behind, Behind::Measured(_, Measured::Contacted)) && step.contains("(issue_id=?)");
    !reads || contacted || step.contains("COVERING INDEX") || step.starts_with("SCAN (subquery")
}

//! How SQLite carries out what stands behind a figure: by the plans that it makes, because a million issues are not at hand here.

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
async fn every_list_behind_a_figure_is_read_from_indexes_alone_and_only_a_page_of_issues_is_looked_up() {
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
                let reads = plan.iter().filter(|step| step.starts_with("SCAN ") || step.starts_with("SEARCH "));
                let looked_up =
                    |step: &&String| !step.contains("COVERING INDEX") && !step.starts_with("SCAN (subquery");
                let looked_up: Vec<&String> = reads.filter(looked_up).collect();
                if !of_a_page(&looked_up, behind) {
                    wrong.push(format!("{behind:?} {within:?}: {plan:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

/// What somebody talked about with residents is looked up by the notes of the span, which are few.
fn of_a_page(looked_up: &[&String], behind: Behind<'_>) -> bool {
    let by_id = |step: &&&String| step.contains("sqlite_autoindex_issues_1 (issue_id=?)");
    let contacted = matches!(behind, Behind::Measured(_, Measured::Contacted));
    looked_up.iter().all(|step| by_id(&step)) && looked_up.len() == if contacted { 2 } else { 1 }
}

//! How SQLite carries out what a frozen month is compared by: by the plans that it makes, because a million issues are not at hand
//! here.

use sqlx::Row;

use super::*;

#[tokio::test]
async fn of_an_issue_only_its_own_postings_are_looked_at_and_not_all_of_a_month() {
    let folder = tempfile::tempdir().unwrap();
    let pool = crate::store::open(&folder.path().join("office.db")).await.unwrap();
    for drift in Drift::ALL {
        for within in [Within::default(), Within { zone: Some(ZoneId(3)), kind: None }] {
            let mut query = QueryBuilder::<Db>::new("EXPLAIN QUERY PLAN SELECT COUNT(*) FROM ");
            push_drift(&mut query, Month { year: 2026, month: 10 }, drift, within);
            let rows = query.build().fetch_all(&pool).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            let of_month = plan.iter().any(|step| step.starts_with("SEARCH p USING INDEX postings_ended (ended=?"));
            assert!(!of_month, "{drift:?}: {plan:#?}");
            let again = plan.iter().any(|step| step.starts_with("CORRELATED LIST"));
            assert!(!again, "a list is made once: {drift:?}: {plan:#?}");
        }
    }
}

//! What an office of an older server has of its frozen months once this one opens it.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::*;

/// The migration that came with the differences.
const THIS: i64 = 32;

/// An office that froze October before anybody wrote down what came late. Issue 1 was reported in October, 2 in September and heard of
/// in October; 3 is struck off, late; 4 was open in the book and is struck off in October, as is known today.
const FROZEN: &str = "
    INSERT INTO settlements VALUES ('2026-09', '2026-001', 0, 1, 1, ''), ('2026-10', '2026-002', 0, 1, 1, '');
    INSERT INTO postings (issue_id, zone_id, kind, entered, ended, ending) VALUES
        ('1', 1, '2026/06001', '2026-10', NULL, NULL), ('2', 1, '2026/06001', '2026-10', NULL, NULL),
        ('3', 1, '2026/06001', '', '2026-10', 'struck'), ('4', 1, '2026/06001', '', NULL, NULL);";

fn issue(id: &str, state: &str, reported: Timestamp, closed: Option<Timestamp>) -> String {
    let open = i64::from(closed.is_none());
    let closed = closed.map_or("NULL".into(), |at| at.0.to_string());
    format!(
        "INSERT INTO issues (issue_id, number, zone_id, kind, kind_name, place_type, description, address, landmark, datum, severity, \
         state, is_open, clock_runs, reporter_id, reported_at, received_at, extensions, priority, is_undecided, is_asked, self_handled, \
         closed_at, closed_received_at, touched_at, photo_count, responsible_ids, search) VALUES ('{id}', '{id}', 1, '2026/06001', '', '', \
         '', '', '', '', '', '{state}', {open}, 0, 1, {reported}, {reported}, 0, 0, 0, 0, 0, {closed}, {closed}, 0, 0, '', '');",
        reported = reported.0
    )
}

#[tokio::test]
async fn an_older_office_learns_once_what_came_late_and_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("office.db");
    let pool = SqlitePoolOptions::new()
        .connect_with(SqliteConnectOptions::new().filename(&file).create_if_missing(true))
        .await
        .unwrap();
    let mut older = sqlx::migrate!();
    older.migrations.to_mut().retain(|migration| migration.version < THIS);
    older.run(&pool).await.unwrap();
    let october = Month { year: 2026, month: 10 };
    let (within, earlier, long_ago) = (october.start() + 1, october.start() + -1, october.before().start() + -1);
    let issues = [
        issue("1", "handling", within, None),
        issue("2", "handling", earlier, None),
        issue("3", "closed", long_ago, Some(earlier)),
        issue("4", "closed", long_ago, Some(within)),
    ];
    for sql in issues.iter().map(String::as_str).chain([FROZEN]) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&pool).await.unwrap();
    }
    pool.close().await;

    let pool = crate::store::open(&file).await.unwrap();
    let late = "SELECT issue_id, entered_late, ended_late FROM postings ORDER BY issue_id";
    let late: Vec<(String, i64, Option<i64>)> = sqlx::query_as(late).fetch_all(&pool).await.unwrap();
    let expected = [("1", 0, None), ("2", 1, None), ("3", 0, Some(1)), ("4", 0, None)];
    assert_eq!(late, expected.map(|(issue, entered, ended)| (issue.to_owned(), entered, ended)));
    let kept = "SELECT issue_id, month, drift FROM drifts ORDER BY issue_id, month, drift";
    let kept: Vec<(String, String, String)> = sqlx::query_as(kept).fetch_all(&pool).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|(issue, month, drift)| [issue.as_str(), month, drift]).collect();
    let expected = [
        ["2", "2026-09", "come"],
        ["2", "2026-09", "missed"],
        ["3", "2026-09", "gone"],
        ["3", "2026-09", "otherwise"],
        ["4", "2026-10", "gone"],
        ["4", "2026-10", "otherwise"],
    ];
    assert_eq!(kept, expected);
}

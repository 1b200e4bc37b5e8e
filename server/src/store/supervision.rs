//! The numbers of 督办单 that issues have or had. They are noted with the rows of an issue and stay when it gets another number.
//! Decides nothing about how they are made.

use std::collections::BTreeSet;

use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::IssueId;

use super::groups::{groups, places};
use super::projection::{Cell, Rewrite, Rows, column};
use super::{Connection, Pool, StoreError};

/// Notes the numbers of issues whose rows are written, also of a version about which nobody has decided yet.
pub(super) async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
    for rewrite in all {
        let before = rewrite.before.as_ref().map(numbers).unwrap_or_default();
        let new = numbers(&rewrite.after).into_iter().filter(|number| !before.contains(number));
        pairs.extend(new.map(|number| (number, rewrite.issue.to_string())));
    }
    let pairs: Vec<(String, String)> = pairs.into_iter().collect();
    for group in groups(&pairs) {
        let insert = "INSERT INTO supervision_numbers (number, issue_id) VALUES";
        let sql = format!("{insert} {} ON CONFLICT (number, issue_id) DO NOTHING", places(group.len(), 2));
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = group.iter().fold(query, |query, (number, issue)| query.bind(number).bind(issue));
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

fn numbers(rows: &Rows) -> BTreeSet<String> {
    let text = |row: &[Cell], table, name| match row.get(column(table, name)) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let of = |table: &str| rows.get(table).into_iter().flatten();
    let standing = of("issues").map(|row| text(row, "issues", "supervision_number"));
    let version = |row| match serde_json::from_str(&text(row, "conflicts", "value")) {
        Ok(Value::Supervision(Some(supervision))) => supervision.number,
        _ => String::new(),
    };
    let undecided = of("conflicts").map(|row| version(row.as_slice()));
    standing.chain(undecided).map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()).collect()
}

/// All numbers that begin like this, of whatever level, by the index.
pub async fn beginning(pool: &Pool, begin: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT number FROM supervision_numbers WHERE number >= $1 AND number < $2";
    Ok(sqlx::query_scalar(sql).bind(begin).bind(format!("{begin}\u{10FFFF}")).fetch_all(pool).await?)
}

/// The number in the office's list of another issue that has or had this number; empty where that has none.
pub async fn other(pool: &Pool, number: &str, issue: IssueId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT COALESCE(i.number, '') FROM supervision_numbers s LEFT JOIN issues i ON i.issue_id = s.issue_id \
               WHERE s.number = $1 AND s.issue_id <> $2 ORDER BY s.issue_id LIMIT 1";
    Ok(sqlx::query_scalar(sql).bind(number).bind(issue.to_string()).fetch_optional(pool).await?)
}

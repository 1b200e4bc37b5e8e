//! The numbers of 督办单 that issues have or had, in their one form ([`Supervision::form`]). They are noted as they are admitted and stay
//! when the issue gets another number. Decides nothing about how they are made.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Supervision;

use super::log::issue_id;
use super::projection::{Cell, Rewrite, Rows, column};
use super::{Connection, Pool, StoreError, begin, number};

/// A number that came to an issue with the change at this position of the log.
pub struct Noted {
    pub number: String,
    pub issue: IssueId,
    pub seq: u64,
}

/// Notes numbers in the order of the log, also those that are replaced in the same moment. Whoever has one keeps its first position.
pub async fn note(tx: &mut Connection, all: &[Noted]) -> Result<(), StoreError> {
    for Noted { number: said, issue, seq } in all {
        let form = Supervision::form(said);
        if !form.is_empty() {
            let insert = "INSERT INTO supervision_numbers (number, issue_id, seq) VALUES ($1, $2, $3) \
                          ON CONFLICT (number, issue_id) DO NOTHING";
            let insert = sqlx::query(insert).bind(form).bind(issue.to_string()).bind(number(*seq));
            insert.execute(&mut *tx).await?;
        }
    }
    Ok(())
}

/// Notes the numbers of issues whose rows were written, also of a version about which nobody has decided yet, where nothing is noted of
/// them: after a repair.
pub(super) async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    for rewrite in all {
        let before = rewrite.before.as_ref().map(numbers).unwrap_or_default();
        for number in numbers(&rewrite.after).into_iter().filter(|number| !before.contains(number)) {
            reckon(tx, &number, &rewrite.issue.to_string()).await?;
        }
    }
    Ok(())
}

/// Notes a number of which nobody knows when it came: it is taken to have come with the last pressing.
async fn reckon(tx: &mut Connection, number: &str, issue: &str) -> Result<(), StoreError> {
    let insert = "INSERT INTO supervision_numbers (number, issue_id, seq) VALUES ($1, $2, COALESCE(\
                  (SELECT MIN(seq) FROM changes WHERE issue_id = $2 AND received_at >= (SELECT MAX(received_at) FROM steps \
                  WHERE issue_id = $2 AND action = 'supervise')), (SELECT MIN(seq) FROM changes WHERE issue_id = $2), 0)) \
                  ON CONFLICT (number, issue_id) DO NOTHING";
    sqlx::query(insert).bind(number).bind(issue).execute(tx).await?;
    Ok(())
}

/// Gives what an older server noted its form and its position.
pub(super) async fn settle(pool: &Pool) -> Result<(), StoreError> {
    const OLD: &str = "SELECT number, issue_id FROM supervision_numbers WHERE seq IS NULL";
    if sqlx::query(OLD).fetch_optional(pool).await?.is_none() {
        return Ok(());
    }
    let mut tx = begin(pool).await?;
    let old: Vec<(String, String)> = sqlx::query_as(OLD).fetch_all(&mut *tx).await?;
    sqlx::query("DELETE FROM supervision_numbers WHERE seq IS NULL").execute(&mut *tx).await?;
    for (number, issue) in old {
        reckon(&mut tx, &Supervision::form(&number), &issue).await?;
    }
    Ok(tx.commit().await?)
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
    standing.chain(undecided).map(|number| Supervision::form(&number)).filter(|number| !number.is_empty()).collect()
}

/// The forms of all numbers that begin like this, of whatever level, by the index.
pub async fn beginning(pool: &Pool, begin: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT number FROM supervision_numbers WHERE number >= $1 AND number < $2";
    Ok(sqlx::query_scalar(sql).bind(begin).bind(format!("{begin}\u{10FFFF}")).fetch_all(pool).await?)
}

/// The number in the office's list of another issue that has or had this number; empty where that has none.
pub async fn other(pool: &Pool, number: &str, issue: IssueId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT COALESCE(i.number, '') FROM supervision_numbers s LEFT JOIN issues i ON i.issue_id = s.issue_id \
               WHERE s.number = $1 AND s.issue_id <> $2 ORDER BY s.seq, s.issue_id LIMIT 1";
    let found = sqlx::query_scalar(sql).bind(Supervision::form(number)).bind(issue.to_string());
    Ok(found.fetch_optional(pool).await?)
}

/// The numbers that stand on more than one issue now, by their forms: the issues in the order in which it came to them, each with the
/// number as it is written there.
pub async fn doubled(pool: &Pool) -> Result<BTreeMap<String, Vec<(IssueId, String)>>, StoreError> {
    let sql = "SELECT s.number, s.issue_id, i.supervision_number FROM supervision_numbers s \
               JOIN issues i ON i.issue_id = s.issue_id WHERE i.supervision_number <> '' AND s.number IN \
               (SELECT number FROM supervision_numbers GROUP BY number HAVING COUNT(*) > 1) ORDER BY s.seq, s.issue_id";
    let rows: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(pool).await?;
    let mut all: BTreeMap<String, Vec<(IssueId, String)>> = BTreeMap::new();
    for (form, issue, written) in rows {
        if Supervision::form(&written) == form {
            all.entry(form).or_default().push((issue_id(&issue)?, written));
        }
    }
    all.retain(|_, issues| issues.len() > 1);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::store::open;

    use super::*;

    #[tokio::test]
    async fn what_an_older_server_noted_gets_its_form_and_its_place_in_the_log_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("office.db");
        let pool = open(&file).await.unwrap();
        let [early, late] = [IssueId([1; 16]), IssueId([2; 16])];
        // The issue that was reported first was pressed last.
        for (seq, issue, received) in [(1, early, 10), (2, late, 20), (3, late, 30), (4, early, 40), (5, late, 50)] {
            let insert = "INSERT INTO changes (seq, issue_id, hash, device, person, received_at, receipt, bytes) \
                          VALUES ($1, $2, $3, 1, 1, $4, x'', x'')";
            let insert = sqlx::query(insert).bind(seq).bind(issue.to_string()).bind(vec![seq as u8; 32]).bind(received);
            insert.execute(&pool).await.unwrap();
        }
        for (issue, received) in [(early, 40), (late, 30)] {
            let insert = "INSERT INTO steps (issue_id, step_id, position, action, by_id, occurred_at, received_at, reason) \
                          VALUES ($1, 'x', 1, 'supervise', 1, 1, $2, '')";
            sqlx::query(insert).bind(issue.to_string()).bind(received).execute(&pool).await.unwrap();
        }
        for (number, issue) in [("街督2026-007", early), ("街督２０２６－７", late)] {
            let insert = "INSERT INTO supervision_numbers (number, issue_id) VALUES ($1, $2)";
            sqlx::query(insert).bind(number).bind(issue.to_string()).execute(&pool).await.unwrap();
        }
        pool.close().await;
        let pool = open(&file).await.unwrap();
        let noted: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT number, issue_id, seq FROM supervision_numbers ORDER BY seq")
                .fetch_all(&pool)
                .await
                .unwrap();
        let form = || "街督2026-7".to_owned();
        assert_eq!(noted, [(form(), late.to_string(), 3), (form(), early.to_string(), 4)]);
    }
}

//! The weekly 督办 lists by their heads; their entries are read beside the issues, in `board`.

use std::collections::BTreeMap;

use xiaohao_shared::api::{Previous, Reply, WEEKLY_HEADS, WeeklyHead, WeeklyUnit};
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::log::issue_id;
use super::projection::{self, Cell, Rewrite, Rows};
use super::{Connection, Pool, StoreError};

const HEADS: &str = "SELECT l.number, l.made_at, l.made_by, COUNT(w.issue_id), \
    COUNT(CASE WHEN w.became IN ('closed', 'void') THEN 1 END) \
    FROM weekly_lists l LEFT JOIN weekly_entries w ON w.list = l.number ";

type Row = (String, i64, u32, i64, i64);

fn head((number, made_at, made_by, entries, ended): Row) -> WeeklyHead {
    let (entries, ended) = (entries.unsigned_abs(), ended.unsigned_abs());
    WeeklyHead { number, made_at: Timestamp(made_at), made_by: PersonId(made_by), entries, ended }
}

/// The latest first, of those before a number where one is given.
pub async fn heads(pool: &Pool, before: Option<&str>) -> Result<Vec<WeeklyHead>, StoreError> {
    let sql = format!(
        "{HEADS} WHERE $1 IS NULL OR l.number < $1 GROUP BY l.number, l.made_at, l.made_by \
         ORDER BY l.number DESC LIMIT {WEEKLY_HEADS}"
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(before).fetch_all(pool).await?;
    Ok(rows.into_iter().map(head).collect())
}

pub async fn find(pool: &Pool, number: &str) -> Result<Option<WeeklyHead>, StoreError> {
    let sql = format!("{HEADS} WHERE l.number = $1 GROUP BY l.number, l.made_at, l.made_by");
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(number).fetch_optional(pool).await?;
    Ok(row.map(head))
}

pub async fn units(pool: &Pool, number: &str) -> Result<Vec<WeeklyUnit>, StoreError> {
    let sql = "SELECT w.assignee_id, COUNT(*), COUNT(CASE WHEN w.became IN ('closed', 'void') THEN 1 END) \
               FROM weekly_entries w WHERE w.list = $1 GROUP BY w.assignee_id ORDER BY w.assignee_id";
    let rows: Vec<(u32, i64, i64)> = sqlx::query_as(sql).bind(number).fetch_all(pool).await?;
    let unit = |(person, entries, ended): (u32, i64, i64)| WeeklyUnit {
        person: (person != 0).then_some(PersonId(person)),
        entries: entries.unsigned_abs(),
        ended: ended.unsigned_abs(),
    };
    Ok(rows.into_iter().map(unit).collect())
}

/// What became of the list before this one; of one person's part of it where somebody is named.
pub async fn previous(pool: &Pool, number: &str, person: Option<u32>) -> Result<Option<Previous>, StoreError> {
    let before = "SELECT MAX(number) FROM weekly_lists WHERE number < $1";
    let Some(number) = sqlx::query_scalar::<_, Option<String>>(before).bind(number).fetch_one(pool).await? else {
        return Ok(None);
    };
    let sql = "SELECT became, COUNT(*) FROM weekly_entries WHERE list = $1 AND ($2 IS NULL OR assignee_id = $2) GROUP BY became";
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(&number).bind(person).fetch_all(pool).await?;
    let mut previous = Previous { number, struck: 0, handed_in: 0, open: 0, void: 0 };
    for (state, count) in rows {
        let of = match State::from_code(&state) {
            Some(State::Closed) => &mut previous.struck,
            Some(State::ToCheck) => &mut previous.handed_in,
            Some(State::Void) => &mut previous.void,
            _ => &mut previous.open,
        };
        *of += count.unsigned_abs();
    }
    Ok(Some(previous))
}

/// From now on what has become of the entries of the list before this one stays as it is.
pub async fn tell(tx: &mut Connection, number: &str) -> Result<(), StoreError> {
    let sql =
        "UPDATE weekly_lists SET told = 1 WHERE number = (SELECT MAX(number) FROM weekly_lists WHERE number < $1)";
    sqlx::query(sql).bind(number).execute(tx).await?;
    Ok(())
}

/// Says of the entries of lists that are not told yet what their issues have become.
pub(super) async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    let untold = "SELECT EXISTS (SELECT 1 FROM weekly_lists WHERE told = 0)";
    if !sqlx::query_scalar::<_, bool>(untold).fetch_one(&mut *tx).await? {
        return Ok(());
    }
    for Rewrite { issue, before, after } in all {
        let (was, state) = (before.as_ref().map(state), state(after));
        let Some(state) = state.filter(|state| was != Some(Some(state))) else { continue };
        let sql = "UPDATE weekly_entries SET became = $1 WHERE issue_id = $2 \
                   AND list IN (SELECT number FROM weekly_lists WHERE told = 0)";
        sqlx::query(sql).bind(state).bind(issue.to_string()).execute(&mut *tx).await?;
    }
    Ok(())
}

fn state(rows: &Rows) -> Option<&str> {
    let row = Rewrite::table(rows, "issues").first()?;
    match row.get(projection::column("issues", "state"))? {
        Cell::Text(code) => Some(code),
        _ => None,
    }
}

/// Whether the lists that are not told yet say of every entry what its issue is.
pub async fn are_right(tx: &mut Connection) -> Result<bool, StoreError> {
    let differ = "SELECT EXISTS (SELECT 1 FROM weekly_lists l JOIN weekly_entries w ON w.list = l.number \
                  JOIN issues i ON i.issue_id = w.issue_id WHERE l.told = 0 AND (w.became IS NULL OR w.became <> i.state))";
    Ok(!sqlx::query_scalar::<_, bool>(differ).fetch_one(tx).await?)
}

/// Says it of all of them anew.
pub async fn refill(tx: &mut Connection) -> Result<(), StoreError> {
    let sql = "UPDATE weekly_entries SET became = (SELECT i.state FROM issues i WHERE i.issue_id = weekly_entries.issue_id) \
               WHERE list IN (SELECT number FROM weekly_lists WHERE told = 0) \
               AND EXISTS (SELECT 1 FROM issues i WHERE i.issue_id = weekly_entries.issue_id)";
    sqlx::query(sql).execute(tx).await?;
    Ok(())
}

/// What had become of each issue of one person's part of a list when the next one was made; nothing before that.
pub async fn fates(pool: &Pool, number: &str, person: u32) -> Result<BTreeMap<IssueId, State>, StoreError> {
    let sql = "SELECT w.issue_id, w.became FROM weekly_entries w JOIN weekly_lists l ON l.number = w.list \
               WHERE w.list = $1 AND w.assignee_id = $2 AND l.told = 1 AND w.became IS NOT NULL";
    let rows: Vec<(String, String)> = sqlx::query_as(sql).bind(number).bind(person).fetch_all(pool).await?;
    let known = rows.into_iter().filter_map(|(issue, state)| Some((issue, State::from_code(&state)?)));
    known.map(|(issue, state)| Ok((issue_id(&issue)?, state))).collect()
}

/// Whether the fate of a list stays as it is, because there is a next one.
pub async fn is_told(pool: &Pool, number: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM weekly_lists WHERE number = $1 AND told = 1)";
    Ok(sqlx::query_scalar(sql).bind(number).fetch_one(pool).await?)
}

/// How many issues of a list one person has.
pub async fn count(pool: &Pool, number: &str, person: u32) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM weekly_entries WHERE list = $1 AND assignee_id = $2";
    Ok(sqlx::query_scalar::<_, i64>(sql).bind(number).bind(person).fetch_one(pool).await?.unsigned_abs())
}

/// The last number that a list of this year got; lists are never deleted.
pub async fn made_in(tx: &mut Connection, year: i32) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) FROM weekly_lists WHERE number LIKE $1";
    Ok(sqlx::query_scalar(sql).bind(format!("{year}-%")).fetch_one(tx).await?)
}

pub async fn add(tx: &mut Connection, number: &str, at: Timestamp, by: PersonId) -> Result<(), StoreError> {
    let sql = "INSERT INTO weekly_lists (number, made_at, made_by) VALUES ($1, $2, $3)";
    sqlx::query(sql).bind(number).bind(at.0).bind(by.0).execute(tx).await?;
    Ok(())
}

/// The last pressing of an issue.
#[derive(Default)]
pub struct Pressing {
    pub reason: String,
    pub reply: Option<Reply>,
}

/// What the last pressing of each issue of a unit asked for, and what was answered to it.
pub async fn pressings(pool: &Pool, number: &str, person: u32) -> Result<BTreeMap<IssueId, Pressing>, StoreError> {
    let sql = "SELECT s.issue_id, s.action, s.by_id, s.occurred_at, s.reason FROM weekly_entries w \
               JOIN steps s ON s.issue_id = w.issue_id WHERE w.list = $1 AND w.assignee_id = $2 \
               AND s.action IN ('supervise', 'reply') ORDER BY s.issue_id, s.position";
    let rows: Vec<(String, String, u32, i64, String)> =
        sqlx::query_as(sql).bind(number).bind(person).fetch_all(pool).await?;
    let mut pressings: BTreeMap<IssueId, Pressing> = BTreeMap::new();
    for (issue, action, by, at, text) in rows {
        let pressing = pressings.entry(issue_id(&issue)?).or_default();
        match action.as_str() {
            "reply" => pressing.reply = Some(Reply { by: PersonId(by), at: Timestamp(at), text }),
            // Pressed again: what was said before is no answer to it.
            _ => *pressing = Pressing { reason: text, reply: None },
        }
    }
    Ok(pressings)
}

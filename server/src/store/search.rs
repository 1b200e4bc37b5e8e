//! Which issues can have the words of a search: an index of one to four signs in a row of their text, kept in the transaction that
//! changes it, with what boards ask beside words. Longer words it cuts: of these it may name too many and never too few; the text
//! itself decides (`board`). Chinese has no blanks between words, so that an index of words would not find them.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use xiaohao_shared::model::catalogue::kinds_called;
use xiaohao_shared::model::filter::Filter;

use super::projection::{self, Cell, Rewrite, Rows};
use super::{Connection, Pool, StoreError, begin, office};

/// Signs of the longest parts: of four, because most kinds of problems are called by four, and what is called so is much.
const LONGEST: usize = 4;
/// Parts of a word that are looked up at most. More would find hardly less.
const PARTS: usize = 24;
/// Parts that are looked up at once where all are.
const TOGETHER: usize = 200;
/// Issues that an older database gets into the index with one commit.
const BATCH: u32 = 5_000;
/// What the index holds; another one is made anew.
const FORM: &str = "2";
/// Ids of one stretch of the index: some hundred kilobytes, told as text.
pub const STRETCH: i64 = 1 << 15;
/// What stands beside the words, of the same name as in the row of the issue.
const BESIDE: [&str; 11] = [
    "zone_id",
    "state",
    "is_open",
    "reported_at",
    "due_at",
    "closed_at",
    "assignee_id",
    "responsible_ids",
    "supervision_level",
    "kind",
    "place_type",
];

/// The condition by which the index is asked, where so few issues can meet it that it is better to look at each of them; `None`
/// where there are more, or where a word may mean a kind of the office's own, whose name stands in no issue.
pub async fn narrowed(pool: &Pool, filter: &Filter, most: u32) -> Result<Option<String>, StoreError> {
    let Some(condition) = condition(filter) else { return Ok(None) };
    let sql = "SELECT COUNT(*) FROM (SELECT rowid FROM search_grams WHERE search_grams MATCH $1 LIMIT $2)";
    let found: u32 = sqlx::query_scalar(sql).bind(&condition).bind(most + 1).fetch_one(pool).await?;
    Ok((found <= most).then_some(condition))
}

/// The condition that names those that have the words and no others, but for long words that are names of kinds: of these it names
/// hardly any that is of another kind. `None` where the words are none, or others.
pub fn exactly(filter: &Filter) -> Option<String> {
    let is_known = |word: &String| {
        filter.own_called(word).next().is_none() && (is_part(word) || kinds_called(word).next().is_some())
    };
    condition(filter).filter(|_| filter.words().iter().flatten().all(is_known))
}

/// Whether the index says of a word itself who has it.
pub fn is_part(word: &str) -> bool {
    word.chars().count() <= LONGEST
}

/// How often something has changed in each stretch of the index.
pub async fn versions(pool: &Pool) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(sqlx::query_as("SELECT stretch, version FROM search_stretches").fetch_all(pool).await?)
}

fn condition(filter: &Filter) -> Option<String> {
    let words = filter.words();
    let own = |spellings: &&Vec<String>| spellings.iter().any(|word| filter.own_called(word).next().is_some());
    let any = |spellings: &Vec<String>| spellings.iter().map(|word| all_parts(word)).collect::<Vec<_>>().join(" OR ");
    let all: Vec<String> = words.iter().filter(|word| !own(word)).map(|word| format!("({})", any(word))).collect();
    (!all.is_empty()).then(|| all.join(" AND "))
}

fn all_parts(word: &str) -> String {
    let length = word.chars().count().min(LONGEST);
    let parts: Vec<String> = parts(word, length).into_iter().take(PARTS).collect();
    format!("({})", parts.join(" AND "))
}

/// All that an issue is found by.
fn grams(text: &str) -> Vec<String> {
    (1..=LONGEST).flat_map(|length| parts(text, length)).collect()
}

/// The parts of this length, each spelled so that it is one word to the index, whatever signs it has.
fn parts(text: &str, length: usize) -> BTreeSet<String> {
    let signs: Vec<char> = text.chars().collect();
    let whole = signs.windows(length).filter(|part| !part.iter().any(|sign| sign.is_whitespace()));
    whole.map(spelled).collect()
}

fn spelled(part: &[char]) -> String {
    let signs: Vec<String> = part.iter().map(|sign| format!("{:x}", u32::from(*sign))).collect();
    signs.join("x")
}

/// Brings the index to the texts that the issues have now, whose rows are written.
pub async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    for Rewrite { issue, before, after } in all {
        let (known, searched) = (before.as_ref().map(searched), searched(after));
        let issue = issue.to_string();
        match (known, searched) {
            (Some(known), searched) if known == searched => {}
            (_, None) => take_away(tx, &issue).await?,
            (Some(Some((known, _))), Some((text, _))) if known == text => drop(put(tx, &issue).await?),
            (_, Some((text, _))) => {
                let id = put(tx, &issue).await?;
                put_words(tx, id, text).await?;
            }
        }
    }
    Ok(())
}

/// The text of an issue, and what stands beside it; `None` where there is no issue.
fn searched(rows: &Rows) -> Option<(&str, [&Cell; BESIDE.len()])> {
    let row = Rewrite::table(rows, "issues").first()?;
    let cell = |column: &str| &row[projection::column("issues", column)];
    match cell("search") {
        Cell::Text(text) => Some((text, BESIDE.map(cell))),
        _ => None,
    }
}

/// Puts beside the words of an issue what its row says.
async fn put(tx: &mut Connection, issue: &str) -> Result<i64, StoreError> {
    let (columns, change) =
        (BESIDE.join(", "), BESIDE.map(|column| format!("{column} = excluded.{column}")).join(", "));
    let row = format!(
        "INSERT INTO search_rows (issue_id, {columns}) SELECT issue_id, {columns} FROM issues WHERE issue_id = $1 \
         ON CONFLICT (issue_id) DO UPDATE SET {change} RETURNING id"
    );
    let id = sqlx::query_scalar(AssertSqlSafe(row)).bind(issue).fetch_one(&mut *tx).await?;
    changed(tx, id).await?;
    Ok(id)
}

/// Whoever counted the stretch of this id does so anew.
async fn changed(tx: &mut Connection, id: i64) -> Result<(), StoreError> {
    let grow = "INSERT INTO search_stretches (stretch, version) VALUES ($1, 1) \
                ON CONFLICT (stretch) DO UPDATE SET version = search_stretches.version + 1";
    sqlx::query(grow).bind(id / STRETCH).execute(&mut *tx).await?;
    Ok(())
}

async fn put_words(tx: &mut Connection, id: i64, text: &str) -> Result<(), StoreError> {
    let put = "INSERT OR REPLACE INTO search_grams (rowid, grams) VALUES ($1, $2)";
    sqlx::query(put).bind(id).bind(grams(text).join(" ")).execute(&mut *tx).await?;
    Ok(())
}

async fn take_away(tx: &mut Connection, issue: &str) -> Result<(), StoreError> {
    let row = "DELETE FROM search_rows WHERE issue_id = $1 RETURNING id";
    let id: Option<i64> = sqlx::query_scalar(row).bind(issue).fetch_optional(&mut *tx).await?;
    let Some(id) = id else { return Ok(()) };
    sqlx::query("DELETE FROM search_grams WHERE rowid = $1").bind(id).execute(&mut *tx).await?;
    changed(tx, id).await
}

/// Fills the index where an older server left none, a batch at a time: whatever stops it, it goes on where it was.
pub(super) async fn settle(pool: &Pool) -> Result<(), StoreError> {
    let form = office::value(pool, office::SEARCH).await?;
    if form.as_deref() == Some(FORM) {
        return Ok(());
    }
    let mut last = Some(String::new());
    while let Some(after) = last {
        let mut tx = begin(pool).await?;
        last = fill(&mut tx, &after).await?;
        tx.commit().await?;
        // A million take minutes, and nobody is served before.
        last.iter().for_each(|issue| tracing::info!(issue, "issues are made ready for searches, once, up to this one"));
    }
    let mut tx = begin(pool).await?;
    office::set(&mut tx, office::SEARCH, FORM).await?;
    Ok(tx.commit().await?)
}

/// Takes in some issues that lack, by their ids; gives the last of them.
async fn fill(tx: &mut Connection, after: &str) -> Result<Option<String>, StoreError> {
    let lacking = "SELECT issue_id, search FROM issues i WHERE issue_id > $1 \
                   AND NOT EXISTS (SELECT 1 FROM search_rows r WHERE r.issue_id = i.issue_id) ORDER BY issue_id LIMIT $2";
    let rows: Vec<(String, String)> = sqlx::query_as(lacking).bind(after).bind(BATCH).fetch_all(&mut *tx).await?;
    for (issue, text) in &rows {
        let id = put(tx, issue).await?;
        put_words(tx, id, text).await?;
    }
    Ok(rows.into_iter().last().map(|(issue, ..)| issue))
}

/// Makes the index anew from the rows of the issues.
pub async fn refill(tx: &mut Connection) -> Result<(), StoreError> {
    for clear in [
        "DELETE FROM search_rows",
        "INSERT INTO search_grams (search_grams) VALUES ('delete-all')",
        "UPDATE search_stretches SET version = version + 1",
    ] {
        sqlx::query(clear).execute(&mut *tx).await?;
    }
    let mut last = Some(String::new());
    while let Some(after) = last {
        last = fill(tx, &after).await?;
    }
    Ok(())
}

/// Whether the index finds every issue by all that stands in its text, says beside it what the row says, and names no issue that there
/// is not.
pub async fn is_right(tx: &mut Connection) -> Result<bool, StoreError> {
    let same = BESIDE.map(|column| format!("i.{column} IS r.{column}")).join(" AND ");
    let unknown = format!(
        "SELECT EXISTS (SELECT 1 FROM search_rows r WHERE NOT EXISTS \
         (SELECT 1 FROM issues i WHERE i.issue_id = r.issue_id AND {same}))"
    );
    if sqlx::query_scalar(AssertSqlSafe(unknown)).fetch_one(&mut *tx).await? {
        return Ok(false);
    }
    let (mut last, mut right) = (String::new(), true);
    let page = "SELECT i.issue_id, i.search, r.id FROM issues i LEFT JOIN search_rows r ON r.issue_id = i.issue_id \
                WHERE i.issue_id > $1 ORDER BY i.issue_id LIMIT $2";
    while right {
        let rows: Vec<(String, String, Option<i64>)> =
            sqlx::query_as(page).bind(&last).bind(BATCH).fetch_all(&mut *tx).await?;
        let Some((newest, ..)) = rows.last() else { break };
        last.clone_from(newest);
        for (_, text, id) in &rows {
            right &= finds(tx, *id, text).await?;
        }
    }
    Ok(right)
}

async fn finds(tx: &mut Connection, id: Option<i64>, text: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM search_grams WHERE search_grams MATCH $1 AND rowid = $2)";
    let mut found = id.is_some();
    for some in grams(text).chunks(TOGETHER) {
        found &= sqlx::query_scalar::<_, bool>(sql).bind(some.join(" AND ")).bind(id).fetch_one(&mut *tx).await?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

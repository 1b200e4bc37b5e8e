//! Counters of issues, kept in the transaction that changes their rows, so that a board of a million counts in milliseconds.
//! Knows the rows of the projection; `verify` proves it and `rebuild` counts anew.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::groups::{groups, places};
use super::projection::{self, Cell, Rewrite, Row, Rows};
use super::{Connection, StoreError};

/// A table of counters: its key, and what it should hold.
struct Tally {
    table: &'static str,
    key: &'static str,
    counted: &'static str,
}

const TALLIES: [Tally; 4] = [
    Tally {
        table: "tallies",
        key: "zone_id, kind, place_type, state",
        counted: "SELECT zone_id, kind, place_type, state, COUNT(*) AS issue_count FROM issues \
                  GROUP BY zone_id, kind, place_type, state",
    },
    Tally {
        table: "kind_tallies",
        key: "zone_id, kind, state",
        counted: "SELECT zone_id, kind, state, COUNT(*) AS issue_count FROM issues GROUP BY zone_id, kind, state",
    },
    Tally {
        table: "place_tallies",
        key: "zone_id, place_type, state",
        counted: "SELECT zone_id, place_type, state, COUNT(*) AS issue_count FROM issues \
                  GROUP BY zone_id, place_type, state",
    },
    Tally {
        table: "person_tallies",
        key: "person_id, zone_id, state",
        counted: "SELECT person_id, zone_id, state, COUNT(*) AS issue_count FROM \
                  (SELECT person_id, zone_id, state FROM charges UNION ALL \
                   SELECT 0, zone_id, state FROM issues WHERE assignee_id IS NULL AND responsible_ids = '') c \
                  GROUP BY person_id, zone_id, state",
    },
];

/// By how much each counter moves, under its key as text and numbers.
type Moves = BTreeMap<Vec<Key>, i64>;

/// Whoever is in charge of what nobody is in charge of.
const NOBODY: Key = Key::Int(0);

/// A cell that can be a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Int(i64),
    Text(String),
}

/// Moves the counters from the rows that stand there to those that shall.
pub async fn keep(tx: &mut Connection, all: &[Rewrite]) -> Result<(), StoreError> {
    let mut moves = TALLIES.map(|_| Moves::new());
    for rewrite in all {
        match &rewrite.before {
            Some(before) => count(&mut moves, before, -1),
            None => count(&mut moves, &projection::read(tx, rewrite.issue).await?, -1),
        }
        count(&mut moves, &rewrite.after, 1);
    }
    for (tally, moves) in TALLIES.iter().zip(moves) {
        apply(tx, tally, moves).await?;
    }
    Ok(())
}

fn count([sorts, kinds, places, persons]: &mut [Moves; 4], rows: &Rows, by: i64) {
    for issue in Rewrite::table(rows, "issues") {
        let at = |column: &str| key(issue, projection::column("issues", column));
        let sort = ["zone_id", "kind", "place_type", "state"].map(at);
        let [Some(zone), Some(kind), Some(place), Some(state)] = sort else { continue };
        let of = |sort: &[&Key]| [&[&zone], sort, &[&state]].concat().into_iter().cloned().collect();
        *sorts.entry(of(&[&kind, &place])).or_default() += by;
        *kinds.entry(of(&[&kind])).or_default() += by;
        *places.entry(of(&[&place])).or_default() += by;
        let charges = Rewrite::table(rows, "charges").iter();
        let mut charged: Vec<Key> =
            charges.filter_map(|row| key(row, projection::column("charges", "person_id"))).collect();
        if charged.is_empty() {
            charged.push(NOBODY);
        }
        for person in charged {
            *persons.entry(vec![person, zone.clone(), state.clone()]).or_default() += by;
        }
    }
}

fn key(row: &Row, at: usize) -> Option<Key> {
    match row.get(at)? {
        Cell::Int(value) => Some(Key::Int(*value)),
        Cell::Text(value) => Some(Key::Text(value.clone())),
        Cell::Real(_) | Cell::Null => None,
    }
}

async fn apply(tx: &mut Connection, Tally { table, key, .. }: &Tally, moves: Moves) -> Result<(), StoreError> {
    let moved: Vec<_> = moves.into_iter().filter(|(_, by)| *by != 0).collect();
    for group in groups(&moved) {
        let places = places(group.len(), key.split(',').count() + 1);
        let sql = format!(
            "INSERT INTO {table} ({key}, issue_count) VALUES {places} ON CONFLICT ({key}) \
             DO UPDATE SET issue_count = {table}.issue_count + excluded.issue_count"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (keys, by) in group {
            for key in keys {
                query = match key {
                    Key::Int(value) => query.bind(*value),
                    Key::Text(value) => query.bind(value.as_str()),
                };
            }
            query = query.bind(*by);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Whether every counter says how many issues there are; one of nothing may stand at zero.
pub async fn are_right(tx: &mut Connection) -> Result<bool, StoreError> {
    for Tally { table, counted, key } in &TALLIES {
        let kept = format!("SELECT {key}, issue_count FROM {table} WHERE issue_count <> 0");
        for (one, other) in [(*counted, kept.as_str()), (kept.as_str(), *counted)] {
            let differ = format!("SELECT COUNT(*) FROM (SELECT * FROM ({one}) a EXCEPT SELECT * FROM ({other}) b) c");
            let differ: i64 = sqlx::query_scalar(AssertSqlSafe(differ)).fetch_one(&mut *tx).await?;
            if differ != 0 {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Counts everything anew.
pub async fn recount(tx: &mut Connection) -> Result<(), StoreError> {
    for Tally { table, counted, key } in &TALLIES {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *tx).await?;
        let insert = format!("INSERT INTO {table} ({key}, issue_count) {counted}");
        sqlx::query(AssertSqlSafe(insert)).execute(&mut *tx).await?;
    }
    Ok(())
}

//! How many issues there are of a filter, by state and by something else. What the counters know is asked of them; the rest is counted
//! here, from two texts that SQLite tells for each question, because it would sort what it has to group.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream, try_join};
use rustc_hash::FxHashMap;
use sqlx::QueryBuilder;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::filter::{Filter, Grouping, NOBODY};
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::asked::{Asked, Narrow};
use super::conditions::{push_counted, push_due, push_sorts};
use super::state;
use super::stretches::{Question, Remembered, Stretch, sum};
use crate::store::{Db, Pool, StoreError, search};

/// Of a group and a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub all: u64,
    pub overdue: u64,
}

/// By group and state, those that are none left out.
pub type Counts = BTreeMap<(String, State), Count>;

/// Counts for the boards of an office, and remembers of what words it did so.
pub struct Counter {
    pool: Pool,
    remembered: Remembered,
}

impl Counter {
    pub fn of(pool: Pool) -> Self {
        Self { pool, remembered: Remembered::default() }
    }

    /// How many issues of each state each group has, and how many there are in all: an issue counts for each person that has it in
    /// charge, and once in all.
    pub async fn tally(
        &self,
        zones: Option<&[ZoneId]>,
        filter: &Filter,
        now: Timestamp,
        by: Grouping,
    ) -> Result<(u64, Counts), StoreError> {
        let asked = Asked::counted(&self.pool, zones, filter, now).await?;
        if let Some(Narrow::Exactly(_)) = asked.narrow {
            return self.beside_words(&asked, by).await;
        }
        let overdue = Filter { overdue: true, ..filter.clone() };
        let (mut counts, late) = try_join!(self.counts(zones, filter, now, by), self.counts(zones, &overdue, now, by))?;
        for (at, late) in late {
            // One that there was not a moment ago is left for the next time.
            counts.entry(at).and_modify(|count| count.overdue = late.all.min(count.all));
        }
        let once = match by {
            Grouping::Person => total(&self.counts(zones, filter, now, Grouping::State).await?),
            _ => total(&counts),
        };
        Ok((once, counts))
    }

    /// As [`Counter::tally`], where nobody asks for what is overdue.
    pub async fn counts(
        &self,
        zones: Option<&[ZoneId]>,
        filter: &Filter,
        now: Timestamp,
        by: Grouping,
    ) -> Result<Counts, StoreError> {
        if let Some(mut query) = from_counters(zones, filter, by) {
            let rows: Vec<(String, String, i64)> = query.build_query_as().fetch_all(&self.pool).await?;
            let counted = rows.into_iter().filter(|(.., count)| *count > 0);
            let count = |count: i64| Count { all: count.unsigned_abs(), overdue: 0 };
            return counted.map(|(key, code, all)| Ok(((key, state(&code)?), count(all)))).collect();
        }
        let asked = Asked::counted(&self.pool, zones, filter, now).await?;
        if let Some(Narrow::Exactly(_)) = asked.narrow {
            return Ok(self.beside_words(&asked, by).await?.1);
        }
        let mut counts = Counts::new();
        add(&mut counts, &from_issues(&asked, by).build_query_as().fetch_one(&self.pool).await?, by)?;
        Ok(counts)
    }

    /// What many have is counted a stretch after the other, so that no long text stands in memory, and only where something has changed.
    async fn beside_words(&self, asked: &Asked<'_>, by: Grouping) -> Result<(u64, Counts), StoreError> {
        // Before anything is counted: what changes meanwhile is counted once more the next time.
        let versions = search::versions(&self.pool).await?;
        let question = Question::of(asked, by);
        let mut stretches = self.remembered.of(&question, &versions, asked.now);
        let changed: Vec<_> = versions.into_iter().filter(|(stretch, _)| !stretches.contains_key(stretch)).collect();
        let count =
            async |(stretch, version)| Ok::<_, StoreError>((stretch, self.stretch(asked, by, stretch, version).await?));
        let mut counted = stream::iter(changed).map(count).buffer_unordered(BESIDE_EACH_OTHER);
        while let Some((stretch, counted)) = counted.try_next().await? {
            stretches.insert(stretch, Arc::new(counted));
        }
        let sum = sum(&stretches);
        self.remembered.keep(question, stretches);
        Ok(sum)
    }

    async fn stretch(
        &self,
        asked: &Asked<'_>,
        by: Grouping,
        stretch: i64,
        version: i64,
    ) -> Result<Stretch, StoreError> {
        let mut query = from_words(asked, by, stretch * search::STRETCH..(stretch + 1) * search::STRETCH);
        let (groups, states, due): (_, _, Option<i64>) = query.build_query_as().fetch_one(&self.pool).await?;
        let mut counts = Counts::new();
        let total = add(&mut counts, &(groups, states), by)?;
        let due = due.map_or(Timestamp(i64::MAX), Timestamp);
        Ok(Stretch { version, counted: asked.now, due, total, counts })
    }
}

/// Stretches that are counted beside each other.
const BESIDE_EACH_OTHER: usize = 2;

/// How many that makes.
pub fn total(counts: &Counts) -> u64 {
    counts.values().map(|count| count.all).sum()
}

/// What the counters answer: a filter by nothing but what they count.
pub fn from_counters(zones: Option<&[ZoneId]>, filter: &Filter, by: Grouping) -> Option<QueryBuilder<Db>> {
    let Filter { states, zones: wanted, open, kind, place_type, assignee, unassigned, .. } = filter.clone();
    let plain = Filter { states, zones: wanted, open, ..Filter::default() };
    let sorts = Filter { kind, place_type, ..plain.clone() };
    let person = match by {
        Grouping::Person => *filter == plain,
        Grouping::State | Grouping::Zone => {
            assignee.is_some() != unassigned && *filter == Filter { assignee, unassigned, ..plain.clone() }
        }
        Grouping::Kind | Grouping::PlaceType => false,
    };
    let from = match by {
        _ if person => "person_tallies",
        Grouping::Person => return None,
        _ if *filter == sorts => sort_tallies(filter, by),
        _ => return None,
    };
    // As an expression, so that the condition chooses the index and not the order of the groups.
    let key = match by {
        Grouping::State => "state || ''",
        Grouping::Zone => "zone_id + 0",
        Grouping::Person => "person_id + 0",
        Grouping::Kind => "kind || ''",
        Grouping::PlaceType => "place_type || ''",
    };
    let mut query =
        QueryBuilder::new(format!("SELECT CAST({key} AS TEXT), state, SUM(issue_count) FROM {from} WHERE "));
    push_sorts(&mut query, zones, filter, false);
    if let Some(PersonId(person)) = filter.assignee.or(filter.unassigned.then_some(PersonId(0))) {
        query.push(" AND person_id = ").push_bind(person);
    }
    query.push(format!(" GROUP BY {key}, state"));
    Some(query)
}

/// The smallest counters that know what is asked.
pub fn sort_tallies(filter: &Filter, by: Grouping) -> &'static str {
    let kind = filter.kind.is_some() || by == Grouping::Kind;
    let place = filter.place_type.is_some() || by == Grouping::PlaceType;
    match (kind, place) {
        (true, true) => "tallies",
        (false, true) => "place_tallies",
        (_, false) => "kind_tallies",
    }
}

/// The groups and the states of all issues of a filter, in one order; both `NULL` where there is none.
type Told = (Option<String>, Option<String>);

/// Stands between two of them: what no id and no code has.
const BETWEEN: char = ';';
/// Stands behind the state of what is overdue.
const OVERDUE: char = '!';

fn group(by: Grouping) -> &'static str {
    match by {
        Grouping::State => "''",
        Grouping::Zone => "zone_id",
        // Whoever is assigned, and whoever is responsible beside him.
        Grouping::Person => "COALESCE(assignee_id, 0) || ',' || responsible_ids",
        Grouping::Kind => "kind",
        Grouping::PlaceType => "place_type",
    }
}

/// Asks for [`Told`].
pub fn from_issues(asked: &Asked, by: Grouping) -> QueryBuilder<Db> {
    let told = format!("SELECT group_concat({}, '{BETWEEN}'), group_concat(state, '{BETWEEN}') FROM ", group(by));
    let mut query = QueryBuilder::new(told);
    push_counted(&mut query, asked);
    query
}

/// Asks for [`Told`] of what has the words exactly, among these ids of the index of searches, and when the next of it is due.
pub fn from_words(asked: &Asked, by: Grouping, ids: Range<i64>) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new(format!("SELECT group_concat({}, '{BETWEEN}'), ", group(by)));
    // Most are not open, and no state is compared with those that have a clock.
    query.push("group_concat(CASE WHEN is_open = 1 AND ");
    push_due(&mut query, asked.now);
    query.push(format!(" THEN state || '{OVERDUE}' ELSE state END, '{BETWEEN}'), "));
    query.push("MIN(CASE WHEN is_open = 1 AND due_at >= ").push_bind(asked.now.0).push(" THEN due_at END) FROM ");
    push_counted(&mut query, asked);
    query.push(" AND g.rowid >= ").push_bind(ids.start).push(" AND g.rowid < ").push_bind(ids.end);
    query
}

/// Takes in what was told; gives how many issues that is.
fn add(counts: &mut Counts, (groups, states): &Told, by: Grouping) -> Result<u64, StoreError> {
    let (Some(groups), Some(states)) = (groups, states) else { return Ok(0) };
    let mut spelled: FxHashMap<(&str, &str), u64> = FxHashMap::default();
    for pair in groups.split(BETWEEN).zip(states.split(BETWEEN)) {
        *spelled.entry(pair).or_default() += 1;
    }
    for (&(group, code), count) in &spelled {
        let (state, overdue) = (state(code.trim_end_matches(OVERDUE))?, code.ends_with(OVERDUE));
        for key in keys(group, state, by) {
            let of_key = counts.entry((key.to_owned(), state)).or_default();
            of_key.all += count;
            of_key.overdue += if overdue { *count } else { 0 };
        }
    }
    Ok(spelled.values().sum())
}

/// The groups that are told as one: an issue counts for each person that has it in charge, and for [`NOBODY`] where there is none.
fn keys(group: &str, state: State, by: Grouping) -> Vec<&str> {
    match by {
        Grouping::State => vec![state.code()],
        Grouping::Person => {
            let mut people: Vec<&str> = group.split(',').filter(|id| !["", NOBODY].contains(id)).collect();
            people.sort_unstable();
            people.dedup();
            if people.is_empty() { vec![NOBODY] } else { people }
        }
        Grouping::Zone | Grouping::Kind | Grouping::PlaceType => vec![group],
    }
}

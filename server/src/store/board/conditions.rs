//! The conditions of a filter in SQL: each with the meaning of `shared::model::filter`, and worded so that the index serves which is meant.

use sqlx::QueryBuilder;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::catalogue::{Kind, kinds_called};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::DUE_SOON;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::DUE;
use super::asked::{Asked, EVERY_ZONE, Narrow};
use crate::store::{Db, search};

/// The conditions that issues and counters have in common. Within another order (`aside`) they are expressions, which no index
/// of theirs serves: a list is read in its own order, from an index that holds what filters ask.
pub fn push_sorts(query: &mut QueryBuilder<Db>, zones: Option<&[ZoneId]>, filter: &Filter, aside: bool) {
    let (number, text) = if aside { (" + 0", " || ''") } else { ("", "") };
    query.push("1 = 1");
    if let Some(zones) = zones {
        push_zones(query, number, zones.iter());
    }
    if !filter.states.is_empty() || filter.open {
        let wanted = |state: &State| filter.states.is_empty() || filter.states.contains(state);
        if aside && filter.states == [State::Void].into() && !filter.open {
            // As the index of these says it.
            query.push(" AND state = 'void'");
        }
        push_states(query, State::ALL.into_iter().filter(wanted).filter(|state| !filter.open || state.is_open()));
    }
    match (filter.zones.len(), filter.zones.first()) {
        (1, Some(zone)) => drop(query.push(format!(" AND zone_id{number} = ")).push_bind(zone.0)),
        (0, _) => {}
        _ => push_zones(query, number, filter.zones.iter()),
    }
    if let Some(kind) = filter.kind {
        query.push(format!(" AND kind{text} = ")).push_bind(kind.to_string());
    }
    if let Some(place_type) = filter.place_type {
        query.push(format!(" AND place_type{text} = ")).push_bind(place_type.code());
    }
}

fn push_zones<'a>(query: &mut QueryBuilder<Db>, number: &str, zones: impl Iterator<Item = &'a ZoneId>) {
    query.push(format!(" AND zone_id{number} IN ("));
    let mut list = query.separated(", ");
    for zone in zones {
        list.push_bind(zone.0);
    }
    // An empty list is not SQL everywhere; zero is no zone.
    list.push("0)");
}

fn push_states(query: &mut QueryBuilder<Db>, states: impl Iterator<Item = State>) {
    query.push(" AND state IN (");
    let mut list = query.separated(", ");
    for state in states {
        list.push_bind(state.code());
    }
    list.push("'')");
}

/// Where the issues of a list are read, and which they are.
pub fn push_listed(query: &mut QueryBuilder<Db>, asked: &Asked) {
    push_from(query, asked);
    push_filter(query, asked);
}

/// A count has no order to keep: of what nobody is in charge of, there is less than of what is open.
pub fn push_counted(query: &mut QueryBuilder<Db>, asked: &Asked) {
    let filter = asked.filter;
    let asks_deadline = filter.overdue || filter.pressing || filter.due_before.is_some();
    push_from(query, asked);
    push_conditions(query, asked, filter.is_of_open() && (asks_deadline || !filter.unassigned));
    push_words(query, asked);
}

/// What stands beside the words has the columns that are asked for by the names of the issue.
fn push_from(query: &mut QueryBuilder<Db>, asked: &Asked) {
    match &asked.narrow {
        Some(Narrow::Exactly(words)) => {
            query.push("search_grams g CROSS JOIN search_rows issues ON issues.id = g.rowid WHERE search_grams MATCH ");
            query.push_bind(words.clone()).push(" AND ")
        }
        _ => query.push("issues WHERE "),
    };
}

pub fn push_filter(query: &mut QueryBuilder<Db>, asked: &Asked) {
    push_conditions(query, asked, asked.filter.is_of_open());
    push_words(query, asked);
}

/// All but the words, within the order of the deadlines or outside of it.
pub fn push_conditions(query: &mut QueryBuilder<Db>, asked: &Asked, by_deadline: bool) {
    let Asked { zones, filter, now, narrow } = asked;
    let sort = filter.zones.len() == 1 && filter.kind.is_some() && narrow.is_none();
    push_sorts(query, *zones, filter, !sort || by_deadline);
    if by_deadline {
        // Says no more than the filter, but so that the index of open issues serves.
        query.push(" AND is_open = 1");
    }
    push_marks(query, filter, *now);
    push_times(query, filter, by_deadline);
    push_people(query, filter, by_deadline, narrow.is_some());
    match narrow {
        None | Some(Narrow::WordsInOrder(_) | Narrow::Exactly(_) | Narrow::Soon(_)) => {}
        Some(Narrow::Words(words)) => {
            query.push(" AND issues.issue_id IN (SELECT issue_id FROM search_rows WHERE id IN ");
            query.push("(SELECT rowid FROM search_grams WHERE search_grams MATCH ").push_bind(words.clone()).push("))");
        }
        Some(Narrow::Sorts) => push_rare(query, *zones, filter),
    }
}

/// By what the counters have any of: each is a stretch of the index of sorts.
fn push_rare(query: &mut QueryBuilder<Db>, zones: Option<&[ZoneId]>, filter: &Filter) {
    let sorts = Filter { states: [].into(), open: false, ..filter.clone() };
    query.push(
        " AND issues.issue_id IN (SELECT i.issue_id FROM (SELECT DISTINCT zone_id AS z, kind AS k, place_type AS p ",
    );
    query.push(format!("FROM tallies WHERE issue_count > 0 AND {EVERY_ZONE}"));
    push_sorts(query, zones, &sorts, false);
    query.push(") CROSS JOIN issues i WHERE i.zone_id = z AND i.kind = k AND i.place_type = p)");
}

fn push_people(query: &mut QueryBuilder<Db>, filter: &Filter, by_deadline: bool, narrow: bool) {
    if let Some(PersonId(person)) = filter.assignee {
        query
            .push(" AND issues.issue_id IN (SELECT issue_id FROM charges WHERE person_id = ")
            .push_bind(person)
            .push(")");
    }
    if filter.unassigned {
        // As the index of such issues says it; within those that are open, an expression that leaves their order to its own.
        let text = if by_deadline { " || ''" } else { "" };
        query.push(format!(" AND COALESCE(assignee_id, 0) = 0 AND responsible_ids{text} = ''"));
    }
    if let Some(PersonId(person)) = filter.reporter {
        let number = if narrow { " + 0" } else { "" };
        query.push(format!(" AND reporter_id{number} = ")).push_bind(person);
    }
}

/// Where the index of searches does not say all of them itself.
pub fn push_words(query: &mut QueryBuilder<Db>, asked: &Asked) {
    let Asked { filter, narrow, .. } = asked;
    let beside = matches!(narrow, Some(Narrow::Exactly(_)));
    let is_said = |spellings: &Vec<String>| beside && spellings.iter().all(|word| search::is_part(word));
    for spellings in filter.words().into_iter().filter(|spellings| !is_said(spellings)) {
        query.push(" AND (1 = 0");
        for word in spellings {
            let kinds: Vec<Kind> =
                if beside { kinds_called(&word).collect() } else { filter.own_called(&word).collect() };
            for kind in kinds {
                query.push(" OR kind || '' = ").push_bind(kind.to_string());
            }
            // Only of what is of none of these kinds, a text has to be looked up.
            let looked_up = "(SELECT i.search FROM issues i WHERE i.issue_id = issues.issue_id)";
            let text = if beside { looked_up } else { "search" };
            query.push(format!(" OR instr({text}, ")).push_bind(word).push(") > 0");
        }
        query.push(")");
    }
}

fn push_marks(query: &mut QueryBuilder<Db>, filter: &Filter, now: Timestamp) {
    if filter.supervised {
        query.push(" AND supervision_level IS NOT NULL");
    }
    // Few of all: found by their own indexes, whatever the order of the list.
    if filter.undecided {
        query.push(" AND issues.issue_id IN (SELECT issue_id FROM issues WHERE is_undecided = 1)");
    }
    if filter.asked {
        query.push(" AND issues.issue_id IN (SELECT issue_id FROM issues WHERE is_asked = 1)");
    }
    if let Some(issue) = filter.linked {
        query.push(" AND (merged_into = ").push_bind(issue.to_string());
        query.push(" OR recurrence_of = ").push_bind(issue.to_string()).push(")");
    }
    for before in [filter.overdue.then_some(now), filter.due_before].into_iter().flatten() {
        push_due(query.push(" AND "), before);
    }
    if filter.pressing {
        query.push(" AND (supervision_level IS NOT NULL OR (");
        push_due(query, now + DUE_SOON);
        query.push("))");
    }
}

/// The clock runs and the deadline is before this moment, in words that the index of open issues holds.
pub fn push_due(query: &mut QueryBuilder<Db>, before: Timestamp) {
    query.push(format!("{DUE} < ")).push_bind(before.0);
    push_states(query, State::ALL.into_iter().filter(|state| state.clock_runs()));
}

/// Within the order of the deadlines as expressions, which leave it to its own index.
fn push_times(query: &mut QueryBuilder<Db>, filter: &Filter, by_deadline: bool) {
    let number = if by_deadline { " + 0" } else { "" };
    let times = [
        ("reported_at", number, " >=", filter.reported_from),
        ("reported_at", number, " <", filter.reported_before),
        ("is_open = 0 AND closed_at", "", " >=", filter.closed_from),
        ("is_open = 0 AND closed_at", "", " <", filter.closed_before),
    ];
    for (column, number, relation, at) in times {
        if let Some(at) = at {
            query.push(format!(" AND {column}{number}{relation} ")).push_bind(at.0);
        }
    }
}

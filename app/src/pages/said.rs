//! A filter in words, and its addresses: what stands over a list and under a bookmark.

use leptos::prelude::*;
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::time::Timestamp;

use crate::components::Ui;
use crate::components::lean::maybe;
use crate::format;
use crate::texts::fill;

/// Empty where nothing narrows the list.
pub fn said(ui: Ui, filter: &Filter) -> String {
    let t = ui.t;
    let day = |at: Timestamp| at.date().to_string();
    let flag = |on: bool, name: &'static str| on.then(|| name.to_string());
    let span = |words: &'static str, from: Option<Timestamp>, before: Option<Timestamp>| {
        (from.is_some() || before.is_some())
            .then(|| fill(words, &[&from.map(first).unwrap_or_default(), &before.map(last).unwrap_or_default()]))
    };
    let states = filter.states.iter().map(|state| Some(t.state(*state).to_string()));
    let parts = [
        Some(ui.join(filter.zones.iter().map(|zone| ui.zone(*zone)))).filter(|it| !it.is_empty()),
        flag(filter.unassigned, t.nobody_in_charge),
        filter.assignee.map(|person| ui.person(person)),
        filter.kind.map(|kind| ui.kind(kind)),
        filter.place_type.map(|place| t.place_type(place).to_string()),
        filter.reporter.map(|person| fill(t.reported_by, &[&ui.person(person)])),
        flag(filter.open, t.state_open),
        flag(filter.overdue, t.group_overdue),
        flag(filter.pressing, t.pressing),
        flag(filter.supervised, t.supervised),
        flag(filter.undecided, t.undecided_list),
        flag(filter.asked, t.only_asked),
        flag(filter.linked.is_some(), t.linked_to),
        filter.due_before.map(|at| fill(t.due_before, &[&day(at)])),
        span(t.reported_span, filter.reported_from, filter.reported_before),
        span(t.closed_span, filter.closed_from, filter.closed_before),
        Some(filter.text.trim().to_string()).filter(|text| !text.is_empty()),
    ];
    states.chain(parts).flatten().collect::<Vec<_>>().join(" · ")
}

/// The first day of a span, with the time where it begins within one.
fn first(from: Timestamp) -> String {
    let day = from.date();
    if from == day.start() { day.to_string() } else { format!("{day} {}", format::clock(from)) }
}

/// The last day before a moment, or that moment where it lies within a day.
fn last(before: Timestamp) -> String {
    if before == before.date().start() { (before + -1).date().to_string() } else { first(before) }
}

/// 包保 of the one zone that a list is about; nothing over a list of several.
pub fn borne(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    let zone =
        Memo::new(move |_| filter.with(|filter| filter.zones.first().copied().filter(|_| filter.zones.len() == 1)));
    maybe(move || {
        let borne = Some(ui.bearers(zone.get()?)).filter(|borne| !borne.is_empty())?;
        Some(view! { <p class="borne" data-testid="borne"><strong>{ui.t.bearers}</strong> " " {borne}</p> }.into_any())
    })
}

/// What a group of a board is called.
pub fn group(ui: Ui, by: Grouping, key: &str) -> String {
    let named = said(ui, &Filter::default().within(by, key));
    if named.is_empty() { key.to_string() } else { named }
}

pub fn list_address(filter: &Filter) -> String {
    address("/list", &filter.query())
}

pub fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_string() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use xiaohao_shared::time::{Date, HOUR};

    use super::*;

    #[test]
    fn a_span_of_whole_days_is_told_by_days_and_one_within_a_day_by_the_clock() {
        let day = Date::new(2026, 11, 26).unwrap();
        assert_eq!([first(day.start()), last(day.next().start())], ["2026-11-26"; 2]);
        let at = day.start() + 22 * HOUR;
        assert_eq!([first(at), last(at + HOUR / 2)], ["2026-11-26 22:00", "2026-11-26 22:30"]);
    }
}

//! Search, order and filters above a list. Writes into one [`Filter`], whose meaning is the core's.

use leptos::prelude::*;
use xiaohao_shared::model::catalogue::PlaceType;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::workflow::State;

use super::Ui;
use super::amend_form::{kind_choices, place_type_choices, zone_choices};
use super::fields::{Choices, Wire, button, choose, search, tick};
use super::icon::{Icon, icon};
use super::lean::{all, given, key, maybe, nothing, tap};

/// How many conditions are set, beside the text that stands in sight.
fn conditions(filter: &Filter) -> usize {
    let flags = [
        !filter.states.is_empty(),
        !filter.zones.is_empty(),
        filter.kind.is_some(),
        filter.place_type.is_some(),
        filter.supervised,
        filter.overdue,
        filter.undecided,
        filter.asked,
        filter.linked.is_some(),
        filter.pressing,
        filter.assignee.is_some() || filter.unassigned,
        filter.reporter.is_some(),
        filter.due_before.is_some(),
        filter.reported_from.is_some() || filter.reported_before.is_some(),
        filter.closed_from.is_some() || filter.closed_before.is_some(),
    ];
    flags.into_iter().filter(|on| *on).count()
}

/// Further conditions of a page.
pub type More = fn(Ui, RwSignal<Filter>) -> AnyView;

/// `states`: whether the state is a filter here; a board has it as columns. `order` stands beside the search.
/// `more`: the conditions of the desk, whose code no phone of a cadre starts with; they hold the zones then, too.
pub fn filter_bar(ui: Ui, filter: RwSignal<Filter>, states: bool, order: AnyView, more: Option<More>) -> AnyView {
    let t = ui.t;
    let open = RwSignal::new(false);
    let text = Wire::new(
        move || filter.with(|filter| filter.text.clone()),
        move |text| filter.update(|filter| filter.text = text),
    );
    let count = key(move || filter.with(conditions).to_string());
    let badge = maybe(move || {
        let count = count.get();
        (count != "0").then(|| view! { <b class="badge">{count}</b> }.into_any())
    });
    let expanded = super::lean::text(move || open.get().to_string());
    let toggle = tap(move || open.update(|open| *open = !*open));
    let clear = move || {
        filter.update(|filter| {
            *filter = Filter { text: std::mem::take(&mut filter.text), open: filter.open, ..Filter::default() };
        });
    };
    let clear = maybe(move || (count.get() != "0").then(|| button("plain", "clear-filter", t.clear_filter, clear)));
    let panel = maybe(move || open.get().then(|| panel(ui, filter, states, more)));
    view! {
        <div class="filter-bar">
            {search(t.search_short, t.search, text, "search")} {order}
            <button type="button" class="plain" aria-expanded=expanded data-testid="filters" on:click=toggle>
                {icon(Icon::Filter)} <span>{t.filter}</span> {badge}
            </button>
            {clear}
        </div>
        {panel}
    }
    .into_any()
}

fn panel(ui: Ui, filter: RwSignal<Filter>, states: bool, more: Option<More>) -> AnyView {
    let t = ui.t;
    let zone = Wire::new(
        move || filter.with(|filter| code(filter.zones.first())),
        move |value| filter.update(|filter| filter.zones = value.parse().into_iter().collect()),
    );
    let kind = Wire::new(
        move || filter.with(|filter| code(filter.kind)),
        move |value| filter.update(|filter| filter.kind = value.parse().ok()),
    );
    let place_type = Wire::new(
        move || filter.with(|filter| filter.place_type.map_or("", PlaceType::code).into()),
        move |value| filter.update(|filter| filter.place_type = PlaceType::from_code(&value)),
    );
    let flag = |label: &str, of: fn(&mut Filter) -> &mut bool| {
        let value = move || filter.with(|filter| *of(&mut filter.clone()));
        tick(label, value, move |on| filter.update(|filter| *of(filter) = on), "")
    };
    let fields = [
        if states { state_choice(ui, filter) } else { nothing() },
        if more.is_some() {
            nothing()
        } else {
            choose(t.zone, zone, with_any(ui, zone_choices(ui, false)), "filter-zone")
        },
        choose(t.kind_label, kind, with_any(ui, kind_choices(ui)), "filter-kind"),
        choose(t.place_type_label, place_type, with_any(ui, place_type_choices(ui)), "filter-place-type"),
    ];
    let more = given(more.map(|more| more(ui, filter)));
    let flags = [
        flag(t.only_overdue, |filter| &mut filter.overdue),
        flag(t.pressing, |filter| &mut filter.pressing),
        flag(t.only_supervised, |filter| &mut filter.supervised),
        flag(t.only_asked, |filter| &mut filter.asked),
        flag(t.only_undecided, |filter| &mut filter.undecided),
    ];
    view! { <div class="conditions">{all(fields)} {more} <div class="ticks">{all(flags)}</div></div> }.into_any()
}

fn code<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The first choice of a filter is: any.
fn with_any(ui: Ui, mut choices: Choices) -> Choices {
    choices.insert(0, (String::new(), ui.t.any.into()));
    choices
}

/// Open ones, all, or those of one state.
fn state_choice(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    let t = ui.t;
    let heads = [("open".to_string(), t.state_open.to_string()), ("all".into(), t.state_all.into())];
    let states = State::ALL.into_iter().map(|state| (state.code().to_string(), t.state(state).to_string()));
    let value = move || {
        filter.with(|filter| match filter.states.first() {
            Some(state) => state.code().to_string(),
            None if filter.open => "open".into(),
            None => "all".into(),
        })
    };
    let set = move |code: String| {
        filter.update(|filter| {
            filter.states = State::from_code(&code).into_iter().collect();
            filter.open = code == "open";
        });
    };
    choose(t.state_label, Wire::new(value, set), heads.into_iter().chain(states).collect(), "filter-state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_badge_counts_what_narrows_the_list_and_not_the_text() {
        let filter = Filter { overdue: true, states: [State::Filed].into(), text: "x".into(), ..Filter::default() };
        assert_eq!((conditions(&Filter::default()), conditions(&filter)), (0, 2));
    }
}

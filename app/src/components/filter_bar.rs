//! Search, order and filters above a list. Writes into one [`Filter`], whose meaning is the core's.

use leptos::prelude::*;
use xiaohao_shared::model::catalogue::PlaceType;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::workflow::State;

use super::amend_form::{kind_choices, place_type_choices, zone_choices};
use super::fields::{Choices, Choose, Tick};
use super::icon::{Icon, icon};
use super::{Ui, use_ui};

/// How many conditions are set, beside the text that stands in sight.
fn conditions(filter: &Filter) -> usize {
    let flags = [
        !filter.states.is_empty(),
        filter.zone.is_some(),
        filter.kind.is_some(),
        filter.place_type.is_some(),
        filter.supervised,
        filter.overdue,
        filter.undecided,
    ];
    flags.into_iter().filter(|on| *on).count()
}

/// `states`: whether the state is a filter here; a board has it as columns.
#[component]
pub fn FilterBar(
    filter: RwSignal<Filter>,
    states: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let open = RwSignal::new(false);
    let count = Memo::new(move |_| filter.with(conditions));
    view! {
        <div class="filter-bar">
            <label class="search">
                {icon(Icon::Search)}
                <input
                    type="search"
                    placeholder=t.search
                    aria-label=t.search
                    data-testid="search"
                    prop:value=move || filter.with(|filter| filter.text.clone())
                    on:input=move |event| filter.update(|filter| filter.text = event_target_value(&event))
                />
            </label>
            {children.map(|children| children())}
            <button
                type="button"
                class="plain"
                aria-expanded=move || open.get().to_string()
                data-testid="filters"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon(Icon::Filter)} <span>{t.filter}</span>
                {move || (count.get() > 0).then(|| view! { <b class="badge">{count.get()}</b> })}
            </button>
        </div>
        {move || open.get().then(|| view! { <Conditions filter states count /> })}
    }
}

#[component]
fn Conditions(filter: RwSignal<Filter>, states: bool, count: Memo<usize>) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let clear = move |_| {
        filter.update(|filter| {
            *filter = Filter { text: std::mem::take(&mut filter.text), open: filter.open, ..Filter::default() };
        });
    };
    view! {
        <div class="conditions">
            {states.then(|| view! { <StateChoice filter /> })}
            <Choice
                label=t.zone
                choices=zone_choices(ui, false)
                value=move || filter.with(|filter| code(filter.zone))
                set=move |value| filter.update(|filter| filter.zone = value.parse().ok())
            />
            <Choice
                label=t.kind_label
                choices=kind_choices(ui)
                value=move || filter.with(|filter| code(filter.kind))
                set=move |value| filter.update(|filter| filter.kind = value.parse().ok())
            />
            <Choice
                label=t.place_type_label
                choices=place_type_choices(ui)
                value=move || filter.with(|filter| filter.place_type.map_or("", PlaceType::code).into())
                set=move |value| filter.update(|filter| filter.place_type = PlaceType::from_code(&value))
            />
            <div class="ticks">
                <Flag filter label=t.only_overdue get=|filter| filter.overdue set=|filter, on| filter.overdue = on />
                <Flag filter label=t.only_supervised get=|filter| filter.supervised set=|filter, on| filter.supervised = on />
                <Flag filter label=t.only_undecided get=|filter| filter.undecided set=|filter, on| filter.undecided = on />
            </div>
            {move || {
                (count.get() > 0)
                    .then(|| view! { <button type="button" class="plain" on:click=clear>{t.clear_filter}</button> })
            }}
        </div>
    }
}

fn code<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A drop-down whose first choice is: any.
#[component]
fn Choice(
    label: &'static str,
    choices: Choices,
    value: impl Fn() -> String + Send + Sync + 'static,
    set: impl Fn(String) + Send + Sync + 'static,
) -> impl IntoView {
    let choices = any(use_ui()).chain(choices).collect::<Choices>();
    view! { <Choose label value=Signal::derive(value) on_change=Callback::new(set) choices /> }
}

fn any(ui: Ui) -> impl Iterator<Item = (String, String)> {
    std::iter::once((String::new(), ui.t.any.to_string()))
}

#[component]
fn Flag(
    filter: RwSignal<Filter>,
    label: &'static str,
    get: fn(&Filter) -> bool,
    set: fn(&mut Filter, bool),
) -> impl IntoView {
    let value = Signal::derive(move || filter.with(get));
    view! { <Tick label value on_change=Callback::new(move |on| filter.update(|filter| set(filter, on))) /> }
}

/// Open ones, all, or those of one state.
#[component]
fn StateChoice(filter: RwSignal<Filter>) -> impl IntoView {
    let t = use_ui().t;
    let heads = [("open".to_string(), t.state_open.to_string()), ("all".into(), t.state_all.into())];
    let states = State::ALL.into_iter().map(|state| (state.code().to_string(), t.state(state).to_string()));
    let choices: Choices = heads.into_iter().chain(states).collect();
    let value = Signal::derive(move || {
        filter.with(|filter| match filter.states.first() {
            Some(state) => state.code().to_string(),
            None if filter.open => "open".into(),
            None => "all".into(),
        })
    });
    let on_change = Callback::new(move |code: String| {
        filter.update(|filter| {
            filter.states = State::from_code(&code).into_iter().collect();
            filter.open = code == "open";
        });
    });
    view! { <Choose label=t.state_label value on_change choices testid="filter-state" /> }
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

//! Concurrent values: all of them with who and when; one tap decides. The choice is an ordinary edit, also offline.

use leptos::prelude::*;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Conflict, Version};

use super::icon::{Icon, icon};
use super::{Ui, use_ui};
use crate::format;
use crate::texts::fill;

#[component]
pub fn Conflicts(conflicts: Vec<Conflict>, on_choose: Callback<Value>) -> impl IntoView {
    let t = use_ui().t;
    (!conflicts.is_empty()).then(|| {
        let one = move |conflict: Conflict| view! { <OneConflict conflict on_choose /> };
        view! {
            <section class="conflicts" aria-labelledby="conflicts-title">
                <h2 id="conflicts-title">{icon(Icon::Warning)} " " {t.conflicts_title}</h2>
                <p>{t.conflicts_text}</p>
                {conflicts.into_iter().map(one).collect_view()}
            </section>
        }
    })
}

#[component]
fn OneConflict(conflict: Conflict, on_choose: Callback<Value>) -> impl IntoView {
    let ui = use_ui();
    let choice = move |(at, version): (usize, Version)| {
        let who = version.by.map_or_else(|| ui.t.unknown_author.into(), |by| ui.person(by));
        let when = version.at.map(|at| format::date_time(ui.t, at, ui.now.get_untracked()));
        let words = value_words(ui, &version.value);
        view! {
            <button
                type="button"
                class="choice"
                data-testid="conflict-choice"
                on:click=move |_| on_choose.run(version.value.clone())
            >
                <strong>{words}</strong>
                <span>{who} {when.map(|when| format!(" · {when}"))}</span>
                {(at == 0).then(|| view! { <small>{ui.t.shown_now}</small> })}
                <em>{ui.t.choose_this}</em>
            </button>
        }
    };
    let title = fill(ui.t.conflict_of, &[&ui.t.register(conflict.register), &conflict.versions.len()]);
    view! {
        <h3>{title}</h3>
        <div class="choices">{conflict.versions.into_iter().enumerate().map(choice).collect_view()}</div>
    }
}

/// A value in the words that the rest of the page uses for it.
pub fn value_words(ui: Ui, value: &Value) -> String {
    let t = ui.t;
    let yes = |on: bool| if on { t.yes } else { t.no }.to_string();
    match value {
        Value::Schema(version) => version.to_string(),
        Value::Zone(zone) => ui.zone(*zone),
        Value::Kind(kind) => t.kind(*kind),
        Value::PlaceType(place_type) => t.place_type(*place_type).into(),
        Value::Description(text) => text.clone(),
        Value::Place(place) => format!("{} {}", place.address, place.landmark),
        Value::Severity(severity) => t.severity(*severity).into(),
        Value::State(state) => t.state(*state).into(),
        Value::Assignee(person) => person.map_or_else(|| t.nobody.into(), |person| ui.person(person)),
        Value::Due(due) => {
            due.map_or_else(|| t.no_deadline.into(), |due| format::date_time(t, due, ui.now.get_untracked()))
        }
        Value::Extensions(count) => count.to_string(),
        Value::Priority(on) => yes(*on),
        Value::Supervision(supervision) => {
            supervision.as_ref().map_or_else(|| t.no.into(), |supervision| t.level(supervision.level).into())
        }
        Value::DuplicateOf(issue) | Value::RecurrenceOf(issue) => {
            issue.map_or_else(|| t.no.into(), |issue| issue.to_string())
        }
    }
}

//! Concurrent values: all of them with who and when; one tap decides. The choice is an ordinary edit, also offline.

use leptos::prelude::*;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Conflict, Version};
use xiaohao_shared::model::Supervision;

use super::Ui;
use super::icon::{Icon, icon};
use super::lean::{all, nothing, tap};
use crate::texts::{Texts, fill};

pub fn conflicts(ui: Ui, conflicts: Vec<Conflict>, on_choose: Callback<Value>) -> AnyView {
    if conflicts.is_empty() {
        return nothing();
    }
    view! {
        <section class="conflicts" aria-labelledby="conflicts-title">
            <h2 id="conflicts-title">{icon(Icon::Warning)} " " {ui.t.conflicts_title}</h2>
            <p>{ui.t.conflicts_text}</p>
            {all(conflicts.into_iter().map(|conflict| one_conflict(ui, conflict, on_choose)))}
        </section>
    }
    .into_any()
}

fn one_conflict(ui: Ui, conflict: Conflict, on_choose: Callback<Value>) -> AnyView {
    let choice = |(at, version): (usize, Version)| {
        let who = version.by.map_or_else(|| ui.t.unknown_author.into(), |by| ui.person(by));
        let when = version.at.map(|at| format!(" · {}", ui.when(at))).unwrap_or_default();
        let words = value_words(ui, &version.value);
        let shown_now = if at == 0 { ui.t.shown_now } else { "" };
        let choose = tap(move || on_choose.run(version.value.clone()));
        view! {
            <button type="button" class="choice" data-testid="conflict-choice" on:click=choose>
                <strong>{words}</strong>
                <span>{who} {when}</span>
                <small>{shown_now}</small>
                <em>{ui.t.choose_this}</em>
            </button>
        }
        .into_any()
    };
    let title = fill(ui.t.conflict_of, &[&ui.t.register(conflict.register), &conflict.versions.len()]);
    view! {
        <h3>{title}</h3>
        <div class="choices">{all(conflict.versions.into_iter().enumerate().map(choice))}</div>
    }
    .into_any()
}

/// A value in the words that the rest of the page uses for it.
pub fn value_words(ui: Ui, value: &Value) -> String {
    let t = ui.t;
    let yes = |on: bool| if on { t.yes } else { t.no }.to_string();
    match value {
        Value::Schema(version) => version.to_string(),
        Value::Zone(zone) => ui.zone(*zone),
        Value::Kind(kind) => ui.kind(*kind),
        Value::PlaceType(place_type) => t.place_type(*place_type).into(),
        Value::Description(text) => text.clone(),
        Value::Place(place) => format!("{} {}", place.address, place.landmark),
        Value::Severity(severity) => t.severity(*severity).into(),
        Value::State(state) => t.state(*state).into(),
        Value::Assignee(person) => person.map_or_else(|| t.nobody.into(), |person| ui.person(person)),
        Value::Due(due) => due.map_or_else(|| t.no_deadline.into(), |due| ui.when(due)),
        Value::Extensions(count) => count.to_string(),
        Value::Priority(on) => yes(*on),
        Value::Supervision(supervision) => {
            supervision.as_ref().map_or_else(|| t.no.into(), |it| pressed(t, it, it.due.map(|due| ui.when(due))))
        }
        Value::DuplicateOf(issue) | Value::RecurrenceOf(issue) => {
            issue.map_or_else(|| t.no.into(), |issue| issue.to_string())
        }
    }
}

/// Two pressings of one level differ in their numbers or deadlines.
fn pressed(t: &Texts, Supervision { level, number, .. }: &Supervision, due: Option<String>) -> String {
    let due = due.map(|due| format!("{} {due}", t.press_due));
    let words = [t.level(*level).to_string(), number.clone(), due.unwrap_or_default()];
    words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::ZH;
    use xiaohao_shared::id::PersonId;
    use xiaohao_shared::model::SupervisionLevel;
    use xiaohao_shared::time::Timestamp;

    #[test]
    fn two_pressings_of_one_level_do_not_read_the_same() {
        let of = |number: &str, due: Option<&str>| {
            let (level, by, at) = (SupervisionLevel::Office, PersonId(1), Timestamp(0));
            let supervision = Supervision { level, number: number.into(), by, at, due: None };
            pressed(&ZH, &supervision, due.map(Into::into))
        };
        let level = ZH.level(SupervisionLevel::Office);
        assert_eq!(of("", None), level);
        assert_eq!(of("街督2026-7", Some("周五")), format!("{level} · 街督2026-7 · 督办期限 周五"));
        assert_ne!(of("街督2026-7", None), of("街督2026-8", None));
    }
}

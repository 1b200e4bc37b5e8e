//! Choosing who does something. People of the issue's own zone come first: they are who it usually is.

use leptos::prelude::*;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::model::{Person, Role};

use super::Ui;
use super::fields::{Choices, Wire, choose, ticks};
use super::lean::words;

/// Who can be put in charge there, by the same rule as at the office; those of the zone first.
fn candidates(ui: Ui, zone: Option<ZoneId>) -> Choices {
    let people = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.people.clone()));
    let sees = |person: &Person| zone.is_none_or(|zone| may_see_zone(person, zone));
    let fits = |person: &Person| person.active && person.role != Role::Administrator && sees(person);
    let near = |person: &Person| zone.is_some_and(|zone| person.zones.contains(&zone));
    let (own, others): (Vec<_>, Vec<_>) = people.unwrap_or_default().into_iter().filter(fits).partition(near);
    own.into_iter().chain(others).map(|person| named(ui, &person)).collect()
}

fn named(ui: Ui, person: &Person) -> (String, String) {
    (person.id.to_string(), format!("{} · {}", person.name, ui.t.role(person.role)))
}

pub fn choose_person(ui: Ui, label: &str, value: RwSignal<String>, zone: Option<ZoneId>) -> AnyView {
    let mut choices = candidates(ui, zone);
    choices.insert(0, (String::new(), ui.t.choose.into()));
    choose(label, value.into(), choices, "assignee")
}

/// 包保: any number of people beside the one in charge.
pub fn choose_support(ui: Ui, value: RwSignal<String>, zone: Option<ZoneId>) -> AnyView {
    let count = words(move || match value.with(|codes| codes.split(',').filter(|code| !code.is_empty()).count()) {
        0 => String::new(),
        n => format!(" ({n})"),
    });
    view! {
        <details class="field more">
            <summary>{ui.t.support} {count}</summary>
            {ticks(Wire::from(value), candidates(ui, zone))}
        </details>
    }
    .into_any()
}

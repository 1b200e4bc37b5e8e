//! Choosing who does something. People of the issue's own zone come first: they are who it usually is.

use std::collections::BTreeSet;

use leptos::prelude::*;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::{Person, Role};

use super::fields::{Choices, Choose, Tick};
use super::{Ui, use_ui};

/// Who can be put in charge, those of the zone first.
fn candidates(ui: Ui, zone: Option<ZoneId>) -> Vec<Person> {
    let mut people =
        ui.office.with_untracked(|office| office.as_ref().map(|office| office.people.clone())).unwrap_or_default();
    people.retain(|person| person.active && person.role != Role::Administrator);
    people.sort_by_key(|person| {
        let near = zone.is_some_and(|zone| person.zones.contains(&zone));
        (!near, person.role, person.name.clone())
    });
    people
}

#[component]
pub fn ChoosePerson(
    #[prop(into)] label: String,
    value: RwSignal<Option<PersonId>>,
    zone: Option<ZoneId>,
) -> impl IntoView {
    let ui = use_ui();
    let nobody = std::iter::once((String::new(), ui.t.choose.to_string()));
    let people = candidates(ui, zone);
    let choices: Choices = nobody.chain(people.into_iter().map(|person| named(ui, person))).collect();
    let code = Signal::derive(move || value.get().map(|id| id.to_string()).unwrap_or_default());
    let on_change = Callback::new(move |code: String| value.set(code.parse().ok()));
    view! { <Choose label value=code on_change choices testid="assignee" /> }
}

fn named(ui: Ui, person: Person) -> (String, String) {
    (person.id.to_string(), format!("{} · {}", person.name, ui.t.role(person.role)))
}

/// 包保: any number of people beside the one in charge.
#[component]
pub fn ChooseSupport(value: RwSignal<BTreeSet<PersonId>>, zone: Option<ZoneId>) -> impl IntoView {
    let ui = use_ui();
    let tick = move |person: Person| {
        let id = person.id;
        let on_change = Callback::new(move |on: bool| {
            value.update(|chosen| {
                if on {
                    chosen.insert(id)
                } else {
                    chosen.remove(&id)
                };
            });
        });
        let chosen = Signal::derive(move || value.with(|chosen| chosen.contains(&id)));
        view! { <Tick label=named(ui, person).1 value=chosen on_change /> }
    };
    let count = move || value.with(BTreeSet::len);
    view! {
        <details class="field more">
            <summary>{ui.t.support} " " {move || (count() > 0).then(|| format!("({})", count()))}</summary>
            <div class="ticks">{candidates(ui, zone).into_iter().map(tick).collect_view()}</div>
        </details>
    }
}

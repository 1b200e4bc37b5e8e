//! The conditions that the desk filters by beside those of every list: several zones, whoever is in charge or nobody, and
//! spans of days. Writes into one [`Filter`], whose meaning is the core's.

use leptos::prelude::*;
use xiaohao_shared::model::Role;
use xiaohao_shared::model::filter::{Filter, NOBODY};
use xiaohao_shared::time::{Date, Timestamp};

use crate::components::Ui;
use crate::components::amend_form::zone_choices;
use crate::components::fields::{Choices, Wire, choose, day, parsed, ticks};
use crate::components::lean::{all, maybe};

pub fn conditions(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    let t = ui.t;
    let zones = Wire::new(
        move || filter.with(|filter| filter.zones.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        move |codes| filter.update(|filter| filter.zones = parsed(&codes).collect()),
    );
    let person = Wire::new(
        move || filter.with(person_code),
        move |code| {
            filter.update(|filter| {
                filter.unassigned = code == NOBODY;
                filter.assignee = code.parse().ok().filter(|_| !filter.unassigned);
            });
        },
    );
    let days = [
        (t.reported_from, begins(filter, |filter| &mut filter.reported_from), "reported-from"),
        (t.reported_until, ends(filter, |filter| &mut filter.reported_before), "reported-until"),
        (t.closed_from, begins(filter, |filter| &mut filter.closed_from), "closed-from"),
        (t.closed_until, ends(filter, |filter| &mut filter.closed_before), "closed-until"),
    ];
    let reversed = maybe(move || {
        filter.with(is_reversed).then(|| view! { <p class="hint" role="status">{t.days_reversed}</p> }.into_any())
    });
    let days = days.map(|(label, wire, testid)| day(label, wire, testid));
    view! {
        <fieldset class="zones" data-testid="filter-zones">
            <legend>{t.zones}</legend>
            {ticks(zones, zone_choices(ui, false))}
        </fieldset>
        {choose(t.assignee, person, people(ui), "filter-person")}
        <div class="days">{all(days)}</div>
        {reversed}
    }
    .into_any()
}

/// No day is both after the first and before the last.
fn is_reversed(filter: &Filter) -> bool {
    let spans = [(filter.reported_from, filter.reported_before), (filter.closed_from, filter.closed_before)];
    spans.iter().any(|(from, before)| from.zip(*before).is_some_and(|(from, before)| from >= before))
}

fn person_code(filter: &Filter) -> String {
    let nobody = || if filter.unassigned { NOBODY.into() } else { String::new() };
    filter.assignee.map_or_else(nobody, |person| person.to_string())
}

/// Any, nobody, and whoever can be in charge; who left may still have something.
fn people(ui: Ui) -> Choices {
    let heads = [(String::new(), ui.t.any.to_string()), (NOBODY.into(), ui.t.nobody_in_charge.into())];
    let office = ui.client.office.get_untracked();
    let people = office.iter().flat_map(|office| &office.people).filter(|person| person.role != Role::Administrator);
    heads.into_iter().chain(people.map(|person| (person.id.to_string(), person.name.clone()))).collect()
}

type Field = fn(&mut Filter) -> &mut Option<Timestamp>;

fn begins(filter: RwSignal<Filter>, field: Field) -> Wire {
    span(filter, field, 0)
}

/// What a list is before is the day after the last that it shows.
fn ends(filter: RwSignal<Filter>, field: Field) -> Wire {
    span(filter, field, 1)
}

fn span(filter: RwSignal<Filter>, field: Field, later: i32) -> Wire {
    let value = move || {
        let at = filter.with(|filter| *field(&mut filter.clone()));
        at.map(|at| Date((at + -i64::from(later)).date().0).to_string()).unwrap_or_default()
    };
    let set = move |text: String| {
        let at = text.parse::<Date>().ok().map(|day| Date(day.0 + later).start());
        filter.update(|filter| *field(filter) = at);
    };
    Wire::new(value, set)
}

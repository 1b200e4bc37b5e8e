//! Choosing who does something. Who bears a part in the issue's own zone comes first, then who works there: they are who it usually is.

use leptos::prelude::*;
use xiaohao_shared::api::Office;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::model::{Person, Role};

use super::Ui;
use super::fields::{Choices, Wire, choose_needed, ticks};
use super::lean::{shown, words};

/// Who can be put in charge there, by the same rule as at the office: those who bear a part in the zone (包保), with their part, and
/// everybody else, those of the zone first.
fn ranked(office: &Office, zone: Option<ZoneId>) -> (Vec<(&Person, String)>, Vec<&Person>) {
    let bearers = zone.map(|zone| office.bearers(zone)).unwrap_or_default();
    let sees = |person: &Person| zone.is_none_or(|zone| may_see_zone(person, zone));
    let fits = |person: &&Person| person.active && person.role != Role::Administrator && sees(person);
    let others = office.people.iter().filter(fits).filter(|person| bearers.iter().all(|(it, _)| it.id != person.id));
    let (mut near, far): (Vec<_>, Vec<_>) =
        others.partition(|person| zone.is_some_and(|zone| person.zones.contains(&zone)));
    near.extend(far);
    (bearers, near)
}

fn candidates(ui: Ui, zone: Option<ZoneId>) -> (Choices, Choices) {
    let Some(office) = ui.client.office.get_untracked() else { return Default::default() };
    let (bearers, others) = ranked(&office, zone);
    let named = |person: &Person, as_what: &str| (person.id.to_string(), format!("{} · {as_what}", person.name));
    let bearers = bearers.iter().map(|(person, part)| named(person, part)).collect();
    (bearers, others.iter().map(|person| named(person, ui.t.role(person.role))).collect())
}

pub fn choose_person(
    ui: Ui,
    label: &str,
    required: Option<&str>,
    value: RwSignal<String>,
    zone: Option<ZoneId>,
) -> AnyView {
    let (bearers, others) = candidates(ui, zone);
    let nobody = (String::new(), ui.t.choose.into());
    let choices = std::iter::once(nobody).chain(bearers).chain(others).collect();
    choose_needed(label, required, value.into(), choices, "assignee")
}

/// 包保: any number of people beside the one in charge, who is not offered here. Who bears a part in the zone is in sight, the others
/// one tap away.
pub fn choose_support(ui: Ui, value: RwSignal<String>, charge: RwSignal<String>, zone: Option<ZoneId>) -> AnyView {
    let beside = move |code: &str| !code.is_empty() && charge.with(|charge| charge != code);
    let count = words(move || match value.with(|codes| codes.split(',').filter(|code| beside(code)).count()) {
        0 => String::new(),
        n => format!(" ({n})"),
    });
    let ticks = move |choices: Choices| {
        shown(move || {
            let choices = choices.iter().filter(|(code, _)| beside(code)).cloned().collect();
            ticks(Wire::from(value), choices)
        })
    };
    let (bearers, others) = candidates(ui, zone);
    if bearers.is_empty() {
        return view! {
            <details class="field more">
                <summary>{ui.t.support} {count}</summary>
                {ticks(others)}
            </details>
        }
        .into_any();
    }
    view! {
        <fieldset class="field" data-testid="bearers">
            <legend>{ui.t.support} {count}</legend>
            {ticks(bearers)}
            <details class="more">
                <summary>{ui.t.other_people}</summary>
                {ticks(others)}
            </details>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn office() -> Office {
        let person = |id: u32, role: &str, zones: &[u32]| json!({"id": id, "name": format!("person {id}"), "role": role, "zones": zones, "active": id != 5});
        let zone = |id: u32, bearers| json!({"id": id, "name": "zone", "bearers": bearers});
        let part = |person: u32, part: &str| json!({"person": person, "part": part});
        let bearers = json!([part(4, "领导包片"), part(5, "部门包点"), part(2, "干部包户"), part(3, "干部包户")]);
        let people = json!([
            person(1, "cadre", &[1]),
            person(2, "cadre", &[1]),
            person(3, "cadre", &[2]),
            person(4, "supervisor", &[]),
            person(5, "cadre", &[1]),
            person(6, "inspector", &[]),
            person(7, "administrator", &[1]),
        ]);
        serde_json::from_value(json!({
            "name": "office", "version": 1, "device": 1, "me": person(4, "supervisor", &[]), "people": people,
            "zones": [zone(1, bearers), zone(2, json!([]))], "calendar": xiaohao_shared::model::calendar::Calendar::default(),
        }))
        .unwrap()
    }

    #[test]
    fn who_bears_a_part_stands_first_and_who_left_or_works_elsewhere_nowhere() {
        let office = office();
        let (bearers, others) = ranked(&office, Some(ZoneId(1)));
        let bearers: Vec<_> = bearers.iter().map(|(person, part)| (person.id.0, part.as_str())).collect();
        assert_eq!(bearers, [(4, "领导包片"), (2, "干部包户")], "in the office's own order");
        assert_eq!(others.iter().map(|person| person.id.0).collect::<Vec<_>>(), [1, 6]);
    }

    #[test]
    fn without_a_zone_or_parts_everybody_is_offered_as_before() {
        let office = office();
        let (bearers, others) = ranked(&office, Some(ZoneId(2)));
        assert_eq!((bearers.len(), others.iter().map(|person| person.id.0).collect()), (0, vec![3, 4, 6]));
        let (bearers, others) = ranked(&office, None);
        assert_eq!((bearers.len(), others.iter().map(|person| person.id.0).collect()), (0, vec![1, 2, 3, 4, 6]));
    }
}

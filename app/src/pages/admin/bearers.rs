//! 包保 in the sheet of a zone: who answers for it together, and for which part. The parts are the office's own words; the usual ones
//! and those that it uses already are proposed.

use std::collections::BTreeSet;

use leptos::prelude::*;
use xiaohao_shared::api::{MAX_PARTS, Office};
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::model::{Bearer, Person, Zone};

use crate::components::Ui;
use crate::components::fields::{Choices, button, choose, line};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, shown, tap};
use crate::texts::fill;

/// What the sheet holds, and what is about to be added to it.
#[derive(Clone, Copy)]
pub struct Parts {
    opened: StoredValue<Vec<Bearer>>,
    bearers: RwSignal<Vec<Bearer>>,
    person: RwSignal<String>,
    part: RwSignal<String>,
}

impl Parts {
    /// Who left, or works there no more, is not written back.
    pub fn of(ui: Ui, zone: Option<&Zone>) -> Self {
        let works = |bearer: &&Bearer, zone: &Zone| {
            let office = ui.client.office.get_untracked();
            office.is_some_and(|office| workers(&office, zone.id).any(|person| person.id == bearer.person))
        };
        let bearers = zone.map(|zone| zone.bearers.iter().filter(|it| works(it, zone)).cloned().collect());
        let bearers: Vec<Bearer> = bearers.unwrap_or_default();
        Self {
            opened: StoredValue::new(bearers.clone()),
            bearers: RwSignal::new(bearers),
            person: RwSignal::new(String::new()),
            part: RwSignal::new(String::new()),
        }
    }

    /// A part that was typed and not added yet is meant as well.
    fn all(self) -> Vec<Bearer> {
        let mut all = self.bearers.get_untracked();
        all.extend(self.typed().filter(|typed| !all.contains(typed)));
        all
    }

    /// `None` where nobody touched them: what somebody else wrote meanwhile stays.
    pub fn changed(self) -> Option<Vec<Bearer>> {
        Some(self.all()).filter(|all| self.opened.with_value(|opened| opened != all))
    }

    fn typed(self) -> Option<Bearer> {
        let part = self.part.get_untracked().trim().to_string();
        let person: PersonId = self.person.get_untracked().parse().ok()?;
        (!part.is_empty()).then_some(Bearer { person, part })
    }

    fn add(self) {
        if self.typed().is_some() {
            self.bearers.set(self.all());
            self.person.set(String::new());
            self.part.set(String::new());
        }
    }

    fn remove(self, at: usize) {
        self.bearers.update(|bearers| drop(bearers.remove(at)));
    }
}

fn workers(office: &Office, zone: ZoneId) -> impl Iterator<Item = &Person> {
    office.people.iter().filter(move |person| may_see_zone(person, zone))
}

pub fn bearers(ui: Ui, zone: Option<ZoneId>, parts: Parts) -> AnyView {
    let t = ui.t;
    let Some((zone, office)) = zone.zip(ui.client.office.get_untracked()) else {
        return view! { <p class="hint">{t.bearers_first}</p> }.into_any();
    };
    let list = shown(move || match parts.bearers.get() {
        none if none.is_empty() => view! { <p class="hint" data-testid="no-bearers">{t.bearers_none}</p> }.into_any(),
        some => {
            let rows = some.iter().enumerate().map(|(at, bearer)| row(ui, parts, at, bearer));
            view! { <ul class="bearers">{all(rows)}</ul> }.into_any()
        }
    });
    let adding = shown(move || match parts.bearers.with(Vec::len) {
        MAX_PARTS.. => ().into_any(),
        _ => adding(ui, parts, zone, &office),
    });
    view! {
        <fieldset data-testid="zone-bearers">
            <legend>{t.bearers}</legend>
            <p class="dim">{t.bearers_about}</p>
            {list}
            {adding}
        </fieldset>
    }
    .into_any()
}

fn row(ui: Ui, parts: Parts, at: usize, bearer: &Bearer) -> AnyView {
    let words = fill(ui.t.bearer, &[&ui.person(bearer.person), &bearer.part]);
    let label = fill(ui.t.bearer_remove, &[&words]);
    view! {
        <li>
            <span>{words}</span>
            <button type="button" class="quiet" aria-label=label on:click=tap(move || parts.remove(at))>
                {icon(Icon::Cross)}
            </button>
        </li>
    }
    .into_any()
}

fn adding(ui: Ui, parts: Parts, zone: ZoneId, office: &Office) -> AnyView {
    let t = ui.t;
    let named = |person: &Person| (person.id.to_string(), format!("{} · {}", person.name, t.role(person.role)));
    let choices: Choices =
        std::iter::once((String::new(), t.choose.into())).chain(workers(office, zone).map(named)).collect();
    let usual = t.usual_parts.split('、').map(String::from);
    let known = office.zones.iter().flat_map(|zone| &zone.bearers).map(|bearer| bearer.part.clone());
    let proposed: BTreeSet<String> =
        known.filter(|part| !t.usual_parts.split('、').any(|usual| usual == part)).collect();
    let propose = |part: String| {
        let words = part.clone();
        button("plain", "", words, move || parts.part.set(part.clone()))
    };
    let proposals = all(usual.chain(proposed.into_iter().take(6)).map(propose));
    view! {
        {choose(t.bearer_person, parts.person.into(), choices, "bearer-person")}
        {line(t.bearer_part, parts.part.into(), t.bearer_part_hint, "20", "bearer-part")}
        <div class="buttons proposals">{proposals}</div>
        {button("plain wide", "add-bearer", t.bearer_add, move || parts.add())}
    }
    .into_any()
}

//! Correcting what was reported. Only what differs is written: a stale form must not undo the work of others.

use leptos::prelude::*;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, PlaceType};
use xiaohao_shared::model::workflow::Action;
use xiaohao_shared::model::{Issue, Place, Role, Severity};

use super::Ui;
use super::action_form::code;
use super::fields::{Choices, choose, labelled, line, segments, submit, words_field};
use super::lean::{all, flag, follow, submitted};
use super::wish::Wish;
use crate::client::begun::Begun;

#[derive(Clone, Copy)]
struct Fields {
    kind: RwSignal<String>,
    place_type: RwSignal<String>,
    zone: RwSignal<String>,
    severity: RwSignal<String>,
    description: RwSignal<String>,
    address: RwSignal<String>,
    landmark: RwSignal<String>,
    reason: RwSignal<String>,
}

impl Fields {
    fn of(issue: &Issue) -> Self {
        Self {
            kind: RwSignal::new(issue.kind.to_string()),
            place_type: RwSignal::new(issue.place_type.code().into()),
            zone: RwSignal::new(issue.zone.to_string()),
            severity: RwSignal::new(issue.severity.code().into()),
            description: RwSignal::new(issue.description.clone()),
            address: RwSignal::new(issue.place.address.clone()),
            landmark: RwSignal::new(issue.place.landmark.clone()),
            reason: RwSignal::new(String::new()),
        }
    }

    /// What was begun, laid over the issue as it is by now: what nobody touched follows the work of others.
    fn begin(&self, begun: Begun) {
        self.reason.set(begun.words);
        for value in begun.amended {
            match value {
                Value::Kind(kind) => self.kind.set(kind.to_string()),
                Value::PlaceType(place_type) => self.place_type.set(place_type.code().into()),
                Value::Zone(zone) => self.zone.set(zone.to_string()),
                Value::Severity(severity) => self.severity.set(severity.code().into()),
                Value::Description(text) => self.description.set(text),
                Value::Place(place) => {
                    self.address.set(place.address);
                    self.landmark.set(place.landmark);
                }
                _ => {}
            }
        }
    }

    fn changes(&self, issue: &Issue) -> Vec<Value> {
        let kind = self.kind.get().parse::<Kind>().ok().filter(|kind| *kind != issue.kind).map(Value::Kind);
        let place_type = PlaceType::from_code(&self.place_type.get()).filter(|it| *it != issue.place_type);
        let zone = self.zone.get().parse::<ZoneId>().ok().filter(|zone| *zone != issue.zone).map(Value::Zone);
        let severity = Severity::from_code(&self.severity.get()).filter(|it| *it != issue.severity);
        let description = Some(self.description.get()).filter(|text| *text != issue.description);
        let place = Place { address: self.address.get(), landmark: self.landmark.get(), ..issue.place.clone() };
        let values = [
            kind,
            place_type.map(Value::PlaceType),
            zone,
            severity.map(Value::Severity),
            description.map(Value::Description),
            Some(place).filter(|place| *place != issue.place).map(Value::Place),
        ];
        values.into_iter().flatten().collect()
    }
}

/// All kinds for a drop-down, those with a tile first, as on the report page.
pub fn kind_choices(ui: Ui) -> Choices {
    kinds(ui, |_| true)
}

/// Those that are reported here, and what the issue is already.
fn offered(ui: Ui, present: Kind) -> Choices {
    let rules = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.rules.clone()));
    kinds(ui, |kind| kind == present || rules.as_ref().is_none_or(|rules| rules.offers(kind)))
}

fn kinds(ui: Ui, fits: impl Fn(Kind) -> bool) -> Choices {
    let own = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.rules.own.clone()));
    let own = own.unwrap_or_default().into_iter().map(|own| own.kind);
    let all = CATALOGUE.iter().map(|info| info.kind).chain(own).filter(|kind| fits(*kind));
    all.map(|kind| (kind.to_string(), ui.kind(kind))).collect()
}

pub fn place_type_choices(ui: Ui) -> Choices {
    let choice = |place_type: PlaceType| (place_type.code().into(), ui.t.place_type(place_type).into());
    PlaceType::ALL.into_iter().map(choice).collect()
}

/// The zones that may be chosen: a cadre reports in his own only, and moves nothing to others.
pub fn zone_choices(ui: Ui, own_only: bool) -> Choices {
    let office = ui.client.office.get_untracked();
    let Some(office) = office else { return Choices::new() };
    let mine = |zone: &ZoneId| !own_only || office.me.zones.contains(zone);
    let zones = office.zones.iter().filter(|zone| mine(&zone.id));
    zones.map(|zone| (zone.id.to_string(), zone.name.clone())).collect()
}

pub fn severity_choices(ui: Ui) -> Choices {
    Severity::ALL.into_iter().map(|it| (it.code().into(), ui.t.severity(it).into())).collect()
}

pub fn amend_form(ui: Ui, issue: Issue, busy: Signal<bool>, on_submit: Callback<Wish>) -> AnyView {
    let t = ui.t;
    let (fields, form) = (Fields::of(&issue), code(Action::Amend));
    fields.begin(ui.client.begun(issue.id, &form));
    let before = issue.clone();
    follow(move || {
        let begun = Begun { words: fields.reason.get(), amended: fields.changes(&before), ..Begun::default() };
        ui.client.keep_begun(before.id, &form, begun);
    });
    let kinds = offered(ui, issue.kind);
    let mut zones = zone_choices(ui, ui.me().is_some_and(|me| me.role == Role::Cadre));
    let zone = issue.zone.to_string();
    if zones.iter().all(|(other, _)| *other != zone) {
        zones.push((zone, ui.zone(issue.zone)));
    }
    let unchanged = issue.clone();
    let send = submitted(move || {
        let wish = Wish { reason: fields.reason.get(), amended: fields.changes(&issue), ..Wish::default() };
        on_submit.run(wish);
    });
    let off = flag(move || fields.changes(&unchanged).is_empty());
    let parts = [
        choose(t.kind_label, fields.kind.into(), kinds, ""),
        words_field(t.description, fields.description.into(), None, "", "amend-description"),
        choose(t.zone, fields.zone.into(), zones, ""),
        line(t.address, fields.address.into(), "", "200", ""),
        line(t.landmark, fields.landmark.into(), "", "200", "amend-landmark"),
        choose(t.place_type_label, fields.place_type.into(), place_type_choices(ui), ""),
        labelled(t.severity_label, segments(t.severity_label, fields.severity.into(), severity_choices(ui))),
        words_field(t.why_corrected, fields.reason.into(), None, "", "amend-reason"),
        submit(ui, "primary wide", "submit-action", t.save_correction.into(), busy, off),
    ];
    view! { <form class="action-form" on:submit=send>{all(parts)}</form> }.into_any()
}

//! Correcting what was reported. Only what differs is written: a stale form must not undo the work of others.

use leptos::prelude::*;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, PlaceType};
use xiaohao_shared::model::{Issue, Place, Severity};

use super::fields::{Choices, Choose, Line, Segments, Words};
use super::wish::Wish;
use super::{Ui, use_ui};

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
            reason: RwSignal::default(),
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
    CATALOGUE.iter().map(|info| (info.kind.to_string(), ui.t.kind(info.kind))).collect()
}

pub fn place_type_choices(ui: Ui) -> Choices {
    let choice = |place_type: PlaceType| (place_type.code().into(), ui.t.place_type(place_type).into());
    PlaceType::ALL.into_iter().map(choice).collect()
}

/// The zones that may be chosen: a cadre reports in his own only.
pub fn zone_choices(ui: Ui, own_only: bool) -> Choices {
    let office = ui.office.get_untracked();
    let Some(office) = office else { return Choices::new() };
    let mine = |zone: &ZoneId| !own_only || office.me.zones.contains(zone);
    let zones = office.zones.iter().filter(|zone| mine(&zone.id));
    zones.map(|zone| (zone.id.to_string(), zone.name.clone())).collect()
}

pub fn severity_choices(ui: Ui) -> Choices {
    Severity::ALL.into_iter().map(|it| (it.code().into(), ui.t.severity(it).into())).collect()
}

#[component]
pub fn AmendForm(issue: Issue, #[prop(into)] busy: Signal<bool>, on_submit: Callback<Wish>) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let fields = Fields::of(&issue);
    let changes = Memo::new(move |_| fields.changes(&issue));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wish = Wish { reason: fields.reason.get(), amended: changes.get_untracked(), ..Wish::default() };
        on_submit.run(wish);
    };
    let setter = |signal: RwSignal<String>| Callback::new(move |value| signal.set(value));
    view! {
        <form class="action-form" on:submit=submit>
            <Choose label=t.kind_label value=fields.kind on_change=setter(fields.kind) choices=kind_choices(ui) />
            <Words label=t.description value=fields.description />
            <Choose label=t.zone value=fields.zone on_change=setter(fields.zone) choices=zone_choices(ui, false) />
            <Line label=t.address value=fields.address />
            <Line label=t.landmark value=fields.landmark />
            <Choose
                label=t.place_type_label
                value=fields.place_type
                on_change=setter(fields.place_type)
                choices=place_type_choices(ui)
            />
            <Segments
                label=t.severity_label
                value=fields.severity
                on_change=setter(fields.severity)
                choices=severity_choices(ui)
            />
            <Words label=t.why_corrected value=fields.reason />
            <button
                type="submit"
                class="primary wide"
                data-testid="submit-action"
                disabled=move || busy.get() || changes.with(Vec::is_empty)
            >
                {move || if busy.get() { t.saving } else { t.save_correction }}
            </button>
        </form>
    }
}

//! The zones of the office: their names and codes, how many people work in each, and who bears which part of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Office, SaveZone};
use xiaohao_shared::model::Zone;

use super::bearers::{Parts, bearers};
use super::borders::borders;
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{button, line, submit};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, given, maybe, shown, submitted};
use crate::pages::{call_error, failed};

/// The zone in the sheet: `None` while there is no sheet, an inner `None` for a new one.
type Open = RwSignal<Option<Option<Zone>>>;

pub fn zones(ui: Ui) -> AnyView {
    let t = ui.t;
    let open: Open = RwSignal::new(None);
    let list = shown(move || match ui.client.office.get() {
        Some(office) if !office.zones.is_empty() => all(office.zones.iter().map(|zone| row(ui, open, &office, zone))),
        _ => view! { <p class="hint">{t.no_zones}</p> }.into_any(),
    });
    let sheet = maybe(move || open.get().map(|zone| sheet(ui, open, zone)));
    let plus = view! { {icon(Icon::Plus)} <span>{t.add_zone}</span> }.into_any();
    view! {
        <section class="panel" data-testid="zones">
            <h2 id="zones" tabindex="-1">{t.zones}</h2>
            {list}
            <div class="buttons">{button("plain", "add-zone", plus, move || open.set(Some(None)))}</div>
            {sheet}
        </section>
        {borders(ui)}
    }
    .into_any()
}

fn row(ui: Ui, open: Open, office: &Office, zone: &Zone) -> AnyView {
    let t = ui.t;
    let people = office.people.iter().filter(|person| person.active && person.zones.contains(&zone.id)).count();
    let outlined = office.outlines.iter().any(|outline| outline.zone == zone.id);
    let outlined = if outlined { format!(" · {}", t.outline_known) } else { String::new() };
    let code = if zone.code.is_empty() { String::new() } else { format!("{} {} · ", t.zone_code, zone.code) };
    let borne = Some(ui.bearers(zone.id)).filter(|borne| !borne.is_empty());
    let borne = borne.map(|borne| view! { <small class="dim">{t.bearers} " " {borne}</small> }.into_any());
    let (id, name) = (zone.id, zone.name.clone());
    let zone = zone.clone();
    let change = button("plain", "", t.change, move || open.set(Some(Some(zone.clone()))));
    view! {
        <div class="device" data-testid=format!("zone-{id}")>
            <strong>{name}</strong>
            <span class="dim">{format!("{code}{} {people}{outlined}", t.people)}</span>
            {change}
            {given(borne)}
        </div>
    }
    .into_any()
}

fn sheet(ui: Ui, open: Open, zone: Option<Zone>) -> AnyView {
    let t = ui.t;
    let id = zone.as_ref().map(|zone| zone.id);
    let parts = Parts::of(ui, zone.as_ref());
    let (name, code) = zone.map(|zone| (zone.name, zone.code)).unwrap_or_default();
    let (name, code) = (RwSignal::new(name), RwSignal::new(code));
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let save = submitted(move || {
        let wish = SaveZone {
            id,
            name: name.get_untracked().trim().into(),
            code: code.get_untracked().trim().into(),
            bearers: id.and_then(|_| parts.changed()),
        };
        busy.set(true);
        spawn_local(async move {
            match ui.client.post::<_, Vec<Zone>>("/api/admin/zones", &wish).await {
                Ok(zones) => {
                    ui.client.zones_are(zones).await;
                    open.try_set(None);
                    ui.say(t.saved_office);
                }
                Err(why) => drop(error.try_set(call_error(t, &why))),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || Some(error.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "zone-error")));
    let blank = flag(move || name.with(|name| name.trim().is_empty()));
    let form = view! {
        <form class="action-form" on:submit=save>
            {line(t.zone_name, name.into(), t.zone_name_hint, "40", "zone-name")}
            {line(t.zone_code, code.into(), t.zone_code_hint, "12", "zone-code")} {bearers(ui, id, parts)} {why}
            {submit(ui, "primary wide", "save-zone", t.save.into(), busy.into(), blank)}
        </form>
    };
    let title = if id.is_some() { t.change_zone } else { t.add_zone };
    dialog(ui, title, Callback::new(move |()| open.set(None)), form.into_any())
}

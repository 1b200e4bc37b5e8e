//! Borders of the zones out of a GeoJSON file: the office reads it and says what would become of each area; only then, and only
//! if nothing is wrong, they are taken in.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};
use xiaohao_shared::api::Outlines;
use xiaohao_shared::geo::geojson::{Area, FileFault, MAX_FILE};

use crate::components::Ui;
use crate::components::fields::{button, tick};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{Change, all, given, maybe, nothing, shown};
use crate::pages::sending::sending;
use crate::pages::stop::Stop;
use crate::pages::{call_error, failed};
use crate::texts::fill;

#[derive(Clone, Copy)]
struct Desk {
    file: StoredValue<Arc<Vec<u8>>>,
    gcj02: RwSignal<bool>,
    busy: RwSignal<bool>,
    stop: Stop,
    /// Bytes of the file that have gone out.
    sent: RwSignal<u64>,
    areas: RwSignal<Option<Arc<Vec<Area>>>>,
    /// Why the file as a whole is none; empty while it is one.
    bad: RwSignal<String>,
}

impl Desk {
    fn take(self, ui: Ui, file: File) {
        self.areas.set(None);
        self.bad.set(String::new());
        if file.size() > MAX_FILE as f64 {
            return self.bad.set(ui.t.borders_file_fault(&FileFault::TooLarge));
        }
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => {
                    self.file.set_value(Arc::new(js_sys::Uint8Array::new(&buffer).to_vec()));
                    self.ask(ui, false).await;
                }
                Err(_) => drop(self.bad.try_set(ui.t.handover_unreadable.into())),
            }
        });
    }

    async fn ask(self, ui: Ui, save: bool) {
        let datum = if self.gcj02.get_untracked() { "gcj02" } else { "wgs84" };
        let (Some(controller), file) = (self.stop.begin(), self.file.get_value()) else { return };
        self.busy.set(true);
        let path = format!("/api/admin/outlines?datum={datum}&save={save}");
        let answer = ui.client.send_file::<Outlines>(&path, &file, &controller, self.sent).await;
        self.busy.try_set(false);
        let (areas, bad) = match answer {
            Ok(Outlines::Read { saved: true, .. }) => {
                ui.say(ui.t.outlines_saved);
                (None, String::new())
            }
            Ok(Outlines::Read { areas, .. }) => (Some(Arc::new(areas)), String::new()),
            Ok(Outlines::Refused(fault)) => (None, ui.t.borders_file_fault(&fault)),
            Err(_) if self.stop.was_pressed() => {
                let words = if save { ui.t.borders_unsure } else { ui.t.borders_stopped };
                (self.areas.try_get_untracked().flatten(), words.into())
            }
            Err(error) => (self.areas.try_get_untracked().flatten(), call_error(ui.t, &error)),
        };
        self.areas.try_set(areas);
        self.bad.try_set(bad);
    }
}

pub fn borders(ui: Ui) -> AnyView {
    let t = ui.t;
    let desk = Desk {
        file: StoredValue::default(),
        gcj02: RwSignal::new(false),
        busy: RwSignal::new(false),
        stop: Stop::new(),
        sent: RwSignal::new(0),
        areas: RwSignal::new(None),
        bad: RwSignal::new(String::new()),
    };
    on_cleanup(move || desk.stop.press());
    let set = move |on| {
        desk.gcj02.set(on);
        if desk.areas.with_untracked(Option::is_some) {
            spawn_local(desk.ask(ui, false));
        }
    };
    let bad = maybe(move || Some(desk.bad.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "borders-bad")));
    let far = maybe(move || {
        let size = desk.file.with_value(|file| file.len() as u64);
        let cancel = || button("plain", "borders-cancel", t.cancel, move || desk.stop.press());
        let far = || view! { <div class="progressing">{sending(ui, desk.sent, size)} {cancel()}</div> };
        desk.busy.get().then(|| far().into_any())
    });
    let read = shown(move || desk.areas.get().map_or_else(nothing, |areas| verdict(ui, desk, &areas)));
    view! {
        <section class="panel books" data-testid="borders">
            <h2>{t.outlines_title}</h2>
            <p class="prose">{t.outlines_text}</p>
            {tick(t.outlines_gcj, move || desk.gcj02.get(), set, "borders-gcj")}
            {chooser(ui, desk)}
            {far}
            {bad}
            {read}
        </section>
    }
    .into_any()
}

fn chooser(ui: Ui, desk: Desk) -> AnyView {
    let change: Change = Box::new(move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            desk.take(ui, file);
        }
        // Otherwise the same file could not be chosen again after it was corrected.
        input.set_value("");
    });
    view! {
        <label class="button plain wide">
            {icon(Icon::Upload)} <span>{ui.t.outlines_choose}</span>
            <input type="file" accept=".geojson,.json" disabled=desk.busy data-testid="borders-file" on:change=change />
        </label>
    }
    .into_any()
}

/// All areas or none.
fn verdict(ui: Ui, desk: Desk, areas: &[Area]) -> AnyView {
    let t = ui.t;
    let faults = areas.iter().filter(|area| area.fault.is_some()).count();
    let (class, words) = match faults {
        0 => ("verdict good", fill(t.outlines_good, &[&areas.len()])),
        _ => ("verdict bad", fill(t.outlines_bad, &[&faults])),
    };
    let save = move || {
        if !desk.busy.get_untracked() {
            spawn_local(desk.ask(ui, true));
        }
    };
    let save = (faults == 0).then(|| button("primary wide", "borders-save", t.outlines_save, save));
    let lines = all(areas.iter().map(|area| line(ui, area)).collect::<Vec<_>>());
    view! {
        <p class=class role="status" data-testid="borders-verdict">{words}</p>
        <ul class="faults" data-testid="borders-areas">{lines}</ul>
        {given(save)}
    }
    .into_any()
}

fn line(ui: Ui, area: &Area) -> AnyView {
    let t = ui.t;
    let name =
        [&area.name, &area.code].into_iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
    let what = match (&area.fault, area.zone) {
        (Some(fault), _) => t.border_fault(fault),
        (None, Some(zone)) => format!("{} · {}", ui.zone(zone), fill(t.outline_points, &[&area.points])),
        (None, None) => String::new(),
    };
    let class = if area.fault.is_some() { "wrong" } else { "" };
    view! {
        <li class=class>
            <span class="dim">{fill(t.outline_area, &[&area.number])}</span>
            {" "}
            <strong>{name}</strong>
            {" "}
            <span>{what}</span>
        </li>
    }
    .into_any()
}

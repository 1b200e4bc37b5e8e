//! The vault of this phone was thrown away, perhaps by whoever found it: nothing is shown or fetched until its person has proven
//! himself, by what opens the office to a new device, too. Unsent work goes its way. Shows nothing of what the device holds.

use leptos::prelude::*;

use super::lock::{unsent, whole_screen};
use super::{enrol, sync, turns};
use crate::components::Ui;
use crate::components::lean::all;
use crate::curtain::entitle;

pub fn unproven(ui: Ui) -> AnyView {
    let t = ui.t;
    entitle(ui.client, t.app_name.into());
    let work = view! {
        <section class="panel" data-testid="unproven">
            <p class="prose">{t.unproven_work}</p>
            {unsent(ui, t.unproven_unsent)} {turns::change_over(ui)}
        </section>
    };
    let panel = all([enrol::form(ui), work.into_any(), sync::handover::leaving(ui)]);
    whole_screen(t.unproven_title, t.unproven_text, panel)
}

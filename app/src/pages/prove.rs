//! The vault of this phone was thrown away, perhaps by whoever found it: nothing is shown or fetched until its person has proven
//! himself, by what opens the office to a new device, too. Unsent work goes its way. Shows nothing of what the device holds.

use leptos::prelude::*;

use super::lock::{unsent, whole_screen};
use super::{enrol, me, sync, turns};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, maybe};
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
    let panel = all([enrol::form(ui), work.into_any(), sync::handover::leaving(ui), not_mine(ui)]);
    whole_screen(t.unproven_title, t.unproven_text, panel)
}

/// Who has this phone from somebody else cannot prove that he is that person: he begins anew, after the same questions as ever.
pub(super) fn not_mine(ui: Ui) -> AnyView {
    let asks = RwSignal::new(false);
    let way = maybe(move || asks.get().then(|| me::logout(ui, ui.t.enrol_anew)));
    let tap = button("quiet wide", "not-mine", ui.t.not_mine, move || asks.update(|asks| *asks = !*asks));
    view! { <section class="panel">{tap} {way}</section> }.into_any()
}

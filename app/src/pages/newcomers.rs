//! Says over every page that another device of this person was enrolled, and what to do if it was not he.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Device, Way};

use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, maybe};
use crate::texts::fill;

pub fn newcomers(ui: Ui) -> AnyView {
    maybe(move || {
        let devices = ui.client.newcomers.get();
        (!devices.is_empty()).then(|| bar(ui, &devices))
    })
}

fn bar(ui: Ui, devices: &[Device]) -> AnyView {
    let t = ui.t;
    let lines = devices.iter().map(|device| {
        let words = fill(t.newcomer, &[&ui.when(device.enrolled_at), &name_of(device), &way(ui, device.way)]);
        view! { <span>{words}</span> }.into_any()
    });
    let seen = move || spawn_local(ui.client.newcomers_are_seen());
    view! {
        <div class="bar update" role="status" data-testid="newcomers">
            <div class="newcomers">{all(lines)} <span>{t.newcomer_not_me}</span></div>
            {button("plain", "newcomers-seen", t.newcomer_seen, seen)}
        </div>
    }
    .into_any()
}

fn name_of(device: &Device) -> String {
    if device.label.is_empty() { format!("#{}", device.id) } else { device.label.clone() }
}

fn way(ui: Ui, way: Way) -> &'static str {
    match way {
        Way::Code => ui.t.way_code,
        Way::Passkey => ui.t.way_passkey,
        Way::SignOn => ui.t.way_sign_on,
    }
}

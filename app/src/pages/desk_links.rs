//! The way to the lists and books of the desk: on the board, and at the side of each of these pages where the screen is wide. Knows
//! their addresses alone.

use leptos::prelude::*;
use xiaohao_shared::model::policy::{Right, may};

use crate::components::Ui;
use crate::components::lean::{all, given, nothing};
use crate::components::link::link;

/// A screen from this width on has the room to show them all, in CSS pixels.
const WIDE: f64 = 700.0;

/// For whoever reads them. `always`: also where they cannot stand at the side.
pub fn desk_links(ui: Ui, always: bool) -> AnyView {
    if !ui.me().is_some_and(|me| may(&me, Right::ReadBooks)) {
        return nothing();
    }
    let to = |address: &str, name: &'static str, testid: &str| {
        link(ui, address.into(), "button plain", testid.into(), name.into_any())
    };
    let links = [
        to("/weekly", ui.t.weekly, "to-weekly"),
        to("/settlement", ui.t.settlement, "to-settlement"),
        to("/indicators", ui.t.indicators, "to-indicators"),
        to("/patrols", ui.t.patrol, "to-patrols"),
        to("/halfyear", ui.t.halfyear, "to-halfyear"),
        to("/bulletins", ui.t.bulletins, "to-bulletins"),
        to("/catalogue", ui.t.catalogue, "to-catalogue"),
    ];
    let sees_devices = ui.me().is_some_and(|me| may(&me, Right::SeeDevices));
    let devices = given(sees_devices.then(|| to("/devices", ui.t.devices, "to-devices")));
    let class = if always { "desk-links" } else { "desk-links beside" };
    // A phone has them one tap away, so that what is counted stands on its first screen.
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    let open = width.is_none_or(|width| width >= WIDE);
    view! {
        <nav class=class aria-label=ui.t.desk_links>
            <details class="more" open=open>
                <summary>{ui.t.more_pages}</summary>
                <div class="links">{all(links)} {devices}</div>
            </details>
        </nav>
    }
    .into_any()
}

/// Beside a page of the desk; the board has them within.
pub fn beside(ui: Ui) -> AnyView {
    if ui.address.get_untracked() == "/board" { nothing() } else { desk_links(ui, false) }
}

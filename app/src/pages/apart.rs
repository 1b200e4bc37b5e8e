//! Pages whose code is a module of its own: the phone of a cadre starts without them, and fetches them when it first goes
//! there, or in the background for its shell. Knows which pages these are, and nothing of what they do.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::{
    admin, board, bulletins, catalogue, desk_links, devices, export, failed, halfyear, import, indicators, listing,
    map, paper, patrols, privacy, settlement, tipster, trends, waiting, weekly,
};
use crate::client::IssueView;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, shown};

/// The doors into the module: pages by name.
#[derive(Clone, Copy)]
struct Desk {
    admin: fn(Ui) -> AnyView,
    board: fn(Ui) -> AnyView,
    bulletins: fn(Ui) -> AnyView,
    catalogue: fn(Ui) -> AnyView,
    devices: fn(Ui) -> AnyView,
    halfyear: fn(Ui) -> AnyView,
    indicators: fn(Ui) -> AnyView,
    listing: fn(Ui) -> AnyView,
    map: fn(Ui) -> AnyView,
    patrols: fn(Ui) -> AnyView,
    privacy: fn(Ui) -> AnyView,
    settlement: fn(Ui) -> AnyView,
    tipster: fn(Ui) -> AnyView,
    trends: fn(Ui) -> AnyView,
    weekly: fn(Ui) -> AnyView,
    printed: fn(Ui) -> AnyView,
    /// What stands beside each of them.
    beside: fn(Ui) -> AnyView,
    paper: fn(Ui, RwSignal<Option<IssueView>>, RwSignal<u32>) -> AnyView,
    export: fn(Ui) -> AnyView,
    import: fn(Ui) -> AnyView,
}

#[wasm_split(desk, fallible)]
fn desk() -> Result<Desk, SplitLoaderError> {
    Ok(Desk {
        admin: admin::admin,
        board: board::board,
        bulletins: bulletins::bulletins,
        catalogue: catalogue::catalogue,
        devices: devices::devices,
        export: export::export,
        import: import::import,
        halfyear: halfyear::halfyear,
        indicators: indicators::indicators,
        listing: listing::listing,
        map: map::map,
        patrols: patrols::patrols,
        privacy: privacy::privacy,
        settlement: settlement::settlement,
        tipster: tipster::tipster,
        trends: trends::trends,
        weekly: weekly::weekly,
        printed: paper::list,
        beside: desk_links::beside,
        paper: paper::issue,
    })
}

pub fn admin(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.admin)
}

pub fn board(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.board)
}

pub fn bulletins(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.bulletins)
}

pub fn catalogue(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.catalogue)
}

pub fn devices(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.devices)
}

pub fn halfyear(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.halfyear)
}

pub fn indicators(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.indicators)
}

pub fn listing(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.listing)
}

pub fn map(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.map)
}

pub fn patrols(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.patrols)
}

pub fn privacy(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.privacy)
}

pub fn settlement(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.settlement)
}

pub fn tipster(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.tipster)
}

pub fn trends(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.trends)
}

pub fn weekly(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.weekly)
}

pub fn export(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.export)
}

pub fn import(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.import)
}

pub fn printed(ui: Ui) -> AnyView {
    once_here(ui, |desk| desk.printed)
}

/// An issue as it is printed.
pub fn paper(ui: Ui, view: RwSignal<Option<IssueView>>, presses: RwSignal<u32>) -> AnyView {
    with_desk(ui, move |desk| (desk.paper)(ui, view, presses))
}

/// The page, or what is said until its module is here.
fn once_here(ui: Ui, page: fn(Desk) -> fn(Ui) -> AnyView) -> AnyView {
    with_desk(ui, move |desk| all([page(desk)(ui), (desk.beside)(ui)]))
}

fn with_desk(ui: Ui, page: impl Fn(Desk) -> AnyView + Send + 'static) -> AnyView {
    let found = RwSignal::new(None);
    let fetch = move || {
        found.set(None);
        spawn_local(async move {
            let _ = found.try_set(Some(desk().await.ok()));
        });
    };
    fetch();
    shown(move || match found.get() {
        None => waiting(ui),
        Some(Some(desk)) => page(desk),
        Some(None) => {
            let again = button("plain", "retry-page", ui.t.retry, fetch);
            all([failed(ui.t.needs_network.into(), "page-missing"), again])
        }
    })
}

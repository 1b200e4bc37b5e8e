//! The issues of a list by where they are: the same filter, and the same address but for the page's name. The office draws no map
//! itself: without a base map of its own, the outlines of its zones lie on blank ground, and that works without any network.

mod canvas;
mod ground;

use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use xiaohao_shared::api::{BaseMap, Dot, IssuePage, MapPicture};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::filter::Filter;

use self::canvas::{Canvas, Trouble};
use self::ground::{LOOKS, Look};
use super::conditions::conditions;
use super::fetched::Fetched;
use super::said::{address, list_address, said};
use super::{call_error, failed, head, waiting};
use crate::components::Ui;
use crate::components::card::card;
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::filter_bar::filter_bar;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, follow, given, maybe, nothing, shown};
use crate::components::link::{link, steered};
use crate::components::marks::state_chip;
use crate::texts::fill;

/// The names under which the last picture and what lies under it are kept on this device.
const KEPT: &str = "map";
const KEPT_BASE: &str = "map-base";
/// Typing in the search field asks once, not at every letter.
const CALM: Duration = Duration::from_millis(250);

/// The last picture, and the list that it is of.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    query: String,
    picture: MapPicture,
}

#[derive(Clone, Copy)]
struct Desk {
    filter: RwSignal<Filter>,
    picture: RwSignal<Option<MapPicture>>,
    /// Why the picture is not the office's present one; empty while it is.
    stale: RwSignal<String>,
    base: RwSignal<Option<BaseMap>>,
    canvas: StoredValue<Option<Canvas>, LocalStorage>,
    /// `None` while the map is made, an empty one when it is there.
    trouble: RwSignal<Option<Option<Trouble>>>,
    /// Several issues at one spot, to choose from.
    chosen: RwSignal<Vec<IssueId>>,
    /// The list to whose issues the view was moved last.
    moved_to: StoredValue<Option<String>>,
    /// Grows with each question, so that a late answer to an old one is dropped.
    asked: StoredValue<u32>,
}

impl Desk {
    fn new(ui: Ui) -> Self {
        Self {
            filter: steered(ui, "/map", |query| Filter::from_query(query).unwrap_or_default(), Filter::query),
            picture: RwSignal::new(None),
            stale: RwSignal::new(String::new()),
            base: RwSignal::new(None),
            canvas: StoredValue::new_local(None),
            trouble: RwSignal::new(None),
            chosen: RwSignal::default(),
            moved_to: StoredValue::new(None),
            asked: StoredValue::new(0),
        }
    }

    fn load(self, ui: Ui) {
        self.asked.update_value(|asked| *asked += 1);
        let (asked, query) = (self.asked.get_value(), self.filter.get_untracked().query());
        set_timeout(move || spawn_local(self.ask(ui, asked, query)), CALM);
    }

    async fn ask(self, ui: Ui, asked: u32, query: String) {
        let current = move || self.asked.try_get_value() == Some(asked);
        if !current() {
            return;
        }
        match ui.client.get::<MapPicture>(&format!("/api/map?{query}")).await {
            Ok(picture) => {
                ui.client.keep(KEPT, &Kept { query, picture: picture.clone() }).await;
                if current() {
                    self.stale.set(String::new());
                    self.picture.set(Some(picture));
                }
            }
            Err(error) => {
                let kept = ui.client.kept::<Kept>(KEPT).await.filter(|kept| kept.query == query);
                if current() {
                    self.stale.set(call_error(ui.t, &error));
                    self.picture.set(kept.map(|kept| kept.picture));
                }
            }
        }
    }

    async fn find_base(self, ui: Ui) {
        let base = match ui.client.get::<BaseMap>("/api/map/base").await {
            Ok(base) => {
                ui.client.keep(KEPT_BASE, &base).await;
                base
            }
            Err(_) => ui.client.kept(KEPT_BASE).await.unwrap_or_default(),
        };
        self.base.try_set(Some(base));
    }

    /// Makes the map in this place of the page, which is there by now.
    async fn make(self, ui: Ui, place: web_sys::HtmlElement, base: BaseMap) {
        self.trouble.set(None);
        let choose = move |ids: Vec<IssueId>| match ids[..] {
            [] => {}
            [id] => ui.go(&format!("/issues/{id}"), false),
            _ => drop(self.chosen.try_set(ids)),
        };
        let broken = move || {
            self.trouble.try_set(Some(Some(Trouble::NoGraphics)));
        };
        match Canvas::make(ui, &place, &base, choose, broken).await {
            Ok(canvas) => {
                self.canvas.try_set_value(Some(canvas));
                self.trouble.try_set(Some(None));
            }
            Err(trouble) => {
                self.trouble.try_set(Some(Some(trouble)));
            }
        }
    }

    /// Whenever picture or zones are others. The view moves only when the list is another: nobody likes a map that jumps.
    fn draw(self, ui: Ui) {
        let (picture, office) = (self.picture.get(), ui.client.office.get());
        if self.trouble.get() != Some(None) {
            return;
        }
        let moved = self.base.get_untracked().is_some_and(|base| base.gcj02);
        let outlines = office.as_ref().map_or(&[][..], |office| &office.outlines);
        let dots = picture.as_ref().map_or(&[][..], |picture| &picture.dots);
        let query = self.filter.get_untracked().query();
        let is_new = picture.is_some() && self.moved_to.get_value().as_ref() != Some(&query);
        let bounds = ground::bounds(dots, outlines, moved).filter(|_| is_new);
        if is_new {
            self.moved_to.set_value(Some(query));
        }
        let (zones, issues) = (ground::zones(outlines, |zone| ui.zone(zone), moved), ground::issues(dots, moved));
        self.canvas.with_value(|canvas| canvas.iter().for_each(|canvas| canvas.draw(&zones, &issues, bounds)));
    }
}

/// The way here from a list, under the filter that is set.
pub fn map_link(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    shown(move || {
        let to = address("/map", &filter.with(Filter::query));
        link(ui, to, "button plain", "to-map".into(), ui.t.on_the_map.into_any())
    })
}

pub fn map(ui: Ui) -> AnyView {
    let desk = Desk::new(ui);
    spawn_local(desk.find_base(ui));
    follow(move || {
        desk.filter.track();
        ui.client.news.track();
        ui.client.online.track();
        desk.load(ui);
    });
    let place = NodeRef::<Div>::new();
    follow(move || {
        if let (Some(place), Some(base)) = (place.get(), desk.base.get()) {
            spawn_local(desk.make(ui, place.into(), base));
        }
    });
    follow(move || desk.draw(ui));
    let to_list = shown(move || {
        let to = list_address(&desk.filter.get());
        link(ui, to, "button plain", "to-list".into(), ui.t.as_list.into_any())
    });
    let chosen = maybe(move || Some(desk.chosen.get()).filter(|ids| !ids.is_empty()).map(|ids| choice(ui, desk, &ids)));
    let parts = [
        head(ui, ui.t.map, true, to_list),
        filter_bar(ui, desk.filter, true, nothing(), Some(conditions)),
        said_of(ui, desk),
        canvas_or_list(ui, desk, place),
        chosen,
    ];
    all(parts)
}

/// What is on the map, and whether it is the present picture.
fn said_of(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    shown(move || {
        let (picture, why, name) = (desk.picture.get(), desk.stale.get(), said(ui, &desk.filter.get()));
        let name = if name.is_empty() { String::new() } else { format!("{name} · ") };
        let counts = picture.as_ref().map_or(String::new(), |picture| counted(ui, picture));
        let again = move || desk.load(ui);
        let stale = (!why.is_empty()).then(|| {
            let at = picture.as_ref().map(|picture| ui.when(picture.server_time));
            let words = at.map_or_else(|| t.no_map_picture.to_string(), |at| fill(t.picture_of, &[&at]));
            view! {
                <p class="fresh stale" role="status" data-testid="map-stale">
                    {format!("{words} {why} ")}
                    {button("plain", "", t.retry, again)}
                </p>
            }
            .into_any()
        });
        view! {
            <p class="rows" role="status" data-testid="map-count">
                {name}
                {counts}
            </p>
            {given(stale)}
        }
        .into_any()
    })
}

fn counted(ui: Ui, picture: &MapPicture) -> String {
    let (shown, total) = (picture.dots.len() as u64, picture.total);
    match () {
        () if total == 0 => ui.t.nothing_matches.into(),
        () if shown == total => fill(ui.t.map_all, &[&total]),
        () if shown >= xiaohao_shared::api::MAX_DOTS as u64 => fill(ui.t.map_first, &[&total, &shown]),
        () => fill(ui.t.map_some, &[&total, &shown]),
    }
}

/// The map; or, where this browser cannot show one, why, and the list that it would show.
fn canvas_or_list(ui: Ui, desk: Desk, place: NodeRef<Div>) -> AnyView {
    let t = ui.t;
    let making = maybe(move || desk.trouble.get().is_none().then(|| waiting(ui)));
    let class = crate::components::lean::text(move || match desk.trouble.get() {
        Some(Some(_)) => "map-frame without".into(),
        _ => "map-frame".into(),
    });
    let instead = maybe(move || {
        let trouble = desk.trouble.get()??;
        // A browser remembers for the life of the page that a script did not come.
        let again = || drop(window().location().reload());
        let (words, again) = match trouble {
            Trouble::NotHere => (t.map_not_here, button("plain", "map-again", t.retry, again)),
            Trouble::NoGraphics => (t.map_no_graphics, nothing()),
        };
        Some(all([failed(words.into(), "map-trouble"), again, list(ui, desk)]))
    });
    view! {
        <div class=class>
            <div class="map" data-testid="map" node_ref=place></div>
            {making}
            {legend(ui, desk)}
        </div>
        {instead}
    }
    .into_any()
}

/// The first page of the same issues.
fn list(ui: Ui, desk: Desk) -> AnyView {
    let page = Fetched::<IssuePage>::new();
    follow(move || page.ask(ui, format!("/api/issues?{}", desk.filter.get().query())));
    let rows = move |page: IssuePage| {
        let cards = page.rows.into_iter().map(|row| view! { <li>{card(ui, row, None)}</li> }.into_any());
        let cards = all(cards.collect::<Vec<_>>());
        view! { <ul class="cards" data-testid="map-list">{cards}</ul> }.into_any()
    };
    page.shown(ui, rows)
}

fn legend(ui: Ui, desk: Desk) -> AnyView {
    let entry = |look: &Look| {
        let names = look.states.iter().map(|state| ui.t.state(*state)).collect::<Vec<_>>().join(ui.t.list_comma);
        let class = format!("swatch {}", look.code);
        view! { <li><i class=class aria-hidden="true"></i> {names}</li> }.into_any()
    };
    let entries = all(LOOKS.iter().map(entry).collect::<Vec<_>>());
    let base = maybe(move || {
        let base = desk.base.get()?;
        let words = match (base.tiles || base.plain.is_some(), base.gcj02) {
            (false, _) => ui.t.map_blank,
            (true, false) => return None,
            (true, true) => ui.t.map_moved,
        };
        Some(view! { <p class="dim">{words}</p> }.into_any())
    });
    view! {
        <details class="legend" open data-testid="legend">
            <summary>{ui.t.legend}</summary>
            <ul>
                {entries}
                <li>
                    <i class="swatch late" aria-hidden="true"></i>
                    {ui.t.group_overdue}
                </li>
                <li>
                    <i class="swatch cluster" aria-hidden="true"></i>
                    {ui.t.map_cluster}
                </li>
            </ul>
            {base}
        </details>
    }
    .into_any()
}

/// Several issues at one spot.
fn choice(ui: Ui, desk: Desk, ids: &[IssueId]) -> AnyView {
    let dots = desk.picture.with_untracked(|picture| picture.as_ref().map(|it| it.dots.clone()).unwrap_or_default());
    let line = |Dot(id, _, _, state, kind, late): &Dot| {
        let late =
            late.then(|| view! { <b class="due overdue">{icon(Icon::Clock)} {ui.t.group_overdue}</b> }.into_any());
        let content = view! { <strong>{ui.kind(*kind)}</strong> {state_chip(ui, *state)} {given(late)} };
        link(ui, format!("/issues/{id}"), "spot", format!("spot-{id}"), content.into_any())
    };
    let lines = all(dots.iter().filter(|dot| ids.contains(&dot.0)).map(line).collect::<Vec<_>>());
    dialog(ui, &fill(ui.t.map_here, &[&ids.len()]), Callback::new(move |()| desk.chosen.set(Vec::new())), lines)
}

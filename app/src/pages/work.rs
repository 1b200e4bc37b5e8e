//! My work (待办): what is mine to do, what lies in my zones, what I reported. Made of summary rows alone.

mod bulletins;
pub(super) mod patrol;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::filter::{Filter, Sort, distance_m};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::{Person, Role};

use super::head;
use super::said::address;
use crate::components::Ui;
use crate::components::card::card;
use crate::components::fields::{Choices, Wire, button, choose};
use crate::components::filter_bar::filter_bar;
use crate::components::lean::{all, follow, maybe, nothing, shown, tap, text, words};
use crate::components::link::{link, steered};
use crate::components::list::list;
use crate::components::tabs::tablist;
use crate::texts::fill;

/// Where this page lives.
const ADDRESS: &str = "/";
/// The usual order first.
const ORDERS: [&str; 3] = ["deadline", "newest", "distance"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Assigned,
    Zones,
    Reports,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Assigned, Self::Zones, Self::Reports];

    fn code(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Zones => "zones",
            Self::Reports => "reports",
        }
    }

    fn name(self, ui: Ui, me: &Person) -> &'static str {
        match self {
            Self::Assigned => ui.t.tab_assigned,
            Self::Zones if me.zones.is_empty() => ui.t.all_zones,
            Self::Zones => ui.t.tab_zones,
            Self::Reports => ui.t.tab_reports,
        }
    }

    /// Who has no zones of his own, like most inspectors, works in all.
    fn holds(self, row: &Summary, me: &Person) -> bool {
        match self {
            Self::Assigned => row.assignee == Some(me.id) || row.responsible.contains(&me.id),
            Self::Zones => me.zones.contains(&row.zone) || me.zones.is_empty(),
            Self::Reports => row.reporter == me.id,
        }
    }

    /// The list of the office that holds what this one does.
    fn of_office(self, filter: Filter, me: &Person) -> Filter {
        match self {
            Self::Assigned => Filter { assignee: Some(me.id), ..filter },
            Self::Zones if filter.zones.is_empty() => Filter { zones: me.zones.clone(), ..filter },
            Self::Zones => filter,
            Self::Reports => Filter { reporter: Some(me.id), ..filter },
        }
    }
}

fn usual() -> Filter {
    Filter { open: true, ..Filter::default() }
}

/// What the address says of the list; nothing where it is the usual one.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    tab: String,
    order: String,
    filter: Filter,
}

impl Shown {
    fn read(query: &str) -> Self {
        let said = |name| value_of(query, name).unwrap_or_default();
        let filter = Filter::from_query(query).unwrap_or_default();
        // A filter that shows everything has no words of its own.
        let filter = if filter == Filter::default() && said("all").is_empty() { usual() } else { filter };
        let tab = Some(said("tab")).filter(|code| Tab::ALL.iter().any(|tab| tab.code() == code)).unwrap_or_default();
        let order =
            Some(said("order")).filter(|code| ORDERS.contains(&code.as_str())).unwrap_or_else(|| ORDERS[0].into());
        Self { tab, order, filter }
    }

    fn query(&self) -> String {
        let Self { tab, order, filter } = self;
        let filter = match filter.query() {
            _ if *filter == usual() => String::new(),
            all if all.is_empty() => "all=true".into(),
            query => query,
        };
        let tab = if tab.is_empty() { String::new() } else { format!("tab={tab}") };
        let order = if order == ORDERS[0] { String::new() } else { format!("order={order}") };
        [tab, order, filter].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    }

    fn is_usual(&self) -> bool {
        self.query().is_empty()
    }
}

/// Where the person was in the list, so that coming back from an issue finds it again.
#[derive(Clone, Copy)]
pub struct Place {
    /// Empty: the usual one for the role.
    tab: RwSignal<String>,
    filter: RwSignal<Filter>,
    /// One of [`ORDERS`].
    order: RwSignal<String>,
    /// Latitude and longitude of the person, while the order is by distance.
    here: RwSignal<Option<(f64, f64)>>,
    scroll: StoredValue<f64>,
}

impl Place {
    #[expect(clippy::new_without_default, reason = "it makes signals, which belong to an owner")]
    pub fn new() -> Self {
        Self {
            tab: RwSignal::new(String::new()),
            filter: RwSignal::new(usual()),
            order: RwSignal::new(ORDERS[0].into()),
            here: RwSignal::new(None),
            scroll: StoredValue::new(0.0),
        }
    }

    fn shown(&self) -> Shown {
        Shown { tab: self.tab.get(), order: self.order.get(), filter: self.filter.get() }
    }

    fn show(&self, shown: Shown) {
        if self.tab.with_untracked(|tab| *tab != shown.tab) {
            self.tab.set(shown.tab);
        }
        if self.order.with_untracked(|order| *order != shown.order) {
            self.order.set(shown.order);
        }
        if self.filter.with_untracked(|filter| *filter != shown.filter) {
            self.filter.set(shown.filter);
        }
    }

    /// The address follows what is chosen here, and what is chosen the address; one that says nothing leads to where the person was.
    fn follow_address(self, ui: Ui) {
        let said = steered(ui, ADDRESS, Shown::read, Shown::query);
        let begun = StoredValue::new(!said.with_untracked(Shown::is_usual));
        if begun.get_value() {
            self.show(said.get_untracked());
        }
        follow(move || match (said.get(), begun.get_value()) {
            (shown, true) => self.show(shown),
            (_, false) => {
                begun.set_value(true);
                said.set(untrack(|| self.shown()));
            }
        });
        follow(move || {
            let shown = self.shown();
            if begun.get_value() && said.with_untracked(|said| *said != shown) {
                said.set(shown);
            }
        });
    }

    fn sort(&self) -> Sort {
        match (self.order.get().as_str(), self.here.get()) {
            ("distance", Some((lat, lon))) => Sort::Distance(lat, lon),
            ("newest", _) => Sort::Newest,
            _ => Sort::Deadline,
        }
    }

    fn tab(&self, me: &Person) -> Tab {
        let usual = if me.role == Role::Cadre { Tab::Assigned } else { Tab::Zones };
        let chosen = self.tab.get();
        Tab::ALL.into_iter().find(|tab| tab.code() == chosen).unwrap_or(usual)
    }

    /// Noted while it scrolls: when the page is left, the window has been moved to the top of the next one already.
    fn keep_scroll(self, ui: Ui) {
        let here = move || ui.address.with_untracked(|address| address == ADDRESS);
        let note = move |_| {
            if here() {
                self.scroll.set_value(window().scroll_y().unwrap_or(0.0));
            }
        };
        let listening = window_event_listener_untyped("scroll", note);
        on_cleanup(move || listening.remove());
        let to = self.scroll.get_value();
        request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, to));
    }
}

pub fn work(ui: Ui) -> AnyView {
    let place = expect_context::<Place>();
    let Some(me) = ui.me() else { return nothing() };
    place.follow_address(ui);
    place.keep_scroll(ui);
    if place.order.with_untracked(|order| order == "distance") {
        // The person has walked on since.
        locate(ui, place);
    }
    let shown = RwSignal::new(Arc::new(Vec::new()));
    let (tabs, map) = (tabs(ui, me.clone(), place), on_the_map(ui, me.clone(), place));
    follow(move || {
        let (tab, filter, now, sort) = (place.tab(&me), ui.knowing(place.filter.get()), ui.now.get(), place.sort());
        let of_tab = |row: &&Summary| tab.holds(row, &me) && filter.matches(row, now);
        let mut rows: Vec<Summary> = ui.client.rows.with(|rows| rows.iter().filter(of_tab).cloned().collect());
        sort.sort(&mut rows);
        shown.set(Arc::new(rows));
    });
    let one = move |row: Summary| {
        let here = place.here.get_untracked();
        let distance = here.zip(row.position).map(|(here, there)| distance_m(here, there));
        card(ui, row, distance)
    };
    let beside = move || format!("{:?}", place.here.get());
    let count = words(move || fill(ui.t.rows_n, &[&shown.with(|rows| rows.len())]));
    let empty = maybe(move || shown.with(|rows| rows.is_empty()).then(|| empty(ui, place)));
    view! {
        {head(ui, ui.t.nav_work, false, map)}
        {bulletins::bulletins(ui)}
        {patrol::patrol(ui)}
        {tabs}
        {filter_bar(ui, place.filter, true, order(ui, place), None)}
        <p class="count" role="status" data-testid="row-count">
            {count}
        </p>
        {list(shown, ui.t.nav_work, beside, one)}
        {empty}
    }
    .into_any()
}

fn on_the_map(ui: Ui, me: Person, place: Place) -> AnyView {
    shown(move || {
        let filter = place.tab(&me).of_office(place.filter.get(), &me);
        link(ui, address("/map", &filter.query()), "button plain", "to-map".into(), ui.t.on_the_map.into_any())
    })
}

fn tabs(ui: Ui, me: Person, place: Place) -> AnyView {
    let one = move |tab: Tab| {
        let (mine, me) = (me.clone(), me.clone());
        let name = tab.name(ui, &me);
        let chosen = text(move || (place.tab(&mine) == tab).to_string());
        let count = words(move || {
            let open = |row: &&Summary| row.state.is_open() && tab.holds(row, &me);
            ui.client.rows.with(|rows| rows.iter().filter(open).count()).to_string()
        });
        let choose = tap(move || place.tab.set(tab.code().into()));
        let testid = format!("tab-{}", tab.code());
        view! {
            <button type="button" role="tab" aria-selected=chosen data-testid=testid on:click=choose>
                {name}
                <b>{count}</b>
            </button>
        }
        .into_any()
    };
    let tabs = all(Tab::ALL.into_iter().map(one));
    tablist("tabs", ui.t.nav_work, tabs)
}

fn order(ui: Ui, place: Place) -> AnyView {
    let choices: Choices = vec![
        ("deadline".into(), ui.t.by_deadline.into()),
        ("newest".into(), ui.t.by_newest.into()),
        ("distance".into(), ui.t.by_distance.into()),
    ];
    let set = move |code: String| {
        if code != "distance" {
            return place.order.set(code);
        }
        locate(ui, place);
    };
    choose(ui.t.sort, Wire::new(move || place.order.get(), set), choices, "sort")
}

/// Sorts by distance from where the person is now, once that is known.
fn locate(ui: Ui, place: Place) {
    spawn_local(async move {
        match ui.client.position().await {
            Ok(fix) => {
                place.here.set(Some((fix.lat, fix.lon)));
                place.order.set("distance".into());
            }
            Err(error) => {
                // Set again, so that the field shows the order that holds.
                place.order.notify();
                ui.warn(ui.t.place_error(error));
            }
        }
    });
}

/// An empty list says why it is empty.
fn empty(ui: Ui, place: Place) -> AnyView {
    let t = ui.t;
    let narrowed = place.filter.with(|filter| *filter != usual());
    let reset = move || place.filter.set(usual());
    shown(move || {
        let waiting = ui.client.status.with(|status| !status.complete && status.documents == 0);
        let (title, text) = match (waiting, narrowed, ui.client.online.get()) {
            (true, _, true) => (t.first_pull, t.first_pull_text),
            (true, _, false) => (t.first_pull, t.first_pull_offline),
            (false, true, _) => (t.nothing_matches, ""),
            (false, false, _) => (t.nothing_to_do, t.nothing_to_do_text),
        };
        let more = match (waiting, narrowed) {
            (true, _) => view! { <p class="spinner" aria-hidden="true"></p> }.into_any(),
            (false, true) => button("plain", "", t.clear_filter, reset),
            (false, false) => nothing(),
        };
        view! {
            <section class="empty">
                <h2>{title}</h2>
                <p>{text}</p>
                {more}
            </section>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::id::{PersonId, ZoneId};

    #[test]
    fn the_address_says_what_is_shown_and_the_usual_list_needs_no_words() {
        let shown = |query: &str| Shown::read(query);
        assert!(shown("").is_usual() && shown("tab=x&order=y&zone=z&open=true").is_usual());
        for query in ["tab=reports&order=newest&zone=3&open=true", "all=true", "zone=3", "order=distance"] {
            assert_eq!(shown(query).query(), query);
        }
        assert_eq!(shown("all=true").filter, Filter::default());
    }

    #[test]
    fn who_has_no_zones_sees_all_zones() {
        let row: Summary = serde_json::from_value(serde_json::json!({
            "id": "01920000-0001-7fff-bfff-ffffffffffff", "number": null, "zone": 3, "kind": "2026/06010",
            "place_type": "other", "description": "", "address": "", "position": null, "severity": "ordinary",
            "state": "filed", "reporter": 1, "reported_at": 0, "assignee": null, "responsible": [2], "due": null,
            "priority": false, "supervision": null, "undecided": false, "asked": false, "thumb": null, "photos": 0,
            "touched_at": 0,
        }))
        .unwrap();
        let me = |id, zones: &[u32]| Person {
            id: PersonId(id),
            name: String::new(),
            role: Role::Cadre,
            zones: zones.iter().copied().map(ZoneId).collect(),
            active: true,
            duties: xiaohao_shared::model::Duty::all(),
        };
        assert!(Tab::Zones.holds(&row, &me(9, &[])) && !Tab::Zones.holds(&row, &me(9, &[4])));
        assert!(Tab::Assigned.holds(&row, &me(2, &[])) && Tab::Reports.holds(&row, &me(1, &[])));
    }
}

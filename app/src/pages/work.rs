//! My work (待办): what is mine to do, what lies in my zones, what I reported. Made of summary rows alone.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::filter::{Filter, Sort, distance_m};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::{Person, Role};

use super::Head;
use crate::client::use_client;
use crate::components::card::Card;
use crate::components::fields::{Choices, Choose};
use crate::components::filter_bar::FilterBar;
use crate::components::list::List;
use crate::components::{Ui, use_ui};
use crate::texts::fill;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Assigned,
    Zones,
    Reports,
}

impl Tab {
    const ALL: [Self; 3] = [Self::Assigned, Self::Zones, Self::Reports];

    fn name(self, ui: Ui) -> &'static str {
        let everywhere = ui.me_now().is_some_and(|me| me.zones.is_empty());
        match self {
            Self::Assigned => ui.t.tab_assigned,
            Self::Zones if everywhere => ui.t.all_zones,
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
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Deadline,
    Newest,
    Distance,
}

/// Where the person was in the list, so that coming back from an issue finds it again.
#[derive(Clone, Copy)]
pub struct Place {
    tab: RwSignal<Option<Tab>>,
    filter: RwSignal<Filter>,
    order: RwSignal<Order>,
    /// Latitude and longitude of the person, while the order is by distance.
    here: RwSignal<Option<(f64, f64)>>,
    scroll: StoredValue<f64>,
}

impl Place {
    #[expect(clippy::new_without_default, reason = "it makes signals, which belong to an owner")]
    pub fn new() -> Self {
        Self {
            tab: RwSignal::new(None),
            filter: RwSignal::new(Filter { open: true, ..Filter::default() }),
            order: RwSignal::default(),
            here: RwSignal::new(None),
            scroll: StoredValue::new(0.0),
        }
    }

    fn sort(&self) -> Sort {
        match (self.order.get(), self.here.get()) {
            (Order::Distance, Some((lat, lon))) => Sort::Distance(lat, lon),
            (Order::Newest, _) => Sort::Newest,
            _ => Sort::Deadline,
        }
    }

    fn tab_of(&self, me: &Person) -> Tab {
        let usual = if me.role == Role::Cadre { Tab::Assigned } else { Tab::Zones };
        self.tab.get().unwrap_or(usual)
    }

    fn keep_scroll(self) {
        on_cleanup(move || self.scroll.set_value(window().scroll_y().unwrap_or(0.0)));
        let to = self.scroll.get_value();
        request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, to));
    }
}

#[component]
pub fn Work() -> impl IntoView {
    let (client, ui, place) = (use_client(), use_ui(), expect_context::<Place>());
    place.keep_scroll();
    let me = Memo::new(move |_| ui.me());
    let shown = Memo::new(move |_| {
        let Some(me) = me.get() else { return Arc::default() };
        let (tab, filter, now) = (place.tab_of(&me), place.filter.get(), ui.now.get());
        let of_tab = |row: &&Summary| tab.holds(row, &me) && filter.matches(row, now);
        let mut rows: Vec<Summary> = client.rows.with(|rows| rows.iter().filter(of_tab).cloned().collect());
        place.sort().sort(&mut rows);
        Arc::new(rows)
    });
    let card = move |row: Summary| {
        let (id, here) = (row.id, place.here.get_untracked());
        let distance = here.zip(row.position).map(|(here, there)| distance_m(here, there));
        view! { <Card row mark=Signal::derive(move || client.issue_mark(id)) distance /> }
    };
    view! {
        <Head title=ui.t.nav_work.to_string() />
        <Tabs me place />
        <FilterBar filter=place.filter states=true>
            <OrderChoice place />
        </FilterBar>
        <p class="count" role="status" data-testid="row-count">
            {move || fill(ui.t.rows_n, &[&shown.with(|rows| rows.len())])}
        </p>
        <List rows=shown label=ui.t.nav_work card />
        {move || shown.with(|rows| rows.is_empty()).then(|| view! { <Nothing place /> })}
    }
}

#[component]
fn Tabs(me: Memo<Option<Person>>, place: Place) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let counts = Memo::new(move |_| {
        let Some(me) = me.get() else { return [0; 3] };
        client.rows.with(|rows| {
            Tab::ALL.map(|tab| rows.iter().filter(|row| row.state.is_open() && tab.holds(row, &me)).count())
        })
    });
    let chosen = move |tab: Tab| me.with(|me| me.as_ref().is_some_and(|me| place.tab_of(me) == tab));
    let one = move |(at, tab): (usize, Tab)| {
        view! {
            <button
                type="button"
                role="tab"
                aria-selected=move || chosen(tab).to_string()
                data-testid=format!("tab-{}", ["assigned", "zones", "reports"][at])
                on:click=move |_| place.tab.set(Some(tab))
            >
                {tab.name(ui)}
                <b>{move || counts.get()[at]}</b>
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=ui.t.nav_work>
            {Tab::ALL.into_iter().enumerate().map(one).collect_view()}
        </div>
    }
}

#[component]
fn OrderChoice(place: Place) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let choices: Choices = vec![
        ("deadline".into(), ui.t.by_deadline.into()),
        ("newest".into(), ui.t.by_newest.into()),
        ("distance".into(), ui.t.by_distance.into()),
    ];
    let value = Signal::derive(move || {
        let code = match place.order.get() {
            Order::Deadline => "deadline",
            Order::Newest => "newest",
            Order::Distance => "distance",
        };
        code.to_string()
    });
    let locate = move || {
        spawn_local(async move {
            match client.position().await {
                Ok(fix) => place.here.set(Some((fix.lat, fix.lon))),
                Err(error) => {
                    place.order.set(Order::Deadline);
                    ui.warn(ui.t.place_error(error));
                }
            }
        });
    };
    let on_change = Callback::new(move |code: String| match code.as_str() {
        "newest" => place.order.set(Order::Newest),
        "distance" => {
            place.order.set(Order::Distance);
            locate();
        }
        _ => place.order.set(Order::Deadline),
    });
    view! { <Choose label=ui.t.sort value on_change choices testid="sort" /> }
}

/// An empty list says why it is empty.
#[component]
fn Nothing(place: Place) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let narrowed = move || place.filter.with(|filter| *filter != Filter { open: true, ..Filter::default() });
    let reset = move |_| place.filter.set(Filter { open: true, ..Filter::default() });
    let waiting = move || client.status.with(|status| !status.complete && status.documents == 0);
    move || match (waiting(), narrowed()) {
        (true, _) => view! {
            <section class="empty" aria-busy="true">
                <p class="spinner" aria-hidden="true"></p>
                <h2>{ui.t.first_pull}</h2>
                <p>{move || if client.online.get() { ui.t.first_pull_text } else { ui.t.first_pull_offline }}</p>
            </section>
        }
        .into_any(),
        (false, true) => view! {
            <section class="empty">
                <h2>{ui.t.nothing_matches}</h2>
                <button type="button" class="plain" on:click=reset>{ui.t.clear_filter}</button>
            </section>
        }
        .into_any(),
        (false, false) => view! {
            <section class="empty">
                <h2>{ui.t.nothing_to_do}</h2>
                <p>{ui.t.nothing_to_do_text}</p>
            </section>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::id::{PersonId, ZoneId};

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
        };
        assert!(Tab::Zones.holds(&row, &me(9, &[])) && !Tab::Zones.holds(&row, &me(9, &[4])));
        assert!(Tab::Assigned.holds(&row, &me(2, &[])) && Tab::Reports.holds(&row, &me(1, &[])));
    }
}

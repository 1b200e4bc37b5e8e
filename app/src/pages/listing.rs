//! Any list of the whole office under an address of its own: what a number on a board counts, and what a saved view shows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{IssuePage, Tally};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;

use super::export::export_link;
use super::fetched::Fetched;
use super::map::map_link;
use super::said::{list_address, said};
use super::views::Saved;
use super::{call_error, head};
use crate::components::Ui;
use crate::components::card::card;
use crate::components::fields::button;
use crate::components::filter_bar::filter_bar;
use crate::components::lean::{all, each, follow, item, maybe, nothing, words};
use crate::components::link::steered;
use crate::texts::fill;

#[derive(Clone, Copy)]
struct List {
    filter: RwSignal<Filter>,
    first: Fetched<IssuePage>,
    count: Fetched<Tally>,
    /// What came after the first page.
    more: RwSignal<Arc<Vec<Summary>>>,
    /// Where it goes on, empty at the end; before the first "more", the first page says it.
    next: RwSignal<Option<String>>,
}

pub fn listing(ui: Ui) -> AnyView {
    let list = List {
        filter: steered(ui, "/list", |query| Filter::from_query(query).unwrap_or_default(), Filter::query),
        first: Fetched::new(),
        count: Fetched::new(),
        more: RwSignal::default(),
        next: RwSignal::new(None),
    };
    follow(move || {
        let query = list.filter.get().query();
        ui.client.news.track();
        ui.client.online.track();
        list.more.set(Arc::default());
        list.next.set(None);
        list.first.ask(ui, format!("/api/issues?{query}"));
        list.count.ask(ui, format!("/api/tally?{query}"));
    });
    let saved = Saved::of(ui);
    let view = move || {
        let filter = list.filter.get();
        let name = said(ui, &filter);
        (if name.is_empty() { ui.t.state_all.to_string() } else { name }, list_address(&filter))
    };
    let title = words(move || view().0);
    let count = maybe(move || {
        let count = fill(ui.t.rows_n, &[&list.count.get()?.total]);
        Some(view! { <p class="rows" role="status" data-testid="list-count">{count}</p> }.into_any())
    });
    let links = all([map_link(ui, list.filter), export_link(ui, list.filter)]);
    let links = view! { <div class="head-links">{links}</div> }.into_any();
    let parts = [
        head(ui, ui.t.list, true, links),
        saved.shown(ui),
        filter_bar(ui, list.filter, true, nothing()),
        view! { <h2 class="list-title" data-testid="list-title">{title}</h2> }.into_any(),
        view! { <div class="list-line">{count} {saved.save_button(ui, view)}</div> }.into_any(),
        list.first.shown(ui, move |first| rows(ui, list, first)),
    ];
    all(parts)
}

fn rows(ui: Ui, list: List, first: IssuePage) -> AnyView {
    if first.rows.is_empty() {
        return view! { <p class="empty" data-testid="list-empty">{ui.t.nothing_matches}</p> }.into_any();
    }
    let (start, end) = (Arc::new(first.rows), first.next.unwrap_or_default());
    let items = move || {
        let more = list.more.get();
        let all = start.iter().chain(more.iter()).cloned();
        all.map(|row| item(row.id, move || view! { <li>{card(ui, row, None)}</li> }.into_any())).collect()
    };
    let more = maybe(move || {
        let next = list.next.get().unwrap_or_else(|| end.clone());
        let load = {
            let next = next.clone();
            move || spawn_local(load_more(ui, list, next.clone()))
        };
        (!next.is_empty()).then(|| button("plain wide", "list-more", ui.t.more, load))
    });
    view! { <ul class="cards" data-testid="list">{each(items)}</ul> {more} }.into_any()
}

async fn load_more(ui: Ui, list: List, after: String) {
    let path = format!("/api/issues?{}&after={after}", list.filter.get_untracked().query());
    match ui.client.get::<IssuePage>(&path).await {
        Ok(page) => {
            let known = list.more.get_untracked();
            // A second tap brings the same page again.
            let new = page.rows.into_iter().filter(|row| known.iter().all(|other| other.id != row.id));
            list.more.set(Arc::new(known.iter().cloned().chain(new).collect()));
            list.next.set(Some(page.next.unwrap_or_default()));
        }
        Err(error) => ui.warn(call_error(ui.t, &error)),
    }
}

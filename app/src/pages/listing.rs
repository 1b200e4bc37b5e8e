//! Any list of the whole office under an address of its own: what a number on a board counts, and what a saved view shows.

use leptos::prelude::*;
use xiaohao_shared::api::Tally;
use xiaohao_shared::model::filter::Filter;

use super::conditions::conditions;
use super::export::export_link;
use super::fetched::Fetched;
use super::head;
use super::keys::slash_searches;
use super::map::map_link;
use super::paged::Paged;
use super::paper::print_link;
use super::said::{borne, list_address, said};
use super::views::Saved;
use crate::components::Ui;
use crate::components::filter_bar::filter_bar;
use crate::components::lean::{all, follow, maybe, nothing, words};
use crate::components::link::steered;
use crate::texts::fill;

#[derive(Clone, Copy)]
struct List {
    filter: RwSignal<Filter>,
    rows: Paged,
    count: Fetched<Tally>,
}

pub fn listing(ui: Ui) -> AnyView {
    let list = List {
        filter: steered(ui, "/list", |query| Filter::from_query(query).unwrap_or_default(), Filter::query),
        rows: Paged::new(),
        count: Fetched::new(),
    };
    follow(move || {
        let query = list.filter.get().query();
        ui.client.news.track();
        ui.client.online.track();
        list.rows.ask(ui, format!("/api/issues?{query}"));
        list.count.ask(ui, format!("/api/tally?{query}"));
    });
    slash_searches();
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
    let links = all([map_link(ui, list.filter), print_link(ui, list.filter), export_link(ui, list.filter)]);
    let links = view! { <div class="head-links">{links}</div> }.into_any();
    let parts = [
        head(ui, ui.t.list, true, links),
        saved.shown(ui),
        filter_bar(ui, list.filter, true, nothing(), Some(conditions)),
        view! { <h2 class="list-title" data-testid="list-title">{title}</h2> }.into_any(),
        borne(ui, list.filter),
        view! { <div class="list-line">{count} {saved.save_button(ui, view)}</div> }.into_any(),
        list.rows.shown(ui),
    ];
    all(parts)
}

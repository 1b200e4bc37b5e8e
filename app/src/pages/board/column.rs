//! The columns: side by side on a desk, one at a time with chips on a phone.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Column, IssuePage};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;

use super::Desk;
use crate::client::CallError;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, each, flag, item, maybe, nothing, shown, tap, text, ticked};
use crate::components::link::link;
use crate::components::marks::{due_mark, flags};
use crate::components::photos::picture;
use crate::format::deadline;
use crate::pages::call_error;
use crate::pages::said::list_address;
use crate::texts::fill;

pub fn columns(ui: Ui, desk: Desk) -> AnyView {
    let columns =
        move || desk.board.with(|board| board.as_ref().map(|board| board.columns.clone())).unwrap_or_default();
    let chips = shown(move || all(columns().into_iter().map(|column| chip(ui, desk, column.state, column.count))));
    // A column that did not change keeps its place in the page, and so its scroll.
    let key = |column: &Column| serde_json::to_string(column).unwrap_or_default();
    let items =
        move || columns().into_iter().map(|column| item(key(&column), move || one_column(ui, desk, column))).collect();
    view! {
        <div class="state-chips" role="group" aria-label=ui.t.state_label>
            {chips}
        </div>
        <div class="board">{each(items)}</div>
    }
    .into_any()
}

fn chip(ui: Ui, desk: Desk, state: State, count: u64) -> AnyView {
    let pressed = text(move || (desk.state.get() == state.code()).to_string());
    let choose = tap(move || desk.state.set(state.code().into()));
    view! {
        <button type="button" class=format!("chip state-{}", state.code()) aria-pressed=pressed on:click=choose>
            {ui.t.state(state)}
            " "
            <b>{count.to_string()}</b>
        </button>
    }
    .into_any()
}

fn one_column(ui: Ui, desk: Desk, column: Column) -> AnyView {
    let t = ui.t;
    let (state, count) = (column.state, column.count);
    let cards = RwSignal::new(Arc::new(column.cards));
    let next = RwSignal::new(String::new());
    let busy = StoredValue::new(false);
    let more = maybe(move || {
        let left = count.saturating_sub(cards.with(|cards| cards.len()) as u64);
        let load = move || {
            // A second tap would append the same page again.
            if !busy.get_value() {
                busy.set_value(true);
                spawn_local(async move {
                    load_more(ui, desk, state, cards, next).await;
                    busy.try_set_value(false);
                });
            }
        };
        (left > 0).then(|| button("plain wide", "", fill(t.more_n, &[&left]), load))
    });
    let class = text(move || {
        let hollow = if count == 0 { " hollow" } else { "" };
        let current = if desk.state.get() == state.code() { " current" } else { "" };
        format!("column state-{}{hollow}{current}", state.code())
    });
    let empty = if count == 0 { view! { <p class="empty">{t.column_empty}</p> }.into_any() } else { nothing() };
    let items = move || {
        let rows = cards.get();
        rows.iter().cloned().map(|row| item(row.id, move || board_card(ui, desk, row))).collect()
    };
    let testid = format!("board-column-{}", state.code());
    view! {
        <section class=class aria-label=t.state(state) data-testid=testid>
            <h2>{whole(ui, desk, state, count)}</h2>
            <div class="column-cards">{each(items)} {empty} {more}</div>
        </section>
    }
    .into_any()
}

/// The way to the whole column as a list.
fn whole(ui: Ui, desk: Desk, state: State, count: u64) -> AnyView {
    maybe(move || {
        let filter = Filter { states: [state].into(), ..desk.filter.get() };
        let name = view! { <span>{ui.t.state(state)}</span> <b>{count.to_string()}</b> };
        Some(link(ui, list_address(&filter), "whole", format!("whole-{}", state.code()), name.into_any()))
    })
}

async fn load_more(ui: Ui, desk: Desk, state: State, cards: RwSignal<Arc<Vec<Summary>>>, next: RwSignal<String>) {
    let filter = Filter { states: [state].into(), ..desk.filter.get_untracked() };
    let path = format!("/api/issues?{}", filter.query());
    match page_after(ui, &path, next.get_untracked()).await {
        Ok(page) => {
            let rows = cards.get_untracked().iter().cloned().chain(page.rows).collect();
            cards.try_set(Arc::new(rows));
            next.try_set(page.next.unwrap_or_default());
        }
        Err(error) => ui.warn(call_error(ui.t, &error)),
    }
}

/// The board gave the first page without its end, so the first "more" asks for that page again.
async fn page_after(ui: Ui, path: &str, after: String) -> Result<IssuePage, CallError> {
    let after = if after.is_empty() {
        let first = ui.client.get::<IssuePage>(path).await?;
        match first.next {
            Some(end) => end,
            None => return Ok(IssuePage { rows: Vec::new(), next: None, total: None }),
        }
    } else {
        after
    };
    ui.client.get::<IssuePage>(&format!("{path}&after={after}")).await
}

pub fn board_card(ui: Ui, desk: Desk, row: Summary) -> AnyView {
    let id = row.id;
    let chosen = flag(move || desk.is_chosen(id));
    let class = text(move || if chosen.get() { "board-card chosen".into() } else { "board-card".into() });
    let assignee =
        row.assignee.map(|person| format!("{}{}{}", ui.t.assignee, ui.t.colon, ui.person(person))).unwrap_or_default();
    let lines = [row.description.clone(), ui.place(row.zone, &[&row.address]), assignee];
    let lines = lines.into_iter().enumerate().filter(|(_, text)| !text.is_empty()).map(|(at, text)| {
        let class = if at == 0 { "line" } else { "line dim" };
        view! { <p class=class>{text}</p> }.into_any()
    });
    let content = view! {
        {picture(ui, row.thumb, 0)}
        <div class="card-body">
            <strong>{ui.kind(row.kind)}</strong>
            {all(lines)}
            <p class="card-foot">{due_mark(ui, row.due, row.state, deadline)} {flags(ui, &row)}</p>
        </div>
    };
    let name = format!("{} {} {}", ui.t.choose, ui.kind(row.kind), row.address);
    let content = link(ui, format!("/issues/{id}"), "board-link", String::new(), content.into_any());
    view! {
        <div class=class data-testid=format!("issue-{id}")>
            <label class="pick">
                <input
                    type="checkbox"
                    aria-label=name
                    prop:checked=chosen
                    on:change=ticked(move |_| desk.toggle(&row))
                />
            </label>
            {content}
        </div>
    }
    .into_any()
}

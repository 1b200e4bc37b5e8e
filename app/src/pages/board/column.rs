//! The columns: side by side on a desk, one at a time with chips on a phone.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use xiaohao_shared::api::{Column, IssuePage};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;

use super::{Desk, query};
use crate::client::use_client;
use crate::components::marks::{Due, Flags};
use crate::components::photos::Picture;
use crate::components::use_ui;
use crate::pages::call_error;
use crate::texts::fill;

#[component]
pub fn Columns(desk: Desk) -> impl IntoView {
    let ui = use_ui();
    let columns = Memo::new(move |_| {
        desk.board.with(|board| board.as_ref().map(|board| board.columns.clone()).unwrap_or_default())
    });
    let chip = move |column: Column| {
        let state = column.state;
        view! {
            <button
                type="button"
                class=format!("chip state-{}", state.code())
                aria-pressed=move || (desk.state.get() == state).to_string()
                on:click=move |_| desk.state.set(state)
            >
                {ui.t.state(state)} " " <b>{column.count}</b>
            </button>
        }
    };
    view! {
        <div class="state-chips" role="group" aria-label=ui.t.state_label>
            <For each=move || columns.get() key=|column| (column.state, column.count) children=chip />
        </div>
        <div class="board">
            <For each=move || columns.get() key=fingerprint let:column>
                <OneColumn desk column />
            </For>
        </div>
    }
}

/// A column that did not change keeps its place in the page, and so its scroll.
fn fingerprint(column: &Column) -> String {
    serde_json::to_string(column).unwrap_or_default()
}

#[component]
fn OneColumn(desk: Desk, column: Column) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let (state, count) = (column.state, column.count);
    let cards = RwSignal::new(column.cards);
    let next = RwSignal::new(None::<String>);
    let shown = move || cards.with(Vec::len) as u64;
    let more = move |_| {
        let filter = Filter { states: [state].into(), ..desk.filter.get_untracked() };
        // The board gave the first page without its end, so the first "more" asks for that page again.
        let after = next.get_untracked();
        let fresh = after.is_none();
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let sort = if state.is_open() { "deadline" } else { "newest" };
        spawn_local(async move {
            let mut path = format!("/api/issues?{}&sort={sort}{after}", query(&filter));
            if fresh {
                match client.get::<IssuePage>(&path).await {
                    Ok(IssuePage { next: Some(end), .. }) => path = format!("{path}&after={end}"),
                    Ok(_) => return,
                    Err(error) => return ui.warn(call_error(ui.t, &error)),
                }
            }
            match client.get::<IssuePage>(&path).await {
                Ok(page) => {
                    cards.try_update(|cards| cards.extend(page.rows));
                    next.try_set(page.next);
                }
                Err(error) => ui.warn(call_error(ui.t, &error)),
            }
        });
    };
    view! {
        <section
            class=format!("column state-{}", state.code())
            class:hollow=count == 0
            class:current=move || desk.state.get() == state
            aria-label=ui.t.state(state)
            data-testid=format!("board-column-{}", state.code())
        >
            <h2>
                <span>{ui.t.state(state)}</span>
                <b>{count}</b>
            </h2>
            <div class="column-cards">
                <For each=move || cards.get() key=|row| row.id let:row>
                    <BoardCard desk row />
                </For>
                {(count == 0).then(|| view! { <p class="empty">{ui.t.column_empty}</p> })}
                {move || {
                    (shown() < count)
                        .then(|| {
                            view! {
                                <button type="button" class="plain wide" on:click=more>
                                    {fill(ui.t.more_n, &[&(count - shown())])}
                                </button>
                            }
                        })
                }}
            </div>
        </section>
    }
}

#[component]
pub fn BoardCard(desk: Desk, row: Summary) -> impl IntoView {
    let ui = use_ui();
    let id = row.id;
    let chosen = move || desk.chosen.with(|chosen| chosen.contains_key(&id));
    let toggled = row.clone();
    let assignee = row.assignee.map(|person| ui.person(person));
    let place = [ui.zone(row.zone), row.address.clone()].join(" · ");
    view! {
        <div class="board-card" class:chosen=chosen data-testid=format!("issue-{id}")>
            <label class="pick">
                <input
                    type="checkbox"
                    aria-label=ui.t.choose
                    prop:checked=chosen
                    on:change=move |_| desk.toggle(&toggled)
                />
            </label>
            <A href=format!("/issues/{id}")>
                <Picture id=row.thumb count=0 />
                <div class="card-body">
                    <strong>{ui.t.kind(row.kind)}</strong>
                    <p class="line">{row.description.clone()}</p>
                    <p class="line dim">{place}</p>
                    {assignee.map(|name| view! { <p class="line dim">{ui.t.assignee} ": " {name}</p> })}
                    <p class="card-foot">
                        <Due due=row.due state=row.state />
                        <Flags row />
                    </p>
                </div>
            </A>
        </div>
    }
}

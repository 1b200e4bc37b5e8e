//! 待裁决: issues with concurrent values, and changes that were kept for the desk to adopt or discard.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use xiaohao_shared::api::{Held, HeldDecision};
use xiaohao_shared::sync::Refusal;

use super::Desk;
use super::column::BoardCard;
use crate::client::use_client;
use crate::components::use_ui;
use crate::format;
use crate::pages::call_error;

#[component]
pub fn Undecided(desk: Desk) -> impl IntoView {
    let ui = use_ui();
    let issues =
        move || desk.board.with(|board| board.as_ref().map(|board| board.undecided.clone()).unwrap_or_default());
    let held = move || desk.board.with(|board| board.as_ref().map(|board| board.held.clone()).unwrap_or_default());
    let nothing = move || issues().is_empty() && held().is_empty();
    view! {
        {move || nothing().then(|| view! { <p class="empty">{ui.t.nothing_undecided}</p> })}
        <section class="undecided-list" class:hidden=move || issues().is_empty()>
            <h2>{ui.t.conflicts_title}</h2>
            <For each=issues key=|row| row.id let:row>
                <BoardCard desk row />
            </For>
        </section>
        <section class="undecided-list" class:hidden=move || held().is_empty()>
            <h2>{ui.t.held_title}</h2>
            <p class="prose">{ui.t.held_list_text}</p>
            <For each=held key=|held| held.hash.clone() let:held>
                <HeldOne desk held />
            </For>
        </section>
    }
}

#[component]
fn HeldOne(desk: Desk, held: Held) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let busy = RwSignal::new(false);
    let hash = StoredValue::new(held.hash.clone());
    let decide = move |decision: HeldDecision| {
        busy.set(true);
        spawn_local(async move {
            let path = format!("/api/held/{}", hash.get_value());
            match client.post::<_, Vec<Held>>(&path, &decision).await {
                Ok(rest) => {
                    desk.board.try_update(|board| {
                        if let Some(board) = board {
                            board.held = rest;
                        }
                    });
                    ui.say(t.decided);
                }
                Err(error) => ui.warn(call_error(t, &error)),
            }
            busy.try_set(false);
        });
    };
    let when = format::date_time(t, held.received_at, ui.now.get_untracked());
    let adoptable = held.adoptable;
    view! {
        <article class="panel held" data-testid=format!("held-{}", held.hash)>
            <p>
                <strong>{ui.person(held.person)}</strong> " · " {ui.zone(held.zone)} " · " {when} " · "
                <A href=format!("/issues/{}", held.issue)>{t.open_issue}</A>
            </p>
            <p class="said">{held.content}</p>
            <p class="hint">{t.refusal(&Refusal(held.reason))}</p>
            <div class="buttons">
                {adoptable
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="primary"
                                data-testid="held-adopt"
                                disabled=busy
                                on:click=move |_| decide(HeldDecision::Adopt)
                            >
                                {t.adopt}
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="plain"
                    data-testid="held-discard"
                    disabled=busy
                    on:click=move |_| decide(HeldDecision::Discard)
                >
                    {t.discard}
                </button>
            </div>
        </article>
    }
}

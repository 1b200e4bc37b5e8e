//! 待裁决: issues with concurrent values, and changes that were kept for the desk to adopt or discard.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Held, HeldDecision};
use xiaohao_shared::sync::Refusal;

use super::Desk;
use super::column::board_card;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::intent::intent_words;
use crate::components::lean::{all, each, given, item, maybe};
use crate::components::link::link;
use crate::pages::call_error;

pub fn undecided(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    let issues =
        move || desk.board.with(|board| board.as_ref().map(|board| board.undecided.clone())).unwrap_or_default();
    let held = move || desk.board.with(|board| board.as_ref().map(|board| board.held.clone())).unwrap_or_default();
    let nothing = maybe(move || {
        let nothing = issues().is_empty() && held().is_empty();
        nothing.then(|| view! { <p class="empty">{t.nothing_undecided}</p> }.into_any())
    });
    let cards = each(move || issues().into_iter().map(|row| item(row.id, move || board_card(ui, desk, row))).collect());
    let changes = each(move || {
        held().into_iter().map(|held| item(held.hash.clone(), move || one_held(ui, desk, held))).collect()
    });
    let conflicts = maybe(move || (!issues().is_empty()).then(|| view! { <h2>{t.conflicts_title}</h2> }.into_any()));
    let review = maybe(move || {
        let title = || view! { <h2>{t.held_title}</h2> <p class="prose">{t.held_list_text}</p> };
        (!held().is_empty()).then(|| title().into_any())
    });
    view! {
        {nothing}
        <section class="undecided-list">{conflicts} {cards}</section>
        <section class="undecided-list">{review} {changes}</section>
    }
    .into_any()
}

fn one_held(ui: Ui, desk: Desk, held: Held) -> AnyView {
    let t = ui.t;
    let hash = held.hash.clone();
    let decide = move |decision: HeldDecision| {
        let path = format!("/api/held/{hash}");
        spawn_local(async move {
            match ui.client.post::<_, Vec<Held>>(&path, &decision).await {
                Ok(rest) => {
                    desk.board.try_update(|board| board.as_mut().map(|board| board.held = rest));
                    ui.say(t.decided);
                }
                Err(error) => ui.warn(call_error(t, &error)),
            }
        });
    };
    let discard = decide.clone();
    let adopt = held.adoptable.then(|| button("primary", "held-adopt", t.adopt, move || decide(HeldDecision::Adopt)));
    let discard = button("plain", "held-discard", t.discard, move || discard(HeldDecision::Discard));
    let said = serde_json::from_str(&held.content).map_or_else(|_| String::new(), |edit| intent_words(ui, &edit));
    let about = format!("{} · {} · ", ui.place(held.zone, &[]), ui.when(held.received_at));
    let issue = link(ui, format!("/issues/{}", held.issue), "row-link", String::new(), t.open_issue.into_any());
    view! {
        <section class="panel held" data-testid=format!("held-{}", held.hash)>
            <p>
                <strong>{ui.person(held.person)}</strong>
                " · "
                {about}
                {issue}
            </p>
            <p class="said">{said}</p>
            <p class="hint">{t.held_reason(&Refusal(held.reason))}</p>
            <div class="buttons">{all([given(adopt), discard])}</div>
        </section>
    }
    .into_any()
}

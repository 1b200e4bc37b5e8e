//! 待裁决: issues with concurrent values, and changes that were kept for the desk to adopt or discard: whose, since when and why,
//! one by one or several at once.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{DecideHeld, Doubled, Held, HeldDecision};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::sync::Refusal;

use super::column::board_card;
use super::{Desk, to_decide};
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{button, submit, tick, words_field};
use crate::components::intent::intent_words;
use crate::components::lean::{all, each, flag, given, item, maybe, submitted};
use crate::components::link::link;
use crate::components::marks::state_chip;
use crate::components::photos::{Shots, strip};
use crate::format;
use crate::pages::behind::{figure, filled};
use crate::pages::call_error;
use crate::pages::said::list_address;
use crate::texts::fill;

/// Of the held changes: which are ticked, and what is asked about them.
#[derive(Clone, Copy)]
struct Review {
    desk: Desk,
    ticked: RwSignal<BTreeSet<String>>,
    asked: RwSignal<Option<(HeldDecision, Vec<Held>)>>,
    busy: RwSignal<bool>,
}

impl Review {
    fn held(self) -> Vec<Held> {
        self.desk.board.with(|board| board.as_ref().map(|board| board.held.clone())).unwrap_or_default()
    }

    fn chosen(self) -> Vec<Held> {
        let held = self.held();
        self.ticked.with(|ticked| held.into_iter().filter(|held| ticked.contains(&held.hash)).collect())
    }

    fn tick(self, hash: &str, on: bool) {
        self.ticked.update(|ticked| {
            ticked.retain(|other| other != hash);
            ticked.extend(on.then(|| hash.to_string()));
        });
    }

    /// One after the other: each stands for itself, and one that fits no more does not keep the others.
    async fn decide(self, ui: Ui, decision: HeldDecision, all: Vec<Held>, reason: String) {
        let (mut done, mut failed) = (0, None);
        for held in all {
            let wish = DecideHeld::Because { decision, reason: reason.clone() };
            match ui.client.post::<_, Vec<Held>>(&format!("/api/held/{}", held.hash), &wish).await {
                Ok(rest) => {
                    done += 1;
                    self.desk.board.try_update(|board| {
                        board.as_mut().map(|board| {
                            board.held_count = board.waiting()[1].saturating_sub(1);
                            board.held = rest;
                        })
                    });
                    self.ticked.try_update(|ticked| ticked.remove(&held.hash));
                }
                Err(error) => failed = Some(call_error(ui.t, &error)),
            }
        }
        self.busy.try_set(false);
        self.asked.try_set(None);
        match failed {
            None => ui.say(fill(ui.t.decided_n, &[&done])),
            Some(why) => ui.warn(fill(ui.t.decided_but, &[&done, &why])),
        }
    }
}

pub fn undecided(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    let review = Review { desk, ticked: RwSignal::default(), asked: RwSignal::new(None), busy: RwSignal::new(false) };
    let issues =
        move || desk.board.with(|board| board.as_ref().map(|board| board.undecided.clone())).unwrap_or_default();
    let nothing = maybe(move || {
        let nothing = desk.board.with(|board| board.as_ref().is_none_or(|board| to_decide(board) == 0));
        nothing.then(|| {
            let more = view! { <p class="prose">{t.nothing_undecided_text}</p> };
            view! { <div class="empty" data-testid="nothing-undecided"><p>{t.nothing_undecided}</p> {more}</div> }
                .into_any()
        })
    });
    let cards = each(move || issues().into_iter().map(|row| item(row.id, move || board_card(ui, desk, row))).collect());
    let changes = each(move || {
        review.held().into_iter().map(|held| item(held.hash.clone(), move || one_held(ui, review, held))).collect()
    });
    let conflicts = maybe(move || (!issues().is_empty()).then(|| view! { <h2>{t.conflicts_title}</h2> }.into_any()));
    let title = maybe(move || {
        let title = || view! { <h2>{t.held_title}</h2> <p class="prose">{t.held_list_text}</p> };
        (!review.held().is_empty()).then(|| title().into_any())
    });
    let sheet = maybe(move || review.asked.get().map(|(decision, all)| ask(ui, review, decision, all)));
    view! {
        {nothing}
        {doubles(ui, desk)}
        <section class="undecided-list">{conflicts} {issues_cut(ui, desk)} {cards}</section>
        <section class="undecided-list">{title} {held_cut(ui, desk)} {several(ui, review)} {changes}</section>
        {sheet}
    }
    .into_any()
}

/// Said where the board holds the first of the issues alone; the count leads to all of them.
fn issues_cut(ui: Ui, desk: Desk) -> AnyView {
    maybe(move || {
        let (shown, count) =
            desk.board.with(|board| board.as_ref().map(|board| (board.undecided.len(), board.waiting()[0])))?;
        let whole = Filter { undecided: true, states: BTreeSet::new(), ..desk.filter.get() };
        let words = || filled(ui.t.part_shown, [shown.to_string().into_any(), figure(ui, count, list_address(&whole))]);
        let is_cut = count > shown as u64;
        is_cut.then(|| view! { <p class="dim" data-testid="undecided-cut">{words()}</p> }.into_any())
    })
}

/// What is held and not shown comes up when what is shown is decided.
fn held_cut(ui: Ui, desk: Desk) -> AnyView {
    maybe(move || {
        let (shown, count) =
            desk.board.with(|board| board.as_ref().map(|board| (board.held.len(), board.waiting()[1])))?;
        let words = || fill(ui.t.held_cut, &[&shown, &count]);
        (count > shown as u64).then(|| view! { <p class="dim" data-testid="held-cut">{words()}</p> }.into_any())
    })
}

/// Numbers of 督办单 that stand on several issues. Whoever presses one of them anew under another number has decided.
fn doubles(ui: Ui, desk: Desk) -> AnyView {
    maybe(move || {
        let doubles = desk.board.with(|board| board.as_ref().map(|board| board.doubles.clone()))?;
        let one = |double: &Doubled| one_double(ui, double);
        (!doubles.is_empty()).then(|| {
            let title = view! { <h2>{ui.t.doubles_title}</h2> };
            view! { <section class="undecided-list">{title} {all(doubles.iter().map(one))}</section> }.into_any()
        })
    })
}

fn one_double(ui: Ui, Doubled { number, issues }: &Doubled) -> AnyView {
    let t = ui.t;
    let called = |row: &Summary| row.number.clone().unwrap_or_else(|| ui.place(row.zone, &[&row.address]));
    let issue = |row: &Summary| {
        let words = format!("{} {} {}", called(row), ui.kind(row.kind), row.address);
        let there = link(ui, format!("/issues/{}", row.id), "row-link", "double-issue".into(), words.into_any());
        view! { <li>{there} " " {state_chip(ui, row.state)}</li> }.into_any()
    };
    // Whoever had it first keeps it, as far as the others can still be pressed.
    let last = issues.iter().rev().find(|row| row.state.is_open()).map(called).unwrap_or_default();
    view! {
        <section class="panel double" data-testid="double">
            <p class="said">{fill(t.double_number, &[number, &issues.len()])}</p>
            <ol>{all(issues.iter().map(issue))}</ol>
            <p class="hint">{fill(t.double_renumber, &[&last])}</p>
        </section>
    }
    .into_any()
}

/// What can be done with all that is ticked.
fn several(ui: Ui, review: Review) -> AnyView {
    let t = ui.t;
    let all_ticked = move || {
        let held = review.held();
        !held.is_empty() && review.ticked.with(|ticked| held.iter().all(|held| ticked.contains(&held.hash)))
    };
    let tick_all = move |on: bool| {
        let hashes = review.held().into_iter().map(|held| held.hash).filter(|_| on);
        review.ticked.set(hashes.collect());
    };
    let acts = maybe(move || {
        let chosen = review.chosen();
        let adoptable: Vec<Held> = chosen.iter().filter(|held| held.adoptable).cloned().collect();
        let adopt_n = fill(t.adopt_n, &[&adoptable.len()]);
        let discard_n = fill(t.discard_n, &[&chosen.len()]);
        let adopt = (!adoptable.is_empty()).then(|| {
            let ask = move || review.asked.set(Some((HeldDecision::Adopt, adoptable.clone())));
            button("primary", "held-adopt-all", adopt_n, ask)
        });
        (!chosen.is_empty()).then(|| {
            let ask = move || review.asked.set(Some((HeldDecision::Discard, chosen.clone())));
            all([given(adopt), button("plain", "held-discard-all", discard_n, ask)])
        })
    });
    let pick = maybe(move || (review.held().len() > 1).then(|| tick(t.choose_all, all_ticked, tick_all, "held-all")));
    view! { <div class="buttons">{pick} {acts}</div> }.into_any()
}

fn one_held(ui: Ui, review: Review, held: Held) -> AnyView {
    let t = ui.t;
    let hash = held.hash.clone();
    let chosen = {
        let hash = hash.clone();
        move || review.ticked.with(|ticked| ticked.contains(&hash))
    };
    let edit: Option<Edit> = serde_json::from_str(&held.content).ok();
    let said = edit.as_ref().map_or_else(String::new, |edit| intent_words(ui, edit));
    let photos = edit.filter(|_| held.adoptable).and_then(|edit| photos_of(ui, edit));
    let pick = tick(t.choose_change, chosen, move |on| review.tick(&hash, on), "held-pick");
    let ask = |decision| {
        let one = vec![held.clone()];
        move || review.asked.set(Some((decision, one.clone())))
    };
    let adopt = held.adoptable.then(|| button("primary", "held-adopt", t.adopt, ask(HeldDecision::Adopt)));
    let discard = button("plain", "held-discard", t.discard, ask(HeldDecision::Discard));
    let since = format::ago(t, held.received_at, ui.now.get_untracked());
    let whose = fill(t.held_whose, &[&ui.person(held.person), &held.device, &ui.place(held.zone, &[])]);
    let since = fill(t.held_since, &[&ui.when(held.received_at), &since]);
    let issue = link(ui, format!("/issues/{}", held.issue), "row-link", String::new(), t.open_issue.into_any());
    let kept = (!held.adoptable).then(|| view! { <span class="chip">{t.held_evidence}</span> }.into_any());
    view! {
        <section class="panel held" data-testid=format!("held-{}", held.hash)>
            <div class="held-pick">{pick}</div>
            <p class="said">{said.clone()}</p>
            {given(photos)}
            <p>
                <strong>{whose}</strong>
                " "
                {given(kept)}
            </p>
            <p class="dim">{since} " · " {issue}</p>
            <p class="hint">{t.held_reason(&Refusal(held.reason.clone()))}</p>
            <div class="buttons">{all([given(adopt), discard])}</div>
        </section>
    }
    .into_any()
}

/// What it shows, to be seen before it is adopted. Photos of mere evidence are shown to nobody.
fn photos_of(ui: Ui, edit: Edit) -> Option<AnyView> {
    let mut shots: Shots = edit.photos.into_iter().collect();
    shots.sort_by_key(|(_, photo)| photo.taken_at);
    match shots.is_empty() {
        false => Some(strip(ui, shots)),
        true => edit.genesis.then(|| view! { <p class="no-photo">{ui.t.no_photo}</p> }.into_any()),
    }
}

/// Why: what is discarded needs a word, what is adopted may have one.
fn ask(ui: Ui, review: Review, decision: HeldDecision, held: Vec<Held>) -> AnyView {
    let t = ui.t;
    let reason = RwSignal::new(String::new());
    let discards = decision == HeldDecision::Discard;
    let (title, text) = if discards { (t.discard, t.held_discard_text) } else { (t.adopt, t.held_adopt_text) };
    let count = held.len();
    let send = submitted(move || {
        if !review.busy.get_untracked() {
            review.busy.set(true);
            spawn_local(review.decide(ui, decision, held.clone(), reason.get_untracked()));
        }
    });
    let off = flag(move || discards && reason.with(|reason| reason.trim().is_empty()));
    let content = view! {
        <form class="action-form" on:submit=send>
            <p class="prose">{fill(text, &[&count])}</p>
            {words_field(t.decision_reason, reason.into(), discards.then_some(t.required), "", "held-reason")}
            {submit(ui, "primary wide", "held-decide", title.into(), review.busy.into(), off)}
        </form>
    };
    dialog(ui, title, Callback::new(move |()| review.asked.set(None)), content.into_any())
}

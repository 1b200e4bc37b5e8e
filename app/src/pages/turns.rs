//! Several people on one phone: the sheet in which somebody changes over to another or adds one, the ways back from the page of a store
//! in which nobody is enrolled yet, and what a link for another person offers. Shows nothing of anybody but the name.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::apart;
use super::enrol::Entry;
use crate::client::Phase;
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::lean::{all, maybe, tap};
use crate::store::StoreError;
use crate::store::seats::Seat;
use crate::texts::fill;

/// A button, and the sheet that it opens.
pub fn change_over(ui: Ui) -> AnyView {
    let asking = RwSignal::new(false);
    let sheet = maybe(move || asking.get().then(|| sheet(ui, asking)));
    all([button("plain wide", "change-over", ui.t.change_over, move || asking.set(true)), sheet])
}

/// Where this store is broken: only if there is another one to go to.
pub fn way_to_others(ui: Ui) -> AnyView {
    maybe(move || (!others(ui).is_empty()).then(|| apart::change_over(ui)))
}

/// Everybody but whoever is here.
fn others(ui: Ui) -> Vec<(Seat, String)> {
    let own = ui.client.seat();
    let name = |(seat, name): (Seat, &str)| (seat != own).then(|| (seat, called(ui, seat, name)));
    ui.client.seats.with(|seats| seats.names().filter_map(name).collect())
}

/// Whose name the office has not told yet still has a number.
fn called(ui: Ui, seat: Seat, name: &str) -> String {
    if name.is_empty() { fill(ui.t.person_without_name, &[&seat.number()]) } else { name.into() }
}

fn sheet(ui: Ui, asking: RwSignal<bool>) -> AnyView {
    let (t, entry) = (ui.t, expect_context::<Entry>());
    let waiting = RwSignal::new(0);
    spawn_local(async move {
        waiting.try_set(ui.client.left_behind().await);
    });
    let left = maybe(move || {
        let count = waiting.get();
        let words = || fill(t.change_unsent, &[&count]);
        (count > 0).then(|| view! { <p class="prose error" data-testid="left-behind">{words()}</p> }.into_any())
    });
    let here = fill(t.person_now, &[&called(ui, ui.client.seat(), &ui.client.own_name())]);
    // Not followed: whoever goes changes it, and the sheet stays until the page goes.
    let there = untrack(|| others(ui));
    let add = match ui.client.seats.with_untracked(|seats| seats.is_full()) {
        true => view! { <p class="dim">{t.people_full}</p> }.into_any(),
        false => button("plain wide", "add-here", t.add_here, move || add(ui, entry)),
    };
    let content = view! {
        {left}
        <p data-testid="person-now">
            <strong>{here}</strong>
        </p>
        <div class="buttons">{all(there.into_iter().map(|(seat, name)| to(ui, seat, name)))} {add}</div>
        <p class="prose dim">{t.change_about}</p>
    };
    dialog(ui, t.change_over, Callback::new(move |()| asking.set(false)), content.into_any())
}

fn to(ui: Ui, seat: Seat, name: String) -> AnyView {
    let go = tap(move || {
        spawn_local(async move {
            if let Err(error) = ui.client.change_to(seat).await {
                ui.warn(not_changed(ui, &error));
            }
        });
    });
    view! {
        <button type="button" class="plain wide" data-testid="to-person" on:click=go>
            {name}
        </button>
    }
    .into_any()
}

/// With the code of a link that was opened here, if there was one.
fn add(ui: Ui, entry: Entry) {
    let code = untrack(|| entry.code()).unwrap_or_default();
    spawn_local(async move {
        match ui.client.add_person(&code).await {
            Ok(true) => {}
            Ok(false) => ui.warn(ui.t.people_full),
            Err(error) => ui.warn(not_changed(ui, &error)),
        }
    });
}

fn not_changed(ui: Ui, error: &StoreError) -> &'static str {
    if *error == StoreError::NoRoom { ui.t.change_no_room } else { ui.t.change_failed }
}

/// On the page of a store in which nobody is enrolled yet. Whoever goes back leaves no empty store behind, unless the office may have
/// taken its key in and the answer was lost.
pub fn ways_back(ui: Ui) -> AnyView {
    maybe(move || {
        let back = |(seat, name): (Seat, String)| to(ui, seat, fill(ui.t.back_to_person, &[&name]));
        let others: Vec<AnyView> = others(ui).into_iter().map(back).collect();
        let panel = |others: Vec<AnyView>| {
            view! {
                <section class="panel" data-testid="ways-back">
                    <p class="prose">{ui.t.person_added}</p>
                    {all(others)}
                </section>
            }
        };
        (!others.is_empty()).then(|| panel(others).into_any())
    })
}

/// A link was opened where somebody is enrolled already: it is another person's.
pub fn offer(ui: Ui) -> AnyView {
    let entry = expect_context::<Entry>();
    maybe(move || {
        let ready = ui.client.phase.with(|phase| *phase == Phase::Ready);
        (ready && entry.code().is_some()).then(|| apart::link_bar(ui))
    })
}

/// Whoever is here hears first what stays behind.
pub fn link_bar(ui: Ui) -> AnyView {
    let (t, entry) = (ui.t, expect_context::<Entry>());
    let asking = RwSignal::new(false);
    view! {
        <div class="bar update" role="status" data-testid="link-bar">
            <span>{fill(t.link_bar, &[&ui.client.own_name()])}</span>
            {button("plain", "link-dismiss", t.link_dismiss, move || entry.forget_code())}
            {button("primary", "link-add", t.add_here, move || asking.set(true))}
        </div>
        {maybe(move || asking.get().then(|| sheet(ui, asking)))}
    }
    .into_any()
}

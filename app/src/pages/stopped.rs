//! The office lets nobody work with this device: what became of the work on it, and the way back. Shows nothing else of what the device
//! holds; why it is so, the app says itself.

use leptos::prelude::*;
use xiaohao_shared::sync::engine::Failure;

use super::{enrol, me, prove, sync, turns};
use crate::components::Ui;
use crate::components::facts;
use crate::components::fields::button;
use crate::components::lean::{all, maybe, shown};

pub fn stopped(ui: Ui, why: Failure) -> AnyView {
    all([fate(ui), sync::handover::leaving(ui), way_back(ui, why)])
}

/// What became of the work: with the desk, still here, or refused.
fn fate(ui: Ui) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let count = |count: u32| if count > 0 { count.to_string() } else { String::new() };
    let figures = shown(move || {
        let status = client.status.get();
        let held = status.refused.iter().filter(|refused| refused.held).count() as u32;
        let refused = status.refused.len() as u32 - held;
        let photos = client.photos_status.with(|photos| photos.waiting);
        facts([
            (t.stopped_held, count(held)),
            (t.stopped_unsent, count(status.unsent)),
            (t.photos_waiting, count(photos)),
            (t.stopped_refused, count(refused)),
        ])
    });
    let nothing_left = maybe(move || {
        let done = client.unsent().0 == 0;
        done.then(|| view! { <p class="good" data-testid="stopped-done">{t.stopped_done}</p> }.into_any())
    });
    view! {
        <section class="panel" aria-label=t.stopped_work data-testid="stopped">
            <h2>{t.stopped_work}</h2>
            <dl>{figures}</dl>
            {nothing_left}
            {button("plain wide", "stopped-again", t.sync_now, || drop(window().location().reload()))}
            {turns::change_over(ui)}
        </section>
    }
    .into_any()
}

/// An office that forgot the device, or its key, gets it back as it is; where it must not be used any more, it begins anew.
fn way_back(ui: Ui, why: Failure) -> AnyView {
    match why {
        Failure::Unknown | Failure::KeyUnknown => {
            view! { <section aria-label=ui.t.enrol_submit>{enrol::form(ui)} {prove::not_mine(ui)}</section> }.into_any()
        }
        _ => view! { <section class="panel">{me::logout(ui, ui.t.enrol_anew)}</section> }.into_any(),
    }
}

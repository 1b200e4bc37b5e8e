//! The pages: each knows the client and puts components together. None knows another, but for the address of its route.

mod admin;
pub mod apart;
mod behind;
mod board;
mod bulletins;
mod catalogue;
mod conditions;
mod desk_links;
mod devices;
mod document;
pub mod enrol;
mod export;
mod fetched;
mod halfyear;
mod import;
mod indicators;
pub mod issue;
mod keys;
mod listing;
pub mod lock;
mod map;
pub mod me;
pub mod newcomers;
mod opening;
mod paged;
mod paper;
mod passkeys;
mod patrols;
mod privacy;
pub mod prove;
pub mod report;
mod said;
mod sending;
mod settlement;
mod stop;
pub mod stopped;
pub mod sync;
mod tipster;
mod trends;
pub mod turns;
pub mod vault;
mod views;
mod weekly;
pub mod work;

use leptos::prelude::*;
use xiaohao_shared::doc::Edit;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Before, Known, judge};
use xiaohao_shared::sync::engine::{Failure, NotSaved};

use crate::client::{CallError, IssueView};
use crate::components::Ui;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{given, tap};
use crate::components::wish::Signature;
use crate::curtain::entitle;
use crate::texts::{Texts, fill};

/// The head of a page; the tab of the browser gets the same name. `extra` stands at its end.
pub fn head(ui: Ui, title: &str, back: bool, extra: AnyView) -> AnyView {
    entitle(ui.client, format!("{title} · {}", ui.t.app_name));
    let go_back = tap(move || match window().history() {
        Ok(history) if history.length().unwrap_or(0) > 1 => drop(history.back()),
        // Without a page to go back to (a shared link), the list is the way out.
        _ => ui.go("/", true),
    });
    let arrow = back.then(|| {
        view! {
            <button type="button" class="quiet" aria-label=ui.t.back on:click=go_back>
                {icon(Icon::Back)}
            </button>
        }
        .into_any()
    });
    view! {
        <header class="head">
            {given(arrow)} <h1>{title.to_string()}</h1> {extra}
        </header>
    }
    .into_any()
}

/// Something comes from afar.
pub fn waiting(ui: Ui) -> AnyView {
    view! { <p class="spinner" role="status" aria-label=ui.t.loading></p> }.into_any()
}

/// What failed, in its own words.
pub fn failed(why: String, testid: &'static str) -> AnyView {
    view! { <p class="error" role="alert" data-testid=testid>{why}</p> }.into_any()
}

/// Why a call to the office failed, for a person.
pub fn call_error(t: &Texts, error: &CallError) -> String {
    match error {
        CallError::Offline => t.needs_network.into(),
        CallError::NotTheOffice => t.failure(Failure::NotTheOffice).into(),
        CallError::Problem(problem) => t.problem(problem),
    }
}

/// Why an edit was not saved. Nothing was written then, and the form still holds it.
pub fn not_saved(t: &Texts, reason: &NotSaved) -> String {
    let why = match reason {
        NotSaved::StorageFailed => t.not_saved_storage,
        NotSaved::NoDocument => t.not_saved_missing,
        NotSaved::Unreadable => t.not_saved_unreadable,
    };
    fill(t.not_saved, &[&why])
}

/// What this phone knows of the office's zones and people.
pub fn known(ui: Ui) -> Known {
    ui.client.office.with_untracked(|office| {
        office.as_ref().map_or_else(Known::default, |office| Known {
            zones: office.zones.iter().map(|zone| zone.id).collect(),
            people: office.people.iter().map(|person| (person.id, person.clone())).collect(),
        })
    })
}

/// Signs with a fresh record id.
pub fn sign(ui: Ui, me: &Person) -> Signature {
    Signature { by: me.id, at: ui.client.now(), record: ui.client.random_id() }
}

/// Judges an edit as the office will, and makes it durable on this phone.
pub async fn apply(ui: Ui, me: &Person, view: &IssueView, edit: Edit) -> Result<(), String> {
    let before = Before { issue: &view.issue, conflicts: &view.conflicts };
    judge(me, Some(before), &edit, &known(ui)).map_err(|denied| ui.t.denied(denied).to_string())?;
    ui.client.save(view.issue.id, edit).await.map_err(|reason| not_saved(ui.t, &reason))
}

//! The pages: each knows the client and puts components together. None knows another, but for the address of its route.

pub mod admin;
pub mod board;
pub mod enrol;
pub mod issue;
pub mod me;
pub mod report;
pub mod sync;
pub mod work;

use leptos::prelude::*;
use xiaohao_shared::doc::Edit;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Before, Known, judge};
use xiaohao_shared::sync::engine::{Failure, NotSaved};

use crate::client::{CallError, Client, IssueView};
use crate::components::icon::{Icon, icon};
use crate::components::{Ui, use_ui};
use crate::texts::{Texts, fill};

/// The head of a page; the tab of the browser gets the same name.
#[component]
pub fn Head(
    #[prop(into)] title: Signal<String>,
    /// Whether there is a list or board to go back to.
    #[prop(optional)]
    back: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let ui = use_ui();
    Effect::new(move |_| document().set_title(&format!("{} · {}", title.get(), ui.t.app_name)));
    let go_back = move |_| {
        // Without a page to go back to (a shared link), the list is the way out.
        let _ = match window().history() {
            Ok(history) if history.length().unwrap_or(0) > 1 => history.back(),
            _ => window().location().set_href("/"),
        };
    };
    view! {
        <header class="head">
            {back
                .then(|| {
                    view! {
                        <button type="button" class="quiet" aria-label=ui.t.back on:click=go_back>
                            {icon(Icon::Back)}
                        </button>
                    }
                })} <h1>{move || title.get()}</h1> {children.map(|children| children())}
        </header>
    }
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
    ui.office.with_untracked(|office| {
        office.as_ref().map_or_else(Known::default, |office| Known {
            zones: office.zones.iter().map(|zone| zone.id).collect(),
            people: office.people.iter().map(|person| person.id).collect(),
        })
    })
}

/// Judges an edit as the office will, and makes it durable on this phone.
pub async fn apply(client: Client, ui: Ui, me: &Person, view: &IssueView, edit: Edit) -> Result<(), String> {
    let before = Before { issue: &view.issue, conflicts: &view.conflicts };
    judge(me, Some(before), &edit, &known(ui)).map_err(|denied| ui.t.denied(denied).to_string())?;
    client.save(view.issue.id, edit).await.map_err(|reason| not_saved(ui.t, &reason))
}

//! The question for the passkey, over whatever page it concerns: what was typed there stays.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::passkeys::Challenge;

use super::Ui;
use super::dialog::dialog;
use super::fields::button;
use super::lean::{all, given, maybe, nothing, shown};
use crate::client::CallError;
use crate::passkey;

/// One question, for as long as it is open.
#[derive(Clone, Copy)]
struct Question {
    /// What the office wants signed: here before the tap, because browsers ask for a finger only straight from one.
    asked: RwSignal<Option<Challenge>>,
    error: RwSignal<String>,
    busy: RwSignal<bool>,
}

pub fn question(ui: Ui) -> AnyView {
    let t = ui.t;
    let question =
        Question { asked: RwSignal::new(None), error: RwSignal::new(String::new()), busy: RwSignal::new(false) };
    let close = Callback::new(move |()| ui.client.answer_waiting(false));
    let here = passkey::is_known_here();
    if here {
        question.prepare(ui);
    }
    let why = maybe(move || {
        let why = question.error.get();
        (!why.is_empty())
            .then(|| view! { <p class="error" role="alert" data-testid="confirm-error">{why}</p> }.into_any())
    });
    let go = shown(move || match question.asked.get() {
        Some(asked) if !question.busy.get() => {
            let show = move || question.show(ui, &asked);
            button("primary", "confirm-passkey", t.confirm_passkey, show)
        }
        _ if here && question.error.get().is_empty() => {
            view! { <p class="spinner" role="status" aria-label=t.loading></p> }.into_any()
        }
        _ => nothing(),
    });
    let lacking = (!here).then(|| view! { <p class="error">{t.no_passkeys_here}</p> }.into_any());
    let content = view! {
        <p class="prose">{t.confirm_person_text}</p>
        {all([given(lacking), why])}
        <div class="buttons">{button("plain", "confirm-cancel", t.cancel, move || close.run(()))} {go}</div>
    };
    dialog(ui, t.confirm_person, close, content.into_any())
}

impl Question {
    fn prepare(self, ui: Ui) {
        spawn_local(async move {
            match ui.client.begin_confirming().await {
                Ok(asked) => drop(self.asked.try_set(Some(asked))),
                Err(error) => self.fail(why(ui, &error)),
            }
        });
    }

    fn show(self, ui: Ui, asked: &Challenge) {
        let shown = passkey::show(asked);
        self.busy.set(true);
        self.error.set(String::new());
        spawn_local(async move {
            match shown.shown().await {
                Err(_) => self.fail(ui.t.passkey_not_shown.into()),
                Ok(shown) => {
                    // Each question has one answer, also a wrong one.
                    self.asked.try_set(None);
                    if let Err(error) = ui.client.confirm(&shown).await {
                        self.fail(why(ui, &error));
                        self.prepare(ui);
                    }
                }
            }
            self.busy.try_set(false);
        });
    }

    fn fail(self, why: String) {
        self.error.try_set(why);
    }
}

fn why(ui: Ui, error: &CallError) -> String {
    match error {
        CallError::Offline => ui.t.needs_network.into(),
        CallError::NotTheOffice => ui.t.needs_network.into(),
        CallError::Problem(problem) if problem.status == 409 => ui.t.no_passkey_yet.into(),
        CallError::Problem(problem) => ui.t.problem(problem),
    }
}

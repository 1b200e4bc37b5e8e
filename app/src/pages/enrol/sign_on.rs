//! Enrolment by the office's own sign-on: sends the browser to the provider's page, and goes on where it comes back. Knows no provider.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::sign_on::{COME_BACK, SignedOn};

use super::{Entry, welcome};
use crate::browser::sleep;
use crate::client::{CallError, Opener};
use crate::components::Ui;
use crate::components::lean::{flag, follow, maybe, shown, tap, words};
use crate::pages::{call_error, failed};
use crate::texts::fill;

/// What the browser came back with from the provider's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    Signed(SignedOn),
    /// The provider said no, or the person did.
    Not,
}

impl Back {
    /// Taken out of the address at once, so that it stays neither in the history nor in a shared link.
    pub fn from_address() -> Option<Self> {
        let location = window().location();
        if location.pathname().ok()? != COME_BACK {
            return None;
        }
        let said = [location.hash().ok()?, location.search().ok()?];
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
        }
        let mut said = said.iter().filter_map(|part| UrlSearchParams::new_with_str(part.trim_start_matches('#')).ok());
        Some(said.find_map(|said| signed(&said)).unwrap_or(Self::Not))
    }
}

fn signed(said: &UrlSearchParams) -> Option<Back> {
    Some(Back::Signed(SignedOn { code: said.get("code")?, state: said.get("state")? }))
}

/// Where the name of this device waits while its owner is at the provider's page; only this tab can read it.
const LABEL: &str = "xiaohao-label";

pub fn kept_label() -> Option<String> {
    window().session_storage().ok()??.get_item(LABEL).ok()?
}

fn keep_label(label: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(LABEL, label);
    }
}

/// Milliseconds until a button that should have left this page can be pressed again.
const LEAVING: i64 = 4_000;

#[derive(Clone, Copy)]
struct BySignOn {
    entry: Entry,
    /// Whether this office has a sign-on.
    there: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// Nothing until the office has said that it has one, or somebody comes back from it.
pub fn by_sign_on(ui: Ui) -> AnyView {
    let entry = expect_context::<Entry>();
    let it = BySignOn {
        entry,
        there: RwSignal::new(entry.back.with_untracked(Option::is_some)),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
    };
    if entry.back.get_untracked() == Some(Back::Not) {
        entry.back.set(None);
        it.error.set(ui.t.sign_on_not_done.into());
    }
    follow(move || {
        if ui.client.online.get() {
            spawn_local(it.begin(ui));
        }
    });
    maybe(move || it.there.get().then(|| it.panel(ui)))
}

impl BySignOn {
    fn panel(self, ui: Ui) -> AnyView {
        let t = ui.t;
        let error = maybe(move || {
            let why = self.error.get();
            (!why.is_empty()).then(|| failed(why, "sign-on-error"))
        });
        let press = tap(move || {
            if !self.busy.get_untracked() {
                spawn_local(self.go(ui));
            }
        });
        let again = move || self.entry.back.with(Option::is_some);
        let name = words(move || if again() { t.retry.into() } else { t.sign_on.into() });
        let under_way = shown(move || {
            let finishing = self.busy.get() && again();
            let line = || view! { <p class="prose" role="status">{t.enrolling}</p> };
            if finishing { line().into_any() } else { ().into_any() }
        });
        view! {
            <section class="panel" data-testid="by-sign-on">
                <p class="prose">{t.sign_on_about}</p>
                {under_way}
                {error}
                <button type="button" class="plain wide" data-testid="enrol-sign-on" disabled=flag(move || self.busy.get()) on:click=press>
                    {name}
                </button>
            </section>
        }
        .into_any()
    }

    /// Whoever came back is enrolled without another tap; others are shown the way, if there is one.
    async fn begin(self, ui: Ui) {
        if self.entry.back.with_untracked(Option::is_some) {
            self.go(ui).await;
        } else if !self.there.get_untracked() {
            let unreachable = |error: &CallError| is(error, ProblemKind::SignOnUnreachable);
            let there = ui.client.begin_sign_on().await.map_or_else(|error| unreachable(&error), |_| true);
            self.there.try_set(there);
        }
    }

    async fn go(self, ui: Ui) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(String::new());
        let went = match self.entry.back.get_untracked() {
            Some(Back::Signed(signed)) => self.enter(ui, signed).await,
            _ => self.leave(ui).await,
        };
        if let Err(error) = went {
            self.error.try_set(why(ui, &error));
        }
        self.busy.try_set(false);
    }

    async fn enter(self, ui: Ui, signed: SignedOn) -> Result<(), CallError> {
        let label = self.entry.label.get_untracked();
        let enrolled = ui.client.enrol(Opener::SignOn(signed), label.trim()).await;
        // What the office has answered has been used; what never came there can be sent again.
        if matches!(enrolled, Ok(_) | Err(CallError::Problem(_))) {
            self.entry.back.set(None);
        }
        welcome(ui, self.entry, &enrolled?);
        Ok(())
    }

    async fn leave(self, ui: Ui) -> Result<(), CallError> {
        // Only now: whoever signed on at the provider before this tap proves nothing by it.
        let asked = ui.client.begin_sign_on().await?;
        keep_label(self.entry.label.get_untracked().trim());
        window().location().assign(&asked.address).map_err(|_| CallError::NotTheOffice)?;
        sleep(LEAVING).await;
        Ok(())
    }
}

fn is(error: &CallError, kind: ProblemKind) -> bool {
    matches!(error, CallError::Problem(problem) if problem.kind == kind)
}

fn why(ui: Ui, error: &CallError) -> String {
    let t = ui.t;
    let CallError::Problem(problem) = error else { return call_error(t, error) };
    match problem.kind {
        ProblemKind::SignOnRefused => t.sign_on_refused.into(),
        ProblemKind::SignOnUnknown => fill(t.sign_on_unknown, &[&problem.detail.as_deref().unwrap_or_default()]),
        ProblemKind::SignOnUnreachable => t.sign_on_unreachable.into(),
        _ if problem.reason == Some(Reason::TooManyDevices) => t.enrol_too_many.into(),
        _ => t.problem(problem),
    }
}

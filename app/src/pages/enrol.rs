//! Enrolment: ten letters, typed or brought by the link of a QR, a passkey or the office's sign-on make this browser a device of a
//! person.

mod sign_on;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::passkeys::Challenge;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Enrolled, ProblemKind};
use xiaohao_shared::time::{MINUTE, Timestamp};

use self::sign_on::{Back, by_sign_on};
use super::{call_error, failed, turns};
use crate::browser::device_time;
use crate::client::{CallError, Opener, Phase};
use crate::components::Ui;
use crate::components::fields::{self, line, submit};
use crate::components::lean::{all, flag, follow, maybe, nothing, submitted, tap, text, typed};
use crate::passkey;
use crate::texts::{Lang, fill};

const CODE_LETTERS: usize = 10;

/// What was typed so far; outlives a change of the language.
#[derive(Clone, Copy)]
pub struct Entry {
    code: RwSignal<String>,
    label: RwSignal<String>,
    error: RwSignal<String>,
    /// Somebody comes from the provider's page.
    back: RwSignal<Option<Back>>,
}

impl Entry {
    /// The code of a scanned link stands in the fragment, which never travels to a server. It is taken out of the address
    /// at once, so that it stays neither in the history nor in a shared link.
    pub fn from_address() -> Self {
        let back = Back::from_address();
        let hash = window().location().hash().unwrap_or_default();
        let code = hash.strip_prefix("#enrol=").map(letters).unwrap_or_default();
        if !code.is_empty()
            && let Ok(history) = window().history()
        {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"));
        }
        Self {
            code: RwSignal::new(grouped(&code)),
            label: RwSignal::new(back.as_ref().and_then(|_| sign_on::kept_label()).unwrap_or_else(usual_label)),
            error: RwSignal::new(String::new()),
            back: RwSignal::new(back),
        }
    }
}

impl Entry {
    /// What somebody scanned or typed, once it is a whole one.
    pub fn code(self) -> Option<String> {
        let code = self.code.with(|code| letters(code));
        (code.len() == CODE_LETTERS).then_some(code)
    }

    pub fn forget_code(self) {
        self.code.set(String::new());
    }
}

/// Letters and digits, in capitals. Blanks and hyphens are how people write a code down.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(CODE_LETTERS).collect::<String>().to_ascii_uppercase()
}

/// `ABCDE-12345`: two groups that the eye can compare with a slip of paper.
fn grouped(code: &str) -> String {
    if code.len() > 5 { format!("{}-{}", &code[..5], &code[5..]) } else { code.into() }
}

/// What sort of machine it is, for the administrator's list; the person may call it what he likes.
pub fn usual_label() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let known = ["HarmonyOS", "iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux"];
    known.into_iter().find(|name| agent.contains(name)).unwrap_or("").into()
}

pub fn enrol(ui: Ui) -> AnyView {
    let t = ui.t;
    let other = if t.lang == Lang::Zh { Lang::En } else { Lang::Zh };
    view! {
        <main class="enrol">
            {fields::button("plain lang", "", other.name(), move || ui.lang.set(other))}
            <p class="seal" aria-hidden="true">
                "销"
            </p>
            <h1>{t.app_name}</h1>
            <p class="lead">{t.enrol_lead}</p>
            {turns::ways_back(ui)} {form(ui)}
            <p class="prose dim">{t.enrol_help}</p>
        </main>
    }
    .into_any()
}

/// Code and name of the device, the office's sign-on, or a passkey. Whoever comes back from a sign-on sees first what became of it.
pub fn form(ui: Ui) -> AnyView {
    if expect_context::<Entry>().back.with_untracked(Option::is_some) {
        return all([by_sign_on(ui), by_code(ui), by_passkey(ui)]);
    }
    all([by_code(ui), by_sign_on(ui), by_passkey(ui)])
}

fn by_code(ui: Ui) -> AnyView {
    let (t, entry) = (ui.t, expect_context::<Entry>());
    let busy = RwSignal::new(false);
    let complete = move || entry.code().is_some();
    let send = submitted(move || {
        if !busy.get_untracked() && untrack(complete) {
            busy.set(true);
            entry.error.set(String::new());
            spawn_local(ask(ui, entry, busy));
        }
    });
    let error = maybe(move || {
        let why = entry.error.get();
        (!why.is_empty()).then(|| failed(why, "enrol-error"))
    });
    let label = line(t.device_label, entry.label.into(), t.device_hint, "60", "enrol-label");
    let proves = ui.client.phase.with_untracked(|phase| *phase == Phase::Unproven);
    let name = if proves { t.unproven_submit } else { t.enrol_submit };
    let button = submit(ui, "primary wide", "enrol-submit", name.into(), busy.into(), flag(move || !complete()));
    view! {
        <form class="panel" on:submit=send>
            {code_field(ui, entry)} {label} {error} {button}
        </form>
    }
    .into_any()
}

async fn ask(ui: Ui, entry: Entry, busy: RwSignal<bool>) {
    let (code, label) = (letters(&entry.code.get_untracked()), entry.label.get_untracked());
    match ui.client.enrol(Opener::Code(code), label.trim()).await {
        Ok(enrolled) => welcome(ui, entry, &enrolled),
        Err(error) => entry.error.set(call_error(ui.t, &error)),
    }
    busy.try_set(false);
}

fn welcome(ui: Ui, entry: Entry, enrolled: &Enrolled) {
    // It was used up, and is no invitation of somebody else.
    entry.forget_code();
    // The keyboard had pushed the form up; the next page begins at its beginning.
    window().scroll_to_with_x_and_y(0.0, 0.0);
    ui.say(fill(ui.t.welcome, &[&enrolled.person.name]));
}

/// How long the office's question is worth a tap; it lives for five minutes there, or for more.
const FRESH: i64 = 4 * MINUTE;

#[derive(Clone, Copy)]
struct ByPasskey {
    entry: Entry,
    /// What the office wants signed, and since when: here before the tap, because browsers ask for a finger only straight from one.
    asked: RwSignal<Option<(Challenge, Timestamp)>>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

/// Nothing where the browser knows none, and nothing until the office has said that it takes them.
fn by_passkey(ui: Ui) -> AnyView {
    if !passkey::is_known_here() {
        return nothing();
    }
    let it = ByPasskey {
        entry: expect_context::<Entry>(),
        asked: RwSignal::new(None),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
    };
    follow(move || {
        if ui.client.online.get() && it.asked.with_untracked(Option::is_none) {
            spawn_local(async move { drop(it.prepare(ui).await) });
        }
    });
    let possible = Memo::new(move |_| it.asked.with(Option::is_some));
    maybe(move || possible.get().then(|| it.panel(ui)))
}

impl ByPasskey {
    fn panel(self, ui: Ui) -> AnyView {
        let t = ui.t;
        let error = maybe(move || {
            let why = self.error.get();
            (!why.is_empty()).then(|| failed(why, "enrol-passkey-error"))
        });
        let press = tap(move || {
            if !self.busy.get_untracked() {
                self.press(ui);
            }
        });
        view! {
            <section class="panel" data-testid="by-passkey">
                <p class="prose">{t.enrol_passkey_about}</p>
                {error}
                <button type="button" class="plain wide" data-testid="enrol-passkey" disabled=flag(move || self.busy.get()) on:click=press>
                    {t.enrol_passkey}
                </button>
            </section>
        }
        .into_any()
    }

    async fn prepare(self, ui: Ui) -> Result<Challenge, CallError> {
        let asked = ui.client.begin_enrolling().await?;
        self.asked.try_set(Some((asked.clone(), device_time())));
        Ok(asked)
    }

    fn press(self, ui: Ui) {
        self.busy.set(true);
        self.error.set(String::new());
        let fresh = self.asked.get_untracked().filter(|(_, since)| (0..FRESH).contains(&(device_time() - *since)));
        let shown = fresh.map(|(asked, _)| passkey::show(&asked));
        spawn_local(async move {
            if let Err(why) = self.enter(ui, shown).await {
                self.error.try_set(why);
            }
            self.busy.try_set(false);
        });
    }

    async fn enter(self, ui: Ui, shown: Option<passkey::Asked>) -> Result<(), String> {
        let shown = match shown {
            Some(shown) => shown,
            None => passkey::show(&self.prepare(ui).await.map_err(|error| why(ui, &error))?),
        };
        let shown = shown.shown().await.map_err(|_| ui.t.enrol_passkey_not_shown)?;
        let label = self.entry.label.get_untracked();
        match ui.client.enrol(Opener::Passkey(shown), label.trim()).await {
            Ok(enrolled) => welcome(ui, self.entry, &enrolled),
            Err(error) => {
                // Each question has one answer, also a wrong one; without another one the next tap asks.
                let _ = self.prepare(ui).await;
                return Err(why(ui, &error));
            }
        }
        Ok(())
    }
}

fn why(ui: Ui, error: &CallError) -> String {
    match error {
        CallError::Problem(problem) if problem.kind == ProblemKind::ProofRefused => ui.t.enrol_passkey_refused.into(),
        CallError::Problem(problem) if problem.reason == Some(Reason::TooManyDevices) => ui.t.enrol_too_many.into(),
        other => call_error(ui.t, other),
    }
}

fn code_field(ui: Ui, entry: Entry) -> AnyView {
    let t = ui.t;
    view! {
        <label class="field">
            <span>{t.enrol_code}</span>
            <input
                type="text"
                class="code"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
                maxlength="16"
                placeholder="XXXXX-XXXXX"
                data-testid="enrol-code"
                prop:value=text(move || entry.code.get())
                on:input=typed(move |typed| entry.code.set(grouped(&letters(&typed))))
            />
            <small>{t.enrol_code_hint}</small>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written_down() {
        assert_eq!(letters("abcde 12345"), "ABCDE12345");
        assert_eq!(grouped(&letters("abcde-12345-xyz")), "ABCDE-12345");
        assert_eq!(grouped("ABC"), "ABC");
    }
}

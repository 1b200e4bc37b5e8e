//! Enrolment: ten letters, typed or brought by the link of a QR, make this browser a device of a person.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{call_error, failed};
use crate::components::Ui;
use crate::components::fields::{self, line, submit};
use crate::components::lean::{flag, maybe, submitted, text, typed};
use crate::texts::{Lang, fill};

const CODE_LETTERS: usize = 10;

/// What was typed so far; outlives a change of the language.
#[derive(Clone, Copy)]
pub struct Entry {
    code: RwSignal<String>,
    label: RwSignal<String>,
    error: RwSignal<String>,
}

impl Entry {
    /// The code of a scanned link stands in the fragment, which never travels to a server. It is taken out of the address
    /// at once, so that it stays neither in the history nor in a shared link.
    pub fn from_address() -> Self {
        let hash = window().location().hash().unwrap_or_default();
        let code = hash.strip_prefix("#enrol=").map(letters).unwrap_or_default();
        if !code.is_empty()
            && let Ok(history) = window().history()
        {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"));
        }
        Self {
            code: RwSignal::new(grouped(&code)),
            label: RwSignal::new(usual_label()),
            error: RwSignal::new(String::new()),
        }
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
            {form(ui)}
            <p class="prose dim">{t.enrol_help}</p>
        </main>
    }
    .into_any()
}

/// Code and name of the device.
pub fn form(ui: Ui) -> AnyView {
    let (t, entry) = (ui.t, expect_context::<Entry>());
    let busy = RwSignal::new(false);
    let complete = move || entry.code.with(|code| letters(code).len() == CODE_LETTERS);
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
    let button =
        submit(ui, "primary wide", "enrol-submit", t.enrol_submit.into(), busy.into(), flag(move || !complete()));
    view! {
        <form class="panel" on:submit=send>
            {code_field(ui, entry)} {label} {error} {button}
        </form>
    }
    .into_any()
}

async fn ask(ui: Ui, entry: Entry, busy: RwSignal<bool>) {
    let (code, label) = (letters(&entry.code.get_untracked()), entry.label.get_untracked());
    match ui.client.enrol(&code, label.trim()).await {
        Ok(enrolled) => {
            // The keyboard had pushed the form up; the next page begins at its beginning.
            window().scroll_to_with_x_and_y(0.0, 0.0);
            ui.say(fill(ui.t.welcome, &[&enrolled.person.name]));
        }
        Err(error) => entry.error.set(call_error(ui.t, &error)),
    }
    busy.try_set(false);
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

//! Enrolment: ten letters, typed or brought by the link of a QR, make this browser a device of a person.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::call_error;
use crate::client::use_client;
use crate::components::fields::Line;
use crate::components::use_ui;
use crate::texts::Lang;

const CODE_LETTERS: usize = 10;

/// What was typed so far; outlives a change of the language.
#[derive(Clone, Copy)]
pub struct Entry {
    code: RwSignal<String>,
    label: RwSignal<String>,
    error: RwSignal<Option<String>>,
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
        Self { code: RwSignal::new(grouped(&code)), label: RwSignal::new(usual_label()), error: RwSignal::new(None) }
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
fn usual_label() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let known = ["HarmonyOS", "iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux"];
    known.into_iter().find(|name| agent.contains(name)).unwrap_or("").into()
}

#[component]
pub fn Enrol() -> impl IntoView {
    let (client, ui, entry) = (use_client(), use_ui(), expect_context::<Entry>());
    let t = ui.t;
    let busy = RwSignal::new(false);
    let complete = move || entry.code.with(|code| letters(code).len() == CODE_LETTERS);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !complete() {
            return;
        }
        busy.set(true);
        entry.error.set(None);
        let (code, label) = (letters(&entry.code.get()), entry.label.get());
        spawn_local(async move {
            match client.enrol(&code, label.trim()).await {
                Ok(enrolled) => ui.say(crate::texts::fill(t.welcome, &[&enrolled.person.name])),
                Err(error) => entry.error.set(Some(call_error(t, &error))),
            }
            busy.try_set(false);
        });
    };
    let other = if t.lang == Lang::Zh { Lang::En } else { Lang::Zh };
    view! {
        <main class="enrol">
            <button type="button" class="plain lang" on:click=move |_| ui.lang.set(other)>{other.name()}</button>
            <p class="seal" aria-hidden="true">"销"</p>
            <h1>{t.app_name}</h1>
            <p class="lead">{t.enrol_lead}</p>
            <form class="panel" on:submit=submit>
                <CodeField entry />
                <Line label=t.device_label value=entry.label hint=t.device_hint testid="enrol-label" maxlength="60" />
                {move || {
                    entry
                        .error
                        .get()
                        .map(|why| view! { <p class="error" role="alert" data-testid="enrol-error">{why}</p> })
                }}
                <button
                    type="submit"
                    class="primary wide"
                    data-testid="enrol-submit"
                    disabled=move || busy.get() || !complete()
                >
                    {move || if busy.get() { t.enrolling } else { t.enrol_submit }}
                </button>
            </form>
            <p class="prose dim">{t.enrol_help}</p>
        </main>
    }
}

#[component]
fn CodeField(entry: Entry) -> impl IntoView {
    let t = use_ui().t;
    view! {
        <label class="field">
            <span>{t.enrol_code}</span>
            <input
                type="text"
                class="code"
                inputmode="text"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
                maxlength="16"
                placeholder="XXXXX-XXXXX"
                data-testid="enrol-code"
                prop:value=move || entry.code.get()
                on:input=move |event| entry.code.set(grouped(&letters(&event_target_value(&event))))
            />
            <small>{t.enrol_code_hint}</small>
        </label>
    }
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

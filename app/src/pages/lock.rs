//! What stands there while the phone is locked: nothing of what it holds, and the way to open it. With a passkey it asks who is there,
//! by a question that it makes itself, so that no network is needed; without one it only says what such a lock is worth.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{me, opening, sync, turns};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, maybe};
use crate::passkey;
use crate::texts::fill;

pub fn locked(ui: Ui) -> AnyView {
    let passkeys = ui.client.passkeys_here.get_untracked();
    let by_passkey = !passkeys.is_empty() && passkey::is_known_here();
    let t = ui.t;
    let text = if by_passkey { t.locked_passkey } else { t.locked_plain };
    request_animation_frame(focus_the_way_in);
    let way_in = match by_passkey {
        true => opening::by_passkey(ui, open_by_passkey, without_passkey),
        false => opened_by_a_tap(ui),
    };
    let panel = view! {
        <section class="panel" data-testid="locked">
            {unsent(ui, t.locked_unsent)} {way_in} {turns::change_over(ui)}
        </section>
    };
    whole_screen(t.locked_title, text, panel.into_any())
}

/// Says one thing, and has what can be done about it below.
pub(super) fn whole_screen(title: &'static str, text: &'static str, panel: AnyView) -> AnyView {
    view! {
        <main class="stopped">
            <div class="notice">
                <p class="seal" aria-hidden="true">
                    "销"
                </p>
                <h1>{title}</h1>
                <p class="prose">{text}</p>
            </div>
            {panel}
        </main>
    }
    .into_any()
}

fn focus_the_way_in() {
    use wasm_bindgen::JsCast;
    let found = document().query_selector(".stopped .primary").ok().flatten();
    if let Some(button) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// Work goes on being sent, and whoever waits for it sees so.
pub(super) fn unsent(ui: Ui, sentence: &'static str) -> AnyView {
    maybe(move || {
        let (unsent, _) = ui.client.unsent();
        let words = || fill(sentence, &[&unsent]);
        (unsent > 0).then(|| view! { <p class="dim" data-testid="locked-unsent">{words()}</p> }.into_any())
    })
}

fn opened_by_a_tap(ui: Ui) -> AnyView {
    button("primary wide", "unlock", ui.t.unlock, move || ui.client.unlock())
}

/// Nobody but this phone asks, so this phone makes the question; what the authenticator signs is for nobody to keep.
fn open_by_passkey(ui: Ui, error: RwSignal<String>) {
    let asked = passkey::own_question(ui.client.passkeys_here.get_untracked());
    let shown = passkey::show(&asked);
    spawn_local(async move {
        match shown.shown().await {
            Ok(shown) if passkey::proves_a_person(&asked, &shown) => ui.client.unlock(),
            _ => drop(error.try_set(ui.t.passkey_not_shown.into())),
        }
    });
}

/// Nothing is shown to whoever cannot prove who he is; the work still finds its way.
fn without_passkey(ui: Ui) -> AnyView {
    let t = ui.t;
    all([
        view! { <p class="prose">{t.passkey_lost_text}</p> }.into_any(),
        sync::handover::leaving(ui),
        me::logout(ui, t.enrol_anew),
    ])
}

/// For one's own page: when this phone locks, and the same at once.
pub fn lock_habits(ui: Ui) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let rule = ui.client.office.with(|office| office.as_ref().map(|office| office.lock)).unwrap_or_default();
        let panel = move || {
            view! {
                <section class="panel" data-testid="lock-habits">
                    <h2>{t.lock}</h2>
                    <p class="prose dim">{fill(t.lock_mine, &[&rule.idle_minutes])}</p>
                    {button("plain wide", "lock-now", t.lock_now, move || ui.client.lock_now())}
                </section>
            }
            .into_any()
        };
        (rule.idle_minutes > 0).then(panel)
    })
}

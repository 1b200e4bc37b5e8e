//! The vault of this phone: made because the office asks for it, after it was said what a lost passkey loses; the screen before a
//! closed one; and the way on without its passkey. Shows nothing of what lies inside.

use base64ct::{Base64UrlUnpadded, Encoding};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lock::{unsent, whole_screen};
use super::{failed, opening, sync, turns};
use crate::browser::random;
use crate::components::Ui;
use crate::components::dialog::{confirm, dialog};
use crate::components::fields::button;
use crate::components::lean::{all, flag, maybe};
use crate::components::link::link;
use crate::curtain::entitle;
use crate::passkey::{self, NoPasskey};

/// The office asks for it, and it is not there.
fn is_wanted(ui: Ui) -> bool {
    let asked = ui.client.office.with(|office| office.as_ref().is_some_and(|office| office.lock.vault));
    asked && ui.client.vault.with(Option::is_none)
}

/// Over every page, until it is made.
pub fn vault_bar(ui: Ui) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let bar = || {
            let go = link(ui, "/me".into(), "button plain", "to-vault".into(), t.vault_bar_go.into_any());
            view! { <div class="bar update" role="status" data-testid="vault-bar"><span>{t.vault_bar}</span> {go}</div> }
        };
        (is_wanted(ui) && passkey::is_known_here()).then(|| bar().into_any())
    })
}

/// For one's own page.
pub fn vault(ui: Ui) -> AnyView {
    let t = ui.t;
    let (asking, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let content = maybe(move || match ui.client.vault.get() {
        Some(_) => Some(all([said(t.vault_on), leaving(ui)])),
        None if !is_wanted(ui) => None,
        None if !passkey::is_known_here() => Some(said(t.vault_impossible)),
        None if ui.client.passkeys_here.with(Vec::is_empty) => Some(said(t.vault_needs_passkey)),
        None => Some(all([
            said(t.vault_wanted),
            button("primary wide", "make-vault", t.vault_make, move || asking.set(true)),
        ])),
    });
    let sheet = maybe(move || asking.get().then(|| making(ui, asking, error)));
    let something = move || ui.client.vault.with(Option::is_some) || is_wanted(ui);
    view! {
        <section class="panel" data-testid="vault" hidden=flag(move || !something())>
            <h2>{t.vault}</h2>
            {content}
            {sheet}
        </section>
    }
    .into_any()
}

fn said(words: &'static str) -> AnyView {
    view! { <p class="prose">{words}</p> }.into_any()
}

/// Only where the office does not ask for it any more.
fn leaving(ui: Ui) -> AnyView {
    let asked = move || ui.client.office.with(|office| office.as_ref().is_some_and(|office| office.lock.vault));
    let leave = move || {
        spawn_local(async move {
            match ui.client.leave_vault().await {
                Ok(()) => ui.say(ui.t.vault_left),
                Err(_) => ui.warn(ui.t.vault_failed),
            }
        });
    };
    maybe(move || (!asked()).then(|| button("plain wide", "leave-vault", ui.t.vault_leave, leave)))
}

/// What is lost with the passkey is said before anything is done.
fn making(ui: Ui, asking: RwSignal<bool>, error: RwSignal<String>) -> AnyView {
    let t = ui.t;
    let why = maybe(move || {
        let why = error.get();
        (!why.is_empty()).then(|| failed(why, "vault-error"))
    });
    let make = move || {
        error.set(String::new());
        make(ui, asking, error);
    };
    let lines = [t.vault_inside, t.vault_outside, t.vault_lost].map(|line| view! { <li>{line}</li> }.into_any());
    let content = view! {
        <ul class="lost">{all(lines)}</ul>
        {why}
        <div class="buttons">
            {button("plain", "", t.cancel, move || asking.set(false))}
            {button("primary", "vault-confirm", t.vault_make, make)}
        </div>
    };
    dialog(ui, t.vault_make, Callback::new(move |()| asking.set(false)), content.into_any())
}

fn make(ui: Ui, asking: RwSignal<bool>, error: RwSignal<String>) {
    let salt = random::<32>();
    let asked = passkey::own_question(ui.client.passkeys_here.get_untracked());
    let shown = passkey::show_for_secret(&asked, &salt);
    spawn_local(async move {
        let made = match shown.shown_with_secret().await {
            Ok((shown, wrap)) if passkey::proves_a_person(&asked, &shown) => {
                ui.client.make_vault(shown.credential, salt, &wrap).await.map_err(|_| ui.t.vault_failed)
            }
            Err(NoPasskey::NoSecret) => Err(ui.t.vault_no_secret),
            _ => Err(ui.t.passkey_not_shown),
        };
        match made {
            Ok(()) => {
                asking.try_set(false);
                ui.say(ui.t.vault_made);
            }
            Err(why) => drop(error.try_set(why.into())),
        }
    });
}

/// The whole screen before a closed vault.
pub fn sealed(ui: Ui) -> AnyView {
    let t = ui.t;
    entitle(ui.client, t.app_name.into());
    let panel = view! {
        <section class="panel" data-testid="sealed">
            {unsent(ui, t.sealed_unsent)}
            {opening::by_passkey(ui, open, without_passkey)} {turns::change_over(ui)}
        </section>
    };
    whole_screen(t.locked_title, t.sealed_text, panel.into_any())
}

fn open(ui: Ui, error: RwSignal<String>) {
    let Some(vault) = ui.client.vault.get_untracked() else { return };
    let salt = Base64UrlUnpadded::decode_vec(&vault.salt).unwrap_or_default();
    let asked = passkey::own_question(vec![vault.credential]);
    let shown = passkey::show_for_secret(&asked, &salt);
    spawn_local(async move {
        let opened = match shown.shown_with_secret().await {
            Ok((_, wrap)) => ui.client.open_vault(&wrap).await,
            Err(_) => false,
        };
        if !opened {
            error.try_set(ui.t.passkey_not_shown.into());
        }
    });
}

fn without_passkey(ui: Ui) -> AnyView {
    let t = ui.t;
    let asking = RwSignal::new(false);
    let close = Callback::new(move |()| asking.set(false));
    let throw = move || {
        spawn_local(async move {
            if ui.client.throw_vault_away().await.is_err() {
                ui.warn(ui.t.vault_failed);
            }
        });
    };
    let question = maybe(move || {
        asking.get().then(|| confirm(ui, t.vault_throw, t.vault_throw_text.into(), t.vault_throw, throw, close))
    });
    all([
        said(t.sealed_lost_text),
        sync::handover::leaving(ui),
        button("danger wide", "throw-vault", t.vault_throw, move || asking.set(true)),
        question,
    ])
}

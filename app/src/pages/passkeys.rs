//! One's own passkeys: which there are, a new one, and none any more. What a lost one loses is said before one is made.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::passkeys::{AddPasskey, BeginPasskey, Challenge, Passkey, Passkeys};

use super::fetched::Fetched;
use super::{call_error, failed};
use crate::client::CallError;
use crate::components::Ui;
use crate::components::dialog::{confirm, dialog};
use crate::components::fields::{button, line};
use crate::components::lean::{all, follow, given, maybe, nothing};
use crate::passkey::{self, NoPasskey};
use crate::texts::fill;

/// What the sheet over the page is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Open {
    Nothing,
    Add { needs_code: bool },
    Remove(Passkey),
}

#[derive(Clone, Copy)]
struct Keys {
    list: Fetched<Passkeys>,
    open: RwSignal<Open>,
    error: RwSignal<String>,
    /// What the office wants signed by a new one.
    asked: RwSignal<Option<Challenge>>,
    code: RwSignal<String>,
    label: RwSignal<String>,
}

/// Nothing where neither browser nor address allows any.
pub fn passkeys(ui: Ui) -> AnyView {
    if !passkey::is_known_here() {
        return nothing();
    }
    let keys = Keys {
        list: Fetched::new(),
        open: RwSignal::new(Open::Nothing),
        error: RwSignal::new(String::new()),
        asked: RwSignal::new(None),
        code: RwSignal::new(String::new()),
        label: RwSignal::new(super::enrol::usual_label()),
    };
    keys.list.ask(ui, "/api/passkeys".into());
    follow(move || {
        if let Some(found) = keys.list.get() {
            let credentials = found.list.into_iter().map(|passkey| passkey.credential).collect();
            spawn_local(ui.client.passkeys_are(credentials));
        }
    });
    let panel = maybe(move || keys.list.get().filter(|found| found.possible).map(|found| keys.panel(ui, &found)));
    let sheet = maybe(move || match keys.open.get() {
        Open::Nothing => None,
        Open::Add { needs_code } => Some(keys.adding(ui, needs_code)),
        Open::Remove(passkey) => Some(keys.removing(ui, &passkey)),
    });
    all([panel, sheet])
}

pub fn name_of(passkey: &Passkey) -> String {
    if passkey.label.is_empty() { format!("#{}", passkey.number) } else { passkey.label.clone() }
}

/// When it was made and last used, and whether a cloud has it.
pub fn facts_of(ui: Ui, passkey: &Passkey) -> String {
    let t = ui.t;
    let used = passkey.used_at.map(|at| fill(t.passkey_used, &[&ui.when(at)]));
    let synced = passkey.synced.then(|| t.passkey_synced.to_owned());
    let made = fill(t.passkey_made, &[&ui.when(passkey.made_at)]);
    [Some(made), used, synced].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

impl Keys {
    fn panel(self, ui: Ui, found: &Passkeys) -> AnyView {
        let (t, needs_code) = (ui.t, found.needs_code);
        let rows = found.list.iter().map(|passkey| self.row(ui, passkey));
        let add = button("plain wide", "add-passkey", t.add_passkey, move || self.begin(ui, needs_code));
        view! {
            <section class="panel" data-testid="passkeys">
                <h2>{t.passkeys}</h2>
                <p class="prose dim">{t.passkeys_about}</p>
                {all(rows)}
                {add}
            </section>
        }
        .into_any()
    }

    fn row(self, ui: Ui, passkey: &Passkey) -> AnyView {
        let t = ui.t;
        let (name, facts) = (name_of(passkey), facts_of(ui, passkey));
        let one = passkey.clone();
        let remove = move || self.open.set(Open::Remove(one.clone()));
        view! {
            <div class="device" data-testid="passkey">
                <span>{name}</span>
                {button("plain", "remove-passkey", t.remove_passkey, remove)}
                <small class="dim">{facts}</small>
            </div>
        }
        .into_any()
    }

    fn close(self) -> Callback<()> {
        Callback::new(move |()| self.open.set(Open::Nothing))
    }

    fn said(self) -> AnyView {
        maybe(move || {
            let why = self.error.get();
            (!why.is_empty()).then(|| failed(why, "passkey-error"))
        })
    }

    /// Where no code is needed, the office's question is here before anybody taps.
    fn begin(self, ui: Ui, needs_code: bool) {
        self.error.set(String::new());
        self.asked.set(None);
        if !needs_code {
            spawn_local(self.prepare(ui));
        }
        self.open.set(Open::Add { needs_code });
    }

    async fn prepare(self, ui: Ui) {
        let wish = BeginPasskey { code: self.code() };
        match ui.client.post("/api/passkeys/begin", &wish).await {
            Ok(asked) => drop(self.asked.try_set(Some(asked))),
            Err(error) => drop(self.error.try_set(call_error(ui.t, &error))),
        }
    }

    fn code(self) -> Option<String> {
        self.code.try_get_untracked().filter(|code| !code.trim().is_empty())
    }

    fn adding(self, ui: Ui, needs_code: bool) -> AnyView {
        let t = ui.t;
        let code = needs_code.then(|| {
            let field = line(t.enrol_code, self.code.into(), "XXXXX-XXXXX", "16", "passkey-code");
            view! { <p class="prose">{t.passkey_needs_code}</p> {field} }.into_any()
        });
        let go = maybe(move || {
            Some(match self.asked.get() {
                Some(asked) => button("primary", "make-passkey", t.make_passkey, move || self.make(ui, &asked)),
                None if needs_code => button("primary", "passkey-next", t.passkey_next, move || {
                    self.error.set(String::new());
                    spawn_local(self.prepare(ui));
                }),
                None => return None,
            })
        });
        let content = view! {
            <p class="prose">{t.add_passkey_text}</p>
            {given(code)}
            {line(t.passkey_label, self.label.into(), "", "60", "passkey-label")}
            {self.said()}
            <div class="buttons">
                {button("plain", "", t.cancel, move || self.open.set(Open::Nothing))} {go}
            </div>
        };
        dialog(ui, t.add_passkey, self.close(), content.into_any())
    }

    fn make(self, ui: Ui, asked: &Challenge) {
        let Some(office) = ui.client.office.get_untracked() else { return };
        let made = passkey::make(asked, &office.name, &office.me.name);
        self.error.set(String::new());
        spawn_local(async move {
            let label = self.label.get_untracked();
            match made.made(label, self.code()).await {
                Ok((wish, credential)) => self.add(ui, wish, credential).await,
                Err(NoPasskey::Known) => drop(self.error.try_set(ui.t.passkey_known.into())),
                Err(NoPasskey::NotShown | NoPasskey::NoSecret) => {
                    drop(self.error.try_set(ui.t.passkey_not_shown.into()))
                }
            }
        });
    }

    async fn add(self, ui: Ui, wish: AddPasskey, credential: String) {
        let answer = ui.client.post("/api/passkeys", &wish).await;
        if answer.is_ok() {
            ui.client.passkey_is_here(credential).await;
        }
        self.now_is(ui, answer, ui.t.passkey_added);
    }

    fn removing(self, ui: Ui, passkey: &Passkey) -> AnyView {
        let (t, number) = (ui.t, passkey.number);
        let mut question = fill(t.remove_passkey_text, &[&passkey.label]);
        if ui.client.vault.with_untracked(|vault| vault.as_ref().is_some_and(|it| it.credential == passkey.credential))
        {
            question = format!("{question}{}", t.remove_passkey_vault);
        }
        let remove = move || {
            spawn_local(async move {
                let answer = ui.client.post(&format!("/api/passkeys/{number}/withdraw"), &()).await;
                self.now_is(ui, answer, ui.t.passkey_removed);
            });
        };
        confirm(ui, t.remove_passkey, question, t.remove_passkey, remove, self.close())
    }

    fn now_is(self, ui: Ui, answer: Result<Passkeys, CallError>, done: &'static str) {
        match answer {
            Ok(list) => {
                self.list.is(list);
                self.open.try_set(Open::Nothing);
                ui.say(done.to_owned());
            }
            Err(error) if matches!(self.open.get_untracked(), Open::Add { .. }) => {
                self.error.set(call_error(ui.t, &error));
            }
            Err(error) => ui.warn(call_error(ui.t, &error)),
        }
    }
}

//! After how many minutes without a touch the office's phones hide what they show. Empty or zero is never.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::lock::{LockRule, MOST_MINUTES};

use crate::components::Ui;
use crate::components::fields::{line, submit, tick};
use crate::components::lean::{flag, maybe, submitted};
use crate::pages::{call_error, failed};
use crate::texts::fill;

pub fn lock(ui: Ui) -> AnyView {
    let t = ui.t;
    let known = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.lock)).unwrap_or_default();
    let minutes = RwSignal::new(match known.idle_minutes {
        0 => String::new(),
        minutes => minutes.to_string(),
    });
    let vault = RwSignal::new(known.vault);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let submitted_form = submitted(move || {
        let Some(wish) = untrack(|| rule(minutes, vault)) else { return };
        busy.set(true);
        error.set(String::new());
        spawn_local(save(ui, wish, error, busy));
    });
    let why = maybe(move || {
        let lack = if rule(minutes, vault).is_none() { fill(t.lock_wrong, &[&MOST_MINUTES]) } else { error.get() };
        (!lack.is_empty()).then(|| failed(lack, "lock-error"))
    });
    let off = flag(move || rule(minutes, vault).is_none());
    view! {
        <section class="panel" data-testid="lock">
            <h2 id="lock" tabindex="-1">{t.lock}</h2>
            <p class="prose">{t.lock_about}</p>
            <form class="action-form" on:submit=submitted_form>
                {line(t.lock_minutes, minutes.into(), t.lock_never, "3", "lock-minutes")}
                {tick(t.vault_switch, move || vault.get(), move |on| vault.set(on), "lock-vault")}
                <p class="prose dim">{t.vault_about}</p>
                {why}
                {submit(ui, "primary wide", "save-lock", t.save.into(), busy.into(), off)}
            </form>
        </section>
    }
    .into_any()
}

/// `None` where the field is no number, or too large a one.
fn rule(minutes: RwSignal<String>, vault: RwSignal<bool>) -> Option<LockRule> {
    let idle_minutes = minutes.with(|text| match text.trim() {
        "" => Some(0),
        text => text.parse().ok(),
    })?;
    Some(LockRule { idle_minutes, vault: vault.get() }).filter(LockRule::is_allowed)
}

async fn save(ui: Ui, wish: LockRule, error: RwSignal<String>, busy: RwSignal<bool>) {
    match ui.client.post::<_, LockRule>("/api/admin/lock", &wish).await {
        Ok(rule) => {
            ui.client.lock_is(rule).await;
            ui.say(ui.t.saved_office);
        }
        Err(why) => drop(error.try_set(call_error(ui.t, &why))),
    }
    busy.try_set(false);
}

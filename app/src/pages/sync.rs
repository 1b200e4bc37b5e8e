//! The truth about sync: what only this phone has, what the office refused, what the storage promises.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::model::policy::judge;
use xiaohao_shared::sync::engine::{Refused, Status};

use super::{apply, head, known, not_saved};
use crate::client::PhotosStatus;
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::intent::{again, intent_words};
use crate::components::lean::{all, flag, key, maybe, nothing, shown, tap, text, words};
use crate::components::link::link;
use crate::components::{Ui, facts};
use crate::format;
use crate::texts::fill;

pub fn sync(ui: Ui) -> AnyView {
    let t = ui.t;
    let weak = view! {
        <section class="panel prose">
            <h2>{t.weak_title}</h2>
            <p>{t.weak_text}</p>
        </section>
    };
    let columns = view! {
        <div class="columns">
            <div>{summary(ui)} {refused_list(ui)}</div>
            <div>{storage(ui)} {weak.into_any()}</div>
        </div>
    };
    all([head(ui, t.nav_sync, false, nothing()), columns.into_any()])
}

/// One sentence that is true, then the figures behind it.
fn summary(ui: Ui) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let verdict = shown(move || {
        let photos = client.photos_status.get();
        let (sign, class, words) = client.status.with(|status| match () {
            () if !status.refused.is_empty() => (Icon::Warning, "verdict bad", t.verdict_refused),
            () if status.unsent > 0 || photos.waiting > 0 => (Icon::Phone, "verdict wait", t.verdict_unsent),
            () if status.last_contact.is_none() => (Icon::Clock, "verdict wait", t.verdict_never),
            () => (Icon::Check, "verdict good", t.verdict_done),
        });
        view! { <p class=class role="status" data-testid="sync-verdict">{icon(sign)} <strong>{words}</strong></p> }
            .into_any()
    });
    let unsent = words(move || client.status.with(|status| status.unsent).to_string());
    let figures =
        shown(move || facts(figures(ui, &client.status.get(), client.photos_status.get(), client.set_aside.get())));
    let failure = maybe(move || {
        let failure = client.status.with(|status| status.failure)?;
        Some(view! { <p class="hint" data-testid="sync-failure">{t.failure(failure)}</p> }.into_any())
    });
    let other_tab =
        maybe(move || (!client.is_writer.get()).then(|| view! { <p class="hint">{t.other_tab}</p> }.into_any()));
    let syncing = flag(move || client.status.with(|status| status.syncing));
    let label = words(move || if syncing.get() { t.syncing.into() } else { t.sync_now.into() });
    let now = tap(move || client.sync_now());
    view! {
        <section class="panel">
            {verdict}
            <p class="unsent">
                <b data-testid="unsent-count">{unsent}</b>
                <span>{t.unsent_changes}</span>
            </p>
            <dl>{figures}</dl>
            {failure}
            {other_tab}
            <button type="button" class="primary wide" data-testid="sync-now" disabled=syncing on:click=now>
                {label}
            </button>
        </section>
    }
    .into_any()
}

/// What is not worth a line is empty.
fn figures(ui: Ui, status: &Status, photos: PhotosStatus, set_aside: u32) -> [(&'static str, String); 10] {
    let (t, now) = (ui.t, ui.now.get());
    let ago = |at| format::ago(t, at, now);
    let positive = |n: u32| if n > 0 { n.to_string() } else { String::new() };
    let next = status.next_attempt.filter(|_| status.failure.is_some());
    [
        (t.bytes_to_go, format::bytes(status.unsent_bytes)),
        (t.photos_waiting, fill(t.n_bytes, &[&photos.waiting, &format::bytes(photos.waiting_bytes)])),
        (t.last_contact, status.last_contact.map_or_else(|| t.never.into(), ago)),
        (t.on_this_phone, fill(t.issues_n, &[&status.documents])),
        (t.oldest_unsent, status.oldest_unsent.map(ago).unwrap_or_default()),
        (t.photos_failed, positive(photos.failed)),
        (t.next_attempt, next.map(format::clock).unwrap_or_default()),
        (t.pull_state, if status.complete { String::new() } else { t.pull_running.into() }),
        (t.repairs, positive(status.repairs)),
        (t.set_aside, positive(set_aside)),
    ]
}

fn refused_list(ui: Ui) -> AnyView {
    let hashes = key(move || {
        ui.client.status.with(|status| status.refused.iter().map(|refused| refused.hash.to_string()).collect())
    });
    maybe(move || {
        if hashes.get().is_empty() {
            return None;
        }
        let refused = ui.client.status.with_untracked(|status| status.refused.clone());
        let list = |refused: Vec<Refused>| {
            view! {
                <section class="panel refused" aria-labelledby="refused-title">
                    <h2 id="refused-title">{ui.t.refused_title}</h2>
                    <p>{ui.t.refused_text}</p>
                    {all(refused.into_iter().map(|refused| one_refused(ui, refused)))}
                </section>
            }
            .into_any()
        };
        Some(list(refused))
    })
}

fn one_refused(ui: Ui, refused: Refused) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let (hash, issue, held) = (refused.hash, refused.issue, refused.held);
    let said = intent_words(ui, &refused.intent);
    let why = t.refusal(&refused.refusal);
    let made = ui.when(refused.made_at);
    let kind = client.rows.with_untracked(|rows| rows.iter().find(|row| row.id == issue).map(|row| t.kind(row.kind)));
    let name = kind.unwrap_or_else(|| t.issue.into());
    let copied = format!("{said}\n{why}");
    let buttons = [
        button("plain", "refused-retry", t.apply_again, move || retry(ui, refused.clone())),
        button("plain", "", t.copy_text, move || copy_text(ui, copied.clone())),
        button("plain", "refused-discard", t.discard, move || client.dismiss(hash)),
    ];
    let held = if held { view! { <p class="hint">{t.held_text}</p> }.into_any() } else { nothing() };
    view! {
        <div class="refused-one" data-testid="refused">
            <h3>{link(ui, format!("/issues/{issue}"), "", String::new(), name.into_any())} " " <small>{made}</small></h3>
            <p class="said">{said}</p>
            <p class="error">{why}</p>
            {held}
            <div class="buttons">{all(buttons)}</div>
        </div>
    }
    .into_any()
}

/// The refused change is forgotten only after the new one is durable.
fn retry(ui: Ui, refused: Refused) {
    spawn_local(async move {
        match say_again(ui, &refused).await {
            Ok(()) => {
                ui.client.dismiss(refused.hash);
                ui.say(ui.t.saved);
            }
            Err(why) => ui.warn(why),
        }
    });
}

/// A report becomes a new issue; anything else is judged on the issue as it is by now.
async fn say_again(ui: Ui, refused: &Refused) -> Result<(), String> {
    let (t, client) = (ui.t, ui.client);
    let me = ui.me().ok_or(t.directory_missing)?;
    let (at, record) = (client.now(), client.random_id());
    if refused.intent.genesis {
        let edit = again(&refused.intent, me.id, at, None, record);
        judge(&me, None, &edit, &known(ui)).map_err(|denied| t.denied(denied).to_string())?;
        return client.save(client.new_issue_id(), edit).await.map_err(|why| not_saved(t, &why));
    }
    let view = client.read(refused.issue).await.ok_or(t.not_saved_missing)?;
    let edit = again(&refused.intent, me.id, at, Some(view.issue.state), record);
    apply(ui, &me, &view, edit).await
}

fn copy_text(ui: Ui, text: String) {
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        if copied.is_ok() { ui.say(ui.t.copied) } else { ui.warn(ui.t.not_copied) }
    });
}

fn storage(ui: Ui) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let used = words(move || {
        let storage = client.storage.get();
        fill(t.storage_used, &[&format::bytes(storage.used), &format::bytes(storage.quota)])
    });
    let share = text(move || {
        let storage = client.storage.get();
        (storage.used as f64 / storage.quota.max(1) as f64).to_string()
    });
    let promise = shown(move || {
        if client.storage.with(|storage| storage.persisted) {
            return view! { <p class="good">{icon(Icon::Check)} " " {t.persisted}</p> }.into_any();
        }
        let hint = view! { <p class="hint">{t.not_persisted}</p> }.into_any();
        all([hint, button("plain wide", "ask-persist", t.ask_persist, move || ask_persist(ui))])
    });
    let worker = maybe(move || {
        let missing = !client.storage.with(|storage| storage.service_worker);
        missing.then(|| view! { <p class="hint">{t.no_service_worker}</p> }.into_any())
    });
    view! {
        <section class="panel">
            <h2>{t.storage}</h2>
            <p>{used}</p>
            <meter min="0" max="1" high="0.8" value=share aria-label=t.storage></meter>
            {promise}
            {worker}
        </section>
    }
    .into_any()
}

fn ask_persist(ui: Ui) {
    spawn_local(async move {
        let granted = match window().navigator().storage().persist() {
            Ok(promise) => JsFuture::from(promise).await.is_ok_and(|granted| granted.is_truthy()),
            Err(_) => false,
        };
        ui.client.storage.update(|storage| storage.persisted |= granted);
        if granted { ui.say(ui.t.persisted) } else { ui.warn(ui.t.persist_denied) }
    });
}

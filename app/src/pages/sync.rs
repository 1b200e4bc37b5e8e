//! The truth about sync: what only this phone has, what the office refused, what the storage promises.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::sync::engine::{Refused, Status};

use super::{Head, apply, known, not_saved};
use crate::client::{Client, use_client};
use crate::components::icon::{Icon, icon};
use crate::components::intent::{again, intent_words};
use crate::components::{Ui, use_ui};
use crate::format;
use crate::texts::fill;

#[component]
pub fn Sync() -> impl IntoView {
    let ui = use_ui();
    view! {
        <Head title=ui.t.nav_sync.to_string() />
        <div class="columns">
            <div>
                <Summary />
                <RefusedList />
            </div>
            <div>
                <StoragePanel />
                <section class="panel prose">
                    <h2>{ui.t.weak_title}</h2>
                    <p>{ui.t.weak_text}</p>
                </section>
            </div>
        </div>
    }
}

/// One sentence that is true, then the figures behind it.
#[component]
fn Summary() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let verdict = move || {
        let photos = client.photos_status.get();
        client.status.with(|status| match () {
            () if !status.refused.is_empty() => (Icon::Warning, "verdict bad", t.verdict_refused),
            () if status.unsent > 0 || photos.waiting > 0 => (Icon::Phone, "verdict wait", t.verdict_unsent),
            () if status.last_contact.is_none() => (Icon::Clock, "verdict wait", t.verdict_never),
            () => (Icon::Check, "verdict good", t.verdict_done),
        })
    };
    let syncing = Memo::new(move |_| client.status.with(|status| status.syncing));
    view! {
        <section class="panel">
            <p class=move || verdict().1 role="status" data-testid="sync-verdict">
                {move || icon(verdict().0)}
                <strong>{move || verdict().2}</strong>
            </p>
            <p class="unsent">
                <b data-testid="unsent-count">{move || client.status.with(|status| status.unsent)}</b>
                <span>{t.unsent_changes}</span>
            </p>
            <Figures />
            {move || {
                let failure = client.status.with(|status| status.failure);
                failure.map(|failure| view! { <p class="hint" data-testid="sync-failure">{t.failure(failure)}</p> })
            }}
            {move || (!client.is_writer.get()).then(|| view! { <p class="hint">{t.other_tab}</p> })}
            <button
                type="button"
                class="primary wide"
                data-testid="sync-now"
                disabled=move || syncing.get()
                on:click=move |_| client.sync_now()
            >
                {move || if syncing.get() { t.syncing } else { t.sync_now }}
            </button>
        </section>
    }
}

#[component]
fn Figures() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let figures = move || {
        let (status, photos) = (client.status.get(), client.photos_status.get());
        rows(ui, &status, photos, client.set_aside.get())
    };
    view! {
        <dl>
            {move || {
                figures().into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }).collect_view()
            }}
        </dl>
    }
}

type Figure = (&'static str, String);

fn rows(ui: Ui, status: &Status, photos: crate::client::PhotosStatus, set_aside: u32) -> Vec<Figure> {
    let (t, now) = (ui.t, ui.now.get());
    let many = |n: u32, bytes: u64| fill(t.n_bytes, &[&n, &format::bytes(bytes)]);
    let ago = |at| format::ago(t, at, now);
    let sure = [
        (t.bytes_to_go, format::bytes(status.unsent_bytes)),
        (t.photos_waiting, many(photos.waiting, photos.waiting_bytes)),
        (t.last_contact, status.last_contact.map_or_else(|| t.never.into(), ago)),
        (t.on_this_phone, fill(t.issues_n, &[&status.documents])),
    ];
    let maybe = [
        (t.oldest_unsent, status.oldest_unsent.map(ago)),
        (t.photos_failed, (photos.failed > 0).then(|| photos.failed.to_string())),
        (t.next_attempt, status.next_attempt.filter(|_| status.failure.is_some()).map(format::clock)),
        (t.pull_state, (!status.complete).then(|| t.pull_running.into())),
        (t.repairs, (status.repairs > 0).then(|| status.repairs.to_string())),
        (t.set_aside, (set_aside > 0).then(|| set_aside.to_string())),
    ];
    sure.into_iter().chain(maybe.into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
}

#[component]
fn RefusedList() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let refused = Memo::new(move |_| client.status.with(|status| status.refused.clone()));
    move || {
        let list = refused.get();
        (!list.is_empty()).then(|| {
            view! {
                <section class="panel refused" aria-labelledby="refused-title">
                    <h2 id="refused-title">{ui.t.refused_title}</h2>
                    <p>{ui.t.refused_text}</p>
                    {list.into_iter().map(|refused| view! { <RefusedOne refused /> }).collect_view()}
                </section>
            }
        })
    }
}

#[component]
fn RefusedOne(refused: Refused) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let (hash, issue) = (refused.hash, refused.issue);
    let words = intent_words(ui, &refused.intent);
    let copied = format!("{words}\n{}", t.refusal(&refused.refusal));
    let copy = move |_| copy_text(ui, copied.clone());
    let made = format::date_time(t, refused.made_at, ui.now.get_untracked());
    let kind = client.rows.with_untracked(|rows| rows.iter().find(|row| row.id == issue).map(|row| t.kind(row.kind)));
    let why = t.refusal(&refused.refusal);
    let held = refused.held;
    let retry = move |_| retry(client, ui, refused.clone());
    view! {
        <article class="refused-one" data-testid="refused">
            <h3>
                {match kind {
                    Some(kind) => view! { <A href=format!("/issues/{issue}")>{kind}</A> }.into_any(),
                    None => t.issue.into_any(),
                }} " " <small>{made}</small>
            </h3>
            <p class="said">{words}</p>
            <p class="error">{why}</p>
            {held.then(|| view! { <p class="hint">{t.held_text}</p> })}
            <div class="buttons">
                <button type="button" class="plain" data-testid="refused-retry" on:click=retry>{t.apply_again}</button>
                <button type="button" class="plain" on:click=copy>{t.copy_text}</button>
                <button type="button" class="plain" data-testid="refused-discard" on:click=move |_| client.dismiss(hash)>
                    {t.discard}
                </button>
            </div>
        </article>
    }
}

/// The refused change is forgotten only after the new one is durable.
fn retry(client: Client, ui: Ui, refused: Refused) {
    let Some(me) = ui.me_now() else { return };
    spawn_local(async move {
        let (at, record) = (client.now(), client.random_id());
        let saved = if refused.intent.genesis {
            let edit = again(&refused.intent, me.id, at, None, record);
            let judged = xiaohao_shared::model::policy::judge(&me, None, &edit, &known(ui));
            match judged {
                Err(denied) => Err(ui.t.denied(denied).to_string()),
                Ok(()) => client.save(client.new_issue_id(), edit).await.map_err(|why| not_saved(ui.t, &why)),
            }
        } else {
            match client.read(refused.issue).await {
                None => Err(ui.t.not_saved_missing.to_string()),
                Some(view) => {
                    let edit = again(&refused.intent, me.id, at, Some(view.issue.state), record);
                    apply(client, ui, &me, &view, edit).await
                }
            }
        };
        match saved {
            Ok(()) => {
                client.dismiss(refused.hash);
                ui.say(ui.t.saved);
            }
            Err(why) => ui.warn(why),
        }
    });
}

fn copy_text(ui: Ui, text: String) {
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        if copied.is_ok() { ui.say(ui.t.copied) } else { ui.warn(ui.t.not_copied) }
    });
}

#[component]
fn StoragePanel() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let ask = move |_| {
        spawn_local(async move {
            let promise = window().navigator().storage().persist();
            let granted = match promise {
                Ok(promise) => JsFuture::from(promise).await.is_ok_and(|granted| granted.is_truthy()),
                Err(_) => false,
            };
            client.storage.update(|storage| storage.persisted |= granted);
            if granted { ui.say(t.persisted) } else { ui.warn(t.persist_denied) }
        });
    };
    let used = move || {
        let storage = client.storage.get();
        fill(t.storage_used, &[&format::bytes(storage.used), &format::bytes(storage.quota)])
    };
    let share = move || client.storage.with(|storage| storage.used as f64 / storage.quota.max(1) as f64);
    view! {
        <section class="panel">
            <h2>{t.storage}</h2>
            <p>{used}</p>
            <meter min="0" max="1" high="0.8" prop:value=share aria-label=t.storage></meter>
            {move || {
                if client.storage.with(|storage| storage.persisted) {
                    view! { <p class="good">{icon(Icon::Check)} " " {t.persisted}</p> }.into_any()
                } else {
                    view! {
                        <p class="hint">{t.not_persisted}</p>
                        <button type="button" class="plain wide" data-testid="ask-persist" on:click=ask>{t.ask_persist}</button>
                    }
                        .into_any()
                }
            }}
            {move || {
                (!client.storage.with(|storage| storage.service_worker))
                    .then(|| view! { <p class="hint">{t.no_service_worker}</p> })
            }}
        </section>
    }
}

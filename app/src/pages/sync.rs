//! The truth about sync: what only this phone has, what the office refused, what the storage promises.

pub mod handover;
pub mod patrols;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{IssueId, PhotoId};
use xiaohao_shared::model::policy::judge;
use xiaohao_shared::sync::engine::{Refused, Status};

use super::{apply, head, known, not_saved};
use crate::client::PhotosStatus;
use crate::components::dialog::confirm;
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::intent::{again, intent_words};
use crate::components::lean::{all, each, flag, item, key, maybe, nothing, shown, tap, text, words};
use crate::components::link::link;
use crate::components::marks::save_mark;
use crate::components::photos::picture;
use crate::components::{Ui, facts};
use crate::format;
use crate::store::photos::PhotoRefusal;
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
            <div>{refused_list(ui)} {refused_photos(ui)} {summary(ui)} {patrols::patrols(ui)} {unsent_list(ui)}</div>
            <div>{handover::handover(ui)} {storage(ui)} {weak.into_any()}</div>
        </div>
    };
    all([head(ui, t.nav_sync, false, nothing()), columns.into_any()])
}

/// One sentence that is true, then the figures behind it.
fn summary(ui: Ui) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let verdict = shown(move || {
        let never = client.status.with(|status| status.last_contact.is_none());
        let (sign, class, words) = match client.unsent() {
            (_, true) => (Icon::Warning, "verdict bad", t.verdict_refused),
            (1.., false) => (Icon::Phone, "verdict wait", t.verdict_unsent),
            (0, false) if never => (Icon::Clock, "verdict wait", t.verdict_never),
            (0, false) => (Icon::Check, "verdict good", t.verdict_done),
        };
        view! { <p class=class role="status" data-testid="sync-verdict">{icon(sign)} <strong>{words}</strong></p> }
            .into_any()
    });
    // The same number as on the badge.
    let unsent = words(move || client.unsent().0.to_string());
    let figures =
        shown(move || facts(figures(ui, &client.status.get(), &client.photos_status.get(), client.set_aside.get())));
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
fn figures(ui: Ui, status: &Status, photos: &PhotosStatus, set_aside: u32) -> [(&'static str, String); 9] {
    let (t, now) = (ui.t, ui.now.get());
    let ago = |at| format::ago(t, at, now);
    let positive = |n: u32| if n > 0 { n.to_string() } else { String::new() };
    let waiting = || fill(t.n_bytes, &[&photos.waiting, &format::bytes(photos.waiting_bytes)]);
    let waiting = if photos.waiting > 0 { waiting() } else { String::new() };
    let next = status.next_attempt.filter(|_| status.failure.is_some());
    [
        (t.bytes_to_go, if status.unsent > 0 { format::bytes(status.unsent_bytes) } else { String::new() }),
        (t.photos_waiting, waiting),
        (t.last_contact, status.last_contact.map_or_else(|| t.never.into(), ago)),
        (t.on_this_phone, fill(t.issues_n, &[&status.documents])),
        (t.oldest_unsent, status.oldest_unsent.map(ago).unwrap_or_default()),
        (t.next_attempt, next.map(format::clock).unwrap_or_default()),
        (t.pull_state, if status.complete { String::new() } else { t.pull_running.into() }),
        (t.repairs, positive(status.repairs)),
        (t.set_aside, positive(set_aside)),
    ]
}

/// Which issues have work that only this phone has.
fn unsent_list(ui: Ui) -> AnyView {
    let client = ui.client;
    let waiting = move || {
        let photos = client.photos_status.with(|photos| photos.issues.clone());
        let changes = client.status.with(|status| status.unsent_issues.clone());
        photos.union(&changes).copied().collect::<Vec<IssueId>>()
    };
    let items = each(move || waiting().into_iter().map(|issue| item(issue, move || one_unsent(ui, issue))).collect());
    // Hidden by its style, so that a list that grows is not drawn anew.
    let hidden = flag(move || waiting().is_empty());
    view! {
        <section class="panel unsent-list" hidden=hidden>
            <h2>{ui.t.unsent_title}</h2>
            <ul>{items}</ul>
        </section>
    }
    .into_any()
}

fn one_unsent(ui: Ui, issue: IssueId) -> AnyView {
    let name = link(ui, format!("/issues/{issue}"), "row-link", String::new(), named(ui, issue).into_any());
    view! { <li>{name} {save_mark(ui, issue, true)}</li> }.into_any()
}

/// An issue in one line, as far as this phone knows it.
fn named(ui: Ui, issue: IssueId) -> String {
    let row = ui.client.rows.with_untracked(|rows| rows.iter().find(|row| row.id == issue).cloned());
    row.map_or_else(|| ui.t.issue.into(), |row| format!("{} · {} {}", ui.kind(row.kind), row.address, row.description))
}

/// What the office did not take of the photos, each to be sent again or given up.
fn refused_photos(ui: Ui) -> AnyView {
    let t = ui.t;
    let items = move || {
        let refused = ui.client.photos_status.with(|photos| photos.refused.clone());
        refused.into_iter().map(|(photo, why)| item(photo, move || one_refused_photo(ui, photo, why))).collect()
    };
    let none = flag(move || ui.client.photos_status.with(|photos| photos.refused.is_empty()));
    view! {
        <section class="panel refused" hidden=none>
            <h2>{t.photos_refused}</h2>
            {each(items)}
        </section>
    }
    .into_any()
}

fn one_refused_photo(ui: Ui, photo: PhotoId, why: PhotoRefusal) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let again = button("plain", "photo-again", t.send_again, move || client.send_photo_again(photo));
    let give_up = asked_first(ui, t.give_up_photo, "photo-give-up", move || client.give_up_photo(photo));
    view! {
        <div class="refused-one" data-testid="refused-photo">
            {picture(ui, Some(photo), 0)} <p class="error">{t.photo_refusal(why)}</p>
            <div class="buttons">{again} {give_up}</div>
        </div>
    }
    .into_any()
}

/// A button for what cannot be taken back: it asks before it acts.
pub(super) fn asked_first(
    ui: Ui,
    label: &'static str,
    testid: &'static str,
    act: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    let asking = RwSignal::new(false);
    let close = Callback::new(move |()| asking.set(false));
    let question = maybe(move || {
        let act = act.clone();
        let sure = move || {
            asking.set(false);
            act();
        };
        asking.get().then(|| confirm(ui, label, ui.t.discard_text.into(), label, sure, close))
    });
    all([button("danger soft", testid, label, move || asking.set(true)), question])
}

fn refused_list(ui: Ui) -> AnyView {
    // The desk may decide about one while it is looked at.
    let one = |refused: &Refused| format!("{}{}", refused.hash, refused.held);
    let hashes = key(move || ui.client.status.with(|status| status.refused.iter().map(one).collect()));
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
    let name = named(ui, issue);
    let reason = refused.reason.as_ref().map(|reason| fill(t.desk_reason, &[reason]));
    let copied = [Some(said.as_str()), Some(why.as_str()), reason.as_deref()].into_iter().flatten();
    let copied = copied.collect::<Vec<_>>().join("\n");
    let buttons = [
        button("plain", "refused-retry", t.apply_again, move || retry(ui, refused.clone())),
        button("plain", "", t.copy_text, move || copy_text(ui, copied.clone())),
        asked_first(ui, t.discard, "refused-discard", move || client.dismiss(hash)),
    ];
    let held = if held { view! { <p class="hint">{t.held_text}</p> }.into_any() } else { nothing() };
    let reason = reason.map_or_else(nothing, |reason| view! { <p data-testid="desk-reason">{reason}</p> }.into_any());
    view! {
        <div class="refused-one" data-testid="refused">
            <h3>
                {link(ui, format!("/issues/{issue}"), "row-link", String::new(), name.into_any())} " "
                <small>{made}</small>
            </h3>
            <p class="said">{said}</p>
            <p class="error">{why}</p>
            {held}
            {reason}
            <div class="buttons">{all(buttons)}</div>
        </div>
    }
    .into_any()
}

/// A refused report becomes a new issue, and what was refused because it builds on the report goes with it.
fn retry(ui: Ui, refused: Refused) {
    spawn_local(async move {
        let issue = if refused.intent.genesis { ui.client.new_issue_id() } else { refused.issue };
        let builds_on = |other: &Refused| other.issue == refused.issue && other.hash != refused.hash;
        let all = ui.client.status.with_untracked(|status| status.refused.clone());
        let followers: Vec<Refused> =
            all.into_iter().filter(|other| refused.intent.genesis && builds_on(other)).collect();
        match say_all_again(ui, issue, std::iter::once(&refused).chain(&followers)).await {
            Ok(()) => ui.say(ui.t.saved),
            Err(why) => ui.warn(why),
        }
    });
}

/// A refused change is forgotten only after the new one is durable.
async fn say_all_again(ui: Ui, issue: IssueId, refused: impl Iterator<Item = &Refused>) -> Result<(), String> {
    for refused in refused {
        say_again(ui, issue, &refused.intent).await?;
        ui.client.dismiss(refused.hash);
    }
    Ok(())
}

/// A report starts anew; anything else is judged on the issue as it is by now.
async fn say_again(ui: Ui, issue: IssueId, intent: &Edit) -> Result<(), String> {
    let (t, client) = (ui.t, ui.client);
    let me = ui.me().ok_or(t.directory_missing)?;
    let (at, record) = (client.now(), client.random_id());
    if intent.genesis {
        let edit = again(intent, me.id, at, None, record);
        judge(&me, None, &edit, &known(ui)).map_err(|denied| t.denied(denied).to_string())?;
        return client.save(issue, edit).await.map_err(|why| not_saved(t, &why));
    }
    let view = client.read(issue).await.ok_or(t.not_saved_missing)?;
    let edit = again(intent, me.id, at, Some(view.issue.state), record);
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
        match storage.quota {
            0 => t.storage_untold.into(),
            quota => fill(t.storage_used, &[&format::bytes(storage.used), &format::bytes(quota)]),
        }
    });
    let share = text(move || {
        let storage = client.storage.get();
        (storage.used as f64 / storage.quota.max(1) as f64).to_string()
    });
    let told = Memo::new(move |_| client.storage.with(|storage| storage.quota > 0));
    let meter = maybe(move || {
        let meter = || view! { <meter min="0" max="1" high="0.8" value=share aria-label=t.storage></meter> };
        told.get().then(|| meter().into_any())
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
            {meter}
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

//! Me: who this device is, the language, and logging out without losing work unasked.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::head;
use super::lock::lock_habits;
use super::passkeys::passkeys;
use super::sync::patrols::patrol_words;
use super::turns;
use super::vault::vault;
use crate::client::Stays;
use crate::components::camera::photo_habits;
use crate::components::dialog::{confirm, dialog};
use crate::components::fields::{Choices, Wire, button, segments};
use crate::components::intent::intent_words;
use crate::components::lean::{all, follow, maybe, nothing};
use crate::components::link::link;
use crate::components::{Ui, facts};
use crate::texts::{Lang, fill};

pub fn me(ui: Ui) -> AnyView {
    let t = ui.t;
    follow(move || {
        if ui.client.online.get() {
            spawn_local(ui.client.ask_for_newcomers());
        }
    });
    let choices: Choices = Lang::ALL.into_iter().map(|lang| (lang.code().into(), lang.name().into())).collect();
    let lang = Wire::new(move || ui.lang.get().code().into(), move |code| ui.lang.set(Lang::from_code(&code)));
    view! {
        {head(ui, t.nav_me, false, nothing())}
        <div class="columns">
            {who(ui)}
            <section class="panel">
                <h2>{t.language}</h2>
                {segments(t.language, lang, choices)}
                <p class="dim version" title=version()>{t.version} " " {version().chars().take(8).collect::<String>()}</p>
                {logout(ui, ui.t.logout)}
            </section>
            {passkeys(ui)} {vault(ui)} {lock_habits(ui)}
            <section class="panel" data-testid="photo-habits">
                <h2>{t.photos_mine}</h2>
                {photo_habits(ui)}
                <div class="buttons">{link(ui, "/privacy".into(), "button plain", "to-privacy".into(), t.privacy.into_any())}</div>
            </section>
        </div>
    }
    .into_any()
}

fn version() -> String {
    let meta = document().query_selector("meta[name=xiaohao-version]").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

fn who(ui: Ui) -> AnyView {
    let t = ui.t;
    let Some(office) = ui.client.office.get_untracked() else { return nothing() };
    let me = &office.me;
    let zones = ui.join(me.zones.iter().map(|zone| ui.zone(*zone)));
    let zones = if zones.is_empty() { t.all_zones.to_string() } else { zones };
    let list = [
        (t.office, office.name.clone()),
        (t.role_label, t.role(me.role).into()),
        (t.zones, zones),
        (t.device, format!("#{}", office.device)),
    ];
    view! {
        <section class="panel" data-testid="me">
            <h2>{me.name.clone()}</h2>
            <dl>{facts(list)}</dl>
            {turns::change_over(ui)}
        </section>
    }
    .into_any()
}

/// What is asked: nothing, whether he is sure, or how many changes and photos may be lost.
const NOTHING: &str = "";
const SURE: &str = "sure";

/// `label` says what it is for.
pub fn logout(ui: Ui, label: &'static str) -> AnyView {
    let t = ui.t;
    let asking = RwSignal::new(NOTHING.to_string());
    let close = Callback::new(move |()| asking.set(NOTHING.into()));
    let go = move |also_unsent: bool| {
        spawn_local(async move {
            match ui.client.logout(also_unsent).await {
                Ok(()) => asking.try_set(NOTHING.into()),
                Err(Stays::Unsent(unsent)) => asking.try_set(unsent.to_string()),
                Err(Stays::Unknown) => asking.try_set("?".into()),
            };
        });
    };
    let question = maybe(move || match asking.get().as_str() {
        NOTHING => None,
        SURE => Some(confirm(ui, label, t.logout_text.into(), label, move || go(false), close)),
        unsent => Some(would_be_lost(ui, unsent, move || go(true), close)),
    });
    all([button("plain wide", "logout", label, move || asking.set(SURE.into())), question])
}

/// Names what is only on this phone before it is thrown away.
fn would_be_lost(ui: Ui, unsent: &str, give_up: impl Fn() + 'static, on_close: Callback<()>) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let issues = client.status.with_untracked(|status| status.unsent_issues.clone());
    // Whoever has not opened a locked phone, or not proven himself, is told how much it is, and not what.
    let locked = client.locked.get_untracked() || client.doubted.get_untracked();
    let rows = if locked { Arc::default() } else { client.rows.get_untracked() };
    let named = rows.iter().filter(|row| issues.contains(&row.id));
    let named = named.map(|row| format!("{} · {} {}", ui.kind(row.kind), row.address, row.description));
    let refused = client.status.with_untracked(|status| status.refused.clone());
    let words = |intent| if locked { String::new() } else { intent_words(ui, intent) };
    let refused = refused.iter().map(|refused| format!("{}{}{}", t.mark_refused, t.colon, words(&refused.intent)));
    let photos = client.photos_status.with_untracked(|photos| photos.waiting + photos.refused.len() as u32);
    let photos = (photos > 0).then(|| fill(t.photos_n, &[&photos]));
    let patrols = client.errands.get_untracked();
    let patrols = patrols.iter().filter(|_| !locked).filter_map(|errand| patrol_words(ui, errand));
    let carried = client.carried.with_untracked(|carried| carried.iter().filter(|parcel| !parcel.is_done()).count());
    let carried = (carried > 0).then(|| fill(t.carried_n, &[&carried]));
    let lines = named
        .chain(refused)
        .chain(patrols)
        .chain(photos)
        .chain(carried)
        .map(|line| view! { <li>{line}</li> }.into_any());
    let send_first = move || {
        client.sync_now();
        on_close.run(());
    };
    let content = view! {
        <p class="prose error" data-testid="would-be-lost">
            {fill(t.would_be_lost_text, &[&unsent])}
        </p>
        <ul class="lost">{all(lines)}</ul>
        <div class="buttons grave">
            {button("primary", "", t.send_first, send_first)} {button("danger", "give-up", t.lose_and_logout, give_up)}
        </div>
    };
    dialog(ui, t.would_be_lost, on_close, content.into_any())
}

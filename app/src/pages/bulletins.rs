//! Notices of the office (今日提示): written for some zones or for all, until when; who has read each, and who has not.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{BulletinReads, MAX_BULLETIN, SaveBulletin};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::time::DAY;

use super::fetched::Fetched;
use super::{call_error, failed, head};
use crate::browser;
use crate::components::Ui;
use crate::components::amend_form::zone_choices;
use crate::components::fields::{Wire, button, parsed, submit, ticks, when, words_field};
use crate::components::lean::{all, flag, given, maybe, nothing, submitted};
use crate::format::{from_input, to_input};
use crate::texts::fill;

type Listed = Fetched<Vec<BulletinReads>>;

const READS: &str = "/api/bulletins";
/// Milliseconds between two looks at who has read: that somebody did is told to nobody else, so the office is asked for it.
const LOOK: i64 = 8_000;

/// Looks again and again for as long as the page is open and on the screen; it is drawn anew only where something is new.
async fn watch(ui: Ui, listed: Listed) {
    loop {
        browser::sleep(LOOK).await;
        let Some(known) = listed.try_get_untracked() else { return };
        if !ui.client.online.get_untracked() || document().hidden() {
            continue;
        }
        let Ok(reads) = ui.client.get::<Vec<BulletinReads>>(READS).await else { continue };
        let Some(now) = listed.try_get_untracked() else { return };
        // What somebody did here meanwhile is newer than this answer.
        if now == known && known.is_some_and(|known| known != reads) {
            listed.is(reads);
        }
    }
}

pub fn bulletins(ui: Ui) -> AnyView {
    let t = ui.t;
    let listed = Listed::new();
    listed.ask(ui, READS.into());
    spawn_local(watch(ui, listed));
    let may = ui.me().is_some_and(|me| may(&me, Right::KeepBooks));
    let form = given(may.then(|| form(ui, listed)));
    let shown = listed.shown(ui, move |all_of_them| {
        if all_of_them.is_empty() {
            return view! { <p class="empty" data-testid="no-bulletins">{t.no_bulletins}</p> }.into_any();
        }
        all(all_of_them.into_iter().map(|reads| one(ui, listed, reads, may)))
    });
    let about = view! { <p class="prose">{t.bulletins_about}</p> }.into_any();
    all([head(ui, t.bulletins, true, nothing()), about, form, shown])
}

/// The newest stands first, and one that was changed stands where it stood.
fn put(listed: Listed, reads: BulletinReads) {
    let mut known = listed.get_untracked().unwrap_or_default();
    match known.iter_mut().find(|one| one.bulletin.id == reads.bulletin.id) {
        Some(one) => *one = reads,
        None => known.insert(0, reads),
    }
    listed.is(known);
}

#[derive(Clone, Copy)]
struct Fields {
    text: RwSignal<String>,
    /// By their numbers; empty for everybody.
    zones: RwSignal<String>,
    until: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

impl Fields {
    fn new(ui: Ui) -> Self {
        let text = || RwSignal::new(String::new());
        let until = RwSignal::new(to_input(ui.client.now() + DAY));
        Self { text: text(), zones: text(), until, busy: RwSignal::new(false), error: text() }
    }

    fn wish(self) -> Option<SaveBulletin> {
        let (text, zones) = (self.text.get_untracked().trim().to_owned(), self.zones.get_untracked());
        let until = from_input(&self.until.get_untracked())?;
        Some(SaveBulletin { text, zones: parsed(&zones).collect(), until })
    }

    fn send(self, ui: Ui, listed: Listed) {
        let Some(wish) = self.wish() else { return self.error.set(ui.t.bulletin_no_end.into()) };
        self.busy.set(true);
        spawn_local(async move {
            match ui.client.post::<_, BulletinReads>("/api/bulletins", &wish).await {
                Ok(reads) => {
                    put(listed, reads);
                    let _ = (self.text.try_set(String::new()), self.error.try_set(String::new()));
                    ui.say(ui.t.bulletin_sent);
                }
                Err(why) => drop(self.error.try_set(call_error(ui.t, &why))),
            }
            self.busy.try_set(false);
        });
    }
}

fn form(ui: Ui, listed: Listed) -> AnyView {
    let (t, fields) = (ui.t, Fields::new(ui));
    let send = submitted(move || fields.send(ui, listed));
    let why = maybe(move || {
        let why = fields.error.get();
        (!why.is_empty()).then(|| failed(why, "bulletin-error"))
    });
    let unfit = flag(move || {
        let length = fields.text.with(|text| text.trim().chars().count());
        length == 0 || length > MAX_BULLETIN
    });
    let zones = view! {
        <fieldset>
            <legend>{t.bulletin_zones}</legend>
            {ticks(Wire::from(fields.zones), zone_choices(ui, false))}
        </fieldset>
    };
    view! {
        <form class="panel action-form" on:submit=send>
            {words_field(t.bulletin_text, fields.text.into(), Some(t.required), "", "bulletin-text")}
            {zones.into_any()}
            {when(t.until, fields.until.into(), Some(t.required), "")}
            {why}
            {submit(ui, "primary wide", "send-bulletin", t.bulletin_send.into(), fields.busy.into(), unfit)}
        </form>
    }
    .into_any()
}

fn one(
    ui: Ui,
    listed: Listed,
    BulletinReads { bulletin, withdrawn_at, read, unread }: BulletinReads,
    may: bool,
) -> AnyView {
    let t = ui.t;
    let zones = ui.join(bulletin.zones.iter().map(|zone| ui.zone(*zone)));
    let zones = if zones.is_empty() { t.bulletin_all.to_string() } else { zones };
    let from =
        fill(t.bulletin_from, &[&ui.person(bulletin.made_by), &ui.when(bulletin.made_at), &ui.when(bulletin.until)]);
    let ended = withdrawn_at.map(|at| fill(t.bulletin_withdrawn, &[&ui.when(at)]));
    let ended = ended.or_else(|| (bulletin.until <= ui.client.now()).then(|| t.bulletin_over.to_string()));
    let stands = ended.is_none();
    let ended = given(ended.map(|words| view! { <span class="chip state-void">{words}</span> }.into_any()));
    let names = |people: Vec<PersonId>| ui.join(people.into_iter().map(|id| ui.person(id)));
    let has_read = fill(t.bulletin_read_by, &[&read.len(), &(read.len() + unread.len())]);
    let readers = names(read.iter().map(|(person, _)| *person).collect());
    let missing = (!unread.is_empty())
        .then(|| view! { <p><b>{fill(t.bulletin_unread, &[&unread.len()])}</b> " " {names(unread)}</p> }.into_any());
    let id = bulletin.id;
    let withdraw = (may && stands)
        .then(|| button("plain", "withdraw-bulletin", t.bulletin_withdraw, move || withdraw(ui, listed, id)));
    view! {
        <section class="panel" data-testid=format!("bulletin-{id}")>
            <header class="list-line">
                <h2>{zones}</h2>
                {ended}
                {given(withdraw)}
            </header>
            <p class="prose">{bulletin.text}</p>
            <p class="dim">{from}</p>
            <p data-testid=format!("read-{id}")><b>{has_read}</b> " " {readers}</p>
            {given(missing)}
        </section>
    }
    .into_any()
}

fn withdraw(ui: Ui, listed: Listed, id: u32) {
    spawn_local(async move {
        match ui.client.post::<_, BulletinReads>(&format!("/api/bulletins/{id}/withdraw"), &()).await {
            Ok(reads) => put(listed, reads),
            Err(why) => ui.warn(call_error(ui.t, &why)),
        }
    });
}

//! 巡查 above my work: begins a round, shows the one that runs, and closes it. What is shown as begun or saved is durable.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::time::{MINUTE, Timestamp};

use crate::client::patrols::Running;
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, button, choose, line, submit, when};
use crate::components::lean::{all, flag, given, maybe, nothing, submitted, words};
use crate::format;
use crate::pages::sync::asked_first;
use crate::pages::{apart, failed};
use crate::texts::fill;

/// A round that somebody forgot to close is first proposed to have lasted so long.
const PROPOSED: i64 = 60 * MINUTE;

pub type Round = RwSignal<Option<Option<Running>>>;

/// Shows at once what is known, so that nothing below it moves when somebody comes back, and asks the store again: another tab may
/// have begun or ended it.
pub fn patrol(ui: Ui) -> AnyView {
    let (round, open) = (ui.client.patrol, RwSignal::new(false));
    spawn_local(async move {
        let running = Some(ui.client.running_patrol().await);
        if round.get_untracked() != running {
            round.set(running);
        }
    });
    maybe(move || Some(round.get()?.map_or_else(|| idle(ui, round, open), |it| running(ui, round, open, it))))
}

fn zones(ui: Ui) -> Choices {
    let Some(office) = ui.client.office.get() else { return Choices::new() };
    let mine = office.zones.iter().filter(|zone| may_see_zone(&office.me, zone.id));
    mine.map(|zone| (zone.id.to_string(), zone.name.clone())).collect()
}

/// Who has one zone only is not asked which; who has none any more still ends the round that runs.
fn idle(ui: Ui, round: Round, open: RwSignal<bool>) -> AnyView {
    let zones = zones(ui);
    if zones.is_empty() {
        return nothing();
    }
    let chosen = RwSignal::new(zones.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let begin = move || {
        let Ok(zone) = chosen.get_untracked().parse() else { return };
        spawn_local(async move {
            let begun = ui.client.begin_patrol(zone).await;
            if begun.is_none() {
                return ui.warn(fill(ui.t.not_saved, &[&ui.t.not_saved_storage]));
            }
            let _ = (open.try_set(false), round.try_set(Some(begun)));
        });
    };
    let several = zones.len() > 1;
    let press = move || if several { open.set(true) } else { begin() };
    let choices = zones;
    let sheet = maybe(move || {
        let field = choose(ui.t.zone, chosen.into(), choices.clone(), "patrol-zone");
        let go = button("primary wide", "patrol-go", ui.t.patrol_begin, begin);
        let close = Callback::new(move |()| open.set(false));
        open.get().then(|| dialog(ui, ui.t.patrol_begin, close, all([field, go])))
    });
    all([button("plain patrol-begin", "begin-patrol", ui.t.patrol_begin, press), sheet])
}

fn running(ui: Ui, round: Round, open: RwSignal<bool>, running: Running) -> AnyView {
    let t = ui.t;
    let since = words(move || {
        let (now, running) = (ui.now.get(), ui.client.by_the_clock(running));
        let found = found(ui, &running, Timestamp::MAX);
        match running.was_forgotten(now.max(running.begun_at + 1)) {
            true => fill(t.patrol_forgotten, &[&format::date_time(t, running.begun_at, now)]),
            false => {
                fill(t.patrol_since, &[&format::clock(running.begun_at), &spent(ui, now - running.begun_at), &found])
            }
        }
    });
    let sheet = maybe(move || open.get().then(|| apart::round_ends(ui, round, open, running)));
    view! {
        <section class="bulletin patrol" data-testid="patrol" aria-label=t.patrol>
            <div>
                <h2>{fill(t.patrol_in, &[&ui.zone(running.zone)])}</h2>
                <p class="dim">{since}</p>
            </div>
            {button("primary", "end-patrol", t.patrol_end, move || open.set(true))}
        </section>
        {sheet}
    }
    .into_any()
}

/// `1 小时 20 分钟`
fn spent(ui: Ui, ms: i64) -> String {
    format::hours_and_minutes(ui.t, ms)
}

/// What this person reported in the zone since the round began, until a moment.
fn found(ui: Ui, running: &Running, until: Timestamp) -> usize {
    let Some(me) = ui.me() else { return 0 };
    let within = running.begun_at..=until;
    ui.client.rows.with(|rows| {
        let mine = rows.iter().filter(|row| row.reporter == me.id && row.zone == running.zone);
        mine.filter(|row| within.contains(&row.reported_at)).count()
    })
}

#[derive(Clone, Copy)]
struct Fields {
    running: Running,
    /// Whether somebody must say when it ended.
    asks: bool,
    until: RwSignal<String>,
    found: RwSignal<String>,
    error: RwSignal<&'static str>,
}

impl Fields {
    fn new(ui: Ui, running: Running) -> Self {
        let asks = running.was_forgotten(ui.client.now());
        let proposed = running.begun_at + PROPOSED;
        let until = if asks { proposed } else { Timestamp::MAX };
        let found = untrack(|| found(ui, &running, until));
        let text = |text: String| RwSignal::new(text);
        Self {
            running,
            asks,
            until: text(format::to_input(proposed)),
            found: text(found.to_string()),
            error: RwSignal::new(""),
        }
    }

    /// When it ended and how much was found, or what is wrong with it.
    fn read(self, ui: Ui) -> Result<(Timestamp, u32), &'static str> {
        let until = if self.asks { format::from_input(&self.until.get_untracked()) } else { Some(ui.client.now()) };
        let (ended_at, now) = (until.ok_or(ui.t.patrol_bad_time)?, ui.client.now());
        let running = ui.client.by_the_clock(self.running);
        if self.asks && ended_at > now && running.begun_at < now {
            return Err(ui.t.patrol_in_future);
        }
        let found = self.found.with_untracked(|found| found.trim().parse()).map_err(|_| ui.t.patrol_bad_count)?;
        let Running { id, zone, begun_at, .. } = running;
        let patrol = Patrol { id, zone, begun_at, ended_at, found, skew: 0 };
        patrol.check().map_err(|fault| ui.t.patrol_fault(fault))?;
        Ok((ended_at, found))
    }
}

pub fn ending(ui: Ui, round: Round, open: RwSignal<bool>, running: Running) -> AnyView {
    let (t, fields) = (ui.t, Fields::new(ui, running));
    let busy = RwSignal::new(false);
    let save = submitted(move || {
        let (ended_at, found) = match fields.read(ui) {
            Ok(read) => read,
            Err(why) => return fields.error.set(why),
        };
        busy.set(true);
        spawn_local(async move {
            let ended = ui.client.end_patrol(running, ended_at, found).await;
            busy.try_set(false);
            if !ended {
                let _ = fields.error.try_set(t.not_saved_storage);
                return;
            }
            let _ = (open.try_set(false), round.try_set(Some(None)));
            ui.say(fill(t.patrol_saved, &[&spent(ui, ended_at - running.begun_at), &found]));
        });
    });
    let discard = move || {
        spawn_local(async move {
            ui.client.drop_patrol().await;
            let _ = (open.try_set(false), round.try_set(Some(None)));
        });
    };
    let until = given(fields.asks.then(|| when(t.patrol_ended_at, fields.until.into(), Some(t.required), "")));
    let why = maybe(move || {
        Some(fields.error.get()).filter(|why| !why.is_empty()).map(|why| failed(why.into(), "patrol-error"))
    });
    let began = fill(t.patrol_began, &[&ui.zone(running.zone), &ui.when(running.begun_at)]);
    let content = view! {
        <form class="action-form" on:submit=save>
            <p class="prose">{began}</p>
            {until}
            {line(t.patrol_found, fields.found.into(), "0", "3", "patrol-found")}
            <p class="dim">{t.patrol_zero}</p>
            {why}
            {submit(ui, "primary wide", "save-patrol", t.patrol_save.into(), busy.into(), flag(|| false))}
            <div class="apart">{asked_first(ui, t.patrol_drop, "drop-patrol", discard)}</div>
        </form>
    };
    dialog(ui, t.patrol_end, Callback::new(move |()| open.set(false)), content.into_any())
}

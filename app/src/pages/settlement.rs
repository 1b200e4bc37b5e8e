//! 月结账: the frozen months, one of them line by line, and freezing the next, which cannot be undone and says so.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Freeze, Freezing, Settlement, SettlementLine, Settlements};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::behind::{Drift, Settled, Within};
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::settlement::{Line, Month};

use super::behind::{self, drift_address, figure, parts, settled_address};
use super::fetched::Fetched;
use super::stop::Stop;
use super::{call_error, head};
use crate::browser;
use crate::client::CallError;
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::lean::{all, follow, given, maybe, nothing, shown, tap};
use crate::components::link::link;
use crate::components::table::{card, dated, figures};
use crate::format;
use crate::texts::fill;

/// Milliseconds between two looks at how far a month is.
const LOOK: i64 = 700;
/// Looks at what became of one that was cancelled.
const LOOKS: u32 = 20;

pub fn settlement(ui: Ui) -> AnyView {
    let address = ui.address.get_untracked();
    match address.trim_start_matches("/settlement").trim_matches('/') {
        "" => months(ui),
        rest => match parts(rest) {
            Some((month, figure)) => match (Settled::from_code(figure), Drift::from_code(figure)) {
                (Some(figure), _) => behind::settled(ui, month, figure),
                (_, Some(drift)) => behind::drifted(ui, month, drift),
                _ => behind::unknown(ui, ui.t.settlement),
            },
            None => one(ui, rest),
        },
    }
}

fn months(ui: Ui) -> AnyView {
    let t = ui.t;
    let months = Fetched::<Settlements>::new();
    follow(move || {
        ui.client.news.track();
        months.ask(ui, "/api/settlements".into());
    });
    let may = ui.me().is_some_and(|me| may(&me, Right::KeepBooks));
    // Beside the list, which is drawn anew with every news, or not at all: a month on its way into the books goes on, also where it is
    // heard of as frozen before whoever froze it has his answer.
    let busy = RwSignal::new(false);
    let next = Memo::new(move |before: Option<&Option<Month>>| match months.get().filter(|_| !busy.get()) {
        Some(books) => books.next.filter(|_| may),
        None => before.copied().flatten(),
    });
    let freeze = maybe(move || next.get().map(|month| freeze(ui, month, busy)));
    let shown = months.shown(ui, move |Settlements { frozen, .. }| {
        let heads = [t.month, t.weekly_number, t.frozen_at, t.frozen_by];
        let rows = frozen.into_iter().map(|head| {
            let address = format!("/settlement/{}", head.month);
            let name = link(ui, address, "", format!("month-{}", head.month), format::month(t, head.month).into_any());
            let cells = [head.number, ui.when(head.frozen_at), ui.person(head.frozen_by)];
            card(String::new(), &heads, name, cells.map(IntoAny::into_any).into())
        });
        let rows: Vec<AnyView> = rows.collect();
        if rows.is_empty() {
            view! { <p class="empty" data-testid="no-settlement">{t.no_settlement}</p> }.into_any()
        } else {
            dated(t.settlement, &heads, all(rows))
        }
    });
    let about = view! { <p class="prose">{t.settlement_about}</p> }.into_any();
    all([head(ui, t.settlement, true, nothing()), about, freeze, shown])
}

/// A month on its way into the books.
#[derive(Clone, Copy)]
struct Freezer {
    month: Month,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    stop: Stop,
    /// How far the office is.
    far: RwSignal<Option<Freezing>>,
}

impl Freezer {
    fn start(self, ui: Ui) {
        let Some(controller) = self.stop.begin().filter(|_| !self.busy.get_untracked()) else { return };
        self.busy.set(true);
        spawn_local(self.watch(ui));
        spawn_local(async move {
            let wish = serde_json::to_vec(&Freeze { month: self.month }).unwrap_or_default();
            let frozen = ui.client.post_until::<Settlement>("/api/settlements", &wish, &controller).await;
            let left = self.busy.try_get_untracked().is_none();
            match frozen {
                _ if left => {}
                Ok(_) => ui.go(&format!("/settlement/{}", self.month), false),
                Err(error @ CallError::Problem(_)) => ui.warn(call_error(ui.t, &error)),
                Err(_) if self.stop.was_pressed() => self.tell_what_became(ui).await,
                Err(error) => {
                    ui.warn(format!(
                        "{} {}",
                        call_error(ui.t, &error),
                        fill(ui.t.freeze_unknown, &[&format::month(ui.t, self.month)])
                    ));
                }
            }
            self.busy.try_set(false);
            self.open.try_set(false);
        });
    }

    /// Asks again and again while it lasts.
    async fn watch(self, ui: Ui) {
        while self.busy.try_get_untracked() == Some(true) {
            if let Ok(books) = ui.client.get::<Settlements>("/api/settlements").await {
                self.far.try_set(books.freezing.filter(|it| it.month == self.month));
            }
            browser::sleep(LOOK).await;
        }
    }

    /// The books say it, not the button: it may have been done a moment before.
    async fn tell_what_became(self, ui: Ui) {
        for _ in 0..LOOKS {
            // The office needs a moment to notice that nobody waits any more.
            browser::sleep(LOOK).await;
            match ui.client.get::<Settlements>("/api/settlements").await {
                Ok(books) if books.frozen.iter().any(|head| head.month == self.month) => {
                    ui.warn(fill(ui.t.freeze_too_late, &[&format::month(ui.t, self.month)]));
                    return ui.go(&format!("/settlement/{}", self.month), false);
                }
                Ok(books) if books.freezing.is_none_or(|it| it.month != self.month) => {
                    return ui.say(fill(ui.t.freeze_stopped, &[&format::month(ui.t, self.month)]));
                }
                _ => {}
            }
        }
        ui.warn(fill(ui.t.freeze_unknown, &[&format::month(ui.t, self.month)]));
    }

    fn close(self) {
        if self.busy.get_untracked() {
            self.stop.press();
        } else {
            self.open.set(false);
        }
    }
}

fn freeze(ui: Ui, month: Month, busy: RwSignal<bool>) -> AnyView {
    let t = ui.t;
    let (open, far) = (RwSignal::new(false), RwSignal::new(None));
    let freezer = Freezer { month, open, busy, stop: Stop::new(), far };
    on_cleanup(move || freezer.stop.press());
    let sheet = maybe(move || {
        open.get().then(|| {
            let act = shown(move || match busy.get() {
                true => progress(ui, freezer),
                false => {
                    button("primary wide", "freeze-now", fill(t.freeze_n, &[&format::month(t, month)]), move || {
                        freezer.start(ui)
                    })
                }
            });
            let content = view! {
                <p class="prose">{t.freeze_text}</p>
                {act}
            };
            dialog(ui, t.settlement, Callback::new(move |()| freezer.close()), content.into_any())
        })
    });
    let ask = button("primary", "freeze", fill(t.freeze_n, &[&format::month(t, month)]), move || open.set(true));
    view! { <div class="buttons">{ask}</div> {sheet} }.into_any()
}

fn progress(ui: Ui, freezer: Freezer) -> AnyView {
    let t = ui.t;
    let bar = shown(move || {
        let (bar, words) = match freezer.far.get() {
            Some(Freezing { looked_at, of, .. }) if of > 0 => {
                let bar = view! { <progress aria-label=t.loading max=of.to_string() value=looked_at.to_string() /> };
                let words =
                    if looked_at < of { fill(t.freeze_running, &[&looked_at, &of]) } else { t.freeze_ending.into() };
                (bar.into_any(), words)
            }
            _ => (view! { <progress aria-label=t.loading /> }.into_any(), t.freeze_waiting.to_string()),
        };
        view! { {bar} <p class="dim" role="status">{words}</p> }.into_any()
    });
    view! {
        <div class="progressing" data-testid="freeze-progress">
            {bar}
            {button("plain wide", "freeze-cancel", t.cancel, move || freezer.stop.press())}
            <p class="hint">{t.freeze_cancel_hint}</p>
        </div>
    }
    .into_any()
}

fn one(ui: Ui, month: &str) -> AnyView {
    let t = ui.t;
    let settlement = Fetched::<Settlement>::new();
    // Asked once: nothing that comes in changes it.
    settlement.ask(ui, format!("/api/settlements/{month}?part=book"));
    let print = button("plain", "print", t.print, || drop(window().print()));
    let shown = settlement.shown(ui, move |Settlement { head, lines, idle }| {
        let signed = fill(t.settlement_signed, &[&head.number, &ui.when(head.frozen_at), &ui.person(head.frozen_by)]);
        view! {
            <p class="prose" data-testid="settlement-signed">{signed}</p>
            {comparison(ui, head.month)}
            <div data-testid="settlement-lines">{figures(t.settlement, &heads(ui), rows(ui, head.month, &lines))}</div>
            {nothing_in(ui, &idle)}
        }
        .into_any()
    });
    let said = month.parse().map_or_else(|_| month.to_string(), |month| format::month(t, month));
    all([head(ui, &fill(t.settlement_of, &[&said]), true, print), shown])
}

/// Zones without a line, by name: who reads the table, also on paper, sees that none was forgotten.
fn nothing_in(ui: Ui, zones: &[ZoneId]) -> AnyView {
    let names = ui.join(zones.iter().map(|zone| ui.zone(*zone)));
    let words = fill(ui.t.settlement_idle, &[&names]);
    let said = || view! { <p class="prose idle" data-testid="settlement-idle">{words}</p> }.into_any();
    given((!zones.is_empty()).then(said))
}

/// What differs from what is known today: asked for when it is opened, and anew when it is asked for again.
fn comparison(ui: Ui, month: Month) -> AnyView {
    let t = ui.t;
    let (live, open) = (Fetched::<Settlement>::new(), RwSignal::new(false));
    let ask = move || live.ask(ui, format!("/api/settlements/{month}"));
    // The browser opens and closes it.
    let toggle = tap(move || {
        open.update(|open| *open = !*open);
        if open.get_untracked() {
            ask();
        }
    });
    let found = maybe(move || {
        let compared = move |Settlement { lines, .. }: Settlement| compared(ui, month, &lines, ask);
        open.get().then(|| live.shown(ui, compared))
    });
    view! {
        <details class="panel more">
            <summary data-testid="settlement-compare" on:click=toggle>
                {t.live_compare}
            </summary>
            <p class="dim">{t.live_compare_hint}</p>
            {found}
        </details>
    }
    .into_any()
}

fn compared(ui: Ui, month: Month, lines: &[SettlementLine], ask: impl Fn() + Copy + 'static) -> AnyView {
    let t = ui.t;
    let [gone, come, missed, otherwise] = sums(lines);
    let agrees = gone + come + missed + otherwise == 0;
    let live = if agrees { t.live_agrees.into() } else { fill(t.live_differs, &[&gone, &come, &missed, &otherwise]) };
    let drifts = (!agrees).then(|| drifts(ui, month, lines));
    view! {
        <p class="prose" data-testid="settlement-live">{live}</p>
        {given(drifts)}
        <p class="dim" role="status">{fill(t.live_compared, &[&ui.when(ui.client.now())])}</p>
        {button("plain", "compare-again", t.live_again, ask)}
    }
    .into_any()
}

fn heads(ui: Ui) -> [&'static str; 9] {
    let t = ui.t;
    [t.zone_and_kind, t.opening, t.entered, t.entered_late, t.struck, t.struck_late, t.voided, t.voided_late, t.closing]
}

/// The whole office, then each zone with its kinds.
fn rows(ui: Ui, month: Month, lines: &[SettlementLine]) -> AnyView {
    let mut zones: Vec<ZoneId> = lines.iter().map(|line| line.zone).collect();
    zones.dedup();
    let whole = one_row(ui, month, Within::default(), "sum", &lines.iter().collect::<Vec<_>>());
    let of_zones = zones.into_iter().flat_map(|zone| {
        let of_zone: Vec<&SettlementLine> = lines.iter().filter(|line| line.zone == zone).collect();
        let within = |kind| Within { zone: Some(zone), kind };
        let kinds = of_zone.iter().map(|line| one_row(ui, month, within(Some(line.kind)), "part", &[*line]));
        let kinds = kinds.collect::<Vec<_>>();
        std::iter::once(one_row(ui, month, within(None), "sum", &of_zone)).chain(kinds)
    });
    all(std::iter::once(whole).chain(of_zones))
}

/// By zone and kind, where the books and what is known today do not hold the same issues; one that is under another zone or kind
/// by now stands with both.
fn drifts(ui: Ui, month: Month, lines: &[SettlementLine]) -> AnyView {
    let t = ui.t;
    let heads: Vec<&'static str> =
        [t.zone_and_kind, t.closing, t.live_now].into_iter().chain(Drift::ALL.map(|drift| t.drift(drift))).collect();
    let one = |name: String, within: Within, lines: &[&SettlementLine]| {
        let counts = sums(lines.iter().copied());
        let stock: [u64; 2] =
            [lines.iter().map(|line| line.line.closing).sum(), lines.iter().map(|line| line.live).sum()];
        let to = |at: usize| settled_address(month, [Settled::Closing, Settled::Live][at], within);
        let cell = |at: usize| match at.checked_sub(2) {
            Some(at) => figure(ui, counts[at], drift_address(month, Drift::ALL[at], within)),
            None => figure(ui, stock[at], to(at)),
        };
        card(String::new(), &heads, name.into_any(), (0..6).map(cell).collect())
    };
    let differing: Vec<&SettlementLine> = lines.iter().filter(|line| line.drifts() != [0; 4]).collect();
    // Of the whole office all of its stock, not only where that differs.
    let whole = one(t.whole_office.into(), Within::default(), &lines.iter().collect::<Vec<_>>());
    let each = differing.iter().map(|line| {
        let name = format!("{} · {}", ui.zone(line.zone), ui.kind(line.kind));
        one(name, Within { zone: Some(line.zone), kind: Some(line.kind) }, &[*line])
    });
    let rows = all(std::iter::once(whole).chain(each));
    view! {
        <div class="drift" data-testid="settlement-drift">
            <h2>{t.drift}</h2>
            {figures(t.drift, &heads, rows)}
        </div>
    }
    .into_any()
}

fn sums<'a>(lines: impl IntoIterator<Item = &'a SettlementLine>) -> [u64; 4] {
    let add = |sums: [u64; 4], line: &SettlementLine| std::array::from_fn(|at| sums[at] + line.drifts()[at]);
    lines.into_iter().fold([0; 4], add)
}

/// Each number leads to the issues that it counts.
fn one_row(ui: Ui, month: Month, within: Within, class: &'static str, lines: &[&SettlementLine]) -> AnyView {
    let sum = |of: fn(&Line) -> u64| lines.iter().map(|line| of(&line.line)).sum::<u64>();
    let counts = [
        (Settled::Opening, sum(|line| line.opening)),
        (Settled::Entered, sum(|line| line.entered)),
        (Settled::EnteredLate, sum(|line| line.entered_late)),
        (Settled::Struck, sum(|line| line.struck)),
        (Settled::StruckLate, sum(|line| line.struck_late)),
        (Settled::Voided, sum(|line| line.voided)),
        (Settled::VoidedLate, sum(|line| line.voided_late)),
        (Settled::Closing, sum(|line| line.closing)),
    ];
    let to = move |of, count| figure(ui, count, settled_address(month, of, within));
    let heads = heads(ui);
    let cells = counts.into_iter().zip(&heads[1..]);
    let cells = cells.map(|((of, count), head)| view! { <td data-name=*head>{to(of, count)}</td> }.into_any());
    let name = match within {
        Within { kind: Some(kind), .. } => ui.kind(kind),
        Within { zone: Some(zone), .. } => ui.zone(zone),
        _ => ui.t.whole_office.into(),
    };
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            {all(cells)}
        </tr>
    }
    .into_any()
}

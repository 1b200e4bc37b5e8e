//! 月结账: the frozen months, one of them line by line, and freezing the next, which cannot be undone and says so.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Freeze, Settlement, SettlementLine, Settlements};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::settlement::{Line, Month};

use super::fetched::Fetched;
use super::weekly::{row, table};
use super::{call_error, head};
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::lean::{all, given, maybe, nothing};
use crate::components::link::link;
use crate::texts::fill;

pub fn settlement(ui: Ui) -> AnyView {
    let address = ui.address.get_untracked();
    match address.trim_start_matches("/settlement").trim_matches('/') {
        "" => months(ui),
        month => one(ui, month),
    }
}

fn months(ui: Ui) -> AnyView {
    let t = ui.t;
    let months = Fetched::<Settlements>::new();
    months.ask(ui, "/api/settlements".into());
    let shown = months.shown(ui, move |Settlements { frozen, next }| {
        let may = ui.me().is_some_and(|me| may(&me, Right::KeepBooks));
        let freeze = given(next.filter(|_| may).map(|month| freeze(ui, month)));
        let rows = frozen.into_iter().map(|head| {
            let address = format!("/settlement/{}", head.month);
            let name = link(ui, address, "", format!("month-{}", head.month), head.month.to_string().into_any());
            row(name, [head.number, ui.when(head.frozen_at), ui.person(head.frozen_by)])
        });
        let rows: Vec<AnyView> = rows.collect();
        let list = if rows.is_empty() {
            view! { <p class="empty" data-testid="no-settlement">{t.no_settlement}</p> }.into_any()
        } else {
            table([t.month, t.weekly_number, t.frozen_at, t.frozen_by], all(rows))
        };
        all([freeze, list])
    });
    let about = view! { <p class="prose">{t.settlement_about}</p> }.into_any();
    all([head(ui, t.settlement, true, nothing()), about, shown])
}

fn freeze(ui: Ui, month: Month) -> AnyView {
    let t = ui.t;
    let (open, busy) = (RwSignal::new(false), RwSignal::new(false));
    let act = move || {
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                match ui.client.post::<_, Settlement>("/api/settlements", &Freeze { month }).await {
                    Ok(_) => ui.go(&format!("/settlement/{month}"), false),
                    Err(error) => ui.warn(call_error(t, &error)),
                }
                busy.try_set(false);
                open.try_set(false);
            });
        }
    };
    let sheet = maybe(move || {
        open.get().then(|| {
            let words = maybe(move || busy.get().then(|| super::waiting(ui)));
            let content = view! {
                <p class="prose">{t.freeze_text}</p>
                {words}
                <div class="buttons">{button("primary wide", "freeze-now", fill(t.freeze_n, &[&month]), act)}</div>
            };
            dialog(ui, t.settlement, Callback::new(move |()| open.set(false)), content.into_any())
        })
    });
    let ask = button("primary", "freeze", fill(t.freeze_n, &[&month]), move || open.set(true));
    view! { <div class="buttons">{ask}</div> {sheet} }.into_any()
}

fn one(ui: Ui, month: &str) -> AnyView {
    let t = ui.t;
    let settlement = Fetched::<Settlement>::new();
    settlement.ask(ui, format!("/api/settlements/{month}"));
    let print = button("plain", "print", t.print, || drop(window().print()));
    let shown = settlement.shown(ui, move |Settlement { head, lines }| {
        let signed = fill(t.settlement_signed, &[&head.number, &ui.when(head.frozen_at), &ui.person(head.frozen_by)]);
        let differs: u64 = lines.iter().map(|line| line.live.abs_diff(line.line.closing)).sum();
        let live = if differs == 0 { t.live_agrees.to_string() } else { fill(t.live_differs, &[&differs]) };
        let heads = [
            t.zone_and_kind,
            t.opening,
            t.entered,
            t.of_it_late,
            t.struck,
            t.of_it_late,
            t.voided,
            t.closing,
            t.live_now,
        ];
        view! {
            <p class="prose" data-testid="settlement-signed">{signed}</p>
            <p class="prose" data-testid="settlement-live">{live}</p>
            <div data-testid="settlement-lines">{table(heads, rows(ui, &lines))}</div>
        }
        .into_any()
    });
    all([head(ui, &fill(t.settlement_of, &[&month]), true, print), shown])
}

/// The whole office, then each zone with its kinds.
fn rows(ui: Ui, lines: &[SettlementLine]) -> AnyView {
    let mut zones: Vec<ZoneId> = lines.iter().map(|line| line.zone).collect();
    zones.dedup();
    let whole = one_row(ui.t.whole_office.into(), "sum", &lines.iter().collect::<Vec<_>>());
    let of_zones = zones.into_iter().flat_map(|zone| {
        let of_zone: Vec<&SettlementLine> = lines.iter().filter(|line| line.zone == zone).collect();
        let kinds = of_zone.iter().map(|line| one_row(ui.t.kind(line.kind), "", &[*line])).collect::<Vec<_>>();
        std::iter::once(one_row(ui.zone(zone), "sum", &of_zone)).chain(kinds)
    });
    all(std::iter::once(whole).chain(of_zones))
}

fn one_row(name: String, class: &'static str, lines: &[&SettlementLine]) -> AnyView {
    let sum = |of: fn(&Line) -> u64| lines.iter().map(|line| of(&line.line)).sum::<u64>();
    let (closing, live) = (sum(|line| line.closing), lines.iter().map(|line| line.live).sum::<u64>());
    let counts = [
        sum(|line| line.opening),
        sum(|line| line.entered),
        sum(|line| line.entered_late),
        sum(|line| line.struck),
        sum(|line| line.struck_late),
        sum(|line| line.voided),
        closing,
    ];
    let cells = counts.into_iter().map(|count| view! { <td>{count.to_string()}</td> }.into_any());
    let differs = if live == closing { "" } else { "differs" };
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            {all(cells)}
            <td class=differs>{live.to_string()}</td>
        </tr>
    }
    .into_any()
}

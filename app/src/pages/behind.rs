//! The issues behind a figure of the books, of an indicator or of a report, under an address of their own.

use std::fmt::Display;
use std::str::FromStr;

use leptos::prelude::*;
use xiaohao_shared::model::behind::{Drift, Measured, Months, Settled, Within};
use xiaohao_shared::model::settlement::Month;

use super::head;
use super::paged::Paged;
use crate::components::Ui;
use crate::components::lean::{all, given, maybe, nothing};
use crate::components::link::link;
use crate::texts::fill;

/// `/settlement/2026-11/struck?zone=3`
pub fn settled_address(month: Month, figure: Settled, within: Within) -> String {
    address("/settlement", month, figure.code(), within)
}

/// `/settlement/2026-11/gone?zone=3`
pub fn drift_address(month: Month, drift: Drift, within: Within) -> String {
    address("/settlement", month, drift.code(), within)
}

/// `/indicators/2026-11/handled?zone=3`, and `/indicators/2026-07_2026-11/handled?zone=3`
pub fn measured_address(months: impl Into<Months>, figure: Measured, within: Within) -> String {
    address("/indicators", months.into(), figure.code(), within)
}

fn address(page: &str, month: impl Display, figure: &str, within: Within) -> String {
    super::said::address(&format!("{page}/{month}/{figure}"), &within.query())
}

/// A count as the link to its issues; nothing stands behind a nought.
pub fn figure(ui: Ui, count: u64, address: String) -> AnyView {
    let words = count.to_string().into_any();
    if count > 0 { link(ui, address, "", String::new(), words) } else { words }
}

/// A month, or several, and a figure as they stand in an address after the name of the page.
pub fn parts<T: FromStr>(rest: &str) -> Option<(T, &str)> {
    let (month, figure) = rest.trim_matches('/').split_once('/')?;
    Some((month.parse().ok()?, figure))
}

pub fn settled(ui: Ui, month: Month, figure: Settled) -> AnyView {
    let name = fill(ui.t.behind_settled, &[&month, &ui.t.settled(figure)]);
    list(ui, &name, move |query| format!("/api/settlements/{month}/issues?figure={}&{query}", figure.code()))
}

pub fn drifted(ui: Ui, month: Month, drift: Drift) -> AnyView {
    let name = fill(ui.t.behind_settled, &[&month, &ui.t.drift(drift)]);
    list(ui, &name, move |query| format!("/api/settlements/{month}/issues?figure={}&{query}", drift.code()))
}

pub fn measured(ui: Ui, months: Months, figure: Measured) -> AnyView {
    let (t, Months { from, to }) = (ui.t, months);
    let name = match from == to {
        true => fill(t.behind_measured, &[&from, &t.measured(figure)]),
        false => fill(t.behind_reported, &[&from, &to, &t.measured(figure)]),
    };
    list(ui, &name, move |query| format!("/api/indicators/issues?month={months}&figure={}&{query}", figure.code()))
}

fn list(ui: Ui, name: &str, path: impl Fn(String) -> String) -> AnyView {
    let t = ui.t;
    let Some(within) = Within::from_query(&ui.query.get_untracked()) else {
        return view! { <p class="empty">{t.not_found}</p> }.into_any();
    };
    let list = Paged::new();
    list.ask(ui, path(within.query()));
    let words = [within.zone.map(|zone| ui.zone(zone)), within.kind.map(|kind| ui.kind(kind))];
    let words = words.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let words = given((!words.is_empty()).then(|| view! { <h2 class="list-title">{words}</h2> }.into_any()));
    let count = maybe(move || {
        let count = fill(t.rows_n, &[&list.first.get()?.total?]);
        Some(view! { <p class="rows" role="status" data-testid="list-count">{count}</p> }.into_any())
    });
    all([head(ui, name, true, nothing()), words, count, list.shown(ui)])
}

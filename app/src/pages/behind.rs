//! The issues behind a figure of the books, of an indicator, of a report or of a weekly list, under an address of their own.

use std::fmt::Display;
use std::str::FromStr;

use leptos::prelude::*;
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::behind::{Became, Drift, Measured, Months, Settled, Within};
use xiaohao_shared::model::settlement::Month;

use super::head;
use super::paged::Paged;
use crate::components::Ui;
use crate::components::lean::{all, given, maybe, nothing};
use crate::components::link::link;
use crate::format;
use crate::texts::fill;

/// In an address: not one person's part of a list.
pub const WHOLE: &str = "all";

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

/// `/weekly/2026-003/all/struck`, and `/weekly/2026-003/5/struck` for one person's part
pub fn became_address(number: &str, person: Option<&str>, became: Became) -> String {
    format!("/weekly/{number}/{}/{}", person.unwrap_or(WHOLE), became.code())
}

fn address(page: &str, month: impl Display, figure: &str, within: Within) -> String {
    super::said::address(&format!("{page}/{month}/{figure}"), &within.query())
}

/// A count as the link to its issues; nothing stands behind a nought.
pub fn figure(ui: Ui, count: u64, address: String) -> AnyView {
    let words = count.to_string().into_any();
    if count > 0 { link(ui, address, "", String::new(), words) } else { words }
}

/// A sentence whose figures lead to their lists.
pub fn filled<const N: usize>(template: &'static str, figures: [AnyView; N]) -> AnyView {
    let mut parts = template.split("{}");
    let first = parts.next().unwrap_or_default().into_any();
    let rest = figures.into_iter().zip(parts).flat_map(|(figure, words)| [figure, words.into_any()]);
    all(std::iter::once(first).chain(rest))
}

/// A month, or several, and a figure as they stand in an address after the name of the page.
pub fn parts<T: FromStr>(rest: &str) -> Option<(T, &str)> {
    let (month, figure) = rest.trim_matches('/').split_once('/')?;
    Some((month.parse().ok()?, figure))
}

pub fn settled(ui: Ui, month: Month, figure: Settled) -> AnyView {
    let name = fill(ui.t.behind_settled, &[&format::month(ui.t, month), &ui.t.settled(figure)]);
    list(ui, &name, move |query| format!("/api/settlements/{month}/issues?figure={}&{query}", figure.code()))
}

pub fn drifted(ui: Ui, month: Month, drift: Drift) -> AnyView {
    let name = fill(ui.t.behind_settled, &[&format::month(ui.t, month), &ui.t.drift(drift)]);
    list(ui, &name, move |query| format!("/api/settlements/{month}/issues?figure={}&{query}", drift.code()))
}

pub fn measured(ui: Ui, months: Months, figure: Measured) -> AnyView {
    let (t, Months { from, to }) = (ui.t, months);
    let said = |month: Month| format::month(t, month);
    let name = match from == to {
        true => fill(t.behind_measured, &[&said(from), &t.measured(figure)]),
        false => fill(t.behind_reported, &[&said(from), &said(to), &t.measured(figure)]),
    };
    list(ui, &name, move |query| format!("/api/indicators/issues?month={months}&figure={}&{query}", figure.code()))
}

/// Of the whole list, or of the part of a person; person 0 is nobody.
pub fn listed(ui: Ui, number: &str, person: &str, became: Became) -> AnyView {
    let t = ui.t;
    let unit = match person.parse() {
        Ok(PersonId(0)) => Some(t.nobody_yet.to_string()),
        Ok(person) => Some(ui.person(person)),
        Err(_) => None,
    };
    let of = unit.as_ref().map(|_| format!("&person={person}")).unwrap_or_default();
    let name = [Some(fill(t.weekly_n, &[&number])), unit, Some(t.became(became).into())];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let path = format!("/api/weekly/{number}/issues?became={}{of}", became.code());
    list(ui, &name, move |_| path)
}

/// An address that means nothing, under the page's own head: from there one comes back.
pub fn unknown(ui: Ui, name: &str) -> AnyView {
    let words = view! { <p class="empty" data-testid="not-found">{ui.t.not_found}</p> };
    all([head(ui, name, true, nothing()), words.into_any()])
}

fn list(ui: Ui, name: &str, path: impl FnOnce(String) -> String) -> AnyView {
    let t = ui.t;
    let Some(within) = Within::from_query(&ui.query.get_untracked()) else {
        return unknown(ui, name);
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

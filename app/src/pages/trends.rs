//! The indicators over twelve months: a line each, and all of their numbers as a table below, which is also what screen readers
//! read. Of the whole office or of one zone; printable.

use leptos::prelude::*;
use xiaohao_shared::api::{Trend, Trends};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::behind::Within;
use xiaohao_shared::model::indicator::{DEFINITIONS, Definition, Figures};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::time::Timestamp;

use super::behind::measured_address;
use super::fetched::Fetched;
use super::head;
use super::indicators::{counted, definitions, name, none, number};
use crate::components::Ui;
use crate::components::amend_form::zone_choices;
use crate::components::fields::{Choices, Wire, button, choose};
use crate::components::lean::{all, follow};
use crate::components::link::{link, steered};
use crate::components::table::{card, figures};
use crate::format;
use crate::texts::fill;

pub fn trends(ui: Ui) -> AnyView {
    let t = ui.t;
    let within = steered(ui, "/trends", |query| Within::from_query(query).unwrap_or_default(), |within| within.query());
    let found = Fetched::<Trends>::new();
    let month = Month::of(ui.client.now());
    follow(move || found.ask(ui, format!("/api/trends?month={month}&{}", within.get().query())));
    let zone = Wire::new(
        move || within.get().zone.map(|zone| zone.to_string()).unwrap_or_default(),
        move |code| within.set(Within { zone: code.parse::<ZoneId>().ok(), kind: None }),
    );
    let whole: Choices = vec![(String::new(), t.whole_office.into())];
    let zones = whole.into_iter().chain(zone_choices(ui, false)).collect();
    let print = button("plain", "print", t.print, || drop(window().print()));
    let about = view! { <p class="prose">{t.trends_about}</p> }.into_any();
    let shown = found.shown(ui, move |found| {
        if is_empty(&found) {
            let words = view! { <p class="empty" data-testid="no-trends">{t.trends_none}</p> };
            return all([words.into_any(), definitions(ui)]);
        }
        all([charts(ui, &found), definitions(ui), numbers(ui, &found, within.get_untracked())])
    });
    all([head(ui, t.trends, true, print), about, choose(t.zone, zone, zones, "trend-zone"), shown])
}

fn is_empty(found: &Trends) -> bool {
    let now = found.server_time;
    let none = |(_, of): &(Month, Figures)| DEFINITIONS.iter().all(|it| of.value(it.indicator, now).is_none());
    found.months.iter().all(none)
}

fn definition(trend: &Trend) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|it| it.indicator == trend.indicator)
}

fn said(it: &Definition, (month, of): &(Month, Figures), now: Timestamp) -> String {
    of.value(it.indicator, month.end().min(now)).map_or_else(|| none(it), |value| number(it, value))
}

fn charts(ui: Ui, found: &Trends) -> AnyView {
    let one = |trend: &Trend| {
        let it = definition(trend)?;
        let picture = format!("data:image/svg+xml;utf8,{}", js_sys::encode_uri_component(&trend.chart));
        let last = found.months.last().map(|month| said(it, month, found.server_time)).unwrap_or_default();
        let alt = fill(ui.t.trend_alt, &[&name(ui, it), &last]);
        (!trend.chart.is_empty()).then(|| {
            view! {
                <figure>
                    <figcaption>{name(ui, it)} " " <b>{last}</b></figcaption>
                    <img src=picture alt=alt width="480" height="200" />
                </figure>
            }
            .into_any()
        })
    };
    view! { <div class="trends" data-testid="trends">{all(found.trends.iter().filter_map(one))}</div> }.into_any()
}

/// The same in numbers, each of which leads to the issues that it counts.
fn numbers(ui: Ui, found: &Trends, within: Within) -> AnyView {
    let now = found.server_time;
    let heads: Vec<&'static str> =
        std::iter::once(ui.t.month).chain(DEFINITIONS.iter().map(|it| name(ui, it))).collect();
    let rows = found.months.iter().rev().map(|month| {
        let cell = |it: &Definition| match counted(it.indicator) {
            Some(figure) if month.1.value(it.indicator, now).is_some() => {
                let address = measured_address(month.0, figure, within);
                link(ui, address, "", String::new(), said(it, month, now).into_any())
            }
            _ => said(it, month, now).into_any(),
        };
        let name = format::month(ui.t, month.0).into_any();
        card(String::new(), &heads, name, DEFINITIONS.iter().map(cell).collect())
    });
    view! { <div data-testid="trend-numbers">{figures(ui.t.trends, &heads, all(rows))}</div> }.into_any()
}

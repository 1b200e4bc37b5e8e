//! The indicators of a month: zones by rank, each number with the definition that it follows and a mark by the office's thresholds.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Indicators, MOST_PATROL_DAYS, MOST_RECURRENCE_DAYS, Recurrence, ZoneFigures};
use xiaohao_shared::model::behind::{Measured, Months, Within};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::indicator::{
    DEFINITIONS, Definition, Figures, Indicator, Mark, Threshold, Thresholds, are_sensible, ranks,
};
use xiaohao_shared::model::likeness::RECURRENCE_DAYS;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::time::Timestamp;

use super::behind::{self, figure, measured_address, parts};
use super::fetched::Fetched;
use super::said::address;
use super::{call_error, failed, head};
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, Wire, button, choose, line, submit};
use crate::components::lean::{all, flag, follow, given, maybe, nothing, submitted};
use crate::components::link::{link, steered};
use crate::components::table::column_head;
use crate::format;
use crate::texts::{Lang, Texts};

/// Months that can be chosen, the present one first.
const MONTHS: usize = 24;

pub fn indicators(ui: Ui) -> AnyView {
    let here = ui.address.get_untracked();
    match parts(here.trim_start_matches("/indicators")) {
        Some((months, figure)) => Measured::from_code(figure)
            .map_or_else(|| behind::unknown(ui, ui.t.indicators), |figure| behind::measured(ui, months, figure)),
        None => of_month(ui),
    }
}

fn of_month(ui: Ui) -> AnyView {
    let t = ui.t;
    // Empty: the present month.
    let month = steered(
        ui,
        "/indicators",
        |query| value_of(query, "month").unwrap_or_default(),
        |month| if month.is_empty() { String::new() } else { format!("month={month}") },
    );
    let found = Fetched::<Indicators>::new();
    let now = Month::of(ui.client.now());
    follow(move || {
        ui.client.news.track();
        let chosen = month.get().parse::<Month>().unwrap_or(now);
        found.ask(ui, format!("/api/indicators?month={chosen}"));
    });
    let wire =
        Wire::new(move || month.get().parse::<Month>().unwrap_or(now).to_string(), move |value| month.set(value));
    let print = button("plain", "print", t.print, || drop(window().print()));
    let trends = link(ui, "/trends".into(), "button plain", "to-trends".into(), t.trends.into_any());
    let print = view! { <div class="head-links">{trends} {print}</div> }.into_any();
    let shown = found.shown(ui, move |indicators| table(ui, &indicators));
    // Beside the figures, which are drawn anew with every news: what somebody types stays.
    let settings = set_thresholds(ui, found);
    let month = choose(t.month, wire, months(t, now), "month");
    all([head(ui, t.indicators, true, print), month, shown, settings, definitions(ui)])
}

fn months(t: &Texts, now: Month) -> Choices {
    let earlier = |month: &Month| Some(Month::of(month.start() + -1));
    let months = std::iter::successors(Some(now), earlier).take(MONTHS);
    months.map(|month| (month.to_string(), format::month(t, month))).collect()
}

pub fn name(ui: Ui, it: &Definition) -> &'static str {
    if ui.t.lang == Lang::Zh { it.zh } else { it.en }
}

fn said(ui: Ui, it: &Definition) -> &'static str {
    if ui.t.lang == Lang::Zh { it.zh_text } else { it.en_text }
}

/// Visible beside the numbers, also on paper.
pub fn definitions(ui: Ui) -> AnyView {
    let rows =
        DEFINITIONS.iter().map(|it| view! { <div><dt>{name(ui, it)}</dt><dd>{said(ui, it)}</dd></div> }.into_any());
    view! {
        <section class="panel" data-testid="definitions">
            <h2>{ui.t.definitions}</h2>
            <dl>{all(rows)}</dl>
            <p class="prose">{ui.t.score_text}</p>
        </section>
    }
    .into_any()
}

fn table(ui: Ui, Indicators { month, server_time, whole, zones, thresholds }: &Indicators) -> AnyView {
    let t = ui.t;
    if zones.is_empty() {
        return view! { <p class="empty" data-testid="no-figures">{t.indicators_none}</p> }.into_any();
    }
    let until = month.end().min(*server_time);
    let mut ranked: Vec<&ZoneFigures> = zones.iter().collect();
    let score = |zone: &ZoneFigures| zone.figures.score().unwrap_or(-1.0);
    ranked.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.zone.cmp(&b.zone)));
    let names = [t.zone, t.score, t.due_count].into_iter().chain(DEFINITIONS.iter().map(|it| name(ui, it)));
    let places = ranks(&ranked.iter().map(|zone| zone.figures.score()).collect::<Vec<_>>());
    let rows = ranked.into_iter().zip(places).map(|(zone, place)| {
        let name = ui.zone(zone.zone);
        let words = place.map_or_else(|| name.clone(), |place| format!("{place} {name}"));
        let of_zone = Filter { zones: [zone.zone].into(), ..Filter::default() };
        let board = address("/board", &of_zone.query());
        let name = link(ui, board, "", String::new(), words.into_any());
        row(ui, name, Within { zone: Some(zone.zone), kind: None }, &zone.figures, (*month, until), thresholds)
    });
    let rows: Vec<AnyView> = rows.collect();
    view! {
        <div class="sheet" role="region" tabindex="0" aria-label=t.indicators>
            <table class="counts figures" data-testid="indicators">
                <thead>
                    <tr>{all(names.map(column_head))}</tr>
                </thead>
                <tbody>{row(ui, t.whole_office.into_any(), Within::default(), whole, (*month, until), thresholds)} {all(rows)}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Each number leads to the issues that it counts, a rate to those in its numerator; a zone's name to its board.
fn row(
    ui: Ui,
    name: AnyView,
    within: Within,
    of: &Figures,
    (month, until): (Month, Timestamp),
    thresholds: &Thresholds,
) -> AnyView {
    let to =
        |figure, words: String| link(ui, measured_address(month, figure, within), "", String::new(), words.into_any());
    let cells = DEFINITIONS.iter().map(|it| {
        let value = of.value(it.indicator, until);
        let mark = value.zip(thresholds.get(&it.indicator)).map_or(Mark::None, |(value, limit)| it.mark(value, *limit));
        let (class, word) = match mark {
            Mark::None => ("", ""),
            Mark::Yellow => ("yellow", ui.t.mark_yellow),
            Mark::Red => ("red", ui.t.mark_red),
        };
        let words = value.map_or_else(|| none(it), |value| number(it, value));
        // What never was has no list.
        let is_never = it.indicator == Indicator::DaysWithoutNew && of.is_never_new();
        let words = match counted(it.indicator).filter(|_| value.is_some()) {
            Some(_) if is_never => words.into_any(),
            Some(figure) => to(figure, words),
            None if it.indicator == Indicator::PatrolCoverage && value.is_some() => rounds(ui, month, within, words),
            None => words.into_any(),
        };
        // Not by colour alone.
        let sign = if class == "red" { "▲▲" } else { "▲" };
        let sign = view! { <small class="sign" role="img" aria-label=word title=word>{sign}</small> };
        let sign = given((!word.is_empty()).then(|| sign.into_any()));
        let shares = shares(ui, it.indicator, of, month, within);
        view! { <td class=class data-name=self::name(ui, it)>{words} <span class="below">{sign} {shares} {never(ui, is_never)}</span></td> }
            .into_any()
    });
    let score = of.score().map_or_else(|| "–".into(), |score| format!("{score:.1}"));
    let class = if within == Within::default() { "sum" } else { "" };
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            <td data-name=ui.t.score>{score}</td>
            <td data-name=ui.t.due_count>{figure(ui, of.due, measured_address(month, Measured::Due, within))}</td>
            {all(cells)}
        </tr>
    }
    .into_any()
}

/// The rounds that a coverage is of; plain words where it is of more days than the page of the rounds shows.
pub fn rounds(ui: Ui, months: impl Into<Months>, within: Within, words: String) -> AnyView {
    let months = months.into();
    let zone = within.zone.map(|zone| format!("&zone={zone}")).unwrap_or_default();
    let [from, to] = [months.from.start(), months.to.end() + -1].map(Timestamp::date);
    if to.0 - from.0 >= MOST_PATROL_DAYS {
        return words.into_any();
    }
    link(ui, format!("/patrols?from={from}&to={to}{zone}"), "", String::new(), words.into_any())
}

/// What a number is a share of, a mean over, or taken from; rounds are no issues.
pub fn counted(indicator: Indicator) -> Option<Measured> {
    Some(match indicator {
        Indicator::Handled => Measured::Handled,
        Indicator::InTime => Measured::InTime,
        Indicator::Rework => Measured::Reworked,
        Indicator::Overdue => Measured::Overdue,
        Indicator::Extended => Measured::Extended,
        Indicator::Recurrence => Measured::Recurred,
        Indicator::HandlingHours => Measured::Struck,
        Indicator::DaysWithoutNew => Measured::Watched,
        Indicator::Contacts => Measured::Contacted,
        Indicator::PatrolCoverage => return None,
    })
}

/// Of a rate that is no share of what was due: how many of how many, each leading to its issues.
pub fn shares(ui: Ui, indicator: Indicator, of: &Figures, months: impl Into<Months>, within: Within) -> AnyView {
    let (part, whole) = match indicator {
        Indicator::Rework => ((of.reworked, Measured::Reworked), (of.handed_in, Measured::HandedIn)),
        Indicator::Recurrence => ((of.recurred, Measured::Recurred), (of.reported, Measured::Reported)),
        _ => return nothing(),
    };
    // A rate of nothing says so already.
    if whole.0 == 0 {
        return nothing();
    }
    let months = months.into();
    let [part, whole] = [part, whole].map(|(count, it)| figure(ui, count, measured_address(months, it, within)));
    view! { <small class="shares">{part} "/" {whole}</small> }.into_any()
}

/// Beside days that are counted from the first report of the office.
pub fn never(ui: Ui, is_never: bool) -> AnyView {
    given(
        is_never
            .then(|| view! { <small class="shares never" data-testid="never-new">{ui.t.never_new}</small> }.into_any()),
    )
}

/// What stands where there is no value: a count of nothing is 0, a rate or mean of nothing none at all.
pub fn none(it: &Definition) -> String {
    if it.indicator == Indicator::Contacts { "0".into() } else { "–".into() }
}

pub fn number(it: &Definition, value: f64) -> String {
    if it.is_rate { format!("{:.1}%", value * 100.0) } else { format!("{value:.0}") }
}

fn set_thresholds(ui: Ui, found: Fetched<Indicators>) -> AnyView {
    let t = ui.t;
    if !ui.me().is_some_and(|me| may(&me, Right::KeepBooks)) {
        return nothing();
    }
    let open = RwSignal::new(false);
    let sheet = maybe(move || {
        let now = open.get().then(|| found.get_untracked())?;
        Some(form(ui, open, found, now?))
    });
    let change = button("plain", "thresholds", t.thresholds, move || open.set(true));
    let days = RwSignal::new(false);
    let days_sheet = maybe(move || days.get().then(|| recurrence_form(ui, days)));
    let change_days = button("plain", "recurrence-days", t.recurs_days, move || days.set(true));
    view! { <div class="buttons">{change} {change_days}</div> {sheet} {days_sheet} }.into_any()
}

/// For how long what was struck off counts as come back.
fn recurrence_form(ui: Ui, open: RwSignal<bool>) -> AnyView {
    let t = ui.t;
    let now =
        ui.client.office.with_untracked(|office| office.as_ref().map_or(RECURRENCE_DAYS, |it| it.recurrence_days));
    let (days, error) = (RwSignal::new(now.to_string()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let read =
        move || days.with(|days| days.trim().parse().ok().filter(|days| (1..=MOST_RECURRENCE_DAYS).contains(days)));
    let save = submitted(move || {
        let Some(days) = untrack(read) else { return };
        busy.set(true);
        spawn_local(async move {
            match ui.client.post::<_, Recurrence>("/api/indicators/recurrence", &Recurrence { days }).await {
                Ok(Recurrence { days }) => {
                    ui.client.recurrence_is(days).await;
                    open.try_set(false);
                }
                Err(why) => drop(error.try_set(call_error(t, &why))),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || error.with(|why| (!why.is_empty()).then(|| failed(why.clone(), "recurrence-error"))));
    let off = flag(move || read().is_none());
    let content = view! {
        <form class="action-form" on:submit=save>
            <p class="prose">{t.recurs_days_text}</p>
            {line(t.recurs_days, days.into(), "90", "4", "days")} {why}
            {submit(ui, "primary wide", "save-days", t.save.into(), busy.into(), off)}
        </form>
    };
    dialog(ui, t.recurs_days, Callback::new(move |()| open.set(false)), content.into_any())
}

fn form(ui: Ui, open: RwSignal<bool>, found: Fetched<Indicators>, now: Indicators) -> AnyView {
    let t = ui.t;
    let fields: Vec<(&'static Definition, RwSignal<String>)> = DEFINITIONS
        .iter()
        .filter(|it| it.is_rate)
        .map(|it| (it, RwSignal::new(now.thresholds.get(&it.indicator).map(pair).unwrap_or_default())))
        .collect();
    let inputs = fields.iter().map(|(it, field)| line(name(ui, it), (*field).into(), "5 / 10", "20", "threshold"));
    let inputs: Vec<AnyView> = inputs.collect();
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let read = move || -> Option<Thresholds> {
        let filled = fields.iter().filter(|(_, field)| !field.with(|text| text.trim().is_empty()));
        let all: Option<Thresholds> =
            filled.map(|(it, field)| Some((it.indicator, field.with(|text| unpair(text))?))).collect();
        all.filter(are_sensible)
    };
    let off = {
        let read = read.clone();
        flag(move || read().is_none())
    };
    let save = submitted(move || {
        let Some(wish) = untrack(&read) else { return };
        let now = now.clone();
        busy.set(true);
        spawn_local(async move {
            match ui.client.post::<_, Thresholds>("/api/indicators/thresholds", &wish).await {
                Ok(thresholds) => {
                    found.is(Indicators { thresholds, ..now });
                    open.try_set(false);
                }
                Err(why) => drop(error.try_set(call_error(t, &why))),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || error.with(|why| (!why.is_empty()).then(|| failed(why.clone(), "threshold-error"))));
    let wrong = maybe(move || off.get().then(|| failed(t.thresholds_wrong.into(), "threshold-wrong")));
    let content = view! {
        <form class="action-form" on:submit=save>
            <p class="prose">{t.thresholds_text}</p>
            {all(inputs)} {wrong} {why}
            {submit(ui, "primary wide", "save-thresholds", t.save.into(), busy.into(), off)}
        </form>
    };
    dialog(ui, t.thresholds, Callback::new(move |()| open.set(false)), content.into_any())
}

/// `5 / 10`: yellow and red in per cent.
fn pair(Threshold { yellow, red }: &Threshold) -> String {
    let per_cent = |value: f64| (value * 1000.0).round() / 10.0;
    format!("{} / {}", per_cent(*yellow), per_cent(*red))
}

fn unpair(text: &str) -> Option<Threshold> {
    let (yellow, red) = text.split_once(['/', '／'])?;
    // To a tenth of a per cent, as it is shown.
    let share =
        |text: &str| text.trim().trim_end_matches('%').parse::<f64>().ok().map(|value| (value * 10.0).round() / 1000.0);
    Some(Threshold { yellow: share(yellow)?, red: share(red)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_back_as_they_are_written() {
        let threshold = Threshold { yellow: 0.05, red: 0.125 };
        assert_eq!((pair(&threshold).as_str(), unpair("5% ／ 12.5")), ("5 / 12.5", Some(threshold)));
        assert_eq!(unpair("5"), None);
    }
}

//! The sanitation chapter of the office's work summary: for some months what was found and struck off, the rates, the trend as a
//! chart, what had waited for long, and before beside after; to print, and as a document for the office's word processor.

use leptos::prelude::*;
use xiaohao_shared::api::{BeforeAfter, Flow, HalfYear};
use xiaohao_shared::model::Stage;
use xiaohao_shared::model::behind::{Measured, Months, Within};
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::indicator::{DEFINITIONS, Definition, Figures, Indicator};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::time::DAY;

use super::behind::{figure, filled, measured_address};
use super::document::document_button;
use super::fetched::Fetched;
use super::head;
use super::indicators::{counted, never, none, rounds, shares};
use crate::components::Ui;
use crate::components::fields::{Choices, Wire, button, choose};
use crate::components::lean::{all, follow, given, maybe, text};
use crate::components::link::{link, steered};
use crate::components::photos::picture;
use crate::components::table::{row, row_of, table};
use crate::format;
use crate::texts::{Lang, Texts, fill};

/// Months that can be chosen, the present one first.
const MONTHS: usize = 36;

/// First and last month, as the address has them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Period {
    from: Option<Month>,
    to: Option<Month>,
}

impl Period {
    fn read(query: &str) -> Self {
        let month = |name| value_of(query, name).and_then(|month| month.parse().ok());
        Self { from: month("from"), to: month("to") }
    }

    fn address(&self) -> String {
        let months = [("from", self.from), ("to", self.to)].into_iter();
        let said = months.filter_map(|(name, month)| Some(format!("{name}={}", month?)));
        said.collect::<Vec<_>>().join("&")
    }

    /// Where nothing is chosen, the half of the year that runs.
    fn months(&self, now: Month) -> [Month; 2] {
        let first = if now.month > 6 { 7 } else { 1 };
        [self.from.unwrap_or(Month { month: first, ..now }), self.to.unwrap_or(now)]
    }

    fn query(&self, now: Month) -> String {
        let [from, to] = self.months(now);
        format!("from={from}&to={to}")
    }
}

pub fn halfyear(ui: Ui) -> AnyView {
    let t = ui.t;
    let now = Month::of(ui.client.now());
    let period = steered(ui, "/halfyear", Period::read, Period::address);
    let found = Fetched::<HalfYear>::new();
    follow(move || found.ask(ui, format!("/api/halfyear?{}", period.get().query(now))));
    let wire = |at: usize, set: fn(&mut Period, Month)| {
        let write = move |value: String| {
            if let Ok(month) = value.parse() {
                period.update(|period| set(period, month));
            }
        };
        Wire::new(move || period.with(|period| period.months(now)[at]).to_string(), write)
    };
    let from = wire(0, |period, month| period.from = Some(month));
    let to = wire(1, |period, month| period.to = Some(month));
    let pickers = view! {
        <div class="period">
            {choose(t.from_month, from, months(t, now), "from-month")} {choose(t.to_month, to, months(t, now), "to-month")}
        </div>
    };
    let print = button("plain", "print", t.print, || drop(window().print()));
    let document = text(move || format!("/api/halfyear/document?{}&lang={}", period.get().query(now), t.lang.code()));
    let shown = found.shown(ui, move |report| whole(ui, &report));
    let is_any = Memo::new(move |_| found.get().is_some_and(|report| !is_empty(&report)));
    let document = maybe(move || is_any.get().then(|| document_button(ui, t.make_document, document)));
    all([head(ui, t.halfyear, true, print), pickers.into_any(), document, shown])
}

fn months(t: &Texts, now: Month) -> Choices {
    let earlier = |month: &Month| Some(Month::of(month.start() + -1));
    let months = std::iter::successors(Some(now), earlier).take(MONTHS);
    months.map(|month| (month.to_string(), format::month(t, month))).collect()
}

/// Found and struck off in all of its months.
fn sums(report: &HalfYear) -> [u64; 2] {
    let sum = |of: fn(&Flow) -> u64| report.months.iter().map(|(_, flow)| of(flow)).sum();
    [sum(|flow| flow.found), sum(|flow| flow.struck)]
}

fn is_empty(report: &HalfYear) -> bool {
    sums(report) == [0; 2] && report.open == 0
}

fn whole(ui: Ui, report: &HalfYear) -> AnyView {
    let t = ui.t;
    let [found, struck] = sums(report);
    if is_empty(report) {
        return view! { <p class="empty" data-testid="no-report">{t.halfyear_none}</p> }.into_any();
    }
    let title = fill(t.halfyear_title, &[&format::month(t, report.from), &format::month(t, report.to)]);
    let counts = [(found, Measured::Reported), (struck, Measured::Struck), (report.open, Measured::Open)];
    let counts = counts.map(|(count, it)| figure(ui, count, measured_address(span(report), it, Within::default())));
    let sum = filled(t.halfyear_sum, counts);
    let sections = [
        rates(ui, report),
        section(t.by_month, all([chart(ui, report), by_month(ui, report)])),
        section(t.by_zone, by_zone(ui, report)),
        section(t.by_kind, by_kind(ui, report)),
        solved(ui, report),
        pairs(ui, report),
    ];
    view! {
        <article class="halfyear" data-testid="halfyear">
            <h2>{title}</h2>
            <p class="prose" data-testid="halfyear-sum">{sum}</p>
            {all(sections)}
        </article>
    }
    .into_any()
}

/// The months of the whole report.
fn span(report: &HalfYear) -> Months {
    Months { from: report.from, to: report.to }
}

fn section(name: &'static str, content: AnyView) -> AnyView {
    view! { <section><h3>{name}</h3> {content}</section> }.into_any()
}

fn name(ui: Ui, it: &Definition) -> &'static str {
    if ui.t.lang == Lang::Zh { it.zh } else { it.en }
}

/// A rate of nothing.
const NONE: &str = "–";

/// A rate as the link to the issues of its numerator.
fn behind_rate(ui: Ui, words: String, address: String) -> AnyView {
    if words == NONE { words.into_any() } else { link(ui, address, "", String::new(), words.into_any()) }
}

fn value(report: &HalfYear, it: &Definition, of: &Figures) -> String {
    match of.value(it.indicator, report.to.end().min(report.server_time)) {
        None => none(it),
        Some(value) if it.is_rate => format!("{:.1}%", value * 100.0),
        Some(value) => format!("{value:.0}"),
    }
}

/// Each with the definition that it follows.
fn rates(ui: Ui, report: &HalfYear) -> AnyView {
    let one = |it: &Definition| {
        let meaning = if ui.t.lang == Lang::Zh { it.zh_text } else { it.en_text };
        let words = value(report, it, &report.whole);
        let is_known = it.indicator == Indicator::PatrolCoverage && words != NONE;
        let is_never = it.indicator == Indicator::DaysWithoutNew && report.whole.is_never_new();
        let words = match counted(it.indicator) {
            Some(_) if is_never => words.into_any(),
            None if is_known => rounds(ui, span(report), Within::default(), words),
            None => words.into_any(),
            Some(Measured::Contacted) if report.whole.contacts == 0 => words.into_any(),
            Some(figure) => behind_rate(ui, words, measured_address(span(report), figure, Within::default())),
        };
        view! {
            <div>
                <dt>{name(ui, it)}</dt>
                <dd>
                    <span>
                        <b>{words}</b>
                        " "
                        {shares(ui, it.indicator, &report.whole, span(report), Within::default())}
                        {never(ui, is_never)}
                    </span>
                    <small class="dim">{meaning}</small>
                </dd>
            </div>
        }
        .into_any()
    };
    section(ui.t.indicators, view! { <dl class="rates">{all(DEFINITIONS.iter().map(one))}</dl> }.into_any())
}

fn chart(ui: Ui, report: &HalfYear) -> AnyView {
    let t = ui.t;
    let picture = format!("data:image/svg+xml;utf8,{}", js_sys::encode_uri_component(&report.chart));
    let drawn = (!report.chart.is_empty()).then(|| {
        view! {
            <figure>
                <img class="chart" src=picture alt=t.chart_alt width="960" height="320" />
                <figcaption>
                    <span class="found">"■ "</span>
                    {t.found}
                    " "
                    <span class="struck">"■ "</span>
                    {t.struck}
                </figcaption>
            </figure>
        }
        .into_any()
    });
    given(drawn)
}

/// Found, struck off, due, and the first two indicators, which are shares of what was due; each leads to the issues that it counts.
fn cells(ui: Ui, report: &HalfYear, of: &Figures, months: Months, within: Within) -> [AnyView; 5] {
    let to = |it: Measured| measured_address(months, it, within);
    let counts = [(of.reported, Measured::Reported), (of.struck, Measured::Struck), (of.due, Measured::Due)];
    let [found, struck, due] = counts.map(|(count, it)| figure(ui, count, to(it)));
    let rates = [(0, Measured::Handled), (1, Measured::InTime)];
    let [handled, in_time] = rates.map(|(at, it)| behind_rate(ui, value(report, &DEFINITIONS[at], of), to(it)));
    [found, struck, due, handled, in_time]
}

fn heads(ui: Ui, first: &'static str) -> [&'static str; 6] {
    let t = ui.t;
    [first, t.found, t.struck, t.due_count, name(ui, &DEFINITIONS[0]), name(ui, &DEFINITIONS[1])]
}

/// The names lead nowhere: found, struck off and due are of three different dates.
fn by_month(ui: Ui, report: &HalfYear) -> AnyView {
    let rows = report.months.iter().map(|(month, flow)| {
        let cells = cells(ui, report, &flow.figures(), (*month).into(), Within::default());
        row_of(format::month(ui.t, *month).into_any(), cells)
    });
    table(ui.t.by_month, &heads(ui, ui.t.month), all(rows))
}

fn by_zone(ui: Ui, report: &HalfYear) -> AnyView {
    let t = ui.t;
    let rows = report.zones.iter().map(|zone| {
        let within = Within { zone: Some(zone.zone), kind: None };
        row_of(ui.zone(zone.zone).into_any(), cells(ui, report, &zone.figures, span(report), within))
    });
    table(t.by_zone, &heads(ui, t.zone), all(rows))
}

fn by_kind(ui: Ui, report: &HalfYear) -> AnyView {
    let rows = report.kinds.iter().map(|(kind, flow)| {
        let within = Within { zone: None, kind: Some(*kind) };
        row_of(ui.kind(*kind).into_any(), cells(ui, report, &flow.figures(), span(report), within))
    });
    table(ui.t.by_kind, &heads(ui, ui.t.kind_label), all(rows))
}

fn caption(ui: Ui, issue: &Summary) -> String {
    [ui.kind(issue.kind).to_string(), ui.place(issue.zone, &[&issue.address])].join(" · ")
}

fn to_issue(ui: Ui, issue: &Summary) -> AnyView {
    link(ui, format!("/issues/{}", issue.id), "", String::new(), caption(ui, issue).into_any())
}

/// Said where not all are shown; the count leads to all of them.
fn cut(ui: Ui, shown: usize, count: u64, address: String) -> AnyView {
    let words = || filled(ui.t.part_shown, [shown.to_string().into_any(), figure(ui, count, address)]);
    let words = (count > shown as u64).then(words);
    given(words.map(|words| view! { <p class="dim" data-testid="part-shown">{words}</p> }.into_any()))
}

fn solved(ui: Ui, report: &HalfYear) -> AnyView {
    let t = ui.t;
    let rows = report.solved.iter().map(|issue| {
        let days = issue.closed_at.map_or(0, |at| (at - issue.reported_at) / DAY);
        row(to_issue(ui, issue), [issue.number.clone().unwrap_or_default(), days.to_string()])
    });
    let address = measured_address(span(report), Measured::Solved, Within::default());
    let content = match report.solved.is_empty() {
        true => view! { <p class="empty">{t.solved_none}</p> }.into_any(),
        false => {
            let table = table(t.solved, &[t.issue, t.weekly_number, t.days_taken], all(rows));
            all([cut(ui, report.solved.len(), report.solved_count, address), table])
        }
    };
    section(t.solved, content)
}

fn pairs(ui: Ui, report: &HalfYear) -> AnyView {
    let t = ui.t;
    let one = |BeforeAfter { issue, before, after }: &BeforeAfter| {
        let side = |photo, words: &'static str| {
            view! { <figure>{picture(ui, Some(photo), 1)} <figcaption>{words}</figcaption></figure> }.into_any()
        };
        view! {
            <div class="pair">
                <p>{to_issue(ui, issue)}</p>
                {side(*before, t.stage(Stage::Before))}
                {side(*after, t.stage(Stage::After))}
            </div>
        }
        .into_any()
    };
    let address = measured_address(span(report), Measured::Pictured, Within::default());
    let content = match report.pairs.is_empty() {
        true => view! { <p class="empty">{t.pairs_none}</p> }.into_any(),
        false => {
            let pairs = view! { <div class="pairs">{all(report.pairs.iter().map(one))}</div> }.into_any();
            all([cut(ui, report.pairs.len(), report.pairs_count, address), pairs])
        }
    };
    section(t.before_after_title, content)
}

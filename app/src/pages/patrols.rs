//! 巡查 for the desk: how much of each zone and each band of the day was patrolled in some days, and the rounds behind every number.

use leptos::prelude::*;
use xiaohao_shared::api::{MOST_PATROL_DAYS, Patrols, Round, ZonePatrols};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::indicator::{Definition, Indicator};
use xiaohao_shared::model::patrol::{BANDS, Doubt, hours};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::time::{DAY, Date, HOUR, Timestamp};

use super::behind::figure;
use super::document::document_button;
use super::fetched::Fetched;
use super::said::list_address;
use super::{failed, head};
use crate::components::Ui;
use crate::components::fields::{Wire, button, input};
use crate::components::lean::{all, flag, follow, given, maybe, nothing, tap, text, words};
use crate::components::link::{link, steered};
use crate::format;
use crate::texts::{Lang, fill};

/// Days that are shown where none were chosen.
const USUAL_DAYS: i32 = 7;

/// What the address says: which days, and of the rounds perhaps those of one zone or band alone.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Place {
    from: Option<Date>,
    to: Option<Date>,
    zone: Option<ZoneId>,
    band: Option<usize>,
}

impl Place {
    fn read(query: &str) -> Self {
        let date = |name| value_of(query, name).and_then(|date| date.parse().ok());
        let zone = value_of(query, "zone").and_then(|zone| zone.parse().ok());
        let band = value_of(query, "band").and_then(|band| band.parse().ok()).filter(|band| *band < BANDS);
        Self { from: date("from"), to: date("to"), zone, band }
    }

    fn query(&self) -> String {
        let said = [
            self.from.map(|from| format!("from={from}")),
            self.to.map(|to| format!("to={to}")),
            self.zone.map(|zone| format!("zone={zone}")),
            self.band.map(|band| format!("band={band}")),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    fn days(&self, today: Date) -> [Date; 2] {
        let to = self.to.unwrap_or(today);
        [self.from.unwrap_or(Date(to.0 - USUAL_DAYS + 1)), to]
    }

    /// With its days, for the office.
    fn asked(self, today: Date) -> String {
        let [from, to] = self.days(today).map(Some);
        Self { from, to, ..self }.query()
    }

    fn is_sensible(&self, today: Date) -> bool {
        let [from, to] = self.days(today);
        (0..MOST_PATROL_DAYS).contains(&(to.0 - from.0))
    }
}

pub fn patrols(ui: Ui) -> AnyView {
    let t = ui.t;
    let place = steered(ui, "/patrols", Place::read, Place::query);
    let found = Fetched::<Patrols>::new();
    let today = ui.client.now().date();
    follow(move || {
        ui.client.news.track();
        let place = place.get();
        if place.is_sensible(today) {
            found.ask(ui, format!("/api/patrols?{}", place.asked(today)));
        }
    });
    let bad = maybe(move || {
        let sensible = place.with(|place| place.is_sensible(today));
        (!sensible).then(|| failed(fill(t.patrols_bad_days, &[&MOST_PATROL_DAYS]), "bad-days"))
    });
    let print = button("plain", "print", t.print, || drop(window().print()));
    let book = text(move || format!("/api/patrols/book?{}&lang={}", place.get().asked(today), t.lang.code()));
    let any = RwSignal::new(false);
    let shown = found.shown(ui, move |patrols| {
        let none =
            patrols.zones.iter().all(|zone| zone.covered == [0; BANDS] && zone.rounds == 0) && patrols.total == 0;
        let none = none && narrowed(place).is_empty();
        any.try_set(!none);
        if none {
            return view! { <p class="empty" data-testid="no-patrols">{t.patrols_none}</p> }.into_any();
        }
        all([matrix(ui, place, &patrols), rounds(ui, place, &patrols)])
    });
    // Beside the figures, which are drawn anew with every news: a file that is on its way still comes.
    let is_any = Memo::new(move |_| any.get());
    let book = maybe(move || is_any.get().then(|| document_button(ui, t.patrols_book, book)));
    all([head(ui, t.patrol, true, print), period(ui, place, today), bad, shown, book, definition(ui)])
}

fn period(ui: Ui, place: RwSignal<Place>, today: Date) -> AnyView {
    let t = ui.t;
    let month = Month::of(today.start());
    let last = Month::of(month.start() + -1);
    let choices = [
        (t.this_day, today, today),
        (t.last_7_days, Date(today.0 - 6), today),
        (t.this_month, month.start().date(), today),
        (t.last_month, last.start().date(), (last.end() + -1).date()),
    ];
    let quick = choices.map(|(name, from, to)| {
        let chosen = text(move || place.with(|place| place.days(today) == [from, to]).to_string());
        let choose = tap(move || place.update(|place| (place.from, place.to) = (Some(from), Some(to))));
        view! { <button type="button" aria-pressed=chosen on:click=choose>{name}</button> }.into_any()
    });
    let day = |label: &'static str, at: usize, testid: &'static str| {
        let set = move |value: String| {
            let Ok(date) = value.parse() else { return };
            place.update(|place| *(if at == 0 { &mut place.from } else { &mut place.to }) = Some(date));
        };
        let wire = Wire::new(move || place.with(|place| place.days(today)[at]).to_string(), set);
        view! { <label class="field"><span>{label}</span> {input("date", wire, "", "10", testid)}</label> }.into_any()
    };
    // Nobody chooses on paper, where it has to be said.
    let chosen = words(move || place.with(|place| place.days(today).map(|day| day.to_string()).join(" – ")));
    view! {
        <p class="paper">{chosen}</p>
        <div class="segments" role="group" aria-label=t.patrols_days>{all(quick)}</div>
        <div class="period">{day(t.from_day, 0, "from-day")} {day(t.to_day, 1, "to-day")}</div>
    }
    .into_any()
}

fn band_words(band: usize) -> String {
    let (from, to) = hours(band);
    format!("{from}–{to}")
}

/// Zones by bands: how many of the days that are over were patrolled. Every number leads to its rounds, and what was found to the
/// issues.
fn matrix(ui: Ui, place: RwSignal<Place>, patrols: &Patrols) -> AnyView {
    let t = ui.t;
    let heads = (0..BANDS).map(|band| {
        view! { <th scope="col" class="short">{fill(t.patrols_band, &[&band_words(band)])}</th> }.into_any()
    });
    let others = [t.patrol_coverage, t.patrols_rounds, t.found, t.patrols_time];
    let others = others.map(|name| view! { <th scope="col">{name}</th> }.into_any());
    let days = [patrols.from.start(), patrols.to.next().start()];
    let rows: Vec<AnyView> = patrols.zones.iter().map(|zone| row(ui, place, days, zone)).collect();
    view! {
        <div class="sheet" role="region" tabindex="0" aria-label=t.patrol_coverage>
            <table class="counts coverage" data-testid="coverage">
                <caption>{t.patrols_caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.zone}</th>
                        {all(heads)}
                        {all(others)}
                    </tr>
                </thead>
                <tbody>{whole(ui, place, days, patrols)} {all(rows)}</tbody>
            </table>
        </div>
        <p class="dim">{t.patrols_found_sums}</p>
    }
    .into_any()
}

fn row(ui: Ui, place: RwSignal<Place>, days: [Timestamp; 2], zone: &ZonePatrols) -> AnyView {
    let id = zone.zone;
    let name = to_rounds(place, Some(id), None, ui.zone(id), "", String::new());
    let cells = (0..BANDS).map(|band| {
        let (covered, due) = (zone.covered[band], zone.due[band]);
        let words = format!("{covered}/{due}");
        let label = fill(ui.t.patrols_cell, &[&ui.zone(id), &band_words(band), &covered, &due]);
        let testid = format!("cell-{id}-{band}");
        let rounds = to_rounds(place, Some(id), Some(band), words, &label, testid);
        view! { <td class=shade(covered, due)>{rounds}</td> }.into_any()
    });
    line(ui, place, days, Some(id), [name, all(cells)], zone)
}

/// A cell that leads to the rounds of a zone or of all, in a band or in all.
fn to_rounds(
    place: RwSignal<Place>,
    zone: Option<ZoneId>,
    band: Option<usize>,
    words: String,
    label: &str,
    testid: String,
) -> AnyView {
    let narrow = tap(move || {
        place.update(|place| (place.zone, place.band) = (zone, band));
        let rounds = document().get_element_by_id("rounds");
        rounds.iter().for_each(web_sys::Element::scroll_into_view);
    });
    let label = (!label.is_empty()).then(|| label.to_owned());
    view! {
        <button type="button" class="cell" aria-label=label data-testid=testid on:click=narrow>
            {words}
        </button>
    }
    .into_any()
}

/// The sum of all zones.
fn whole(ui: Ui, place: RwSignal<Place>, days: [Timestamp; 2], patrols: &Patrols) -> AnyView {
    let none = [0; BANDS];
    let mut sum =
        ZonePatrols { zone: ZoneId(0), due: none, covered: none, rounds: 0, found: 0, walked: 0, doubtful: 0 };
    for zone in &patrols.zones {
        (0..BANDS).for_each(|band| sum.due[band] += zone.due[band]);
        (0..BANDS).for_each(|band| sum.covered[band] += zone.covered[band]);
        sum.rounds += zone.rounds;
        sum.found += zone.found;
        sum.walked += zone.walked;
        sum.doubtful += zone.doubtful;
    }
    let cells = (0..BANDS).map(|band| {
        let (covered, due) = (sum.covered[band], sum.due[band]);
        let label = fill(ui.t.patrols_cell, &[&ui.t.whole_office, &band_words(band), &covered, &due]);
        let testid = format!("cell-all-{band}");
        view! { <td>{to_rounds(place, None, Some(band), share(covered, due), &label, testid)}</td> }.into_any()
    });
    let name = to_rounds(place, None, None, ui.t.whole_office.into(), "", String::new());
    line(ui, place, days, None, [name, all(cells)], &sum)
}

/// Of a zone, or of all.
fn line(
    ui: Ui,
    place: RwSignal<Place>,
    [from, before]: [Timestamp; 2],
    id: Option<ZoneId>,
    [name, cells]: [AnyView; 2],
    zone: &ZonePatrols,
) -> AnyView {
    let t = ui.t;
    let unit = id.map_or_else(|| t.whole_office.into(), |id| ui.zone(id));
    let to = |head: &str, words: String| match zone.rounds + zone.doubtful {
        0 => words.into_any(),
        _ => {
            let label = fill(t.patrols_sum, &[&unit, &head, &words]);
            to_rounds(place, id, None, words, &label, String::new())
        }
    };
    let coverage = share(zone.covered.iter().sum(), zone.due.iter().sum());
    // The list shows them, too: without a word it would have more than is counted here.
    let doubtful = (zone.doubtful > 0).then(|| {
        let words = fill(ui.t.patrols_doubtful, &[&zone.doubtful]);
        view! { <small>" "{words}</small> }.into_any()
    });
    let doubtful = given(doubtful);
    let time = fill(t.hours, &[&format!("{:.1}", zone.walked as f64 / HOUR as f64)]);
    // Which of them were found on a round no filter can say.
    let reported = Filter {
        zones: id.into_iter().collect(),
        reported_from: Some(from),
        reported_before: Some(before),
        ..Filter::default()
    };
    let class = if id.is_none() { "sum" } else { "" };
    view! {
        <tr class=class>
            <th scope="row">{name}</th>
            {cells}
            <td>{to(t.patrol_coverage, coverage)}</td>
            <td>{to(t.patrols_rounds, zone.rounds.to_string())} {doubtful}</td>
            <td>{figure(ui, zone.found, list_address(&reported))}</td>
            <td>{to(t.patrols_time, time)}</td>
        </tr>
    }
    .into_any()
}

fn share(part: u64, of: u64) -> String {
    if of == 0 { "–".into() } else { format!("{:.0}%", part as f64 * 100.0 / of as f64) }
}

/// Colour beside the number, never instead of it.
fn shade(covered: u64, due: u64) -> &'static str {
    match (covered, due) {
        (_, 0) => "",
        (0, _) => "bare",
        (covered, due) if covered == due => "full",
        (covered, due) if covered * 2 >= due => "half",
        _ => "thin",
    }
}

/// The zone and band that the rounds are narrowed to, in words.
fn narrowed(place: RwSignal<Place>) -> String {
    let Place { zone, band, .. } = place.get_untracked();
    zone.map(|zone| zone.to_string()).into_iter().chain(band.map(|band| band.to_string())).collect()
}

fn rounds(ui: Ui, place: RwSignal<Place>, patrols: &Patrols) -> AnyView {
    let t = ui.t;
    let total = patrols.total;
    let chosen = words(move || {
        let Place { zone, band, .. } = place.get();
        let zone = zone.map_or_else(|| t.whole_office.into(), |zone| ui.zone(zone));
        let band = band.map(|band| fill(t.patrols_band, &[&band_words(band)]));
        [Some(zone), band].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    let all_of_them = flag(move || place.with(|place| place.zone.is_none() && place.band.is_none()));
    let clear = tap(move || place.update(|place| (place.zone, place.band) = (None, None)));
    let one_zone = place.with_untracked(|place| place.zone.is_some());
    let lines = all(patrols.rounds.iter().map(|round| one(ui, one_zone, round)));
    let more = (patrols.rounds.len() as u64) < total;
    let more = more.then(|| view! { <p class="hint">{fill(t.patrols_more, &[&patrols.rounds.len()])}</p> }.into_any());
    let none = if total == 0 { view! { <p class="empty">{t.patrols_none_here}</p> }.into_any() } else { nothing() };
    let found = patrols.rounds.iter().any(|round| round.patrol.found > 0);
    let found = found.then(|| view! { <p class="dim" data-testid="found-hint">{t.patrols_found_one}</p> }.into_any());
    view! {
        <section id="rounds" class="panel rounds" data-testid="rounds">
            <div class="list-line">
                <h2>{chosen} " · " {fill(t.patrols_n, &[&total])}</h2>
                <button type="button" class="plain" data-testid="all-rounds" hidden=all_of_them on:click=clear>
                    {t.patrols_all}
                </button>
            </div>
            {given(found)}
            <ul>{lines}</ul>
            {none}
            {given(more)}
        </section>
    }
    .into_any()
}

fn one(ui: Ui, one_zone: bool, round: &Round) -> AnyView {
    let t = ui.t;
    let Round { patrol, person, received_at, doubt } = round;
    let span = patrol.span();
    let doubt = doubt.map(|doubt| {
        let words = match doubt {
            Doubt::Clock => t.patrol_doubt_clock,
            Doubt::Stopped => t.patrol_doubt_stopped,
        };
        view! { <span class="chip state-rework">{words}</span> }.into_any()
    });
    let zone = (!one_zone).then(|| view! { <strong>{ui.zone(patrol.zone)}</strong> }.into_any());
    let zone = given(zone);
    let late = *received_at - span.before >= DAY || doubt.is_some();
    let received =
        late.then(|| view! { <small>{fill(t.patrol_received, &[&ui.when(*received_at)])}</small> }.into_any());
    view! {
        <li>
            {zone}
            <span>{ui.person(*person)}</span>
            <span class="when">{from_to(ui, span.from, span.before)}</span>
            <span class="dim">{format::hours_and_minutes(t, span.before - span.from)}</span>
            <span>{found(ui, round)}</span>
            {given(doubt)}
            {given(received)}
        </li>
    }
    .into_any()
}

/// How much was found, as the phone told it, leading to what its walker reported there meanwhile. By a clock in doubt nobody can say
/// when that was.
fn found(ui: Ui, Round { patrol, person, doubt, .. }: &Round) -> AnyView {
    if patrol.found == 0 {
        return ui.t.patrol_nothing.into_any();
    }
    let words = fill(ui.t.patrol_found_n, &[&patrol.found]).into_any();
    if *doubt == Some(Doubt::Clock) {
        return words;
    }
    let span = patrol.span();
    let reported = Filter {
        zones: [patrol.zone].into(),
        reporter: Some(*person),
        reported_from: Some(span.from),
        reported_before: Some(span.before),
        ..Filter::default()
    };
    link(ui, list_address(&reported), "", "round-found".into(), words)
}

/// `11月23日 22:00–02:10`
fn from_to(ui: Ui, from: Timestamp, to: Timestamp) -> String {
    format!("{}–{}", ui.when(from), format::clock(to))
}

/// Beside the numbers that follow it, also on paper.
fn definition(ui: Ui) -> AnyView {
    let it = Definition::of(Indicator::PatrolCoverage);
    let (name, said) = if ui.t.lang == Lang::Zh { (it.zh, it.zh_text) } else { (it.en, it.en_text) };
    view! {
        <section class="panel" data-testid="definition">
            <h2>{name}</h2>
            <p class="prose">{said}</p>
            <p class="dim">{ui.t.patrols_private}</p>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_shown_and_nonsense_in_it_nothing() {
        let query = "from=2026-11-01&to=2026-11-30&zone=3&band=5";
        assert_eq!(Place::read(query).query(), query);
        assert_eq!(Place::read("from=x&zone=03&band=6"), Place::default());
        let today = Date::new(2026, 11, 26).unwrap();
        assert_eq!(Place::default().asked(today), "from=2026-11-20&to=2026-11-26");
        let backwards = Place { from: Some(today.next()), ..Place::default() };
        assert!(Place::default().is_sensible(today) && !backwards.is_sensible(today));
    }
}

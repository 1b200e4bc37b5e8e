//! The working time of the office: hours of a day, days off, make-up days. Deadlines are counted by it, so it is checked before
//! it is sent, and what is not understood is named.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::time::Date;

use crate::components::dialog::dialog;
use crate::components::fields::{button, line, submit, words_field};
use crate::components::lean::{flag, key, maybe, nothing, shown, submitted};
use crate::components::{Ui, facts};
use crate::pages::{call_error, failed};
use crate::texts::{Texts, fill};

pub fn calendar(ui: Ui) -> AnyView {
    let t = ui.t;
    let open = RwSignal::new(false);
    let list = shown(move || match ui.client.office.get() {
        Some(office) => facts(said(t, &office.calendar)),
        None => nothing(),
    });
    let known = move || ui.client.office.get_untracked().map(|office| office.calendar.clone());
    let sheet = maybe(move || if open.get() { Some(sheet(ui, open, &known()?)) } else { None });
    view! {
        <section class="panel" data-testid="calendar">
            <h2 id="calendar" tabindex="-1">{t.calendar}</h2>
            <dl>{list}</dl>
            <div class="buttons">{button("plain", "change-calendar", t.change, move || open.set(true))}</div>
            {sheet}
        </section>
    }
    .into_any()
}

fn said(t: &'static Texts, calendar: &Calendar) -> [(&'static str, String); 3] {
    let days = |days: &BTreeSet<Date>| match days.len() {
        0 => t.no_dates.to_string(),
        _ => dates_text(days).replace('\n', t.list_comma),
    };
    [
        (t.work_hours, hours_text(&calendar.hours)),
        (t.holidays, days(&calendar.holidays)),
        (t.makeup_days, days(&calendar.makeup_days)),
    ]
}

#[derive(Clone, Copy)]
struct Fields {
    hours: RwSignal<String>,
    holidays: RwSignal<String>,
    makeup_days: RwSignal<String>,
}

impl Fields {
    fn of(calendar: &Calendar) -> Self {
        Self {
            hours: RwSignal::new(hours_text(&calendar.hours)),
            holidays: RwSignal::new(dates_text(&calendar.holidays)),
            makeup_days: RwSignal::new(dates_text(&calendar.makeup_days)),
        }
    }

    /// `Err` with the piece that is not understood; empty where all of it is, but nobody can work by it.
    fn calendar(&self) -> Result<Calendar, String> {
        let calendar = Calendar {
            hours: hours(&self.hours.get())?,
            holidays: dates(&self.holidays.get())?,
            makeup_days: dates(&self.makeup_days.get())?,
        };
        if calendar.is_sensible() { Ok(calendar) } else { Err(String::new()) }
    }
}

fn sheet(ui: Ui, open: RwSignal<bool>, known: &Calendar) -> AnyView {
    let t = ui.t;
    let fields = Fields::of(known);
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let lack = key(move || match fields.calendar() {
        Ok(_) => String::new(),
        Err(piece) if piece.is_empty() => t.calendar_not_sensible.into(),
        Err(piece) => fill(t.calendar_not_understood, &[&piece]),
    });
    let save = submitted(move || {
        let Ok(wish) = untrack(|| fields.calendar()) else { return };
        busy.set(true);
        spawn_local(async move {
            match ui.client.post::<_, Calendar>("/api/admin/calendar", &wish).await {
                Ok(calendar) => {
                    ui.client.calendar_is(calendar).await;
                    open.try_set(false);
                    ui.say(t.saved_office);
                }
                Err(why) => drop(error.try_set(call_error(t, &why))),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || {
        let why = lack.get() + &error.get();
        (!why.is_empty()).then(|| failed(why, "calendar-error"))
    });
    let off = flag(move || lack.with(|lack| !lack.is_empty()));
    let form = view! {
        <form class="action-form" on:submit=save>
            {line(t.work_hours, fields.hours.into(), "8:30-12:00, 14:00-18:00", "100", "work-hours")}
            {words_field(t.holidays, fields.holidays.into(), None, t.dates_hint, "holidays")}
            {words_field(t.makeup_days, fields.makeup_days.into(), None, t.dates_hint, "makeup-days")} {why}
            {submit(ui, "primary wide", "save-calendar", t.save.into(), busy.into(), off)}
        </form>
    };
    dialog(ui, t.calendar, Callback::new(move |()| open.set(false)), form.into_any())
}

fn hours_text(hours: &[(u16, u16)]) -> String {
    let clock = |minutes: u16| format!("{}:{:02}", minutes / 60, minutes % 60);
    let spans = hours.iter().map(|(from, to)| format!("{}-{}", clock(*from), clock(*to)));
    spans.collect::<Vec<_>>().join(", ")
}

/// `8:30-12:00, 14:00-18:00`, as people type it: also with the long dash, the wide colon and the wide comma.
fn hours(text: &str) -> Result<Vec<(u16, u16)>, String> {
    let plain = text.replace('：', ":").replace(['–', '—', '~', '至'], "-").replace(['，', '、', ';', '；'], ",");
    let pieces = plain.split(',').map(str::trim).filter(|piece| !piece.is_empty());
    pieces.map(|piece| span(piece).ok_or_else(|| piece.to_string())).collect()
}

fn span(piece: &str) -> Option<(u16, u16)> {
    let (from, to) = piece.split_once('-')?;
    Some((minutes(from)?, minutes(to)?))
}

fn minutes(clock: &str) -> Option<u16> {
    let (hour, minute) = clock.trim().split_once(':')?;
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
}

/// One line for each run of days.
fn dates_text(dates: &BTreeSet<Date>) -> String {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for date in dates {
        match runs.last_mut() {
            Some((_, last)) if last.next() == *date => *last = *date,
            _ => runs.push((*date, *date)),
        }
    }
    let run = |(first, last): (Date, Date)| match first == last {
        true => first.to_string(),
        false => format!("{first} ~ {last}"),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join("\n")
}

/// Days and runs of days (`2026-10-01 ~ 2026-10-07`), one a line or with commas between.
fn dates(text: &str) -> Result<BTreeSet<Date>, String> {
    let mut dates = BTreeSet::new();
    for piece in text.split([',', '，', '、', '\n']).map(str::trim).filter(|piece| !piece.is_empty()) {
        let (first, last) = piece.split_once(['~', '至']).unwrap_or((piece, piece));
        let run = first.trim().parse::<Date>().ok().zip(last.trim().parse::<Date>().ok());
        // A year at most: a slip of the pen must not fill the calendar.
        let (first, last) = run.filter(|(first, last)| (0..=366).contains(&(last.0 - first.0))).ok_or(piece)?;
        dates.extend((first.0..=last.0).map(Date));
    }
    Ok(dates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_hours_are_understood_as_people_type_them() {
        let usual = Calendar::default().hours;
        assert_eq!(hours(&hours_text(&usual)), Ok(usual.clone()));
        assert_eq!(hours("8：30—12：00，14:00 至 18:00"), Ok(usual));
        assert_eq!(hours("8:30-12:00, 14"), Err("14".into()));
        assert_eq!(hours("8:30-25:00"), Err("8:30-25:00".into()));
    }

    #[test]
    fn days_off_are_read_back_as_the_runs_that_they_are() {
        let text = "2026-10-01 ~ 2026-10-07\n2027-01-01";
        let days = dates(text).unwrap();
        assert_eq!((days.len(), dates_text(&days).as_str()), (8, text));
        assert_eq!(dates("2026-02-30"), Err("2026-02-30".into()));
        assert_eq!(dates("2026-10-07 ~ 2026-10-01").map(|days| days.len()), Err("2026-10-07 ~ 2026-10-01".into()));
    }
}

//! The weekly 督办 list: made and numbered, by whoever has to act, and as a notice (督办单) to print and hand over, with photos.

mod notices;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Notice, Previous, WEEKLY_HEADS, Weekly, WeeklyEntry, WeeklyHead, WeeklyUnit};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::behind::Became;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::time::DAY;

use super::behind::{WHOLE, became_address, figure, filled, listed, unknown};
use super::fetched::Fetched;
use super::paper::{Five, pair, print_button};
use super::said::{address, list_address};
use super::{call_error, head};
use crate::components::Ui;
use crate::components::dialog::confirm;
use crate::components::fields::button;
use crate::components::lean::{all, follow, given, maybe, nothing};
use crate::components::link::{link, steered};
use crate::components::marks::state_chip;
use crate::components::table::{card, dated, row_of, table};
use crate::format;
use crate::texts::fill;

/// Lists on one page: as many as a year has weeks.
const SHOWN: usize = WEEKLY_HEADS - 1;
/// A list is numbered and kept: one that was made so short a time ago is hardly meant to be made again.
const LATELY: i64 = 3 * DAY;

pub fn weekly(ui: Ui) -> AnyView {
    let address = ui.address.get_untracked();
    let mut parts = address.trim_start_matches("/weekly").split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => lists(ui),
        (Some(number), None, _) => list(ui, number),
        (Some(number), Some(WHOLE), None) => notices::notices(ui, number),
        (Some(number), Some(person), None) => notice(ui, number, person),
        (Some(number), Some(person), Some(became)) => Became::from_code(became)
            .map_or_else(|| unknown(ui, ui.t.weekly), |became| listed(ui, number, person, became)),
    }
}

/// The number before which the lists are shown; empty for the latest ones.
fn before(query: &str) -> String {
    value_of(query, "before").unwrap_or_default()
}

fn before_query(before: &str) -> String {
    if before.is_empty() { String::new() } else { format!("before={before}") }
}

fn lists(ui: Ui) -> AnyView {
    let t = ui.t;
    let lists = Fetched::<Vec<WeeklyHead>>::new();
    let from = steered(ui, "/weekly", before, |from: &String| before_query(from));
    follow(move || {
        ui.client.news.track();
        lists.ask(ui, address("/api/weekly", &from.with(|from| before_query(from))));
    });
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(None::<WeeklyHead>);
    let make = move || {
        asking.set(None);
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(async move {
                match ui.client.post::<_, WeeklyHead>("/api/weekly", &()).await {
                    Ok(head) => ui.go(&format!("/weekly/{}", head.number), false),
                    Err(error) => ui.warn(call_error(t, &error)),
                }
                busy.try_set(false);
            });
        }
    };
    let may = ui.me().is_some_and(|me| may(&me, Right::KeepBooks));
    let ask = move || {
        spawn_local(async move {
            // Not what this page shows: that may be earlier lists, or those before somebody else made one.
            let made = ui.client.get::<Vec<WeeklyHead>>("/api/weekly").await;
            let last = match made {
                Ok(made) => made.into_iter().next(),
                Err(error) => return ui.warn(call_error(t, &error)),
            };
            match last.filter(|head| ui.client.now() - head.made_at < LATELY) {
                Some(head) => drop(asking.try_set(Some(head))),
                None => make(),
            }
        });
    };
    let question = maybe(move || {
        let WeeklyHead { number, made_at, .. } = asking.get()?;
        let words = fill(t.make_weekly_again, &[&number, &ui.when(made_at)]);
        Some(confirm(ui, t.make_weekly, words, t.make_weekly, make, Callback::new(move |()| asking.set(None))))
    });
    let make = given(may.then(|| button("primary", "make-weekly", t.make_weekly, ask)));
    let pressing = list_address(&Filter { pressing: true, ..Filter::default() });
    let now = link(ui, pressing, "button plain", "pressing-now".into(), t.pressing_now.into_any());
    let shown = lists.shown(ui, move |lists| {
        if lists.is_empty() {
            let words = if from.with(String::is_empty) { t.no_weekly } else { t.no_earlier_lists };
            return view! { <p class="empty" data-testid="no-weekly">{words}</p> }.into_any();
        }
        // One more than is shown: whether there are earlier ones.
        let last = lists.get(SHOWN - 1).filter(|_| lists.len() > SHOWN).map(|head| head.number.clone());
        let earlier = last.map(|last| {
            link(ui, format!("/weekly?before={last}"), "button plain", "earlier".into(), t.earlier_lists.into_any())
        });
        let heads = [t.weekly_number, t.made_at, t.made_by, t.entries, t.ended_since];
        let rows = lists.into_iter().take(SHOWN).map(|head| {
            let address = format!("/weekly/{}", head.number);
            let entries = figure(ui, head.entries, address.clone());
            let ended = figure(ui, head.ended, became_address(&head.number, None, Became::Ended));
            let name = link(ui, address, "", format!("weekly-{}", head.number), head.number.clone().into_any());
            let by = ui.person(head.made_by);
            card(String::new(), &heads, name, vec![ui.when(head.made_at).into_any(), by.into_any(), entries, ended])
        });
        let table = dated(t.weekly, &heads, all(rows));
        all([table, given(earlier)])
    });
    let buttons = view! { <div class="buttons">{make} {now}</div> }.into_any();
    let about = view! { <p class="prose">{t.weekly_about}</p> }.into_any();
    all([head(ui, t.weekly, true, nothing()), about, buttons, shown, question])
}

fn list(ui: Ui, number: &str) -> AnyView {
    let t = ui.t;
    let list = Fetched::<Weekly>::new();
    let path = format!("/api/weekly/{number}");
    follow(move || {
        ui.client.news.track();
        list.ask(ui, path.clone());
    });
    let shown = list.shown(ui, move |Weekly { head, previous, units, told }| {
        let ended = figure(ui, head.ended, became_address(&head.number, None, Became::Ended));
        let [made_at, by] = [ui.when(head.made_at), ui.person(head.made_by)].map(IntoAny::into_any);
        let words = if told { t.weekly_made_told } else { t.weekly_made };
        let made = filled(words, [made_at, by, head.entries.to_string().into_any(), ended]);
        let number = head.number;
        let rows = units.into_iter().map(|WeeklyUnit { person, entries, ended }| {
            let code = person.map_or(0, |person| person.0);
            let address = format!("/weekly/{number}/{code}");
            let name = unit_name(ui, code);
            let listed = figure(ui, entries, address.clone());
            let name = link(ui, address, "", format!("unit-{code}"), name.into_any());
            let of = code.to_string();
            let counts = [(ended, Became::Ended), (entries - ended, Became::Left)];
            let [ended, open] = counts.map(|(count, it)| figure(ui, count, became_address(&number, Some(&of), it)));
            row_of(name, [listed, ended, open])
        });
        let rows: Vec<AnyView> = rows.collect();
        let table = if rows.is_empty() {
            view! { <p class="empty">{t.nothing_pressing}</p> }.into_any()
        } else {
            let [ended, open] = if told { [t.ended_by_next, t.still_open_then] } else { [t.ended_since, t.still_open] };
            table(t.weekly, &[t.assignee, t.entries, ended, open], all(rows))
        };
        let became = given(previous.map(|previous| became(ui, &previous, None)));
        view! { <p class="prose" data-testid="weekly-made">{made}</p> {became} {table} }.into_any()
    });
    let printed =
        link(ui, format!("/weekly/{number}/{WHOLE}"), "button plain", "all-notices".into(), t.notices.into_any());
    all([head(ui, &fill(t.weekly_n, &[&number]), true, printed), shown])
}

/// `of` is the person whose part of the list a notice is, or nobody for the whole.
fn became(ui: Ui, previous: &Previous, of: Option<&str>) -> AnyView {
    let Previous { number, struck, handed_in, open, void } = previous;
    let list = format!("/weekly/{number}{}", of.map(|person| format!("/{person}")).unwrap_or_default());
    let name = link(ui, list.clone(), "", String::new(), number.clone().into_any());
    let to = |count: &u64, it| figure(ui, *count, became_address(number, of, it));
    let [struck, handed_in] = [to(struck, Became::Struck), to(handed_in, Became::HandedIn)];
    let [open, void] = [to(open, Became::Unsettled), to(void, Became::Void)];
    let entries = figure(ui, previous.entries(), list);
    let words = filled(ui.t.previous_list, [name, entries, struck, handed_in, open, void]);
    view! { <p class="prose" data-testid="weekly-previous">{words}</p> }.into_any()
}

/// Whose part of a list it is; of 0, nobody's yet.
fn unit_name(ui: Ui, person: u32) -> String {
    if person == 0 { ui.t.nobody_yet.into() } else { ui.person(PersonId(person)) }
}

fn notice(ui: Ui, number: &str, person: &str) -> AnyView {
    let t = ui.t;
    // Asked once, whatever comes in meanwhile: it is a sheet of paper.
    let notice = Fetched::<Notice>::new();
    notice.ask(ui, format!("/api/weekly/{number}/{person}"));
    let unit = unit_name(ui, person.parse().unwrap_or_default());
    let title = fill(t.notice_of, &[&unit]);
    let print = print_button(ui, ".notice-sheet");
    let person = person.to_string();
    let shown = notice.shown(ui, move |notice| sheet(ui, &unit, &person, notice));
    all([head(ui, &title, true, print), shown])
}

/// In the order of a notice: issue, place, responsible unit, what is asked, deadline; then what became of it.
fn sheet(
    ui: Ui,
    unit: &str,
    person: &str,
    Notice { head, previous, total, entries, became: fates, .. }: Notice,
) -> AnyView {
    let t = ui.t;
    let office = ui.client.office.with_untracked(|office| office.as_ref().map(|office| office.name.clone()));
    let count = fill(t.notice_text, &[&unit, &total]);
    let made = fill(t.notice_made, &[&head.number, &format::on_paper(t, head.made_at)]);
    let previous = previous.filter(|it| it.entries() > 0);
    let became = given(previous.map(|previous| became(ui, &previous, Some(person))));
    let cut = (total > entries.len() as u64).then(|| {
        let words = fill(t.notice_cut, &[&entries.len(), &total]);
        view! { <p data-testid="notice-cut">{words}</p> }.into_any()
    });
    // A list of before is printed with what had become of it when the next one was made.
    let is = |entry: &WeeklyEntry| fates.get(&entry.now.id).copied().unwrap_or(entry.now.state);
    let rows = entries.into_iter().map(|entry| entry_row(ui, (unit, person), &head.number, is(&entry), entry));
    view! {
        <article class="notice-sheet" data-testid="notice">
            <h2>{office.unwrap_or_default()} " " {t.notice}</h2>
            <p class="dim">{made}</p>
            {became}
            <p>{count}</p>
            {given(cut)}
            <ol class="notice-entries">{all(rows)}</ol>
            <p class="signing">{t.notice_signing}</p>
        </article>
    }
    .into_any()
}

/// The one whose notice it is, and who shares the responsibility (包保) with him.
fn responsible(ui: Ui, (unit, person): (&str, &str), now: &Summary) -> String {
    let shares = now.responsible.iter().filter(|other| other.to_string() != person).map(|other| ui.person(*other));
    ui.join(std::iter::once(unit.to_owned()).chain(shares))
}

fn entry_row(ui: Ui, whose: (&str, &str), list: &str, is: State, entry: WeeklyEntry) -> AnyView {
    let t = ui.t;
    let WeeklyEntry { position, state, due, supervision, now, times, demand, press, before, after, reply, .. } = entry;
    let number = now.number.clone().unwrap_or_default();
    let (kind, place_type) = (now.kind, now.place_type);
    let description = if entry.description.is_empty() { now.description.clone() } else { entry.description };
    let (place, responsible) = (ui.place(now.zone, &[&now.address]), responsible(ui, whose, &now));
    let five = Five { kind, place_type, description, place, responsible, demand, due };
    // Pressed when the list was made, or since.
    let level = now.supervision.or(supervision).map(|level| t.level(level).to_string());
    let pressed = level.into_iter().chain(press.iter().map(|press| press.number.clone()));
    let shared = press.as_ref().filter(|press| press.shared).map(|_| t.number_shared.to_string());
    let pressed = pressed.chain(shared).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ");
    let press_due = press.and_then(|press| press.due).map(|due| format::on_paper(t, due)).unwrap_or_default();
    let reply = reply.map(|reply| {
        let at = format::on_paper(t, reply.at);
        fill(t.reply_by, &[&reply.text, &ui.person(reply.by), &at])
    });
    let further = [
        (t.supervised, pressed),
        (t.reason_label(Action::Supervise), entry.pressed_for),
        (t.press_due, press_due),
        (t.was_then, t.state(state).into()),
        (t.times_listed, fill(t.nth_time, &[&times])),
        (t.press_reply, reply.unwrap_or_default()),
    ];
    let facts = crate::components::facts(five.facts(ui).into_iter().chain(further));
    let title = link(ui, format!("/issues/{}", now.id), "", String::new(), ui.kind(now.kind).into_any());
    view! {
        <li>
            <div>
                <h3>{format!("{list}-{position:02} ")} {title} " " {state_chip(ui, is)}</h3>
                <p class="dim">{number}</p>
                <dl>{facts}</dl>
            </div>
            {pair(ui, [before, after])}
        </li>
    }
    .into_any()
}

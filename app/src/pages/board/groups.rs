//! Counts by zone, person, kind or place type; each number is the address of the list that it counts.

use leptos::prelude::*;
use xiaohao_shared::api::{Group, Tally};
use xiaohao_shared::model::filter::{Filter, Grouping};
use xiaohao_shared::model::workflow::State;

use super::Desk;
use crate::components::Ui;
use crate::components::lean::{all, follow, given};
use crate::components::link::link;
use crate::components::table::column_head;
use crate::pages::fetched::Fetched;
use crate::pages::said::{group, list_address};
use crate::texts::fill;

pub fn groups(ui: Ui, desk: Desk, by: Grouping) -> AnyView {
    let tally = Fetched::<Tally>::new();
    follow(move || {
        ui.client.news.track();
        ui.client.online.track();
        tally.ask(ui, format!("/api/tally?{}&by={}", desk.filter.get().query(), by.code()));
    });
    tally.shown(ui, move |tally| table(ui, &desk.filter.get_untracked(), by, tally))
}

/// A column of the table: its words, what it counts of a group, and the list of that.
struct Column {
    name: &'static str,
    count: fn(&Group) -> u64,
    narrow: fn(&mut Filter),
}

fn columns(ui: Ui) -> [Column; 5] {
    let t = ui.t;
    [
        Column { name: t.state_open, count: |group| of(group, State::is_open), narrow: |filter| filter.open = true },
        Column { name: t.group_overdue, count: |group| group.overdue, narrow: |filter| filter.overdue = true },
        Column {
            name: t.state(State::ToCheck),
            count: |group| of(group, |state| state == State::ToCheck),
            narrow: |filter| filter.states = [State::ToCheck].into(),
        },
        Column {
            name: t.state(State::Closed),
            count: |group| of(group, |state| state == State::Closed),
            narrow: |filter| filter.states = [State::Closed].into(),
        },
        Column { name: t.group_total, count: |group| of(group, |_| true), narrow: |_| {} },
    ]
}

fn of(group: &Group, counts: impl Fn(State) -> bool) -> u64 {
    group.counts.iter().filter(|(state, _)| counts(*state)).map(|(_, count)| count).sum()
}

fn table(ui: Ui, filter: &Filter, by: Grouping, tally: Tally) -> AnyView {
    let t = ui.t;
    if tally.groups.is_empty() {
        return view! { <p class="empty" data-testid="no-groups">{t.nothing_matches}</p> }.into_any();
    }
    let mut groups = tally.groups;
    groups.sort_by_key(|group| std::cmp::Reverse((of(group, State::is_open), of(group, |_| true))));
    let heads = std::iter::once(name_of(ui, by)).chain(columns(ui).into_iter().map(|column| column.name));
    let rows = groups.into_iter().map(|group| row(ui, filter, by, &group));
    let shared = (by == Grouping::Person).then(|| t.person_counts.to_string());
    let caption: Vec<String> = std::iter::once(fill(t.rows_n, &[&tally.total])).chain(shared).collect();
    view! {
        <div class="sheet" role="region" tabindex="0" aria-label=name_of(ui, by)>
            <table class="counts" data-testid="groups">
                <caption>{caption.join(" · ")}</caption>
                <thead>
                    <tr>{all(heads.map(column_head))}</tr>
                </thead>
                <tbody>{all(rows)}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(ui: Ui, filter: &Filter, by: Grouping, of: &Group) -> AnyView {
    let list = filter.within(by, &of.key);
    // Of those who have an issue in charge together a list names one.
    let is_shared = by == Grouping::Person && filter.assignee.is_some() && list.assignee != filter.assignee;
    let cells = columns(ui).into_iter().map(|column| {
        let (count, mut list) = ((column.count)(of), list.clone());
        (column.narrow)(&mut list);
        let words = count.to_string().into_any();
        let content =
            if count > 0 && !is_shared { link(ui, list_address(&list), "", String::new(), words) } else { words };
        view! { <td data-name=column.name>{content}</td> }.into_any()
    });
    let testid = format!("group-{}", of.key);
    let borne = list.zones.first().filter(|_| by == Grouping::Zone).map(|zone| ui.bearers(*zone)).unwrap_or_default();
    let borne = (!borne.is_empty()).then(|| view! { <small class="dim">{borne}</small> }.into_any());
    view! {
        <tr data-testid=testid>
            <th scope="row">{group(ui, by, &of.key)} {given(borne)}</th>
            {all(cells)}
        </tr>
    }
    .into_any()
}

pub fn name_of(ui: Ui, by: Grouping) -> &'static str {
    let t = ui.t;
    match by {
        Grouping::State => t.state_label,
        Grouping::Zone => t.zone,
        Grouping::Person => t.assignee,
        Grouping::Kind => t.kind_label,
        Grouping::PlaceType => t.place_type_label,
    }
}

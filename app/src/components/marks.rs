//! Small marks that stand beside an issue: its state, its deadline, and what has become of the person's own work.

use leptos::prelude::*;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::icon::{Icon, icon};
use super::lean::{all, given, maybe, shown};
use crate::client::Mark;
use crate::format::Pressure;
use crate::texts::Texts;

pub fn state_chip(ui: Ui, state: State) -> AnyView {
    view! { <span class=format!("chip state-{}", state.code())>{ui.t.state(state)}</span> }.into_any()
}

/// How a deadline is said, which on a card is brief.
pub type Said = fn(&Texts, Timestamp, Timestamp) -> String;

/// Nothing where there is no deadline, or where the clock does not run any more.
pub fn due_mark(ui: Ui, due: Option<Timestamp>, state: State, said: Said) -> AnyView {
    let due = due.filter(|_| state.clock_runs());
    let mark = move |due: Timestamp| {
        let now = ui.now.get();
        let class = Pressure::of(due, now).class();
        view! { <span class=class>{icon(Icon::Clock)} <span>{said(ui.t, due, now)}</span></span> }.into_any()
    };
    given(due.map(|due| shown(move || mark(due))))
}

/// The truth about what the office has of an issue. In lists, what the office has is the usual case and needs no word.
pub fn save_mark(ui: Ui, issue: IssueId, always: bool) -> AnyView {
    maybe(move || {
        let t = ui.t;
        let (sign, words, class) = match ui.client.issue_mark(issue) {
            Mark::SavedHere => (Icon::Phone, t.mark_here, "mark here"),
            Mark::OnTheWay => (Icon::Upload, t.mark_sending, "mark sending"),
            Mark::PhotosHere => (Icon::Camera, t.mark_photos_here, "mark here"),
            Mark::OfficeHasIt if !always => return None,
            Mark::OfficeHasIt => (Icon::Office, t.mark_office, "mark office"),
            Mark::Held => (Icon::Clock, t.mark_held, "mark here"),
            Mark::Refused => (Icon::Warning, t.mark_refused, "mark refused"),
        };
        let mark = view! { <span class=class data-testid="status-mark">{icon(sign)} <span>{words}</span></span> };
        Some(mark.into_any())
    })
}

/// 督办, 重点, 待裁决 and what was asked for: words, because a colour alone says nothing in the sun.
pub fn flags(ui: Ui, row: &Summary) -> AnyView {
    let t = ui.t;
    let flags = [
        (row.undecided, "flag undecided", t.undecided),
        (row.supervision.is_some(), "flag pressed", t.supervised_flag),
        (row.priority, "flag priority", t.priority),
        (row.asked, "flag asked", t.asked),
    ];
    let flags = flags.into_iter().filter(|(on, ..)| *on);
    all(flags.map(|(_, class, text)| view! { <b class=class>{text}</b> }.into_any()))
}

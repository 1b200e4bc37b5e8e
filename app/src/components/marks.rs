//! Small marks that stand beside an issue: its state, its deadline, and what has become of the person's own work.

use leptos::prelude::*;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::State;
use xiaohao_shared::time::Timestamp;

use super::icon::{Icon, icon};
use super::use_ui;
use crate::client::Mark;
use crate::format::{Pressure, deadline};

#[component]
pub fn StateChip(state: State) -> impl IntoView {
    let ui = use_ui();
    view! { <span class=format!("chip state-{}", state.code())>{ui.t.state(state)}</span> }
}

/// Nothing where there is no deadline, or where the clock does not run any more.
#[component]
pub fn Due(due: Option<Timestamp>, state: State) -> impl IntoView {
    let ui = use_ui();
    let due = due.filter(|_| state.clock_runs());
    due.map(|due| {
        let class = move || Pressure::of(due, ui.now.get()).class();
        view! {
            <span class=class>
                {icon(Icon::Clock)} <span>{move || deadline(ui.t, due, ui.now.get())}</span>
            </span>
        }
    })
}

/// The truth about what the office has of it.
#[component]
pub fn SaveMark(#[prop(into)] mark: Signal<Mark>) -> impl IntoView {
    let ui = use_ui();
    let face = move || match mark.get() {
        Mark::SavedHere => (Icon::Phone, ui.t.mark_here, "mark here"),
        Mark::OnTheWay => (Icon::Upload, ui.t.mark_sending, "mark sending"),
        Mark::OfficeHasIt => (Icon::Office, ui.t.mark_office, "mark office"),
        Mark::Refused => (Icon::Warning, ui.t.mark_refused, "mark refused"),
    };
    view! {
        <span class=move || face().2 data-testid="status-mark">
            {move || icon(face().0)}
            <span>{move || face().1}</span>
        </span>
    }
}

/// 督办, 重点, 待裁决 and what was asked for: words, because a colour alone says nothing in the sun.
#[component]
pub fn Flags(row: Summary) -> impl IntoView {
    let t = use_ui().t;
    let flag = |on: bool, class: &'static str, text: &'static str| on.then(|| view! { <b class=class>{text}</b> });
    view! {
        {flag(row.undecided, "flag undecided", t.undecided)}
        {flag(row.supervision.is_some(), "flag pressed", t.supervised)}
        {flag(row.priority, "flag priority", t.priority)}
        {flag(row.asked, "flag asked", t.asked)}
    }
}

//! One issue as a card, made of its summary row alone: in lists and on the board.

use leptos::prelude::*;
use xiaohao_shared::model::summary::Summary;

use super::Ui;
use super::lean::{given, words};
use super::link::link;
use super::marks::{due_mark, flags, save_mark, state_chip};
use super::photos::picture;
use crate::format;

/// The face of a row in the lists. `distance` in metres where the person asked for it.
pub fn card(ui: Ui, row: Summary, distance: Option<f64>) -> AnyView {
    let away = distance.map(|metres| format!("{} · ", format::distance(ui.t, metres))).unwrap_or_default();
    let (id, touched) = (row.id, row.touched_at);
    let quiet = row.due.is_none() || !row.state.clock_runs();
    let age = move || words(move || format::ago(ui.t, touched, ui.now.get()));
    let age = quiet.then(|| view! { <span class="dim">{age()}</span> }.into_any());
    let content = view! {
        {picture(ui, row.thumb, row.photos)}
        <div class="card-body">
            <strong class="line">{ui.kind(row.kind)}</strong>
            <p class="line">{row.description.clone()}</p>
            <p class="line dim">{away} {ui.place(row.zone, &[&row.address])}</p>
        </div>
        <p class="card-foot">
            {state_chip(ui, row.state)} {due_mark(ui, row.due, row.state, format::deadline_brief)} {given(age)} {flags(ui, &row)}
            {save_mark(ui, id, false)}
        </p>
    };
    link(ui, format!("/issues/{id}"), "card", format!("issue-{id}"), content.into_any())
}

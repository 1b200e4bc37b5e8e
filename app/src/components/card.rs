//! One issue as a card, made of its summary row alone: in lists and on the board.

use leptos::prelude::*;
use leptos_router::components::A;
use xiaohao_shared::model::summary::Summary;

use super::marks::{Due, Flags, SaveMark, StateChip};
use super::photos::Picture;
use super::use_ui;
use crate::client::Mark;
use crate::format;

/// The face of a row in the lists. `distance` in metres where the person asked for it.
#[component]
pub fn Card(row: Summary, #[prop(into)] mark: Signal<Mark>, distance: Option<f64>) -> impl IntoView {
    let ui = use_ui();
    let title = row.description.clone();
    let place = [ui.zone(row.zone), row.address.clone()].into_iter().filter(|part| !part.is_empty());
    let place = place.collect::<Vec<_>>().join(" · ");
    let (id, thumb, photos, due, state) = (row.id, row.thumb, row.photos, row.due, row.state);
    let kind = ui.t.kind(row.kind);
    // What the office has is the usual case and needs no word on every card.
    let quiet = due.is_none() || !state.clock_runs();
    let touched = row.touched_at;
    let age = quiet.then(|| view! { <span class="dim">{move || format::ago(ui.t, touched, ui.now.get())}</span> });
    let unsure = move || mark.get() != Mark::OfficeHasIt;
    view! {
        <A href=format!("/issues/{id}") attr:class="card" attr:data-testid=format!("issue-{id}")>
            <Picture id=thumb count=photos />
            <div class="card-body">
                <div class="card-head">
                    <strong>{kind}</strong>
                    <StateChip state />
                </div>
                <p class="line">{title}</p>
                <p class="line dim">
                    {distance.map(|metres| format!("{} · ", format::distance(ui.t, metres)))} {place}
                </p>
                <p class="card-foot">
                    <Due due state />
                    {age} <Flags row />
                    {move || unsure().then(|| view! { <SaveMark mark /> })}
                </p>
            </div>
        </A>
    }
}

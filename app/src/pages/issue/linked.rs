//! What belongs to an issue and stands in other documents: duplicates that were merged into it, with their photos and what was said
//! there, and reports that it has come back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::IssuePage;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Role;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::summary::Summary;

use crate::client::IssueView;
use crate::components::Ui;
use crate::components::lean::{all, each, follow, given, item, maybe};
use crate::components::link::link;
use crate::components::photos::{Shots, before_after};
use crate::components::timeline::timeline;
use crate::pages::fetched::Fetched;

pub(super) fn linked(ui: Ui, id: IssueId) -> AnyView {
    let filter = Filter { linked: Some(id), ..Filter::default() };
    let office = Fetched::<IssuePage>::new();
    // A cadre has the rows of his zones on the phone; who walks the whole office may hold only what he opened.
    if ui.me().is_some_and(|me| me.role != Role::Cadre) {
        office.ask(ui, format!("/api/issues?{}", filter.query()));
    }
    let items = move || {
        let here: Vec<Summary> = ui
            .client
            .rows
            .with(|rows| rows.iter().filter(|row| filter.matches(row, ui.client.now())).cloned().collect());
        let far = office.get().map(|page| page.rows).unwrap_or_default().into_iter();
        let far: Vec<_> = far.filter(|row| here.iter().all(|known| known.id != row.id)).collect();
        here.into_iter().chain(far).map(|row| item(row.id, move || one(ui, id, row))).collect()
    };
    view! { <div class="linked">{each(items)}</div> }.into_any()
}

fn one(ui: Ui, id: IssueId, row: Summary) -> AnyView {
    let t = ui.t;
    let merged = row.merged_into == Some(id);
    let name = format!("{} {} {}", row.number.unwrap_or_default(), ui.kind(row.kind), row.address);
    let link = link(ui, format!("/issues/{}", row.id), "row-link", "linked-issue".into(), name.into_any());
    view! {
        <section class="panel" data-testid="linked">
            <h2>{if merged { t.merged_here } else { t.came_back }}</h2>
            <p>{link}</p>
            {given(merged.then(|| told(ui, row.id)))}
        </section>
    }
    .into_any()
}

/// What the other document says, once it is here.
fn told(ui: Ui, id: IssueId) -> AnyView {
    let view = RwSignal::new(None::<IssueView>);
    follow(move || {
        ui.client.rows.track();
        spawn_local(async move {
            match ui.client.read(id).await {
                None => ui.client.want(id),
                // The same again must not redraw what somebody reads.
                found if view.try_with_untracked(|known| *known != found) == Some(true) => drop(view.try_set(found)),
                _ => {}
            }
        });
    });
    maybe(move || {
        let issue = view.get()?.issue;
        let mut shots: Shots = issue.photos.clone().into_iter().collect();
        shots.sort_by_key(|(_, photo)| photo.taken_at);
        let description = (!issue.description.is_empty())
            .then(|| view! { <p class="description">{issue.description.clone()}</p> }.into_any());
        Some(all([given(description), before_after(ui, shots), timeline(ui, &issue.steps, &issue.remarks)]))
    })
}

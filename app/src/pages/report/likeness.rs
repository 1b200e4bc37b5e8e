//! What is on the books already, while a report is written: the same problem, to which photos and words can go instead, and what was
//! struck off here and has come back. Made of this phone's own rows, and in nobody's way.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::likeness::RECURRENCE_DAYS;
use xiaohao_shared::model::summary::Summary;

use super::draft::{Draft, Form};
use crate::components::Ui;
use crate::components::fields::{button, tick};
use crate::components::lean::{all, each, given, item, key, maybe};
use crate::components::link::link;
use crate::components::marks::state_chip;
use crate::components::photos::picture;
use crate::format;
use crate::pages::{apply, sign};
use crate::texts::fill;

pub(super) fn likeness(ui: Ui, form: Form) -> AnyView {
    let same = move || {
        let spot = form.draft.with(Draft::spot);
        let found = ui.client.rows.with(|rows| -> Vec<Summary> {
            spot.map(|spot| spot.same(rows).into_iter().cloned().collect()).unwrap_or_default()
        });
        let own = form.draft.with(|draft| draft.issue);
        found.into_iter().filter(move |row| row.id != own).collect::<Vec<_>>()
    };
    let offers = each(move || same().into_iter().map(|row| item(row.id, move || offer(ui, form, row))).collect());
    let any = key(move || (!same().is_empty()).to_string());
    let head = maybe(move || {
        let head = view! {
            <h2>{ui.t.same_title}</h2>
            <p class="hint">{ui.t.same_text}</p>
        };
        (any.get() == "true").then(|| head.into_any())
    });
    view! { <div class="likeness" role="status">{head} {offers} {back(ui, form)}</div> }.into_any()
}

fn offer(ui: Ui, form: Form, row: Summary) -> AnyView {
    let (id, said) = (row.id, row.description.clone());
    let name = format!("{} {}", ui.kind(row.kind), row.address);
    let said = given((!said.is_empty()).then(|| view! { <p class="line">{said}</p> }.into_any()));
    let age = format::ago(ui.t, row.reported_at, ui.client.now());
    let add = button("plain", "same-add", ui.t.same_add, move || {
        // Nothing is lost: a photo that is still being shrunk would not be among them.
        if let Some(me) = ui.me().filter(|_| form.camera.busy.get_untracked() == 0 && form.loaded.get_untracked()) {
            form.loaded.set(false);
            spawn_local(add_there(ui, form, me, id));
        }
    });
    view! {
        <section class="panel offer" data-testid="same">
            {picture(ui, row.thumb, row.photos)}
            <div>
                <p>
                    {link(ui, format!("/issues/{id}"), "row-link", String::new(), name.into_any())} " "
                    {state_chip(ui, row.state)} <span class="dim">" "{age}</span>
                </p>
                {said} {add}
            </div>
        </section>
    }
    .into_any()
}

/// The draft goes to the issue that is there, and is gone only once that is durable.
async fn add_there(ui: Ui, form: Form, me: Person, id: IssueId) {
    let draft = untrack(|| form.whole());
    let saved = match ui.client.read(id).await {
        Some(view) => apply(ui, &me, &view, draft.addition(&view.issue, sign(ui, &me), ui.t.still_there)).await,
        None => Err(ui.t.issue_absent.to_string()),
    };
    match saved {
        Ok(()) => {
            ui.say(ui.t.same_added);
            ui.client.drop_draft().await;
            ui.go(&format!("/issues/{id}"), true);
        }
        Err(why) => {
            ui.warn(why);
            form.loaded.try_set(true);
        }
    }
}

/// The issue that has come back here, unless whoever reports says otherwise.
pub(super) fn come_back(ui: Ui, draft: &Draft) -> Option<Summary> {
    found_back(ui, draft).filter(|row| !draft.fresh && row.id != draft.issue)
}

fn found_back(ui: Ui, draft: &Draft) -> Option<Summary> {
    let office = ui.client.office.get_untracked();
    let days = office.map_or(RECURRENCE_DAYS, |office| office.recurrence_days);
    let spot = draft.spot()?;
    ui.client.rows.with_untracked(|rows| spot.recurs(rows, ui.client.now(), days).cloned())
}

fn back(ui: Ui, form: Form) -> AnyView {
    let found = move || {
        ui.client.rows.track();
        form.draft.with(|draft| found_back(ui, draft).filter(|row| row.id != draft.issue))
    };
    let which = key(move || found().map(|row| row.id.to_string()).unwrap_or_default());
    maybe(move || {
        let row = Some(which.get()).filter(|id| !id.is_empty()).and_then(|_| untrack(found))?;
        let at = row.closed_at.map(|at| ui.when(at)).unwrap_or_default();
        let tick = tick(
            &fill(ui.t.recurs_tick, &[&at]),
            move || form.draft.with(|draft| !draft.fresh),
            move |on| form.draft.update(|draft| draft.fresh = !on),
            "recurs",
        );
        let open = ui.t.open_issue.into_any();
        Some(all([tick, link(ui, format!("/issues/{}", row.id), "row-link", String::new(), open)]))
    })
}

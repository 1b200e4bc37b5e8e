//! One step for several issues: each is judged and saved for itself, and the list of results names those that did not go.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::policy::{Denied, allowed};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Needs, rules};
use xiaohao_shared::model::{Role, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

use super::Desk;
use crate::browser::sleep;
use crate::client::IssueView;
use crate::components::Ui;
use crate::components::action_form::{Asked, action_form, code};
use crate::components::dialog::dialog;
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, maybe, shown, tap};
use crate::components::wish::{self, Wish, after, beside};
use crate::pages::{apply, sign};
use crate::texts::fill;

/// What is offered for several issues, in the order of their life.
const OFFERED: [Action; 8] = [
    Action::File,
    Action::Dispatch,
    Action::Assign,
    Action::Extend,
    Action::Suspend,
    Action::Resume,
    Action::Close,
    Action::Supervise,
];
/// How long an issue that this phone lacks is waited for: so many times, in milliseconds.
const TIMES: u32 = 40;
const PAUSE: i64 = 500;

/// An issue and how it went: empty while it is under way, then why not, or [`DONE`].
type Outcome = (Summary, String);
const DONE: &str = "+";

pub fn bulk_bar(ui: Ui, desk: Desk) -> AnyView {
    // The code of the action whose form is open; empty while none is.
    let open = RwSignal::new(String::new());
    let bar = maybe(move || {
        let rows = desk.chosen.get();
        (!rows.is_empty()).then(|| bar(ui, desk, &rows, open))
    });
    let sheet = maybe(move || {
        let chosen = open.get();
        let action = OFFERED.into_iter().find(|action| code(*action) == chosen)?;
        Some(sheet(ui, desk, action, open))
    });
    all([bar, sheet])
}

fn bar(ui: Ui, desk: Desk, rows: &[Summary], open: RwSignal<String>) -> AnyView {
    let role = ui.me().map(|me| me.role);
    let now = ui.client.now();
    let offered = OFFERED.into_iter().filter(|action| role.is_some_and(|role| fits(*action, role, rows, now)));
    let action = |action: Action| {
        let content = view! { <span data-testid=format!("bulk-{}", code(action))>{ui.t.action(action)}</span> };
        button("plain", "", content.into_any(), move || open.set(code(action)))
    };
    let clear = tap(move || desk.chosen.set(Arc::default()));
    view! {
        <div class="bulk-bar" role="region" aria-label=ui.t.chosen data-testid="bulk-bar">
            <strong>{fill(ui.t.chosen_n, &[&rows.len()])}</strong>
            <div class="buttons">{all(offered.map(action))}</div>
            <button type="button" class="quiet" aria-label=ui.t.clear_choice on:click=clear>
                {icon(Icon::Cross)}
            </button>
        </div>
    }
    .into_any()
}

/// Offered where at least one of the chosen issues is in a state for it, and as far as a row tells in time.
fn fits(action: Action, role: Role, rows: &[Summary], now: Timestamp) -> bool {
    let in_time = |row: &Summary| row.asked || row.due.is_none_or(|due| now <= due);
    let in_time = |row: &&Summary| action != Action::Extend || in_time(row);
    rows.iter().filter(in_time).any(|row| rules(action, row.state).any(|rule| rule.roles.contains(&role)))
}

fn sheet(ui: Ui, desk: Desk, action: Action, open: RwSignal<String>) -> AnyView {
    let rows = desk.chosen.get_untracked();
    let outcomes = RwSignal::new(Vec::<Outcome>::new());
    let asked = asked(ui, action, &rows);
    let on_submit = Callback::new(move |wish: Wish| {
        outcomes.set(rows.iter().map(|row| (row.clone(), String::new())).collect());
        let rows = rows.clone();
        spawn_local(async move {
            for (at, row) in rows.iter().enumerate() {
                let outcome = one(ui, row.id, action, &wish).await.err().unwrap_or_else(|| DONE.into());
                outcomes.try_update(|outcomes| {
                    if let Some((_, place)) = outcomes.get_mut(at) {
                        *place = outcome;
                    }
                });
            }
        });
    });
    let done = Callback::new(move |()| {
        let running = outcomes.with_untracked(|outcomes| outcomes.iter().any(|(_, outcome)| outcome.is_empty()));
        if running {
            return;
        }
        if outcomes.with_untracked(|outcomes| !outcomes.is_empty()) {
            desk.chosen.set(Arc::default());
            desk.load(ui);
        }
        open.set(String::new());
    });
    let content = shown(move || match outcomes.get() {
        outcomes if outcomes.is_empty() => action_form(ui, asked.clone(), flag(|| false), on_submit),
        outcomes => results(ui, outcomes, done),
    });
    dialog(ui, ui.t.action(action), done, content)
}

fn results(ui: Ui, outcomes: Vec<Outcome>, done: Callback<()>) -> AnyView {
    let t = ui.t;
    let one = |(row, outcome): Outcome| {
        let name = format!("{} · {}", ui.kind(row.kind), row.address);
        let (class, words) = match outcome.as_str() {
            "" => ("", t.saving.to_string()),
            // Without a network the board shows what the office said last.
            DONE if !ui.client.online.get_untracked() => ("good", t.mark_here.to_string()),
            DONE => ("good", t.saved.to_string()),
            why => ("error", why.to_string()),
        };
        view! { <li><span>{name}</span> <em class=class>{words}</em></li> }.into_any()
    };
    // Who closes before the last one is through would not see what failed.
    let running = outcomes.iter().any(|(_, outcome)| outcome.is_empty());
    let list = all(outcomes.into_iter().map(one));
    let close = tap(move || done.run(()));
    view! {
        <ul class="outcomes" role="status" data-testid="bulk-results">
            {list}
        </ul>
        <button type="button" class="primary wide" data-testid="bulk-done" disabled=running on:click=close>
            {t.done}
        </button>
    }
    .into_any()
}

async fn one(ui: Ui, id: IssueId, action: Action, wish: &Wish) -> Result<(), String> {
    let me = ui.me().ok_or(ui.t.directory_missing)?;
    let view = fetch(ui, id).await.ok_or(ui.t.issue_absent)?;
    let rule = allowed(&me, &view.issue).find(|rule| rule.action == action);
    let rule = rule.ok_or_else(|| ui.t.denied(Denied::NotInThisState))?;
    let edit = wish::edit(rule, &view.issue, sign(ui, &me), &beside(action, &view.issue, wish, ui.client.now()));
    apply(ui, &me, &view, edit).await
}

/// The board shows issues of the whole office; the document of one may have to come first.
async fn fetch(ui: Ui, id: IssueId) -> Option<IssueView> {
    for time in 0..TIMES {
        if let Some(view) = ui.client.read(id).await {
            return Some(view);
        }
        if time == 0 {
            ui.client.want(id);
        }
        sleep(PAUSE).await;
    }
    None
}

/// The form starts from what the issues share; a deadline from the first of them, or for more time from the one that ends last: a
/// date that is too early for one of them would be refused there.
fn asked(ui: Ui, action: Action, rows: &[Summary]) -> Asked {
    let needs = rows.iter().find_map(|row| rules(action, row.state).next()).map_or(Needs::default(), |rule| rule.needs);
    let zone = rows.first().map(|row| row.zone).filter(|zone| rows.iter().all(|row| row.zone == *zone));
    let (now, extends) = (ui.client.now(), action == Action::Extend);
    let until = ui.client.office.with_untracked(|office| {
        let terms = office.as_ref()?.terms();
        let usual = |row: &Summary| {
            let start = row.due.filter(|_| extends).map_or(now, |due| due.max(now));
            terms.deadline(start, row.kind, row.place_type, row.severity)
        };
        let some = if extends { rows } else { &rows[..rows.len().min(1)] };
        some.iter().map(usual).max()
    });
    let until = until.filter(|_| matches!(action, Action::Dispatch | Action::Extend));
    let hint = if extends { ui.t.until_of_last } else { ui.t.until_of_first };
    Asked {
        action,
        issue: None,
        needs,
        has_photos: Vec::new(),
        zone,
        place: String::new(),
        assignee: None,
        support: std::collections::BTreeSet::new(),
        until,
        until_hint: until.map(|_| hint.into()).unwrap_or_default(),
        after: after(action, None, now),
        level: SupervisionLevel::Office,
        number: String::new(),
        twins: None,
        numbers: None,
        photos: false,
    }
}

//! The sheet in which one action is filled in and saved.

use std::pin::pin;

use futures_util::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{IssuePage, TakenNumber};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::filter::address::escaped;
use xiaohao_shared::model::filter::{Filter, Sort};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Rule, State};
use xiaohao_shared::model::{Issue, Supervision, SupervisionLevel};

use super::Desk;
use crate::browser::sleep;
use crate::client::begun::Begun;
use crate::components::Ui;
use crate::components::action_form::{Asked, action_form, code, names_twin};
use crate::components::amend_form::amend_form;
use crate::components::dialog::dialog;
use crate::components::wish::{self, Wish, after, asked_deadline, asks_until, proposed_deadline};
use crate::pages::{apply, sign};
use crate::texts::fill;

/// How many issues are offered as the one that this is a duplicate of.
const TWINS: usize = 12;
/// Issues of this phone whose numbers are compared with the one that is typed.
const PRESSED: usize = 200;
/// Milliseconds for which the office is asked about a number before the action is saved: nothing is durable meanwhile.
const PATIENCE: i64 = 2_500;

pub(super) fn action_sheet(ui: Ui, rule: &'static Rule, issue: &Issue, desk: Desk) -> AnyView {
    let busy = RwSignal::new(false);
    let opened = desk.open.get_untracked();
    let on_submit = Callback::new(move |wish: Wish| {
        busy.set(true);
        let opened = opened.clone();
        // Both are gone or another's where somebody closed the sheet, left the page or opened it anew.
        let is_open = move || busy.try_get_untracked() == Some(true) && desk.open.try_get_untracked() == Some(opened);
        spawn_local(async move {
            match carry_out(ui, rule, desk, &wish, is_open).await {
                Ok(true) => {
                    ui.client.keep_begun(desk.issue, &code(rule.action), Begun::default());
                    ui.say(ui.t.saved);
                    desk.open.try_set(String::new());
                }
                Ok(false) => {}
                Err(why) => ui.warn(why),
            }
            busy.try_set(false);
        });
    });
    let form = if rule.action == Action::Amend {
        amend_form(ui, issue.clone(), busy.into(), on_submit)
    } else {
        action_form(ui, asked(ui, rule, issue), busy.into(), on_submit)
    };
    let on_close = Callback::new(move |()| desk.open.set(String::new()));
    dialog(ui, ui.t.action(rule.action), on_close, form)
}

/// On the issue as it is by now: somebody may have changed it while the form was open, and then the policy says so. Gives whether it
/// was done: nothing is saved out of a form that was closed while the office was asked.
async fn carry_out(
    ui: Ui,
    rule: &Rule,
    desk: Desk,
    wish: &Wish,
    is_open: impl FnOnce() -> bool,
) -> Result<bool, String> {
    let me = ui.me().ok_or(ui.t.directory_missing)?;
    if rule.action == Action::Supervise {
        let free = is_free(ui, desk.issue, wish.supervision_number.trim()).await;
        if !is_open() {
            return Ok(false);
        }
        free?;
    }
    let view = ui.client.read(desk.issue).await.ok_or(ui.t.issue_absent)?;
    let edit = wish::edit(rule, &view.issue, sign(ui, &me), wish);
    apply(ui, &me, &view, edit).await.map(|()| true)
}

/// Whether no other issue has or had the number of a 督办单, as far as the office can be asked: without a network nobody waits for
/// that, and on a bad one not for long.
async fn is_free(ui: Ui, issue: IssueId, number: &str) -> Result<(), String> {
    if number.is_empty() || !ui.client.online.get_untracked() {
        return Ok(());
    }
    let path = format!("/api/supervision/taken?number={}&issue={issue}", escaped(number));
    match select(pin!(ui.client.get::<TakenNumber>(&path)), pin!(sleep(PATIENCE))).await {
        Either::Left((Ok(TakenNumber { by: Some(other) }), _)) => Err(fill(ui.t.supervision_taken, &[&other])),
        _ => Ok(()),
    }
}

fn asked(ui: Ui, rule: &Rule, issue: &Issue) -> Asked {
    let usual = ui.client.office.with_untracked(|office| {
        let office = office.as_ref()?;
        let until = proposed_deadline(rule.action, issue, office.terms(), ui.client.now())?;
        Some((until, office.rules.limit(issue.kind, issue.place_type, issue.severity)))
    });
    let hint = |(_, limit)| match asked_deadline(rule.action, issue, ui.client.now()) {
        Some(_) => ui.t.limit_as_asked.to_string(),
        None => fill(ui.t.usual_limit, &[&ui.t.limit(limit)]),
    };
    let standing = issue.supervision.as_ref().filter(|_| rule.action == Action::Supervise);
    let still = standing.and_then(|standing| standing.due).filter(|due| *due > ui.client.now());
    Asked {
        action: rule.action,
        issue: Some(issue.id),
        needs: rule.needs,
        has_photos: issue.photos.values().map(|photo| photo.stage).collect(),
        zone: Some(issue.zone),
        place: ui.place(issue.zone, &[&issue.place.address, &issue.place.landmark]),
        assignee: issue.assignee,
        support: issue.responsible.keys().copied().collect(),
        until: still.or(usual.map(|(until, _)| until).filter(|_| asks_until(rule.action))),
        until_hint: usual.map(hint).unwrap_or_default(),
        after: after(rule.action, issue.due, ui.client.now()),
        level: standing.map_or(SupervisionLevel::Office, |standing| standing.level),
        number: standing.map(|standing| standing.number.clone()).unwrap_or_default(),
        twins: names_twin(rule.action).then(|| twins(ui, issue)),
        numbers: (rule.action == Action::Supervise).then(|| numbers_here(ui, issue.id)),
        photos: true,
    }
}

/// The numbers of 督办单 on the other issues of this phone, in their one form, each with what its issue is called: without the network
/// nobody else can be asked.
fn numbers_here(ui: Ui, issue: IssueId) -> RwSignal<Vec<(String, String)>> {
    let is_pressed = |row: &&Summary| row.id != issue && row.supervision.is_some();
    let mut rows: Vec<Summary> =
        ui.client.rows.with_untracked(|rows| rows.iter().filter(is_pressed).cloned().collect());
    rows.sort_by_key(|row| std::cmp::Reverse(row.touched_at));
    let numbers = RwSignal::new(Vec::new());
    spawn_local(async move {
        for row in rows.into_iter().take(PRESSED) {
            let view = ui.client.read(row.id).await;
            let Some(supervision) = view.and_then(|view| view.issue.supervision) else { continue };
            let called = row.number.unwrap_or(row.address);
            numbers.try_update(|numbers| numbers.push((Supervision::form(&supervision.number), called)));
        }
    });
    numbers
}

/// The same kind in the same zone, where a duplicate is likely: those on this phone, and then those that the office has, because a
/// desk that follows no zone holds few. The nearest stand first, or the newest where there is no position.
fn twins(ui: Ui, issue: &Issue) -> RwSignal<Vec<Summary>> {
    let (id, zone, kind) = (issue.id, issue.zone, issue.kind);
    let sort = issue.place.fix.as_ref().map_or(Sort::Newest, |fix| Sort::Distance(fix.lat, fix.lon));
    let likely = move |row: &Summary| {
        row.id != id && row.zone == zone && row.kind == kind && row.state != State::Void && row.merged_into.is_none()
    };
    let here: Vec<Summary> =
        ui.client.rows.with_untracked(|rows| rows.iter().filter(|row| likely(row)).cloned().collect());
    let sorted = move |mut rows: Vec<Summary>| {
        sort.sort(&mut rows);
        rows.truncate(TWINS);
        rows
    };
    let twins = RwSignal::new(sorted(here.clone()));
    spawn_local(async move {
        let filter = Filter { zones: [zone].into(), kind: Some(kind), ..Filter::default() };
        let Ok(page) = ui.client.get::<IssuePage>(&format!("/api/issues?{}", filter.query())).await else { return };
        let new = page.rows.into_iter().filter(|row| likely(row) && here.iter().all(|known| known.id != row.id));
        twins.try_set(sorted(here.iter().cloned().chain(new).collect()));
    });
    twins
}

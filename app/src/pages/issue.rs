//! One issue: what, where, since when; the photos as proof; what I may do now; what happened so far.

mod contact;
mod linked;
mod sheet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::doc::{Edit, value::Value};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::policy::{Denied, Right, allowed, in_time, is_resumed, may};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Rule, State};
use xiaohao_shared::model::{Issue, Person, Remark, Role};
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::time::Timestamp;

use self::contact::{Talk, add_contact};
use self::linked::linked;
use self::sheet::action_sheet;
use super::{apart, apply, head, sign, waiting};
use crate::client::IssueView;
use crate::client::begun::Begun;
use crate::components::action_form::code;
use crate::components::conflict::conflicts;
use crate::components::fields::{button, submit, words_field};
use crate::components::lean::{all, flag, follow, given, key, maybe, nothing, shown, submitted, tap};
use crate::components::link::link;
use crate::components::marks::{due_mark, flags, save_mark, state_chip};
use crate::components::photos::{Shots, before_after};
use crate::components::timeline::timeline;
use crate::components::{Ui, facts, wish};
use crate::format;
use crate::texts::fill;

/// Milliseconds after which an issue that does not come is said to be unknown here.
const PATIENCE: i64 = 20_000;

/// The name of the form of remarks among those of an issue.
const REMARK: &str = "remark";

/// What a person is in the middle of. It outlives a change of the issue under the open page.
#[derive(Clone, Copy)]
struct Desk {
    issue: IssueId,
    /// `None` while it is read, or is not on this phone and being fetched.
    view: RwSignal<Option<IssueView>>,
    absent: RwSignal<bool>,
    /// The office was asked for it long enough ago.
    given_up: RwSignal<bool>,
    remark: RwSignal<String>,
    talk: Talk,
    /// The code of the action whose form is open; empty while none is.
    open: RwSignal<String>,
    /// How often the sheet was asked for on paper.
    presses: RwSignal<u32>,
}

pub fn issue(ui: Ui, id: IssueId) -> AnyView {
    let desk = Desk {
        issue: id,
        view: RwSignal::new(None),
        absent: RwSignal::new(false),
        given_up: RwSignal::new(false),
        remark: RwSignal::new(ui.client.begun(id, REMARK).words),
        talk: Talk::of(ui, id),
        open: RwSignal::new(String::new()),
        presses: RwSignal::new(0),
    };
    follow(move || {
        ui.client.keep_begun(id, REMARK, Begun { words: desk.remark.get(), ..Begun::default() });
    });
    // Documents change under the open page: by this person's own edits, other tabs, and the office.
    follow(move || {
        ui.client.rows.track();
        spawn_local(look(ui, desk));
    });
    let page = shown(move || match desk.view.get() {
        Some(view) => whole(ui, view, desk),
        None => {
            let content = if desk.absent.get() { absent(ui, desk) } else { waiting(ui) };
            all([head(ui, ui.t.issue, true, nothing()), content])
        }
    });
    let sheet = maybe(move || {
        let (open, view) = (desk.open.get(), desk.view.get_untracked()?);
        let rule = all_offered(ui, &view.issue).find(|rule| code(rule.action) == open)?;
        Some(action_sheet(ui, rule, &view.issue, desk))
    });
    all([page, linked(ui, id), sheet, on_paper(ui, desk)])
}

/// The desk prints, also by the browser's menu; the phone of a cadre fetches what that takes only when he does.
fn on_paper(ui: Ui, desk: Desk) -> AnyView {
    let often = ui.me().is_some_and(|me| me.role != Role::Cadre);
    let wanted = key(move || (often || desk.presses.get() > 0).to_string());
    let sheet = maybe(move || (wanted.get() == "true").then(|| apart::paper(ui, desk.view, desk.presses)));
    view! { <div class="paper">{sheet}</div> }.into_any()
}

async fn look(ui: Ui, desk: Desk) {
    let view = ui.client.read(desk.issue).await;
    if view.is_none() {
        ui.client.want(desk.issue);
        if desk.absent.try_set(true).is_none() {
            give_up_later(ui, desk);
        }
    }
    // The same again must not redraw a page that somebody reads.
    if desk.view.try_with_untracked(|known| *known != view) == Some(true) {
        desk.view.try_set(view);
    }
}

/// The office does not say that an issue is unknown or not for this person: it just does not send it.
fn give_up_later(ui: Ui, desk: Desk) {
    spawn_local(async move {
        crate::browser::sleep(PATIENCE).await;
        desk.given_up.try_set(ui.client.online.get_untracked());
    });
}

fn absent(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    shown(move || {
        // A phone in an alley often believes that it has a network.
        let unreached = ui.client.status.with(|status| status.failure == Some(Failure::Offline));
        let text = match (ui.client.online.get() && !unreached, desk.given_up.get()) {
            (true, true) => t.issue_unknown,
            (true, false) => t.issue_fetching,
            (false, _) => t.issue_offline,
        };
        view! {
            <section class="empty" role="status">
                <h2>{t.issue_absent}</h2>
                <p>{text}</p>
            </section>
        }
        .into_any()
    })
}

fn whole(ui: Ui, view: IssueView, desk: Desk) -> AnyView {
    let issue = view.issue.clone();
    let mut shots: Shots = issue.photos.clone().into_iter().collect();
    shots.sort_by_key(|(_, photo)| photo.taken_at);
    let decided = view.clone();
    let on_choose = Callback::new(move |value: Value| {
        let (Some(me), view) = (ui.me(), decided.clone()) else { return };
        let edit = wish::decide(&view.issue, value, sign(ui, &me));
        spawn_local(async move {
            match apply(ui, &me, &view, edit).await {
                Ok(()) => ui.say(ui.t.decided),
                Err(why) => ui.warn(why),
            }
        });
    });
    let history = view! { <h2>{ui.t.timeline}</h2> {timeline(ui, &issue.steps, &issue.remarks)} };
    let main = [
        head_panel(ui, &view),
        conflicts(ui, view.conflicts.clone(), on_choose),
        panel(before_after(ui, shots)),
        actions_now(ui, issue.clone(), desk),
        given(pressing(ui, &issue)),
        panel(fact_list(ui, &issue)),
    ];
    let print = button("plain", "print", ui.t.print, move || desk.presses.update(|presses| *presses += 1));
    view! {
        {head(ui, &ui.kind(issue.kind), true, print)}
        <div class="issue" data-testid="issue">
            <div class="issue-main">{all(main)}</div>
            <div class="issue-side">{panel(history.into_any())} {add_remark(ui, view.clone(), desk)} {add_contact(ui, view, desk.talk)} {given(tipster(ui, desk.issue))}</div>
        </div>
    }
    .into_any()
}

/// The way to 举报人, for the desk alone: nothing of it is on this device.
fn tipster(ui: Ui, issue: IssueId) -> Option<AnyView> {
    let may = ui.me().is_some_and(|me| may(&me, Right::SeeTipster));
    may.then(|| link(ui, format!("/tipster/{issue}"), "button plain", "to-tipster".into(), ui.t.tipster.into_any()))
}

/// 督办 with a timeline of its own: who pressed, until when, and what was answered.
fn pressing(ui: Ui, issue: &Issue) -> Option<AnyView> {
    let t = ui.t;
    let supervision = issue.supervision.as_ref()?;
    let due = supervision.due.map(|due| ui.when(due));
    let answered = match (issue.reply(), supervision.due) {
        (Some(reply), Some(due)) if reply.at > due => t.press_answered_late,
        (Some(_), _) => t.press_answered,
        (None, Some(due)) if due < ui.client.now() => t.press_late,
        (None, _) => t.press_open,
    };
    let list = [
        (t.press_level, t.level(supervision.level).to_string()),
        (t.press_number, supervision.number.clone()),
        (t.until, due.unwrap_or_default()),
        (t.press_reply, answered.into()),
    ];
    let steps: Vec<_> = issue.pressings().cloned().collect();
    let content = view! {
        <div data-testid="pressing">
            <h2>{t.supervised}</h2>
            <dl>{facts(list)}</dl>
            {timeline(ui, &steps, &[])}
        </div>
    };
    Some(panel(content.into_any()))
}

fn panel(content: AnyView) -> AnyView {
    view! { <section class="panel">{content}</section> }.into_any()
}

fn head_panel(ui: Ui, view: &IssueView) -> AnyView {
    let issue = &view.issue;
    let row = Summary::of(issue, view.number.clone(), !view.conflicts.is_empty());
    let number = view.number.clone().unwrap_or_else(|| ui.t.no_number.into());
    let description = (!issue.description.is_empty())
        .then(|| view! { <p class="description">{issue.description.clone()}</p> }.into_any());
    let marks = [
        state_chip(ui, issue.state),
        due_mark(ui, issue.due, issue.state, format::deadline),
        resumed_mark(ui, issue),
        flags(ui, &row),
        save_mark(ui, issue.id, true),
    ];
    let content = view! {
        <p class="facts-head">{all(marks)}</p>
        {given(why_again(ui, issue))}
        <p class="number">{number}</p>
        {given(description)}
        <p>{ui.place(issue.zone, &[&issue.place.address, &issue.place.landmark])}</p>
    };
    panel(content.into_any())
}

/// What the check found wrong with the work: whoever does it again need not look for it in the history.
fn why_again(ui: Ui, issue: &Issue) -> Option<AnyView> {
    let sent_back = issue.steps.iter().rev().find(|step| step.record.action == Action::Rework)?;
    let reason = sent_back.record.reason.clone();
    let words = fill(ui.t.why_again, &[&ui.person(sent_back.record.by), &reason]);
    let is_told = issue.state == State::Rework && !reason.is_empty();
    is_told.then(|| view! { <p class="why-again" data-testid="why-again">{words}</p> }.into_any())
}

/// 挂账 whose end is past: the clock runs again, and whoever is in charge goes on.
fn resumed_mark(ui: Ui, issue: &Issue) -> AnyView {
    let end = issue.due.filter(|_| issue.state == State::Suspended);
    maybe(move || {
        let is_over = end? <= ui.now.get();
        is_over.then(|| view! { <span class="chip" data-testid="resumed">{ui.t.suspension_over}</span> }.into_any())
    })
}

fn fact_list(ui: Ui, issue: &Issue) -> AnyView {
    let t = ui.t;
    let support = ui.join(issue.responsible.keys().map(|person| ui.person(*person)));
    let pressed = issue.supervision.as_ref().map(|it| {
        let due = it.due.map(|due| ui.when(due)).unwrap_or_default();
        format!("{} {} · {} {due}", t.level(it.level), it.number, ui.person(it.by))
    });
    let fix = issue.place.fix.as_ref();
    let fix = fix.map(|fix| {
        let around = fill(t.metres, &[&format!("±{}", fix.accuracy_m.ceil() as u64)]);
        format!("{:.5}, {:.5} ({around})", fix.lat, fix.lon)
    });
    let list = [
        (t.assignee, issue.assignee.map(|person| ui.person(person))),
        (t.support, Some(support)),
        (t.bearers, Some(ui.bearers(issue.zone))),
        (t.until, issue.due.map(|due| ui.when(due))),
        (t.extensions, Some(issue.extensions).filter(|n| *n > 0).map(|n| n.to_string())),
        (t.supervised, pressed),
        (t.overtime, overtime(ui, issue)),
        (t.reporter, Some(format!("{} · {}", ui.person(issue.reporter), ui.when(issue.reported_at)))),
        (t.close_when, ui.close_when(issue.kind, issue.place_type)),
        (t.severity_label, Some(t.severity(issue.severity).into())),
        (t.place_type_label, Some(t.place_type(issue.place_type).into())),
        (t.position, fix),
    ];
    let list = list.into_iter().map(|(name, value)| (name, value.unwrap_or_default()));
    let twin = if issue.merged_into().is_some() { t.merged_into } else { t.duplicate_of };
    let linked = [(twin, issue.duplicate_of), (t.recurrence_of, issue.recurrence_of)];
    let linked = linked.into_iter().filter_map(|(name, issue)| Some(linked_issue(ui, name, issue?)));
    view! { <dl>{facts(list)} {all(linked)}</dl> }.into_any()
}

/// It stays a fact, whatever became of an appeal.
fn overtime(ui: Ui, issue: &Issue) -> Option<String> {
    let late = format::duration(ui.t, issue.overtime()?);
    let appeal = issue.appeal().map(|appeal| format!(" · {}", ui.t.appeal(appeal)));
    Some(late + &appeal.unwrap_or_default())
}

fn linked_issue(ui: Ui, name: &'static str, issue: IssueId) -> AnyView {
    let link = link(ui, format!("/issues/{issue}"), "row-link", String::new(), ui.t.open_issue.into_any());
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{link}</dd>
        </div>
    }
    .into_any()
}

/// Steps that move the issue stand in front; the rest is one tap away.
fn is_first(rule: &Rule) -> bool {
    let moves = rule.to.is_some() && !matches!(rule.action, Action::Void | Action::Return | Action::Merge);
    let answers = matches!(rule.action, Action::Extend | Action::Reply | Action::RefuseExtension);
    moves || answers || matches!(rule.action, Action::Appeal | Action::GrantAppeal | Action::RefuseAppeal)
}

/// The rules that make sense now, one for each action.
fn offered(me: &Person, issue: &Issue, now: Timestamp) -> Vec<&'static Rule> {
    let (asked, pressed) = (issue.open_request().is_some(), issue.supervision.is_some());
    let mut rules: Vec<&'static Rule> = Vec::new();
    for rule in allowed(me, issue) {
        let makes_sense = match rule.action {
            Action::RefuseExtension => asked,
            Action::Reply => pressed,
            action if issue.state == State::Suspended => is_resumed(action, issue, now),
            action => in_time(action, issue, now),
        };
        // A supervisor who reported something himself has two lines for a correction, of which the wider one counts.
        match rules.iter_mut().find(|known| known.action == rule.action) {
            Some(known) if known.sets.len() < rule.sets.len() => *known = rule,
            None if makes_sense => rules.push(rule),
            _ => {}
        }
    }
    rules
}

fn all_offered(ui: Ui, issue: &Issue) -> impl Iterator<Item = &'static Rule> {
    ui.me().map(|me| offered(&me, issue, ui.client.now())).unwrap_or_default().into_iter()
}

/// Drawn again when time alone changes what is offered: a deadline passes, or a suspension ends.
fn actions_now(ui: Ui, issue: Issue, desk: Desk) -> AnyView {
    let offered = {
        let issue = issue.clone();
        key(move || {
            ui.now.track();
            all_offered(ui, &issue).map(|rule| code(rule.action)).collect::<Vec<_>>().join(" ")
        })
    };
    shown(move || {
        offered.track();
        actions(ui, &issue, desk)
    })
}

fn actions(ui: Ui, issue: &Issue, desk: Desk) -> AnyView {
    let t = ui.t;
    let (first, more): (Vec<_>, Vec<_>) = all_offered(ui, issue).partition(|rule| is_first(rule));
    let none = (first.is_empty() && more.is_empty()).then(|| view! { <p class="dim">{t.no_actions}</p> }.into_any());
    let only_more = first.is_empty();
    let action = |class: &'static str, rule: &Rule| {
        let (code, action) = (code(rule.action), rule.action);
        let testid = format!("action-{code}");
        let open = tap(move || desk.open.set(code.clone()));
        view! {
            <button type="button" class=class data-testid=testid on:click=open>
                {t.action(action)}
            </button>
        }
        .into_any()
    };
    let first = all(first.into_iter().map(|rule| action(action_class(rule), rule)));
    let more = (!more.is_empty()).then(|| {
        let more = all(more.into_iter().map(|rule| action("plain", rule)));
        view! {
            <details class="more" open=only_more>
                <summary data-testid="more-actions">{t.more_actions}</summary>
                <div class="buttons">{more}</div>
            </details>
        }
        .into_any()
    });
    view! {
        <section class="panel actions" aria-labelledby="actions-title">
            <h2 id="actions-title">{t.actions}</h2>
            {given(none)}
            <div class="buttons">{first}</div>
            {given(too_late(ui, issue))}
            {given(more)}
        </section>
    }
    .into_any()
}

/// Why whoever is late does not find what he looks for just then.
fn too_late(ui: Ui, issue: &Issue) -> Option<AnyView> {
    let (me, now) = (ui.me()?, ui.client.now());
    let mut rules = allowed(&me, issue);
    let is_late = rules.any(|rule| rule.action == Action::AskExtension && !in_time(rule.action, issue, now));
    // What was asked for in time may still be granted.
    (is_late && issue.open_request().is_none())
        .then(|| view! { <p class="dim" data-testid="too-late">{ui.t.denied(Denied::TooLate)}</p> }.into_any())
}

fn action_class(rule: &Rule) -> &'static str {
    match rule.action {
        Action::Appeal | Action::RefuseAppeal => "plain",
        Action::Rework | Action::RefuseExtension | Action::Suspend | Action::Extend | Action::Reply => "plain",
        _ => "primary",
    }
}

fn add_remark(ui: Ui, view: IssueView, desk: Desk) -> AnyView {
    let busy = RwSignal::new(false);
    let send = submitted(move || {
        let (Some(me), view) = (ui.me(), view.clone()) else { return };
        let text = desk.remark.get_untracked().trim().to_string();
        let remark = Remark::new(me.id, ui.client.now(), text);
        busy.set(true);
        spawn_local(async move {
            let edit = Edit::remark(ui.client.random_id(), remark);
            match apply(ui, &me, &view, edit).await {
                Ok(()) => {
                    // Also where the page was left meanwhile.
                    ui.client.keep_begun(desk.issue, REMARK, Begun::default());
                    desk.remark.try_set(String::new());
                    ui.say(ui.t.saved);
                }
                Err(why) => ui.warn(why),
            }
            busy.try_set(false);
        });
    });
    let blank = flag(move || desk.remark.with(|text| text.trim().is_empty()));
    view! {
        <form class="panel" on:submit=send>
            {words_field(ui.t.remark, desk.remark.into(), None, "", "remark")}
            {submit(ui, "plain wide", "send-remark", ui.t.add_remark.into(), busy.into(), blank)}
        </form>
    }
    .into_any()
}

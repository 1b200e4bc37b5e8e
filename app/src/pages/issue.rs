//! One issue: what, where, since when; the photos as proof; what I may do now; what happened so far.

mod sheet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use xiaohao_shared::doc::{Edit, value::Value};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::policy::allowed;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Rule};
use xiaohao_shared::model::{Issue, Person, Remark};

use self::sheet::ActionSheet;
use super::{Head, apply};
use crate::client::{IssueView, use_client};
use crate::components::conflict::Conflicts;
use crate::components::fields::Words;
use crate::components::marks::{Due, Flags, SaveMark, StateChip};
use crate::components::photos::{BeforeAfter, Shots};
use crate::components::timeline::Timeline;
use crate::components::use_ui;
use crate::components::wish::{self, Signature};
use crate::format;
use crate::texts::fill;

/// What this phone can show of the issue.
#[derive(Debug, Clone, PartialEq)]
enum Shown {
    Loading,
    /// It is being fetched; lists may know its summary.
    Absent,
    Here(Box<IssueView>),
}

/// What a person is in the middle of. It outlives a change of the issue under the open page.
#[derive(Clone, Copy)]
struct Desk {
    remark: RwSignal<String>,
    /// The action whose form is open, and the issue as it was when the form was opened.
    open: RwSignal<Option<(&'static Rule, IssueView)>>,
}

#[component]
pub fn IssuePage() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse::<IssueId>().ok())));
    let shown = RwSignal::new(Shown::Loading);
    // Documents change under the open page: by this person's own edits, other tabs, and the office.
    Effect::new(move || {
        client.rows.track();
        let Some(id) = id.get() else { return shown.set(Shown::Absent) };
        spawn_local(async move {
            let view = client.read(id).await;
            if view.is_none() {
                client.want(id);
            }
            let next = view.map_or(Shown::Absent, |view| Shown::Here(Box::new(view)));
            // The same again must not redraw a form that somebody fills in.
            if shown.try_with_untracked(|shown| *shown != next) == Some(true) {
                shown.try_set(next);
            }
        });
    });
    let desk = Desk { remark: RwSignal::default(), open: RwSignal::new(None) };
    let title = Signal::derive(move || match shown.get() {
        Shown::Here(view) => ui.t.kind(view.issue.kind),
        _ => ui.t.issue.to_string(),
    });
    view! {
        <Head title back=true />
        {move || match (shown.get(), id.get()) {
            (Shown::Here(view), _) => view! { <Whole view=*view desk /> }.into_any(),
            (Shown::Loading, _) => view! { <p class="spinner" role="status" aria-label=ui.t.loading></p> }.into_any(),
            (Shown::Absent, _) => view! { <Absent /> }.into_any(),
        }}
        {move || desk.open.get().map(|(rule, view)| view! { <ActionSheet rule view desk /> })}
    }
}

#[component]
fn Absent() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    view! {
        <section class="empty" role="status">
            <h2>{ui.t.issue_absent}</h2>
            <p>{move || if client.online.get() { ui.t.issue_fetching } else { ui.t.issue_offline }}</p>
        </section>
    }
}

#[component]
fn Whole(view: IssueView, desk: Desk) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let issue = view.issue.clone();
    let mut shots: Shots = issue.photos.clone().into_iter().collect();
    shots.sort_by_key(|(_, photo)| photo.taken_at);
    let decided = view.clone();
    let on_choose = Callback::new(move |value: Value| {
        let (Some(me), view) = (ui.me_now(), decided.clone()) else { return };
        let sign = Signature { by: me.id, at: client.now(), record: client.random_id() };
        let edit = wish::decide(&view.issue, value, sign);
        spawn_local(async move {
            match apply(client, ui, &me, &view, edit).await {
                Ok(()) => ui.say(ui.t.decided),
                Err(why) => ui.warn(why),
            }
        });
    });
    view! {
        <article class="issue" data-testid="issue">
            <div class="issue-main">
                <Facts view=view.clone() />
                <Conflicts conflicts=view.conflicts.clone() on_choose />
                <section class="panel">
                    <BeforeAfter shots />
                </section>
                <Actions view=view.clone() desk />
                <section class="panel">
                    <FactList issue=issue.clone() />
                </section>
            </div>
            <div class="issue-side">
                <section class="panel">
                    <h2>{ui.t.timeline}</h2>
                    <Timeline issue />
                </section>
                <AddRemark view desk />
            </div>
        </article>
    }
}

#[component]
fn Facts(view: IssueView) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let (t, issue) = (ui.t, view.issue);
    let id = issue.id;
    let row = Summary::of(&issue, view.number.clone(), !view.conflicts.is_empty());
    let number = view.number.unwrap_or_else(|| t.no_number.into());
    let place = [ui.zone(issue.zone), issue.place.address.clone(), issue.place.landmark.clone()];
    let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    view! {
        <section class="panel facts">
            <p class="facts-head">
                <StateChip state=issue.state />
                <Due due=issue.due state=issue.state />
                <Flags row />
                <SaveMark mark=Signal::derive(move || client.issue_mark(id)) />
            </p>
            <p class="number">{number}</p>
            {(!issue.description.is_empty()).then(|| view! { <p class="description">{issue.description.clone()}</p> })}
            <p>{place}</p>
        </section>
    }
}

#[component]
fn FactList(issue: Issue) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let when = move |at| format::date_time(t, at, ui.now.get_untracked());
    let support = issue.responsible.keys().map(|person| ui.person(*person)).collect::<Vec<_>>().join("、");
    let pressed = issue.supervision.as_ref().map(|it| {
        let due = it.due.map(when).unwrap_or_default();
        format!("{} · {} {due}", t.level(it.level), ui.person(it.by))
    });
    let fix =
        issue.place.fix.as_ref().map(|fix| format!("{:.5}, {:.5} (±{} m)", fix.lat, fix.lon, fix.accuracy_m.ceil()));
    let facts = [
        (t.assignee, issue.assignee.map(|person| ui.person(person))),
        (t.support, Some(support)),
        (t.until, issue.due.map(when)),
        (t.extensions, Some(issue.extensions).filter(|n| *n > 0).map(|n| n.to_string())),
        (t.supervised, pressed),
        (t.reporter, Some(format!("{} · {}", ui.person(issue.reporter), when(issue.reported_at)))),
        (t.close_when, t.close_when(issue.kind).map(String::from)),
        (t.severity_label, Some(t.severity(issue.severity).to_string())),
        (t.place_type_label, Some(t.place_type(issue.place_type).to_string())),
        (t.position, fix),
    ];
    let fact = |(name, value): (&'static str, Option<String>)| {
        let value = value.filter(|value| !value.is_empty());
        value.map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    view! {
        <dl>
            {facts.into_iter().map(fact).collect_view()}
            <Linked name=t.duplicate_of issue=issue.duplicate_of />
            <Linked name=t.recurrence_of issue=issue.recurrence_of />
        </dl>
    }
}

#[component]
fn Linked(name: &'static str, issue: Option<IssueId>) -> impl IntoView {
    let t = use_ui().t;
    issue.map(|issue| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>
                    <A href=format!("/issues/{issue}")>{t.open_issue}</A>
                </dd>
            </div>
        }
    })
}

/// Steps that move the issue stand in front; the rest is one tap away.
fn is_first(action: Action, state_moves: bool) -> bool {
    state_moves && !matches!(action, Action::Void | Action::Return)
        || matches!(action, Action::Extend | Action::Reply | Action::RefuseExtension)
}

/// The rules that are offered, those that move the issue first.
fn offered(me: &Person, issue: &Issue) -> (Vec<&'static Rule>, Vec<&'static Rule>) {
    let (asked, pressed) = (issue.open_request().is_some(), issue.supervision.is_some());
    let makes_sense = |rule: &&'static Rule| match rule.action {
        Action::RefuseExtension => asked,
        Action::Reply => pressed,
        _ => true,
    };
    // A supervisor who reported something himself has two lines for a correction, of which the wider one counts.
    let mut rules: Vec<&'static Rule> = allowed(me, issue).filter(makes_sense).collect();
    rules.sort_by_key(|rule| (rule.action, std::cmp::Reverse(rule.sets.len())));
    rules.dedup_by_key(|rule| rule.action);
    rules.into_iter().partition(|rule| is_first(rule.action, rule.to.is_some()))
}

#[component]
fn Actions(view: IssueView, desk: Desk) -> impl IntoView {
    let t = use_ui().t;
    let (first, more) = use_ui().me_now().map(|me| offered(&me, &view.issue)).unwrap_or_default();
    let none = first.is_empty() && more.is_empty();
    let only_more = first.is_empty();
    let view = StoredValue::new(view);
    let button = move |class: &'static str, rule: &'static Rule| {
        let open = move |_| desk.open.set(Some((rule, view.get_value())));
        view! {
            <button type="button" class=class data-testid=format!("action-{}", code(rule.action)) on:click=open>
                {t.action(rule.action)}
            </button>
        }
    };
    view! {
        <section class="panel actions" aria-labelledby="actions-title">
            <h2 id="actions-title">{t.actions}</h2>
            {none.then(|| view! { <p class="dim">{t.no_actions}</p> })}
            <div class="buttons">{first.into_iter().map(|rule| button(action_class(rule), rule)).collect_view()}</div>
            {(!more.is_empty())
                .then(|| {
                    view! {
                        <details class="more" open=only_more>
                            <summary data-testid="more-actions">{t.more_actions}</summary>
                            <div class="buttons">{more.into_iter().map(|rule| button("plain", rule)).collect_view()}</div>
                        </details>
                    }
                })}
        </section>
    }
}

fn action_class(rule: &Rule) -> &'static str {
    match rule.action {
        Action::Rework | Action::RefuseExtension | Action::Suspend | Action::Extend | Action::Reply => "plain",
        _ => "primary",
    }
}

/// `HandIn` as `hand_in`, the way the documents write it.
pub fn code(action: Action) -> String {
    serde_json::to_value(action).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

#[component]
fn AddRemark(view: IssueView, desk: Desk) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let text = desk.remark;
    let busy = RwSignal::new(false);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(me), view) = (ui.me_now(), view.clone()) else { return };
        let remark = Remark { by: me.id, at: client.now(), text: text.get().trim().into(), adopted_by: None };
        busy.set(true);
        spawn_local(async move {
            let edit = Edit::remark(client.random_id(), remark);
            match apply(client, ui, &me, &view, edit).await {
                Ok(()) => {
                    text.try_set(String::new());
                    ui.say(ui.t.saved);
                }
                Err(why) => ui.warn(why),
            }
            busy.try_set(false);
        });
    };
    let blank = move || busy.get() || text.with(|text| text.trim().is_empty());
    view! {
        <form class="panel" on:submit=send>
            <Words label=ui.t.remark value=text testid="remark" />
            <button type="submit" class="plain wide" data-testid="send-remark" disabled=blank>{ui.t.add_remark}</button>
        </form>
    }
}

/// Words for how a deadline came about: the limit of the catalogue.
fn limit_hint(ui: crate::components::Ui, issue: &Issue) -> String {
    let limit = xiaohao_shared::model::catalogue::limit(issue.kind, issue.severity);
    fill(ui.t.usual_limit, &[&ui.t.limit(limit)])
}

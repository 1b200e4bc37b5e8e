//! One step for several issues: each is judged and saved for itself, and the list of results names those that did not go.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Denied, allowed};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Needs, rules};

use super::Desk;
use crate::client::{Client, IssueView, use_client};
use crate::components::action_form::{ActionForm, Asked};
use crate::components::dialog::Dialog;
use crate::components::icon::{Icon, icon};
use crate::components::wish::{self, Signature, Wish};
use crate::components::{Ui, use_ui};
use crate::pages::apply;
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
/// How long an issue that this phone lacks is waited for.
const PATIENCE: u32 = 40;
const PAUSE: Duration = Duration::from_millis(500);

/// An issue and how it went; `None` while it is under way.
type Outcome = (Summary, Option<Result<(), String>>);

#[component]
pub fn BulkBar(desk: Desk) -> impl IntoView {
    let ui = use_ui();
    let open = RwSignal::new(None::<Action>);
    let chosen = move || desk.chosen.with(|chosen| chosen.values().cloned().collect::<Vec<_>>());
    let button = move |action: Action| {
        view! {
            <button
                type="button"
                class="plain"
                data-testid=format!("bulk-{}", crate::pages::issue::code(action))
                on:click=move |_| open.set(Some(action))
            >
                {ui.t.action(action)}
            </button>
        }
    };
    let offered = move || {
        let (me, rows) = (ui.me(), chosen());
        OFFERED.into_iter().filter(|action| me.as_ref().is_some_and(|me| fits(*action, me, &rows))).collect::<Vec<_>>()
    };
    let close = Callback::new(move |()| open.set(None));
    view! {
        {move || {
            let count = desk.chosen.with(|chosen| chosen.len());
            (count > 0)
                .then(|| {
                    view! {
                        <div class="bulk-bar" role="region" aria-label=ui.t.chosen data-testid="bulk-bar">
                            <strong>{fill(ui.t.chosen_n, &[&count])}</strong>
                            <div class="buttons">{offered().into_iter().map(button).collect_view()}</div>
                            <button
                                type="button"
                                class="quiet"
                                aria-label=ui.t.clear_choice
                                on:click=move |_| desk.chosen.set(Default::default())
                            >
                                {icon(Icon::Cross)}
                            </button>
                        </div>
                    }
                })
        }}
        {move || open.get().map(|action| view! { <BulkSheet desk action on_close=close /> })}
    }
}

/// Offered where at least one of the chosen issues is in a state for it.
fn fits(action: Action, me: &Person, rows: &[Summary]) -> bool {
    rows.iter().any(|row| rules(action, row.state).any(|rule| rule.roles.contains(&me.role)))
}

#[component]
fn BulkSheet(desk: Desk, action: Action, on_close: Callback<()>) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let rows: Vec<Summary> = desk.chosen.with_untracked(|chosen| chosen.values().cloned().collect());
    let outcomes = RwSignal::new(None::<Vec<Outcome>>);
    let asked = asked(client, ui, action, &rows);
    let on_submit = Callback::new(move |wish: Wish| {
        let ids: Vec<IssueId> = rows.iter().map(|row| row.id).collect();
        outcomes.set(Some(rows.iter().map(|row| (row.clone(), None)).collect()));
        spawn_local(async move {
            for (at, id) in ids.into_iter().enumerate() {
                let outcome = one(client, ui, id, action, &wish).await;
                outcomes.try_update(|outcomes| {
                    if let Some((_, place)) = outcomes.as_mut().and_then(|outcomes| outcomes.get_mut(at)) {
                        *place = Some(outcome);
                    }
                });
            }
        });
    });
    let done = Callback::new(move |()| {
        if outcomes.with_untracked(Option::is_some) {
            desk.chosen.set(Default::default());
            desk.load(client);
        }
        on_close.run(());
    });
    view! {
        <Dialog title=ui.t.action(action) on_close=done>
            {move || match outcomes.get() {
                None => {
                    let busy = Signal::derive(|| false);
                    view! { <ActionForm asked=asked.clone() busy on_submit /> }.into_any()
                }
                Some(outcomes) => view! { <Outcomes outcomes on_close=done /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Outcomes(outcomes: Vec<Outcome>, on_close: Callback<()>) -> impl IntoView {
    let ui = use_ui();
    let one = move |(row, outcome): Outcome| {
        let name = format!("{} · {}", ui.t.kind(row.kind), row.address);
        view! {
            <li>
                <span>{name}</span>
                {match outcome {
                    None => view! { <em>{ui.t.saving}</em> }.into_any(),
                    Some(Ok(())) => view! { <em class="good">{icon(Icon::Check)} {ui.t.saved}</em> }.into_any(),
                    Some(Err(why)) => view! { <em class="error">{why}</em> }.into_any(),
                }}
            </li>
        }
    };
    view! {
        <ul class="outcomes" role="status" data-testid="bulk-results">{outcomes.into_iter().map(one).collect_view()}</ul>
        <button type="button" class="primary wide" data-testid="bulk-done" on:click=move |_| on_close.run(())>
            {ui.t.done}
        </button>
    }
}

async fn one(client: Client, ui: Ui, id: IssueId, action: Action, wish: &Wish) -> Result<(), String> {
    let me = ui.me_now().ok_or(ui.t.directory_missing)?;
    let view = fetch(client, id).await.ok_or(ui.t.issue_absent)?;
    let rule = allowed(&me, &view.issue).find(|rule| rule.action == action);
    let rule = rule.ok_or_else(|| ui.t.denied(Denied::NotInThisState))?;
    let sign = Signature { by: me.id, at: client.now(), record: client.random_id() };
    let edit = wish::edit(rule, &view.issue, sign, wish);
    apply(client, ui, &me, &view, edit).await
}

/// The board shows issues of the whole office; the document of one may have to come first.
async fn fetch(client: Client, id: IssueId) -> Option<IssueView> {
    for attempt in 0..PATIENCE {
        if let Some(view) = client.read(id).await {
            return Some(view);
        }
        if attempt == 0 {
            client.want(id);
        }
        pause(PAUSE).await;
    }
    None
}

async fn pause(time: Duration) {
    let (wake, woken) = futures_channel::oneshot::channel();
    let ring = move || {
        let _ = wake.send(());
    };
    set_timeout(ring, time);
    let _ = woken.await;
}

/// The form starts from what the issues share; a deadline from the first of them.
fn asked(client: Client, ui: Ui, action: Action, rows: &[Summary]) -> Asked {
    let needs = rows.iter().find_map(|row| rules(action, row.state).next()).map_or(Needs::default(), |rule| rule.needs);
    let zone = rows.first().map(|row| row.zone).filter(|zone| rows.iter().all(|row| row.zone == *zone));
    let until = ui.office.with_untracked(|office| {
        let (calendar, row) = (&office.as_ref()?.calendar, rows.first()?);
        let limit = xiaohao_shared::model::catalogue::limit(row.kind, row.severity);
        let start = row.due.filter(|_| action == Action::Extend).map_or(client.now(), |due| due.max(client.now()));
        Some(calendar.deadline(start, limit))
    });
    Asked {
        action,
        needs,
        has_photos: Vec::new(),
        zone,
        assignee: None,
        support: Default::default(),
        until: until.filter(|_| matches!(action, Action::Dispatch | Action::Extend)),
        until_hint: until.map(|_| ui.t.until_of_first.into()).unwrap_or_default(),
        twins: Vec::new(),
        photos: false,
    }
}

//! The sheet in which one action is filled in and saved.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Issue;
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::model::workflow::{Action, Rule};

use super::{Desk, limit_hint};
use crate::client::{Client, IssueView, use_client};
use crate::components::Ui;
use crate::components::action_form::{ActionForm, Asked};
use crate::components::amend_form::AmendForm;
use crate::components::dialog::Dialog;
use crate::components::use_ui;
use crate::components::wish::{self, Signature, Wish, asks_until, usual_deadline};
use crate::pages::apply;

/// How many issues are offered as the one that this is a duplicate of.
const TWINS: usize = 12;

#[component]
pub(super) fn ActionSheet(rule: &'static Rule, view: IssueView, desk: Desk) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let busy = RwSignal::new(false);
    let issue = view.issue;
    let id = issue.id;
    let on_close = Callback::new(move |()| desk.open.set(None));
    let on_submit = Callback::new(move |wish: Wish| {
        busy.set(true);
        spawn_local(async move {
            match carry_out(client, ui, rule, id, &wish).await {
                Ok(()) => {
                    ui.say(ui.t.saved);
                    desk.open.try_set(None);
                }
                Err(why) => ui.warn(why),
            }
            busy.try_set(false);
        });
    });
    let title = ui.t.action(rule.action);
    view! {
        <Dialog title on_close>
            {if rule.action == Action::Amend {
                view! { <AmendForm issue busy on_submit /> }.into_any()
            } else {
                let asked = asked(ui, rule, &issue);
                view! { <ActionForm asked busy on_submit /> }.into_any()
            }}
        </Dialog>
    }
}

/// On the issue as it is by now: somebody may have changed it while the form was open, and then the policy says so.
async fn carry_out(client: Client, ui: Ui, rule: &Rule, id: IssueId, wish: &Wish) -> Result<(), String> {
    let me = ui.me_now().ok_or(ui.t.directory_missing)?;
    let view = client.read(id).await.ok_or(ui.t.issue_absent)?;
    let sign = Signature { by: me.id, at: client.now(), record: client.random_id() };
    let edit = wish::edit(rule, &view.issue, sign, wish);
    apply(client, ui, &me, &view, edit).await
}

fn asked(ui: Ui, rule: &Rule, issue: &Issue) -> Asked {
    let client = use_client();
    let usual = ui.office.with_untracked(|office| {
        let calendar = &office.as_ref()?.calendar;
        usual_deadline(rule.action, issue, calendar, client.now())
    });
    let twins = if rule.action == Action::MarkDuplicate { twins(issue) } else { Vec::new() };
    Asked {
        action: rule.action,
        needs: rule.needs,
        has_photos: issue.photos.values().map(|photo| photo.stage).collect(),
        zone: Some(issue.zone),
        assignee: issue.assignee,
        support: issue.responsible.keys().copied().collect(),
        until: usual.filter(|_| asks_until(rule.action)),
        until_hint: usual.map(|_| limit_hint(ui, issue)).unwrap_or_default(),
        twins,
        photos: true,
    }
}

/// The same kind in the same zone, newest first: where a duplicate is likely.
fn twins(issue: &Issue) -> Vec<Summary> {
    let alike = |row: &&Summary| row.id != issue.id && row.zone == issue.zone && row.kind == issue.kind;
    let mut rows: Vec<Summary> = use_client().rows.with_untracked(|rows| rows.iter().filter(alike).cloned().collect());
    rows.sort_by_key(|row| std::cmp::Reverse(row.reported_at));
    rows.truncate(TWINS);
    rows
}

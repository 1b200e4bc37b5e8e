//! The other half of the policy, to be read and printed: which action leads from which state to which, by whom, where, and what it
//! needs and when it is bounded. Read from the table that office and app ask; a row is a card where the screen is narrow.

use leptos::prelude::*;
use xiaohao_shared::model::Role;
use xiaohao_shared::model::policy::sight;
use xiaohao_shared::model::workflow::{Action, Needs, RULES, Rule, State};

use crate::components::Ui;
use crate::components::lean::all;
use crate::components::table::{card, cards};
use crate::texts::Texts;

pub fn steps(ui: Ui) -> AnyView {
    let t = ui.t;
    let heads = [t.step_action, t.step_from, t.step_to, t.step_roles, t.step_who, t.step_needs, t.step_bounds];
    let rules = RULES.iter().enumerate().map(|(at, rule)| row(t, &heads, at, rule));
    let table = cards(t.steps_table, &heads, all(std::iter::once(report(t, &heads)).chain(rules)));
    view! {
        <details class="panel more" data-testid="steps">
            <summary id="steps">{t.steps_table}</summary>
            <p class="prose">{t.steps_about}</p>
            {table}
        </details>
    }
    .into_any()
}

/// It has no state to come from, so it stands in no rule; whoever sees a zone may report there.
fn report(t: &Texts, heads: &[&'static str]) -> AnyView {
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Administrator).collect();
    let none = String::new;
    let cells = [none(), t.state(State::Reported).into(), within(t, &roles), none(), none(), none()];
    line(t, heads, "step-report".into(), Action::Report, cells)
}

fn row(t: &Texts, heads: &[&'static str], at: usize, rule: &Rule) -> AnyView {
    let from = match rule.from {
        every if every.len() == State::ALL.len() => t.step_every.into(),
        open if open.iter().filter(|state| state.is_open()).count() == OPEN => t.step_open.into(),
        some => some.iter().map(|state| t.state(*state)).collect::<Vec<_>>().join(t.list_comma()),
    };
    let to = rule.to.map_or(t.step_stays, |state| t.state(state));
    let (who, bounds) = (t.who(rule.who).into(), t.step_bound(rule.action).into());
    let cells = [from, to.into(), within(t, rule.roles), who, needs(t, rule.needs), bounds];
    line(t, heads, format!("step-{at}"), rule.action, cells)
}

/// How many states there are before an issue ends.
const OPEN: usize = 8;

fn line(t: &Texts, heads: &[&'static str], testid: String, action: Action, cells: [String; 6]) -> AnyView {
    let cells = cells.into_iter().map(IntoAny::into_any).collect();
    card(testid, heads, t.action(action).into_any(), cells)
}

/// The roles, each with the zones in which it may.
fn within(t: &Texts, roles: &[Role]) -> String {
    let one = |role: &Role| format!("{}{}", t.role(*role), t.sight(sight(*role)));
    roles.iter().map(one).collect::<Vec<_>>().join(t.list_comma())
}

fn needs(t: &Texts, needs: Needs) -> String {
    let photos = needs.photos.iter().map(|stage| t.step_photo(*stage));
    let rest = [(needs.reason, t.step_reason), (needs.assignee, t.step_assignee), (needs.until, t.step_until)];
    let rest = rest.into_iter().filter(|(needed, _)| *needed).map(|(_, words)| words.to_owned());
    photos.chain(rest).collect::<Vec<_>>().join(t.list_comma())
}

//! Kinds of changes as people make them, and issues in each state to make them in, as the hub has them. Says nothing of who may make
//! which.

use xiaohao_server::service::{random, system_clock};
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{Actor, IssueId, PersonId};
use xiaohao_shared::model::workflow::{Action, RULES, Rule, State};
use xiaohao_shared::model::{Person, Role, Stage};
use xiaohao_shared::sync::wire::{self, Push, Request, Response, Verdict};
use xiaohao_shared::time::DAY;

use crate::edits::{new_issue, photo, report, step};
use crate::phone::nothing;
use crate::{TestDevice, TestServer};

/// Where everybody works who has a zone; the other one is zone 2.
pub const OWN: u32 = 1;
pub const ZONES: [u32; 2] = [OWN, 2];

/// Every action that the table of steps has.
pub fn actions() -> Vec<Action> {
    let mut actions: Vec<Action> = RULES.iter().map(|rule| rule.action).collect();
    actions.dedup();
    actions
}

pub async fn push(device: &TestDevice, pushes: Vec<(IssueId, Vec<u8>)>) -> Vec<Verdict> {
    let pushes = pushes.into_iter().map(|(issue, change)| Push { issue, change }).collect();
    let answer = device.post(wire::PATH, wire::pack(&Request { pushes, ..nothing() })).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    wire::unpack::<Response>(&answer.body).expect("a page").verdicts
}

pub fn write(document: &mut Document, device: &TestDevice, edit: &Edit) -> Vec<u8> {
    let nonce = u64::from_be_bytes(random());
    document.edit(Actor { device: device.device(), nonce }, edit).expect("an edit").bytes
}

/// An edit that takes the action with everything that a rule could need.
pub fn filled(by: PersonId, rule: &Rule, from: State, charged: PersonId) -> Edit {
    let mut edit = step(by, rule.action, from, rule.to);
    let due = system_clock() + DAY;
    edit.step.as_mut().expect("a step").record.until = rule.needs.until.then_some(due);
    if rule.needs.photos.contains(&Stage::After) {
        edit = edit.with_photos(photo(by, Stage::After));
    }
    let named = matches!(rule.action, Action::MarkDuplicate | Action::Merge);
    let values = [
        (rule.needs.assignee, Value::Assignee(Some(charged))),
        (named, Value::DuplicateOf(Some(IssueId([1; 16])))),
        (rule.action == Action::Suspend, Value::Due(Some(due))),
        (rule.sets.contains(&Register::Extensions), Value::Extensions(1)),
    ];
    values.into_iter().filter(|(wanted, _)| *wanted).fold(edit, |edit, (_, value)| edit.with(value))
}

pub fn rule(action: Action) -> &'static Rule {
    RULES.iter().find(|rule| rule.action == action).expect("a rule")
}

/// How an issue comes to each state, by the hands of the desk.
pub fn way_to(state: State) -> &'static [Action] {
    use Action::{Close, Dispatch, File, HandIn, Rework, Start, Suspend, Verify, Void};
    match state {
        State::Reported => &[],
        State::Verifying => &[Verify],
        State::Filed => &[File],
        State::Dispatched => &[File, Dispatch],
        State::Handling => &[File, Dispatch, Start],
        State::ToCheck => &[File, Dispatch, Start, HandIn],
        State::Rework => &[File, Dispatch, Start, HandIn, Rework],
        State::Suspended => &[File, Dispatch, Start, Suspend],
        State::Closed => &[File, Dispatch, Start, HandIn, Close],
        State::Void => &[Void],
    }
}

/// An issue in this state and zone, as the hub has it.
pub async fn issue_in(state: State, zone: u32, desk: &[(Person, TestDevice); 2]) -> (IssueId, Document) {
    let [(first, phone), _] = desk;
    issue_of((first.id, phone), state, zone, desk).await
}

/// One that somebody reported, and is in charge of once somebody is; the rest is by the hands of the desk.
pub async fn issue_of(
    (whose, his): (PersonId, &TestDevice),
    state: State,
    zone: u32,
    desk: &[(Person, TestDevice); 2],
) -> (IssueId, Document) {
    let (issue, mut document, mut at) = (new_issue(), Document::default(), State::Reported);
    let [(first, phone), (second, other)] = desk;
    let begun = write(&mut document, his, &report(whose, zone, "垃圾"));
    let mut changes = vec![(his, begun)];
    for action in way_to(state) {
        // Nobody checks what he has rectified himself.
        let checks = matches!(action, Action::Close | Action::Rework);
        let (by, device) = if checks { (second, other) } else { (first, phone) };
        let rule = rule(*action);
        changes.push((device, write(&mut document, device, &filled(by.id, rule, at, whose))));
        at = rule.to.unwrap_or(at);
    }
    for (device, change) in changes {
        let verdicts = push(device, vec![(issue, change)]).await;
        assert!(matches!(verdicts[..], [Verdict::Accepted { .. }]), "{state:?}: {verdicts:?}");
    }
    (issue, document)
}

pub async fn two_of_the_desk(server: &TestServer) -> [(Person, TestDevice); 2] {
    let mut desk = Vec::new();
    for name in ["first", "second"] {
        let person = server.person(name, Role::Supervisor, &ZONES).await;
        let device = server.enrol(&person).await;
        desk.push((person, device));
    }
    desk.try_into().unwrap_or_else(|_| panic!("two"))
}

/// Writes this, and the hub takes it.
async fn goes(device: &TestDevice, issue: IssueId, document: &mut Document, edit: &Edit) {
    let change = write(document, device, edit);
    let verdicts = push(device, vec![(issue, change)]).await;
    assert!(matches!(verdicts[..], [Verdict::Accepted { .. }]), "{verdicts:?} {edit:?}");
}

/// Done after its deadline by whoever reported it, and checked by the second of the desk.
pub async fn closed_late(
    (whose, his): (PersonId, &TestDevice),
    desk: &[(Person, TestDevice); 2],
) -> (IssueId, Document) {
    let [(first, phone), (second, other)] = desk;
    let (issue, mut document) = issue_of((whose, his), State::Filed, OWN, desk).await;
    let past = system_clock() + -DAY;
    let mut dispatch = filled(first.id, rule(Action::Dispatch), State::Filed, whose).with(Value::Due(Some(past)));
    dispatch.step.as_mut().expect("a step").record.until = Some(past);
    let way = [
        (phone, dispatch),
        (his, filled(whose, rule(Action::Start), State::Dispatched, whose)),
        (his, filled(whose, rule(Action::HandIn), State::Handling, whose)),
        (other, filled(second.id, rule(Action::Close), State::ToCheck, whose)),
    ];
    for (device, edit) in way {
        goes(device, issue, &mut document, &edit).await;
    }
    (issue, document)
}

/// Done after its deadline by the first of the desk, who has appealed.
pub async fn appealed(desk: &[(Person, TestDevice); 2]) -> (IssueId, Document) {
    let [(first, phone), _] = desk;
    let (issue, mut document) = closed_late((first.id, phone), desk).await;
    goes(phone, issue, &mut document, &filled(first.id, rule(Action::Appeal), State::Closed, first.id)).await;
    (issue, document)
}

/// Filed by the first of the desk, while the second had it verified.
pub async fn in_two_states(zone: u32, desk: &[(Person, TestDevice); 2]) -> (IssueId, Document) {
    let [(first, phone), (second, other)] = desk;
    let (issue, document) = issue_in(State::Reported, zone, desk).await;
    let (mut one, mut two) = (document.clone(), document);
    let filed = write(&mut one, phone, &filled(first.id, rule(Action::File), State::Reported, first.id));
    let verifying = write(&mut two, other, &filled(second.id, rule(Action::Verify), State::Reported, first.id));
    for (device, change) in [(phone, &filed), (other, &verifying)] {
        let verdicts = push(device, vec![(issue, change.clone())]).await;
        assert!(matches!(verdicts[..], [Verdict::Accepted { .. }]), "{verdicts:?}");
    }
    one.apply([verifying.as_slice()]).expect("both");
    (issue, one)
}

/// How much stands of all that a change could write, but for evidence.
pub async fn stored(server: &TestServer) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["changes", "documents", "issues", "steps", "remarks", "photos"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        counts.push(sqlx::query_scalar(sql).fetch_one(&server.service.store).await.expect("SQL answers"));
    }
    counts
}

//! The table says who may do what; these tests ask the judge every question and compare.

use std::collections::BTreeMap;

use super::*;
use crate::doc::admit::recognise;
use crate::doc::screen::screen;
use crate::doc::value::Value;
use crate::doc::{Document, Version};
use crate::id::IssueId;
use crate::model::workflow::Needs;
use crate::model::{
    Entry, Fix, FixSource, Part, Place, Remark, Severity, Step, Supervision, SupervisionLevel, catalogue::PlaceType,
};
use crate::testing::{ISSUE, KIND, REPORTER, ZONE, actor, person, photos, record_id, remark, report, reported};
use crate::time::Timestamp;

const ACTIONS: [Action; 28] = [
    Action::Report,
    Action::FixOnSpot,
    Action::Verify,
    Action::File,
    Action::Void,
    Action::Dispatch,
    Action::Start,
    Action::Return,
    Action::HandIn,
    Action::Close,
    Action::Rework,
    Action::AskExtension,
    Action::Extend,
    Action::RefuseExtension,
    Action::AskSuspension,
    Action::Suspend,
    Action::Resume,
    Action::Supervise,
    Action::Reply,
    Action::Amend,
    Action::Assign,
    Action::Decide,
    Action::MarkDuplicate,
    Action::Photograph,
    Action::Merge,
    Action::Appeal,
    Action::GrantAppeal,
    Action::RefuseAppeal,
];

/// Who asks in every test here.
const ME: u32 = 50;

fn known() -> Known {
    let zones = (1..9).map(ZoneId).collect();
    let people = (1..99).map(|id| (PersonId(id), person(id, Role::Inspector, &[])));
    Known { zones, people: people.collect() }
}

/// Late, whatever is still done to it.
fn issue(state: State) -> Issue {
    Issue { state, photos: BTreeMap::new(), due: Some(Timestamp(0)), ..reported().0.read(ISSUE).unwrap() }
}

fn appealed(mut issue: Issue, by: u32) -> Issue {
    let step = Step::new(PersonId(by), Timestamp(2), Action::Appeal);
    issue.steps.push(Entry { id: record_id(3), record: step });
    issue
}

fn rectified(mut issue: Issue, by: u32) -> Issue {
    let step = Step::new(PersonId(by), Timestamp(1), Action::HandIn);
    issue.steps.push(Entry { id: record_id(1), record: step });
    issue
}

fn asked(me: &Person, issue: &Issue, edit: &Edit) -> Result<(), Denied> {
    judge(me, Some(Before { issue, conflicts: &[] }), edit, &known())
}

/// An edit that takes the action with everything that it could need.
fn filled(me: &Person, issue: &Issue, action: Action) -> Edit {
    let rule = rules(action, issue.state).next();
    let to = rule.and_then(|rule| rule.to);
    let reason = "in good order".into();
    let (from, until) = (Some(issue.state), Some(Timestamp(9)));
    // More time is asked for while there is some.
    let at = if matches!(action, Action::AskExtension | Action::Extend) { Timestamp(0) } else { Timestamp(2) };
    let step = Step { from, to, reason, until, ..Step::new(me.id, at, action) };
    let mut edit = Edit::step(record_id(2), step).with_photos(photos(me.id, &[Stage::Before, Stage::After]));
    if rule.is_some_and(|rule| rule.needs.assignee) {
        edit.sets.push(Value::Assignee(Some(PersonId(3))));
    }
    if matches!(action, Action::MarkDuplicate | Action::Merge) {
        edit.sets.push(Value::DuplicateOf(Some(IssueId([1; 16]))));
    }
    if action == Action::Suspend {
        edit.sets.push(Value::Due(until));
    }
    if action == Action::Extend {
        edit.sets.push(Value::Extensions(issue.extensions + 1));
    }
    edit
}

/// What the table says, read without the judge.
fn expected(me: &Person, issue: &Issue, action: Action) -> bool {
    let assigned = issue.assignee == Some(me.id) || issue.responsible.contains_key(&me.id);
    let here = match me.role {
        Role::Cadre => assigned || me.zones.contains(&issue.zone),
        Role::Inspector | Role::Supervisor => true,
        Role::Administrator => false,
    };
    let one = |rule: &Rule| {
        let who = match rule.who {
            Who::Anyone => true,
            Who::Reporter => issue.reporter == me.id,
            Who::Assignee => assigned || me.role == Role::Supervisor,
            Who::InCharge => assigned,
            Who::NotRectifier => issue.steps.iter().all(|entry| entry.record.by != me.id),
        };
        rule.action == action && rule.from.contains(&issue.state) && rule.roles.contains(&me.role) && who
    };
    let appeal = issue.steps.iter().any(|step| step.record.action == Action::Appeal);
    let in_order = match action {
        Action::Appeal => !appeal,
        Action::GrantAppeal | Action::RefuseAppeal => appeal,
        _ => true,
    };
    me.active && here && in_order && action != Action::Decide && RULES.iter().any(one)
}

/// Every role in every state, near or far from the issue: more than ten thousand questions.
fn every_case(mut ask: impl FnMut(&Person, &Issue, Action)) {
    for (role, state, relation) in Role::ALL
        .into_iter()
        .flat_map(|role| State::ALL.map(|state| (role, state)))
        .flat_map(|(role, state)| (0..32u8).map(move |relation| (role, state, relation)))
    {
        let is = |bit: u8| relation >> bit & 1 == 1;
        let me = Person { active: !is(4) || is(0), ..person(ME, role, if is(0) { &[1] } else { &[2] }) };
        let mut issue = rectified(issue(state), if is(1) { ME } else { 4 });
        issue.reporter = if is(2) { me.id } else { REPORTER };
        let mut issue = if is(2) { appealed(issue, 9) } else { issue };
        issue.assignee = is(3).then_some(me.id);
        if is(4) {
            issue.responsible.insert(me.id, Part::Support);
        }
        ACTIONS.iter().for_each(|action| ask(&me, &issue, *action));
    }
}

#[test]
fn the_judge_says_what_the_table_says() {
    every_case(|me, issue, action| {
        let answer = asked(me, issue, &filled(me, issue, action));
        let case = format!("{:?} {action:?} in {:?}: {answer:?}", me.role, issue.state);
        assert_eq!(answer.is_ok(), expected(me, issue, action), "{case}");
    });
}

#[test]
fn what_is_offered_is_accepted_once_its_needs_are_filled_and_nothing_else_is() {
    every_case(|me, issue, action| {
        let offered = allowed(me, issue).any(|rule| rule.action == action);
        let answer = asked(me, issue, &filled(me, issue, action));
        assert_eq!(offered, answer.is_ok(), "{:?} {action:?} in {:?}: {answer:?}", me.role, issue.state);
    });
}

#[test]
fn a_need_that_is_not_filled_is_named() {
    let me = person(ME, Role::Supervisor, &[]);
    for rule in RULES.iter().filter(|rule| rule.action != Action::Decide) {
        let mut issue = issue(rule.from[0]);
        (issue.reporter, issue.assignee) = (me.id, Some(me.id).filter(|_| rule.who == Who::InCharge));
        if matches!(rule.action, Action::GrantAppeal | Action::RefuseAppeal) {
            issue = appealed(issue, 9);
        }
        let edit = filled(&me, &issue, rule.action);
        let Needs { reason, photos, assignee, until } = rule.needs;
        let check = |needed: bool, edit: Edit, expected: Denied| {
            let expected = if needed { Err(expected) } else { Ok(()) };
            assert_eq!(asked(&me, &issue, &edit), expected, "{:?}", rule.action);
        };
        let mut silent = edit.clone();
        silent.step.as_mut().unwrap().record.reason = " \n".into();
        check(reason, silent, Denied::ReasonMissing);
        check(!photos.is_empty(), Edit { photos: BTreeMap::new(), ..edit.clone() }, Denied::PhotoMissing);
        let mut nobody = edit.clone();
        nobody.sets.retain(|value| value.register() != Register::Assignee);
        check(assignee, nobody, Denied::AssigneeMissing);
        let mut endless = edit;
        endless.step.as_mut().unwrap().record.until = None;
        check(until, endless, Denied::DeadlineMissing);
    }
}

/// One value of every register.
fn values(by: PersonId) -> Vec<Value> {
    let at = Timestamp(1);
    let supervision = Supervision { level: SupervisionLevel::Office, number: "7".into(), by, at, due: None };
    vec![
        Value::Schema(2),
        Value::Zone(ZoneId(2)),
        Value::Kind(KIND),
        Value::PlaceType(PlaceType::Water),
        Value::Description("d".into()),
        Value::Place(Place::default()),
        Value::Severity(Severity::Urgent),
        Value::Assignee(Some(PersonId(2))),
        Value::Due(Some(Timestamp(3))),
        Value::Extensions(1),
        Value::Priority(true),
        Value::Supervision(Some(supervision)),
        Value::DuplicateOf(Some(IssueId([1; 16]))),
        Value::RecurrenceOf(Some(IssueId([2; 16]))),
    ]
}

#[test]
fn an_action_sets_only_the_fields_that_its_line_names() {
    for role in Role::ALL {
        let me = person(ME, role, &[1, 2]);
        for (action, state) in ACTIONS.into_iter().flat_map(|action| State::ALL.map(|state| (action, state))) {
            let issue = Issue { reporter: me.id, assignee: Some(me.id), ..issue(state) };
            if !expected(&me, &issue, action) {
                continue;
            }
            let may = |register: Register| {
                let mut lines = rules(action, state).filter(|rule| rule.roles.contains(&role));
                lines.any(|rule| rule.sets.contains(&register))
            };
            let edit = filled(&me, &issue, action);
            let own: Vec<_> = edit.sets.iter().map(Value::register).collect();
            for value in values(me.id).into_iter().filter(|value| !own.contains(&value.register())) {
                let answer = asked(&me, &issue, &edit.clone().with(value.clone()));
                assert_eq!(answer.is_ok(), may(value.register()), "{role:?} {action:?} {state:?} {value:?} {answer:?}");
            }
            let parts = Edit { responsible: [(PersonId(2), Some(Part::Lead))].into(), ..edit };
            assert_eq!(asked(&me, &issue, &parts).is_ok(), may(Register::Responsible), "{role:?} {action:?}");
        }
    }
}

#[test]
fn an_action_leads_only_where_its_line_leads() {
    let me = person(ME, Role::Supervisor, &[]);
    for (action, state) in ACTIONS.into_iter().flat_map(|action| State::ALL.map(|state| (action, state))) {
        let issue = Issue { reporter: me.id, ..issue(state) };
        if !expected(&me, &issue, action) {
            continue;
        }
        let to = rules(action, state).next().unwrap().to;
        for other in State::ALL.into_iter().filter(|other| Some(*other) != to && *other != state) {
            let mut edit = filled(&me, &issue, action);
            edit.sets.retain(|value| value.register() != Register::State);
            let mut lie = edit.clone();
            lie.step.as_mut().unwrap().record.to = Some(other);
            let lie = lie.with(Value::State(other));
            assert!(asked(&me, &issue, &lie).is_err(), "{action:?} from {state:?} to {other:?}");
            let hidden = edit.with(Value::State(other));
            assert!(asked(&me, &issue, &hidden).is_err(), "{action:?} writes {other:?}");
        }
        let mut elsewhere = filled(&me, &issue, action);
        elsewhere.step.as_mut().unwrap().record.from = None;
        assert_eq!(asked(&me, &issue, &elsewhere), Err(Denied::NotInThisState), "{action:?} from nowhere");
    }
}

#[test]
fn who_rectified_does_not_check_whatever_his_role() {
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        let me = person(ME, role, &[1]);
        for action in [Action::Close, Action::Rework] {
            let edit = |issue: &Issue| filled(&me, issue, action);
            let own = rectified(issue(State::ToCheck), ME);
            assert_eq!(asked(&me, &own, &edit(&own)), Err(Denied::OwnWork), "{role:?} {action:?}");
            let others = rectified(issue(State::ToCheck), 7);
            assert_eq!(asked(&me, &others, &edit(&others)), Ok(()), "{role:?} {action:?}");
        }
    }
}

#[test]
fn an_overtime_is_appealed_against_once_by_who_was_in_charge_and_decided_by_another() {
    let (me, desk) = (person(ME, Role::Cadre, &[1]), person(9, Role::Supervisor, &[]));
    let take = |me: &Person, issue: &Issue, action| asked(me, issue, &filled(me, issue, action));
    let closed = Issue { assignee: Some(me.id), ..rectified(issue(State::Closed), ME) };
    assert_eq!(take(&me, &closed, Action::Appeal), Ok(()));
    assert_eq!(take(&desk, &closed, Action::Appeal), Err(Denied::NotAssigned), "nobody asks for him");
    let in_time = Issue { due: Some(Timestamp(1)), ..closed.clone() };
    assert_eq!(take(&me, &in_time, Action::Appeal), Err(Denied::NothingToAppeal));
    assert_eq!(take(&desk, &closed, Action::GrantAppeal), Err(Denied::NothingToAppeal));
    let mut open = appealed(closed, ME);
    assert_eq!((open.appeal(), take(&me, &open, Action::Appeal)), (Some(Appeal::Asked), Err(Denied::NothingToAppeal)));
    let own = Person { role: Role::Supervisor, ..me.clone() };
    assert_eq!(take(&own, &open, Action::GrantAppeal), Err(Denied::OwnWork));
    assert_eq!(take(&desk, &open, Action::RefuseAppeal), Ok(()));
    let granted = Step::new(desk.id, Timestamp(3), Action::GrantAppeal);
    open.steps.push(Entry { id: record_id(4), record: granted });
    let open = appealed(open, 8);
    assert_eq!(open.appeal(), Some(Appeal::Granted), "a second request, made beside the first, opens nothing");
    assert_eq!(take(&desk, &open, Action::RefuseAppeal), Err(Denied::NothingToAppeal));
    assert_eq!((open.overtime(), open.ended_by().map(|step| step.record.action)), (Some(1), Some(Action::HandIn)));
}

#[test]
fn nobody_writes_in_the_name_of_another() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Reported);
    let mut step = filled(&me, &issue, Action::File);
    step.step.as_mut().unwrap().record.by = PersonId(3);
    let mut adopted = filled(&me, &issue, Action::File);
    adopted.step.as_mut().unwrap().record.adopted_by = Some(me.id);
    let stranger = filled(&me, &issue, Action::Photograph);
    let stranger = Edit { photos: photos(PersonId(3), &[Stage::After]), ..stranger };
    let (level, number, at) = (SupervisionLevel::City, String::new(), Timestamp(1));
    let supervision = Supervision { level, number, by: PersonId(3), at, due: None };
    let pressed = filled(&me, &issue, Action::Supervise).with(Value::Supervision(Some(supervision)));
    for edit in [step, adopted, stranger, pressed, remark(3, 1, "not me")] {
        assert_eq!(asked(&me, &issue, &edit), Err(Denied::NotYourName), "{edit:?}");
    }
    assert_eq!(judge(&me, None, &report(ZONE), &known()), Err(Denied::NotYourName));
}

#[test]
fn a_cadre_reports_in_his_zones_an_office_anywhere_and_an_administrator_nowhere() {
    let answer = |role, zones: &[u32], zone| {
        let me = Person { id: REPORTER, ..person(ME, role, zones) };
        judge(&me, None, &report(ZoneId(zone)), &known())
    };
    assert_eq!(answer(Role::Cadre, &[1], 1), Ok(()));
    assert_eq!(answer(Role::Cadre, &[2], 1), Err(Denied::NotYourZone));
    assert_eq!(answer(Role::Inspector, &[], 1), Ok(()));
    assert_eq!(answer(Role::Supervisor, &[], 1), Ok(()));
    assert_eq!(answer(Role::Administrator, &[1], 1), Err(Denied::RoleMayNot));
    assert_eq!(answer(Role::Supervisor, &[], 77), Err(Denied::UnknownZone));
    // Nor in two steps.
    let moved = |role, zones: &[u32], zone| {
        let (me, issue) = (person(ME, role, zones), Issue { reporter: PersonId(ME), ..issue(State::Reported) });
        asked(&me, &issue, &filled(&me, &issue, Action::Amend).with(Value::Zone(ZoneId(zone))))
    };
    assert_eq!(moved(Role::Cadre, &[1, 2], 2), Ok(()));
    assert_eq!(moved(Role::Cadre, &[1], 2), Err(Denied::NotYourZone));
    assert_eq!(moved(Role::Supervisor, &[], 2), Ok(()));
    let inactive = Person { id: REPORTER, active: false, ..person(ME, Role::Cadre, &[1]) };
    assert_eq!(judge(&inactive, None, &report(ZONE), &known()), Err(Denied::Inactive));
}

#[test]
fn a_report_is_complete_and_says_nothing_more() {
    let me = Person { id: REPORTER, ..person(ME, Role::Cadre, &[1]) };
    let refused = |alter: &dyn Fn(&mut Edit), why: &str| {
        let mut edit = report(ZONE);
        alter(&mut edit);
        assert_eq!(judge(&me, None, &edit, &known()), Err(Denied::FieldNotAllowed), "{why}");
    };
    assert_eq!(judge(&me, None, &report(ZONE), &known()), Ok(()));
    for value in report(ZONE).sets {
        let register = value.register();
        refused(&|edit| edit.sets.retain(|value| value.register() != register), register.key());
    }
    for value in values(me.id)
        .into_iter()
        .filter(|value| value.register() != Register::RecurrenceOf)
        .filter(|value| report(ZONE).sets.iter().all(|is| is.register() != value.register()))
    {
        refused(&|edit| edit.sets.push(value.clone()), value.register().key());
    }
    let back = report(ZONE).with(Value::RecurrenceOf(Some(IssueId([2; 16]))));
    assert_eq!(judge(&me, None, &back, &known()), Ok(()), "but for what has come back");
    refused(&|edit| edit.genesis = false, "without its maps");
    refused(&|edit| edit.step = None, "without a step");
    refused(&|edit| edit.step.as_mut().unwrap().record.action = Action::Close, "with another step");
    refused(&|edit| edit.step.as_mut().unwrap().record.to = Some(State::Closed), "that claims to be closed");
    refused(&|edit| edit.step.as_mut().unwrap().record.from = Some(State::Filed), "that claims a past");
    refused(&|edit| edit.responsible = [(PersonId(2), Some(Part::Lead))].into(), "that names somebody responsible");
    let closed = |value: &mut Value| {
        if let Value::State(state) = value {
            *state = State::Closed;
        }
    };
    refused(&|edit| edit.sets.iter_mut().for_each(closed), "born closed");
    let again = Before { issue: &issue(State::Reported), conflicts: &[] };
    assert_eq!(judge(&me, Some(again), &report(ZONE), &known()), Err(Denied::FieldNotAllowed), "a second time");
}

#[test]
fn a_cadre_chooses_among_what_is_there_and_the_desk_also_something_else() {
    let version = |person| Version { value: Value::Assignee(Some(PersonId(person))), by: None, at: None };
    let conflict = Conflict { register: Register::Assignee, versions: vec![version(3), version(4)] };
    let issue = issue(State::Dispatched);
    let answer = |role, conflicts: &[Conflict], sets: Vec<Value>| {
        let me = person(ME, role, &[1]);
        let step = Step { from: Some(issue.state), ..Step::new(me.id, Timestamp(1), Action::Decide) };
        let edit = Edit { sets, ..Edit::step(record_id(1), step) };
        judge(&me, Some(Before { issue: &issue, conflicts }), &edit, &known())
    };
    let conflicts = [conflict];
    let assign = |person| vec![Value::Assignee(Some(PersonId(person)))];
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        assert_eq!(answer(role, &conflicts, assign(4)), Ok(()), "{role:?}");
        let own = if role == Role::Supervisor { Ok(()) } else { Err(Denied::NotAConcurrentValue) };
        assert_eq!(answer(role, &conflicts, assign(5)), own, "{role:?}");
        assert_eq!(answer(role, &[], assign(4)), Err(Denied::NotAConcurrentValue), "nothing to decide");
        assert_eq!(answer(role, &conflicts, vec![]), Err(Denied::NotAConcurrentValue), "no decision");
        let beside = [assign(4), vec![Value::Priority(true)]].concat();
        assert_eq!(answer(role, &conflicts, beside), Err(Denied::NotAConcurrentValue), "another field");
    }
    assert_eq!(answer(Role::Administrator, &conflicts, assign(4)), Err(Denied::RoleMayNot));
}

#[test]
fn to_choose_a_state_is_no_way_around_who_may_close() {
    let (fixed, sent) = (State::Closed, State::Dispatched);
    let conflicts = |states: [State; 2]| {
        let version = |state| Version { value: Value::State(state), by: None, at: None };
        [Conflict { register: Register::State, versions: states.map(version).into() }]
    };
    let answer = |role, issue: &Issue, states: [State; 2], to| {
        let me = person(ME, role, &[1]);
        let step = Step { from: Some(issue.state), ..Step::new(me.id, Timestamp(1), Action::Decide) };
        let edit = Edit { sets: vec![Value::State(to)], ..Edit::step(record_id(1), step) };
        judge(&me, Some(Before { issue, conflicts: &conflicts(states) }), &edit, &known())
    };
    let of = |by: u32| {
        let step = Step::new(PersonId(by), Timestamp(1), Action::FixOnSpot);
        let mut issue = issue(fixed);
        issue.steps.push(Entry { id: record_id(1), record: step });
        issue
    };
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        assert_eq!(answer(role, &of(ME), [fixed, sent], fixed), Err(Denied::OwnWork), "{role:?}");
        let others = if role == Role::Cadre { Err(Denied::RoleMayNot) } else { Ok(()) };
        assert_eq!(answer(role, &of(7), [fixed, sent], fixed), others, "{role:?}");
        assert_eq!(answer(role, &of(ME), [fixed, sent], sent), Ok(()), "{role:?}");
        let checked = rectified(issue(State::ToCheck), 7);
        assert_eq!(answer(role, &checked, [State::ToCheck, fixed], fixed), Ok(()), "{role:?} may check it");
        let void = if role == Role::Supervisor { Ok(()) } else { Err(Denied::RoleMayNot) };
        assert_eq!(answer(role, &of(7), [State::Void, sent], State::Void), void, "{role:?}");
    }
}

#[test]
fn a_step_may_start_from_any_of_the_concurrent_states() {
    let me = person(ME, Role::Cadre, &[1]);
    let version = |state| Version { value: Value::State(state), by: None, at: None };
    let versions = vec![version(State::Handling), version(State::ToCheck)];
    let conflicts = [Conflict { register: Register::State, versions }];
    let shown = rectified(issue(State::Handling), 7);
    let edit = filled(&me, &Issue { state: State::ToCheck, ..shown.clone() }, Action::Close);
    assert_eq!(judge(&me, Some(Before { issue: &shown, conflicts: &conflicts }), &edit, &known()), Ok(()));
    assert_eq!(asked(&me, &shown, &edit), Err(Denied::NotInThisState));
}

#[test]
fn text_has_its_limits_and_one_character_more_is_too_long() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = Issue { reporter: me.id, ..issue(State::Reported) };
    let text = |length| "整".repeat(length);
    let step = |action, reason| {
        let mut edit = filled(&me, &issue, action);
        edit.step.as_mut().unwrap().record.reason = reason;
        edit
    };
    let amend = |value| filled(&me, &issue, Action::Amend).with(value);
    let fix =
        |datum| Fix { lat: 1.0, lon: 1.0, accuracy_m: 1.0, datum, source: FixSource::Gps, fixed_at: Timestamp(1) };
    let place = |address, landmark, datum| Value::Place(Place { address, landmark, fix: Some(fix(datum)) });
    let pressed = |number| {
        let (by, at) = (me.id, Timestamp(1));
        let supervision = Supervision { level: SupervisionLevel::City, number, by, at, due: None };
        filled(&me, &issue, Action::Supervise).with(Value::Supervision(Some(supervision)))
    };
    let pictures = |count: usize| {
        let photo =
            |number: usize| (crate::id::PhotoId([number as u8; 32]), crate::testing::photo(me.id, Stage::During));
        Edit { photos: (0..count).map(photo).collect(), ..filled(&me, &issue, Action::Photograph) }
    };
    let many = |over: usize| {
        [
            step(Action::Void, text(MAX_TEXT + over)),
            remark(ME, 1, &text(MAX_TEXT + over)),
            amend(Value::Description(text(MAX_TEXT + over))),
            amend(place(text(MAX_ADDRESS + over), String::new(), String::new())),
            amend(place(String::new(), text(MAX_ADDRESS + over), String::new())),
            amend(place(String::new(), String::new(), text(MAX_ADDRESS + over))),
            pressed(text(MAX_ADDRESS + over)),
            pictures(MAX_PHOTOS + over),
        ]
    };
    for edit in many(0) {
        assert_eq!(asked(&me, &issue, &edit), Ok(()), "{edit:?}");
    }
    for edit in many(1) {
        assert_eq!(asked(&me, &issue, &edit), Err(Denied::TooLong), "{edit:?}");
    }
}

#[test]
fn a_record_that_is_long_in_bytes_is_too_long_whatever_its_letters() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Reported);
    let escaped = remark(ME, 1, &"\u{1}".repeat(MAX_TEXT));
    assert_eq!(asked(&me, &issue, &escaped), Err(Denied::TooLong));
    let mut named = filled(&me, &issue, Action::Photograph);
    named.step.as_mut().unwrap().record.photos = vec![crate::id::PhotoId([1; 32]); MAX_PHOTOS + 1];
    assert_eq!(asked(&me, &issue, &named), Err(Denied::TooLong));
}

#[test]
fn a_position_lies_on_the_earth() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Reported);
    let answer = |lat, lon, accuracy_m| {
        let (datum, source, fixed_at) = ("wgs84".into(), FixSource::Gps, Timestamp(1));
        let fix = Some(Fix { lat, lon, accuracy_m, datum, source, fixed_at });
        let place = Value::Place(Place { fix, ..Place::default() });
        asked(&me, &issue, &filled(&me, &issue, Action::Amend).with(place))
    };
    assert_eq!(answer(-90.0, 180.0, 0.0), Ok(()));
    for (lat, lon, accuracy) in
        [(90.1, 0.0, 1.0), (0.0, -180.1, 1.0), (0.0, 0.0, -1.0), (f64::NAN, 0.0, 1.0), (0.0, 0.0, f64::INFINITY)]
    {
        assert_eq!(answer(lat, lon, accuracy), Err(Denied::FieldNotAllowed), "{lat} {lon} {accuracy}");
    }
}

#[test]
fn a_duplicate_names_another_issue() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Reported);
    let mark = |action, of: Option<IssueId>| {
        let mut edit = filled(&me, &issue, action);
        edit.sets.retain(|value| value.register() != Register::DuplicateOf);
        asked(
            &me,
            &issue,
            &Edit {
                sets: [edit.sets, of.map(|of| Value::DuplicateOf(Some(of))).into_iter().collect()].concat(),
                ..edit
            },
        )
    };
    assert_eq!(mark(Action::MarkDuplicate, Some(IssueId([1; 16]))), Ok(()));
    assert_eq!(mark(Action::MarkDuplicate, None), Err(Denied::DuplicateMissing));
    assert_eq!(mark(Action::MarkDuplicate, Some(ISSUE)), Err(Denied::DuplicateMissing));
    assert_eq!(mark(Action::Void, None), Ok(()));
    assert_eq!(mark(Action::Void, Some(ISSUE)), Err(Denied::DuplicateMissing));
}

#[test]
fn an_issue_of_a_newer_schema_is_touched_by_nobody() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = Issue { schema: SCHEMA + 1, ..issue(State::Reported) };
    assert_eq!(asked(&me, &issue, &filled(&me, &issue, Action::File)), Err(Denied::NewerSchema));
    assert_eq!(asked(&me, &issue, &remark(ME, 1, "x")), Err(Denied::NewerSchema));
}

#[test]
fn more_time_is_granted_twice_and_every_grant_is_counted() {
    let me = person(ME, Role::Supervisor, &[]);
    let with = |extensions| Issue { extensions, ..issue(State::Handling) };
    for before in 0..MAX_EXTENSIONS {
        assert_eq!(asked(&me, &with(before), &filled(&me, &with(before), Action::Extend)), Ok(()));
    }
    let full = with(MAX_EXTENSIONS);
    assert_eq!(asked(&me, &full, &filled(&me, &full, Action::Extend)), Err(Denied::TooManyExtensions));
    for sets in [vec![], vec![Value::Extensions(0)], vec![Value::Extensions(2)]] {
        let edit = Edit { sets, ..filled(&me, &with(0), Action::Extend) };
        assert_eq!(asked(&me, &with(0), &edit), Err(Denied::FieldNotAllowed), "{:?}", edit.sets);
    }
}

#[test]
fn more_time_is_asked_for_before_the_deadline_and_may_be_granted_after_it() {
    let (worker, desk) = (person(ME, Role::Cadre, &[1]), person(2, Role::Supervisor, &[]));
    let mut issue = Issue { assignee: Some(worker.id), due: Some(Timestamp(2)), ..issue(State::Handling) };
    let made = |at: i64, mut edit: Edit| {
        edit.step.as_mut().unwrap().record.at = Timestamp(at);
        edit
    };
    let (last, later) = (|edit: Edit| made(2, edit), |edit: Edit| made(3, edit));
    let ask = last(filled(&worker, &issue, Action::AskExtension));
    let grant = last(filled(&desk, &issue, Action::Extend));
    assert_eq!((asked(&worker, &issue, &ask), asked(&desk, &issue, &grant)), (Ok(()), Ok(())), "the last moment");
    let (late_ask, late_grant) = (later(ask.clone()), later(grant));
    assert_eq!(asked(&worker, &issue, &late_ask), Err(Denied::TooLate));
    assert_eq!(asked(&desk, &issue, &late_grant), Err(Denied::TooLate));
    issue.steps.push(ask.step.unwrap());
    assert_eq!(asked(&desk, &issue, &late_grant), Ok(()), "it was asked for in time");
    issue.extensions = MAX_EXTENSIONS;
    assert_eq!(
        asked(&worker, &issue, &later(filled(&worker, &issue, Action::AskExtension))),
        Err(Denied::TooManyExtensions)
    );
}

#[test]
fn more_time_is_later_than_the_deadline_that_stands() {
    let (worker, desk) = (person(ME, Role::Cadre, &[1]), person(2, Role::Supervisor, &[]));
    let issue = Issue { assignee: Some(worker.id), due: Some(Timestamp(5)), ..issue(State::Handling) };
    for (me, action) in [(&worker, Action::AskExtension), (&desk, Action::Extend)] {
        let until = |until: i64| {
            let mut edit = filled(me, &issue, action);
            edit.step.as_mut().unwrap().record.until = Some(Timestamp(until));
            asked(me, &issue, &edit)
        };
        assert_eq!(
            [until(4), until(5), until(6)],
            [Err(Denied::NotLater), Err(Denied::NotLater), Ok(())],
            "{action:?}"
        );
    }
    let set = |due: Option<i64>| {
        let edit = filled(&desk, &issue, Action::Extend).with(Value::Due(due.map(Timestamp)));
        asked(&desk, &issue, &edit)
    };
    assert_eq!([set(Some(4)), set(None)], [Err(Denied::NotLater); 2], "whatever its step says");
    assert_eq!(set(Some(9)), Ok(()));
    let endless = Issue { due: None, ..issue };
    assert_eq!(asked(&desk, &endless, &filled(&desk, &endless, Action::Extend)), Ok(()));
}

#[test]
fn once_a_suspension_has_ended_more_time_may_be_asked_for_until_there_is_a_new_deadline() {
    let (worker, desk) = (person(ME, Role::Cadre, &[1]), person(2, Role::Supervisor, &[]));
    let step = |action, until: i64| {
        let record = Step { until: Some(Timestamp(until)), ..Step::new(desk.id, Timestamp(1), action) };
        Entry { id: record_id(until as usize), record }
    };
    let mut issue = Issue { assignee: Some(worker.id), due: Some(Timestamp(5)), ..issue(State::Handling) };
    let late = |issue: &Issue| {
        [(&worker, Action::AskExtension), (&desk, Action::Extend)].map(|(me, action)| {
            let mut edit = filled(me, issue, action);
            let record = &mut edit.step.as_mut().unwrap().record;
            (record.at, record.until) = (Timestamp(20), Some(Timestamp(30)));
            asked(me, issue, &edit)
        })
    };
    issue.steps.push(step(Action::Dispatch, 3));
    assert_eq!(late(&issue), [Err(Denied::TooLate); 2]);
    issue.steps.push(step(Action::Suspend, 5));
    issue.steps.push(Entry { id: record_id(6), record: Step::new(worker.id, Timestamp(6), Action::Start) });
    assert_eq!(late(&issue), [Ok(()); 2], "it is the end of a suspension");
    let mut again = issue.clone();
    again.steps.push(step(Action::AskExtension, 9));
    assert_eq!(late(&again), [Ok(()); 2], "to ask sets nothing");
    for sets in [Action::Extend, Action::Resume] {
        let mut issue = Issue { due: Some(Timestamp(12)), ..issue.clone() };
        issue.steps.push(step(sets, 12));
        assert_eq!(late(&issue), [Err(Denied::TooLate); 2], "{sets:?}");
    }
}

#[test]
fn whoever_takes_over_takes_over_the_deadline_too() {
    let me = person(ME, Role::Supervisor, &[]);
    for state in [State::Handling, State::ToCheck, State::Suspended] {
        let issue = Issue { due: Some(Timestamp(2)), ..issue(state) };
        let assign = filled(&me, &issue, Action::Assign).with(Value::Assignee(Some(PersonId(3))));
        assert_eq!(asked(&me, &issue, &assign), Ok(()));
        assert_eq!(asked(&me, &issue, &assign.with(Value::Due(Some(Timestamp(9))))), Err(Denied::FieldNotAllowed));
    }
}

#[test]
fn an_issue_is_suspended_once_and_for_a_year_at_most() {
    let (me, worker) = (person(ME, Role::Supervisor, &[]), person(ME, Role::Cadre, &[1]));
    let mut issue = Issue { assignee: Some(me.id), ..issue(State::Handling) };
    let until = |end: i64| {
        let mut edit = filled(&me, &issue, Action::Suspend);
        edit.step.as_mut().unwrap().record.until = Some(Timestamp(end));
        edit.sets.retain(|value| !matches!(value, Value::Due(_)));
        edit
    };
    let ending = |end: i64| until(end).with(Value::Due(Some(Timestamp(end))));
    assert_eq!(asked(&me, &issue, &ending(2 + MAX_SUSPENSION)), Ok(()));
    for edit in [ending(3 + MAX_SUSPENSION), until(9), until(9).with(Value::Due(Some(Timestamp(8))))] {
        assert_eq!(asked(&me, &issue, &edit), Err(Denied::SuspensionTooLong), "{:?}", edit.sets);
    }
    for past in [1, 2] {
        assert_eq!(asked(&me, &issue, &ending(past)), Err(Denied::DeadlinePast), "it begins at 2");
    }
    issue.steps.push(ending(9).step.unwrap());
    for (person, action) in [(&me, Action::Suspend), (&worker, Action::AskSuspension)] {
        assert_eq!(asked(person, &issue, &filled(person, &issue, action)), Err(Denied::SuspendedBefore));
    }
}

#[test]
fn when_a_suspension_is_over_whoever_is_in_charge_goes_on_or_hands_in_without_the_desk() {
    let (boss, worker) = (person(ME, Role::Supervisor, &[]), person(3, Role::Cadre, &[1]));
    let issue = Issue { assignee: Some(worker.id), due: Some(Timestamp(5)), ..issue(State::Suspended) };
    let judged = |me: &Person, action: Action, at: i64| {
        let mut edit = filled(me, &issue, action);
        edit.step.as_mut().unwrap().record.at = Timestamp(at);
        asked(me, &issue, &edit)
    };
    for action in [Action::Start, Action::HandIn] {
        for me in [&boss, &worker] {
            assert_eq!(judged(me, action, 4), Err(Denied::NotInThisState), "{action:?} before its end");
            assert_eq!(judged(me, action, 5), Ok(()), "{action:?} at its end");
        }
        let other = person(7, Role::Cadre, &[1]);
        assert_eq!(judged(&other, action, 9), Err(Denied::NotAssigned));
    }
    assert_eq!(judged(&boss, Action::Resume, 4), Ok(()), "the desk lifts it before");
    assert_eq!(judged(&worker, Action::Resume, 9), Err(Denied::RoleMayNot));
    // What was still being handled when somebody else suspended it is handed in as from there.
    let version = |state| Version { value: Value::State(state), by: None, at: None };
    let conflicts =
        [Conflict { register: Register::State, versions: vec![version(State::Handling), version(State::Suspended)] }];
    let handling = Issue { state: State::Handling, ..issue.clone() };
    let edit = filled(&worker, &handling, Action::HandIn);
    assert_eq!(judge(&worker, Some(Before { issue: &issue, conflicts: &conflicts }), &edit, &known()), Ok(()));
}

#[test]
fn a_supervisor_who_decides_between_two_deadlines_makes_no_third() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Handling);
    let version = |due: i64| Version { value: Value::Due(Some(Timestamp(due))), by: None, at: None };
    let conflicts = [Conflict { register: Register::Due, versions: vec![version(5), version(7)] }];
    let decide = |due: i64| {
        let before = Before { issue: &issue, conflicts: &conflicts };
        let edit = Edit { sets: vec![], ..filled(&me, &issue, Action::Decide) };
        judge(&me, Some(before), &edit.with(Value::Due(Some(Timestamp(due)))), &known())
    };
    assert_eq!((decide(5), decide(7), decide(8)), (Ok(()), Ok(()), Err(Denied::NotAConcurrentValue)));
}

#[test]
fn zones_and_people_must_exist() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Filed);
    let amend = filled(&me, &issue, Action::Amend).with(Value::Zone(ZoneId(1_000)));
    assert_eq!(asked(&me, &issue, &amend), Err(Denied::UnknownZone));
    let assign = filled(&me, &issue, Action::Assign);
    let stranger = assign.clone().with(Value::Assignee(Some(PersonId(1_000))));
    assert_eq!(asked(&me, &issue, &stranger), Err(Denied::UnknownPerson));
    let part = Edit { responsible: [(PersonId(1_000), Some(Part::Lead))].into(), ..assign };
    assert_eq!(asked(&me, &issue, &part), Err(Denied::UnknownPerson));
}

#[test]
fn who_is_put_in_charge_must_be_there_and_find_it_on_his_phone() {
    let me = person(ME, Role::Supervisor, &[]);
    let issue = issue(State::Filed);
    let answer = |him: Person, alter: &dyn Fn(Edit) -> Edit| {
        let known = Known { people: [(him.id, him)].into(), ..known() };
        let edit = alter(filled(&me, &issue, Action::Assign));
        judge(&me, Some(Before { issue: &issue, conflicts: &[] }), &edit, &known)
    };
    let assign = |edit: Edit| edit.with(Value::Assignee(Some(PersonId(3))));
    let join = |part| move |edit| Edit { responsible: [(PersonId(3), part)].into(), ..edit };
    for charge in [&assign as &dyn Fn(Edit) -> Edit, &join(Some(Part::Support))] {
        assert_eq!(answer(person(3, Role::Cadre, &[1]), charge), Ok(()));
        assert_eq!(answer(person(3, Role::Inspector, &[]), charge), Ok(()));
        for unfit in [person(3, Role::Cadre, &[2]), person(3, Role::Administrator, &[1])] {
            assert_eq!(answer(unfit, charge), Err(Denied::AssigneeUnfit));
        }
        let gone = Person { active: false, ..person(3, Role::Cadre, &[1]) };
        assert_eq!(answer(gone, charge), Err(Denied::AssigneeUnfit));
    }
    assert_eq!(answer(person(3, Role::Cadre, &[2]), &join(None)), Ok(()), "whoever left can be taken out");
}

#[test]
fn a_remark_is_welcome_in_every_state_but_carries_nothing_else() {
    let me = person(ME, Role::Cadre, &[1]);
    for state in State::ALL {
        assert_eq!(asked(&me, &issue(state), &remark(ME, 1, "still smells")), Ok(()), "{state:?}");
    }
    let smuggled = remark(ME, 1, "x").with(Value::State(State::Closed));
    assert_eq!(asked(&me, &issue(State::ToCheck), &smuggled), Err(Denied::FieldNotAllowed));
    let pictured = Edit { photos: photos(me.id, &[Stage::After]), ..remark(ME, 1, "x") };
    assert_eq!(asked(&me, &issue(State::ToCheck), &pictured), Err(Denied::FieldNotAllowed));
    let far = person(ME, Role::Cadre, &[2]);
    assert_eq!(asked(&far, &issue(State::ToCheck), &remark(ME, 1, "x")), Err(Denied::NotYourZone));
    let text = Remark { adopted_by: Some(me.id), ..Remark::new(me.id, Timestamp(1), "x".into()) };
    assert_eq!(asked(&me, &issue(State::ToCheck), &Edit::remark(record_id(1), text)), Err(Denied::NotYourName));
}

#[test]
fn doors_of_the_office_open_for_their_roles_only() {
    for role in Role::ALL {
        let me = person(ME, role, &[1]);
        let rights = [Right::SeeBoard, Right::KeepPeople, Right::Review].map(|right| may(&me, right));
        let doors = (rights[0], rights[1], rights[2], may_see_zone(&me, ZoneId(2)));
        let expected = match role {
            Role::Cadre => (true, false, false, false),
            Role::Inspector => (true, false, false, true),
            Role::Supervisor => (true, false, true, true),
            Role::Administrator => (false, true, false, false),
        };
        assert_eq!(doors, expected, "{role:?}");
        let gone = Person { active: false, ..me };
        assert!(!may(&gone, Right::SeeBoard) && !may(&gone, Right::KeepPeople) && !may_see_zone(&gone, ZONE));
    }
}

/// Whatever the app lets through is written before it is judged again; what stands there already is not written at all.
fn as_the_hub_sees_it(document: &Document, edit: &Edit) -> Edit {
    let change = document.clone().edit(actor(u64::from(ME), 1), edit).unwrap();
    recognise(document, &screen(&change.bytes).unwrap(), &change.bytes).unwrap()
}

#[test]
fn the_same_picture_before_and_after_is_no_proof_neither_in_the_app_nor_at_the_hub() {
    let (document, _) = reported();
    let (issue, me) = (document.read(ISSUE).unwrap(), person(REPORTER.0, Role::Supervisor, &[]));
    let before = *issue.photos.keys().next().unwrap();
    let mut edit = filled(&me, &issue, Action::FixOnSpot);
    let after = edit.photos.values().find(|photo| photo.stage == Stage::After).unwrap().clone();
    edit.photos = BTreeMap::from([(before, after)]);
    assert_eq!(asked(&me, &issue, &edit), Err(Denied::PhotoMissing));
    assert_eq!(asked(&me, &issue, &as_the_hub_sees_it(&document, &edit)), Err(Denied::PhotoMissing));
}

#[test]
fn the_same_original_may_be_named_twice() {
    let (mut document, _) = reported();
    let me = person(REPORTER.0, Role::Supervisor, &[]);
    for id in 1..3 {
        let issue = document.read(ISSUE).unwrap();
        let step = Step { from: Some(issue.state), ..Step::new(me.id, Timestamp(1), Action::MarkDuplicate) };
        let edit = Edit::step(record_id(id), step).with(Value::DuplicateOf(Some(IssueId([1; 16]))));
        assert_eq!(asked(&me, &issue, &edit), Ok(()));
        assert_eq!(asked(&me, &issue, &as_the_hub_sees_it(&document, &edit)), Ok(()));
        document.edit(actor(1, 2), &edit).unwrap();
    }
}

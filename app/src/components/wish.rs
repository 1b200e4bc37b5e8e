//! From a filled form to the edit that says it: pure, so that every action is tested against the policy without a browser.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Conflict, Edit};
use xiaohao_shared::id::{IssueId, PersonId, PhotoId};
use xiaohao_shared::model::deadline::{self, Terms};
use xiaohao_shared::model::policy::Denied;
use xiaohao_shared::model::workflow::{Action, Rule};
use xiaohao_shared::model::{Issue, Part, Photo, Stage, Step, Supervision, SupervisionLevel};
use xiaohao_shared::time::Timestamp;

/// What a person filled in for one action. Fields that the action does not ask for are left alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    pub reason: String,
    pub assignee: Option<PersonId>,
    /// Who from now on shares the responsibility (包保) beside the assignee.
    pub joins: BTreeSet<PersonId>,
    /// Who does not any more.
    pub leaves: BTreeSet<PersonId>,
    pub until: Option<Timestamp>,
    pub priority: bool,
    pub duplicate_of: Option<IssueId>,
    /// Who presses, and the number of his 督办单 where it has one on paper.
    pub pressed_by_city: bool,
    pub supervision_number: String,
    pub photos: BTreeMap<PhotoId, Photo>,
    /// Corrected registers, those that differ only.
    pub amended: Vec<Value>,
}

/// Who signs an edit, when, and under which fresh record id.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    pub by: PersonId,
    pub at: Timestamp,
    pub record: String,
}

/// The edit of one action on one issue.
pub fn edit(rule: &Rule, issue: &Issue, sign: Signature, wish: &Wish) -> Edit {
    let step = Step {
        from: Some(issue.state),
        to: rule.to,
        reason: wish.reason.trim().into(),
        until: wish.until.filter(|_| asks_until(rule.action)),
        ..Step::new(sign.by, sign.at, rule.action)
    };
    let mut edit = Edit::step(sign.record, step).with_photos(wish.photos.clone());
    edit.sets.extend(values(rule.action, issue, sign.by, sign.at, wish));
    if matches!(rule.action, Action::Dispatch | Action::Assign) {
        edit.responsible = responsible(issue, wish);
    }
    edit
}

/// What the form for several means for one of them. It has no field for a number, and leaves blank what each has for itself: the 督办
/// that stands keeps its number, the city's level, and its deadline if that is still ahead.
pub fn beside(action: Action, issue: &Issue, wish: &Wish, now: Timestamp) -> Wish {
    let Some(standing) = issue.supervision.as_ref().filter(|_| action == Action::Supervise) else {
        return wish.clone();
    };
    let blank = wish.supervision_number.trim().is_empty();
    Wish {
        pressed_by_city: wish.pressed_by_city || standing.level == SupervisionLevel::City,
        supervision_number: if blank { standing.number.clone() } else { wish.supervision_number.clone() },
        until: wish.until.or(standing.due.filter(|due| *due > now)),
        ..wish.clone()
    }
}

/// Whether the form of an action has a field for a deadline.
pub fn asks_until(action: Action) -> bool {
    use Action::{AskExtension, Dispatch, Extend, Resume, Supervise, Suspend};
    matches!(action, Dispatch | AskExtension | Extend | Suspend | Resume | Supervise)
}

/// The moment after which the deadline of an action must lie, and what is said where it does not.
pub fn after(action: Action, due: Option<Timestamp>, now: Timestamp) -> Option<(Timestamp, Denied)> {
    match action {
        Action::AskExtension | Action::Extend => due.map(|due| (due, Denied::NotLater)),
        Action::Dispatch | Action::Suspend | Action::Resume | Action::Supervise => Some((now, Denied::DeadlinePast)),
        _ => None,
    }
}

/// Whether the form of an action has a field for who does it.
pub fn asks_assignee(action: Action) -> bool {
    matches!(action, Action::Dispatch | Action::Assign | Action::Verify)
}

/// The stage that photos of an action show, for the actions that offer to take some.
pub fn photo_stage(action: Action) -> Option<Stage> {
    match action {
        Action::HandIn | Action::FixOnSpot | Action::Close => Some(Stage::After),
        Action::Rework | Action::Photograph | Action::Reply => Some(Stage::During),
        _ => None,
    }
}

fn values(action: Action, issue: &Issue, by: PersonId, at: Timestamp, wish: &Wish) -> Vec<Value> {
    let assignee = wish.assignee.filter(|person| issue.assignee != Some(*person)).map(|it| Value::Assignee(Some(it)));
    let due = wish.until.filter(|until| issue.due != Some(*until)).map(|until| Value::Due(Some(until)));
    let priority = (wish.priority && !issue.priority).then_some(Value::Priority(true));
    match action {
        Action::Dispatch => assignee.into_iter().chain(due).collect(),
        Action::Assign | Action::Verify => assignee.into_iter().collect(),
        Action::File => priority.into_iter().collect(),
        Action::Extend => due.into_iter().chain([Value::Extensions(issue.extensions + 1)]).collect(),
        Action::Suspend => wish.until.map(|until| Value::Due(Some(until))).into_iter().collect(),
        Action::Resume => due.into_iter().collect(),
        Action::Supervise => {
            let level = if wish.pressed_by_city { SupervisionLevel::City } else { SupervisionLevel::Office };
            let number = wish.supervision_number.trim().into();
            let supervision = Supervision { level, number, by, at, due: wish.until };
            [Value::Supervision(Some(supervision))].into_iter().chain(priority).collect()
        }
        Action::Void | Action::MarkDuplicate | Action::Merge => {
            wish.duplicate_of.map(|issue| Value::DuplicateOf(Some(issue))).into_iter().collect()
        }
        Action::Amend => wish.amended.clone(),
        _ => Vec::new(),
    }
}

/// Adds who is new and takes out who is gone; who stays is not written again.
fn responsible(issue: &Issue, wish: &Wish) -> BTreeMap<PersonId, Option<Part>> {
    let added = wish.joins.iter().filter(|person| !issue.responsible.contains_key(person));
    let removed = wish.leaves.iter().filter(|person| issue.responsible.contains_key(person));
    let added = added.map(|person| (*person, Some(Part::Support)));
    added.chain(removed.map(|person| (*person, None))).collect()
}

/// The deadline that was asked for, unless it is past by the time that somebody answers.
pub fn asked_deadline(action: Action, issue: &Issue, now: Timestamp) -> Option<Timestamp> {
    let asked = issue.open_request().filter(|_| action == Action::Extend)?;
    asked.until.filter(|until| *until > now)
}

/// What the form of an action proposes: the deadline that was asked for, else the usual one.
pub fn proposed_deadline(action: Action, issue: &Issue, terms: Terms, now: Timestamp) -> Option<Timestamp> {
    asked_deadline(action, issue, now).or_else(|| deadline::usual(action, issue, terms, now))
}

/// One tap that settles a conflict: the chosen value, written over all that stand beside each other.
pub fn decide(issue: &Issue, value: Value, sign: Signature) -> Edit {
    let to = if let Value::State(state) = value { Some(state) } else { None };
    let step = Step { from: Some(issue.state), to, ..Step::new(sign.by, sign.at, Action::Decide) };
    // Not `Edit::step`: choosing the state that is shown already still has to be written, or the others stay beside it.
    let step = Some(xiaohao_shared::model::Entry { id: sign.record, record: step });
    Edit { step, sets: vec![value], ..Edit::default() }
}

/// The concurrent states, for the head of an issue that stands in several.
pub fn concurrent_states(conflicts: &[Conflict]) -> usize {
    let register = xiaohao_shared::doc::value::Register::State;
    conflicts.iter().find(|conflict| conflict.register == register).map_or(1, |conflict| conflict.versions.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::doc::{Document, Version};
    use xiaohao_shared::id::{Actor, DeviceId, ZoneId};
    use xiaohao_shared::model::calendar::Calendar;
    use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
    use xiaohao_shared::model::policy::{Before, Known, allowed, judge};
    use xiaohao_shared::model::rules::Rules;
    use xiaohao_shared::model::workflow::State;
    use xiaohao_shared::model::{Duty, Person, Place, Role, Severity};

    const BOSS: PersonId = PersonId(1);
    const CADRE: PersonId = PersonId(2);

    fn person(id: PersonId, role: Role) -> Person {
        Person { id, name: String::new(), role, zones: [ZoneId(1)].into(), active: true, duties: Duty::all() }
    }

    fn known() -> Known {
        let people = [person(BOSS, Role::Supervisor), person(CADRE, Role::Cadre)];
        Known { zones: [ZoneId(1)].into(), people: people.map(|person| (person.id, person)).into() }
    }

    fn sign(by: PersonId, record: u32) -> Signature {
        Signature { by, at: Timestamp(1_000), record: format!("record{record}") }
    }

    fn id() -> IssueId {
        IssueId([7; 16])
    }

    fn photo(stage: Stage) -> BTreeMap<PhotoId, Photo> {
        let photo = Photo {
            stage,
            by: CADRE,
            taken_at: Timestamp(1_000),
            w: 4,
            h: 3,
            size: 9,
            mime: "image/jpeg".into(),
            thumb: None,
        };
        [(PhotoId([stage as u8; 32]), photo)].into()
    }

    fn reported() -> Issue {
        let report = xiaohao_shared::doc::Report {
            zone: ZoneId(1),
            kind: CATALOGUE[0].kind,
            place_type: PlaceType::BackStreet,
            description: String::new(),
            place: Place::default(),
            severity: Severity::Ordinary,
            photos: BTreeMap::new(),
        };
        let mut document = Document::default();
        let actor = Actor { device: DeviceId(1), nonce: 1 };
        document.edit(actor, &Edit::report("first000".into(), CADRE, Timestamp(1), report)).unwrap();
        document.read(id()).unwrap()
    }

    fn full_wish(by: PersonId, action: Action) -> Wish {
        let mut photos = photo_stage(action).map(photo).unwrap_or_default();
        if action == Action::FixOnSpot {
            photos.extend(photo(Stage::Before));
        }
        photos.values_mut().for_each(|photo| photo.by = by);
        Wish {
            reason: "r".into(),
            assignee: Some(CADRE),
            joins: [BOSS].into(),
            leaves: BTreeSet::new(),
            until: Some(Timestamp(9_000)),
            priority: true,
            photos,
            amended: vec![Value::Severity(Severity::Urgent)],
            duplicate_of: Some(IssueId([8; 16])),
            pressed_by_city: true,
            supervision_number: "督〔2026〕7 号".into(),
        }
    }

    #[test]
    fn every_action_that_is_offered_is_allowed_when_its_form_is_filled() {
        for (me, role) in [(BOSS, Role::Supervisor), (CADRE, Role::Cadre)] {
            for state in State::ALL {
                let me = person(me, role);
                let issue = Issue { state, assignee: Some(CADRE), ..reported() };
                for rule in allowed(&me, &issue) {
                    let edit = edit(rule, &issue, sign(me.id, 1), &full_wish(me.id, rule.action));
                    let before = Before { issue: &issue, conflicts: &[] };
                    assert_eq!(
                        judge(&me, Some(before), &edit, &known()),
                        Ok(()),
                        "{role:?} {state:?} {:?}",
                        rule.action
                    );
                }
            }
        }
    }

    #[test]
    fn an_empty_form_is_denied_for_what_it_lacks() {
        let (me, issue) = (person(BOSS, Role::Supervisor), Issue { state: State::Filed, ..reported() });
        let judged = |action| {
            let rule = allowed(&me, &issue).find(|rule| rule.action == action).unwrap();
            let edit = edit(rule, &issue, sign(BOSS, 1), &Wish::default());
            judge(&me, Some(Before { issue: &issue, conflicts: &[] }), &edit, &known())
        };
        assert_eq!(judged(Action::Void), Err(Denied::ReasonMissing));
        assert_eq!(judged(Action::Dispatch), Err(Denied::AssigneeMissing));
    }

    #[test]
    fn deciding_writes_the_chosen_value_also_when_it_is_the_one_shown() {
        let issue = Issue { state: State::ToCheck, ..reported() };
        let version = |state| Version { value: Value::State(state), by: None, at: None };
        let conflicts = [Conflict {
            register: xiaohao_shared::doc::value::Register::State,
            versions: vec![version(State::ToCheck), version(State::Suspended)],
        }];
        for state in [State::ToCheck, State::Suspended] {
            let edit = decide(&issue, Value::State(state), sign(CADRE, 1));
            assert_eq!(edit.sets, [Value::State(state)]);
            let before = Before { issue: &issue, conflicts: &conflicts };
            assert_eq!(judge(&person(CADRE, Role::Cadre), Some(before), &edit, &known()), Ok(()));
        }
    }

    #[test]
    fn an_extension_proposes_what_was_asked_for_unless_that_is_past() {
        let (until, calendar, rules) = (Timestamp(50_000), Calendar::default(), Rules::default());
        let terms = Terms { calendar: &calendar, rules: &rules };
        let record = Step { until: Some(until), ..Step::new(CADRE, Timestamp(1_000), Action::AskExtension) };
        let mut issue = Issue { state: State::Handling, due: Some(Timestamp(40_000)), ..reported() };
        issue.steps.push(xiaohao_shared::model::Entry { id: "asked000".into(), record });
        let proposed = |now| proposed_deadline(Action::Extend, &issue, terms, now);
        assert_eq!(proposed(Timestamp(2_000)), Some(until));
        assert!(proposed(Timestamp(60_000)) > Some(Timestamp(60_000)), "nobody is given time that is over");
        assert_eq!(asked_deadline(Action::Resume, &issue, Timestamp(2_000)), None);
    }

    #[test]
    fn a_dispatch_leaves_those_alone_who_were_not_in_its_form() {
        let part = Part::Support;
        let issue = Issue { responsible: [(BOSS, part), (CADRE, part)].into(), state: State::Filed, ..reported() };
        let me = person(BOSS, Role::Supervisor);
        let rule = allowed(&me, &issue).find(|rule| rule.action == Action::Dispatch).unwrap();
        let wish = Wish { assignee: Some(CADRE), until: Some(Timestamp(9)), ..Wish::default() };
        assert!(edit(rule, &issue, sign(BOSS, 1), &wish).responsible.is_empty());
        let wish = Wish { leaves: [CADRE].into(), ..wish };
        assert_eq!(edit(rule, &issue, sign(BOSS, 1), &wish).responsible, [(CADRE, None)].into());
    }

    #[test]
    fn pressing_several_at_once_takes_number_deadline_and_the_citys_level_from_none() {
        let me = person(BOSS, Role::Supervisor);
        let (number, at, due) = ("市督2026-3".to_string(), Timestamp(5), Some(Timestamp(7_000)));
        let standing = Supervision { level: SupervisionLevel::City, number, by: CADRE, at, due };
        let pressed = |supervision: Option<&Supervision>, wish: &Wish| {
            let issue = Issue { state: State::Handling, supervision: supervision.cloned(), ..reported() };
            let rule = allowed(&me, &issue).find(|rule| rule.action == Action::Supervise).unwrap();
            let edit = edit(rule, &issue, sign(BOSS, 1), &beside(Action::Supervise, &issue, wish, Timestamp(1_000)));
            assert_eq!(judge(&me, Some(Before { issue: &issue, conflicts: &[] }), &edit, &known()), Ok(()));
            let found = edit.sets.into_iter().find_map(|set| if let Value::Supervision(it) = set { it } else { None });
            found.unwrap()
        };
        let wish = Wish { reason: "限期整改".into(), ..Wish::default() };
        let again = Supervision { by: BOSS, at: Timestamp(1_000), ..standing.clone() };
        assert_eq!(pressed(Some(&standing), &wish), again);
        let later = Some(Timestamp(9_000));
        let until = Wish { until: later, ..wish.clone() };
        assert_eq!(pressed(Some(&standing), &until), Supervision { due: later, ..again });
        let first = pressed(None, &wish);
        assert_eq!((first.level, first.number.as_str(), first.due), (SupervisionLevel::Office, "", None));
        let issue = Issue { supervision: Some(standing), ..reported() };
        assert_eq!(beside(Action::Extend, &issue, &wish, Timestamp(1_000)), wish, "no other action has these fields");
    }

    #[test]
    fn an_unchanged_correction_writes_nothing_but_its_step() {
        let (me, issue) = (person(CADRE, Role::Cadre), reported());
        let rule = allowed(&me, &issue).find(|rule| rule.action == Action::Amend).unwrap();
        assert!(edit(rule, &issue, sign(CADRE, 1), &Wish::default()).sets.is_empty());
    }
}

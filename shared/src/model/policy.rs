//! May this person do this to this issue now? One set of rules, asked by the app before it offers an action and by the hub
//! before it admits a change. Roles are those at receipt; the state is the one that the change saw. The whole table is two sheets and
//! one column: `rights` says who may ask for what, the workflow's `RULES` who may take which action in which state, and [`sight`]
//! bounds both by zones.

mod rights;

use std::collections::{BTreeMap, BTreeSet};

pub use rights::{Asker, Grant, Reach, Right, Sure, Trace, may};
use serde::{Deserialize, Serialize};

use super::workflow::{Action, RULES, Rule, State, Who, rules};
use super::{Appeal, Entry, Fix, Issue, Person, Remark, Role, Stage, Step};
use crate::doc::value::{MAX_RECORD_BYTES, Register, Value};
use crate::doc::{Conflict, Edit, SCHEMA};
use crate::id::{PersonId, ZoneId};
use crate::time::{DAY, Timestamp};

/// Longest description, remark or reason, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Longest address, landmark or other single line, in characters.
pub const MAX_ADDRESS: usize = 200;
/// An extension is granted at most twice (domain.md section 2, 延期).
pub const MAX_EXTENSIONS: u32 = 2;
/// A suspension ends after a year at the latest, and there is one for an issue (domain.md section 2, 挂账).
pub const MAX_SUSPENSION: i64 = 366 * DAY;
/// Most photos in one change.
pub const MAX_PHOTOS: usize = 20;

/// Why a change is not allowed. Each is a sentence in the app's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    Inactive,
    NotYourName,
    NotYourZone,
    RoleMayNot,
    NotInThisState,
    NotAssigned,
    OwnWork,
    ReasonMissing,
    PhotoMissing,
    AssigneeMissing,
    DeadlineMissing,
    FieldNotAllowed,
    UnknownZone,
    UnknownPerson,
    TooLong,
    TooManyExtensions,
    /// More time is asked for before the deadline.
    TooLate,
    /// More time ends after the deadline that stands.
    NotLater,
    SuspendedBefore,
    /// The end of a suspension is not in its deadline, or more than a year away.
    SuspensionTooLong,
    /// What would be over before it begins.
    DeadlinePast,
    NotAConcurrentValue,
    /// The one that it repeats is not named, or is itself.
    DuplicateMissing,
    /// There is no overtime to appeal against, it was appealed already, or there is no open appeal to decide.
    NothingToAppeal,
    /// Whoever is to do it is not active, or would not find it on his phone.
    AssigneeUnfit,
    /// Written by a newer app, whose fields this one does not know.
    NewerSchema,
}

impl Denied {
    /// Whether a wider role or another zone would have helped: such a change, allowed where it was made, is held for review.
    pub fn depends_on_grant(self) -> bool {
        matches!(self, Self::Inactive | Self::NotYourZone | Self::RoleMayNot | Self::NotAssigned)
    }
}

/// What the office knows, to tell a real zone or person from an invented one, and who can be put in charge where.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub zones: BTreeSet<ZoneId>,
    pub people: BTreeMap<PersonId, Person>,
}

/// An issue as the change saw it, with its concurrent values.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    pub issue: &'a Issue,
    pub conflicts: &'a [Conflict],
}

/// Whose issues a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    OwnZones,
    Office,
    Nothing,
}

pub fn sight(role: Role) -> Sight {
    match role {
        Role::Cadre => Sight::OwnZones,
        Role::Inspector | Role::Supervisor => Sight::Office,
        Role::Administrator => Sight::Nothing,
    }
}

pub fn may_see_zone(person: &Person, zone: ZoneId) -> bool {
    person.active
        && match sight(person.role) {
            Sight::OwnZones => person.zones.contains(&zone),
            Sight::Office => true,
            Sight::Nothing => false,
        }
}

/// The actions that the person may take now, with what each needs.
pub fn allowed<'a>(person: &'a Person, issue: &'a Issue) -> impl Iterator<Item = &'static Rule> + 'a {
    let mine = |rule: &&'static Rule| rule.from.contains(&issue.state) && rule.action != Action::Decide;
    RULES.iter().filter(mine).filter(move |rule| person_may(person, issue, rule).is_ok())
}

/// Judges one change as a whole.
pub fn judge(person: &Person, before: Option<Before<'_>>, edit: &Edit, known: &Known) -> Result<(), Denied> {
    in_own_name(person, edit)?;
    within_bounds(edit)?;
    only_known(before, edit, known)?;
    match before {
        None => judge_report(person, edit),
        Some(before) => judge_change(person, before, edit),
    }
}

fn in_own_name(person: &Person, edit: &Edit) -> Result<(), Denied> {
    let step = edit.step.iter().map(|step| (step.record.by, step.record.adopted_by));
    let remark = edit.remark.iter().map(|remark| (remark.record.by, remark.record.adopted_by));
    let photos = edit.photos.values().map(|photo| (photo.by, None));
    // To decide for what somebody else pressed is not to press in his name.
    let decides = edit.step.as_ref().is_some_and(|step| step.record.action == Action::Decide);
    let pressed = edit.sets.iter().filter(|_| !decides).filter_map(presser).map(|by| (by, None));
    let own = step.chain(remark).chain(photos).chain(pressed).all(|(by, adopted)| by == person.id && adopted.is_none());
    match (person.active, own) {
        (false, _) => Err(Denied::Inactive),
        (_, false) => Err(Denied::NotYourName),
        _ => Ok(()),
    }
}

fn presser(value: &Value) -> Option<PersonId> {
    if let Value::Supervision(Some(supervision)) = value { Some(supervision.by) } else { None }
}

fn within_bounds(edit: &Edit) -> Result<(), Denied> {
    let fix = |value: &Value| if let Value::Place(place) = value { place.fix.clone() } else { None };
    let nowhere = edit.sets.iter().filter_map(fix).any(|fix| !is_somewhere(&fix));
    match (is_too_long(edit), nowhere) {
        (true, _) => Err(Denied::TooLong),
        (_, true) => Err(Denied::FieldNotAllowed),
        _ => Ok(()),
    }
}

fn is_somewhere(fix: &Fix) -> bool {
    let on_earth = fix.lat.abs() <= 90.0 && fix.lon.abs() <= 180.0;
    on_earth && fix.accuracy_m.is_finite() && fix.accuracy_m >= 0.0
}

fn is_too_long(edit: &Edit) -> bool {
    let long = |text: &str| text.chars().count() > MAX_TEXT;
    let long_line = |text: &str| text.chars().count() > MAX_ADDRESS;
    let long_value = |value: &Value| match value {
        Value::Description(text) => long(text),
        Value::Place(place) => {
            let datum = place.fix.as_ref().map_or("", |fix| &fix.datum);
            [&place.address, &place.landmark, datum].into_iter().any(long_line)
        }
        Value::Supervision(Some(supervision)) => long_line(&supervision.number),
        _ => false,
    };
    let long_step = |step: &Step| long(&step.reason) || step.photos.len() > MAX_PHOTOS || is_long_record(step);
    let long_remark = |remark: &Remark| long(&remark.text) || is_long_record(remark);
    edit.step.as_ref().is_some_and(|step| long_step(&step.record))
        || edit.remark.as_ref().is_some_and(|remark| long_remark(&remark.record))
        || edit.photos.len() > MAX_PHOTOS
        || edit.photos.values().any(|photo| long_line(&photo.mime))
        || edit.sets.iter().any(long_value)
}

fn is_long_record<T: Serialize>(record: &T) -> bool {
    serde_json::to_string(record).is_ok_and(|json| json.len() > MAX_RECORD_BYTES)
}

fn only_known(before: Option<Before<'_>>, edit: &Edit, known: &Known) -> Result<(), Denied> {
    let moved = zone_of(edit);
    if moved.is_some_and(|zone| !known.zones.contains(&zone)) {
        return Err(Denied::UnknownZone);
    }
    if edit.responsible.keys().any(|person| !known.people.contains_key(person)) {
        return Err(Denied::UnknownPerson);
    }
    let assigned = |value: &Value| if let Value::Assignee(person) = value { *person } else { None };
    let joining = edit.responsible.iter().filter(|(_, part)| part.is_some()).map(|(person, _)| *person);
    let zone = moved.or(before.map(|before| before.issue.zone));
    let mut charged = edit.sets.iter().filter_map(assigned).chain(joining);
    charged.try_for_each(|person| may_take_charge(person, zone, known))
}

/// The phone of a cadre follows his zones: what is to be done elsewhere would never reach him.
fn may_take_charge(person: PersonId, zone: Option<ZoneId>, known: &Known) -> Result<(), Denied> {
    let person = known.people.get(&person).ok_or(Denied::UnknownPerson)?;
    if zone.is_none_or(|zone| may_see_zone(person, zone)) { Ok(()) } else { Err(Denied::AssigneeUnfit) }
}

fn zone_of(edit: &Edit) -> Option<ZoneId> {
    edit.sets.iter().find_map(|value| if let Value::Zone(zone) = value { Some(*zone) } else { None })
}

/// The first change of an issue: anyone but an administrator, a cadre only in his own zones.
fn judge_report(person: &Person, edit: &Edit) -> Result<(), Denied> {
    const FIELDS: [Register; 8] = [
        Register::Schema,
        Register::Zone,
        Register::Kind,
        Register::PlaceType,
        Register::Description,
        Register::Place,
        Register::Severity,
        Register::State,
    ];
    if person.role == Role::Administrator {
        return Err(Denied::RoleMayNot);
    }
    if !may_see_zone(person, zone_of(edit).ok_or(Denied::FieldNotAllowed)?) {
        return Err(Denied::NotYourZone);
    }
    // 反弹: whoever reports may say what has come back.
    let registers = edit.sets.iter().map(Value::register).filter(|register| *register != Register::RecurrenceOf);
    let registers: BTreeSet<_> = registers.collect();
    let reported = edit.sets.contains(&Value::State(State::Reported)) && edit.sets.contains(&Value::Schema(SCHEMA));
    let opens = |step: &Step| {
        step.action == Action::Report && step.from.is_none() && step.to.is_none_or(|to| to == State::Reported)
    };
    let report = edit.step.as_ref().is_some_and(|step| opens(&step.record));
    let complete = edit.genesis && report && reported && registers == BTreeSet::from(FIELDS);
    if complete && edit.responsible.is_empty() { Ok(()) } else { Err(Denied::FieldNotAllowed) }
}

fn judge_change(person: &Person, before: Before<'_>, edit: &Edit) -> Result<(), Denied> {
    if edit.genesis {
        return Err(Denied::FieldNotAllowed);
    }
    if before.issue.schema > SCHEMA {
        return Err(Denied::NewerSchema);
    }
    may_touch(person, before.issue)?;
    // Or whoever may report in his own zones only would report in another one in two steps.
    if zone_of(edit).is_some_and(|zone| !may_see_zone(person, zone)) {
        return Err(Denied::NotYourZone);
    }
    match &edit.step {
        Some(step) => judge_step(person, before, &step.record, edit),
        // A remark changes nothing, so it is allowed in every state, also after the office closed the issue.
        None if edit.remark.is_some() && edit.sets.is_empty() && edit.responsible.is_empty() => {
            if edit.photos.is_empty() { Ok(()) } else { Err(Denied::FieldNotAllowed) }
        }
        None => Err(Denied::FieldNotAllowed),
    }
}

fn may_touch(person: &Person, issue: &Issue) -> Result<(), Denied> {
    let assigned = issue.assignee == Some(person.id) || issue.responsible.contains_key(&person.id);
    match person.role {
        Role::Administrator => Err(Denied::RoleMayNot),
        _ if assigned || may_see_zone(person, issue.zone) => Ok(()),
        _ => Err(Denied::NotYourZone),
    }
}

fn judge_step(person: &Person, before: Before<'_>, step: &Step, edit: &Edit) -> Result<(), Denied> {
    let from = step.from.ok_or(Denied::NotInThisState)?;
    if !states(before).contains(&from) {
        return Err(Denied::NotInThisState);
    }
    // One action may have a line per role: the change is allowed if any of them allows it, else the last reason counts.
    let mut denied = Denied::NotInThisState;
    for rule in rules(step.action, from) {
        match follows(person, before, step, edit, rule) {
            Ok(()) => return Ok(()),
            Err(reason) => denied = reason,
        }
    }
    Err(denied)
}

fn states(before: Before<'_>) -> Vec<State> {
    let conflict = before.conflicts.iter().find(|conflict| conflict.register == Register::State);
    let values = conflict.into_iter().flat_map(|conflict| &conflict.versions);
    let state = |value: &Value| if let Value::State(state) = value { Some(*state) } else { None };
    values.filter_map(|version| state(&version.value)).chain([before.issue.state]).collect()
}

fn follows(person: &Person, before: Before<'_>, step: &Step, edit: &Edit, rule: &Rule) -> Result<(), Denied> {
    person_may(person, before.issue, rule)?;
    has_what_it_needs(before.issue, step, edit, rule)?;
    if !in_time(rule.action, before.issue, step.at) {
        return Err(Denied::TooLate);
    }
    if step.from == Some(State::Suspended) && !is_resumed(rule.action, before.issue, step.at) {
        return Err(Denied::NotInThisState);
    }
    if step.action == Action::Decide {
        return judge_decision(person, before, edit);
    }
    let written_state = edit.sets.iter().find_map(|value| if let Value::State(to) = value { Some(*to) } else { None });
    let expected = rule.to.filter(|to| step.from != Some(*to));
    let to_fits = step.to.filter(|to| step.from != Some(*to)) == expected && written_state == expected;
    let others = edit.sets.iter().map(Value::register).filter(|register| *register != Register::State);
    let fields_fit = others.into_iter().all(|register| rule.sets.contains(&register));
    let parts_fit = edit.responsible.is_empty() || rule.sets.contains(&Register::Responsible);
    // An extension that is not counted would make the limit worthless.
    let counted = edit.sets.contains(&Value::Extensions(before.issue.extensions + 1));
    let count_fits = step.action != Action::Extend || counted;
    match (to_fits, fields_fit && parts_fit && count_fits) {
        (false, _) => Err(Denied::NotInThisState),
        (_, false) => Err(Denied::FieldNotAllowed),
        _ => Ok(()),
    }
}

fn person_may(person: &Person, issue: &Issue, rule: &Rule) -> Result<(), Denied> {
    may_touch(person, issue)?;
    if !person.active || !rule.roles.contains(&person.role) {
        return Err(Denied::RoleMayNot);
    }
    if matches!(rule.action, Action::AskExtension | Action::Extend) && issue.extensions >= MAX_EXTENSIONS {
        return Err(Denied::TooManyExtensions);
    }
    let suspended = issue.steps.iter().any(|step| step.record.action == Action::Suspend);
    if suspended && matches!(rule.action, Action::AskSuspension | Action::Suspend) {
        return Err(Denied::SuspendedBefore);
    }
    may_appeal(person, issue, rule.action)?;
    let assigned = issue.assignee == Some(person.id) || issue.responsible.contains_key(&person.id);
    match rule.who {
        Who::InCharge if !assigned => Err(Denied::NotAssigned),
        Who::Reporter if issue.reporter != person.id => Err(Denied::NotAssigned),
        Who::Assignee if !assigned && person.role != Role::Supervisor => Err(Denied::NotAssigned),
        Who::NotRectifier if issue.rectified_by() == Some(person.id) => Err(Denied::OwnWork),
        _ => Ok(()),
    }
}

/// More time is asked for before the deadline (domain.md section 2, 延期); what was asked in time may be granted after it. The end of
/// a suspension is no deadline that anybody was given for the work: whoever goes on after it asks for one then.
pub fn in_time(action: Action, issue: &Issue, now: Timestamp) -> bool {
    let before_it = |at: Timestamp| issue.due.is_none_or(|due| at <= due);
    let asked_in_time = || {
        let asked = issue.open_request().filter(|step| step.action == Action::AskExtension);
        asked.is_some_and(|step| before_it(step.at))
    };
    match action {
        Action::AskExtension | Action::Extend if issue.is_due_by_suspension() => true,
        Action::AskExtension => before_it(now),
        Action::Extend => before_it(now) || asked_in_time(),
        _ => true,
    }
}

/// Before its end a suspension is lifted by the desk alone; after it, whoever is in charge goes on by himself.
pub fn is_resumed(action: Action, issue: &Issue, now: Timestamp) -> bool {
    !matches!(action, Action::Start | Action::HandIn) || issue.due.is_none_or(|end| end <= now)
}

/// Against an overtime, once; and nobody decides about his own appeal (domain.md section 2, 申诉).
fn may_appeal(person: &Person, issue: &Issue, action: Action) -> Result<(), Denied> {
    let own = |step: &Entry<Step>| step.record.action == Action::Appeal && step.record.by == person.id;
    match action {
        Action::Appeal if issue.overtime().is_none() || issue.appeal().is_some() => Err(Denied::NothingToAppeal),
        Action::GrantAppeal | Action::RefuseAppeal if issue.appeal() != Some(Appeal::Asked) => {
            Err(Denied::NothingToAppeal)
        }
        Action::GrantAppeal | Action::RefuseAppeal if issue.steps.iter().any(own) => Err(Denied::OwnWork),
        _ => Ok(()),
    }
}

fn has_what_it_needs(issue: &Issue, step: &Step, edit: &Edit, rule: &Rule) -> Result<(), Denied> {
    // A photo that the issue has already stays as it stands: the edit that names it again writes nothing.
    let added = edit.photos.iter().filter(|(id, _)| !issue.photos.contains_key(id)).map(|(_, photo)| photo);
    let all: Vec<_> = issue.photos.values().chain(added).collect();
    let has_photo = |stage: &Stage| all.iter().any(|photo| photo.stage == *stage);
    let assignee = edit.sets.iter().any(|value| matches!(value, Value::Assignee(Some(_))));
    if rule.needs.reason && step.reason.trim().is_empty() {
        return Err(Denied::ReasonMissing);
    }
    let original = edit.sets.iter().find_map(|value| if let Value::DuplicateOf(of) = value { *of } else { None });
    // The same original once more is no operation, so the hub does not see it.
    let marked = original.or(issue.duplicate_of).is_some();
    let names_it = matches!(rule.action, Action::MarkDuplicate | Action::Merge);
    if original == Some(issue.id) || (names_it && !marked) {
        return Err(Denied::DuplicateMissing);
    }
    if !rule.needs.photos.iter().all(has_photo) {
        return Err(Denied::PhotoMissing);
    }
    if rule.needs.assignee && !assignee && issue.assignee.is_none() {
        return Err(Denied::AssigneeMissing);
    }
    match step.until {
        None if rule.needs.until => Err(Denied::DeadlineMissing),
        Some(until) if rule.action == Action::Suspend => ends(edit, step.at, until),
        Some(until) if matches!(rule.action, Action::AskExtension | Action::Extend) => gives_more(issue, edit, until),
        _ => Ok(()),
    }
}

fn ends(edit: &Edit, at: Timestamp, until: Timestamp) -> Result<(), Denied> {
    let is_deadline = edit.sets.contains(&Value::Due(Some(until)));
    match is_deadline && until <= at + MAX_SUSPENSION {
        true if until <= at => Err(Denied::DeadlinePast),
        true => Ok(()),
        false => Err(Denied::SuspensionTooLong),
    }
}

/// An extension that shortens would be counted as one all the same, and take from somebody the time that he was given.
fn gives_more(issue: &Issue, edit: &Edit, until: Timestamp) -> Result<(), Denied> {
    let is_later = |at: Timestamp| issue.due.is_none_or(|due| at > due);
    let set = edit.sets.iter().filter_map(|value| if let Value::Due(due) = value { Some(*due) } else { None });
    let all_later = is_later(until) && set.into_iter().all(|due| due.is_some_and(is_later));
    if all_later { Ok(()) } else { Err(Denied::NotLater) }
}

/// Whoever sees the issue may choose among the values that are there; a value of one's own is the desk's.
fn judge_decision(person: &Person, before: Before<'_>, edit: &Edit) -> Result<(), Denied> {
    let among = |value: &Value| {
        let conflict = before.conflicts.iter().find(|conflict| conflict.register == value.register());
        // A deadline of one's own would be an extension that nobody counts.
        let counted = matches!(value, Value::Due(_) | Value::Extensions(_));
        let free = person.role == Role::Supervisor && !counted && presser(value).is_none_or(|by| by == person.id);
        conflict.is_some_and(|conflict| free || conflict.versions.iter().any(|version| version.value == *value))
    };
    let chosen = !edit.sets.is_empty() && edit.sets.iter().all(among) && edit.responsible.is_empty();
    let state = edit.sets.iter().find_map(|value| if let Value::State(to) = value { Some(*to) } else { None });
    match (chosen, state) {
        (false, _) => Err(Denied::NotAConcurrentValue),
        (_, Some(to)) => may_choose(person, before, to),
        _ => Ok(()),
    }
}

/// Deciding is no way around the table: an issue ends only by whoever could have ended it, and never by who rectified it.
fn may_choose(person: &Person, before: Before<'_>, to: State) -> Result<(), Denied> {
    let fixed = |step: &Entry<Step>| step.record.action == Action::FixOnSpot && step.record.by == person.id;
    let rectified = before.issue.rectified_by() == Some(person.id) || before.issue.steps.iter().any(fixed);
    if to == State::Closed && rectified {
        return Err(Denied::OwnWork);
    }
    let values = states(before);
    let ends = |rule: &&Rule| rule.to == Some(to) && rule.roles.contains(&person.role);
    let leads_here = |rule: &Rule| {
        let from_here = rule.from.iter().any(|from| values.contains(from));
        person.role == Role::Inspector || (from_here && person_may(person, before.issue, rule).is_ok())
    };
    let free = to.is_open() || person.role == Role::Supervisor;
    if free || RULES.iter().filter(ends).any(leads_here) { Ok(()) } else { Err(Denied::RoleMayNot) }
}

#[cfg(test)]
mod tests;

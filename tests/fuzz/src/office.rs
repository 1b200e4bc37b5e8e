//! An office of five people as the targets know it, and what they do: edits from a few bytes, never from chance or a clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use arbitrary::{Result, Unstructured};
use xiaohao_server::service::admission::{Bench, Way};
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::doc::{Conflict, Document, Edit, RawChange, Report};
use xiaohao_shared::id::{Actor, DeviceId, IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::policy::{self, Known};
use xiaohao_shared::model::workflow::{Action, Rule, State};
use xiaohao_shared::model::{
    Contact, Duty, Fix, FixSource, Issue, Manner, Outcome, Part, Person, Photo, Place, Remark, Role, Severity, Stage,
    Step, Supervision, SupervisionLevel,
};
use xiaohao_shared::time::{DAY, Timestamp};

pub const ISSUE: IssueId = IssueId([7; 16]);
/// A Monday in November; the clock of everybody stands still.
pub const NOW: Timestamp = Timestamp(20_780 * DAY);

/// Two cadres, an inspector, a supervisor and an administrator, numbered from one. Each has the device of his number.
pub fn people() -> Vec<Person> {
    let of = |(at, (role, zones)): (usize, (Role, &[u32]))| Person {
        id: PersonId(at as u32 + 1),
        name: format!("{role:?}"),
        role,
        zones: zones.iter().copied().map(ZoneId).collect(),
        active: true,
        duties: Duty::all(),
    };
    let roles: [(Role, &[u32]); 5] = [
        (Role::Cadre, &[1]),
        (Role::Cadre, &[1, 2]),
        (Role::Inspector, &[]),
        (Role::Supervisor, &[]),
        (Role::Administrator, &[]),
    ];
    roles.into_iter().enumerate().map(of).collect()
}

pub fn known() -> Known {
    let zones = (1..=3).map(ZoneId).collect();
    Known { zones, people: people().into_iter().map(|person| (person.id, person)).collect() }
}

pub fn bench(person: &Person) -> Bench {
    let device = DeviceId(person.id.0.into());
    Bench {
        device,
        person: person.clone(),
        former: Vec::new(),
        known: Arc::new(known()),
        calendar: Arc::default(),
        way: Way::Own,
    }
}

pub fn actor(person: &Person) -> Actor {
    Actor { device: DeviceId(person.id.0.into()), nonce: 1 }
}

pub fn report(by: PersonId) -> Edit {
    let place = Place { address: "幸福路 12 号".into(), ..Place::default() };
    let report = Report {
        zone: ZoneId(1),
        kind: CATALOGUE[0].kind,
        place_type: PlaceType::BackStreet,
        description: "垃圾堆在门口".into(),
        place,
        severity: Severity::Ordinary,
        photos: photos(by, Stage::Before, 1),
    };
    Edit::report("report00".into(), by, NOW, report)
}

/// [`ISSUE`] as the first cadre reported it.
pub fn reported() -> (Document, RawChange) {
    let (mut document, person) = (Document::default(), &people()[0]);
    let change = document.edit(actor(person), &report(person.id)).expect("a report");
    (document, change)
}

pub fn photos(by: PersonId, stage: Stage, name: u8) -> BTreeMap<PhotoId, Photo> {
    let photo =
        Photo { stage, by, taken_at: NOW, w: 1600, h: 1200, size: 180_000, mime: "image/jpeg".into(), thumb: None };
    BTreeMap::from([(PhotoId([name; 32]), photo)])
}

pub fn remark(by: PersonId, id: usize, text: &str) -> Edit {
    Edit::remark(format!("{id:08}"), Remark::new(by, NOW, text.into()))
}

fn contact(from: &mut Unstructured<'_>, by: PersonId, id: usize) -> Result<Edit> {
    let (manner, result) = (*from.choose(&Manner::ALL)?, *from.choose(&Outcome::ALL)?);
    let contact = Contact { at: time(from)?, manner, result };
    Ok(Edit::remark(format!("{id:08}"), Remark::of_contact(by, NOW, text(from)?, contact)))
}

/// One thing that this person might do to the issue; most of them are allowed.
pub fn edit(
    from: &mut Unstructured<'_>,
    person: &Person,
    issue: &Issue,
    conflicts: &[Conflict],
    id: usize,
) -> Result<Edit> {
    match from.int_in_range(0..=7)? {
        0 if from.ratio(1, 4)? => contact(from, person.id, id),
        0 => Ok(remark(person.id, id, &text(from)?)),
        1 if !conflicts.is_empty() => decision(from, person, issue, conflicts, id),
        2 => wild(from, person, id),
        _ => {
            let rules: Vec<&Rule> = policy::allowed(person, issue).collect();
            if rules.is_empty() {
                return wild(from, person, id);
            }
            let rule = *from.choose(&rules)?;
            by_rule(from, person, issue, rule, id)
        }
    }
}

fn by_rule(from: &mut Unstructured<'_>, person: &Person, issue: &Issue, rule: &Rule, id: usize) -> Result<Edit> {
    let reason = if rule.needs.reason { format!("因{}", text(from)?) } else { text(from)? };
    let until = if rule.needs.until || from.arbitrary()? { Some(time(from)?) } else { None };
    let step = Step { from: Some(issue.state), to: rule.to, reason, until, ..Step::new(person.id, NOW, rule.action) };
    let mut edit = Edit::step(format!("{id:08}"), step);
    for register in rule.sets {
        match register {
            Register::Responsible => edit.responsible = parts(from)?,
            Register::Extensions => edit = edit.with(Value::Extensions(issue.extensions + 1)),
            register if from.arbitrary()? => edit = edit.with(value(from, *register, person.id)?),
            _ => {}
        }
    }
    for stage in rule.needs.photos {
        edit = edit.with_photos(photos(person.id, *stage, from.arbitrary()?));
    }
    Ok(edit)
}

fn decision(
    from: &mut Unstructured<'_>,
    person: &Person,
    issue: &Issue,
    conflicts: &[Conflict],
    id: usize,
) -> Result<Edit> {
    let conflict = from.choose(conflicts)?;
    let chosen = from.choose(&conflict.versions)?.value.clone();
    let chosen = if from.ratio(1, 4)? { value(from, conflict.register, person.id)? } else { chosen };
    let step = Step { from: Some(issue.state), ..Step::new(person.id, NOW, Action::Decide) };
    Ok(Edit::step(format!("{id:08}"), step).with(chosen))
}

/// What no form of the app offers.
fn wild(from: &mut Unstructured<'_>, person: &Person, id: usize) -> Result<Edit> {
    const ACTIONS: [Action; 6] =
        [Action::Close, Action::Void, Action::Amend, Action::Decide, Action::Dispatch, Action::Report];
    let action = *from.choose(&ACTIONS)?;
    let (before, to) = (*from.choose(&State::ALL)?, *from.choose(&State::ALL)?);
    let step =
        Step { from: Some(before), to: Some(to), reason: text(from)?, ..Step::new(person.id, time(from)?, action) };
    let mut edit = Edit::step(format!("{id:08}"), step);
    for _ in 0..from.int_in_range(0..=3)? {
        let register = *from.choose(&Register::ALL)?;
        edit = edit.with(value(from, register, person.id)?);
    }
    edit.responsible = parts(from)?;
    Ok(edit)
}

fn value(from: &mut Unstructured<'_>, register: Register, by: PersonId) -> Result<Value> {
    Ok(match register {
        Register::Schema | Register::Responsible => Value::Schema(1),
        Register::Zone => Value::Zone(ZoneId(from.int_in_range(1..=4)?)),
        Register::Kind => Value::Kind(from.choose(CATALOGUE)?.kind),
        Register::PlaceType => Value::PlaceType(*from.choose(&PlaceType::ALL)?),
        Register::Description => Value::Description(text(from)?),
        Register::Place => Value::Place(place(from)?),
        Register::Severity => Value::Severity(*from.choose(&Severity::ALL)?),
        Register::State => Value::State(*from.choose(&State::ALL)?),
        Register::Assignee => Value::Assignee(some(from, |from| Ok(PersonId(from.int_in_range(1..=6)?)))?),
        Register::Due => Value::Due(some(from, time)?),
        Register::Extensions => Value::Extensions(from.arbitrary()?),
        Register::Priority => Value::Priority(from.arbitrary()?),
        Register::Supervision => Value::Supervision(some(from, |from| supervision(from, by))?),
        Register::DuplicateOf => Value::DuplicateOf(some(from, issue)?),
        Register::RecurrenceOf => Value::RecurrenceOf(some(from, issue)?),
    })
}

fn some<'a, T>(
    from: &mut Unstructured<'a>,
    value: impl FnOnce(&mut Unstructured<'a>) -> Result<T>,
) -> Result<Option<T>> {
    if from.ratio(3, 4)? { value(from).map(Some) } else { Ok(None) }
}

fn place(from: &mut Unstructured<'_>) -> Result<Place> {
    let fix = |from: &mut Unstructured<'_>| {
        let (lat, lon, accuracy_m) = (from.arbitrary()?, from.arbitrary()?, from.arbitrary()?);
        let source = if from.arbitrary()? { FixSource::Gps } else { FixSource::Hand };
        Ok(Fix { lat, lon, accuracy_m, datum: text(from)?, source, fixed_at: time(from)? })
    };
    Ok(Place { address: text(from)?, landmark: text(from)?, fix: some(from, fix)? })
}

fn supervision(from: &mut Unstructured<'_>, by: PersonId) -> Result<Supervision> {
    let level = if from.arbitrary()? { SupervisionLevel::Office } else { SupervisionLevel::City };
    Ok(Supervision { level, number: text(from)?, by, at: time(from)?, due: some(from, time)? })
}

fn parts(from: &mut Unstructured<'_>) -> Result<BTreeMap<PersonId, Option<Part>>> {
    let mut parts = BTreeMap::new();
    for _ in 0..from.int_in_range(0..=2)? {
        let part = some(from, |from| Ok(if from.arbitrary()? { Part::Lead } else { Part::Support }))?;
        parts.insert(PersonId(from.int_in_range(1..=6)?), part);
    }
    Ok(parts)
}

fn issue(from: &mut Unstructured<'_>) -> Result<IssueId> {
    Ok(IssueId([from.int_in_range(6..=8)?; 16]))
}

fn time(from: &mut Unstructured<'_>) -> Result<Timestamp> {
    Ok(if from.arbitrary()? { Timestamp(from.arbitrary()?) } else { NOW + i64::from(from.arbitrary::<i32>()?) })
}

/// Up to some hundred bytes; a whole text of two thousand characters only rarely.
fn text(from: &mut Unstructured<'_>) -> Result<String> {
    let length = from.int_in_range(0..=40)?;
    let bytes = from.bytes(length.min(from.len()))?;
    let text = String::from_utf8_lossy(bytes).into_owned();
    Ok(if from.ratio(1, 32)? { text.repeat(60) } else { text })
}

//! Whatever people write on their copies, and however the changes travel, every copy says the same in the end.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::Transactable;
use proptest::prelude::*;

use super::admit::recognise;
use super::read::View;
use super::screen::screen;
use super::value::Value;
use super::*;
use crate::id::{PersonId, PhotoId, ZoneId};
use crate::model::catalogue::PlaceType;
use crate::model::summary::Summary;
use crate::model::workflow::{Action, State};
use crate::model::{
    Contact, Fix, FixSource, Manner, Outcome, Part, Place, Remark, Severity, Stage, Supervision, SupervisionLevel,
};
use crate::testing::{ISSUE, KIND, actor, photo, record_id, remark, report, reported, step};
use crate::time::Timestamp;

const PHONES: usize = 3;

/// One thing that happens in a random history.
#[derive(Debug, Clone)]
enum Event {
    Write {
        phone: usize,
        what: Wish,
    },
    /// Everything that one phone has reaches another, again and again.
    Exchange {
        from: usize,
        to: usize,
    },
    /// The process dies: the document comes back from its bytes, and the next change has another actor.
    Restart {
        phone: usize,
    },
}

#[derive(Debug, Clone)]
enum Wish {
    Remark(String),
    Set(Value),
    Responsible(u32, Option<Part>),
    Photo(u8, Stage),
    /// Decides the first conflict for one of its values.
    Decide(usize),
}

fn place() -> impl Strategy<Value = Place> {
    let number = || proptest::num::f64::NORMAL | proptest::num::f64::ZERO;
    let fix = (number(), number(), number()).prop_map(|(lat, lon, accuracy_m)| {
        let (datum, source, fixed_at) = ("wgs84".into(), FixSource::Gps, Timestamp(9));
        Fix { lat, lon, accuracy_m, datum, source, fixed_at }
    });
    let fix = proptest::option::of(fix);
    ("\\PC{0,8}", "\\PC{0,8}", fix).prop_map(|(address, landmark, fix)| Place { address, landmark, fix })
}

fn value() -> impl Strategy<Value = Value> {
    let supervision = (1..4u32, "\\PC{0,6}").prop_map(|(by, number)| {
        let (level, by, at) = (SupervisionLevel::City, PersonId(by), Timestamp(4));
        Supervision { level, number, by, at, due: None }
    });
    let person = proptest::option::of((1..4u32).prop_map(PersonId));
    let issue = proptest::option::of((0..3u8).prop_map(|byte| IssueId([byte; 16])));
    let time = proptest::option::of(any::<i64>().prop_map(Timestamp));
    prop_oneof![
        3 => proptest::sample::select(&State::ALL[..]).prop_map(Value::State),
        3 => person.prop_map(Value::Assignee),
        1 => time.prop_map(Value::Due),
        1 => (1..4u32).prop_map(|zone| Value::Zone(ZoneId(zone))),
        1 => (6001..6004u32).prop_map(|code| Value::Kind(crate::model::catalogue::Kind { code, ..KIND })),
        1 => proptest::sample::select(&PlaceType::ALL[..]).prop_map(Value::PlaceType),
        1 => "\\PC{0,12}".prop_map(Value::Description),
        2 => place().prop_map(Value::Place),
        1 => proptest::sample::select(&Severity::ALL[..]).prop_map(Value::Severity),
        1 => (0..3u32).prop_map(Value::Extensions),
        1 => any::<bool>().prop_map(Value::Priority),
        1 => proptest::option::of(supervision).prop_map(Value::Supervision),
        1 => issue.clone().prop_map(Value::DuplicateOf),
        1 => issue.prop_map(Value::RecurrenceOf),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let part = prop_oneof![Just(None), Just(Some(Part::Lead)), Just(Some(Part::Support))];
    let stage = prop_oneof![Just(Stage::Before), Just(Stage::During), Just(Stage::After)];
    prop_oneof![
        1 => "\\PC{0,12}".prop_map(Wish::Remark),
        6 => value().prop_map(Wish::Set),
        1 => (1..4u32, part).prop_map(|(person, part)| Wish::Responsible(person, part)),
        1 => (0..4u8, stage).prop_map(|(name, stage)| Wish::Photo(name, stage)),
        1 => any::<usize>().prop_map(Wish::Decide),
    ]
}

fn history() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => (0..PHONES, wish()).prop_map(|(phone, what)| Event::Write { phone, what }),
        2 => (0..PHONES, 0..PHONES).prop_map(|(from, to)| Event::Exchange { from, to }),
        1 => (0..PHONES).prop_map(|phone| Event::Restart { phone }),
    ];
    proptest::collection::vec(event, 1..24)
}

fn edit_of(document: &Document, by: u32, number: usize, wish: &Wish) -> Edit {
    let step = |action| Edit::step(record_id(number), step(by, action, State::Reported, None));
    match wish {
        Wish::Remark(text) => remark(by, number, text),
        Wish::Set(value) => step(Action::Amend).with(value.clone()),
        Wish::Responsible(person, part) => {
            Edit { responsible: BTreeMap::from([(PersonId(*person), *part)]), ..step(Action::Assign) }
        }
        Wish::Photo(name, stage) => {
            let photos = BTreeMap::from([(PhotoId([*name; 32]), photo(PersonId(by), *stage))]);
            step(Action::Photograph).with_photos(photos)
        }
        Wish::Decide(choice) => match document.conflicts().first() {
            Some(conflict) => {
                let version = &conflict.versions[choice % conflict.versions.len()];
                step(Action::Decide).with(version.value.clone())
            }
            None => remark(by, number, "nothing to decide"),
        },
    }
}

/// What of an edit becomes operations: a field that holds the value already is not written again.
fn written(before: &Document, edit: &Edit) -> Edit {
    let view = View { am: &before.am, at: None };
    let news = |key: &str, object: &automerge::ObjId, scalar: automerge::ScalarValue| {
        let scalars = view.scalars(object, key);
        scalars.len() != 1 || scalars[0].0 != scalar
    };
    let mut edit = edit.clone();
    edit.sets.retain(|value| news(value.register().key(), &automerge::ROOT, value.to_scalar()));
    if let Some(responsible) = super::edit::container(&before.am, "responsible") {
        let scalar = |part: &Option<Part>| part.as_ref().map_or(automerge::ScalarValue::Null, value::json);
        edit.responsible.retain(|person, part| news(&person.to_string(), &responsible, scalar(part)));
    }
    if let Some(photos) = super::edit::container(&before.am, "photos") {
        edit.photos.retain(|photo, _| view.scalars(&photos, &photo.to_string()).is_empty());
    }
    edit
}

/// The phones after a random history, and every change that was made.
struct World {
    phones: Vec<Document>,
    all: BTreeMap<ChangeHash, Vec<u8>>,
}

/// Plays a history; every change is recognised on the way, by who knows what its writer knew and by who knows everything.
fn play(history: &[Event]) -> World {
    let (first, change) = reported();
    let mut everything = first.clone();
    let mut world = World { phones: vec![first; PHONES], all: BTreeMap::from([(change.hash, change.bytes)]) };
    let mut nonces = [1u64; PHONES];
    for (number, event) in history.iter().enumerate() {
        match event {
            Event::Write { phone, what } => {
                let before = world.phones[*phone].clone();
                let edit = edit_of(&before, *phone as u32 + 1, number, what);
                let actor = actor(*phone as u64 + 10, nonces[*phone]);
                let change = world.phones[*phone].edit(actor, &edit).unwrap();
                let screened = screen(&change.bytes).unwrap();
                assert_eq!((screened.hash, screened.actor), (change.hash, actor));
                let meant = written(&before, &edit);
                assert_eq!(recognise(&before, &screened, &change.bytes).as_ref(), Ok(&meant));
                assert_eq!(recognise(&everything, &screened, &change.bytes).as_ref(), Ok(&meant), "moved on");
                everything.apply([change.bytes.as_slice()]).unwrap();
                world.all.insert(change.hash, change.bytes);
            }
            Event::Exchange { from, to } => {
                let changes = world.phones[*from].changes();
                world.phones[*to].apply(changes.iter().map(|change| change.bytes.as_slice())).unwrap();
            }
            Event::Restart { phone } => {
                world.phones[*phone] = Document::load(&world.phones[*phone].save()).unwrap();
                nonces[*phone] += 1;
            }
        }
    }
    world
}

/// Everything that anybody can see of a document.
fn seen(document: &Document) -> (Vec<ChangeHash>, crate::model::Issue, Vec<Conflict>, Summary) {
    let (issue, conflicts) = (document.read(ISSUE).unwrap(), document.conflicts());
    let summary = Summary::of(&issue, None, !conflicts.is_empty());
    (document.heads(), issue, conflicts, summary)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edits_in_any_order_any_number_of_times_end_in_the_same_document(
        history in history(),
        order in any::<u64>(),
    ) {
        let World { mut phones, all } = play(&history);
        let mut random = crate::testing::Random(order);
        for phone in &mut phones {
            let mut changes: Vec<_> = all.values().chain(all.values()).collect();
            for at in (1..changes.len()).rev() {
                changes.swap(at, random.below(at + 1));
            }
            phone.apply(changes.into_iter().map(Vec::as_slice)).unwrap();
        }
        let first = seen(&phones[0]);
        for phone in &phones {
            prop_assert_eq!(&seen(phone), &first);
            prop_assert_eq!(&seen(&Document::load(&phone.save()).unwrap()), &first, "after a reload");
            prop_assert_eq!(phone.fingerprint(ISSUE), phones[0].fingerprint(ISSUE));
        }
        let mut fresh = Document::default();
        fresh.merge(&mut phones[1]).unwrap();
        prop_assert_eq!(&seen(&fresh), &first, "as a whole");
    }

    #[test]
    fn a_value_reads_back_from_its_scalar(value in value()) {
        prop_assert_eq!(Value::from_scalar(value.register(), &value.to_scalar()), Some(value));
    }
}

#[test]
fn a_report_is_recognised_by_who_has_nothing_yet() {
    let (_, change) = reported();
    let screened = screen(&change.bytes).unwrap();
    let recognised = recognise(&Document::default(), &screened, &change.bytes).unwrap();
    assert_eq!(recognised, report(crate::testing::ZONE));
}

#[test]
fn two_phones_that_write_at_once_leave_both_values_until_one_decides() {
    let (first, _) = reported();
    let assign = |phone: u32, to: u32| {
        let mut copy = first.clone();
        let step = step(phone, Action::Assign, State::Reported, None);
        let edit = Edit::step(record_id(phone as usize), step).with(Value::Assignee(Some(PersonId(to))));
        copy.edit(actor(phone.into(), 1), &edit).unwrap();
        copy
    };
    let (mut one, mut two) = (assign(2, 20), assign(3, 30));
    one.merge(&mut two).unwrap();
    let conflicts = one.conflicts();
    let [Conflict { register: value::Register::Assignee, versions }] = conflicts.as_slice() else {
        panic!("{conflicts:?}")
    };
    let told: BTreeSet<_> = versions.iter().map(|version| (version.by, version.at.is_some())).collect();
    assert_eq!(told, BTreeSet::from([(Some(PersonId(2)), true), (Some(PersonId(3)), true)]));
    assert_eq!(Value::Assignee(one.read(ISSUE).unwrap().assignee), versions[0].value, "the first is the one shown");
    let decide = step(4, Action::Decide, State::Reported, None);
    one.edit(actor(4, 1), &Edit::step(record_id(4), decide).with(versions[1].value.clone())).unwrap();
    assert_eq!(
        (one.conflicts(), Value::Assignee(one.read(ISSUE).unwrap().assignee)),
        (vec![], versions[1].value.clone())
    );
}

#[test]
fn to_decide_for_the_value_that_is_shown_is_a_decision_like_any_other() {
    let (mut one, _) = reported();
    let mut two = one.clone();
    for (copy, person) in [(&mut one, 2), (&mut two, 3)] {
        let edit = Edit::step(record_id(person as usize), step(person, Action::Assign, State::Reported, None));
        let edit = edit.with(Value::Assignee(Some(PersonId(person))));
        let edit = Edit { responsible: BTreeMap::from([(PersonId(9), Some(Part::Lead))]), ..edit };
        copy.edit(actor(person.into(), 1), &edit).unwrap();
    }
    one.merge(&mut two).unwrap();
    let shown = one.conflicts().remove(0).versions.remove(0).value;
    let mut decision = Edit::step(record_id(4), step(4, Action::Decide, State::Reported, None)).with(shown.clone());
    decision.responsible = BTreeMap::from([(PersonId(9), Some(Part::Lead))]);
    let seen = one.clone();
    let change = one.edit(actor(4, 1), &decision).unwrap();
    assert_eq!(recognise(&seen, &screen(&change.bytes).unwrap(), &change.bytes), Ok(decision));
    assert_eq!((one.conflicts(), Value::Assignee(one.read(ISSUE).unwrap().assignee)), (vec![], shown));
    assert_eq!(Document::load(&one.save()).unwrap().heads(), one.heads());
}

#[test]
fn the_same_value_written_twice_at_once_is_no_conflict() {
    let (first, _) = reported();
    let mut copies = [2, 3].map(|phone| {
        let mut copy = first.clone();
        let step = step(phone, Action::File, State::Reported, Some(State::Filed));
        copy.edit(actor(phone.into(), 1), &Edit::step(record_id(phone as usize), step)).unwrap();
        copy
    });
    let [one, two] = &mut copies;
    one.merge(two).unwrap();
    assert_eq!((one.conflicts(), one.read(ISSUE).unwrap().steps.len()), (vec![], 3));
}

#[test]
fn what_a_newer_app_wrote_is_carried_and_does_not_disturb() {
    let (mut document, _) = reported();
    let newer = r#"{"by":9,"at":1,"action":"amend","mood":"good","nested":{"a":[1]}}"#;
    let unheard_of = r#"{"by":9,"at":1,"action":"levitate"}"#;
    let mut am = document.am.clone();
    am.transact::<_, _, automerge::AutomergeError>(|tx| {
        tx.put(automerge::ROOT, "weather", "rain")?;
        let steps = tx.get(automerge::ROOT, "steps")?.unwrap().1;
        tx.put(&steps, "newer001", newer)?;
        tx.put(&steps, "newer002", unheard_of)
    })
    .unwrap();
    document.am = am;
    document.edit(actor(2, 1), &remark(2, 1, "seen")).unwrap();
    let mut again = Document::default();
    again.merge(&mut Document::load(&document.save()).unwrap()).unwrap();
    let issue = again.read(ISSUE).unwrap();
    let ids: Vec<_> = issue.steps.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!((ids, issue.remarks.len()), (vec!["report00", "newer001"], 1), "the unknown step is not shown");
    assert_eq!(again.am.get(automerge::ROOT, "weather").unwrap().unwrap().0.into_string().unwrap(), "rain");
    let steps = again.am.get(automerge::ROOT, "steps").unwrap().unwrap().1;
    let kept = |id| again.am.get(&steps, id).unwrap().unwrap().0.into_string().unwrap();
    assert_eq!((kept("newer001").as_str(), kept("newer002").as_str()), (newer, unheard_of));
}

#[test]
fn the_note_of_a_contact_is_a_remark_for_an_app_that_knows_no_contacts() {
    #[derive(serde::Deserialize)]
    struct OldRemark {
        by: PersonId,
        text: String,
    }
    let (mut document, _) = reported();
    let contact = Contact { at: Timestamp(2_000), manner: Manner::Door, result: Outcome::Agreed };
    let note = Remark::of_contact(PersonId(2), Timestamp(3_000), "周五前清理".into(), contact);
    document.edit(actor(2, 1), &Edit::remark(record_id(1), note.clone())).unwrap();
    let remarks = document.am.get(automerge::ROOT, "remarks").unwrap().unwrap().1;
    let stored = document.am.get(&remarks, record_id(1)).unwrap().unwrap().0.into_string().unwrap();
    let old: OldRemark = serde_json::from_str(&stored).unwrap();
    assert_eq!((old.by, old.text.as_str()), (PersonId(2), "周五前清理"));
    assert_eq!(document.read(ISSUE).unwrap().remarks[0].record, note);
    let unheard_of = stored.replace("door", "drone").replace("agreed", "dreamt");
    let read: Remark = serde_json::from_str(&unheard_of).unwrap();
    let contact = Contact { manner: Manner::Other, result: Outcome::Other, ..contact };
    assert_eq!(read.contact, Some(contact), "a word of a newer app is some other way");
}

#[test]
fn a_document_of_a_newer_schema_is_read_as_far_as_it_goes_and_left_as_it_is() {
    let (mut document, _) = reported();
    let mut am = document.am.clone();
    am.transact::<_, _, automerge::AutomergeError>(|tx| {
        tx.put(automerge::ROOT, "v", SCHEMA + 1)?;
        tx.put(automerge::ROOT, "state", "in_orbit")
    })
    .unwrap();
    document.am = am;
    let heads = document.heads();
    let issue = document.read(ISSUE).unwrap();
    assert_eq!(
        (issue.schema, issue.zone, issue.description.as_str()),
        (SCHEMA + 1, crate::testing::ZONE, "垃圾堆在门口")
    );
    let edited = document.edit(actor(2, 1), &remark(2, 1, "seen"));
    assert!(matches!(edited, Err(EditError::NewerSchema(version)) if version == SCHEMA + 1), "{edited:?}");
    assert_eq!(document.heads(), heads);
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let (mut document, _) = reported();
    let heads = document.heads();
    let same = Edit::default().with(Value::State(State::Reported));
    for edit in [Edit::default(), same] {
        assert!(matches!(document.edit(actor(2, 1), &edit), Err(EditError::Empty)), "{edit:?}");
    }
    assert_eq!(document.heads(), heads);
}

#[test]
fn a_photo_that_is_chosen_a_second_time_stays_as_it_stands() {
    let (mut document, _) = reported();
    let before = document.read(ISSUE).unwrap().photos;
    let id = *before.keys().next().unwrap();
    let again = BTreeMap::from([(id, photo(PersonId(2), Stage::After))]);
    let edit = Edit::step(record_id(1), step(2, Action::Photograph, State::Reported, None)).with_photos(again);
    let seen = document.clone();
    let change = document.edit(actor(2, 1), &edit).unwrap();
    assert_eq!(document.read(ISSUE).unwrap().photos, before);
    assert!(recognise(&seen, &screen(&change.bytes).unwrap(), &change.bytes).is_ok());
}

#[test]
fn an_edit_without_a_first_change_is_an_error_and_writes_nothing() {
    let mut document = Document::default();
    assert!(matches!(document.edit(actor(1, 1), &remark(1, 1, "alone")), Err(EditError::NoContainer("remarks"))));
    assert!(document.heads().is_empty() && document.read(ISSUE).is_err());
}

#[test]
fn a_change_without_its_ancestors_leaves_the_document_as_it_was() {
    let (mut document, _) = reported();
    let (before, bytes) = (document.clone(), document.save());
    document.edit(actor(2, 1), &remark(2, 1, "first")).unwrap();
    let second = document.edit(actor(2, 1), &remark(2, 2, "second")).unwrap();
    let mut behind = before;
    assert!(matches!(behind.apply([second.bytes.as_slice()]), Err(DocError::MissingDependencies)));
    assert_eq!(behind.save(), bytes);
}

#[test]
fn a_change_that_was_damaged_on_its_way_is_refused_and_kills_nobody() {
    let (mut document, _) = reported();
    let before = document.heads();
    let change = document.clone().edit(actor(2, 1), &remark(2, 1, "到现场了")).unwrap().bytes;
    for at in 0..change.len() {
        let mut damaged = change.clone();
        damaged[at] ^= 0x10;
        assert!(matches!(document.apply([damaged.as_slice()]), Err(DocError::Apply(_))), "byte {at}");
    }
    assert_eq!(document.heads(), before);
}

#[test]
fn the_timeline_follows_cause_and_not_the_clocks() {
    let (mut document, _) = reported();
    for (number, at) in [(1, 9_000), (2, -5), (3, 4)] {
        let record = Remark::new(PersonId(1), Timestamp(at), number.to_string());
        document.edit(actor(number, 1), &Edit::remark(record_id(number as usize), record)).unwrap();
    }
    let texts: Vec<_> = document.read(ISSUE).unwrap().remarks.into_iter().map(|entry| entry.record.text).collect();
    assert_eq!(texts, ["1", "2", "3"]);
}

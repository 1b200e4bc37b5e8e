//! Changes that no honest phone writes. Each must be refused for its reason; and whatever is recognised must do no harm.

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::ReadDoc;
use automerge::legacy::SortedVec;
use automerge::transaction::Transactable;

use super::*;
use crate::doc::RawChange;
use crate::doc::screen::screen;
use crate::doc::screen::tests::{Chunk, body, sealed, sleb};
use crate::doc::value::Register;
use crate::id::PersonId;
use crate::model::workflow::{Action, State};
use crate::model::{Part, Stage};
use crate::testing::{ISSUE, Random, actor, photos, record_id, remark, report, reported, step};

/// The issue with a remark of device 2 and two concurrent assignees, and an honest change of device 2 on top of it:
/// it replaces both assignees, makes somebody responsible, adds a photo and a step.
fn scene() -> (Document, RawChange) {
    let (mut document, _) = reported();
    document.edit(actor(2, 1), &remark(2, 1, "seen")).unwrap();
    let assign = |number: u32| {
        let edit = Edit::step(record_id(number as usize), step(number, Action::Assign, State::Reported, None));
        edit.with(Value::Assignee(Some(PersonId(number))))
    };
    let mut other = document.clone();
    document.edit(actor(3, 1), &assign(3)).unwrap();
    other.edit(actor(4, 1), &assign(4)).unwrap();
    document.merge(&mut other).unwrap();
    let edit = Edit { responsible: [(PersonId(5), Some(Part::Lead))].into(), ..assign(5) };
    let change = document.clone().edit(actor(2, 1), &edit.with_photos(photos(PersonId(5), &[Stage::After]))).unwrap();
    (document, change)
}

fn judged(document: &Document, bytes: &[u8]) -> Result<Edit, AdmitError> {
    recognise(document, &screen(bytes).unwrap(), bytes)
}

fn expanded(bytes: &[u8]) -> ExpandedChange {
    Change::from_bytes(bytes.to_vec()).unwrap().decode()
}

/// What becomes of the honest change of the scene when a forger alters it.
fn forged(alter: impl FnOnce(&mut ExpandedChange)) -> Result<Edit, AdmitError> {
    let (document, change) = scene();
    let mut forged = expanded(&change.bytes);
    alter(&mut forged);
    judged(&document, Change::from(forged).raw_bytes())
}

/// A change of device 2 that does something by hand.
fn by_hand(
    write: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), automerge::AutomergeError>,
) -> Result<Edit, AdmitError> {
    let (document, _) = scene();
    let mut am = document.am.clone();
    am.set_actor(automerge::ActorId::from(actor(2, 1).to_bytes().as_slice()));
    am.transact(write).unwrap();
    judged(&document, am.get_last_local_change().unwrap().raw_bytes())
}

fn put(map: &'static str, key: &'static str, value: impl Into<ScalarValue>) -> Result<Edit, AdmitError> {
    by_hand(|tx| {
        let object = if map.is_empty() { ROOT } else { tx.get(ROOT, map)?.unwrap().1 };
        tx.put(object, key, value.into())
    })
}

fn unexplained(result: Result<Edit, AdmitError>, why: &str) {
    assert!(matches!(result, Err(Unexplained(_))), "{why}: {result:?}");
}

#[test]
fn the_honest_change_is_recognised() {
    let edit = forged(|_| {}).unwrap();
    assert_eq!(edit.step.map(|step| step.id), Some(record_id(5)));
    assert_eq!((edit.sets.len(), edit.photos.len(), edit.responsible.len()), (1, 1, 1));
}

#[test]
fn an_operation_counter_that_does_not_follow_is_refused() {
    for start in [1, u32::MAX.into(), u64::from(u32::MAX) - 1] {
        let result = forged(|change| change.start_op = NonZeroU64::new(start).unwrap());
        assert_eq!(result, Err(AdmitError::StartOp), "{start}");
    }
    for by in [-1i64, 1] {
        let shift = |change: &mut ExpandedChange| {
            change.start_op = NonZeroU64::new(change.start_op.get().strict_add_signed(by)).unwrap();
        };
        assert_eq!(forged(shift), Err(AdmitError::StartOp), "off by {by}");
    }
}

#[test]
fn a_sequence_number_that_does_not_follow_is_refused() {
    for seq in [1, 3, 99] {
        assert_eq!(forged(|change| change.seq = seq), Err(AdmitError::Sequence), "{seq}");
    }
    let newcomer = |change: &mut ExpandedChange| {
        change.actor_id = automerge::ActorId::from(actor(2, 2).to_bytes().as_slice());
    };
    assert_eq!(forged(newcomer), Err(AdmitError::Sequence), "a new actor begins with one");
}

#[test]
fn a_branch_beside_ones_own_last_change_is_refused() {
    let (first, _) = reported();
    let mut ahead = first.clone();
    ahead.edit(actor(2, 1), &remark(2, 1, "one")).unwrap();
    let mut change = expanded(&first.clone().edit(actor(2, 1), &remark(2, 2, "two")).unwrap().bytes);
    change.seq = 2;
    assert_eq!(judged(&ahead, Change::from(change).raw_bytes()), Err(AdmitError::Sequence));
}

#[test]
fn ancestors_that_nobody_has_are_missing() {
    let strange = |change: &mut ExpandedChange| change.deps = vec![automerge::ChangeHash([9; 32])];
    assert_eq!(forged(strange), Err(AdmitError::MissingDependencies));
    let (_, change) = scene();
    assert_eq!(judged(&Document::default(), &change.bytes), Err(AdmitError::MissingDependencies));
}

#[test]
fn a_change_must_replace_exactly_what_its_writer_saw() {
    let of_assignee = |change: &mut ExpandedChange, alter: fn(Vec<OpId>) -> Vec<OpId>| {
        let op = change.operations.iter_mut().find(|op| op.key == Key::Map("assignee".into())).unwrap();
        assert_eq!(op.pred.len(), 2);
        op.pred = SortedVec::from(alter(op.pred.iter().cloned().collect()));
    };
    unexplained(forged(|change| of_assignee(change, |_| Vec::new())), "none");
    unexplained(forged(|change| of_assignee(change, |pred| pred[..1].to_vec())), "one too few");
    unexplained(
        forged(|change| {
            of_assignee(change, |mut pred| {
                let first = OpId(1, pred[0].1.clone());
                pred.push(first);
                pred
            });
        }),
        "one too many",
    );
}

#[test]
fn another_way_to_write_the_same_change_is_refused() {
    let (document, change) = scene();
    let mut chunk = Chunk::take_apart(&change.bytes);
    let actions = chunk.column(0x42);
    let (run, value) = (actions[0], actions[1]);
    assert!((2..64).contains(&run), "a run of one action");
    let literals = [sleb(-i64::from(run)), vec![value; run.into()], actions[2..].to_vec()].concat();
    *actions = literals;
    let bytes = chunk.put_together();
    assert_eq!(judged(&document, &bytes), Err(AdmitError::NotCanonical), "literals in place of a run");
    let mut padded = body(&change.bytes).to_vec();
    let seq = 1 + 32 * usize::from(padded[0]) + 17;
    assert_eq!(padded[seq], 2, "the sequence number");
    padded.splice(seq..=seq, [0x82, 0x00]);
    assert!(judged(&document, &sealed(1, &padded)).is_err(), "a number with leading zeros");
}

#[test]
fn dependencies_in_another_order_or_named_twice_are_refused_or_harmless() {
    let alterations: [fn(&mut ExpandedChange); 3] = [
        |change| change.deps.reverse(),
        |change| change.deps.push(change.deps[0]),
        |change| change.deps.dedup_by_key(|_| 0),
    ];
    for alter in alterations {
        let (document, change) = scene();
        let mut forged = expanded(&change.bytes);
        alter(&mut forged);
        let forged = Change::from(forged);
        assert!(judged(&document, forged.raw_bytes()).is_err() || is_harmless(&document, forged.raw_bytes()));
    }
}

#[test]
fn objects_and_actions_that_are_none_of_ours_are_refused() {
    unexplained(by_hand(|tx| tx.put_object(ROOT, "steps", ObjType::Map).map(drop)), "a second map of a name");
    unexplained(by_hand(|tx| tx.put_object(ROOT, "more", ObjType::Map).map(drop)), "another map");
    unexplained(by_hand(|tx| tx.put_object(ROOT, "more", ObjType::List).map(drop)), "a list");
    unexplained(by_hand(|tx| tx.put_object(ROOT, "description", ObjType::Text).map(drop)), "a text");
    unexplained(
        by_hand(|tx| {
            let steps = tx.get(ROOT, "steps")?.unwrap().1;
            tx.put_object(steps, "nested00", ObjType::Map).map(drop)
        }),
        "a map in a map",
    );
    unexplained(
        by_hand(|tx| {
            let list = tx.put_object(ROOT, "more", ObjType::List)?;
            tx.insert(list, 0, 1)
        }),
        "an insertion",
    );
    unexplained(by_hand(|tx| tx.delete(ROOT, "assignee")), "a deletion");
    unexplained(by_hand(|tx| tx.delete(ROOT, "steps")), "a deletion of all steps");
    unexplained(
        by_hand(|tx| {
            let steps = tx.get(ROOT, "steps")?.unwrap().1;
            tx.delete(steps, "report00")
        }),
        "a deletion of a step",
    );
    unexplained(put("", "extensions", ScalarValue::counter(1)), "a counter");
}

#[test]
fn a_written_record_is_never_changed() {
    let step = serde_json::to_string(&step(2, Action::Void, State::Reported, Some(State::Void))).unwrap();
    unexplained(put("steps", "report00", step), "another step in its place");
    unexplained(put("remarks", "00000001", r#"{"by":2,"at":1,"text":"never said"}"#), "another remark in its place");
    unexplained(put("steps", "report00", ScalarValue::Null), "nothing in its place");
}

#[test]
fn a_record_is_not_hidden_by_another_that_was_written_beside_it_under_its_name() {
    let (ancestor, _) = reported();
    let hand_in = step(2, Action::HandIn, State::Handling, Some(State::ToCheck));
    let mut hub = ancestor.clone();
    hub.edit(actor(2, 1), &Edit::step(record_id(1), hand_in.clone())).unwrap();
    hub.edit(actor(3, 1), &remark(3, 2, "已看")).unwrap();
    let beside = |edit: &Edit| {
        let mut forger = ancestor.clone();
        let change = forger.edit(actor(2, 7), edit).unwrap();
        judged(&hub, &change.bytes)
    };
    unexplained(beside(&Edit::step(record_id(1), step(2, Action::Photograph, State::Handling, None))), "another step");
    unexplained(beside(&remark(2, 2, "从没说过")), "another remark");
    // A phone whose storage was put back writes again what it wrote, and the desk may have adopted it meanwhile.
    assert!(beside(&Edit::step(record_id(1), hand_in.clone())).is_ok());
    let adopted = crate::model::Step { adopted_by: Some(PersonId(9)), ..hand_in };
    assert!(beside(&Edit::step(record_id(1), adopted)).is_ok());
}

#[test]
fn a_record_must_be_readable_and_stand_under_a_name_of_ours() {
    let remark = r#"{"by":2,"at":1,"text":"hm"}"#;
    assert!(put("remarks", "abcDE-_9", remark).is_ok());
    for key in ["short", "much-too-long", "with blk", "汉字9"] {
        unexplained(put("remarks", key, remark), key);
    }
    for bad in ["", "{}", "null", r#"{"by":2,"at":1}"#, r#"{"by":-2,"at":1,"text":""}"#] {
        unexplained(put("remarks", "abcdefgh", bad), bad);
        unexplained(put("steps", "abcdefgh", bad), bad);
    }
    unexplained(put("remarks", "abcdefgh", 5), "a number");
    unexplained(put("photos", "00ff", r#"{"stage":"after"}"#), "no photo");
    for person in ["07", "+7", "-7", "", "4294967296"] {
        unexplained(put("responsible", person, r#""lead""#), person);
    }
    unexplained(put("responsible", "7", r#""boss""#), "an unknown part");
}

#[test]
fn a_field_of_another_app_or_of_another_type_is_refused() {
    unexplained(put("", "colour", "red"), "an unknown field");
    unexplained(put("", "", "red"), "a field without a name");
    let scalars = || {
        let plain = [ScalarValue::F64(1.5), ScalarValue::Bytes(vec![1]), ScalarValue::counter(1), "~".into()];
        plain.into_iter().chain([ScalarValue::Int(-1), ScalarValue::Uint(1 << 40)])
    };
    for register in Register::ALL {
        for scalar in scalars() {
            let fits = matches!(
                (register, &scalar),
                (Register::Description, ScalarValue::Str(_)) | (Register::Schema, ScalarValue::Uint(_))
            );
            let result = put("", register.key(), scalar.clone());
            assert_eq!(result.is_ok(), fits, "{register:?} = {scalar:?}: {result:?}");
        }
        if !matches!(register, Register::Assignee | Register::Due | Register::Supervision)
            && !matches!(register, Register::DuplicateOf | Register::RecurrenceOf)
        {
            unexplained(put("", register.key(), ScalarValue::Null), register.key());
        }
    }
}

#[test]
fn a_record_may_carry_unknown_fields_but_not_without_end() {
    let remark = |more: usize| format!(r#"{{"by":2,"at":1,"text":"x","mood":"{}"}}"#, "g".repeat(more));
    assert!(put("remarks", "remark01", remark(100)).is_ok());
    unexplained(put("remarks", "remark01", remark(MAX_RECORD_BYTES)), "a text too long");
}

#[test]
fn one_change_says_one_thing_and_says_it_once() {
    let twice = |change: &mut ExpandedChange| {
        let op = change.operations.iter().find(|op| op.key == Key::Map("assignee".into())).unwrap().clone();
        change.operations.push(op);
    };
    unexplained(forged(twice), "a key written twice");
    let two_steps = |change: &mut ExpandedChange| {
        let op = change.operations.iter().find(|op| op.key == Key::Map("00000005".into())).unwrap().clone();
        change.operations.push(Op { key: Key::Map("00000006".into()), ..op });
    };
    unexplained(forged(two_steps), "two steps");
    unexplained(forged(|change| change.operations.clear()), "nothing");
}

#[test]
fn an_issue_begins_once_and_with_every_map() {
    let (document, first) = reported();
    let mut second = Document::default();
    let second = second.edit(actor(2, 1), &report(crate::testing::ZONE)).unwrap();
    unexplained(judged(&document, &second.bytes), "a second beginning beside the first");
    let mut on_top = document.clone();
    let on_top = on_top.edit(actor(2, 1), &report(crate::testing::ZONE)).unwrap();
    unexplained(judged(&document, &on_top.bytes), "a second beginning on top of the first");
    let mut without = expanded(&first.bytes);
    without.operations.retain(|op| op.key != Key::Map("responsible".into()));
    unexplained(judged(&Document::default(), Change::from(without).raw_bytes()), "a map too few");
    let mut more = expanded(&first.bytes);
    let map = Op { key: Key::Map("more".into()), ..more.operations[0].clone() };
    more.operations.push(map);
    unexplained(judged(&Document::default(), Change::from(more).raw_bytes()), "a map too many");
}

/// The trial that the hub makes: applied to a copy, saved, loaded again, compared.
fn is_harmless(document: &Document, bytes: &[u8]) -> bool {
    let trial = || {
        let mut copy = document.clone();
        copy.apply([bytes]).ok()?;
        let loaded = Document::load(&copy.save()).ok()?;
        let same = loaded.heads() == copy.heads() && loaded.read(ISSUE) == copy.read(ISSUE);
        (same && loaded.conflicts() == copy.conflicts()).then_some(())
    };
    catch_unwind(AssertUnwindSafe(trial)).is_ok_and(|result| result.is_some())
}

/// A few seconds in a debug build. 600,000 from another seed did no harm either.
const MUTANTS: usize = 24_000;

#[test]
fn no_mutant_that_is_recognised_does_any_harm() {
    let (scene, change) = scene();
    let (first, genesis) = reported();
    let plain = first.clone().edit(actor(1, 1), &remark(1, 9, "整改完成了吗")).unwrap();
    let samples = [(scene, change.bytes), (Document::default(), genesis.bytes), (first, plain.bytes)];
    let (mut random, mut recognised) = (Random(20_261_124), 0);
    for _ in 0..MUTANTS {
        let (document, honest) = &samples[random.below(samples.len())];
        let bytes = mutant(honest, &mut random);
        let Ok(screened) = screen(&bytes) else { continue };
        // A panic in the decoder is a refusal: the hub catches it.
        let result = catch_unwind(AssertUnwindSafe(|| recognise(document, &screened, &bytes)));
        if matches!(result, Ok(Ok(_))) {
            recognised += 1;
            assert!(is_harmless(document, &bytes), "{}", base16ct::lower::encode_string(&bytes));
        }
    }
    assert!(recognised > 100, "only {recognised} mutants got through: the test tests nothing");
}

/// A change with one to three bytes altered, added or taken away, and the length and checksum made right again.
fn mutant(honest: &[u8], random: &mut Random) -> Vec<u8> {
    let mut body = body(honest).to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(body.len());
        match random.below(6) {
            0 => drop(body.remove(at)),
            1 => body.insert(at, random.next() as u8),
            2 => body[at] = body[at].wrapping_add(1),
            3 => body[at] ^= 1 << random.below(8),
            4 => body[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            _ => body[at] = random.next() as u8,
        }
    }
    sealed(1, &body)
}

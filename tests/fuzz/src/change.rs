//! A foreign change on its way into a document: screened, recognised, judged, tried, as the hub does it. Whatever is recognised
//! must apply, save, load and say the same on every phone, in any order.

use std::sync::LazyLock;

use xiaohao_server::service::admission::{Outcome, admit, join};
use xiaohao_shared::doc::admit::recognise;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Part, Stage, Step};

use crate::caught;
use crate::chunk::{Parts, body, sealed};
use crate::office::{self, ISSUE, NOW};

/// Dependencies, actor, seq, first operation, time, message, other actors.
pub const PARTS: Parts = Parts { head: "hbnnnba", layouts: 1, before: 1 };

/// A document, an honest change on top of it, and one of somebody else that the hub gets at the same time.
struct Scene {
    document: Document,
    honest: Vec<u8>,
    meanwhile: Option<Vec<u8>>,
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| vec![beginning(), plain(), tangled()]);

fn beginning() -> Scene {
    Scene { document: Document::default(), honest: office::reported().1.bytes, meanwhile: None }
}

fn plain() -> Scene {
    let people = office::people();
    let (document, _) = office::reported();
    let write = |at: usize, id, text| {
        let edit = office::remark(people[at].id, id, text);
        document.clone().edit(office::actor(&people[at]), &edit).expect("a remark").bytes
    };
    Scene { honest: write(0, 9, "整改完成了吗"), meanwhile: Some(write(1, 8, "明天")), document }
}

/// Two people were put in charge at once; the supervisor decides and sets a person, a part and a photo.
fn tangled() -> Scene {
    let people = office::people();
    let (document, _) = office::reported();
    let assign = |by: usize, to: u32| {
        let step = Step { from: Some(State::Reported), ..Step::new(people[by].id, NOW, Action::Assign) };
        Edit::step(format!("{to:08}"), step).with(Value::Assignee(Some(PersonId(to))))
    };
    let (mut one, mut other) = (document.clone(), document);
    one.edit(office::actor(&people[3]), &assign(3, 1)).expect("an edit");
    other.edit(office::actor(&people[2]), &assign(2, 2)).expect("an edit");
    one.merge(&mut other).expect("a merge");
    let edit = Edit { responsible: [(PersonId(2), Some(Part::Lead))].into(), ..assign(3, 3) };
    let edit = edit.with_photos(office::photos(people[3].id, Stage::After, 2));
    let honest = one.clone().edit(office::actor(&people[3]), &edit).expect("an edit").bytes;
    let meanwhile = one.clone().edit(office::actor(&people[1]), &office::remark(people[1].id, 8, "在路上"));
    Scene { document: one, honest, meanwhile: Some(meanwhile.expect("an edit").bytes) }
}

/// The honest changes as inputs.
pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |(at, scene): (usize, &Scene)| [&[at as u8], body(&scene.honest)].concat();
    let plain: Vec<_> = SCENES.iter().enumerate().map(seed).collect();
    let judged = plain.iter().map(|seed| [&[seed[0] | 0x80], &seed[1..]].concat());
    judged.chain(plain.clone()).collect()
}

/// The first byte chooses the scene, its highest bit whether persons are judged, too; the rest is the body of a change.
pub fn change(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    let scene = &SCENES[usize::from(choice & 0x7f) % SCENES.len()];
    let bytes = sealed(1, body);
    if choice & 0x80 == 0 {
        recognised(scene, &bytes);
    } else {
        judged(scene, &bytes);
    }
}

/// Recognition alone must be enough: whatever the policy is, the trial behind it has nothing left to catch.
fn recognised(scene: &Scene, bytes: &[u8]) {
    let Ok(screened) = screen(bytes) else { return };
    let Some(Ok(edit)) = caught(|| recognise(&scene.document, &screened, bytes)) else { return };
    let Outcome::Admitted(admitted) = join(ISSUE, &scene.document, bytes, edit) else {
        // Only a beginning may lack what makes an issue readable; policy asks for it.
        assert!(screened.deps.is_empty(), "a change was recognised that spoils the document");
        return;
    };
    assert_eq!(admitted.document.conflicts(), load(&admitted.document).conflicts());
    assert!(admitted.document.contains(screened.hash));
    if let Some(other) = &scene.meanwhile {
        both_orders(&scene.document, bytes, other);
    }
}

fn both_orders(document: &Document, one: &[u8], other: &[u8]) {
    let (mut first, mut second) = (document.clone(), document.clone());
    first.apply([one, other]).expect("both apply");
    second.apply([other]).expect("one applies");
    second.apply([one]).expect("the other applies after it");
    for document in [&second, &load(&first), &load(&second)] {
        assert_eq!(document.heads(), first.heads());
        assert_eq!(document.read(ISSUE), first.read(ISSUE));
        assert_eq!(document.conflicts(), first.conflicts());
    }
}

fn load(document: &Document) -> Document {
    Document::load(&document.save()).expect("what is saved loads")
}

/// All that the hub does; it must not panic, and what it admits is readable.
fn judged(scene: &Scene, bytes: &[u8]) {
    for person in office::people() {
        if let Outcome::Admitted(admitted) = admit(&office::bench(&person), ISSUE, &scene.document, bytes) {
            assert_eq!(load(&admitted.document).read(ISSUE), Ok(admitted.issue));
        }
    }
}

//! The pages of the sync, as the other side may send them: decoded within bounds, the same again after packing, and taken in
//! by a phone that holds unsent work without losing it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::LazyLock;

use minicbor::{Decode, Encode};
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::doc::{Document, RawChange};
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, ZoneId};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::engine::{Engine, Found, Input, Output, Reached, StoredDocument, Unsent};
use xiaohao_shared::sync::wire::{
    Body, Cursor, Decided, Heal, Held, Item, LogId, MAX_INFLATED, Position, Push, Receipt, Repair, Request, Response,
    Scope, Verdict, pack, unpack,
};

use crate::office::{self, ISSUE, NOW};

const LOG: LogId = LogId([1; 8]);
const ZONE: ZoneId = ZoneId(1);
const OTHER: IssueId = IssueId([8; 16]);
const RECEIPT: Receipt = Receipt([9; 16]);

/// The phone of the first cadre: the issue, as the office has it, and a remark that it has not.
struct Scene {
    office: Document,
    remark: RawChange,
    /// A change of somebody else that the phone lacks.
    news: Vec<u8>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let people = office::people();
    let (office, _) = office::reported();
    let write = |at: usize, id| {
        let edit = office::remark(people[at].id, id, "到现场了");
        office.clone().edit(office::actor(&people[at]), &edit).expect("an edit")
    };
    Scene { remark: write(0, 1), news: write(1, 2).bytes, office }
});

pub fn request(data: &[u8]) {
    let Some(page) = decoded::<Request>(data) else { return };
    for push in &page.pushes {
        let _ = screen(&push.change);
    }
    for change in page.heal.iter().flat_map(|heal| &heal.changes) {
        let _ = screen(change);
    }
}

pub fn response(data: &[u8]) {
    if let Some(page) = decoded::<Response>(data) {
        Phone::begin().takes_in(page);
    }
}

fn decoded<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let page: T = unpack(data).ok()?;
    let plain = minicbor::to_vec(&page).expect("memory");
    // A page at the very limit may be written in a few bytes more than it was read from.
    if plain.len() as u64 <= MAX_INFLATED {
        assert_eq!(unpack::<T>(&pack(&page)).expect("our own page"), page);
    }
    Some(page)
}

struct Phone {
    engine: Engine,
    stored: BTreeMap<IssueId, StoredDocument>,
}

impl Phone {
    fn begin() -> Self {
        let scene = &*SCENE;
        let mut document = scene.office.clone();
        document.apply([scene.remark.bytes.as_slice()]).expect("its own remark");
        let stored = stored(&document);
        let RawChange { hash, bytes: change } = scene.remark.clone();
        let intent = office::remark(office::people()[0].id, 1, "到现场了");
        let unsent = vec![Unsent { hash, issue: ISSUE, change, intent, made_at: NOW }];
        let scopes = BTreeMap::from([(ZONE, Position { after: 5, pull: None, own: None })]);
        let reached = Reached { log: Some(LOG), scopes, last_contact: Some(NOW), unproven: false };
        let documents = BTreeMap::from([(ISSUE, (ZONE, stored.fingerprint))]);
        let found = Found { reached, documents, unsent, refused: Vec::new() };
        let engine = Engine::new(DeviceId(1), 1, found);
        Self { engine, stored: BTreeMap::from([(ISSUE, stored)]) }
    }

    /// What a driver does, until the engine wants nothing any more.
    fn takes_in(&mut self, mut page: Response) {
        page.items.iter_mut().for_each(|item| item.body = genuine(&item.body));
        let judged = !page.verdicts.is_empty();
        self.engine.handle(NOW, Input::Nudge);
        self.drive();
        self.engine.handle(NOW, Input::Answered { response: page });
        self.drive();
        let status = self.engine.status();
        assert!(judged || status.unsent == 1, "unsent work is gone without a verdict");
        assert!(status.unsent as usize + status.refused.len() <= 2, "work became more");
    }

    fn drive(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Load { ticket, issues } => {
                    let documents = issues.iter().map(|issue| (*issue, self.stored.get(issue).cloned())).collect();
                    self.engine.handle(NOW, Input::Loaded { ticket, documents });
                }
                Output::Store { ticket, batch } => {
                    self.stored.retain(|issue, _| !batch.gone.contains(issue));
                    self.stored.extend(batch.documents.into_iter().map(|document| (document.issue, document)));
                    self.engine.handle(NOW, Input::Stored { ticket });
                }
                _ => {}
            }
        }
    }
}

/// A short body stands for bytes that the office would really send: random ones would all stop at the checksum.
fn genuine(body: &Body) -> Body {
    let scene = &*SCENE;
    match body {
        Body::Change(bytes) if bytes.len() == 1 => match bytes[0] % 3 {
            0 => Body::Change(scene.news.clone()),
            1 => Body::Change(scene.remark.bytes.clone()),
            _ => Body::Change(scene.office.changes()[0].bytes.clone()),
        },
        Body::Snapshot(bytes) if bytes.len() == 1 => Body::Snapshot(scene.office.save()),
        other => other.clone(),
    }
}

fn stored(document: &Document) -> StoredDocument {
    let issue = document.read(ISSUE).expect("an issue");
    StoredDocument {
        issue: ISSUE,
        zone: issue.zone,
        bytes: document.save(),
        fingerprint: document.fingerprint(ISSUE),
        number: Some("20261123-0001".into()),
        receipt: Some(RECEIPT),
        summary: Summary::of(&issue, None, false),
    }
}

/// Requests as inputs, each once as it travels and once with nothing deflated, so that a mutation reaches what it means.
pub fn requests() -> Vec<Vec<u8>> {
    let scene = &*SCENE;
    let quiet = Request {
        log: Some(LOG),
        process: 7,
        unsent: 0,
        page_bytes: 65_536,
        scopes: vec![(ZONE, Position { after: 5, pull: None, own: None })],
        pushes: vec![],
        want: vec![],
        heal: vec![],
        repair: None,
        held: None,
        turn: None,
        condition: None,
    };
    let push = Push { issue: ISSUE, change: scene.remark.bytes.clone() };
    let changes = scene.office.changes().into_iter().map(|change| change.bytes.into()).collect();
    let heal = Heal { issue: ISSUE, changes, receipt: RECEIPT, number: Some("20261123-0001".into()) };
    let pull = Some(Cursor { rank: 1, last: Some(OTHER) });
    let everything = Request {
        scopes: vec![
            (ZONE, Position { after: 5, pull, own: None }),
            (ZoneId(2), Position { after: 0, pull: None, own: None }),
        ],
        pushes: vec![push],
        want: vec![ISSUE, OTHER],
        heal: vec![heal],
        repair: Some(Repair {
            zone: ZONE,
            fingerprints: vec![(ISSUE, 1), (OTHER, u64::MAX)],
            after: None,
            up_to: Some(OTHER),
        }),
        held: Some(Held(vec![ChangeHash([3; 32])])),
        ..quiet.clone()
    };
    [quiet, everything].iter().flat_map(both_ways).collect()
}

/// Responses as inputs, like [`requests`].
pub fn responses() -> Vec<Vec<u8>> {
    let scope = |position, digest| Scope { zone: ZONE, position, digest };
    let quiet = Response {
        log: None,
        time: NOW,
        office: 1,
        verdicts: vec![],
        scopes: vec![scope(None, Some(1))],
        items: vec![],
        more: false,
        lacking: vec![],
        decided: None,
        stopped: None,
    };
    let item = |body| Item { zone: ZONE, issue: ISSUE, body, number: None, receipt: Some(RECEIPT) };
    let scene = &*SCENE;
    let news = vec![
        item(Body::Change(vec![0])),
        item(Body::Snapshot(vec![0])),
        item(Body::Change(scene.news.clone())),
        Item { issue: OTHER, ..item(Body::Snapshot(scene.office.save())) },
        item(Body::LetGo),
    ];
    let decided = Decided { hash: scene.remark.hash, adopted: false, reason: Some("现场没有".into()) };
    let verdicts = [
        Verdict::Accepted { number: Some("20261123-0002".into()), receipt: Some(RECEIPT) },
        Verdict::Known { receipt: None },
        Verdict::MissingDependencies,
        Verdict::Refused(Refusal::poisoned()),
        Verdict::Held(Refusal::document_full()),
    ];
    let judged = verdicts.map(|verdict| Response { verdicts: vec![verdict], ..quiet.clone() });
    let everything = Response {
        log: Some(LogId([2; 8])),
        scopes: vec![scope(Some(Position { after: 9, pull: None, own: None }), None)],
        items: news,
        more: true,
        lacking: vec![ISSUE],
        decided: Some(vec![decided]),
        ..quiet.clone()
    };
    [quiet, everything].iter().chain(&judged).flat_map(both_ways).collect()
}

fn both_ways<T: Encode<()>>(page: &T) -> Vec<Vec<u8>> {
    let plain = minicbor::to_vec(page).expect("memory");
    vec![pack(page), [b"X\x01\x00".as_slice(), &plain].concat()]
}

//! Few bytes that claim to be many, or are meant to break whoever reads them: of each kind one, and what our own functions, those that
//! bytes from the network meet first, say to it. Memory is counted where the program has [`PeakAlloc`] for its allocator.

use std::sync::Arc;
use std::time::{Duration, Instant};

use automerge::legacy::{ObjectId, OpId, OpType};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ExpandedChange, ObjType, ROOT, ScalarValue};
use flate2::{Compress, Compression, Crc, FlushCompress};
use peak_alloc::PeakAlloc;
use sha2::{Digest, Sha256};
use xiaohao_server::service::admission::{Bench, Judgement, Outcome, Way, join, receive};
use xiaohao_server::service::photos;
use xiaohao_shared::doc::Document;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::id::{Actor, DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::policy::Known;
use xiaohao_shared::model::{Duty, Person, Role};
use xiaohao_shared::sync::wire::{self, Push, Request};

use crate::edits::{remark, report};
use crate::phone::nothing;

/// The most memory that any of them may cost.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The longest that any of them may take, where the build is optimised and nothing else runs.
pub const MOST_TIME: Duration = Duration::from_millis(5);

const ISSUE: IssueId = IssueId([7; 16]);
const ACTOR: Actor = Actor { device: DeviceId(1), nonce: 1 };
const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const MILLION: i64 = 1_000_000;
const BILLION: i64 = 1_000 * MILLION;

/// As what the bytes are brought.
#[derive(Debug, Clone, Copy)]
enum As {
    Change,
    Page,
    Document,
    Photo,
}

pub struct Bomb {
    pub name: &'static str,
    bytes: Vec<u8>,
    brought: As,
}

/// What one cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub refused: bool,
    pub took: Duration,
    pub bytes: usize,
}

/// The hub of a cadre who has reported one issue.
pub struct Target {
    bench: Bench,
    document: Document,
}

impl Default for Target {
    fn default() -> Self {
        let (id, zones) = (PersonId(1), [ZoneId(1)]);
        let (name, role, duties) = ("干部".into(), Role::Cadre, Duty::all());
        let person = Person { id, name, role, zones: zones.into(), active: true, duties };
        let known = Arc::new(Known { zones: zones.into(), people: [(id, person.clone())].into() });
        let (former, calendar, rules) = Default::default();
        let bench = Bench { device: ACTOR.device, person, former, known, calendar, rules, way: Way::Own };
        let mut document = Document::default();
        document.edit(ACTOR, &report(id, 1, "好的")).expect("a report");
        Self { bench, document }
    }
}

impl Target {
    /// All of them as they come, with what each cost.
    pub fn meet(&self, bomb: &Bomb) -> Cost {
        PeakAlloc.reset_peak_usage();
        let (before, began) = (PeakAlloc.current_usage(), Instant::now());
        let refused = match bomb.brought {
            As::Change => self.refuses_change(&bomb.bytes),
            As::Page => wire::unpack::<Request>(&bomb.bytes).is_err(),
            As::Document => Document::load(&bomb.bytes).is_err(),
            As::Photo => photos::look(&bomb.bytes, None).is_err(),
        };
        let took = began.elapsed();
        Cost { refused, took, bytes: PeakAlloc.peak_usage().saturating_sub(before) }
    }

    fn refuses_change(&self, bytes: &[u8]) -> bool {
        let Ok(screened) = screen(bytes) else { return true };
        match receive(&self.bench, ISSUE, &self.document, &[], &screened, bytes) {
            Judgement::Refused(..) => true,
            Judgement::Apt(edit) => !matches!(join(ISSUE, &self.document, bytes, edit), Outcome::Admitted(_)),
            _ => false,
        }
    }

    /// A change that this hub would admit, spoiled.
    fn spoiled(&self, spoil: impl Fn(&mut ExpandedChange)) -> Vec<u8> {
        let honest = self.document.clone().edit(ACTOR, &remark(PersonId(1), "说过的")).expect("a remark").bytes;
        assert!(!self.refuses_change(&honest), "the target refuses everything");
        let mut change = Change::from_bytes(honest).expect("our own change").decode();
        spoil(&mut change);
        Change::from(change).raw_bytes().to_vec()
    }

    pub fn bombs(&self) -> Vec<Bomb> {
        let one = |brought, name, bytes| Bomb { name, bytes, brought };
        let mut all: Vec<Bomb> = of_messages().into_iter().map(|(name, bytes)| one(As::Change, name, bytes)).collect();
        all.extend(of_messages().into_iter().map(|(name, bytes)| one(As::Page, name, bytes)));
        all.extend(of_runs().into_iter().map(|(name, bytes)| one(As::Change, name, bytes)));
        all.extend(of_deflate().into_iter().map(|(name, bytes)| one(As::Change, name, bytes)));
        all.extend(self.of_meaning().into_iter().map(|(name, bytes)| one(As::Change, name, bytes)));
        all.extend(of_pages().into_iter().map(|(name, bytes)| one(As::Page, name, bytes)));
        let billion = [sleb(BILLION), uleb(1)].concat();
        all.push(one(As::Document, "a document of a billion operations", document_of(0x42, &billion)));
        all.push(one(As::Document, "a document with a deflated column of 40 MB", document_of(0x42 | 8, &zeros(40))));
        all.push(one(As::Photo, "a picture of 65,535 × 65,535 pixels", flood()));
        all
    }

    /// Well-formed changes that mean something impossible.
    fn of_meaning(&self) -> [(&'static str, Vec<u8>); 6] {
        let elsewhere = ObjectId::Id(OpId(77_777, ActorId::from(ACTOR.to_bytes().as_slice())));
        let deep = ScalarValue::Str("[".repeat(8_000).into());
        [
            ("a change after which no document loads", UNLOADABLE.to_vec()),
            ("300 nested maps", nested(300)),
            ("no operation, by an actor of one byte", change(&[1], 1, 1, &[])),
            ("no operation, with an odd number in its row", change(&ACTOR.to_bytes(), 77, 1_000, &[])),
            (
                "an operation on an object that is not there",
                self.spoiled(|change| change.operations.iter_mut().for_each(|op| op.obj = elsewhere.clone())),
            ),
            (
                "a record that nests 8,000 deep",
                self.spoiled(|change| {
                    change.operations.iter_mut().for_each(|op| op.action = OpType::Put(deep.clone()));
                }),
            ),
        ]
    }
}

/// Of Automerge's own protocol, which nobody speaks here.
fn of_messages() -> [(&'static str, Vec<u8>); 2] {
    let message = |bloom: &[u8]| [&[0x42, 0, 0, 1, 0, bloom.len() as u8], bloom, &[0]].concat();
    let probes = [&[1, 10][..], &uleb(u32::MAX.into())].concat();
    [
        ("a Bloom filter without a bit for an entry", message(&[1, 0, 7])),
        ("a Bloom filter of four billion probes", message(&probes)),
    ]
}

fn of_runs() -> [(&'static str, Vec<u8>); 5] {
    let actor = ACTOR.to_bytes();
    let huge = [&MAGIC[..], &[0; 4], &[1], &uleb(u64::MAX), b"x"].concat();
    let dependencies = [uleb(1 << 60), vec![0; 64]].concat();
    [
        ("a million operations in 64 bytes", change(&actor, 1, 1, &rows(MILLION))),
        ("a billion operations in 69 bytes", change(&actor, 1, 1, &rows(BILLION))),
        ("an actor at place 2^42", change(&actor, 1, 1, &[(0x01, [sleb(1), uleb(1 << 42)].concat())])),
        ("a change as long as a number can say", huge),
        ("2^60 dependencies", sealed(1, &dependencies)),
    ]
}

fn of_deflate() -> [(&'static str, Vec<u8>); 3] {
    let column = change(&ACTOR.to_bytes(), 1, 1, &[(0x57 | 8, zeros(40))]);
    [
        ("a deflated change of 40 MB", sealed(2, &zeros(40))),
        ("a deflated change of 1 GB", sealed(2, &zeros(1_024))),
        ("a deflated column of 40 MB", column),
    ]
}

fn of_pages() -> [(&'static str, Vec<u8>); 5] {
    let plain = |body: &[u8]| [&[b'X', wire::PROTOCOL, 0], body].concat();
    let many = vec![Push { issue: ISSUE, change: Vec::new() }; 60_000];
    [
        ("a page that inflates to 900 MB", [&[b'X', wire::PROTOCOL, 1], zeros(900).as_slice()].concat()),
        ("a page of 2^62 fields", plain(&[0x9B, 0x40, 0, 0, 0, 0, 0, 0, 0])),
        ("a page whose first field has 2^62 bytes", plain(&[0x8A, 0x5B, 0x40, 0, 0, 0, 0, 0, 0, 0])),
        ("a page that nests a million deep", plain(&vec![0x81; 1_000_000])),
        ("a page of 60,000 changes without a byte", wire::pack(&Request { pushes: many, ..nothing() })),
    ]
}

/// An honest change with three bytes changed, as the first of many that a search found: Automerge takes it in and saves the document,
/// and cannot load what it has saved.
pub const UNLOADABLE: &[u8] = b"\
    \x85\x6f\x4a\x83\x82\xc0\x0f\xab\x01\x5d\x00\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\
    \x01\x01\x01\x00\x00\x00\x06\x15\x15\x34\x01\x42\x02\x56\x06\x57\x19\x70\x02\x7b\x05\x73\x74\x61\x74\x64\x04\
    \x6b\x69\x6e\x64\x04\x7a\x6f\x6e\x65\x01\x6e\x01\x62\x57\x05\x01\x03\x86\x01\x7e\x14\x02\x72\x65\x70\x6f\x72\
    \x74\x65\x64\x72\x65\x70\x6f\x72\x74\x65\x64\x72\x65\x70\x6f\x72\x74\x65\x64\x07\x05\x00";

/// As many rows in each column of operations.
fn rows(count: i64) -> Vec<(u64, Vec<u8>)> {
    let run = |value: &[u8]| [sleb(count).as_slice(), value].concat();
    vec![
        (0x15, run(b"\x01a")),
        (0x34, uleb(count.unsigned_abs())),
        (0x42, run(&[1])),
        (0x56, run(&[0])),
        (0x70, run(&[0])),
    ]
}

/// A first change by this actor, in a few bytes that claim so many operations. A single one stands there as a run of one, as no writer
/// of ours would write it.
pub fn claiming(actor: Actor, operations: i64) -> Vec<u8> {
    change(&actor.to_bytes(), 1, 1, &rows(operations))
}

fn change(actor: &[u8], seq: u64, start_op: u64, columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut body = vec![0, actor.len() as u8];
    body.extend_from_slice(actor);
    body.extend([uleb(seq), uleb(start_op), vec![0, 0, 0]].concat());
    body.extend(table(columns));
    columns.iter().for_each(|(_, data)| body.extend(data));
    sealed(1, &body)
}

fn document_of(spec: u64, column: &[u8]) -> Vec<u8> {
    let body = [&[0, 0][..], &table(&[]), &table(&[(spec, column.to_vec())]), column].concat();
    sealed(0, &body)
}

fn table(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let one = |(spec, data): &(u64, Vec<u8>)| [uleb(*spec), uleb(data.len() as u64)].concat();
    [uleb(columns.len() as u64), columns.iter().flat_map(one).collect()].concat()
}

/// A chunk with the sum and the length that belong to its body.
fn sealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [&[kind], uleb(body.len() as u64).as_slice(), body].concat();
    [&MAGIC[..], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

fn nested(depth: usize) -> Vec<u8> {
    let other = Actor { nonce: 2, ..ACTOR };
    let mut document = AutoCommit::new().with_actor(ActorId::from(other.to_bytes().as_slice()));
    let mut object = ROOT;
    for _ in 0..depth {
        object = document.put_object(&object, "a", ObjType::Map).expect("a map");
    }
    document.commit();
    document.get_last_local_change().expect("a change").raw_bytes().to_vec()
}

/// Deflated zeros: the same megabyte again and again, as no honest writer would have the patience to write it.
fn zeros(megabytes: usize) -> Vec<u8> {
    let mut one = Vec::with_capacity(64 * 1024);
    let mut deflate = Compress::new(Compression::best(), false);
    deflate.compress_vec(&vec![0; 1024 * 1024], &mut one, FlushCompress::Sync).expect("deflated");
    [one.repeat(megabytes), vec![3, 0]].concat()
}

/// A picture whose header promises what nobody could paint.
fn flood() -> Vec<u8> {
    let header = [&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF][..], &[8, 2, 0, 0, 0]].concat();
    let part = |name: &[u8; 4], data: &[u8]| {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes()[..], name, data, &sum.sum().to_be_bytes()].concat()
    };
    [b"\x89PNG\r\n\x1a\n".to_vec(), part(b"IHDR", &header), part(b"IDAT", &zeros(40)), part(b"IEND", b"")].concat()
}

fn uleb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// Of a number that is not negative.
fn sleb(number: i64) -> Vec<u8> {
    let mut bytes = uleb(number.unsigned_abs());
    if bytes.last().is_some_and(|last| last & 0x40 != 0) {
        *bytes.last_mut().expect("a byte") |= 0x80;
        bytes.push(0);
    }
    bytes
}

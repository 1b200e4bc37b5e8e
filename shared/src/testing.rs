//! What the tests of the core have in common: people, an issue, edits, and random numbers from a seed.

use std::collections::BTreeMap;

use crate::doc::{Document, Edit, RawChange, Report};
use crate::id::{Actor, DeviceId, IssueId, PersonId, PhotoId, ZoneId};
use crate::model::catalogue::{EDITION, Kind, PlaceType};
use crate::model::workflow::{Action, State};
use crate::model::{Duty, Entry, Person, Photo, Place, Remark, Role, Severity, Stage, Step};
use crate::time::Timestamp;

pub const ISSUE: IssueId = IssueId([7; 16]);
pub const KIND: Kind = Kind { edition: EDITION, code: 6010 };
pub const ZONE: ZoneId = ZoneId(1);
/// Who reported [`ISSUE`].
pub const REPORTER: PersonId = PersonId(1);

pub fn actor(device: u64, nonce: u64) -> Actor {
    Actor { device: DeviceId(device), nonce }
}

pub fn person(id: u32, role: Role, zones: &[u32]) -> Person {
    let zones = zones.iter().copied().map(ZoneId).collect();
    Person { id: PersonId(id), name: format!("person {id}"), role, zones, active: true, duties: Duty::all() }
}

pub fn photo(by: PersonId, stage: Stage) -> Photo {
    Photo { stage, by, taken_at: Timestamp(5), w: 1600, h: 1200, size: 180_000, mime: "image/jpeg".into(), thumb: None }
}

pub fn photos(by: PersonId, stages: &[Stage]) -> BTreeMap<PhotoId, Photo> {
    let named = |stage: &Stage| (PhotoId([*stage as u8; 32]), photo(by, *stage));
    stages.iter().map(named).collect()
}

pub fn report(zone: ZoneId) -> Edit {
    let place = Place { address: "幸福路 12 号".into(), ..Place::default() };
    let description = "垃圾堆在门口".into();
    let (place_type, severity) = (PlaceType::BackStreet, Severity::Ordinary);
    let photos = photos(REPORTER, &[Stage::Before]);
    let report = Report { zone, kind: KIND, place_type, description, place, severity, photos };
    Edit::report("report00".into(), REPORTER, Timestamp(1_000), report)
}

/// [`ISSUE`] as its reporter made it on device 1, and the change that made it.
pub fn reported() -> (Document, RawChange) {
    let mut document = Document::default();
    let change = document.edit(actor(1, 1), &report(ZONE)).unwrap();
    (document, change)
}

pub fn step(by: u32, action: Action, from: State, to: Option<State>) -> Step {
    Step { from: Some(from), to, ..Step::new(PersonId(by), Timestamp(2_000), action) }
}

/// A record id from a number.
pub fn record_id(number: usize) -> String {
    format!("{number:08}")
}

pub fn remark(by: u32, id: usize, text: &str) -> Edit {
    let remark = Remark::new(PersonId(by), Timestamp(3_000), text.into());
    Edit { remark: Some(Entry { id: record_id(id), record: remark }), ..Edit::default() }
}

/// SplitMix64: the same numbers for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

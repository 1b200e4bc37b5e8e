//! The sync pages as they travel: a magic byte, a version, a flag, then CBOR, deflated as a whole when that helps.
//! The magic byte tells our answer from a captive portal's; bounds are checked before anything is inflated or decoded.

use std::io::{Read, Write};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use minicbor::bytes::ByteVec;
use minicbor::decode::Error;
use minicbor::{Decode, Decoder, Encode};
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::id::{ChangeHash, IssueId, ZoneId};
use crate::time::Timestamp;

/// Raised only with a change that an older side would misread; fields are added without it.
pub const PROTOCOL: u8 = 1;
/// The path of `POST`.
pub const PATH: &str = "/api/sync";
/// The longest packed page that either side accepts.
pub const MAX_PACKED: usize = 1024 * 1024;
/// The longest page after inflating: the fingerprints of a large zone, or all changes of a document that is full.
pub const MAX_INFLATED: u64 = 2 * 1024 * 1024;
/// Most pushes in one request.
pub const MAX_PUSHES: usize = 500;
/// Most documents that one request heals.
pub const MAX_HEALS: usize = 200;
/// Most changes of one of them.
pub const MAX_CHANGES: usize = 8_192;
/// Most documents that one request asks for whole.
pub const MAX_WANTED: usize = 100;
/// Held changes of which one request asks what became.
pub const MAX_HELD: usize = 100;
const MAX_SCOPES: usize = 5_000;
const MAX_FINGERPRINTS: usize = 100_000;
/// The magic bytes, the checksum and the type of a change: nothing shorter is one.
const CHANGE_HEADER: usize = 9;
/// Bounds of the page size that a phone may ask for, in bytes before compression.
pub const PAGE_BYTES: std::ops::RangeInclusive<u32> = 16 * 1024..=256 * 1024;

const MAGIC: u8 = b'X';
/// Below this, deflate adds more than it takes.
const WORTH_DEFLATING: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("not a page of this protocol")]
    NotAPage,
    #[error("protocol version {0} is not spoken here")]
    Version(u8),
    #[error("the page is longer than allowed")]
    TooLarge,
    #[error("the page does not decode: {0}")]
    Broken(String),
}

/// The identity of the hub's log; another one means that the server was restored from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(transparent)]
pub struct LogId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

/// Proof that the hub admitted a document at these heads: HMAC-SHA256 over (document, heads), cut to 12 bytes, and then four
/// bytes of the fingerprint, by which a phone knows what the proof is of. Heads name all their ancestors, so one receipt a
/// document is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Receipt(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl Receipt {
    /// `fingerprint` is that of the document at these heads, see [`crate::doc::Document::fingerprint`].
    pub fn new(proof: [u8; 12], fingerprint: u64) -> Self {
        let mut bytes = [0; 16];
        bytes[..12].copy_from_slice(&proof);
        bytes[12..].copy_from_slice(&fingerprint.to_be_bytes()[..4]);
        Self(bytes)
    }

    /// Whether it speaks of the document with this fingerprint. That it is genuine, only the hub can tell.
    pub fn covers(self, fingerprint: u64) -> bool {
        self.0[12..] == fingerprint.to_be_bytes()[..4]
    }
}

/// How far a phone has read a zone's stream. Made by the hub, kept by the phone together with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Position {
    /// Everything of the log up to here is known, once `pull` is finished.
    #[n(0)]
    pub after: u64,
    /// Where the first pull goes on; `None` when it is complete.
    #[n(1)]
    pub pull: Option<Cursor>,
    /// The first and the last of the positions ahead that this phone's own pushes took: it has those changes already.
    #[n(2)]
    pub own: Option<(u64, u64)>,
}

/// Keyset position of the first pull: snapshots by usefulness, then newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Cursor {
    /// 0 mine and open, 1 open, 2 closed or void.
    #[n(0)]
    pub rank: u8,
    /// The last issue of that rank that was sent.
    #[n(1)]
    pub last: Option<IssueId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    #[n(0)]
    pub log: Option<LogId>,
    /// A random number of this process: two that speak in turn under one device key mean a clone.
    #[n(1)]
    pub process: u32,
    /// The how-manieth request of its process it is; apps of the first days do not say.
    #[n(2)]
    pub turn: Option<u32>,
    /// Changes that stay on the phone after this request; for the office to see who is not syncing.
    #[n(3)]
    pub unsent: u32,
    #[n(4)]
    pub page_bytes: u32,
    #[cbor(n(5), decode_with = "most::<MAX_SCOPES, _, _>")]
    pub scopes: Vec<(ZoneId, Position)>,
    /// In dependency order.
    #[cbor(n(6), decode_with = "most::<MAX_PUSHES, _, _>")]
    pub pushes: Vec<Push>,
    /// Documents wanted whole, whatever the position says.
    #[cbor(n(7), decode_with = "most::<MAX_WANTED, _, _>")]
    pub want: Vec<IssueId>,
    /// Documents that the hub said it lacks, with the proof that it once admitted them.
    #[cbor(n(8), decode_with = "most::<MAX_HEALS, _, _>")]
    pub heal: Vec<Heal>,
    /// (document, fingerprint) of a zone whose digest did not agree.
    #[n(9)]
    pub repair: Option<Repair>,
    /// Changes of this phone that were held for review: whether somebody has decided.
    #[n(10)]
    pub held: Option<Held>,
    /// How the phone is, where that is not what it said last.
    #[n(11)]
    pub condition: Option<Condition>,
}

/// How a phone is, for the office to see who is not syncing. All zero is the quiet state, which nobody need be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Condition {
    /// When the oldest change was made that stays on the phone.
    #[n(0)]
    pub oldest: Option<Timestamp>,
    /// Photos that wait.
    #[n(1)]
    pub photos: u32,
    /// How full the browser's storage is, in tenths.
    #[n(2)]
    pub storage: u8,
    #[n(3)]
    pub version: String,
    /// The browser does not tell how full its storage is, and `storage` means nothing. Absent in what an app of before says, and passed
    /// over by an office of before.
    #[cbor(n(4), default)]
    pub storage_untold: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Push {
    #[n(0)]
    pub issue: IssueId,
    /// The raw change; the hub computes its hash, and the chunk carries the first four bytes of it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub change: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Heal {
    #[n(0)]
    pub issue: IssueId,
    /// Every raw change that the receipt covers, dependencies first.
    #[cbor(n(1), decode_with = "raw_changes")]
    pub changes: Vec<ByteVec>,
    #[n(2)]
    pub receipt: Receipt,
    /// The number that the issue had: what was said and printed should stay true.
    #[n(3)]
    pub number: Option<String>,
}

/// What a phone holds of one part of a zone: all its issues after one and up to another, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Repair {
    #[n(0)]
    pub zone: ZoneId,
    #[cbor(n(1), decode_with = "most::<MAX_FINGERPRINTS, _, _>")]
    pub fingerprints: Vec<(IssueId, u64)>,
    /// Absent: from the first.
    #[n(2)]
    pub after: Option<IssueId>,
    /// Absent: to the last.
    #[n(3)]
    pub up_to: Option<IssueId>,
}

impl Repair {
    /// Whether the issue lies in the part that is told about: only of such does its absence say something.
    pub fn covers(&self, issue: IssueId) -> bool {
        self.after.is_none_or(|after| issue > after) && self.up_to.is_none_or(|up_to| issue <= up_to)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Response {
    /// Absent when it is the one that the phone named.
    #[n(0)]
    pub log: Option<LogId>,
    #[n(1)]
    pub time: Timestamp,
    /// The version of the directory, see [`crate::api::Office`].
    #[n(2)]
    pub office: u64,
    /// One per push, in the same order.
    #[n(3)]
    pub verdicts: Vec<Verdict>,
    /// Exactly the zones that the person has now.
    #[n(4)]
    pub scopes: Vec<Scope>,
    #[n(5)]
    pub items: Vec<Item>,
    /// There is more to fetch at once.
    #[n(6)]
    pub more: bool,
    /// Documents that the phone named in a repair and that the hub lacks or has less of.
    #[n(7)]
    pub lacking: Vec<IssueId>,
    /// The held changes that the phone asked for and that were decided.
    #[n(8)]
    pub decided: Option<Vec<Decided>>,
    /// The device is out of service: only its verdicts are here, and nothing else ever comes down.
    #[n(9)]
    pub stopped: Option<Stop>,
}

/// Why a device is out of service. What it still brings waits for the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Stop {
    /// An administrator revoked it, or its person left.
    #[n(0)]
    Revoked,
    /// Two storages spoke with its key at once, and nobody can say whose it is.
    #[n(1)]
    Cloned,
}

/// A bounded list, absent where it would be empty.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Held(#[cbor(n(0), decode_with = "most::<MAX_HELD, _, _>")] pub Vec<ChangeHash>);

/// What the desk made of a held change. The phone may have lost the zone, so the document itself does not tell it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Decided {
    #[n(0)]
    pub hash: ChangeHash,
    #[n(1)]
    pub adopted: bool,
    /// In the desk's own words; apps of the first days read over it.
    #[n(2)]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Scope {
    #[n(0)]
    pub zone: ZoneId,
    /// Absent when it did not move.
    #[n(1)]
    pub position: Option<Position>,
    /// XOR of the fingerprints of all documents of the zone, once the phone has read everything.
    #[n(2)]
    pub digest: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Verdict {
    /// Committed. The receipt covers the heads after this request's last change of the document.
    #[n(0)]
    Accepted {
        #[n(0)]
        number: Option<String>,
        #[n(1)]
        receipt: Option<Receipt>,
    },
    /// Was committed before: an answer had been lost, and with it the receipt.
    #[n(1)]
    Known {
        #[n(0)]
        receipt: Option<Receipt>,
    },
    /// The hub stored nothing: the ancestors have to come first.
    #[n(2)]
    MissingDependencies,
    /// Kept at the hub as evidence, merged nowhere.
    #[n(3)]
    Refused(#[n(0)] Refusal),
    /// Was allowed where it was made: kept for a supervisor to adopt.
    #[n(4)]
    Held(#[n(0)] Refusal),
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    #[n(0)]
    pub zone: ZoneId,
    #[n(1)]
    pub issue: IssueId,
    #[n(2)]
    pub body: Body,
    #[n(3)]
    pub number: Option<String>,
    #[n(4)]
    pub receipt: Option<Receipt>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    #[n(0)]
    Change(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(1)]
    Snapshot(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// The issue left this zone.
    #[n(2)]
    LetGo,
}

/// A list with a bound: a byte on the wire may become twenty-four in memory.
pub(super) fn most<'b, const MAX: usize, T: Decode<'b, C>, C>(
    from: &mut Decoder<'b>,
    context: &mut C,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    for one in from.array_iter_with(context)? {
        if all.len() == MAX {
            return Err(Error::message("a list is longer than allowed"));
        }
        all.push(one?);
    }
    Ok(all)
}

fn raw_changes<C>(from: &mut Decoder<'_>, context: &mut C) -> Result<Vec<ByteVec>, Error> {
    let all: Vec<ByteVec> = most::<MAX_CHANGES, _, _>(from, context)?;
    let short = all.iter().any(|change| change.len() < CHANGE_HEADER);
    if short { Err(Error::message("too short for a change")) } else { Ok(all) }
}

/// Packs a request or response.
pub fn pack<T: Encode<()>>(page: &T) -> Vec<u8> {
    // Encoding into a Vec cannot fail: its error type is `Infallible`.
    let plain = minicbor::to_vec(page).unwrap_or_default();
    let deflated = if plain.len() > WORTH_DEFLATING { deflate(&plain) } else { None };
    let (flag, body) = deflated.filter(|body| body.len() < plain.len()).map_or((0, plain), |body| (1, body));
    [&[MAGIC, PROTOCOL, flag], body.as_slice()].concat()
}

/// Unpacks a page of at most [`MAX_PACKED`] bytes that inflates to at most [`MAX_INFLATED`].
pub fn unpack<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, WireError> {
    let [MAGIC, version, flag, body @ ..] = bytes else { return Err(WireError::NotAPage) };
    if *version != PROTOCOL {
        return Err(WireError::Version(*version));
    }
    if bytes.len() > MAX_PACKED {
        return Err(WireError::TooLarge);
    }
    let decode = |plain: &[u8]| minicbor::decode(plain).map_err(|error| WireError::Broken(error.to_string()));
    match flag {
        0 => decode(body),
        1 => decode(&inflate(body)?),
        _ => Err(WireError::NotAPage),
    }
}

fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn inflate(body: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut plain = Vec::new();
    let mut decoder = DeflateDecoder::new(body).take(MAX_INFLATED + 1);
    decoder.read_to_end(&mut plain).map_err(|error| WireError::Broken(error.to_string()))?;
    if plain.len() as u64 > MAX_INFLATED { Err(WireError::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Request {
        let position = Position { after: 9_999, pull: None, own: None };
        Request {
            log: Some(LogId([1; 8])),
            process: u32::MAX,
            unsent: 0,
            page_bytes: 65_536,
            scopes: vec![(ZoneId(7), position)],
            pushes: vec![],
            want: vec![],
            heal: vec![],
            repair: None,
            held: None,
            turn: Some(300),
            condition: None,
        }
    }

    #[test]
    fn a_page_reads_back() {
        let mut request = empty();
        request.pushes = vec![Push { issue: IssueId([3; 16]), change: vec![7; 4_000] }];
        let packed = pack(&request);
        assert!(packed.len() < 200);
        assert_eq!(unpack::<Request>(&packed).unwrap(), request);
    }

    #[test]
    fn a_captive_portal_is_not_taken_for_the_hub() {
        assert!(matches!(unpack::<Response>(b"<html>log in</html>"), Err(WireError::NotAPage)));
        assert!(matches!(unpack::<Response>(b""), Err(WireError::NotAPage)));
    }

    #[test]
    fn a_decompression_bomb_stops_at_the_bound() {
        let bomb = deflate(&vec![0; 64 * 1024 * 1024]).unwrap();
        let page = [&[MAGIC, PROTOCOL, 1], bomb.as_slice()].concat();
        assert!(matches!(unpack::<Request>(&page), Err(WireError::TooLarge)));
    }

    #[test]
    fn a_list_that_is_too_long_is_refused_before_it_is_held_in_memory() {
        let issue = IssueId([3; 16]);
        let heal = |changes| Heal { issue, changes, receipt: Receipt([0; 16]), number: None };
        let bomb = |changes: usize| heal(vec![ByteVec::from(vec![]); changes]);
        let push = Push { issue, change: vec![] };
        let requests = [
            Request { heal: vec![bomb(1)], ..empty() },
            Request { heal: vec![bomb(1_000_000)], ..empty() },
            Request { heal: vec![heal(vec![]); MAX_HEALS + 1], ..empty() },
            Request { pushes: vec![push; MAX_PUSHES + 1], ..empty() },
            Request { want: vec![issue; MAX_WANTED + 1], ..empty() },
        ];
        for request in &requests {
            assert!(matches!(unpack::<Request>(&pack(request)), Err(WireError::Broken(_))));
        }
        let full = Request { want: vec![issue; MAX_WANTED], heal: vec![heal(vec![]); MAX_HEALS], ..empty() };
        assert_eq!(unpack::<Request>(&pack(&full)).unwrap(), full);
    }

    #[test]
    fn a_request_of_a_quiet_phone_is_a_few_dozen_bytes() {
        assert!(pack(&empty()).len() < 64, "{}", pack(&empty()).len());
    }

    #[test]
    fn a_phone_that_cannot_tell_its_storage_and_one_of_before_are_understood_on_either_side() {
        #[derive(Debug, PartialEq, Encode, Decode)]
        struct Before {
            #[n(0)]
            oldest: Option<Timestamp>,
            #[n(1)]
            photos: u32,
            #[n(2)]
            storage: u8,
            #[n(3)]
            version: String,
        }
        let before = Before { oldest: None, photos: 2, storage: 3, version: "7f1ae75".into() };
        let now = Condition { photos: 2, storage: 3, version: "7f1ae75".into(), ..Condition::default() };
        assert_eq!(minicbor::decode::<Condition>(&minicbor::to_vec(&before).unwrap()).unwrap(), now);
        let untold = Condition { storage_untold: true, ..now };
        let bytes = minicbor::to_vec(&untold).unwrap();
        assert_eq!(minicbor::decode::<Condition>(&bytes).unwrap(), untold);
        assert_eq!(minicbor::decode::<Before>(&bytes).unwrap(), before);
    }

    #[test]
    fn a_verdict_of_the_first_apps_is_still_understood_and_costs_no_byte_more() {
        let mut encoder = minicbor::Encoder::new(Vec::new());
        encoder.array(2).unwrap().u32(1).unwrap().array(0).unwrap();
        let bytes = encoder.into_writer();
        assert_eq!(minicbor::to_vec(Verdict::Known { receipt: None }).unwrap(), bytes);
        assert_eq!(minicbor::decode::<Verdict>(&bytes).unwrap(), Verdict::Known { receipt: None });
    }

    #[test]
    fn a_newer_field_is_skipped_by_an_older_reader() {
        let mut encoder = minicbor::Encoder::new(Vec::new());
        encoder.array(4).unwrap().u32(7).unwrap().null().unwrap().null().unwrap().str("new").unwrap();
        let scope: Scope = minicbor::decode(&encoder.into_writer()).unwrap();
        assert_eq!(scope, Scope { zone: ZoneId(7), position: None, digest: None });
    }

    #[test]
    fn a_decision_without_a_reason_travels_as_it_did_before_there_were_any() {
        let decided = Decided { hash: ChangeHash([7; 32]), adopted: true, reason: None };
        let mut encoder = minicbor::Encoder::new(Vec::new());
        encoder.array(2).unwrap().encode(decided.hash).unwrap().bool(true).unwrap();
        let bytes = encoder.into_writer();
        assert_eq!(minicbor::to_vec(&decided).unwrap(), bytes);
        assert_eq!(minicbor::decode::<Decided>(&bytes).unwrap(), decided);
    }
}

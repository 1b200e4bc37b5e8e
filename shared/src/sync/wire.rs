//! The sync pages as they travel: a magic byte, a version, a flag, then CBOR, deflated as a whole when that helps.
//! The magic byte tells our answer from a captive portal's; bounds are checked before anything is inflated or decoded.

use std::io::{Read, Write};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use minicbor::{Decode, Encode};

use super::Refusal;
use crate::id::{IssueId, ZoneId};
use crate::time::Timestamp;

/// Raised only with a change that an older side would misread; fields are added without it.
pub const PROTOCOL: u8 = 1;
/// The path of `POST`.
pub const PATH: &str = "/api/sync";
/// The longest packed page that either side accepts.
pub const MAX_PACKED: usize = 1024 * 1024;
/// The longest page after inflating.
pub const MAX_INFLATED: u64 = 4 * 1024 * 1024;
/// Most pushes in one request.
pub const MAX_PUSHES: usize = 500;
/// Bounds of the page size that a phone may ask for, in bytes before compression.
pub const PAGE_BYTES: std::ops::RangeInclusive<u32> = 4 * 1024..=256 * 1024;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct LogId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

/// Proof that the hub admitted a document at these heads: HMAC-SHA256 over (document, heads), cut to 16 bytes.
/// Heads name all their ancestors, so one receipt a document is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Receipt(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// How far a phone has read a zone's stream. Made by the hub, kept by the phone together with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Position {
    /// Everything of the log up to here is known, once `pull` is finished.
    #[n(0)]
    pub after: u64,
    /// Where the first pull goes on; `None` when it is complete.
    #[n(1)]
    pub pull: Option<Cursor>,
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
    /// A random number of this browser storage: two at once under one device key mean a clone.
    #[n(1)]
    pub storage: u64,
    /// Changes that stay on the phone after this request; for the office to see who is not syncing.
    #[n(2)]
    pub unsent: u32,
    #[n(3)]
    pub page_bytes: u32,
    #[n(4)]
    pub scopes: Vec<(ZoneId, Position)>,
    /// In dependency order.
    #[n(5)]
    pub pushes: Vec<Push>,
    /// Documents wanted whole, whatever the position says.
    #[n(6)]
    pub want: Vec<IssueId>,
    /// Documents that the hub said it lacks, with the proof that it once admitted them.
    #[n(7)]
    pub heal: Vec<Heal>,
    /// (document, fingerprint) of a zone whose digest did not agree.
    #[n(8)]
    pub repair: Option<Repair>,
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
    #[n(1)]
    pub changes: Vec<minicbor::bytes::ByteVec>,
    #[n(2)]
    pub receipt: Receipt,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Repair {
    #[n(0)]
    pub zone: ZoneId,
    #[n(1)]
    pub fingerprints: Vec<(IssueId, u64)>,
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
    /// Was committed before: an answer had been lost.
    #[n(1)]
    Known,
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
        let position = Position { after: 9_999, pull: None };
        Request {
            log: Some(LogId([1; 8])),
            storage: u64::MAX,
            unsent: 0,
            page_bytes: 65_536,
            scopes: vec![(ZoneId(7), position)],
            pushes: vec![],
            want: vec![],
            heal: vec![],
            repair: None,
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
    fn a_request_of_a_quiet_phone_is_a_few_dozen_bytes() {
        assert!(pack(&empty()).len() < 64, "{}", pack(&empty()).len());
    }

    #[test]
    fn a_newer_field_is_skipped_by_an_older_reader() {
        let mut encoder = minicbor::Encoder::new(Vec::new());
        encoder.array(4).unwrap().u32(7).unwrap().null().unwrap().null().unwrap().str("new").unwrap();
        let scope: Scope = minicbor::decode(&encoder.into_writer()).unwrap();
        assert_eq!(scope, Scope { zone: ZoneId(7), position: None, digest: None });
    }
}

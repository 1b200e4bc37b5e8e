//! The hand-over file: unsent work of phones that reach no network, carried to the office by somebody else.
//!
//! A file is a short header and then parcels. A parcel is what one device made and signed: a manifest, the signature over it,
//! and the sections that the manifest names by their hashes, the records first and then the photos. Whoever carries a parcel
//! leaves it as it is, so the hub sees whose work it is and not only who brought it.
//!
//! Every length is checked before anything of that length is read or decoded. The keys live elsewhere.

use std::collections::VecDeque;

use minicbor::{Decode, Decoder, Encode};
use sha2::{Digest, Sha256};

use super::wire::{self, MAX_PUSHES, Push, Verdict, most};
use crate::api::{MAX_PHOTO_BYTES, ProblemKind};
use crate::id::{DeviceId, OfficeId, PersonId, PhotoId};
use crate::model::patrol::Patrol;
use crate::time::{DAY, Timestamp};

/// The path of `POST`, whose body is the head of a parcel and then one of its records sections.
pub const PATH: &str = "/api/handover";
/// The ending of a file's name.
pub const ENDING: &str = "xiaohao";
/// The longest file, in bytes.
pub const MAX_FILE: u64 = 512 * 1024 * 1024;
/// Most parcels of a file.
pub const MAX_PARCELS: usize = 32;
/// The longest manifest, in bytes; one with all photos and sections is below 100 KB.
pub const MAX_MANIFEST: usize = 128 * 1024;
/// Most records sections of a parcel.
pub const MAX_SECTIONS: usize = 64;
/// Most photos of a parcel, thumbnails included.
pub const MAX_PHOTOS: usize = 2_000;
/// Most rounds of a records section.
pub const MAX_PATROLS: usize = 256;
/// The longest records section, in bytes.
pub const MAX_SECTION: usize = 256 * 1024;
/// How far a phone's clock may be ahead of the hub's, in milliseconds: a zone that was set wrong is no forgery.
pub const TOLERANCE: i64 = DAY;

/// The bytes before a manifest say how long it is.
const LENGTH: usize = 4;
const SIGNATURE: usize = 64;
const MAGIC: [u8; 7] = *b"xiaohao";
const VERSION: u8 = 1;
/// Magic, version and the number of parcels, so that a file that lost the last one is known to be short.
const HEADER: usize = MAGIC.len() + 2;
/// A section is closed when its changes are longer than this: deflated, one request on a link that is hardly one.
const SECTION: usize = 64 * 1024;
/// No request's signature begins with these words, so neither can be taken for the other.
const SIGNED: &str = "xiaohao hand-over 1\n";

/// Why a hand-over file, or a parcel of it, is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("this is no hand-over file")]
    NotAHandover,
    #[error("the hand-over file was made by a newer version of the app")]
    Version,
    #[error("the hand-over file breaks off")]
    Truncated,
    #[error("the hand-over file is damaged")]
    Damaged,
    #[error("the hand-over file is larger than the office accepts")]
    TooLarge,
    #[error("the hand-over file belongs to another office")]
    OtherOffice,
    #[error("the hand-over file claims to have been made in the future")]
    FromFuture,
    #[error("the hand-over file names a device that this office does not know")]
    UnknownDevice,
    #[error("the hand-over file is not signed by the device that it names")]
    Forged,
}

impl Fault {
    /// What a problem of the hub says of a parcel; `None` where it says something else.
    pub fn of(kind: ProblemKind) -> Option<Self> {
        match kind {
            ProblemKind::HandoverDamaged => Some(Self::Damaged),
            ProblemKind::HandoverOtherOffice => Some(Self::OtherOffice),
            ProblemKind::HandoverFromFuture => Some(Self::FromFuture),
            ProblemKind::HandoverUnknownDevice => Some(Self::UnknownDevice),
            ProblemKind::HandoverForged => Some(Self::Forged),
            ProblemKind::TooLarge => Some(Self::TooLarge),
            ProblemKind::AppTooOld => Some(Self::Version),
            _ => None,
        }
    }

    pub fn kind(self) -> ProblemKind {
        match self {
            Self::NotAHandover | Self::Truncated | Self::Damaged => ProblemKind::HandoverDamaged,
            Self::OtherOffice => ProblemKind::HandoverOtherOffice,
            Self::FromFuture => ProblemKind::HandoverFromFuture,
            Self::UnknownDevice => ProblemKind::HandoverUnknownDevice,
            Self::Forged => ProblemKind::HandoverForged,
            Self::TooLarge => ProblemKind::TooLarge,
            Self::Version => ProblemKind::AppTooOld,
        }
    }
}

/// Who makes a parcel, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maker {
    /// `None` where the app has not heard it yet; the device says as much.
    pub office: Option<OfficeId>,
    pub device: DeviceId,
    pub person: PersonId,
    /// By the maker's clock.
    pub at: Timestamp,
}

/// What a parcel holds, as its maker signed it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Manifest {
    #[n(0)]
    pub office: Option<OfficeId>,
    #[n(1)]
    pub device: DeviceId,
    #[n(2)]
    pub person: PersonId,
    #[n(3)]
    pub created: Timestamp,
    /// How many changes and rounds are in all sections, for people to read.
    #[n(4)]
    pub changes: u32,
    #[cbor(n(5), decode_with = "most::<MAX_SECTIONS, _, _>")]
    pub records: Vec<Section>,
    #[cbor(n(6), decode_with = "most::<MAX_PHOTOS, _, _>")]
    pub photos: Vec<Picture>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Section {
    /// Bytes.
    #[n(0)]
    pub size: u32,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

/// A photo in a parcel; what else is to be known of it stands in the change that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Picture {
    #[n(0)]
    pub photo: PhotoId,
    /// Bytes.
    #[n(1)]
    pub size: u32,
    #[n(2)]
    pub thumb: bool,
}

/// What one section holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Records {
    /// Dependencies first.
    #[cbor(n(0), decode_with = "most::<MAX_PUSHES, _, _>")]
    pub pushes: Vec<Push>,
    /// Older apps know nothing of them.
    #[cbor(n(1), default, decode_with = "most::<MAX_PATROLS, _, _>")]
    pub patrols: Vec<Patrol>,
}

impl Records {
    fn len(&self) -> usize {
        self.pushes.len() + self.patrols.len()
    }
}

/// The hub's answer to a records section: one verdict per change, and one per round.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Taken {
    #[cbor(n(0), decode_with = "most::<MAX_PUSHES, _, _>")]
    pub verdicts: Vec<Verdict>,
    #[cbor(n(1), default, decode_with = "most::<MAX_PATROLS, _, _>")]
    pub patrols: Vec<Heard>,
}

/// What the hub says of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Heard {
    #[n(0)]
    New,
    #[n(1)]
    Known,
    /// It would say so for ever.
    #[n(2)]
    Refused,
}

/// A parcel that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub manifest: Vec<u8>,
    pub records: Vec<Vec<u8>>,
    /// Their bytes follow in this order.
    pub photos: Vec<Picture>,
}

/// Packs what a device has not sent. One parcel, unless it is more than a parcel may hold.
pub fn pack(maker: Maker, pushes: &[Push], patrols: &[Patrol], photos: &[Picture]) -> Vec<Draft> {
    let sections = sections(pushes, patrols);
    // Thumbnails before originals, as in every sync.
    let (mut pictures, originals): (Vec<_>, Vec<_>) = photos.iter().copied().partition(|picture| picture.thumb);
    pictures.extend(originals);
    let parcels = sections.len().div_ceil(MAX_SECTIONS).max(pictures.len().div_ceil(MAX_PHOTOS));
    let none = [Records::default()];
    let some = |parcel: usize| {
        let records = sections.chunks(MAX_SECTIONS).nth(parcel).unwrap_or(&none);
        draft(maker, records, pictures.chunks(MAX_PHOTOS).nth(parcel).unwrap_or_default())
    };
    (0..parcels).map(some).collect()
}

fn sections(pushes: &[Push], patrols: &[Patrol]) -> Vec<Records> {
    let (mut sections, mut last, mut size) = (Vec::new(), Records::default(), 0);
    for push in pushes {
        size += push.change.len();
        last.pushes.push(push.clone());
        if size > SECTION || last.pushes.len() == MAX_PUSHES {
            sections.push(std::mem::take(&mut last));
            size = 0;
        }
    }
    sections.extend((last.len() > 0).then_some(last));
    sections.extend(patrols.chunks(MAX_PATROLS).map(|some| Records { pushes: vec![], patrols: some.to_vec() }));
    sections
}

fn draft(maker: Maker, sections: &[Records], photos: &[Picture]) -> Draft {
    let records: Vec<Vec<u8>> = sections.iter().map(wire::pack).collect();
    let section = |bytes: &Vec<u8>| Section { size: bytes.len() as u32, hash: Sha256::digest(bytes).into() };
    let manifest = Manifest {
        office: maker.office,
        device: maker.device,
        person: maker.person,
        created: maker.at,
        changes: sections.iter().map(|records| records.len() as u32).sum(),
        records: records.iter().map(section).collect(),
        photos: photos.to_vec(),
    };
    // Encoding into a Vec cannot fail: its error type is `Infallible`.
    let manifest = minicbor::to_vec(&manifest).unwrap_or_default();
    Draft { manifest, records, photos: photos.to_vec() }
}

/// The text that the maker's key signs.
pub fn signed_text(manifest: &[u8]) -> Vec<u8> {
    let hash = base16ct::lower::encode_string(&Sha256::digest(manifest));
    [SIGNED.as_bytes(), hash.as_bytes()].concat()
}

/// What stands before the parcels of a file.
pub fn header(parcels: usize) -> Vec<u8> {
    let count = u8::try_from(parcels.min(MAX_PARCELS)).unwrap_or(u8::MAX);
    [MAGIC.as_slice(), &[VERSION, count]].concat()
}

/// The head of a parcel: the manifest and whose signature it bears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub manifest: Manifest,
    /// As it was signed.
    pub raw: Vec<u8>,
    /// r ‖ s.
    pub signature: [u8; SIGNATURE],
}

impl Head {
    /// The head as it stands in the file, for a signature that was just made.
    pub fn bytes(manifest: &[u8], signature: &[u8]) -> Vec<u8> {
        [&(manifest.len() as u32).to_be_bytes(), manifest, signature].concat()
    }

    /// Reads a head and gives what follows it.
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let (length, rest) = bytes.split_first_chunk::<LENGTH>().ok_or(Fault::Truncated)?;
        let (raw, rest) = rest.split_at_checked(manifest_length(*length)?).ok_or(Fault::Truncated)?;
        let (signature, rest) = rest.split_first_chunk::<SIGNATURE>().ok_or(Fault::Truncated)?;
        let head = Self { manifest: Manifest::read(raw)?, raw: raw.to_vec(), signature: *signature };
        Ok((head, rest))
    }

    /// Tells this parcel from all others, for whoever carries it.
    pub fn name(&self) -> String {
        base16ct::lower::encode_string(&Sha256::digest(&self.raw)[..16])
    }
}

fn manifest_length(bytes: [u8; LENGTH]) -> Result<usize, Fault> {
    let length = u32::from_be_bytes(bytes) as usize;
    if (1..=MAX_MANIFEST).contains(&length) { Ok(length) } else { Err(Fault::Damaged) }
}

impl Manifest {
    fn read(raw: &[u8]) -> Result<Self, Fault> {
        let mut decoder = Decoder::new(raw);
        let manifest: Self = decoder.decode().map_err(|_| Fault::Damaged)?;
        let sizes = manifest.records.iter().all(|section| section.size as usize <= MAX_SECTION)
            && manifest.photos.iter().all(|photo| (1..=MAX_PHOTO_BYTES).contains(&photo.size.into()));
        let sound = decoder.position() == raw.len() && !manifest.records.is_empty() && sizes;
        if sound { Ok(manifest) } else { Err(Fault::Damaged) }
    }

    /// Bytes of everything that follows the head.
    pub fn size(&self) -> u64 {
        let records = self.records.iter().map(|section| u64::from(section.size));
        records.chain(self.photos.iter().map(|photo| u64::from(photo.size))).sum()
    }

    /// Photos as people count them.
    pub fn photo_count(&self) -> usize {
        self.photos.iter().filter(|photo| !photo.thumb).count()
    }

    /// A records section, if it is one of this parcel.
    pub fn open(&self, section: &[u8]) -> Result<Records, Fault> {
        let hash: [u8; 32] = Sha256::digest(section).into();
        if !self.records.iter().any(|known| known.hash == hash) {
            return Err(Fault::Damaged);
        }
        wire::unpack(section).map_err(|error| match error {
            wire::WireError::Version(_) => Fault::Version,
            _ => Fault::Damaged,
        })
    }

    pub fn is_from_future(&self, now: Timestamp) -> bool {
        self.created - now > TOLERANCE
    }
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A parcel begins.
    Parcel(Box<Head>),
    Records,
    Photo,
}

/// What comes next in a file.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Header,
    Length,
    Head(usize),
    Section(Section),
    Photo(Picture),
}

impl Expected {
    fn size(&self) -> usize {
        match self {
            Self::Header => HEADER,
            Self::Length => LENGTH,
            Self::Head(length) => length + SIGNATURE,
            Self::Section(section) => section.size as usize,
            Self::Photo(photo) => photo.size as usize,
        }
    }
}

/// Reads a file piece by piece, so that a large one need not be held whole: ask [`Reader::wants`], read so many bytes, and
/// give them to [`Reader::take`].
pub struct Reader {
    expected: VecDeque<Expected>,
    /// Bytes of the file that nobody has taken yet.
    left: u64,
}

impl Reader {
    pub fn new(file: u64) -> Result<Self, Fault> {
        let reader = Self { expected: VecDeque::from([Expected::Header]), left: file };
        if file > MAX_FILE { Err(Fault::TooLarge) } else { Ok(reader) }
    }

    /// How many bytes come next; `None` at the end of a file that is whole.
    pub fn wants(&self) -> Result<Option<usize>, Fault> {
        match self.expected.front().map(Expected::size) {
            Some(size) if size as u64 > self.left => Err(Fault::Truncated),
            None if self.left > 0 => Err(Fault::Damaged),
            next => Ok(next),
        }
    }

    /// Takes exactly so many bytes; gives what they were, if that is of use to anybody.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Option<Piece>, Fault> {
        let Some(expected) = self.expected.pop_front().filter(|expected| expected.size() == bytes.len()) else {
            return Err(Fault::Truncated);
        };
        self.left = self.left.saturating_sub(bytes.len() as u64);
        match expected {
            Expected::Header => self.begin(bytes).map(|()| None),
            Expected::Length => {
                let length = manifest_length(bytes.try_into().map_err(|_| Fault::Damaged)?)?;
                self.expected.push_front(Expected::Head(length));
                Ok(None)
            }
            Expected::Head(length) => self.parcel(&bytes[..length], &bytes[length..]).map(Some),
            Expected::Section(section) => is_that(bytes, section.hash).map(|()| Some(Piece::Records)),
            Expected::Photo(picture) => is_that(bytes, picture.photo.0).map(|()| Some(Piece::Photo)),
        }
    }

    fn begin(&mut self, header: &[u8]) -> Result<(), Fault> {
        let (Some(version), Some(count)) = (header.get(MAGIC.len()), header.last()) else {
            return Err(Fault::Truncated);
        };
        match () {
            () if !header.starts_with(&MAGIC) => Err(Fault::NotAHandover),
            () if *version != VERSION => Err(Fault::Version),
            () if !(1..=MAX_PARCELS).contains(&usize::from(*count)) => Err(Fault::Damaged),
            () => {
                self.expected.extend(std::iter::repeat_n(Expected::Length, usize::from(*count)));
                Ok(())
            }
        }
    }

    fn parcel(&mut self, raw: &[u8], signature: &[u8]) -> Result<Piece, Fault> {
        let manifest = Manifest::read(raw)?;
        if manifest.size() > self.left {
            return Err(Fault::Truncated);
        }
        let photos = manifest.photos.iter().map(|photo| Expected::Photo(*photo)).rev();
        let records = manifest.records.iter().map(|section| Expected::Section(*section)).rev();
        photos.chain(records).for_each(|expected| self.expected.push_front(expected));
        let signature = signature.try_into().map_err(|_| Fault::Damaged)?;
        Ok(Piece::Parcel(Box::new(Head { manifest, raw: raw.to_vec(), signature })))
    }
}

fn is_that(bytes: &[u8], hash: [u8; 32]) -> Result<(), Fault> {
    let found: [u8; 32] = Sha256::digest(bytes).into();
    if found == hash { Ok(()) } else { Err(Fault::Damaged) }
}

#[cfg(test)]
mod tests;

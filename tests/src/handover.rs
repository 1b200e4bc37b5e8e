//! The hand-over file as the app makes and imports it, over real keys and real HTTP.

use base64ct::{Base64, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};
use xiaohao_shared::api::Problem;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::sync::handover::{
    Fault, Head, Maker, PATH, Picture, Piece, Reader, Records, Taken, header, pack, signed_text,
};
use xiaohao_shared::sync::wire::{self, Push, Verdict};

use crate::phone::Storage;
use crate::{Answer, Call, TestDevice};

/// What a phone has not sent, with the bytes of its photos.
pub fn unsent(storage: &Storage) -> Records {
    let push =
        |unsent: &xiaohao_shared::sync::engine::Unsent| Push { issue: unsent.issue, change: unsent.change.clone() };
    Records { pushes: storage.found.unsent.iter().map(push).collect(), patrols: vec![] }
}

/// A file of one parcel, signed by `key`.
pub fn file(key: &SigningKey, maker: Maker, work: &Records, photos: &[Vec<u8>]) -> Vec<u8> {
    let pictures: Vec<Picture> = photos.iter().map(|bytes| picture(bytes)).collect();
    let drafts = pack(maker, &work.pushes, &work.patrols, &pictures);
    let mut bytes = header(drafts.len());
    for draft in drafts {
        let signature: Signature = key.sign(&signed_text(&draft.manifest));
        bytes.extend(Head::bytes(&draft.manifest, &signature.to_bytes()));
        draft.records.iter().for_each(|section| bytes.extend(section));
        for picture in draft.photos {
            bytes.extend(photos.iter().find(|bytes| hash(bytes) == picture.photo).expect("its bytes"));
        }
    }
    bytes
}

pub fn picture(bytes: &[u8]) -> Picture {
    Picture { photo: hash(bytes), size: bytes.len() as u32, thumb: false }
}

pub fn hash(bytes: &[u8]) -> PhotoId {
    PhotoId(Sha256::digest(bytes).into())
}

/// Why an import went no further.
#[derive(Debug)]
pub enum Stopped {
    /// The file itself is not in order.
    File(Fault),
    Office(Problem),
}

impl Stopped {
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::File(fault) => Some(*fault),
            Self::Office(problem) => Fault::of(problem.kind),
        }
    }
}

/// One parcel as it lies on the courier's phone.
pub struct Parcel {
    pub head: Head,
    pub records: Vec<Vec<u8>>,
    pub photos: Vec<Vec<u8>>,
}

/// Takes a file apart, or refuses it whole.
pub fn read(file: &[u8]) -> Result<Vec<Parcel>, Fault> {
    let (mut reader, mut at, mut parcels) = (Reader::new(file.len() as u64)?, 0, Vec::<Parcel>::new());
    while let Some(size) = reader.wants()? {
        let bytes = &file[at..at + size];
        at += size;
        match (reader.take(bytes)?, parcels.last_mut()) {
            (Some(Piece::Parcel(head)), _) => parcels.push(Parcel { head: *head, records: vec![], photos: vec![] }),
            (Some(Piece::Records), Some(parcel)) => parcel.records.push(bytes.to_vec()),
            (Some(Piece::Photo), Some(parcel)) => parcel.photos.push(bytes.to_vec()),
            _ => {}
        }
    }
    Ok(parcels)
}

/// The request that brings a section: the head before it.
pub fn body(head: &Head, section: &[u8]) -> Vec<u8> {
    [Head::bytes(&head.raw, &head.signature).as_slice(), section].concat()
}

/// Brings a whole file to the office: for each parcel the records first, then the photos.
pub async fn import(courier: &TestDevice, file: &[u8]) -> Result<Vec<Verdict>, Stopped> {
    bring(courier, file).await.map(|taken| taken.verdicts)
}

/// The same, with what came of the rounds.
pub async fn bring(courier: &TestDevice, file: &[u8]) -> Result<Taken, Stopped> {
    let mut all = Taken { verdicts: vec![], patrols: vec![] };
    for parcel in read(file).map_err(Stopped::File)? {
        for section in &parcel.records {
            let answer = courier.post(PATH, body(&parcel.head, section)).await;
            if answer.status != 200 {
                return Err(Stopped::Office(answer.problem()));
            }
            let taken: Taken = wire::unpack(&answer.body).expect("verdicts");
            all.verdicts.extend(taken.verdicts);
            all.patrols.extend(taken.patrols);
        }
        for photo in &parcel.photos {
            let answer = upload(courier, photo).await;
            assert_eq!((answer.status, answer.header("upload-offset")), (201, photo.len().to_string().as_str()));
        }
    }
    Ok(all)
}

async fn upload(courier: &TestDevice, photo: &[u8]) -> Answer {
    let promise = format!("sha256 {}", Base64::encode_string(&hash(photo).0));
    let call = Call::new("POST", "/api/uploads").header("tus-resumable", "1.0.0");
    let call = call.header("content-type", "application/offset+octet-stream").header("upload-metadata", &promise);
    courier.send(call.header("upload-length", &photo.len().to_string()).body(photo)).await
}

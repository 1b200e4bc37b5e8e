//! Hand-over files of strangers: read piece by piece within the file's bounds, and brought to the office, which takes in only
//! what the device signed that a parcel names.

use axum::body::Body;
use axum::http::Request;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, VerifyingKey};
use xiaohao_shared::id::{OfficeId, PatrolId, ZoneId};
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::handover::{
    Fault, Head, Maker, Manifest, PATH, Picture, Piece, Reader, Section, Taken, header, pack, signed_text,
};
use xiaohao_shared::sync::wire::{self, Push};
use xiaohao_shared::time::HOUR;

use crate::house::{DEVICE, Open, with_house};
use crate::office::{ISSUE, NOW, reported};
use sha2::{Digest, Sha256};

/// An input that begins so is a records section, and the device itself signs a parcel around it: what it says is reached by
/// mutations that a hash or a signature would stop.
const GENUINE: &[u8] = b"section:";

pub fn handover(data: &[u8]) {
    with_house(|house| match data.strip_prefix(GENUINE) {
        Some(section) => genuine(house, section),
        None => foreign(house, data),
    });
}

/// Whatever the device signed is answered, with a verdict for each change that was in it.
fn genuine(house: &Open, section: &[u8]) {
    let hash: [u8; 32] = Sha256::digest(section).into();
    let manifest = Manifest {
        office: None,
        device: DEVICE,
        person: house.person,
        created: NOW,
        changes: 1,
        records: vec![Section { size: u32::try_from(section.len()).unwrap_or(u32::MAX), hash }],
        photos: Vec::new(),
    };
    let readable = manifest.open(section).map(|records| (records.pushes.len(), records.patrols.len()));
    let raw = minicbor::to_vec(&manifest).expect("memory");
    let head = Head::bytes(&raw, &sign(house, &raw));
    match (bring(house, &[head.as_slice(), section].concat()), readable) {
        (Some(taken), Ok(read)) => {
            assert_eq!((taken.verdicts.len(), taken.patrols.len()), read, "a verdict for each change and each round");
        }
        (Some(_), Err(fault)) => panic!("taken in, although {fault}"),
        (None, _) => {}
    }
}

/// A file as it lies in a phone's folder: nothing beyond its end is asked for, and no part of it is taken in that the device did
/// not sign.
fn foreign(house: &Open, file: &[u8]) {
    let _ = parts(house, file);
}

fn parts(house: &Open, file: &[u8]) -> Result<(), Fault> {
    let mut reader = Reader::new(file.len() as u64)?;
    let (mut rest, mut head) = (file, None);
    while let Some(size) = reader.wants()? {
        let (bytes, after) = rest.split_at_checked(size).expect("it wants no more than there is");
        rest = after;
        match reader.take(bytes)? {
            Some(Piece::Parcel(found)) => head = Some(found),
            Some(Piece::Records) => brought(house, head.as_ref().expect("a section has a parcel"), bytes),
            Some(Piece::Photo) | None => {}
        }
    }
    assert!(rest.is_empty(), "the end is the end of the file");
    Ok(())
}

fn brought(house: &Open, head: &Head, section: &[u8]) {
    let body = [Head::bytes(&head.raw, &head.signature).as_slice(), section].concat();
    if bring(house, &body).is_some() {
        let key = VerifyingKey::from(&house.key);
        let signature = Signature::from_slice(&head.signature).expect("a signature");
        assert!(key.verify(&signed_text(&head.raw), &signature).is_ok(), "taken in without the device's signature");
        assert_eq!((head.manifest.device, head.manifest.person), (DEVICE, house.person), "in another's name");
    }
}

/// What the office answers; `None` where it takes nothing in.
fn bring(house: &Open, body: &[u8]) -> Option<Taken> {
    let mut request = Request::builder().method("POST").uri(PATH);
    for (name, value) in house.signed("POST", PATH, "courier", body) {
        request = request.header(name, value);
    }
    let answer = house.ask(request.body(Body::from(body.to_vec())).expect("a request"));
    answer.status.is_success().then(|| wire::unpack(&answer.body).expect("an answer that unpacks"))
}

fn sign(house: &Open, manifest: &[u8]) -> Vec<u8> {
    let signature: Signature = house.key.sign(&signed_text(manifest));
    signature.to_bytes().to_vec()
}

/// Whole files of one parcel and of two, with a photo and without, and the section that is in them.
pub fn seeds() -> Vec<Vec<u8>> {
    let push = Push { issue: ISSUE, change: reported().1.bytes };
    let picture = crate::photo::seeds().into_iter().min_by_key(Vec::len).expect("a picture");
    let mut seeds = Vec::new();
    with_house(|house| {
        let file = |parcels: usize, photos: &[&[u8]]| file(house, &push, parcels, photos);
        seeds.extend([file(1, &[]), file(1, &[&picture]), file(2, &[])]);
    });
    let plain = minicbor::to_vec((vec![push], vec![round()])).expect("memory");
    seeds.push([GENUINE, b"X\x01\x00", &plain].concat());
    seeds
}

fn round() -> Patrol {
    let (begun_at, ended_at) = (NOW + -2 * HOUR, NOW + -HOUR);
    Patrol { id: PatrolId(ISSUE), zone: ZoneId(1), begun_at, ended_at, found: 2, skew: 0 }
}

fn file(house: &Open, push: &Push, parcels: usize, photos: &[&[u8]]) -> Vec<u8> {
    let maker = Maker { office: None::<OfficeId>, device: DEVICE, person: house.person, at: NOW };
    let hash = |bytes: &[u8]| xiaohao_shared::id::PhotoId(Sha256::digest(bytes).into());
    let pictures: Vec<Picture> = photos
        .iter()
        .map(|bytes| Picture { photo: hash(bytes), size: u32::try_from(bytes.len()).unwrap_or(u32::MAX), thumb: false })
        .collect();
    let mut file = header(parcels);
    for draft in (0..parcels).flat_map(|_| pack(maker, std::slice::from_ref(push), &[round()], &pictures)) {
        file.extend(Head::bytes(&draft.manifest, &sign(house, &draft.manifest)));
        draft.records.iter().for_each(|section| file.extend(section));
        photos.iter().for_each(|bytes| file.extend(*bytes));
    }
    file
}

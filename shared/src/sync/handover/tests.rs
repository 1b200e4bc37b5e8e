use proptest::prelude::*;

use super::*;
use crate::id::{IssueId, PatrolId, ZoneId};
use crate::testing::reported;

const KEY: [u8; SIGNATURE] = [9; SIGNATURE];

fn maker() -> Maker {
    Maker { office: Some(OfficeId([5; 8])), device: DeviceId(7), person: PersonId(3), at: Timestamp(1_790_000_000_000) }
}

/// A file as the app puts it together: the bytes of the photos are their seeds, repeated.
fn file(parcels: &[(Vec<Push>, Vec<u8>)]) -> Vec<u8> {
    let drafts: Vec<(Draft, Vec<Vec<u8>>)> = parcels
        .iter()
        .flat_map(|(pushes, seeds)| {
            let photos: Vec<Vec<u8>> = seeds.iter().map(|seed| vec![*seed; 40 + usize::from(*seed)]).collect();
            let mut drafts = pack(maker(), pushes, &[], &photos.iter().map(|bytes| picture(bytes)).collect::<Vec<_>>());
            assert!(drafts.len() <= 1);
            drafts.pop().map(|draft| (draft, photos))
        })
        .collect();
    let mut bytes = header(drafts.len());
    for (draft, photos) in drafts {
        bytes.extend(Head::bytes(&draft.manifest, &KEY));
        draft.records.iter().for_each(|section| bytes.extend(section));
        for picture in draft.photos {
            bytes.extend(photos.iter().find(|bytes| Sha256::digest(bytes)[..] == picture.photo.0).unwrap());
        }
    }
    bytes
}

fn picture(bytes: &[u8]) -> Picture {
    Picture {
        photo: PhotoId(Sha256::digest(bytes).into()),
        size: bytes.len() as u32,
        thumb: bytes.len().is_multiple_of(2),
    }
}

fn push(seed: u8, length: usize) -> Push {
    Push { issue: IssueId([seed; 16]), change: vec![seed; length] }
}

type Found = Vec<(Head, Vec<Push>, Vec<PhotoId>)>;

/// What whoever imports it gets.
fn read(bytes: &[u8]) -> Result<Found, Fault> {
    let (mut reader, mut at, mut found) = (Reader::new(bytes.len() as u64)?, 0, Found::new());
    while let Some(size) = reader.wants()? {
        let piece = &bytes[at..at + size];
        at += size;
        match (reader.take(piece)?, found.last_mut()) {
            (Some(Piece::Parcel(head)), _) => found.push((*head, Vec::new(), Vec::new())),
            (Some(Piece::Records), Some((head, pushes, _))) => pushes.extend(head.manifest.open(piece)?.pushes),
            (Some(Piece::Photo), Some((_, _, photos))) => photos.push(picture(piece).photo),
            (None, _) => {}
            (Some(_), None) => panic!("a section without a parcel"),
        }
    }
    Ok(found)
}

#[test]
fn what_was_handed_over_is_read_again_in_its_order() {
    let (_, change) = reported();
    let pushes = vec![Push { issue: IssueId([1; 16]), change: change.bytes }, push(2, 300)];
    let found = read(&file(&[(pushes.clone(), vec![1, 2, 3]), (vec![], vec![4])])).unwrap();
    assert_eq!(found.len(), 2);
    let (head, records, photos) = &found[0];
    assert_eq!((records, photos.len()), (&pushes, 3));
    assert_eq!((head.manifest.device, head.manifest.person, head.signature), (DeviceId(7), PersonId(3), KEY));
    assert_eq!((head.manifest.changes, head.manifest.photo_count()), (2, 2));
    assert!(head.manifest.photos[0].thumb, "thumbnails first");
    assert_eq!((found[1].1.len(), found[1].2.len()), (0, 1));
}

#[test]
fn a_file_that_breaks_off_anywhere_is_refused() {
    let whole = file(&[(vec![push(1, 300), push(2, 20)], vec![1, 2]), (vec![push(3, 30)], vec![])]);
    for length in 0..whole.len() {
        assert_eq!(read(&whole[..length]).unwrap_err(), Fault::Truncated, "at {length}");
    }
    let longer = [whole.as_slice(), &[0]].concat();
    assert_eq!(read(&longer).unwrap_err(), Fault::Damaged);
}

#[test]
fn a_flipped_bit_is_found_or_changes_what_the_signature_is_of() {
    let whole = file(&[(vec![push(1, 300), push(2, 20)], vec![1, 2])]);
    let signed = |found: Found| found.iter().map(|(head, ..)| (head.raw.clone(), head.signature)).collect::<Vec<_>>();
    let before = signed(read(&whole).unwrap());
    for bit in 0..whole.len() * 8 {
        let mut other = whole.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        if let Ok(found) = read(&other) {
            assert_ne!(signed(found), before, "bit {bit}");
        }
    }
}

#[test]
fn other_files_are_told_from_ours() {
    assert_eq!(read(b"%PDF-1.7 something else").unwrap_err(), Fault::NotAHandover);
    assert_eq!(read(b"xiaohao\x02\x01").unwrap_err(), Fault::Version);
    assert_eq!(read(b"xiaohao\x01\x00").unwrap_err(), Fault::Damaged);
    assert_eq!(read(b"xiaohao\x01\xff").unwrap_err(), Fault::Damaged);
    assert!(matches!(Reader::new(MAX_FILE + 1), Err(Fault::TooLarge)));
}

/// A file of one parcel with a manifest that nobody honest writes.
fn forged(manifest: &Manifest) -> Result<Found, Fault> {
    read(&[header(1), Head::bytes(&minicbor::to_vec(manifest).unwrap(), &KEY)].concat())
}

#[test]
fn lengths_that_are_lies_are_refused_before_anything_is_read() {
    let (section, photo) =
        (Section { size: 1, hash: [0; 32] }, Picture { photo: PhotoId([0; 32]), size: 1, thumb: false });
    let honest = Manifest {
        office: None,
        device: DeviceId(1),
        person: PersonId(1),
        created: Timestamp(0),
        changes: 0,
        records: vec![section],
        photos: vec![photo],
    };
    let large = Section { size: MAX_SECTION as u32 + 1, ..section };
    let lies = [
        Manifest { records: vec![], ..honest.clone() },
        Manifest { records: vec![large], ..honest.clone() },
        Manifest { records: vec![section; MAX_SECTIONS + 1], ..honest.clone() },
        Manifest { photos: vec![photo; MAX_PHOTOS + 1], ..honest.clone() },
        Manifest { photos: vec![Picture { size: 0, ..photo }], ..honest.clone() },
        Manifest { photos: vec![Picture { size: u32::MAX, ..photo }], ..honest.clone() },
    ];
    for lie in &lies {
        assert_eq!(forged(lie).unwrap_err(), Fault::Damaged);
    }
    assert_eq!(forged(&Manifest { photos: vec![photo; MAX_PHOTOS], ..honest }).unwrap_err(), Fault::Truncated);
    let endless = [header(1), u32::MAX.to_be_bytes().to_vec(), vec![0; 99]].concat();
    assert_eq!(read(&endless).unwrap_err(), Fault::Damaged);
}

#[test]
fn a_section_of_another_parcel_is_not_opened_under_this_one() {
    let found = read(&file(&[(vec![push(1, 300)], vec![])])).unwrap();
    let other = wire::pack(&Records { pushes: vec![push(2, 300)], patrols: vec![] });
    assert_eq!(found[0].0.manifest.open(&other).unwrap_err(), Fault::Damaged);
}

fn round(seed: u16) -> Patrol {
    let [a, b] = seed.to_be_bytes();
    let mut id = [0; 16];
    (id[0], id[1]) = (a, b);
    let (begun_at, ended_at) = (maker().at + -7_200_000, maker().at + -3_600_000);
    Patrol { id: PatrolId(IssueId(id)), zone: ZoneId(1), begun_at, ended_at, found: 3, skew: -5 }
}

#[test]
fn rounds_travel_behind_the_changes_in_sections_of_their_own() {
    let rounds: Vec<Patrol> = (0..MAX_PATROLS as u16 + 1).map(round).collect();
    let [draft] = &pack(maker(), &[push(1, 300)], &rounds, &[])[..] else { panic!("one parcel") };
    let manifest = Manifest::read(&draft.manifest).unwrap();
    let opened: Vec<Records> = draft.records.iter().map(|section| manifest.open(section).unwrap()).collect();
    assert_eq!((opened.len(), manifest.changes), (3, MAX_PATROLS as u32 + 2));
    assert_eq!(opened[0], Records { pushes: vec![push(1, 300)], patrols: vec![] });
    assert_eq!([&opened[1].patrols[..], &opened[2].patrols[..]].concat(), rounds);
}

#[test]
fn a_section_of_an_older_app_has_no_rounds_and_an_older_hub_sees_none() {
    #[derive(Encode, Decode)]
    struct Older(#[n(0)] Vec<Push>);
    let old = wire::unpack::<Records>(&wire::pack(&Older(vec![push(1, 9)]))).unwrap();
    assert_eq!(old, Records { pushes: vec![push(1, 9)], patrols: vec![] });
    let new = Records { pushes: vec![push(1, 9)], patrols: vec![round(1)] };
    assert_eq!(wire::unpack::<Older>(&wire::pack(&new)).unwrap().0, [push(1, 9)]);
    let verdicts = wire::pack(&Older(vec![]));
    assert_eq!(wire::unpack::<Taken>(&verdicts).unwrap(), Taken { verdicts: vec![], patrols: vec![] });
}

#[test]
fn more_than_a_parcel_holds_goes_into_several() {
    let pushes: Vec<Push> = (0..(MAX_SECTIONS * MAX_PUSHES) as u32 + 1)
        .map(|at| Push { issue: IssueId([0; 16]), change: at.to_be_bytes().to_vec() })
        .collect();
    let drafts = pack(maker(), &pushes, &[], &[]);
    assert_eq!(drafts.len(), 2);
    let manifests: Vec<Manifest> = drafts.iter().map(|draft| Manifest::read(&draft.manifest).unwrap()).collect();
    let opened = drafts
        .iter()
        .zip(&manifests)
        .flat_map(|(draft, manifest)| draft.records.iter().flat_map(|section| manifest.open(section).unwrap().pushes));
    assert!(opened.eq(pushes));
    let photos = vec![picture(&[1]); MAX_PHOTOS + 1];
    let drafts = pack(maker(), &[], &[], &photos);
    assert_eq!(drafts.iter().map(|draft| draft.photos.len()).collect::<Vec<_>>(), [MAX_PHOTOS, 1]);
    assert!(drafts.iter().all(|draft| draft.manifest.len() < MAX_MANIFEST && draft.records.len() == 1));
    assert_eq!(pack(maker(), &[], &[], &[]), []);
}

#[test]
fn a_clock_in_another_zone_is_no_future_but_one_of_next_week_is() {
    let found = read(&file(&[(vec![push(1, 9)], vec![])])).unwrap();
    let manifest = &found[0].0.manifest;
    assert!(!manifest.is_from_future(maker().at + -TOLERANCE));
    assert!(manifest.is_from_future(maker().at + (-TOLERANCE - 1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_handed_over_arrives(
        parcels in prop::collection::vec(
            (
                prop::collection::vec((any::<u8>(), 1..9_000usize), 1..40),
                prop::collection::btree_set(any::<u8>(), 0..6),
            ),
            1..4,
        ),
    ) {
        let parcels: Vec<(Vec<Push>, Vec<u8>)> = parcels
            .into_iter()
            .map(|(pushes, seeds)| {
                (pushes.into_iter().map(|(seed, length)| push(seed, length)).collect(), seeds.into_iter().collect())
            })
            .collect();
        let found = read(&file(&parcels)).unwrap();
        prop_assert_eq!(found.len(), parcels.len());
        for ((_, pushes, photos), (sent, seeds)) in found.iter().zip(&parcels) {
            prop_assert_eq!(pushes, sent);
            prop_assert_eq!(photos.len(), seeds.len());
        }
    }

    #[test]
    fn bytes_of_nobody_are_refused_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
        prop_assert!(read(&[header(1), bytes.clone()].concat()).is_err());
        let _ = Head::split(&bytes);
    }
}

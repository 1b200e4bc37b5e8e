//! Edits as people make them, for tests: a report, a step, a remark, with fresh ids.

use base64ct::{Base64UrlUnpadded, Encoding};
use std::collections::BTreeMap;

use xiaohao_server::service::{random, system_clock};
use xiaohao_shared::doc::{Edit, Report};
use xiaohao_shared::id::{IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::catalogue::{CATALOGUE, PlaceType};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Contact, Manner, Outcome, Photo, Place, Remark, Severity, Stage, Step};

use crate::handover::hash;

pub fn new_issue() -> IssueId {
    IssueId::new(system_clock().0.unsigned_abs(), random())
}

pub fn record_id() -> String {
    Base64UrlUnpadded::encode_string(&random::<6>())
}

pub fn report(by: PersonId, zone: u32, description: &str) -> Edit {
    let report = Report {
        zone: ZoneId(zone),
        kind: CATALOGUE[0].kind,
        place_type: PlaceType::BackStreet,
        description: description.into(),
        place: Place { address: "解放路12号".into(), ..Place::default() },
        severity: Severity::Ordinary,
        photos: photo(by, Stage::Before),
    };
    Edit::report(record_id(), by, system_clock(), report)
}

pub fn photo(by: PersonId, stage: Stage) -> BTreeMap<PhotoId, Photo> {
    let photo =
        Photo { stage, by, taken_at: system_clock(), w: 4, h: 3, size: 1, mime: "image/jpeg".into(), thumb: None };
    BTreeMap::from([(PhotoId(random()), photo)])
}

pub fn step(by: PersonId, action: Action, from: State, to: Option<State>) -> Edit {
    let step =
        Step { from: Some(from), to, reason: "现场情况属实".into(), ..Step::new(by, system_clock(), action) };
    Edit::step(record_id(), step)
}

pub fn remark(by: PersonId, text: &str) -> Edit {
    Edit::remark(record_id(), Remark::new(by, system_clock(), text.into()))
}

pub fn contact(by: PersonId, manner: Manner, result: Outcome, text: &str) -> Edit {
    let contact = Contact { at: system_clock(), manner, result };
    Edit::remark(record_id(), Remark::of_contact(by, system_clock(), text.into(), contact))
}

/// The same edit, which brings and names this picture.
pub fn photographed(by: PersonId, stage: Stage, edit: Edit, picture: &[u8]) -> Edit {
    let (taken_at, size, mime) = (system_clock(), picture.len() as u64, "image/png".into());
    let photo = Photo { stage, by, taken_at, w: 40, h: 30, size, mime, thumb: None };
    edit.with_photos([(hash(picture), photo)].into())
}

/// A small grey picture; another one for each shade.
pub fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::GrayImage::from_fn(40, 30, |x, y| image::Luma([shade.wrapping_add((x * y) as u8)]));
    image::DynamicImage::ImageLuma8(pixels).write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

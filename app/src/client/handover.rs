//! The hand-over file: what this device has not sent, written into one file, and files of others taken in to be carried.
//! A large day is never held whole in this module's memory.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen::{JsCast, JsError};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FilePropertyBag, Url};
use xiaohao_shared::api::MAX_PHOTO_BYTES;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::handover::{
    ENDING, Fault, Head, MAX_PARCELS, Maker, Picture, Piece, Reader, header, pack, signed_text,
};
use xiaohao_shared::sync::wire::Push;
use xiaohao_shared::time::Timestamp;

use super::Client;
use crate::browser::{self, field, object};
use crate::messages::ToWriter;
use crate::store::carried::{Carried, part_of};
use crate::store::photos::Upload;
use crate::store::{Store, StoreError};

/// A file that was made, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub name: String,
    /// Of the file, for as long as the page lives.
    pub url: String,
    pub changes: u32,
    pub photos: u32,
    /// Parcels of others that go with it.
    pub others: u32,
    /// Bytes.
    pub size: u64,
    /// Whether the system can send it to somebody.
    pub can_share: bool,
}

/// Why there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotExported {
    /// The office has everything.
    Nothing,
    Failed,
}

/// Why nothing of a file was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotImported {
    Fault(Fault),
    /// There is no room on this device.
    StorageFailed,
    /// The browser does not read the file.
    Unreadable,
}

impl From<Fault> for NotImported {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for NotExported {
    fn from(_: StoreError) -> Self {
        Self::Failed
    }
}

impl From<JsValue> for NotExported {
    fn from(_: JsValue) -> Self {
        Self::Failed
    }
}

#[wasm_bindgen]
extern "C" {
    type Sharing;
    #[wasm_bindgen(method, catch, js_name = canShare)]
    fn can_share(this: &Sharing, data: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn share(this: &Sharing, data: &JsValue) -> Result<js_sys::Promise, JsValue>;
}

/// The parts of a file on their way into it.
#[derive(Default)]
struct Parts {
    parcels: usize,
    changes: u32,
    photos: u32,
    bytes: Vec<Uint8Array>,
}

impl Client {
    /// Writes everything that the office does not have into one file. Nothing counts as sent by it.
    pub async fn export_work(self) -> Result<Exported, NotExported> {
        let store = self.behind().store().ok_or(NotExported::Failed)?;
        let mut parts = Parts::default();
        self.add_own(&store, &mut parts).await?;
        let own = parts.parcels;
        add_carried(&store, &mut parts).await?;
        if parts.parcels == 0 {
            return Err(NotExported::Nothing);
        }
        let file = self.file(&parts)?;
        let exported = Exported {
            name: file.name(),
            url: Url::create_object_url_with_blob(&file)?,
            changes: parts.changes,
            photos: parts.photos,
            others: (parts.parcels - own) as u32,
            size: file.size() as u64,
            can_share: can_share(&file),
        };
        self.behind().file.replace(Some(file));
        Ok(exported)
    }

    async fn add_own(self, store: &Store, parts: &mut Parts) -> Result<(), NotExported> {
        let unsent = store.unsent().await?;
        let pushes: Vec<Push> =
            unsent.into_iter().map(|unsent| Push { issue: unsent.issue, change: unsent.change }).collect();
        let photos = photos(store, store.uploads().await?).await?;
        let pictures: Vec<Picture> = photos.iter().map(|(picture, _)| *picture).collect();
        let (maker, net) = (self.maker().ok_or(NotExported::Failed)?, self.behind().net().ok_or(NotExported::Failed)?);
        let skew = self.behind().skew.get();
        let told = store.unheard().await?;
        let told = told.iter().filter(|errand| errand.refusal.is_none());
        let patrols: Vec<Patrol> = told.filter_map(|errand| errand.patrol_by(skew)).collect();
        for draft in pack(maker, &pushes, &patrols, &pictures) {
            let signature = net.sign(&signed_text(&draft.manifest)).await?;
            parts.bytes.push(part_of(&Head::bytes(&draft.manifest, &signature)));
            parts.bytes.extend(draft.records.iter().map(|section| part_of(section)));
            let bytes = |picture: &Picture| photos.iter().find(|(one, _)| one.photo == picture.photo);
            parts.bytes.extend(draft.photos.iter().filter_map(bytes).map(|(_, bytes)| bytes.clone()));
            parts.parcels += 1;
        }
        parts.changes = (pushes.len() + patrols.len()) as u32;
        parts.photos = pictures.iter().filter(|picture| !picture.thumb).count() as u32;
        Ok(())
    }

    fn maker(self) -> Option<Maker> {
        let office = self.office.get_untracked()?;
        Some(Maker { office: office.id, device: office.device, person: office.me.id, at: self.now() })
    }

    fn file(self, parts: &Parts) -> Result<File, JsValue> {
        let all = Array::of1(&part_of(&header(parts.parcels)));
        for part in &parts.bytes {
            all.push(part);
        }
        let person = self.office.with_untracked(|office| office.as_ref().map(|office| office.me.name.clone()));
        let options = FilePropertyBag::new();
        options.set_type("application/octet-stream");
        File::new_with_u8_array_sequence_and_options(
            &all,
            &file_name(&person.unwrap_or_default(), self.now()),
            &options,
        )
    }

    /// Hands the file that was made last to the system's sharing; only in answer to a tap.
    pub async fn share_work(self) {
        let file = self.behind().file.borrow().clone();
        let shared = file.and_then(|file| sharing()?.share(&sharable(&file)).ok());
        if let Some(shared) = shared {
            // Whoever changes his mind has not failed.
            let _ = JsFuture::from(shared).await;
        }
    }

    /// Takes a file of others in, whole or not at all; the worker brings it to the office.
    pub async fn import_work(self, file: File) -> Result<(), NotImported> {
        let store = self.behind().store().ok_or(NotImported::StorageFailed)?;
        let mut reader = Reader::new(file.size() as u64)?;
        let (mut at, mut parcels) = (0.0, Vec::<(Carried, Vec<Uint8Array>)>::new());
        while let Some(size) = reader.wants()? {
            let bytes = slice(&file, at, size).await.map_err(|_| NotImported::Unreadable)?;
            at += size as f64;
            match (reader.take(&bytes.to_vec())?, parcels.last_mut()) {
                (Some(Piece::Parcel(head)), _) => {
                    self.check_office(&head)?;
                    parcels.push((Carried::new(&head), vec![part_of(&Head::bytes(&head.raw, &head.signature))]));
                }
                (Some(Piece::Records | Piece::Photo), Some((_, parts))) => parts.push(bytes),
                _ => {}
            }
        }
        store.carry(&parcels).await.map_err(|_| NotImported::StorageFailed)?;
        self.behind().say(ToWriter::Carry);
        Ok(())
    }

    /// What the office would say is said at once, also without a network.
    fn check_office(self, head: &Head) -> Result<(), Fault> {
        let mine = self.office.with_untracked(|office| office.as_ref().and_then(|office| office.id));
        let differs = mine.zip(head.manifest.office).is_some_and(|(mine, its)| mine != its);
        if differs { Err(Fault::OtherOffice) } else { Ok(()) }
    }
}

/// The photos that wait to be sent and are sound: a damaged one would have the whole file refused.
async fn photos(store: &Store, uploads: Vec<Upload>) -> Result<Vec<(Picture, Uint8Array)>, NotExported> {
    let mut photos = Vec::new();
    for Upload { photo, thumb, .. } in uploads.into_iter().filter(|upload| upload.refusal.is_none()) {
        let Some(bytes) = store.photo_bytes(photo).await? else { continue };
        let fits = (1..=MAX_PHOTO_BYTES).contains(&u64::from(bytes.length()));
        if fits && is_that(&bytes, photo).await? {
            photos.push((Picture { photo, size: bytes.length(), thumb }, bytes));
        }
    }
    Ok(photos)
}

async fn is_that(bytes: &Uint8Array, photo: PhotoId) -> Result<bool, JsValue> {
    let digest = JsFuture::from(browser::crypto().digest_with_str_and_buffer_source("SHA-256", bytes)?).await?;
    Ok(Uint8Array::new(&digest).to_vec() == photo.0)
}

/// Parcels of others that the office has not taken yet go on as they came.
async fn add_carried(store: &Store, parts: &mut Parts) -> Result<(), NotExported> {
    for parcel in store.carried().await?.iter().filter(|parcel| !parcel.is_done()) {
        let mut bytes = Vec::new();
        for key in parcel.parts() {
            bytes.extend(store.part(&key).await?);
        }
        if bytes.len() == parcel.parts().count() && parts.parcels < MAX_PARCELS {
            parts.parcels += 1;
            parts.bytes.append(&mut bytes);
        }
    }
    Ok(())
}

async fn slice(file: &File, from: f64, size: usize) -> Result<Uint8Array, JsValue> {
    let blob = file.slice_with_f64_and_f64(from, from + size as f64)?;
    let bytes = Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?);
    if bytes.length() as usize == size { Ok(bytes) } else { Err(JsError::new("the file became shorter").into()) }
}

fn sharing() -> Option<Sharing> {
    let navigator = window().navigator();
    let can = field(&navigator, "canShare").is_function();
    can.then(|| navigator.unchecked_into())
}

fn sharable(file: &File) -> JsValue {
    object([("files", Array::of1(file).into())])
}

fn can_share(file: &File) -> bool {
    sharing().is_some_and(|sharing| sharing.can_share(&sharable(file)).unwrap_or(false))
}

/// `销号-王建国-20261124-1530.xiaohao`, without what file systems do not take in a name.
fn file_name(person: &str, at: Timestamp) -> String {
    let person: String = person.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let (day, minute) = (at.date().to_string().replace('-', ""), at.minute_of_day());
    format!("销号-{person}-{day}-{:02}{:02}.{ENDING}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_whose_and_when_on_every_file_system() {
        let at = Timestamp(1_795_505_405_000);
        assert_eq!(file_name("王建国", at), "销号-王建国-20261124-1530.xiaohao");
        assert_eq!(file_name("O'Neill / x", at), "销号-O_Neill___x-20261124-1530.xiaohao");
    }
}

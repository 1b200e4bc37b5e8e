//! Photos and how far their uploads are. Whether the office has one is known by what is absent: its upload.

use std::collections::{BTreeMap, BTreeSet};

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use xiaohao_shared::api::{ProblemKind, WantedPhoto};
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId};
use xiaohao_shared::sync::engine::Unsent;
use xiaohao_shared::sync::room::{self, FRESH, Kept, Worth};
use xiaohao_shared::time::DAY;

use super::batch::BYTES;
use super::vault::{SWEPT, place};
use super::{BY_AGE, DRAFTS, KEYS, PHOTOS, Store, StoreError, Tx, UPLOADS, put_json};
use crate::browser::{bytes, device_time, field, object, text_field};

/// Photos that stay on the phone; what is older can be fetched again.
const KEPT: usize = 600;
/// Documents that are in memory together.
const AT_ONCE: usize = 50;
/// Bytes of a thumbnail that nobody has read.
pub const TYPICAL_THUMB: u64 = 10_000;
/// A photo that no document here names.
const FOREIGN: Kept =
    Kept { id: PhotoId([0; 32]), bytes: TYPICAL_THUMB, only_here: false, is_open: false, worth: Worth::Foreign };

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPhoto {
    pub bytes: Vec<u8>,
    pub mime: String,
}

/// A photo that the office does not have yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    pub photo: PhotoId,
    pub issue: IssueId,
    /// The change that names it, which goes first: the office takes photos only of what it knows.
    pub change: ChangeHash,
    pub thumb: bool,
    /// Bytes.
    pub size: u64,
    /// Where the office takes the rest of it.
    #[serde(default)]
    pub location: Option<String>,
    /// Why the office did not take it; it is not asked again unless the person says so.
    #[serde(default)]
    pub refusal: Option<PhotoRefusal>,
}

/// Why a photo does not reach the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoRefusal {
    /// The bytes on this phone are not those that were taken, or the browser threw them away.
    Damaged,
    /// The office looked at it and said no.
    Office(ProblemKind),
}

impl Upload {
    /// What the office named in an issue and lost: the change went long ago.
    pub fn wanted(wanted: &WantedPhoto) -> Self {
        let WantedPhoto { photo, issue, thumb } = *wanted;
        Self { photo, issue, change: ChangeHash([0; 32]), thumb, size: 0, location: None, refusal: None }
    }

    /// The uploads that a change calls for. A thumbnail's size is found out when it is read.
    pub fn of(unsent: &Unsent) -> impl Iterator<Item = Self> + '_ {
        let (issue, change) = (unsent.issue, unsent.hash);
        let new = move |photo, thumb, size| Self { photo, issue, change, thumb, size, location: None, refusal: None };
        unsent.intent.photos.iter().flat_map(move |(id, photo)| {
            let thumb = photo.thumb.map(|thumb| new(thumb, true, 0));
            thumb.into_iter().chain([new(*id, false, photo.size)])
        })
    }
}

impl Store {
    /// Makes photos durable, all or none.
    pub async fn put_photos(&self, photos: &[(PhotoId, StoredPhoto)]) -> Result<(), StoreError> {
        let tx = self.db.write(&[PHOTOS])?;
        for (id, photo) in photos {
            let record = object([
                ("bytes", bytes(&photo.bytes)),
                ("mime", photo.mime.as_str().into()),
                (BY_AGE, JsValue::from_f64(device_time().0 as f64)),
            ]);
            tx.put(PHOTOS, &id.to_string(), &record)?;
        }
        tx.done().await
    }

    /// What the office has, too, goes into the vault where there is one.
    pub async fn put_fetched(&self, id: PhotoId, photo: &StoredPhoto) -> Result<(), StoreError> {
        let key = id.to_string();
        let record = object([
            self.sealer.shut(&place(PHOTOS, &key), BYTES, &photo.bytes),
            ("mime", photo.mime.as_str().into()),
            (BY_AGE, JsValue::from_f64(device_time().0 as f64)),
        ]);
        let tx = self.db.write(&[PHOTOS])?;
        tx.put(PHOTOS, &key, &record)?;
        tx.done().await
    }

    pub async fn photo(&self, id: PhotoId) -> Result<Option<StoredPhoto>, StoreError> {
        let key = id.to_string();
        let Some(record) = self.db.read(&[PHOTOS])?.get(PHOTOS, &key).await? else { return Ok(None) };
        let bytes = self.sealer.read(&place(PHOTOS, &key), BYTES, &record)?;
        Ok(bytes.zip(text_field(&record, "mime")).map(|(bytes, mime)| StoredPhoto { bytes, mime }))
    }

    /// The bytes alone, outside of this module's memory: a day's photos are more than it should hold at once.
    pub async fn photo_bytes(&self, id: PhotoId) -> Result<Option<Uint8Array>, StoreError> {
        let key = id.to_string();
        let Some(record) = self.db.read(&[PHOTOS])?.get(PHOTOS, &key).await? else { return Ok(None) };
        match field(&record, BYTES).dyn_into() {
            Ok(plain) => Ok(Some(plain)),
            // The office had it and lost it.
            Err(_) => {
                Ok(self.sealer.read(&place(PHOTOS, &key), BYTES, &record)?.map(|plain| Uint8Array::from(&plain[..])))
            }
        }
    }

    pub async fn photo_ids(&self) -> Result<Vec<PhotoId>, StoreError> {
        let keys = self.db.read(&[PHOTOS])?.keys_by(PHOTOS, BY_AGE).await?;
        Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
    }

    pub async fn uploads(&self) -> Result<Vec<Upload>, StoreError> {
        let uploads = self.db.read(&[UPLOADS])?.all(UPLOADS).await?;
        Ok(uploads.iter().filter_map(|(_, upload)| serde_json::from_str(&upload.as_string()?).ok()).collect())
    }

    pub async fn put_upload(&self, upload: &Upload) -> Result<(), StoreError> {
        self.set_json(UPLOADS, &upload.photo.to_string(), upload).await
    }

    /// The office lost it, so only this phone has it: it leaves the vault, to be sent also where nobody opens that.
    pub async fn bring_out(&self, upload: &Upload) -> Result<(), StoreError> {
        let key = upload.photo.to_string();
        let tx = self.db.write(&[UPLOADS, PHOTOS])?;
        put_json(&tx, UPLOADS, &key, upload)?;
        self.unseal_photo(&tx, &key).await?;
        tx.done().await
    }

    pub(super) async fn unseal_photo(&self, tx: &Tx, key: &str) -> Result<(), StoreError> {
        if let Some(record) = tx.get(PHOTOS, key).await?
            && let Some(plain) = self.sealer.brought_out(&place(PHOTOS, key), BYTES, &record)?
        {
            tx.put(PHOTOS, key, &plain)?;
        }
        Ok(())
    }

    /// The office has it now, so it goes into the vault where there is one; if nobody has opened that, when somebody does.
    pub async fn finish_upload(&self, photo: PhotoId) -> Result<(), StoreError> {
        let key = photo.to_string();
        let tx = self.db.write(&[UPLOADS, PHOTOS, KEYS])?;
        tx.delete(UPLOADS, &key)?;
        if self.sealer.is_open() {
            self.turn(&tx, PHOTOS, BYTES, std::slice::from_ref(&key)).await?;
        } else {
            tx.delete(KEYS, SWEPT)?;
        }
        tx.done().await
    }

    /// Lets go of photos beyond a bound, and of so many bytes of them, but never of one that only this phone has.
    pub async fn trim_photos(&self, excess: u64) -> Result<(), StoreError> {
        let many = self.photo_ids().await?.len() > KEPT;
        if !many && excess == 0 {
            return Ok(());
        }
        let worth = self.worth().await?;
        let tx = self.db.write_relaxed(&[PHOTOS, UPLOADS, DRAFTS])?;
        let photos = tx.keys_by(PHOTOS, BY_AGE).await?;
        let waiting = tx.all(UPLOADS).await?;
        let drafts: Vec<String> = tx.all(DRAFTS).await?.iter().filter_map(|(_, draft)| draft.as_string()).collect();
        let unnamed = photos.iter().filter(|key| key.parse().is_ok_and(|id| !worth.contains_key(&id)));
        let unnamed: Vec<String> = unnamed.cloned().collect();
        let since = (device_time() + -DAY).0 as f64;
        // What was just taken is named by nothing yet.
        let is_young =
            |photo: &Option<JsValue>| photo.as_ref().is_some_and(|it| field(it, BY_AGE).as_f64() > Some(since));
        let records = tx.get_many(PHOTOS, &unnamed).await?;
        let young = unnamed.iter().zip(&records).filter(|(_, photo)| is_young(photo));
        let young: BTreeSet<&String> = young.map(|(key, _)| key).collect();
        let kept = |key: &String| {
            let id = key.parse().ok()?;
            let drafted = drafts.iter().any(|draft| draft.contains(key.as_str()));
            let only_here = drafted || young.contains(key) || waiting.iter().any(|(waiting, _)| waiting == key);
            Some(Kept { id, only_here, ..worth.get(&id).copied().unwrap_or(FOREIGN) })
        };
        for id in room::let_go(photos.iter().filter_map(kept).collect(), KEPT, excess) {
            tx.delete(PHOTOS, &id.to_string())?;
        }
        tx.done().await
    }

    /// What the documents here say of their photos.
    pub(super) async fn worth(&self) -> Result<BTreeMap<PhotoId, Kept>, StoreError> {
        let (me, since) = (self.office().await?.map(|office| office.me.id), device_time() + -FRESH);
        let rows = self.rows().await?;
        let issues: Vec<IssueId> = rows.iter().filter(|row| row.photos > 0).map(|row| row.id).collect();
        let mut worth = BTreeMap::new();
        for some in issues.chunks(AT_ONCE) {
            for (issue, stored) in self.load(some, 0).await? {
                let read = stored.and_then(|stored| Document::load(&stored.bytes).ok()?.read(issue).ok());
                let Some(read) = read else { continue };
                for (id, photo) in &read.photos {
                    let worth_of = match Some(photo.by) == me {
                        true if photo.taken_at > since => Worth::Fresh,
                        true => Worth::Mine,
                        false => Worth::Foreign,
                    };
                    let kept = Kept { bytes: photo.size, is_open: read.state.is_open(), worth: worth_of, ..FOREIGN };
                    worth.insert(*id, Kept { id: *id, ..kept });
                    worth.extend(photo.thumb.map(|id| (id, Kept { id, bytes: TYPICAL_THUMB, ..kept })));
                }
            }
        }
        Ok(worth)
    }
}

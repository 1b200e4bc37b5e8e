//! Photos and how far their uploads are. Whether the office has one is known by what is absent: its upload.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use xiaohao_shared::api::{ProblemKind, WantedPhoto};
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId};
use xiaohao_shared::sync::engine::Unsent;

use super::{BY_AGE, DRAFTS, PHOTOS, Store, StoreError, UPLOADS};
use crate::browser::{bytes, bytes_field, device_time, field, object, text_field};

/// Photos that stay on the phone; what is older can be fetched again.
const KEPT: usize = 600;

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

    pub async fn photo(&self, id: PhotoId) -> Result<Option<StoredPhoto>, StoreError> {
        let record = self.db.read(&[PHOTOS])?.get(PHOTOS, &id.to_string()).await?;
        Ok(record.and_then(|record| {
            Some(StoredPhoto { bytes: bytes_field(&record, "bytes")?, mime: text_field(&record, "mime")? })
        }))
    }

    /// The bytes alone, outside of this module's memory: a day's photos are more than it should hold at once.
    pub async fn photo_bytes(&self, id: PhotoId) -> Result<Option<Uint8Array>, StoreError> {
        let record = self.db.read(&[PHOTOS])?.get(PHOTOS, &id.to_string()).await?;
        Ok(record.and_then(|record| field(&record, "bytes").dyn_into().ok()))
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

    pub async fn finish_upload(&self, photo: PhotoId) -> Result<(), StoreError> {
        let tx = self.db.write(&[UPLOADS])?;
        tx.delete(UPLOADS, &photo.to_string())?;
        tx.done().await
    }

    /// Lets go of the oldest photos beyond a bound, but never of one that only this phone has.
    pub async fn trim_photos(&self) -> Result<(), StoreError> {
        let tx = self.db.write_relaxed(&[PHOTOS, UPLOADS, DRAFTS])?;
        let photos = tx.keys_by(PHOTOS, BY_AGE).await?;
        let waiting = tx.all(UPLOADS).await?;
        let drafts: Vec<String> = tx.all(DRAFTS).await?.iter().filter_map(|(_, draft)| draft.as_string()).collect();
        let needed = |id: &String| {
            waiting.iter().any(|(waiting, _)| waiting == id) || drafts.iter().any(|draft| draft.contains(id.as_str()))
        };
        let surplus = photos.len().saturating_sub(KEPT);
        for id in photos.iter().filter(|id| !needed(id)).take(surplus) {
            tx.delete(PHOTOS, id)?;
        }
        tx.done().await
    }
}

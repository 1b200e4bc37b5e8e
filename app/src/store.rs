//! What this device keeps, in IndexedDB: names and schema of the stores, and one function per thing that is done with them.
//! Must not know the engine's rules; a batch becomes durable whole or not at all.

pub mod batch;
pub mod carried;
pub mod errands;
mod idb;
pub mod identity;
pub mod photos;
pub mod seats;
pub mod vault;

use std::cell::Cell;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::IdbDatabase;
use xiaohao_shared::api::Office;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::summary::Summary;

pub use idb::StoreError;
use idb::{Db, Tx, Upgrade};

use self::seats::Seat;
use self::vault::{Sealer, is_private, place};
use crate::browser::object;

/// Single values: the position, the storage's number, the clock's error, the journal.
const META: &str = "meta";
/// Issue id → bytes, number, receipt.
const DOCUMENTS: &str = "documents";
/// Issue id → zone, fingerprint, summary: all that a start and a list need.
const ROWS: &str = "rows";
/// Change hash → change that the office does not have, with its order.
const OUTBOX: &str = "outbox";
/// Change hash → change that the office did not merge.
const REFUSED: &str = "refused";
/// Bytes that would not merge.
const SET_ASIDE: &str = "set_aside";
/// The device's key and number.
const KEYS: &str = "keys";
/// What the office said of people and zones.
const DIRECTORY: &str = "directory";
/// SHA-256 → bytes, type, since when.
const PHOTOS: &str = "photos";
/// SHA-256 → how far the upload of a photo is.
const UPLOADS: &str = "uploads";
/// Name → how far the work of somebody else that this device carries has come.
const CARRIED: &str = "carried";
/// Name and part → the bytes of it, as they stood in the file.
const PARCELS: &str = "parcels";
/// What was done beside the issues → how the office is told.
const ERRANDS: &str = "errands";
/// Name → what a person has begun to write.
const DRAFTS: &str = "drafts";

/// The photos that were kept longest come first.
const BY_AGE: &str = "kept_at";

/// Never change a step that was shipped: add one.
const UPGRADES: &[Upgrade] = &[records, pictures, parcels, errands];

fn records(database: &IdbDatabase) -> Result<(), JsValue> {
    for name in [META, DOCUMENTS, ROWS, OUTBOX, REFUSED, SET_ASIDE, KEYS, DIRECTORY] {
        database.create_object_store(name)?;
    }
    Ok(())
}

fn pictures(database: &IdbDatabase) -> Result<(), JsValue> {
    for name in [UPLOADS, DRAFTS] {
        database.create_object_store(name)?;
    }
    let photos = database.create_object_store(PHOTOS)?;
    photos.create_index_with_str(BY_AGE, BY_AGE)?;
    Ok(())
}

fn parcels(database: &IdbDatabase) -> Result<(), JsValue> {
    for name in [CARRIED, PARCELS] {
        database.create_object_store(name)?;
    }
    Ok(())
}

fn errands(database: &IdbDatabase) -> Result<(), JsValue> {
    database.create_object_store(ERRANDS).map(drop)
}

#[derive(Clone)]
pub struct Store {
    db: Db,
    seat: Seat,
    /// The number of the last change that was put into the outbox.
    order: Rc<Cell<f64>>,
    sealer: Sealer,
}

impl Store {
    /// That of one person: whoever holds it speaks as him and as nobody else.
    pub async fn open(seat: Seat) -> Result<Self, StoreError> {
        let db = Db::open(&seat.database(), UPGRADES).await?;
        Ok(Self { db, seat, order: Rc::default(), sealer: Sealer::default() })
    }

    /// Forgets everything that this person's store knows, its key included.
    pub async fn wipe(self) -> Result<(), StoreError> {
        self.db.delete(&self.seat.database()).await
    }

    /// All rows, by id.
    pub async fn rows(&self) -> Result<Vec<Summary>, StoreError> {
        let rows = self.db.read(&[ROWS])?.all(ROWS).await?;
        let rows = rows.iter().map(|(key, row)| self.summary(key, row));
        rows.filter_map(Result::transpose).collect()
    }

    /// Some rows; `None` for those that are not here any more.
    pub async fn rows_of(&self, issues: &[IssueId]) -> Result<Vec<Option<Summary>>, StoreError> {
        let keys: Vec<String> = issues.iter().map(IssueId::to_string).collect();
        let rows = self.db.read(&[ROWS])?.get_many(ROWS, &keys).await?;
        let row = |(key, row): (&String, &Option<JsValue>)| match row {
            Some(row) => self.summary(key, row),
            None => Ok(None),
        };
        keys.iter().zip(&rows).map(row).collect()
    }

    pub async fn office(&self) -> Result<Option<Office>, StoreError> {
        self.json(DIRECTORY, "office").await
    }

    pub async fn set_office(&self, office: &Office) -> Result<(), StoreError> {
        self.set_json(DIRECTORY, "office", office).await
    }

    pub async fn draft<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.json(DRAFTS, name).await
    }

    pub async fn set_draft<T: Serialize>(&self, name: &str, draft: &T) -> Result<(), StoreError> {
        self.set_json(DRAFTS, name, draft).await
    }

    /// Read and written in one: of two tabs none undoes what the other did. Not for what the vault seals.
    pub async fn change_draft<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        change: impl FnOnce(Option<T>) -> T,
    ) -> Result<T, StoreError> {
        let tx = self.db.write(&[DRAFTS])?;
        let before = tx.get(DRAFTS, name).await?.and_then(|value| value.as_string());
        let after = change(before.and_then(|text| serde_json::from_str(&text).ok()));
        put_json(&tx, DRAFTS, name, &after)?;
        tx.done().await?;
        Ok(after)
    }

    pub async fn has_draft(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.db.read(&[DRAFTS])?.get(DRAFTS, name).await?.is_some())
    }

    pub async fn drop_draft(&self, name: &str) -> Result<(), StoreError> {
        let tx = self.db.write(&[DRAFTS])?;
        tx.delete(DRAFTS, name)?;
        tx.done().await
    }

    async fn json<T: DeserializeOwned>(&self, store: &str, key: &str) -> Result<Option<T>, StoreError> {
        let value = self.db.read(&[store])?.get(store, key).await?;
        let Some(value) = value else { return Ok(None) };
        let text = match value.as_string() {
            Some(text) => Some(text),
            None => self.sealer.read_text(&place(store, key), "", &value)?,
        };
        // What an older app wrote in another form counts as absent: it comes again from the office, or is begun anew.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn set_json<T: Serialize>(&self, store: &str, key: &str, value: &T) -> Result<(), StoreError> {
        let tx = self.db.write(&[store])?;
        match is_private(store, key) {
            true => tx.put(store, key, &self.private(store, key, value)?)?,
            false => put_json(&tx, store, key, value)?,
        }
        tx.done().await
    }

    fn private<T: Serialize>(&self, store: &str, key: &str, value: &T) -> Result<JsValue, StoreError> {
        let text = serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))?;
        let (name, value) = self.sealer.shut_text(&place(store, key), "", &text);
        Ok(if name.is_empty() { value } else { object([(name, value)]) })
    }

    fn summary(&self, key: &str, row: &JsValue) -> Result<Option<Summary>, StoreError> {
        let text = self.sealer.read_text(&place(ROWS, key), batch::SUMMARY, row)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

fn put_json<T: Serialize>(tx: &Tx, store: &str, key: &str, value: &T) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))?;
    tx.put(store, key, &text.into())
}

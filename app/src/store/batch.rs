//! The engine's data: what it finds at start, loads, and stores; one batch is one transaction.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{IssueId, PhotoId, ZoneId};
use xiaohao_shared::sync::engine::{Batch, Failure, Found, Reached, Refused, StoredDocument, Unsent};
use xiaohao_shared::sync::wire::{LogId, Position, Receipt};
use xiaohao_shared::time::Timestamp;

use super::photos::Upload;
use super::vault::{Sealer, place as place_of};
use super::{
    DOCUMENTS, KEYS, META, OUTBOX, PHOTOS, REFUSED, ROWS, SET_ASIDE, Store, StoreError, Tx, UPLOADS, put_json,
};
use crate::browser::{bytes, bytes_field, device_time, field, object, random_u64, text_field};

const REACHED: &str = "reached";
const JOURNAL: &str = "journal";
const AVOIDED: &str = "avoided";
const SKEW: &str = "skew";
const UNKNOWN: &str = "unknown";
pub(super) const STOPPED: &str = "stopped";
const OFFERED: &str = "offered";

/// What says something of the documents, and nothing without them.
pub(super) const OF_DOCUMENTS: [&str; 5] = [REACHED, JOURNAL, AVOIDED, OFFERED, UNKNOWN];
pub(super) const BYTES: &str = "bytes";
pub(super) const SUMMARY: &str = "summary";

/// The documents that were being worked on. Found at start, it names what may have killed the worker; or the whole browser
/// was killed meanwhile, and they are innocent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub issues: Vec<IssueId>,
    /// Zero in ordinary work; how many workers in a row have looked at this one document alone.
    pub trial: u32,
}

/// Documents that killed a worker of this version of the app: they are left alone until there is another version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avoided {
    pub version: String,
    pub issues: Vec<IssueId>,
}

/// A document as it is stored, if it is.
pub type Loaded = (IssueId, Option<StoredDocument>);

/// [`Reached`] as it lies in the store.
#[derive(Encode, Decode)]
struct ReachedRecord {
    #[n(0)]
    log: Option<LogId>,
    #[n(1)]
    scopes: Vec<(ZoneId, Position)>,
    #[n(2)]
    last_contact: Option<Timestamp>,
    #[n(3)]
    unproven: Option<bool>,
}

impl Store {
    pub async fn found(&self) -> Result<Found, StoreError> {
        let tx = self.db.read(&[META, ROWS, OUTBOX, REFUSED])?;
        let reached = tx.get(META, REACHED).await?;
        let rows = tx.all(ROWS).await?;
        let outbox = tx.all(OUTBOX).await?;
        let refused = tx.all(REFUSED).await?;
        Ok(Found {
            reached: reached.and_then(|record| read_reached(&record)).unwrap_or_default(),
            documents: rows.iter().filter_map(|(issue, row)| Some((issue.parse().ok()?, place(row)?))).collect(),
            unsent: self.in_order(&outbox),
            refused: refused.iter().filter_map(|(_, record)| json_of(record)).collect(),
        })
    }

    /// The changes that the office does not have, in the order in which they were made.
    pub async fn unsent(&self) -> Result<Vec<Unsent>, StoreError> {
        let outbox = self.db.read(&[OUTBOX])?.all(OUTBOX).await?;
        Ok(ordered(&outbox).into_iter().map(|(_, unsent)| unsent).collect())
    }

    /// The issues whose documents are here, and not only their rows.
    pub async fn documents_here(&self) -> Result<BTreeSet<IssueId>, StoreError> {
        let keys = self.db.read(&[DOCUMENTS])?.keys(DOCUMENTS).await?;
        Ok(keys.iter().filter_map(|key| key.parse().ok()).collect())
    }

    /// Notes what is loaded in the same transaction: should the worker die of it, the next one knows.
    pub async fn load(&self, issues: &[IssueId], trial: u32) -> Result<Vec<Loaded>, StoreError> {
        let keys: Vec<String> = issues.iter().map(IssueId::to_string).collect();
        let tx = self.db.write_relaxed(&[META, DOCUMENTS, ROWS])?;
        put_json(&tx, META, JOURNAL, &Journal { issues: issues.to_vec(), trial })?;
        let documents = tx.get_many(DOCUMENTS, &keys).await?;
        let rows = tx.get_many(ROWS, &keys).await?;
        tx.done().await?;
        let read = |((issue, document), row): ((&IssueId, Option<JsValue>), Option<JsValue>)| {
            let stored = document.zip(row).map(|(document, row)| self.read_document(*issue, &document, &row));
            Ok((*issue, stored.transpose()?.flatten()))
        };
        issues.iter().zip(documents).zip(rows).map(read).collect()
    }

    /// Everything becomes durable together, or nothing does.
    pub async fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let photos = self.photos_to_bring_out(batch);
        let mut stores = vec![META, DOCUMENTS, ROWS, OUTBOX, REFUSED, SET_ASIDE, UPLOADS, KEYS];
        stores.extend((!photos.is_empty()).then_some(PHOTOS));
        let tx = self.db.write(&stores)?;
        self.still_stands(&tx).await?;
        tx.delete(META, JOURNAL)?;
        put_documents(&tx, &self.sealer, batch)?;
        self.put_changes(&tx, batch)?;
        for key in &photos {
            self.unseal_photo(&tx, key).await?;
        }
        for (issue, content) in &batch.set_aside {
            put_aside(&tx, &self.sealer, *issue, content)?;
        }
        if let Some(reached) = &batch.position {
            tx.put(META, REACHED, &write_reached(reached))?;
        }
        tx.done().await
    }

    /// Who took a photo long before he wrote of it may find it sealed: now that only this phone has it, it lies outside.
    fn photos_to_bring_out(&self, batch: &Batch) -> Vec<String> {
        let may_be_sealed = batch.unsent.iter().filter(|_| self.sealer.is_open());
        may_be_sealed.flat_map(Upload::of).map(|upload| upload.photo.to_string()).collect()
    }

    pub async fn journal(&self) -> Result<Option<Journal>, StoreError> {
        self.json(META, JOURNAL).await
    }

    pub async fn clear_journal(&self) -> Result<(), StoreError> {
        let tx = self.db.write_relaxed(&[META])?;
        tx.delete(META, JOURNAL)?;
        tx.done().await
    }

    /// Takes a document that killed a worker out of the way. Its bytes are kept, and so is what was not sent of it.
    pub async fn set_aside(&self, issue: IssueId, version: &str) -> Result<(), StoreError> {
        let mut avoided = self.avoided(version).await?;
        avoided.issues.push(issue);
        let key = issue.to_string();
        let tx = self.db.write(&[META, DOCUMENTS, ROWS, SET_ASIDE])?;
        let content = match tx.get(DOCUMENTS, &key).await? {
            // What nobody can open any more must not keep the others waiting.
            Some(document) => self.sealer.read(&place_of(DOCUMENTS, &key), BYTES, &document).unwrap_or_default(),
            None => None,
        };
        put_aside(&tx, &self.sealer, issue, &content.unwrap_or_default())?;
        tx.delete(DOCUMENTS, &key)?;
        tx.delete(ROWS, &key)?;
        put_json(&tx, META, AVOIDED, &avoided)?;
        tx.delete(META, JOURNAL)?;
        tx.done().await
    }

    /// What this version of the app must not touch.
    pub async fn avoided(&self, version: &str) -> Result<Avoided, StoreError> {
        let avoided: Option<Avoided> = self.json(META, AVOIDED).await?;
        let fresh = Avoided { version: version.into(), issues: Vec::new() };
        Ok(avoided.filter(|avoided| avoided.version == version).unwrap_or(fresh))
    }

    pub async fn count_set_aside(&self) -> Result<u32, StoreError> {
        Ok(self.db.read(&[SET_ASIDE])?.all(SET_ASIDE).await?.len() as u32)
    }

    /// Milliseconds by which the office's clock is ahead of this device's.
    pub async fn skew(&self) -> Result<i64, StoreError> {
        Ok(self.json(META, SKEW).await?.unwrap_or_default())
    }

    pub async fn set_skew(&self, skew: i64) -> Result<(), StoreError> {
        let tx = self.db.write_relaxed(&[META])?;
        put_json(&tx, META, SKEW, &skew)?;
        tx.done().await
    }

    /// The log whose office was offered the photos of this phone.
    pub async fn offered(&self) -> Result<Option<LogId>, StoreError> {
        let log = self.db.read(&[META])?.get(META, OFFERED).await?;
        Ok(log.and_then(|log| log.dyn_into::<js_sys::Uint8Array>().ok()?.to_vec().try_into().ok()).map(LogId))
    }

    /// Of the photos that were offered to it, the office knew nothing of these.
    pub async fn unknown(&self) -> Result<Vec<PhotoId>, StoreError> {
        Ok(self.json(META, UNKNOWN).await?.unwrap_or_default())
    }

    pub async fn set_offered(&self, log: LogId, unknown: &[PhotoId]) -> Result<(), StoreError> {
        let tx = self.db.write(&[META])?;
        tx.put(META, OFFERED, &bytes(&log.0))?;
        put_json(&tx, META, UNKNOWN, &unknown)?;
        tx.done().await
    }

    /// Why nobody may work with this device.
    pub async fn stopped(&self) -> Result<Option<Failure>, StoreError> {
        Ok(self.json(META, STOPPED).await?.flatten())
    }

    pub async fn set_stopped(&self, stopped: Option<Failure>) -> Result<(), StoreError> {
        self.set_json(META, STOPPED, &stopped).await
    }

    fn read_document(
        &self,
        issue: IssueId,
        document: &JsValue,
        row: &JsValue,
    ) -> Result<Option<StoredDocument>, StoreError> {
        let key = issue.to_string();
        let bytes = self.sealer.read(&place_of(DOCUMENTS, &key), BYTES, document)?;
        let parts = bytes.zip(self.summary(&key, row)?).zip(place(row));
        Ok(parts.map(|((bytes, summary), (zone, fingerprint))| StoredDocument {
            issue,
            zone,
            fingerprint,
            bytes,
            number: text_field(document, "number"),
            receipt: bytes_field(document, "receipt").and_then(|bytes| Some(Receipt(bytes.try_into().ok()?))),
            summary,
        }))
    }

    fn put_changes(&self, tx: &Tx, batch: &Batch) -> Result<(), StoreError> {
        for hash in &batch.sent {
            tx.delete(OUTBOX, &hash.to_string())?;
        }
        for unsent in &batch.unsent {
            let order = self.order.get() + 1.0;
            self.order.set(order);
            tx.put(OUTBOX, &unsent.hash.to_string(), &write_unsent(unsent, order)?)?;
            for upload in Upload::of(unsent) {
                put_json(tx, UPLOADS, &upload.photo.to_string(), &upload)?;
            }
        }
        // In this order: what the desk gave back is dismissed as held and kept as refused.
        for hash in &batch.dismissed {
            tx.delete(REFUSED, &hash.to_string())?;
        }
        for refused in &batch.refused {
            put_json(tx, REFUSED, &refused.hash.to_string(), refused)?;
        }
        Ok(())
    }

    /// Goes on counting where the last change stands.
    fn in_order(&self, outbox: &[(String, JsValue)]) -> Vec<Unsent> {
        let unsent = ordered(outbox);
        self.order.set(unsent.last().map_or(0.0, |(order, _)| *order));
        unsent.into_iter().map(|(_, unsent)| unsent).collect()
    }
}

/// The order in which changes were made is a counter, not a time: a phone's clock may go back.
fn ordered(outbox: &[(String, JsValue)]) -> Vec<(f64, Unsent)> {
    let mut unsent: Vec<_> = outbox.iter().filter_map(|(hash, record)| read_unsent(hash, record)).collect();
    unsent.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    unsent
}

fn put_documents(tx: &Tx, sealer: &Sealer, batch: &Batch) -> Result<(), StoreError> {
    for document in &batch.documents {
        let key = document.issue.to_string();
        tx.put(DOCUMENTS, &key, &write_document(sealer, &key, document))?;
        tx.put(ROWS, &key, &write_row(sealer, &key, document)?)?;
    }
    for issue in &batch.gone {
        tx.delete(DOCUMENTS, &issue.to_string())?;
        tx.delete(ROWS, &issue.to_string())?;
    }
    for issue in &batch.shed {
        tx.delete(DOCUMENTS, &issue.to_string())?;
    }
    Ok(())
}

fn put_aside(tx: &Tx, sealer: &Sealer, issue: IssueId, content: &[u8]) -> Result<(), StoreError> {
    let key = format!("{issue}/{:016x}", random_u64());
    let at = JsValue::from_f64(device_time().0 as f64);
    let content = sealer.shut(&place_of(SET_ASIDE, &key), BYTES, content);
    tx.put(SET_ASIDE, &key, &object([("issue", issue.to_string().into()), content, ("at", at)]))
}

fn write_document(sealer: &Sealer, key: &str, document: &StoredDocument) -> JsValue {
    let receipt = document.receipt.map_or(JsValue::NULL, |receipt| bytes(&receipt.0));
    let number = document.number.as_deref().map_or(JsValue::NULL, JsValue::from_str);
    object([sealer.shut(&place_of(DOCUMENTS, key), BYTES, &document.bytes), ("number", number), ("receipt", receipt)])
}

/// The fingerprint as text: a number of JavaScript holds only 53 bits.
fn write_row(sealer: &Sealer, key: &str, document: &StoredDocument) -> Result<JsValue, StoreError> {
    let summary = serde_json::to_string(&document.summary).map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(object([
        ("zone", document.zone.0.into()),
        ("fingerprint", format!("{:016x}", document.fingerprint).into()),
        sealer.shut_text(&place_of(ROWS, key), SUMMARY, &summary),
    ]))
}

fn place(row: &JsValue) -> Option<(ZoneId, u64)> {
    let fingerprint = u64::from_str_radix(&text_field(row, "fingerprint")?, 16).ok()?;
    Some((ZoneId(field(row, "zone").as_f64()? as u32), fingerprint))
}

fn write_unsent(unsent: &Unsent, order: f64) -> Result<JsValue, StoreError> {
    let intent = serde_json::to_string(&unsent.intent).map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(object([
        ("issue", unsent.issue.to_string().into()),
        ("change", bytes(&unsent.change)),
        ("intent", intent.into()),
        ("made_at", JsValue::from_f64(unsent.made_at.0 as f64)),
        ("order", JsValue::from_f64(order)),
    ]))
}

fn read_unsent(hash: &str, record: &JsValue) -> Option<(f64, Unsent)> {
    let intent: Edit = serde_json::from_str(&text_field(record, "intent")?).ok()?;
    let unsent = Unsent {
        hash: hash.parse().ok()?,
        issue: text_field(record, "issue")?.parse().ok()?,
        change: bytes_field(record, "change")?,
        intent,
        made_at: Timestamp(field(record, "made_at").as_f64()? as i64),
    };
    Some((field(record, "order").as_f64()?, unsent))
}

fn json_of(record: &JsValue) -> Option<Refused> {
    serde_json::from_str(&record.as_string()?).ok()
}

fn write_reached(reached: &Reached) -> JsValue {
    let scopes = reached.scopes.iter().map(|(zone, position)| (*zone, *position)).collect();
    let Reached { log, last_contact, unproven, .. } = *reached;
    let record = ReachedRecord { log, scopes, last_contact, unproven: unproven.then_some(true) };
    // Encoding into a Vec cannot fail: its error type is `Infallible`.
    bytes(&minicbor::to_vec(&record).unwrap_or_default())
}

fn read_reached(record: &JsValue) -> Option<Reached> {
    let content = record.dyn_ref::<js_sys::Uint8Array>()?.to_vec();
    let ReachedRecord { log, scopes, last_contact, unproven } = minicbor::decode(&content).ok()?;
    Some(Reached { log, scopes: scopes.into_iter().collect(), last_contact, unproven: unproven.unwrap_or_default() })
}

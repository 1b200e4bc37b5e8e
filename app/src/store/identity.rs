//! Who this device is: a key that cannot leave the browser, the one before it and the one after it, and the number that the office
//! gave it. Must not know which of them the office knows.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::time::Timestamp;

use super::{KEYS, Store, StoreError};
use crate::browser::{field, object, text_field};

/// Kept apart from the number: a key that waits for its answer must survive a closed tab.
const KEY: &str = "key";
/// The one that is to follow it: the office may know it already, where an answer was lost.
const NEXT: &str = "next";
/// The one before it, until there is another: an office that was restored from a backup may know no other.
const FORMER: &str = "former";
const DEVICE: &str = "device";
/// When an enrolment was last asked for whose answer is not known.
const ASKED: &str = "asked";
/// Of the passkeys that somebody has used at this device, their names.
pub(super) const PASSKEYS: &str = "passkeys";

/// The device's own key pair; `public` is the uncompressed point in base64url.
#[derive(Clone)]
pub struct Key {
    pub private: CryptoKey,
    pub public: String,
    /// `None` where an app made it that did not keep the time.
    pub made_at: Option<Timestamp>,
}

/// The keys of this device.
pub struct Keys {
    /// The one that signs.
    pub key: Key,
    pub next: Option<Key>,
    pub former: Option<Key>,
}

impl Keys {
    /// The change that the office is to hear of, or to hear of once more: from which key to which. Twice the same where there is one only.
    pub fn change(self) -> (Key, Key) {
        match (self.next, self.former) {
            (Some(next), _) => (self.key, next),
            (None, Some(former)) => (former, self.key),
            (None, None) => (self.key.clone(), self.key),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub device: DeviceId,
}

fn key(record: &JsValue) -> Option<Key> {
    let private: JsValue = field(record, "private");
    let made_at = field(record, "made_at").as_f64().map(|at| Timestamp(at as i64));
    Some(Key { private: private.dyn_into().ok()?, public: text_field(record, "public")?, made_at })
}

fn record(key: &Key) -> JsValue {
    let made_at = key.made_at.map_or(JsValue::UNDEFINED, |at| JsValue::from_f64(at.0 as f64));
    object([("private", key.private.clone().into()), ("public", key.public.as_str().into()), ("made_at", made_at)])
}

impl Store {
    pub async fn key(&self) -> Result<Option<Key>, StoreError> {
        Ok(self.db.read(&[KEYS])?.get(KEYS, KEY).await?.and_then(|record| key(&record)))
    }

    /// Keeps a key where there is none, and gives the one that stands: two who make one at once come away with the same.
    pub async fn keep_key(&self, new: Key) -> Result<Key, StoreError> {
        let tx = self.db.write(&[KEYS])?;
        if let Some(before) = tx.get(KEYS, KEY).await?.and_then(|record| key(&record)) {
            return Ok(before);
        }
        tx.put(KEYS, KEY, &record(&new))?;
        tx.done().await?;
        Ok(new)
    }

    pub async fn keys(&self) -> Result<Option<Keys>, StoreError> {
        let tx = self.db.read(&[KEYS])?;
        let names = [KEY, NEXT, FORMER].map(str::to_owned);
        let mut found = tx.get_many(KEYS, &names).await?.into_iter().map(|it| it.and_then(|it| key(&it)));
        let (current, next, former) = (found.next().flatten(), found.next().flatten(), found.next().flatten());
        Ok(current.map(|key| Keys { key, next, former }))
    }

    /// From when on the age of the key counts that signs, where nobody has kept it.
    pub async fn date_key(&self, now: Timestamp) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        if let Some(before) = tx.get(KEYS, KEY).await?.and_then(|record| key(&record)).filter(|it| it.made_at.is_none())
        {
            tx.put(KEYS, KEY, &record(&Key { made_at: Some(now), ..before }))?;
            return tx.done().await;
        }
        Ok(())
    }

    /// Keeps a key beside the one that signs, before the office hears of it, and gives the one that stands there then: one that waits
    /// already stays.
    pub async fn keep_next(&self, new: Key) -> Result<Key, StoreError> {
        let tx = self.db.write(&[KEYS])?;
        if let Some(waits) = tx.get(KEYS, NEXT).await?.and_then(|record| key(&record)) {
            return Ok(waits);
        }
        tx.put(KEYS, NEXT, &record(&new))?;
        tx.done().await?;
        Ok(new)
    }

    /// The office will never take this one.
    pub async fn drop_next(&self, refused: &Key) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        let waits = tx.get(KEYS, NEXT).await?.and_then(|record| key(&record));
        if waits.is_some_and(|waits| waits.public == refused.public) {
            tx.delete(KEYS, NEXT)?;
        }
        tx.done().await
    }

    /// The office knows the new one.
    pub async fn key_is_changed(&self, former: &Key, new: &Key) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        tx.put(KEYS, KEY, &record(new))?;
        tx.put(KEYS, FORMER, &record(former))?;
        tx.delete(KEYS, NEXT)?;
        tx.done().await
    }

    /// The office knows the former one, and will not hear of another now.
    pub async fn key_is_not_changed(&self, former: &Key, new: &Key) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        tx.put(KEYS, KEY, &record(former))?;
        tx.put(KEYS, NEXT, &record(new))?;
        tx.delete(KEYS, FORMER)?;
        tx.done().await
    }

    pub async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.json(KEYS, DEVICE).await
    }

    pub async fn set_identity(&self, identity: Identity) -> Result<(), StoreError> {
        self.set_json(KEYS, DEVICE, &identity).await
    }

    /// Answers whether there was no such note yet.
    pub async fn note_asked(&self, now: Timestamp) -> Result<bool, StoreError> {
        let is_first = self.asked_at().await?.is_none();
        self.set_json(KEYS, ASKED, &now).await?;
        Ok(is_first)
    }

    pub async fn asked_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.json(KEYS, ASKED).await
    }

    pub async fn forget_asked(&self) -> Result<(), StoreError> {
        let tx = self.db.write(&[KEYS])?;
        tx.delete(KEYS, ASKED)?;
        tx.done().await
    }

    pub async fn passkeys_here(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.json(KEYS, PASSKEYS).await?.unwrap_or_default())
    }

    pub async fn set_passkeys_here(&self, credentials: &[String]) -> Result<(), StoreError> {
        self.set_json(KEYS, PASSKEYS, &credentials).await
    }
}

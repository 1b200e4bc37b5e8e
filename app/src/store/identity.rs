//! Who this device is: a key that cannot leave the browser, and the number that the office gave it.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;
use xiaohao_shared::id::DeviceId;

use super::{KEYS, Store, StoreError};
use crate::browser::{field, object, text_field};

/// Kept apart from the number: a key that waits for its answer must survive a closed tab.
const KEY: &str = "key";
const DEVICE: &str = "device";
/// Of the passkeys that somebody has used at this device, their names.
pub(super) const PASSKEYS: &str = "passkeys";

/// The device's own key pair; `public` is the uncompressed point in base64url.
#[derive(Clone)]
pub struct Key {
    pub private: CryptoKey,
    pub public: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub device: DeviceId,
}

fn key(record: &JsValue) -> Option<Key> {
    let private: JsValue = field(record, "private");
    Some(Key { private: private.dyn_into().ok()?, public: text_field(record, "public")? })
}

impl Store {
    pub async fn key(&self) -> Result<Option<Key>, StoreError> {
        Ok(self.db.read(&[KEYS])?.get(KEYS, KEY).await?.and_then(|record| key(&record)))
    }

    /// Keeps a key where there is none, and gives the one that stands: two who make one at once come away with the same.
    pub async fn keep_key(&self, new: Key) -> Result<Key, StoreError> {
        let record = object([("private", new.private.clone().into()), ("public", new.public.as_str().into())]);
        let tx = self.db.write(&[KEYS])?;
        if let Some(before) = tx.get(KEYS, KEY).await?.and_then(|record| key(&record)) {
            return Ok(before);
        }
        tx.put(KEYS, KEY, &record)?;
        tx.done().await?;
        Ok(new)
    }

    pub async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.json(KEYS, DEVICE).await
    }

    pub async fn set_identity(&self, identity: Identity) -> Result<(), StoreError> {
        self.set_json(KEYS, DEVICE, &identity).await
    }

    pub async fn passkeys_here(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.json(KEYS, PASSKEYS).await?.unwrap_or_default())
    }

    pub async fn set_passkeys_here(&self, credentials: &[String]) -> Result<(), StoreError> {
        self.set_json(KEYS, PASSKEYS, &credentials).await
    }
}

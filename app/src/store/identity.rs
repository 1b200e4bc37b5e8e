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

impl Store {
    pub async fn key(&self) -> Result<Option<Key>, StoreError> {
        let record = self.db.read(&[KEYS])?.get(KEYS, KEY).await?;
        Ok(record.and_then(|record| {
            let private: JsValue = field(&record, "private");
            Some(Key { private: private.dyn_into().ok()?, public: text_field(&record, "public")? })
        }))
    }

    pub async fn set_key(&self, key: &Key) -> Result<(), StoreError> {
        let record = object([("private", key.private.clone().into()), ("public", key.public.as_str().into())]);
        let tx = self.db.write(&[KEYS])?;
        tx.put(KEYS, KEY, &record)?;
        tx.done().await
    }

    pub async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.json(KEYS, DEVICE).await
    }

    pub async fn set_identity(&self, identity: Identity) -> Result<(), StoreError> {
        self.set_json(KEYS, DEVICE, &identity).await
    }
}

//! The key that wraps the key of the store, made of what an authenticator says only to whoever proves who he is (its PRF). Those bytes
//! stay in here; what leaves is a key that cannot be read, only used.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use crate::browser::{crypto, field, object, random};

const NONCE: usize = 12;
/// So that the same secret never makes the same key for another purpose.
const PURPOSE: &[u8] = b"xiaohao: the key of the store";

pub struct Wrap(CryptoKey);

impl Wrap {
    /// `None` where this authenticator or this browser has no PRF.
    pub(super) async fn of(credential: &JsValue) -> Option<Self> {
        let results = js_sys::Reflect::get(credential, &"getClientExtensionResults".into()).ok()?;
        let results = results.dyn_into::<js_sys::Function>().ok()?.call0(credential).ok()?;
        let secret = field(&field(&field(&results, "prf"), "results"), "first");
        if !secret.is_object() {
            return None;
        }
        derived(&Uint8Array::new(&secret)).await.ok().map(Self)
    }

    pub async fn close(&self, key: &[u8]) -> Result<Vec<u8>, JsValue> {
        let nonce: [u8; NONCE] = random();
        let (way, data) = (way(&nonce), Uint8Array::from(key));
        let closed = crypto().encrypt_with_object_and_buffer_source(way.unchecked_ref(), &self.0, &data)?;
        let closed = Uint8Array::new(&JsFuture::from(closed).await?).to_vec();
        Ok([&nonce[..], &closed].concat())
    }

    /// `None` where it was closed by another one.
    pub async fn open(&self, wrapped: &[u8]) -> Option<Vec<u8>> {
        let (nonce, closed) = wrapped.split_first_chunk::<NONCE>()?;
        let (way, data) = (way(nonce), Uint8Array::from(closed));
        let open = crypto().decrypt_with_object_and_buffer_source(way.unchecked_ref(), &self.0, &data).ok()?;
        Some(Uint8Array::new(&JsFuture::from(open).await.ok()?).to_vec())
    }
}

fn way(nonce: &[u8; NONCE]) -> JsValue {
    object([("name", "AES-GCM".into()), ("iv", Uint8Array::from(&nonce[..]).into())])
}

async fn derived(secret: &Uint8Array) -> Result<CryptoKey, JsValue> {
    let base = crypto().import_key_with_str("raw", secret, "HKDF", false, &Array::of1(&"deriveKey".into()))?;
    let base: CryptoKey = JsFuture::from(base).await?.unchecked_into();
    let how = object([
        ("name", "HKDF".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::new_with_length(0).into()),
        ("info", Uint8Array::from(PURPOSE).into()),
    ]);
    let what = object([("name", "AES-GCM".into()), ("length", 256.into())]);
    let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
    let (how, what) = (how.unchecked_ref(), what.unchecked_ref());
    let key = crypto().derive_key_with_object_and_object(how, &base, what, false, &usages)?;
    Ok(JsFuture::from(key).await?.unchecked_into())
}

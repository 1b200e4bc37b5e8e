//! What a page and a worker both have of a browser: clock, randomness, timers, locks, fetch.
//! Must not know anything of the office; the only place that asks what time it is.

use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen::{JsCast, JsError};
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::time::Timestamp;

// A page is a `Window`, a worker a `WorkerGlobalScope`: two types in web-sys for what is one thing here.
#[wasm_bindgen]
extern "C" {
    pub type Scope;
    #[wasm_bindgen(method)]
    fn fetch(this: &Scope, request: &web_sys::Request) -> Promise;
    #[wasm_bindgen(method, getter)]
    fn crypto(this: &Scope) -> web_sys::Crypto;
    #[wasm_bindgen(method, getter, js_name = indexedDB)]
    fn indexed_db(this: &Scope) -> Option<web_sys::IdbFactory>;
    #[wasm_bindgen(method, getter, js_name = isSecureContext)]
    fn is_secure_context(this: &Scope) -> bool;
    #[wasm_bindgen(method, getter)]
    fn origin(this: &Scope) -> String;
    #[wasm_bindgen(method, getter)]
    fn navigator(this: &Scope) -> Navigator;

    pub type Navigator;
    #[wasm_bindgen(method, getter, js_name = onLine)]
    fn on_line(this: &Navigator) -> bool;
    #[wasm_bindgen(method, getter)]
    fn locks(this: &Navigator) -> Option<Locks>;

    type Locks;
    #[wasm_bindgen(method)]
    fn request(this: &Locks, name: &str, held: &Function) -> Promise;
}

fn scope() -> Scope {
    js_sys::global().unchecked_into()
}

/// What this device's clock says.
pub fn device_time() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Fails only above 65,536 bytes.
    let _ = scope().crypto().get_random_values_with_u8_array(&mut bytes);
    bytes
}

pub fn random_u64() -> u64 {
    u64::from_be_bytes(random())
}

pub fn crypto() -> web_sys::SubtleCrypto {
    scope().crypto().subtle()
}

pub async fn sha256(bytes: &[u8]) -> Result<[u8; 32], JsValue> {
    let data = js_sys::Uint8Array::from(bytes);
    let digest = JsFuture::from(crypto().digest_with_str_and_buffer_source("SHA-256", &data)?).await?;
    js_sys::Uint8Array::new(&digest).to_vec().try_into().map_err(|_| JsError::new("a digest of another length").into())
}

pub fn indexed_db() -> Option<web_sys::IdbFactory> {
    scope().indexed_db()
}

/// Scheme, host and port, as signatures name them.
pub fn origin() -> String {
    scope().origin()
}

pub fn is_online() -> bool {
    scope().navigator().on_line()
}

/// What the app cannot do without, and this browser or address does not give.
pub fn missing() -> Option<&'static str> {
    match () {
        () if !scope().is_secure_context() => Some("HTTPS"),
        () if scope().indexed_db().is_none() => Some("IndexedDB"),
        () if scope().navigator().locks().is_none() => Some("Web Locks"),
        () => None,
    }
}

pub async fn sleep(ms: i64) {
    // Browsers count in signed 32 bits and fire at once beyond.
    TimeoutFuture::new(ms.clamp(0, i32::MAX.into()).unsigned_abs() as u32).await;
}

pub async fn fetch(request: &web_sys::Request) -> Result<web_sys::Response, JsValue> {
    JsFuture::from(scope().fetch(request)).await?.dyn_into()
}

/// Waits until nobody else holds the lock, and then holds it for as long as this page or worker lives.
pub async fn hold_lock(name: &str) {
    let (granted, waiting) = oneshot::channel();
    let held = Closure::once_into_js(move || {
        let _ = granted.send(());
        Promise::new(&mut |_, _| {})
    });
    let Some(locks) = scope().navigator().locks() else { return };
    let _ = locks.request(name, held.unchecked_ref());
    let _ = waiting.await;
}

/// Bytes that this origin uses and may use; zeros where the browser does not tell.
pub async fn storage_estimate() -> (u64, u64) {
    let storage = field(&field(&js_sys::global(), "navigator"), "storage");
    let estimate =
        Reflect::get(&storage, &"estimate".into()).ok().and_then(|method| method.dyn_into::<Function>().ok());
    let promise = estimate.and_then(|method| method.call0(&storage).ok()?.dyn_into::<Promise>().ok());
    let Some(promise) = promise else { return (0, 0) };
    let estimate = JsFuture::from(promise).await.unwrap_or(JsValue::UNDEFINED);
    let bytes = |name| field(&estimate, name).as_f64().unwrap_or(0.0) as u64;
    (bytes("usage"), bytes("quota"))
}

/// Whether so many bytes more would fit, by trying; `None` where the browser has no way to try. Only in a worker.
pub async fn has_room_for(more: u64) -> Option<bool> {
    let tried = Reflect::get(&js_sys::global(), &"hasRoomFor".into()).ok()?.dyn_into::<Function>().ok()?;
    let promise = tried.call1(&JsValue::NULL, &JsValue::from_f64(more as f64)).ok()?.dyn_into::<Promise>().ok()?;
    JsFuture::from(promise).await.ok()?.as_bool()
}

/// A plain JavaScript object.
pub fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // Fails only on frozen objects.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

/// A field of an object; `undefined` where there is none.
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

pub fn text_field(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

pub fn bytes_field(object: &JsValue, name: &str) -> Option<Vec<u8>> {
    field(object, name).dyn_into::<js_sys::Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

pub fn bytes(bytes: &[u8]) -> JsValue {
    js_sys::Uint8Array::from(bytes).into()
}

/// The words of an exception.
pub fn words(error: &JsValue) -> String {
    let message = text_field(error, "message").or_else(|| error.as_string());
    let name = text_field(error, "name").unwrap_or_default();
    format!("{name} {}", message.unwrap_or_default()).trim().to_owned()
}

//! Signed requests to the office: WebCrypto and RFC 9421. Knows no route; tells apart the ways in which there is no answer.

use base64ct::{Base64UrlUnpadded, Encoding};
use std::cell::{Cell, RefCell};

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, CryptoKey, CryptoKeyPair, Headers, ReadableStreamDefaultReader, Request, RequestCache,
    RequestCredentials, RequestInit, RequestRedirect, Response, ResponseType,
};
use xiaohao_shared::api::{Problem, ProblemKind};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::signature::{NEW_KEY, Params, content_digest, signature_header};
use xiaohao_shared::time::Timestamp;

use crate::browser::{self, device_time, field, object, random};
use crate::client::CallError;
use crate::pace::Pace;
use crate::store::identity::Key;

/// Milliseconds for a whole answer. 64 KB pass in this time at 1.1 KB/s.
const PATIENCE: u32 = 60_000;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetError {
    Offline,
    /// Something in between answered: a captive portal, or a proxy whose office is down.
    NotTheOffice {
        status: u16,
    },
    Problem(Problem),
}

impl From<NetError> for CallError {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Offline => Self::Offline,
            NetError::NotTheOffice { .. } => Self::NotTheOffice,
            NetError::Problem(problem) => Self::Problem(problem),
        }
    }
}

/// An answer of the office that is not a problem.
pub struct Answer {
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    pub fn content_type(&self) -> String {
        self.header("content-type").unwrap_or_default()
    }
}

/// One request.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub method: &'static str,
    /// With the query.
    pub path: &'a str,
    pub headers: &'a [(&'static str, String)],
    pub body: &'a [u8],
}

pub struct Net {
    /// `None` while it enrols.
    device: Option<DeviceId>,
    key: RefCell<CryptoKey>,
    /// How often the key was changed.
    changes: Cell<u32>,
    skew: Cell<i64>,
    /// How large a piece this link carries.
    pub pace: Pace,
}

impl Net {
    pub fn new(device: Option<DeviceId>, key: CryptoKey, skew: i64) -> Self {
        let (key, changes) = (RefCell::new(key), Cell::default());
        Self { device, key, changes, skew: Cell::new(skew), pace: Pace::default() }
    }

    pub fn set_key(&self, key: CryptoKey) {
        self.key.replace(key);
        self.changes.set(self.changes.get() + 1);
    }

    /// This device's clock, corrected by the office's.
    pub fn now(&self) -> Timestamp {
        device_time() + self.skew.get()
    }

    pub fn skew(&self) -> i64 {
        self.skew.get()
    }

    pub fn set_skew(&self, skew: i64) {
        self.skew.set(skew);
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, NetError> {
        json(&self.call(Call { method: "GET", path, headers: &[], body: &[] }).await?)
    }

    pub async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, NetError> {
        let body = serde_json::to_string(body).unwrap_or_default();
        let headers = [("content-type", "application/json".to_owned())];
        json(&self.call(Call { method: "POST", path, headers: &headers, body: body.as_bytes() }).await?)
    }

    /// Sends and reads the whole answer. A clock that disagrees is corrected, and the request sent once more; so it is where the key was
    /// changed while it was under way, and what only reads where the browser had repeated it.
    pub async fn call(&self, call: Call<'_>) -> Result<Answer, NetError> {
        let controller = AbortController::new().map_err(|_| NetError::Offline)?;
        self.call_until(call, &controller).await
    }

    /// The same, unless somebody stops it: the office goes no further with what nobody waits for.
    pub async fn call_until(&self, call: Call<'_>, controller: &AbortController) -> Result<Answer, NetError> {
        let changes = self.changes();
        match self.once(call, controller).await {
            Err(error) if self.is_worth_another(&error, call, changes) => self.once(call, controller).await,
            other => other,
        }
    }

    /// How often the key was changed.
    pub fn changes(&self) -> u32 {
        self.changes.get()
    }

    /// Whether the same can be sent once more and be signed better; `changes` as before the first time.
    pub fn is_worth_another(&self, error: &NetError, call: Call<'_>, changes: u32) -> bool {
        let is_by_a_former_key = is_not_known(error) && self.changes() != changes;
        self.learns_the_time(error) || is_by_a_former_key || was_repeated(error, call)
    }

    /// The same for a body that speaks of this clock: where that is corrected, it is written anew.
    pub async fn call_by_the_clock(&self, path: &str, body: impl Fn() -> String) -> Result<Answer, NetError> {
        let controller = AbortController::new().map_err(|_| NetError::Offline)?;
        let once = async |body: String| {
            let call = Call { method: "POST", path, headers: &[], body: body.as_bytes() };
            self.once(call, &controller).await
        };
        match once(body()).await {
            Err(error) if self.learns_the_time(&error) => once(body()).await,
            other => other,
        }
    }

    /// Once, whatever the office says of this clock: what is signed by it, too, is made anew by whoever asks.
    pub async fn call_once(&self, call: Call<'_>) -> Result<Answer, NetError> {
        let controller = AbortController::new().map_err(|_| NetError::Offline)?;
        self.once(call, &controller).await
    }

    /// Whether it was this clock that was wrong: it is set right now, and the request is worth sending once more.
    pub fn learns_the_time(&self, error: &NetError) -> bool {
        let NetError::Problem(problem) = error else { return false };
        let time = problem.server_time.filter(|_| problem.kind == ProblemKind::ClockSkew);
        time.into_iter().for_each(|time| self.skew.set(time - device_time()));
        time.is_some()
    }

    async fn once(&self, call: Call<'_>, controller: &AbortController) -> Result<Answer, NetError> {
        let aborter = controller.clone();
        let _patience = Timeout::new(PATIENCE, move || aborter.abort());
        let response = self.open(call, controller).await?;
        let body = response.array_buffer().map_err(|_| NetError::Offline)?;
        let body = JsFuture::from(body).await.map_err(|_| NetError::Offline)?;
        judge(&response, Uint8Array::new(&body).to_vec())
    }

    /// Sends and returns as soon as the answer begins.
    pub async fn open(&self, call: Call<'_>, controller: &AbortController) -> Result<Response, NetError> {
        let request = self.request(call, controller).await.map_err(|_| NetError::Offline)?;
        browser::fetch(&request).await.map_err(|_| NetError::Offline)
    }

    async fn request(&self, call: Call<'_>, controller: &AbortController) -> Result<Request, JsValue> {
        let address = format!("{}{}", browser::origin(), call.path);
        let headers = Headers::new()?;
        for (name, value) in self.signed(call, &address).await? {
            headers.set(name, &value)?;
        }
        let init = RequestInit::new();
        init.set_method(call.method);
        init.set_headers(&headers);
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_redirect(RequestRedirect::Manual);
        init.set_signal(Some(&controller.signal()));
        if !call.body.is_empty() {
            init.set_body(&browser::bytes(call.body));
        }
        Request::new_with_str_and_init(&address, &init)
    }

    /// The headers of a request, signed.
    pub async fn signed(&self, call: Call<'_>, address: &str) -> Result<Vec<(&'static str, String)>, JsValue> {
        let digest = content_digest(call.body);
        let params = Params {
            created: self.now().0.div_euclid(1000),
            nonce: Base64UrlUnpadded::encode_string(&random::<6>()),
            keyid: self.device.map_or_else(|| NEW_KEY.into(), |device| device.to_string()),
        };
        let signature = self.sign(params.base(call.method, address, &digest).as_bytes()).await?;
        let proof = [
            ("content-digest", digest),
            ("signature-input", params.header()),
            ("signature", signature_header(&signature)),
        ];
        Ok(call.headers.iter().cloned().chain(proof).collect())
    }

    /// r ‖ s by this device's key.
    pub async fn sign(&self, base: &[u8]) -> Result<Vec<u8>, JsValue> {
        let algorithm = object([("name", "ECDSA".into()), ("hash", "SHA-256".into())]);
        let data = Uint8Array::from(base);
        let signature = browser::crypto().sign_with_object_and_buffer_source(
            algorithm.unchecked_ref(),
            &self.key.borrow(),
            &data,
        )?;
        Ok(Uint8Array::new(&JsFuture::from(signature).await?).to_vec())
    }
}

/// Whether the office does not know the key that has signed.
pub fn is_not_known(error: &NetError) -> bool {
    matches!(error, NetError::Problem(problem) if problem.kind == ProblemKind::NotSigned)
}

/// The body of an answer as it comes.
pub fn reader(response: &Response) -> Option<ReadableStreamDefaultReader> {
    response.body()?.get_reader().dyn_into().ok()
}

/// The next piece; `None` at the end, an error where it breaks off.
pub async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, NetError> {
    let chunk = JsFuture::from(reader.read()).await.map_err(|_| NetError::Offline)?;
    Ok(field(&chunk, "value").dyn_into::<Uint8Array>().ok())
}

/// Browsers repeat a request by themselves where a connection broke before its answer, with the signature that has counted already.
/// What only reads may be asked anew.
fn was_repeated(error: &NetError, call: Call<'_>) -> bool {
    call.method == "GET" && matches!(error, NetError::Problem(problem) if problem.kind == ProblemKind::Replayed)
}

/// A key pair whose private half can be used, but not read, by nobody, not even by us.
pub async fn new_key() -> Result<Key, JsValue> {
    let algorithm = object([("name", "ECDSA".into()), ("namedCurve", "P-256".into())]);
    let usages = Array::of2(&"sign".into(), &"verify".into());
    let pair = browser::crypto().generate_key_with_object(algorithm.unchecked_ref(), false, &usages)?;
    let pair: CryptoKeyPair = JsFuture::from(pair).await?.unchecked_into();
    let public = JsFuture::from(browser::crypto().export_key("raw", &pair.get_public_key())?).await?;
    let public = Base64UrlUnpadded::encode_string(&Uint8Array::new(&public).to_vec());
    Ok(Key { private: pair.get_private_key(), public, made_at: None })
}

/// Only the office speaks RFC 9457; whatever else is not a plain success came from somebody else.
pub fn judge(response: &Response, body: Vec<u8>) -> Result<Answer, NetError> {
    let answer = Answer { headers: response.headers(), body };
    let portal = NetError::NotTheOffice { status: response.status() };
    match answer.content_type() {
        _ if response.type_() == ResponseType::Opaqueredirect => Err(portal),
        kind if kind.starts_with("application/problem+json") => {
            Err(read(&answer.body).map_or(portal, NetError::Problem))
        }
        kind if !response.ok() || kind.starts_with("text/html") => Err(portal),
        _ => Ok(answer),
    }
}

pub fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, NetError> {
    read(&answer.body).ok_or(NetError::NotTheOffice { status: 200 })
}

/// Always by way of text: a reader of bytes beside the reader of text would be in the download a second time.
fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

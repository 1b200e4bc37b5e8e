//! A file to the office, and how much of it has gone out: `fetch` does not tell, so it goes by XMLHttpRequest, signed like any other
//! request. Over a slow link it may take as long as it likes, while something moves.

use std::cell::Cell;

use gloo_timers::callback::Timeout;
use js_sys::{Promise, Uint8Array};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ProgressEvent, Response, ResponseInit, XmlHttpRequest, XmlHttpRequestResponseType,
};

use super::{CallError, Client};
use crate::browser;
use crate::net::{Answer, Call, Net, NetError, json, judge};

/// Milliseconds in which nothing moves and no answer comes.
const SILENCE: u32 = 120_000;

impl Client {
    /// `sent` follows the bytes that have gone out.
    pub async fn send_file<T: DeserializeOwned>(
        self,
        path: &str,
        file: &[u8],
        controller: &AbortController,
        sent: RwSignal<u64>,
    ) -> Result<T, CallError> {
        let net = self.behind().net().ok_or(CallError::Offline)?;
        let headers = [("content-type", "application/octet-stream".to_owned())];
        let call = Call { method: "POST", path, headers: &headers, body: file };
        loop {
            let changes = net.changes();
            let answer = match once(&net, call, controller, sent).await {
                Err(error) if net.is_worth_another(&error, call, changes) => once(&net, call, controller, sent).await,
                other => other,
            };
            match answer.map_err(CallError::from) {
                Err(error) if self.confirmed_after(&error).await => {}
                answer => return Ok(json(&answer?)?),
            }
        }
    }
}

async fn once(
    net: &Net,
    call: Call<'_>,
    controller: &AbortController,
    sent: RwSignal<u64>,
) -> Result<Answer, NetError> {
    sent.try_set(0);
    let request = open(net, call).await.map_err(|_| NetError::Offline)?;
    let signal = controller.signal();
    if signal.aborted() {
        return Err(NetError::Offline);
    }
    let (patience, stopped) = (Patience::with(&request), request.clone());
    let stop = Closure::<dyn FnMut()>::new(move || drop(stopped.abort()));
    signal.set_onabort(Some(stop.as_ref().unchecked_ref()));
    let moved = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        patience.begin_anew();
        sent.try_set(event.loaded() as u64);
    });
    let gone = travel(&request, &Uint8Array::from(call.body), &moved).await;
    signal.set_onabort(None);
    gone.and_then(|()| read(&request))
        .map_err(|_| NetError::Offline)
        .and_then(|(response, body)| judge(&response, body))
}

async fn open(net: &Net, call: Call<'_>) -> Result<XmlHttpRequest, JsValue> {
    let address = format!("{}{}", browser::origin(), call.path);
    let request = XmlHttpRequest::new()?;
    request.open(call.method, &address)?;
    request.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    for (name, value) in net.signed(call, &address).await? {
        request.set_request_header(name, &value)?;
    }
    Ok(request)
}

async fn travel(
    request: &XmlHttpRequest,
    body: &Uint8Array,
    moved: &Closure<dyn FnMut(ProgressEvent)>,
) -> Result<(), JsValue> {
    request.upload()?.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    // However it ends: an answer, no network, or somebody stopped it.
    let ended = Promise::new(&mut |done, _| request.set_onloadend(Some(&done)));
    request.send_with_opt_js_u8_array(Some(body))?;
    JsFuture::from(ended).await.map(drop)
}

/// A request that broke off has the status 0, of which no response can be made.
fn read(request: &XmlHttpRequest) -> Result<(Response, Vec<u8>), JsValue> {
    let (headers, init) = (Headers::new()?, ResponseInit::new());
    if let Some(kind) = request.get_response_header("content-type")? {
        headers.set("content-type", &kind)?;
    }
    init.set_headers_headers(&headers);
    init.set_status(request.status()?);
    let response = Response::new_with_opt_str_and_init(None, &init)?;
    Ok((response, Uint8Array::new(&request.response()?).to_vec()))
}

/// Breaks a request off where nothing moves for too long.
struct Patience {
    request: XmlHttpRequest,
    timer: Cell<Option<Timeout>>,
}

impl Patience {
    fn with(request: &XmlHttpRequest) -> Self {
        let patience = Self { request: request.clone(), timer: Cell::default() };
        patience.begin_anew();
        patience
    }

    fn begin_anew(&self) {
        let request = self.request.clone();
        self.timer.set(Some(Timeout::new(SILENCE, move || drop(request.abort()))));
    }
}

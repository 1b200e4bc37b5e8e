//! The element that draws the map: fetches its code, which is no part of this module, and speaks with it. Knows nothing of issues but
//! their ids.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use gloo_events::EventListener;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::document;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{CustomEvent, Element, HtmlElement, HtmlMetaElement};
use xiaohao_shared::api::BaseMap;
use xiaohao_shared::id::IssueId;

use crate::browser::{field, object};
use crate::components::Ui;

/// Why there is no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Its code was never fetched on this device, and now there is no network.
    NotHere,
    /// The browser gives no WebGL, or has taken it away.
    NoGraphics,
}

/// The name under which the office's own ground is kept on this device.
const KEPT: &str = "map-ground";

type Part = Closure<dyn Fn(f64, f64) -> Promise>;

/// As long as it lives, the element is heard.
pub struct Canvas {
    element: Element,
    _heard: [EventListener; 2],
    _part: Option<Part>,
}

impl Canvas {
    pub async fn make(
        ui: Ui,
        place: &HtmlElement,
        base: &BaseMap,
        choose: impl Fn(Vec<IssueId>) + 'static,
        broken: impl Fn() + 'static,
    ) -> Result<Self, Trouble> {
        let element = document().create_element("xiaohao-map").map_err(|_| Trouble::NoGraphics)?;
        place.replace_children_with_node_1(&element);
        if field(&element, "begin").is_undefined() {
            fetch_code().await?;
        }
        let style = if base.tiles && base.style { ui.client.bytes("/api/map/style", None).await.ok() } else { None };
        let style = style.and_then(|bytes| String::from_utf8(bytes).ok());
        let part = base.tiles.then(|| part(ui));
        let plain = plain(ui, base).await;
        let options = object([
            ("words", words(ui).into()),
            ("style", style.map_or(JsValue::UNDEFINED, Into::into)),
            ("plain", plain.map_or(JsValue::UNDEFINED, Into::into)),
            ("tiles", part.as_ref().map_or(JsValue::UNDEFINED, |part| part.as_ref().clone())),
        ]);
        let begun = call(&element, "begin", &options).ok_or(Trouble::NoGraphics)?;
        JsFuture::from(Promise::resolve(&begun)).await.map_err(|_| Trouble::NoGraphics)?;
        let chosen = move |event: &web_sys::Event| {
            let detail = event.dyn_ref::<CustomEvent>().and_then(|event| event.detail().as_string());
            choose(detail.unwrap_or_default().split(',').filter_map(|id| id.parse().ok()).collect());
        };
        let heard =
            [EventListener::new(&element, "chosen", chosen), EventListener::new(&element, "broken", move |_| broken())];
        Ok(Self { element, _heard: heard, _part: part })
    }

    pub fn draw(&self, zones: &str, issues: &str, bounds: Option<[f64; 4]>) {
        let bounds = bounds.map(|bounds| bounds.into_iter().map(JsValue::from).collect::<Array>());
        let picture = object([
            ("zones", zones.into()),
            ("issues", issues.into()),
            ("bounds", bounds.map_or(JsValue::UNDEFINED, Into::into)),
        ]);
        call(&self.element, "draw", &picture);
    }
}

fn call(element: &Element, method: &str, argument: &JsValue) -> Option<JsValue> {
    let method = Reflect::get(element, &method.into()).ok()?.dyn_into::<Function>().ok()?;
    method.call1(element, argument).ok()
}

/// Once for the life of the page.
async fn fetch_code() -> Result<(), Trouble> {
    let find = |selector| document().query_selector(selector).ok().flatten().ok_or(Trouble::NotHere);
    let meta: HtmlMetaElement = find("meta[name=xiaohao-map]")?.unchecked_into();
    let script = document().create_element("script").map_err(|_| Trouble::NotHere)?;
    for (name, value) in [("type", "module"), ("src", &meta.content())] {
        script.set_attribute(name, value).map_err(|_| Trouble::NotHere)?;
    }
    let (done, wait) = oneshot::channel();
    let done = Rc::new(Cell::new(Some(done)));
    let answer = |ok: bool| {
        let done = done.clone();
        move |_: &web_sys::Event| {
            let _ = done.take().map(|done| done.send(ok));
        }
    };
    let _heard =
        [EventListener::once(&script, "load", answer(true)), EventListener::once(&script, "error", answer(false))];
    find("head")?.append_child(&script).map_err(|_| Trouble::NotHere)?;
    if wait.await == Ok(true) { Ok(()) } else { Err(Trouble::NotHere) }
}

/// Reads the base map, which is signed for like anything else of the office.
fn part(ui: Ui) -> Part {
    Closure::new(move |from: f64, length: f64| {
        let range = (from as u64, length as u64);
        future_to_promise(async move {
            match ui.client.bytes("/api/map/tiles", Some(range)).await {
                Ok(bytes) => Ok(Uint8Array::from(&bytes[..]).into()),
                Err(error) => Err(format!("{error:?}").into()),
            }
        })
    })
}

/// The office's own GeoJSON, fetched once for each that it has; a map without it is better than none.
async fn plain(ui: Ui, base: &BaseMap) -> Option<String> {
    let mark = base.plain.as_ref()?;
    if let Some((_, text)) = ui.client.kept::<(String, String)>(KEPT).await.filter(|(kept, _)| kept == mark) {
        return Some(text);
    }
    let text = String::from_utf8(ui.client.bytes("/api/map/ground", None).await.ok()?).ok()?;
    ui.client.keep(KEPT, &(mark, &text)).await;
    Some(text)
}

/// What the map's own buttons say.
fn words(ui: Ui) -> String {
    let words = [
        ("NavigationControl.ZoomIn", ui.t.zoom_in),
        ("NavigationControl.ZoomOut", ui.t.zoom_out),
        ("AttributionControl.ToggleAttribution", ui.t.map_sources),
        ("Map.Title", ui.t.map),
        ("ScaleControl.Meters", ui.t.metres_short),
        ("ScaleControl.Kilometers", ui.t.kilometres_short),
    ];
    serde_json::to_string(&std::collections::BTreeMap::from(words)).unwrap_or_default()
}

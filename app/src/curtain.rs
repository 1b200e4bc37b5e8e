//! Takes the pages out of the document while the phone is locked, and puts them back as they were: what somebody was typing stays in
//! its fields, sheets are open, the focus is where it was. What is not in the document is neither seen, searched nor read aloud.

use std::cell::RefCell;

use js_sys::Array;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{Element, FocusOptions, HtmlDialogElement, HtmlElement};

use crate::client::Client;
use crate::components::lean::{follow, maybe};

// web-sys has it only with one more kind of list, which nothing else here needs.
#[wasm_bindgen]
extern "C" {
    type Within;
    #[wasm_bindgen(method, js_name = querySelectorAll)]
    fn query_selector_all(this: &Within, which: &str) -> JsValue;
}

/// What the document forgets of an element that leaves it.
struct Left {
    focus: Option<HtmlElement>,
    scrolled: Vec<(Element, i32)>,
    /// Of the page itself.
    top: f64,
}

thread_local! {
    /// What the pages call the document. It may name what is on them, so nobody reads it while they are not to be seen.
    static TITLE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The name of the page that is shown, or that will be once the phone is open.
pub fn entitle(client: Client, title: String) {
    if !client.locked.get_untracked() {
        document().set_title(&title);
    }
    TITLE.set(title);
}

/// `over` is what is shown meanwhile, under the name of the app alone.
pub fn curtain(
    client: Client,
    name: &'static str,
    pages: AnyView,
    over: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let (holder, inside) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let left = StoredValue::new_local(None::<Left>);
    follow(move || {
        let (Some(holder), Some(inside), locked) = (holder.get(), inside.get(), client.locked.get()) else { return };
        match (locked, inside.is_connected()) {
            (true, true) => {
                left.set_value(Some(look_at(&inside)));
                inside.remove();
                document().set_title(name);
            }
            (false, false) => {
                let _ = holder.append_child(&inside);
                put_back(&inside, left.try_update_value(Option::take).flatten());
            }
            _ => {}
        }
    });
    let over = maybe(move || client.locked.get().then(&over));
    view! {
        <div class="curtain" node_ref=holder>
            <div class="curtain" node_ref=inside>
                {pages}
            </div>
        </div>
        {over}
    }
    .into_any()
}

fn elements(inside: &Element, which: &str) -> Vec<Element> {
    let found = Array::from(&inside.unchecked_ref::<Within>().query_selector_all(which));
    found.iter().filter_map(|element| element.dyn_into().ok()).collect()
}

fn look_at(inside: &Element) -> Left {
    let focus = document().active_element().filter(|element| inside.contains(Some(element)));
    let scrolled = elements(inside, "*").into_iter().map(|element| (element.clone(), element.scroll_top()));
    Left {
        focus: focus.and_then(|element| element.dyn_into().ok()),
        scrolled: scrolled.filter(|(_, top)| *top > 0).collect(),
        top: window().scroll_y().unwrap_or_default(),
    }
}

fn put_back(inside: &Element, left: Option<Left>) {
    for sheet in elements(inside, "dialog[open]") {
        // Still open, but no longer over everything: the browser takes it only from the beginning.
        let sheet: HtmlDialogElement = sheet.unchecked_into();
        sheet.set_open(false);
        let _ = sheet.show_modal();
    }
    TITLE.with_borrow(|title| {
        if !title.is_empty() {
            document().set_title(title)
        }
    });
    let Some(left) = left else { return };
    for (element, top) in left.scrolled {
        element.set_scroll_top(top);
    }
    window().scroll_to_with_x_and_y(0.0, left.top);
    if let Some(focus) = left.focus {
        let still = FocusOptions::new();
        still.set_prevent_scroll(true);
        let _ = focus.focus_with_options(&still);
    }
}

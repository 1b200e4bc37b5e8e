//! The keyboard of the desk: `/` goes to the search of a page. Whatever else it needs the browser does: links open by Enter, dialogs
//! close by Escape.

use leptos::ev::keydown;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// For as long as the page is shown that asks for it.
pub fn slash_searches() {
    let handle = window_event_listener(keydown, |event| {
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let search = document().query_selector("input[type=search]").ok().flatten();
        if let Some(search) = search.filter(|_| plain && event.key() == "/" && !is_typing()) {
            event.prevent_default();
            let _ = search.unchecked_into::<HtmlElement>().focus();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whoever writes means the letter; whoever is asked something is not to leave the question.
fn is_typing() -> bool {
    let has = |element: Element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "DIALOG");
    let asked = document().query_selector("dialog[open]").ok().flatten();
    document().active_element().is_some_and(has) || asked.is_some()
}

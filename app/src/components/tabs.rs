//! Tabs in a row, of which one is chosen: by a tap, or by the arrows of the keyboard. Knows not what they show.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

pub fn tablist(class: &'static str, label: &'static str, tabs: AnyView) -> AnyView {
    view! {
        <div class=class role="tablist" aria-label=label on:keydown=turn>
            {tabs}
        </div>
    }
    .into_any()
}

/// To the next or the one before, around the ends, or to the first or last; it is chosen at once.
fn turn(event: KeyboardEvent) {
    let tab = document().active_element().filter(|it| it.get_attribute("role").as_deref() == Some("tab"));
    let next = tab.and_then(|tab| beside(&tab, &event.key())).and_then(|next| next.dyn_into::<HtmlElement>().ok());
    if let Some(next) = next {
        event.prevent_default();
        let _ = next.focus();
        next.click();
    }
}

fn beside(tab: &Element, key: &str) -> Option<Element> {
    let row = tab.parent_element()?;
    match key {
        "ArrowRight" => tab.next_element_sibling().or_else(|| row.first_element_child()),
        "ArrowLeft" => tab.previous_element_sibling().or_else(|| row.last_element_child()),
        "Home" => row.first_element_child(),
        "End" => row.last_element_child(),
        _ => None,
    }
}

//! Links within the app: real addresses, so that they can be opened in another tab, but followed without loading anew.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::Ui;
use super::lean::text;

impl Ui {
    /// Goes to an address of the app. `replace` where the page left behind must not be come back to.
    pub fn go(&self, address: &str, replace: bool) {
        let Ok(history) = window().history() else { return };
        let state = wasm_bindgen::JsValue::NULL;
        let gone = match replace {
            true => history.replace_state_with_url(&state, "", Some(address)),
            false => history.push_state_with_url(&state, "", Some(address)),
        };
        if gone.is_ok() {
            self.address.set(address.into());
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }
}

/// Marked as current while its page is shown, for the eye and for screen readers.
pub fn link(ui: Ui, address: String, class: &'static str, testid: String, content: AnyView) -> AnyView {
    let (same, to) = (address.clone(), address.clone());
    let current = text(move || if ui.address.get() == same { "page".into() } else { "false".into() });
    let follow: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
        if event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            ui.go(&to, false);
        }
    });
    view! {
        <a href=address class=class data-testid=testid aria-current=current on:click=follow>
            {content}
        </a>
    }
    .into_any()
}

//! Links within the app: real addresses, so that they can be opened in another tab, but followed without loading anew.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;

use super::Ui;
use super::lean::text;

impl Ui {
    /// Goes to an address of the app. `replace` where the page left behind must not be come back to.
    pub fn go(&self, address: &str, replace: bool) {
        let navigate = self.navigate.get_value();
        navigate(address, NavigateOptions { replace, ..NavigateOptions::default() });
    }
}

/// Marked as current while its page is shown, for the eye and for screen readers.
pub fn link(ui: Ui, address: String, class: &'static str, testid: String, content: AnyView) -> AnyView {
    let (same, to) = (address.clone(), address.clone());
    // Only with `Routes` does the router itself finish what a tap on a link begins.
    let follow: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
        if event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            ui.go(&to, false);
        }
    });
    let current = text(move || if ui.address.get() == same { "page".into() } else { "false".into() });
    view! {
        <a href=address class=class data-testid=testid aria-current=current on:click=follow>
            {content}
        </a>
    }
    .into_any()
}

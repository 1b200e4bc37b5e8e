//! Links within the app: real addresses, so that they can be opened in another tab, but followed without loading anew.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;

use super::Ui;
use super::lean::{follow, text};

impl Ui {
    /// Goes to an address of the app. `replace` where the page left behind must not be come back to.
    pub fn go(&self, address: &str, replace: bool) {
        let navigate = self.navigate.get_value();
        navigate(address, NavigateOptions { replace, ..NavigateOptions::default() });
    }
}

/// What a page shows, under its address: `read` from the query, and written there when it changes, so that it can be
/// bookmarked and gone back to. Scrolls nothing and adds nothing to go back through.
pub fn steered<T: Clone + Send + Sync + 'static>(
    ui: Ui,
    path: &'static str,
    read: fn(&str) -> T,
    write: fn(&T) -> String,
) -> RwSignal<T> {
    let state = RwSignal::new(read(&ui.query.get_untracked()));
    let here = move || ui.address.with_untracked(|address| address == path);
    follow(move || {
        let wanted = read(&ui.query.get());
        if here() && state.with_untracked(write) != write(&wanted) {
            state.set(wanted);
        }
    });
    follow(move || {
        let query = state.with(write);
        if here() && write(&read(&ui.query.get_untracked())) != query {
            let address = if query.is_empty() { path.to_string() } else { format!("{path}?{query}") };
            let navigate = ui.navigate.get_value();
            navigate(&address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        }
    });
    state
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

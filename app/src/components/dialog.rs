//! A sheet over the page: the browser's own modal dialog, which keeps the focus inside and closes by
//! Escape; then the focus is where it was before.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Ui;
use super::fields::button;
use super::icon::{Icon, icon};
use super::lean::{follow, maybe, tap};
use super::toast::toasts;

/// Exists only while it is open. A tap beside it does not close it: a wet finger must not throw a typed text away.
pub fn dialog(ui: Ui, title: &str, on_close: Callback<()>, content: AnyView) -> AnyView {
    let element = NodeRef::<html::Dialog>::new();
    let place = ui.sheets.get_untracked() + 1;
    ui.sheets.set(place);
    let opener = StoredValue::new_local(document().active_element().and_then(|it| it.dyn_into::<HtmlElement>().ok()));
    on_cleanup(move || {
        ui.sheets.set(place - 1);
        let opener = opener.try_get_value().flatten();
        // Once the sheet is gone: what lies under it takes no focus. Whoever works by keys goes on where he was.
        set_timeout(move || opener.iter().for_each(|opener| drop(opener.focus())), Duration::ZERO);
    });
    let name = format!("sheet-title-{place}");
    let labelled = name.clone();
    let messages = maybe(move || (ui.sheets.get() == place).then(|| toasts(ui)));
    follow(move || {
        if let Some(element) = element.get()
            && !element.open()
            && element.show_modal().is_err()
        {
            element.set_open(true);
        }
    });
    let cancelled: super::lean::Change = Box::new(move |event: leptos::ev::Event| {
        event.prevent_default();
        on_close.run(());
    });
    view! {
        <dialog class="sheet" node_ref=element aria-labelledby=labelled on:cancel=cancelled>
            <header>
                <h2 id=name>{title.to_string()}</h2>
                <button type="button" class="quiet" aria-label=ui.t.close on:click=tap(move || on_close.run(()))>
                    {icon(Icon::Cross)}
                </button>
            </header>
            {messages}
            {content}
        </dialog>
    }
    .into_any()
}

/// A question with one answer that does something and one that does not.
pub fn confirm(
    ui: Ui,
    title: &str,
    question: String,
    yes: &'static str,
    on_yes: impl Fn() + 'static,
    on_close: Callback<()>,
) -> AnyView {
    let content = view! {
        <p class="prose">{question}</p>
        <div class="buttons">
            {button("plain", "", ui.t.cancel, move || on_close.run(()))} {button("danger", "confirm", yes, on_yes)}
        </div>
    };
    dialog(ui, title, on_close, content.into_any())
}

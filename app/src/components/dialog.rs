//! A sheet over the page: the browser's own modal dialog, which keeps the focus inside and closes by Escape.

use leptos::html;
use leptos::prelude::*;

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
    on_cleanup(move || ui.sheets.set(place - 1));
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
        <dialog class="sheet" node_ref=element aria-labelledby="sheet-title" on:cancel=cancelled>
            <header>
                <h2 id="sheet-title">{title.to_string()}</h2>
                <button type="button" class="quiet" aria-label=ui.t.close on:click=tap(move || on_close.run(()))>
                    {icon(Icon::Cross)}
                </button>
            </header>
            {content}
            {messages}
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

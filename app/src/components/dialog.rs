//! A sheet over the page: the browser's own modal dialog, which keeps the focus inside and closes by Escape.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::use_ui;

/// Exists only while it is open. A tap beside it does not close it: a wet finger must not throw a typed text away.
#[component]
pub fn Dialog(#[prop(into)] title: String, on_close: Callback<()>, children: Children) -> impl IntoView {
    let ui = use_ui();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        if let Some(element) = element.get()
            && !element.open()
            && element.show_modal().is_err()
        {
            element.set_open(true);
        }
    });
    view! {
        <dialog
            class="sheet"
            node_ref=element
            aria-labelledby="sheet-title"
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_close.run(());
            }
        >
            <header>
                <h2 id="sheet-title">{title}</h2>
                <button type="button" class="quiet" aria-label=ui.t.close on:click=move |_| on_close.run(())>
                    {icon(Icon::Cross)}
                </button>
            </header>
            {children()}
        </dialog>
    }
}

/// A question with one answer that does something and one that does not.
#[component]
pub fn Confirm(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(into)] yes: String,
    on_yes: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let ui = use_ui();
    view! {
        <Dialog title on_close>
            <p class="prose">{text}</p>
            <div class="buttons">
                <button type="button" class="plain" on:click=move |_| on_close.run(())>
                    {ui.t.cancel}
                </button>
                <button type="button" class="danger" data-testid="confirm" on:click=move |_| on_yes.run(())>
                    {yes}
                </button>
            </div>
        </Dialog>
    }
}

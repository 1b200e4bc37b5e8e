//! How far a file has gone to the office, and that the office looks at it then.

use leptos::prelude::*;

use crate::components::Ui;
use crate::components::lean::{shown, words};
use crate::format;
use crate::texts::fill;

pub fn sending(ui: Ui, sent: RwSignal<u64>, size: u64) -> AnyView {
    let t = ui.t;
    let bar = shown(move || match sent.get() {
        sent if sent < size => {
            view! { <progress aria-label=t.loading max=size.to_string() value=sent.to_string() /> }.into_any()
        }
        _ => view! { <progress aria-label=t.loading /> }.into_any(),
    });
    let said = words(move || match sent.get() {
        sent if sent < size => fill(t.sent_of, &[&format::bytes(sent), &format::bytes(size)]),
        _ => fill(t.sent_checking, &[&format::bytes(size)]),
    });
    view! {
        {bar}
        <p class="dim" role="status" data-testid="sending">{said}</p>
    }
    .into_any()
}

//! The panel that opens by a passkey what is closed on this phone, and the way on without it. What it opens, and what there is without
//! it, its user says.

use leptos::prelude::*;

use super::failed;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::maybe;

/// `open` says into its signal why it did not.
pub fn by_passkey(ui: Ui, open: fn(Ui, RwSignal<String>), without: fn(Ui) -> AnyView) -> AnyView {
    let t = ui.t;
    let (error, lost) = (RwSignal::new(String::new()), RwSignal::new(false));
    let why = maybe(move || {
        let why = error.get();
        (!why.is_empty()).then(|| failed(why, "unlock-error"))
    });
    let press = move || {
        error.set(String::new());
        open(ui, error);
    };
    let without = maybe(move || lost.get().then(|| without(ui)));
    view! {
        {button("primary wide", "unlock", t.unlock_passkey, press)}
        {why}
        {button("quiet wide", "passkey-lost", t.passkey_lost, move || lost.update(|lost| *lost = !*lost))}
        {without}
    }
    .into_any()
}

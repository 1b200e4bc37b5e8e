//! The two doors by which the browser enters the app: the page and its worker.
//! A stand-in that proves the build; it must not grow.

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` once the module is loaded.
#[wasm_bindgen]
pub fn start_page() {
    console_error_panic_hook::set_once();
    mount_to_body(|| view! { <main id="root"><h1>"销号 Xiaohao"</h1></main> });
}

/// Called by `worker.js` in a worker of its own.
#[wasm_bindgen]
pub fn start_worker() {
    console_error_panic_hook::set_once();
}

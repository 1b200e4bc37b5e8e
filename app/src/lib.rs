//! The two doors by which the browser enters the app: the page and its worker. Both run this same module.

pub mod client;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` once the module is loaded.
#[wasm_bindgen]
pub fn start_page() {
    console_error_panic_hook::set_once();
}

/// Called by `worker.js` in a worker of its own.
#[wasm_bindgen]
pub fn start_worker() {
    console_error_panic_hook::set_once();
}

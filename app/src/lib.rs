//! The two doors by which the browser enters the app: the page and its worker. Both run this same module.

pub mod app;
mod browser;
pub mod client;
pub mod components;
mod curtain;
pub mod format;
mod messages;
mod net;
mod pace;
pub mod pages;
mod passkey;
mod photo;
mod place;
mod rotation;
mod store;
pub mod texts;
mod upload;
mod worker;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` once the module is loaded.
#[wasm_bindgen]
pub fn start_page() {
    console_error_panic_hook::set_once();
    app::mount();
}

/// Called by `worker.js` in a worker of its own.
#[wasm_bindgen]
pub fn start_worker() {
    worker::start();
}

//! What the device tells the page: network, visibility, storage, a new version; and the pictures that it shows.

use gloo_events::EventListener;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, CustomEvent, Url, Window};
use xiaohao_shared::id::PhotoId;

use super::{Client, StorageStatus};
use crate::browser::{self, field, sha256};
use crate::net::Call;
use crate::store::photos::StoredPhoto;

/// Milliseconds between two looks at the storage.
const LOOK: i64 = 60_000;
/// Addresses of pictures that are kept; each holds its picture in memory.
const MOST_URLS: usize = 300;

impl Client {
    pub(super) fn watch_device(self) {
        let Some(window) = web_sys::window() else { return };
        self.online.set(browser::is_online());
        on(&window, "online", move || {
            self.online.set(true);
            self.sync_now();
        });
        on(&window, "offline", move || self.online.set(false));
        on(&window, "xiaohao-update", move || self.update_waiting.set(true));
        if let Some(document) = window.document() {
            let shown = document.clone();
            on(&document, "visibilitychange", move || {
                if !shown.hidden() {
                    self.sync_now();
                }
            });
        }
        spawn_local(async move {
            loop {
                self.storage.set(storage_status().await);
                browser::sleep(LOOK).await;
            }
        });
    }

    /// Switches to the version that waits. The page is loaded anew, so only when the person says so.
    pub fn activate_update(&self) {
        if let (Some(window), Ok(event)) = (web_sys::window(), CustomEvent::new("xiaohao-activate")) {
            let _ = window.dispatch_event(&event);
        }
    }

    pub(super) async fn find_photo(self, id: PhotoId) -> Option<String> {
        if let Some((_, url)) = self.behind().urls.borrow().iter().find(|(known, _)| *known == id) {
            return Some(url.clone());
        }
        let store = self.behind().store()?;
        let photo = match store.photo(id).await.ok().flatten() {
            Some(photo) => photo,
            None => {
                let photo = self.fetch_photo(id).await?;
                // A full phone shows the picture all the same.
                let _ = store.put_photos(&[(id, photo.clone())]).await;
                photo
            }
        };
        self.url_of(id, &photo)
    }

    /// Believes the bytes, not the sender: the name is their hash.
    async fn fetch_photo(self, id: PhotoId) -> Option<StoredPhoto> {
        if !browser::is_online() {
            return None;
        }
        let path = format!("/api/photos/{id}");
        let net = self.behind().net()?;
        let answer = net.call(Call { method: "GET", path: &path, headers: &[], body: &[] }).await.ok()?;
        let mime = answer.content_type();
        let genuine = sha256(&answer.body).await.ok()? == id.0 && mime.starts_with("image/");
        genuine.then_some(StoredPhoto { bytes: answer.body, mime })
    }

    fn url_of(self, id: PhotoId, photo: &StoredPhoto) -> Option<String> {
        let options = BlobPropertyBag::new();
        options.set_type(&photo.mime);
        let parts = Array::of1(&browser::bytes(&photo.bytes));
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        let url = Url::create_object_url_with_blob(&blob).ok()?;
        let behind = self.behind();
        let mut urls = behind.urls.borrow_mut();
        if urls.len() >= MOST_URLS {
            let (_, oldest) = urls.remove(0);
            let _ = Url::revoke_object_url(&oldest);
        }
        urls.push((id, url.clone()));
        Some(url)
    }
}

/// For as long as the page lives.
fn on(target: &web_sys::EventTarget, name: &'static str, mut call: impl FnMut() + 'static) {
    EventListener::new(target, name, move |_| call()).forget();
}

async fn storage_status() -> StorageStatus {
    let Some(window) = web_sys::window() else { return StorageStatus::default() };
    let (used, quota) = browser::storage_estimate().await;
    let persisted = match window.navigator().storage().persisted() {
        Ok(promise) => JsFuture::from(promise).await.is_ok_and(|value| value.is_truthy()),
        Err(_) => false,
    };
    StorageStatus { used, quota, persisted, service_worker: is_controlled(&window) }
}

fn is_controlled(window: &Window) -> bool {
    // Absent in some in-app browsers.
    let container = field(&window.navigator(), "serviceWorker");
    !field(&container, "controller").is_falsy()
}

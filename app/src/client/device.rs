//! What the device tells the page: network, visibility, storage, a new version; and the pictures that it shows.

use gloo_events::EventListener;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, CustomEvent, Url, Window};
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::id::PhotoId;

use super::{Absent, Client, StorageStatus};
use crate::browser::{self, field, sha256};
use crate::net::{Call, NetError};
use crate::store::photos::StoredPhoto;

/// Milliseconds between two looks at the storage.
const LOOK: i64 = 60_000;
/// Addresses of pictures that are kept; each holds its picture in memory.
const MOST_URLS: usize = 300;

impl Client {
    pub(super) fn watch_device(self) {
        let Some(window) = web_sys::window() else { return };
        self.watch_idle(&window);
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
                    self.lock_if_due();
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

    pub(super) async fn find_photo(self, id: PhotoId) -> Result<String, Absent> {
        if let Some((_, url)) = self.behind().urls.borrow().iter().find(|(known, _)| *known == id) {
            return Ok(url.clone());
        }
        let store = self.behind().store().ok_or(Absent::NotYet)?;
        let photo = match store.photo(id).await.ok().flatten() {
            Some(photo) => photo,
            None => {
                let photo = self.fetch_photo(id).await?;
                // A full phone shows the picture all the same.
                let _ = store.put_fetched(id, &photo).await;
                photo
            }
        };
        self.url_of(id, &photo).ok_or(Absent::NotYet)
    }

    /// Believes the bytes, not the sender: the name is their hash.
    async fn fetch_photo(self, id: PhotoId) -> Result<StoredPhoto, Absent> {
        if !browser::is_online() {
            return Err(Absent::NotYet);
        }
        let path = format!("/api/photos/{id}");
        let net = self.behind().net().ok_or(Absent::NotYet)?;
        let answer =
            net.call(Call { method: "GET", path: &path, headers: &[], body: &[] }).await.map_err(why_absent)?;
        let mime = answer.content_type();
        let genuine = sha256(&answer.body).await.is_ok_and(|sha| sha == id.0) && mime.starts_with("image/");
        if genuine { Ok(StoredPhoto { bytes: answer.body, mime }) } else { Err(Absent::NotYet) }
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

fn why_absent(error: NetError) -> Absent {
    match error {
        NetError::Problem(problem) if problem.kind == ProblemKind::PhotoRemoved => Absent::Removed,
        _ => Absent::NotYet,
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

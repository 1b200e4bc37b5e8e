//! Which photo goes next, and when: after the change that names it, thumbnails first, one at a time.

use std::collections::BTreeSet;
use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::WantedPhoto;
use xiaohao_shared::id::{ChangeHash, PhotoId};
use xiaohao_shared::sync::engine::Unsent;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::Event;
use crate::browser::{self, device_time};
use crate::client::PhotosStatus;
use crate::net::Net;
use crate::store::photos::{PhotoRefusal, TYPICAL_THUMB, Upload};
use crate::store::{Store, StoreError};
use crate::upload::{self, Outcome};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

pub struct Queue {
    uploads: Vec<Upload>,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
    said: PhotosStatus,
}

impl Queue {
    pub async fn begin(store: &Store) -> Result<Self, StoreError> {
        let uploads = store.uploads().await?;
        let mut queue = Self { uploads, running: false, due: Timestamp(0), failures: 0, said: PhotosStatus::default() };
        queue.said = queue.status();
        Ok(queue)
    }

    pub fn add(&mut self, unsent: &[Unsent]) {
        for upload in unsent.iter().flat_map(Upload::of) {
            // A change that was written again names the same photos under another hash.
            self.uploads.retain(|known| known.photo != upload.photo);
            self.uploads.push(upload);
        }
    }

    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The network is back, or somebody is impatient.
    pub fn nudge(&mut self) {
        self.due = Timestamp(0);
    }

    pub fn status(&self) -> PhotosStatus {
        let waiting = || self.uploads.iter().filter(|upload| upload.refusal.is_none());
        let photos = waiting().filter(|upload| !upload.thumb).count();
        let bytes = waiting().map(|upload| if upload.size == 0 { TYPICAL_THUMB } else { upload.size });
        let refused = self.uploads.iter().filter_map(|upload| Some((upload.photo, upload.refusal?)));
        PhotosStatus {
            waiting: photos.max(usize::from(waiting().next().is_some())) as u32,
            waiting_bytes: bytes.sum(),
            issues: waiting().map(|upload| upload.issue).collect(),
            refused: refused.collect(),
        }
    }

    /// Begins with the next one if it is time. Answers the status where it changed.
    pub fn proceed(
        &mut self,
        store: &Store,
        net: &Rc<Net>,
        outbox: &BTreeSet<ChangeHash>,
        events: &UnboundedSender<Event>,
    ) -> Option<PhotosStatus> {
        let may = !self.running && device_time() >= self.due && browser::is_online();
        if let Some(next) = self.next(outbox).filter(|_| may) {
            self.running = true;
            let (store, net, events) = (store.clone(), net.clone(), events.clone());
            spawn_local(async move {
                let outcome = upload::send(&net, &store, &next).await;
                let _ = events.unbounded_send(Event::Uploaded { photo: next.photo, outcome });
            });
        }
        let status = self.status();
        let changed = self.said != status;
        self.said.clone_from(&status);
        changed.then_some(status)
    }

    fn next(&self, outbox: &BTreeSet<ChangeHash>) -> Option<Upload> {
        let ready = self.uploads.iter().filter(|upload| upload.refusal.is_none() && !outbox.contains(&upload.change));
        ready.min_by_key(|upload| !upload.thumb).cloned()
    }

    pub async fn ended(&mut self, store: &Store, photo: PhotoId, outcome: Outcome) -> Result<(), StoreError> {
        self.running = false;
        match outcome {
            Outcome::Done => {
                self.failures = 0;
                store.finish_upload(photo).await?;
                self.uploads.retain(|upload| upload.photo != photo);
            }
            Outcome::Refused(why) => self.refuse(store, photo, why).await?,
            Outcome::CutOff => {
                (self.failures, self.due) = (0, device_time() + FIRST_WAIT);
                self.remember(store).await?;
            }
            Outcome::NotNow => {
                let wait = (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
                self.failures += 1;
                self.due = device_time() + wait;
                // One that does not go must not stand before the others.
                self.uploads.sort_by_key(|upload| upload.photo == photo);
                self.remember(store).await?;
            }
        }
        Ok(())
    }

    /// How far an upload is was written by who sent it.
    async fn remember(&mut self, store: &Store) -> Result<(), StoreError> {
        for stored in store.uploads().await? {
            if let Some(upload) = self.uploads.iter_mut().find(|upload| upload.photo == stored.photo) {
                upload.location = stored.location;
            }
        }
        Ok(())
    }

    async fn refuse(&mut self, store: &Store, photo: PhotoId, why: PhotoRefusal) -> Result<(), StoreError> {
        let Some(upload) = self.uploads.iter_mut().find(|upload| upload.photo == photo) else { return Ok(()) };
        upload.refusal = Some(why);
        store.put_upload(upload).await
    }

    /// The office lost these, and this phone has them.
    pub async fn bring_back(&mut self, store: &Store, wanted: &[WantedPhoto]) -> Result<(), StoreError> {
        for upload in wanted.iter().map(Upload::wanted) {
            if !self.uploads.iter().any(|known| known.photo == upload.photo) {
                store.bring_out(&upload).await?;
                self.uploads.push(upload);
            }
        }
        Ok(())
    }

    /// The person wants a refused photo sent once more.
    pub async fn again(&mut self, store: &Store, photo: PhotoId) -> Result<(), StoreError> {
        let Some(upload) = self.uploads.iter_mut().find(|upload| upload.photo == photo) else { return Ok(()) };
        (upload.refusal, upload.location, self.due) = (None, None, Timestamp(0));
        store.put_upload(upload).await
    }

    /// The person gives a refused photo up. What is still wanted is never given up this way.
    pub async fn give_up(&mut self, store: &Store, photo: PhotoId) -> Result<(), StoreError> {
        let refused = |upload: &Upload| upload.photo == photo && upload.refusal.is_some();
        if self.uploads.iter().any(refused) {
            store.finish_upload(photo).await?;
            self.uploads.retain(|upload| !refused(upload));
        }
        Ok(())
    }
}

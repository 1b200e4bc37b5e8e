//! An office that was restored from a backup has another log, and may lack photos that its issues name: once for each log, when
//! everything else is in step, it is asked which of the photos here it lacks. Most phones ask once in their life.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::{MAX_OFFERED, WantedPhoto};
use xiaohao_shared::sync::wire::LogId;

use super::{Event, Writer};
use crate::net::Net;
use crate::store::{Store, StoreError};

const PATH: &str = "/api/photos/wanted";

/// Which log the office has, and which one was asked.
pub struct Offer {
    log: Option<LogId>,
    asked: Option<LogId>,
    /// Once for each page at most, however often it fails.
    tried: bool,
}

impl Offer {
    pub async fn begin(store: &Store, log: Option<LogId>) -> Result<Self, StoreError> {
        Ok(Self { log, asked: store.offered().await?, tried: false })
    }

    /// A page has come, of this log.
    pub fn page(&mut self, log: Option<LogId>) {
        (self.log, self.tried) = (log, false);
    }
}

impl Writer {
    pub(super) fn offer_photos(&mut self) {
        let in_step = self.status.complete && !self.status.syncing && self.status.failure.is_none();
        let log = self.offer.log.filter(|log| self.offer.asked != Some(*log));
        if let Some(log) = log.filter(|_| in_step && !self.offer.tried) {
            self.offer.tried = true;
            spawn_local(ask(log, self.store.clone(), self.net.clone(), self.events.clone()));
        }
    }

    pub(super) async fn bring_back(&mut self, log: LogId, wanted: Option<Vec<WantedPhoto>>) -> Result<(), StoreError> {
        let Some(wanted) = wanted else { return Ok(()) };
        self.queue.bring_back(&self.store, &wanted).await?;
        self.store.set_offered(log).await?;
        self.offer.asked = Some(log);
        Ok(())
    }
}

async fn ask(log: LogId, store: Store, net: Rc<Net>, events: UnboundedSender<Event>) {
    let wanted = lacking(&store, &net).await;
    let _ = events.unbounded_send(Event::Wanted(log, wanted));
}

async fn lacking(store: &Store, net: &Net) -> Option<Vec<WantedPhoto>> {
    let mut wanted = Vec::new();
    for some in store.photo_ids().await.ok()?.chunks(MAX_OFFERED) {
        wanted.extend(net.post::<_, Vec<WantedPhoto>>(PATH, &some).await.ok()?);
    }
    Some(wanted)
}

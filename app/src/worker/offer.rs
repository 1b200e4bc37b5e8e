//! An office that was restored from a backup has another log, and may lack photos that its issues name: once for each log, when
//! everything else is in step, it is asked which of the photos here it lacks. Those of which it does not know the issue either it
//! is asked about again, ever more seldom: another phone may bring it the issue later. Most phones ask once in their life.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::{MAX_OFFERED, Wanted};
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::sync::wire::LogId;
use xiaohao_shared::time::{DAY, MINUTE, Timestamp};

use super::{Event, Writer};
use crate::net::Net;
use crate::store::{Store, StoreError};

const PATH: &str = "/api/photos/wanted";
const FIRST_WAIT: i64 = 10 * MINUTE;
const LONGEST_WAIT: i64 = DAY;

/// Which log the office has, and which one was asked.
pub struct Offer {
    log: Option<LogId>,
    asked: Option<LogId>,
    /// What that one knew nothing of, and when it is asked again.
    unknown: Vec<PhotoId>,
    due: Timestamp,
    wait: i64,
    /// Once for each page at most, however often it fails.
    tried: bool,
}

impl Offer {
    pub async fn begin(store: &Store, log: Option<LogId>) -> Result<Self, StoreError> {
        let (asked, unknown) = (store.offered().await?, store.unknown().await?);
        Ok(Self { log, asked, unknown, due: Timestamp(0), wait: FIRST_WAIT, tried: false })
    }

    /// A page has come, of this log.
    pub fn page(&mut self, log: Option<LogId>) {
        (self.log, self.tried) = (log, false);
    }

    /// The log to ask, and what about: everything, or what it knew nothing of.
    fn due(&self, now: Timestamp) -> Option<(LogId, Option<Vec<PhotoId>>)> {
        let log = self.log.filter(|_| !self.tried)?;
        match self.asked == Some(log) {
            false => Some((log, None)),
            true if self.unknown.is_empty() || now < self.due => None,
            true => Some((log, Some(self.unknown.clone()))),
        }
    }

    fn answered(&mut self, log: LogId, unknown: Vec<PhotoId>, now: Timestamp) {
        (self.asked, self.unknown, self.due) = (Some(log), unknown, now + self.wait);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

impl Writer {
    pub(super) fn offer_photos(&mut self) {
        if let Some((log, about)) = self.offer.due(self.net.now()).filter(|_| self.in_step()) {
            self.offer.tried = true;
            spawn_local(ask(log, about, self.store.clone(), self.net.clone(), self.events.clone()));
        }
    }

    pub(super) async fn bring_back(&mut self, log: LogId, wanted: Option<Wanted>) -> Result<(), StoreError> {
        let Some(Wanted { photos, unknown }) = wanted else { return Ok(()) };
        self.queue.bring_back(&self.store, &photos).await?;
        self.store.set_offered(log, &unknown).await?;
        self.offer.answered(log, unknown, self.net.now());
        Ok(())
    }
}

async fn ask(log: LogId, about: Option<Vec<PhotoId>>, store: Store, net: Rc<Net>, events: UnboundedSender<Event>) {
    let wanted = lacking(about, &store, &net).await;
    let _ = events.unbounded_send(Event::Wanted(log, wanted));
}

async fn lacking(about: Option<Vec<PhotoId>>, store: &Store, net: &Net) -> Option<Wanted> {
    let mut here = store.photo_ids().await.ok()?;
    here.retain(|photo| about.as_ref().is_none_or(|about| about.contains(photo)));
    let mut all = Wanted::default();
    for some in here.chunks(MAX_OFFERED) {
        let wanted: Wanted = net.post(PATH, &some).await.ok()?;
        all.photos.extend(wanted.photos);
        all.unknown.extend(wanted.unknown);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_office_knew_nothing_of_is_offered_again_ever_more_seldom_and_only_that() {
        let (log, photo) = (LogId([1; 8]), PhotoId([7; 32]));
        let mut offer =
            Offer { log: None, asked: None, unknown: vec![], due: Timestamp(0), wait: FIRST_WAIT, tried: false };
        assert_eq!(offer.due(Timestamp(0)), None, "before the first page");
        offer.page(Some(log));
        assert_eq!(offer.due(Timestamp(0)), Some((log, None)), "everything");
        offer.answered(log, vec![photo], Timestamp(0));
        assert_eq!(offer.due(Timestamp(FIRST_WAIT - 1)), None);
        assert_eq!(offer.due(Timestamp(FIRST_WAIT)), Some((log, Some(vec![photo]))));
        offer.answered(log, vec![photo], Timestamp(FIRST_WAIT));
        assert_eq!(offer.due(Timestamp(2 * FIRST_WAIT)), None);
        offer.answered(log, vec![], Timestamp(3 * FIRST_WAIT));
        assert_eq!(offer.due(Timestamp(DAY)), None, "all is named or here");
        offer.page(Some(LogId([2; 8])));
        assert_eq!(offer.due(Timestamp(DAY)), Some((LogId([2; 8]), None)), "another log");
    }
}

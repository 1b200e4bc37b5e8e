//! The photos of a simulated phone: which it holds, which the office must still get, and what it asked the office about. As the
//! app's queue and offer do it, without their waits. Knows names, no bytes.

use std::collections::BTreeSet;

use xiaohao_shared::api::Wanted;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::sync::engine::Unsent;
use xiaohao_shared::sync::room::{self, Kept, Worth};
use xiaohao_shared::sync::wire::LogId;

use super::plant::Plant;

#[derive(Debug, Clone, Default)]
pub struct Album {
    pub has: BTreeSet<PhotoId>,
    queue: BTreeSet<PhotoId>,
    /// The log that was asked, and what it knew nothing of.
    asked: Option<LogId>,
    unknown: BTreeSet<PhotoId>,
}

impl Album {
    /// What a change names was durable before it was.
    pub fn saved(&mut self, unsent: &[Unsent]) {
        let names: Vec<PhotoId> = unsent.iter().flat_map(|unsent| unsent.intent.photos.keys().copied()).collect();
        self.has.extend(&names);
        self.queue.extend(&names);
    }

    /// After the change that names it, and only what is still here.
    pub fn ready(&self, outbox: &[Unsent]) -> Vec<PhotoId> {
        let waits = |photo: &PhotoId| outbox.iter().any(|unsent| unsent.intent.photos.contains_key(photo));
        self.queue.iter().filter(|photo| self.has.contains(photo) && !waits(photo)).copied().collect()
    }

    pub fn arrived(&mut self, photo: PhotoId) {
        self.queue.remove(&photo);
    }

    /// What an office of this log is to be asked about.
    pub fn to_ask(&self, log: LogId) -> Vec<PhotoId> {
        let all = if self.asked == Some(log) { &self.unknown } else { &self.has };
        all.intersection(&self.has).copied().collect()
    }

    pub fn answered(&mut self, log: LogId, wanted: Wanted, plant: Option<Plant>) {
        self.asked = Some(log);
        self.queue.extend(wanted.photos.iter().map(|wanted| wanted.photo));
        self.unknown = wanted.unknown.into_iter().filter(|_| plant != Some(Plant::PhotoOnce)).collect();
    }

    /// What the office has said that it has.
    pub fn is_delivered(&self, photo: &PhotoId) -> bool {
        !self.queue.contains(photo)
    }

    /// The phone is full: what may go goes.
    pub fn evict(&mut self, plant: Option<Plant>) -> BTreeSet<PhotoId> {
        let only_here = |photo: &PhotoId| plant != Some(Plant::EvictUnsent) && self.queue.contains(photo);
        let kept =
            |id: &PhotoId| Kept { id: *id, bytes: 1, only_here: only_here(id), is_open: true, worth: Worth::Fresh };
        let gone = room::let_go(self.has.iter().map(kept).collect(), 0, u64::MAX);
        self.has.retain(|photo| !gone.contains(photo));
        gone.into_iter().collect()
    }
}

//! When the key of this device is replaced: when it is old and nothing else is under way; when a change was begun; and when the office
//! does not know the key any more, because it was restored from a backup. How, `rotation` knows.

use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::signature::is_old;
use xiaohao_shared::sync::engine::{Failure, Input};
use xiaohao_shared::time::{HOUR, MINUTE, Timestamp};

use super::{Event, Writer};
use crate::browser::{self, device_time};
use crate::messages::FromWriter;
use crate::net::NetError;
use crate::rotation::{self, Settled};
use crate::store::{Store, StoreError};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;
/// Where the office gives this device no other key, or knows none of those that are here.
const REST: i64 = HOUR;

pub struct KeyAge {
    made_at: Timestamp,
    /// A change was begun, and how it ended is not known.
    pending: bool,
    /// The office did not know the key.
    not_known: bool,
    /// Nor any other that is here.
    lost: bool,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
}

impl KeyAge {
    pub async fn begin(store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        // On a full phone the age counts from each start; nobody must wait for that.
        let _ = store.date_key(now).await;
        let (made_at, pending) = state(store).await?.unwrap_or((now, false));
        let due = Timestamp(0);
        Ok(Self { made_at, pending, not_known: false, lost: false, running: false, due, failures: 0 })
    }

    pub fn is_not_known(&mut self) {
        // What was under way while the key was changed says nothing of the new one.
        self.not_known = !self.running;
    }

    /// Why there was no answer: an office that knows none of the keys can serve this device only after its person has enrolled anew.
    pub fn explain(&self, failure: Failure) -> Failure {
        let is_lost = failure == Failure::Unavailable && self.lost && self.not_known;
        if is_lost { Failure::KeyUnknown } else { failure }
    }

    /// The office has answered what the key signed.
    pub fn is_known(&mut self) {
        (self.not_known, self.lost) = (false, false);
    }

    fn ended(&mut self, settled: &Settled) {
        self.running = false;
        let is_open = matches!(settled, Settled::Unknown(_));
        let wait = match settled {
            Settled::Changed => 0,
            Settled::NotYet | Settled::NotKnown => REST,
            // It is known after all: what was refused was spoilt on its way.
            Settled::Nothing => LONGEST_WAIT,
            Settled::Unknown(_) => (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT),
        };
        self.failures = if is_open { self.failures + 1 } else { 0 };
        self.not_known &= is_open;
        self.lost = *settled == Settled::NotKnown || (self.lost && is_open);
        self.due = device_time() + wait;
    }
}

/// When the key was made that signs, and whether another one waits.
async fn state(store: &Store) -> Result<Option<(Timestamp, bool)>, StoreError> {
    let keys = store.keys().await?;
    Ok(keys.and_then(|keys| Some((keys.key.made_at?, keys.next.is_some()))))
}

impl Writer {
    pub(super) fn mind_the_key(&mut self) {
        let grown_old = is_old(self.key.made_at, self.net.now()) && self.is_at_rest();
        let wanted = grown_old || self.key.pending || self.key.not_known;
        if !wanted || self.key.running || device_time() < self.key.due || !browser::is_online() {
            return;
        }
        self.key.running = true;
        let (store, device, events) = (self.store.clone(), self.device, self.events.clone());
        let (now, skew) = (self.net.now(), self.net.skew());
        spawn_local(async move {
            let settled = async {
                if grown_old {
                    rotation::prepare(&store, now).await?;
                }
                rotation::settle(&store, device, skew).await
            };
            let _ = events.unbounded_send(Event::Key(settled.await));
        });
    }

    /// The office has answered, and nobody waits for an answer that the former key has asked for.
    fn is_at_rest(&self) -> bool {
        self.listens && self.in_step() && self.stopped.is_none() && self.imports.is_empty() && !self.queue.is_running()
    }

    pub(super) async fn key_is_settled(&mut self, settled: Result<Settled, StoreError>) -> Result<(), StoreError> {
        // What a full phone could not keep is asked for again, and stops nothing else.
        let settled = settled.unwrap_or(Settled::Unknown(NetError::Offline));
        self.key.ended(&settled);
        if let Some((made_at, pending)) = state(&self.store).await? {
            (self.key.made_at, self.key.pending) = (made_at, pending);
        }
        if matches!(settled, Settled::Changed | Settled::NotYet)
            && let Some(key) = self.store.key().await?
        {
            self.net.set_key(key.private);
            self.voice.say(FromWriter::Key);
        }
        if matches!(settled, Settled::Changed | Settled::NotYet | Settled::NotKnown) {
            self.input(Input::Nudge);
        }
        Ok(())
    }
}

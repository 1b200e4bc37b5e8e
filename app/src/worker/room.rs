//! Room on a phone that is nearly full: whoever works with it is told, photos go, and of issues that were closed long ago the
//! documents, by the rules of `shared::sync::room`. Must not let go of what the engine does not give free.

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::sync::room;
use xiaohao_shared::time::{HOUR, Timestamp};

use super::{Event, Writer};
use crate::browser;
use crate::messages::FromWriter;
use crate::store::{Store, StoreError};

/// Bytes of photos that make room for a day of records where the storage refused one.
const ROOM_FOR_RECORDS: u64 = 2_000_000;
/// Bytes that must still fit: a long day with its photos.
const RESERVE: u64 = 24_000_000;
/// Milliseconds between two looks at how full the storage is.
const EVERY: i64 = 6 * HOUR;

/// What this process knows of the room on the phone.
#[derive(Default)]
pub struct Room {
    looked_at: Option<Timestamp>,
    pub tight: bool,
    /// Documents are still to be shed.
    owes: bool,
}

impl Writer {
    /// The storage refused a record.
    pub(super) fn make_room_for_records(&mut self) {
        spawn_local(trim_photos(self.store.clone(), ROOM_FOR_RECORDS));
        self.room.looked_at = None;
    }

    pub(super) fn mind_the_room(&mut self) {
        let now = self.net.now();
        if self.room.looked_at.is_none_or(|at| now - at > EVERY) {
            self.room.looked_at = Some(now);
            spawn_local(look(self.store.clone(), self.events.clone()));
        }
        // Before it is in step with the office, the engine gives nothing free.
        if self.room.owes && self.in_step() {
            self.room.owes = false;
            spawn_local(look_for_spent(self.store.clone(), now, self.events.clone()));
        }
    }

    pub(super) fn told_of_room(&mut self, tight: bool) {
        (self.room.tight, self.room.owes) = (tight, tight);
        self.voice.say(FromWriter::Tight(tight));
    }
}

/// Newer browsers keep to themselves how much they allow: they always say some ten thousand million bytes. So it is tried, too.
async fn look(store: Store, events: UnboundedSender<Event>) {
    let (used, quota) = browser::storage_estimate().await;
    let refused = browser::has_room_for(RESERVE).await == Some(false);
    let _ = events.unbounded_send(Event::Room { tight: refused || room::is_tight(used, quota) });
    trim_photos(store, if refused { RESERVE } else { 0 }).await;
}

/// Lets go of photos where there are too many, or the storage is nearly full; of `at_least` so many bytes.
async fn trim_photos(store: Store, at_least: u64) {
    let (used, quota) = browser::storage_estimate().await;
    let _ = store.trim_photos(room::excess(used, quota).max(at_least)).await;
}

async fn look_for_spent(store: Store, now: Timestamp, events: UnboundedSender<Event>) {
    if let Ok(issues) = spent(&store, now).await {
        let _ = events.unbounded_send(Event::Spent(issues));
    }
}

async fn spent(store: &Store, now: Timestamp) -> Result<Vec<IssueId>, StoreError> {
    let (rows, here) = (store.rows().await?, store.documents_here().await?);
    let spent = rows.iter().filter(|row| room::is_spent(row, now) && here.contains(&row.id));
    Ok(spent.map(|row| row.id).collect())
}

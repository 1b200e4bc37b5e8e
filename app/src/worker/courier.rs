//! Work of others that this device carries, brought to the office: of each parcel the records first, then, when this device's
//! own photos do not go, the photos. Must not look into a parcel; the office judges what is in it.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::sync::handover::{Fault, Head, PATH, Taken};
use xiaohao_shared::sync::wire;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::Event;
use crate::browser::{self, device_time};
use crate::net::{Call, Net, NetError};
use crate::store::carried::{Carried, Tally};
use crate::store::{Store, StoreError};
use crate::upload::{self, Kept, Outcome, Photo};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

pub struct Courier {
    parcels: Vec<Carried>,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
    said: Vec<Carried>,
}

impl Courier {
    pub async fn begin(store: &Store) -> Result<Self, StoreError> {
        let parcels = store.carried().await?;
        Ok(Self { said: parcels.clone(), parcels, running: false, due: Timestamp(0), failures: 0 })
    }

    pub fn parcels(&self) -> &[Carried] {
        &self.parcels
    }

    /// A page has put something into the store.
    pub async fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        self.parcels = store.carried().await?;
        self.nudge();
        Ok(())
    }

    /// The network is back, or somebody is impatient.
    pub fn nudge(&mut self) {
        self.due = Timestamp(0);
    }

    /// Begins with the next part if it is time. Answers how all stand where it changed.
    pub fn proceed(
        &mut self,
        store: &Store,
        net: &Rc<Net>,
        photos_too: bool,
        events: &UnboundedSender<Event>,
    ) -> Option<Vec<Carried>> {
        let may = !self.running && device_time() >= self.due && browser::is_online();
        if let Some(parcel) = self.next(photos_too).filter(|_| may) {
            self.running = true;
            let (store, net, events) = (store.clone(), net.clone(), events.clone());
            spawn_local(async move {
                let moved = step(&net, &store, parcel).await;
                let _ = events.unbounded_send(Event::Carried(Box::new(moved)));
            });
        }
        let changed = self.said != self.parcels;
        self.said.clone_from(&self.parcels);
        changed.then(|| self.parcels.clone())
    }

    fn next(&self, photos_too: bool) -> Option<Carried> {
        let open = || self.parcels.iter().filter(|parcel| !parcel.is_done());
        let records = open().find(|parcel| parcel.sent_sections < parcel.sections);
        records.or_else(|| open().next().filter(|_| photos_too)).cloned()
    }

    pub async fn ended(&mut self, store: &Store, moved: Moved) -> Result<(), StoreError> {
        self.running = false;
        let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.name == moved.parcel.name) else {
            // Forgotten meanwhile; the attempt may have noted how far it came.
            return store.forget_carried(&moved.parcel).await;
        };
        if moved.how == How::Forward {
            self.failures = 0;
            *parcel = moved.parcel;
            if parcel.sent_sections == parcel.sections && parcel.is_done() && parcel.tally.missing > 0 {
                // Somebody else's phone will bring what comes before; then all of it is offered once more.
                parcel.sent_sections = 0;
                self.due = device_time() + LONGEST_WAIT;
            }
            return store.set_carried(parcel).await;
        }
        parcel.location = moved.parcel.location;
        if moved.how == How::Soon {
            self.failures = 0;
        }
        self.due = device_time() + (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
        self.failures += 1;
        Ok(())
    }

    pub async fn forget(&mut self, store: &Store, name: &str) -> Result<(), StoreError> {
        if let Some(at) = self.parcels.iter().position(|parcel| parcel.name == name) {
            store.forget_carried(&self.parcels.remove(at)).await?;
        }
        Ok(())
    }
}

/// What one attempt led to.
pub struct Moved {
    parcel: Carried,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Forward,
    /// Part of it arrived, then the link broke.
    Soon,
    Later,
}

impl Moved {
    fn refused(mut parcel: Carried, why: ProblemKind) -> Self {
        parcel.refusal = Some(why);
        Self { parcel, how: How::Forward }
    }
}

async fn step(net: &Net, store: &Store, parcel: Carried) -> Moved {
    let key = match parcel.sent_sections < parcel.sections {
        true => parcel.records(parcel.sent_sections),
        false => parcel.photo(parcel.sent_pieces),
    };
    let (head, part) = (store.part(&parcel.head()).await, store.part(&key).await);
    match (head, part) {
        (Ok(Some(head)), Ok(Some(part))) if parcel.sent_sections < parcel.sections => {
            bring_records(net, parcel, [head.to_vec(), part.to_vec()].concat()).await
        }
        (Ok(Some(head)), Ok(Some(part))) => bring_photo(net, store, parcel, &head.to_vec(), &part.to_vec()).await,
        (Err(_), _) | (_, Err(_)) => Moved { parcel, how: How::Later },
        // The browser threw it away.
        _ => Moved::refused(parcel, ProblemKind::HandoverDamaged),
    }
}

async fn bring_records(net: &Net, mut parcel: Carried, body: Vec<u8>) -> Moved {
    let answer = net.call(Call { method: "POST", path: PATH, headers: &[], body: &body }).await;
    let taken = match answer {
        Ok(answer) => wire::unpack::<Taken>(&answer.body).ok(),
        Err(NetError::Problem(problem)) if is_final(problem.kind) => return Moved::refused(parcel, problem.kind),
        Err(_) => None,
    };
    let Some(taken) = taken else { return Moved { parcel, how: How::Later } };
    if parcel.sent_sections == 0 {
        parcel.tally = Tally::default();
    }
    taken.verdicts.iter().for_each(|verdict| parcel.tally.count(verdict));
    taken.patrols.iter().for_each(|heard| parcel.tally.count_round(*heard));
    parcel.sent_sections += 1;
    Moved { parcel, how: How::Forward }
}

/// The office would say the same of it for ever.
pub(super) fn is_final(kind: ProblemKind) -> bool {
    Fault::of(kind).is_some_and(|fault| fault != Fault::Version)
}

async fn bring_photo(net: &Net, store: &Store, mut parcel: Carried, head: &[u8], bytes: &[u8]) -> Moved {
    let Some(id) = photo(head, parcel.sent_pieces) else {
        return Moved::refused(parcel, ProblemKind::HandoverDamaged);
    };
    let before = parcel.clone();
    let remember = |location| {
        let parcel = Carried { location, ..before.clone() };
        Box::pin(async move { store.set_carried(&parcel).await }) as Kept<'_>
    };
    match upload::send_photo(net, Photo { id, bytes }, before.location.clone(), &remember).await {
        Outcome::CutOff => return stopped(store, parcel, How::Soon).await,
        Outcome::NotNow => return stopped(store, parcel, How::Later).await,
        Outcome::Refused(_) => parcel.tally.photos_refused += 1,
        Outcome::Done => {}
    }
    (parcel.sent_pieces, parcel.location) = (parcel.sent_pieces + 1, None);
    Moved { parcel, how: How::Forward }
}

/// How far the photo is was written by who sent it.
async fn stopped(store: &Store, parcel: Carried, how: How) -> Moved {
    let kept = store.carried().await.unwrap_or_default().into_iter().find(|kept| kept.name == parcel.name);
    Moved { parcel: kept.unwrap_or(parcel), how }
}

fn photo(head: &[u8], at: u32) -> Option<PhotoId> {
    let (head, _) = Head::split(head).ok()?;
    Some(head.manifest.photos.get(at as usize)?.photo)
}

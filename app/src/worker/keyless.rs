//! Sends what lies outside a vault while nobody has opened it, or while its person must prove himself: unsent changes and rounds as a
//! parcel of this device's own, photos, and what is carried for others. Reads nothing that is sealed, and takes nothing in.

use std::collections::BTreeSet;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::id::ChangeHash;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::engine::Status;
use xiaohao_shared::sync::handover::{Draft, Head, Maker, PATH, Taken, pack, signed_text};
use xiaohao_shared::sync::wire::{self, Push};
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::courier::Courier;
use super::queue::Queue;
use super::{BEAT, Event, Voice, tell_owner};
use crate::browser::{self, device_time};
use crate::messages::{FromWriter, ToOwner, ToWriter};
use crate::net::{Call, Net, NetError};
use crate::store::vault::Doubt;
use crate::store::{Store, StoreError};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

/// What came of bringing the records.
pub enum Brought {
    /// The office has judged these; what it made of them is learned at the next sync.
    Taken(BTreeSet<ChangeHash>),
    Later,
    /// It lets nobody work with this device.
    OutOfService,
}

pub struct Keyless {
    store: Store,
    net: Rc<Net>,
    voice: Voice,
    events: UnboundedSender<Event>,
    inbox: UnboundedReceiver<Event>,
    queue: Queue,
    courier: Courier,
    /// The changes that this worker has not brought.
    outbox: BTreeSet<ChangeHash>,
    doubted: bool,
    /// Rounds may wait, or the office may not know yet that the vault was thrown away.
    owes: bool,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
}

impl Keyless {
    pub async fn begin(store: &Store, net: &Rc<Net>, channel: &str) -> Result<Self, StoreError> {
        let (events, inbox) = unbounded();
        let doubted = store.doubt().await?.is_some();
        Ok(Self {
            voice: Voice::new(channel, events.clone())?,
            queue: Queue::begin(store).await?,
            courier: Courier::begin(store).await?,
            outbox: store.unsent().await?.iter().map(|unsent| unsent.hash).collect(),
            owes: doubted || !store.unheard().await?.is_empty(),
            store: store.clone(),
            net: net.clone(),
            doubted,
            events,
            inbox,
            running: false,
            due: Timestamp(0),
            failures: 0,
        })
    }

    /// As long as its person has not proven himself: the page begins everything anew then.
    pub async fn live(mut self) -> Result<(), StoreError> {
        tell_owner(&ToOwner::Writing);
        self.greet();
        loop {
            self.turn(BEAT).await?;
            tell_owner(&ToOwner::Beat);
        }
    }

    /// What is due, and then one thing that happens within so many milliseconds.
    pub async fn turn(&mut self, wait: i64) -> Result<(), StoreError> {
        self.proceed();
        let sleep = std::pin::pin!(browser::sleep(wait));
        match select(self.inbox.next(), sleep).await {
            Either::Left((Some(event), _)) => self.take(event).await,
            _ => Ok(()),
        }
    }

    /// Another voice speaks from now on.
    pub fn end(self) {
        self.voice.channel.close();
    }

    fn proceed(&mut self) {
        let may = !self.running && device_time() >= self.due && browser::is_online();
        if may && (self.owes || !self.outbox.is_empty()) {
            self.running = true;
            let (store, net, events) = (self.store.clone(), self.net.clone(), self.events.clone());
            spawn_local(async move {
                let brought = bring(&store, &net).await.unwrap_or(Brought::Later);
                let _ = events.unbounded_send(Event::Brought(brought));
            });
        }
        if let Some(status) = self.queue.proceed(&self.store, &self.net, &self.outbox, &self.events) {
            self.voice.say(FromWriter::Photos(status));
        }
        let photos_too = !self.queue.is_running();
        if let Some(carried) = self.courier.proceed(&self.store, &self.net, photos_too, &self.events) {
            self.voice.say(FromWriter::Carried(carried));
        }
    }

    async fn take(&mut self, event: Event) -> Result<(), StoreError> {
        match event {
            Event::Brought(brought) => self.brought(brought).await?,
            Event::Uploaded { photo, outcome } => self.queue.ended(&self.store, photo, outcome).await?,
            Event::Carried(moved) => self.courier.ended(&self.store, *moved).await?,
            Event::Command(ToWriter::Carry) => self.courier.look(&self.store).await?,
            Event::Command(ToWriter::Hello) => self.greet(),
            Event::Command(ToWriter::Nudge) => {
                self.due = Timestamp(0);
                self.queue.nudge();
                self.courier.nudge();
            }
            // What asks for documents waits for the writer that can read them; the pages ask it again.
            _ => {}
        }
        Ok(())
    }

    async fn brought(&mut self, brought: Brought) -> Result<(), StoreError> {
        self.running = false;
        match brought {
            Brought::Taken(hashes) => {
                (self.failures, self.owes) = (0, false);
                self.outbox.retain(|hash| !hashes.contains(hash));
                self.greet();
            }
            Brought::OutOfService if self.doubted => {
                // Nothing comes down to such a device anyway; what it still brings goes the way of those.
                self.store.set_doubt(None).await?;
                self.voice.say(FromWriter::LoggedOut);
            }
            Brought::Later | Brought::OutOfService => {
                self.due = device_time() + (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
                self.failures += 1;
            }
        }
        Ok(())
    }

    fn greet(&self) {
        let status = Status { unsent: self.outbox.len() as u32, ..Status::default() };
        self.voice.say(FromWriter::Status(Box::new(status)));
        self.voice.say(FromWriter::Photos(self.queue.status()));
        self.voice.say(FromWriter::Carried(self.courier.parcels().to_vec()));
    }
}

/// First that the vault was thrown away, should it be: whoever takes this phone in hand gets nothing from then on.
async fn bring(store: &Store, net: &Net) -> Result<Brought, StoreError> {
    if store.doubt().await? == Some(Doubt { told: false }) {
        if let Err(brought) = told(net.post::<_, ()>("/api/doubt", &()).await) {
            return Ok(brought);
        }
        store.doubt_is_told().await?;
    }
    let unsent = store.unsent().await?;
    let hashes = unsent.iter().map(|unsent| unsent.hash).collect();
    let pushes: Vec<Push> = unsent.into_iter().map(|it| Push { issue: it.issue, change: it.change }).collect();
    let rounds = store.unheard().await?;
    let rounds = rounds.iter().filter(|errand| errand.refusal.is_none());
    let rounds: Vec<Patrol> = rounds.filter_map(|errand| errand.patrol_by(net.skew())).collect();
    let Some(office) = store.office().await? else { return Ok(Brought::Later) };
    let maker = Maker { office: office.id, device: office.device, person: office.me.id, at: net.now() };
    for draft in pack(maker, &pushes, &rounds, &[]) {
        if let Err(brought) = bring_parcel(net, draft).await {
            return Ok(brought);
        }
    }
    Ok(Brought::Taken(hashes))
}

async fn bring_parcel(net: &Net, draft: Draft) -> Result<(), Brought> {
    let signature = net.sign(&signed_text(&draft.manifest)).await.map_err(|_| Brought::Later)?;
    let head = Head::bytes(&draft.manifest, &signature);
    for section in &draft.records {
        let body = [&head[..], section].concat();
        let answer = told(net.call(Call { method: "POST", path: PATH, headers: &[], body: &body }).await)?;
        wire::unpack::<Taken>(&answer.body).map_err(|_| Brought::Later)?;
    }
    Ok(())
}

fn told<T>(answer: Result<T, NetError>) -> Result<T, Brought> {
    answer.map_err(|error| match &error {
        NetError::Problem(problem)
            if matches!(problem.kind, ProblemKind::DeviceRevoked | ProblemKind::DeviceUnknown) =>
        {
            Brought::OutOfService
        }
        _ => Brought::Later,
    })
}

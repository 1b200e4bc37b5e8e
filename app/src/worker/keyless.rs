//! Sends what lies outside a vault while nobody has opened it, or while its person must prove himself: unsent changes and rounds as a
//! parcel of this device's own, photos, and what is carried for others. Reads nothing that is sealed, and takes nothing in.

use std::collections::BTreeSet;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::{Office, ProblemKind};
use xiaohao_shared::id::ChangeHash;
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::sync::engine::{Failure, NotSaved, Status, Unsent};
use xiaohao_shared::sync::handover::{Head, Maker, PATH, Records, Taken, pack, signed_text};
use xiaohao_shared::sync::wire::{self, Push, Verdict};
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::courier::{Courier, is_final};
use super::queue::Queue;
use super::{BEAT, Event, Voice, tell_owner};
use crate::browser::{self, device_time};
use crate::messages::{FromWriter, Name, ToOwner, ToWriter};
use crate::net::{Call, Net, NetError, is_not_known};
use crate::rotation;
use crate::store::errands::Errand;
use crate::store::{Store, StoreError};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

/// What came of bringing the records.
#[derive(Default)]
pub struct Brought {
    /// The office has judged these; what it made of them is learned at the next sync.
    taken: BTreeSet<ChangeHash>,
    /// It knows that the vault was thrown away.
    told: bool,
    /// Something of it could not go now.
    later: bool,
    /// Because the office does not know the key.
    not_known: bool,
    /// It lets nobody work with this device.
    stopped: Option<Failure>,
}

/// Why the rest of it does not go.
enum Halt {
    /// This clock was wrong, and is right now: what was made by it is made anew.
    Clock,
    Later,
    NotKnown,
    Stopped(Failure),
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
    /// It lets nobody work with this device, as it last said.
    stopped: Option<Failure>,
    /// The clock's error, as the pages and the store know it.
    said_skew: i64,
    /// The office is to be told, at each start: it may have been restored since, or have heard it before a proof that got lost.
    tells: bool,
    /// Rounds may wait.
    owes: bool,
    /// The office did not know the key.
    not_known: bool,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
}

impl Keyless {
    pub async fn begin(store: &Store, net: &Rc<Net>, channel: &str) -> Result<Self, StoreError> {
        let (events, inbox) = unbounded();
        let doubted = store.is_in_doubt().await?;
        Ok(Self {
            voice: Voice::new(channel, events.clone())?,
            queue: Queue::begin(store).await?,
            courier: Courier::begin(store).await?,
            outbox: store.unsent().await?.iter().map(|unsent| unsent.hash).collect(),
            tells: doubted,
            owes: !store.unheard().await?.is_empty(),
            store: store.clone(),
            net: net.clone(),
            doubted,
            stopped: None,
            said_skew: store.skew().await?,
            events,
            inbox,
            not_known: false,
            running: false,
            due: Timestamp(0),
            failures: 0,
        })
    }

    /// As long as its person has not proven himself, which he may do in another tab.
    pub async fn live(mut self) -> Result<(), StoreError> {
        tell_owner(&ToOwner::Writing);
        self.greet();
        while self.store.is_in_doubt().await? {
            self.turn(BEAT).await?;
            tell_owner(&ToOwner::Beat);
        }
        self.end();
        Ok(())
    }

    /// What is due, and then one thing that happens within so many milliseconds.
    pub async fn turn(&mut self, wait: i64) -> Result<(), StoreError> {
        self.proceed();
        self.keep_time().await;
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
        if may && (self.tells || self.owes || !self.outbox.is_empty()) {
            self.running = true;
            let (store, net, events) = (self.store.clone(), self.net.clone(), self.events.clone());
            let (tells, open, not_known) = (self.tells, self.outbox.clone(), self.not_known);
            let doubted = self.doubted;
            spawn_local(async move {
                let mut brought = Brought::default();
                // Should that fail, the office says so again.
                let _ = settle_key(&store, &net, doubted, not_known).await;
                if tells {
                    brought.tell(&store, &net).await;
                }
                brought.later |= brought.bring(&store, &net, &open).await.is_err();
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
            Event::Command(ToWriter::Save { name, .. }) => self.refuse(name).await?,
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

    /// Behind a closed vault, or once the doubt is over, the writer that comes is asked again; in doubt nobody is to work here.
    async fn refuse(&self, name: Name) -> Result<(), StoreError> {
        if self.doubted && self.store.is_in_doubt().await? {
            self.voice.say(FromWriter::NotSaved { name, reason: NotSaved::StorageFailed });
        }
        Ok(())
    }

    async fn brought(&mut self, brought: Brought) -> Result<(), StoreError> {
        self.running = false;
        self.not_known = brought.not_known;
        self.tells &= !brought.told;
        // What one round heard stands until another one hears better: the next one may only bring what is left.
        if brought.told || brought.stopped.is_some() {
            self.stopped = brought.stopped;
        }
        self.outbox.retain(|hash| !brought.taken.contains(hash));
        self.greet();
        if brought.later || (brought.stopped.is_some() && !self.doubted) {
            self.due = device_time() + (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
            self.failures += 1;
            return Ok(());
        }
        (self.failures, self.owes) = (0, false);
        // What is left waits for what comes before it from elsewhere, or will never be taken so.
        self.due = device_time() + LONGEST_WAIT;
        // What it had of its own was brought, so its person may be told.
        if self.doubted && self.store.stop_in_doubt(self.stopped).await? {
            self.voice.say(FromWriter::LoggedOut);
        }
        Ok(())
    }

    /// The writer that comes, and the pages, need not learn again how wrong this clock is.
    async fn keep_time(&mut self) {
        if self.net.skew() != self.said_skew {
            self.said_skew = self.net.skew();
            self.voice.say(FromWriter::Skew(self.said_skew));
            let _ = self.store.set_skew(self.said_skew).await;
        }
    }

    fn greet(&self) {
        let status = Status { unsent: self.outbox.len() as u32, ..Status::default() };
        self.voice.say(FromWriter::Status(Box::new(status)));
        self.voice.say(FromWriter::Photos(self.queue.status()));
        self.voice.say(FromWriter::Carried(self.courier.parcels().to_vec()));
        self.voice.say(FromWriter::Key);
    }
}

impl Brought {
    /// That the vault was thrown away: whoever takes this phone in hand gets nothing from then on. Should it not be heard, the work
    /// goes all the same.
    async fn tell(&mut self, store: &Store, net: &Net) {
        // Whoever has proven himself meanwhile, in another tab, is not doubted anew.
        let Ok(Some(thrown)) = store.doubt().await else { return };
        match net.post::<_, ()>("/api/doubt", &thrown).await {
            Ok(()) => self.told = true,
            Err(error) => match halt(net, &error) {
                // An office that does not know it may be restored once more, and is told then.
                Halt::Stopped(why) => (self.told, self.stopped) = (why != Failure::Unknown, Some(why)),
                Halt::NotKnown => (self.later, self.not_known) = (true, true),
                Halt::Clock | Halt::Later => self.later = true,
            },
        }
    }

    async fn bring(&mut self, store: &Store, net: &Net, open: &BTreeSet<ChangeHash>) -> Result<(), StoreError> {
        let mut unsent = store.unsent().await?;
        unsent.retain(|unsent| open.contains(&unsent.hash));
        let rounds = store.unheard().await?;
        let Some(office) = store.office().await? else {
            self.later = true;
            return Ok(());
        };
        let mut halt = self.carry(net, &office, &unsent, &rounds).await;
        if let Err(Halt::Clock) = halt {
            halt = self.carry(net, &office, &unsent, &rounds).await;
        }
        match halt {
            Ok(()) => {}
            Err(Halt::Stopped(why)) => self.stopped = Some(why),
            Err(Halt::NotKnown) => (self.later, self.not_known) = (true, true),
            Err(Halt::Clock | Halt::Later) => self.later = true,
        }
        Ok(())
    }

    /// As a parcel of this device's own, by the clock as it is known now.
    async fn carry(&mut self, net: &Net, office: &Office, unsent: &[Unsent], rounds: &[Errand]) -> Result<(), Halt> {
        let push = |it: &Unsent| Push { issue: it.issue, change: it.change.clone() };
        let pushes: Vec<Push> = unsent.iter().map(push).collect();
        let rounds = rounds.iter().filter(|errand| errand.refusal.is_none());
        let rounds: Vec<Patrol> = rounds.filter_map(|errand| errand.patrol_by(net.skew())).collect();
        let maker = Maker { office: office.id, device: office.device, person: office.me.id, at: net.now() };
        let mut hashes = unsent.iter().map(|unsent| unsent.hash);
        for draft in pack(maker, &pushes, &rounds, &[]) {
            let signature = net.sign(&signed_text(&draft.manifest)).await.map_err(|_| Halt::Later)?;
            let head = Head::bytes(&draft.manifest, &signature);
            for section in &draft.records {
                let count = wire::unpack::<Records>(section).map_or(0, |records| records.pushes.len());
                let of_section: Vec<ChangeHash> = hashes.by_ref().take(count).collect();
                let verdicts = bring_section(net, &[&head[..], section].concat()).await?;
                let judged = of_section.into_iter().zip(verdicts);
                self.taken.extend(judged.filter(|(_, it)| *it != Verdict::MissingDependencies).map(|(hash, _)| hash));
            }
        }
        Ok(())
    }
}

/// A change of the key whose answer was lost is asked for again; so is the last one of an office that does not know the key any more. In
/// doubt it is only found out which one is known: a proof by the same key may be under way, whose answer can be asked for again by no other.
async fn settle_key(store: &Store, net: &Net, doubted: bool, not_known: bool) -> Result<(), StoreError> {
    let (Some(keys), Some(identity)) = (store.keys().await?, store.identity().await?) else { return Ok(()) };
    if !not_known && (doubted || keys.next.is_none()) {
        return Ok(());
    }
    match doubted {
        true => rotation::find(store, identity.device, net.skew()).await?,
        false => rotation::settle(store, identity.device, net.skew()).await?,
    };
    store.key().await?.into_iter().for_each(|key| net.set_key(key.private));
    Ok(())
}

/// What the office says of its changes; nothing where it will never take it so: the others need not wait for it.
async fn bring_section(net: &Net, body: &[u8]) -> Result<Vec<Verdict>, Halt> {
    match net.call_once(Call { method: "POST", path: PATH, headers: &[], body }).await {
        Ok(answer) => wire::unpack::<Taken>(&answer.body).map(|taken| taken.verdicts).map_err(|_| Halt::Later),
        Err(NetError::Problem(problem)) if is_final(problem.kind) => Ok(Vec::new()),
        Err(error) => Err(halt(net, &error)),
    }
}

fn halt(net: &Net, error: &NetError) -> Halt {
    match error {
        _ if net.learns_the_time(error) => Halt::Clock,
        _ if is_not_known(error) => Halt::NotKnown,
        NetError::Problem(problem) if problem.kind == ProblemKind::DeviceRevoked => Halt::Stopped(Failure::Revoked),
        NetError::Problem(problem) if problem.kind == ProblemKind::DeviceUnknown => Halt::Stopped(Failure::Unknown),
        _ => Halt::Later,
    }
}

//! The worker: holds the writer's lock and drives the engine over IndexedDB and fetch, one event at a time.
//! Must not decide anything that the engine decides, and knows nothing of pages; it may die at any moment without loss.

mod careful;
mod courier;
mod errands;
mod import;
mod key;
mod keyless;
mod live;
mod offer;
mod outputs;
mod queue;
mod room;
mod vault;

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};
use xiaohao_shared::api::{Office, Wanted};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PhotoId};
use xiaohao_shared::sync::engine::{Engine, Failure, Input, Status, Ticket};
use xiaohao_shared::sync::wire::{Condition, LogId};
use xiaohao_shared::time::MINUTE;

use self::careful::Care;
use self::courier::{Courier, Moved};
use self::errands::{Errands, Told};
use self::import::Staging;
use self::key::KeyAge;
use self::keyless::{Brought, Keyless};
use self::offer::Offer;
use self::queue::Queue;
use self::room::Room;
use crate::browser::{self, random_u64, words};
use crate::client::IssueView;
use crate::messages::{FromWriter, Message, Name, ToOwner, ToWriter, channel_name, pack, unpack};
use crate::net::Net;
use crate::rotation::Settled;
use crate::store::seats::Seat;
use crate::store::{Store, StoreError};
use crate::upload::Outcome;

/// Only the holder of the store's lock writes.
fn lock_name(seat: Seat) -> String {
    format!("{}-writer", seat.database())
}

/// Milliseconds between two signs of life.
pub const BEAT: i64 = 4_000;
/// No wait of the engine is longer: a due time beyond it comes from a clock that was set back.
const LONGEST_WAIT: i64 = 10 * MINUTE;

/// Tenths of the storage.
const FULL: u8 = 10;

/// What happens to a writer.
pub enum Event {
    Command(ToWriter),
    /// The log at the office has reached this position.
    News {
        position: u64,
    },
    /// There is this version of people, rules and notices.
    OfficeVersion(u64),
    /// What came of a request of the engine of this epoch.
    Sync(u32, Box<Input>),
    Uploaded {
        photo: PhotoId,
        outcome: Outcome,
    },
    /// What came of bringing a part of a parcel.
    Carried(Box<Moved>),
    /// What came of bringing what lies outside the vault.
    Brought(Brought),
    /// The office gives this device nothing before its person has proven himself.
    Unproven,
    /// What came of telling an errand.
    Errand(String, Told),
    /// The office does not know the key that signed a request.
    NotKnown,
    /// What came of asking it for another one.
    Key(Result<Settled, StoreError>),
    /// `None`: it could not be fetched.
    Office(Option<Box<Office>>),
    /// What the office of this log lacks of the photos here; `None`: it did not say.
    Wanted(LogId, Option<Wanted>),
    /// Whether the storage is nearly full.
    Room {
        tight: bool,
    },
    /// Where it is, these documents are worth least.
    Spent(Vec<IssueId>),
}

pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        tell_owner(&ToOwner::Died(info.to_string()));
    }));
    // A trap that is no panic, like a stack overflow, shows only as a rejected promise.
    let trapped = Closure::<dyn FnMut(JsValue)>::new(|event: JsValue| {
        tell_owner(&ToOwner::Died(words(&browser::field(&event, "reason"))));
    });
    let global = js_sys::global();
    let _ = js_sys::Reflect::set(&global, &"onunhandledrejection".into(), trapped.as_ref());
    trapped.forget();
    spawn_local(async {
        if let Err(error) = run().await {
            tell_owner(&ToOwner::Died(format!("{error:?}")));
        }
    });
}

fn global() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// As the page has named this worker.
fn named() -> (Seat, String) {
    let name = global().name();
    let (seat, version) = Seat::of_worker(&name);
    (seat, version.into())
}

/// How this phone is at the start of its worker.
async fn condition() -> Condition {
    let (used, quota) = browser::storage_estimate().await;
    let tenths = used.saturating_mul(10).checked_div(quota);
    let (storage, storage_untold) = (tenths.unwrap_or(0).min(10) as u8, tenths.is_none());
    Condition { version: named().1, storage, storage_untold, ..Condition::default() }
}

fn tell_owner(message: &ToOwner) {
    let _ = global().post_message(&pack(message));
}

async fn run() -> Result<(), StoreError> {
    let (seat, version) = named();
    let store = Store::open(seat).await?;
    if speaker(&store).await?.is_none() {
        return Ok(());
    }
    browser::hold_lock(&lock_name(seat)).await;
    if store.is_in_doubt().await?
        && let Some((net, device)) = speaker(&store).await?
    {
        Keyless::begin(&store, &net, &channel_name(seat, device)).await?.live().await?;
    }
    // Only now: whoever held the lock may have made a vault meanwhile, and who proved himself may have got another number.
    let Some((net, device)) = speaker(&store).await? else { return Ok(()) };
    let channel = channel_name(seat, device);
    vault::open(&store, &net, &channel).await?;
    tell_owner(&ToOwner::Writing);
    let (events, inbox) = unbounded();
    let voice = Voice::new(&channel, events.clone())?;
    let care = Care::begin(&store, &version).await?;
    let writer = Writer::begin(store, net, device, voice, events, care).await?;
    writer.live(inbox).await
}

/// As whom this browser speaks to the office, if it is a device.
async fn speaker(store: &Store) -> Result<Option<(Rc<Net>, DeviceId)>, StoreError> {
    let (Some(key), Some(identity)) = (store.key().await?, store.identity().await?) else { return Ok(None) };
    let net = Net::new(Some(identity.device), key.private, store.skew().await?);
    Ok(Some((Rc::new(net), identity.device)))
}

/// The writer's voice on the channel, and its ear.
struct Voice {
    channel: BroadcastChannel,
}

impl Voice {
    fn new(name: &str, events: UnboundedSender<Event>) -> Result<Self, StoreError> {
        let channel = BroadcastChannel::new(name)?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(Message::ToWriter(command)) = unpack(&event.data()) {
                let _ = events.unbounded_send(Event::Command(command));
            }
        });
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        hear.forget();
        Ok(Self { channel })
    }

    fn say(&self, message: FromWriter) {
        let _ = self.channel.post_message(&pack(&Message::FromWriter(message)));
    }
}

struct Writer {
    store: Store,
    net: Rc<Net>,
    device: DeviceId,
    engine: Engine,
    /// How many engines there were before.
    epoch: u32,
    imports: VecDeque<Staging>,
    voice: Voice,
    events: UnboundedSender<Event>,
    care: Care,
    /// What every command of a page led to, `None` while it is under way: a repeated one is not done twice.
    answers: Vec<(Name, Option<FromWriter>)>,
    names: Vec<(Ticket, Name)>,
    tickets: Ticket,
    /// The changes that the office does not have.
    outbox: BTreeSet<ChangeHash>,
    queue: Queue,
    courier: Courier,
    errands: Errands,
    offer: Offer,
    room: Room,
    key: KeyAge,
    /// As it was last said.
    status: Status,
    said_skew: i64,
    /// The position of the log up to which everything is here.
    reached: u64,
    office_version: Option<u64>,
    office_asked: bool,
    /// What was said to be newer while an answer was under way.
    office_heard: Option<u64>,
    listens: bool,
    /// Why nobody works with this device.
    stopped: Option<Failure>,
    /// What the office is told of this phone.
    condition: Condition,
    /// The journal names documents that no batch has put back yet.
    journaled: bool,
}

impl Writer {
    async fn begin(
        store: Store,
        net: Rc<Net>,
        device: DeviceId,
        voice: Voice,
        events: UnboundedSender<Event>,
        care: Care,
    ) -> Result<Self, StoreError> {
        let found = store.found().await?;
        let outbox = found.unsent.iter().map(|unsent| unsent.hash).collect();
        let reached = found.reached.scopes.values().map(|position| position.after).max().unwrap_or(0);
        // One that an older app has stored does not say which office it is: it is fetched again.
        let office = store.office().await?.filter(|office| office.id.is_some());
        let office_version = office.map(|office| office.version);
        let (said_skew, stopped) = (store.skew().await?, store.stopped().await?);
        let (queue, courier) = (Queue::begin(&store).await?, Courier::begin(&store).await?);
        let errands = Errands::begin(&store, found.reached.log).await?;
        let offer = Offer::begin(&store, found.reached.log).await?;
        let key = KeyAge::begin(&store, net.now()).await?;
        let engine = Engine::new(device, random_u64(), found);
        Ok(Self {
            store,
            net,
            status: engine.status(),
            device,
            engine,
            epoch: 0,
            imports: VecDeque::new(),
            voice,
            events,
            care,
            answers: Vec::new(),
            names: Vec::new(),
            tickets: 0,
            outbox,
            queue,
            courier,
            errands,
            offer,
            room: Room::default(),
            key,
            said_skew,
            reached,
            office_version,
            office_asked: false,
            office_heard: None,
            listens: false,
            stopped,
            condition: condition().await,
            journaled: false,
        })
    }

    async fn live(mut self, mut inbox: UnboundedReceiver<Event>) -> Result<(), StoreError> {
        self.voice.say(FromWriter::Here);
        self.greet();
        loop {
            self.engine.is_in(self.condition_now());
            self.engine.handle(self.net.now(), Input::Wakeup);
            self.drain().await?;
            self.stage().await?;
            self.settle().await;
            let sleep = std::pin::pin!(browser::sleep(self.wait()));
            if let Either::Left((Some(event), _)) = select(inbox.next(), sleep).await {
                self.take(event).await?;
            }
            tell_owner(&ToOwner::Beat);
        }
    }

    fn condition_now(&self) -> Condition {
        let photos = self.queue.status().waiting;
        match self.room.tight {
            // Whoever tried knows, whatever the browser tells.
            true => Condition { photos, storage: FULL, storage_untold: false, ..self.condition.clone() },
            false => Condition { photos, ..self.condition.clone() },
        }
    }

    /// Everything of the zones is here, and the last request was answered.
    fn in_step(&self) -> bool {
        self.status.complete && !self.status.syncing && self.status.failure.is_none()
    }

    /// Milliseconds until something is to be done even if nothing happens.
    fn wait(&mut self) -> i64 {
        if !self.imports.is_empty() {
            return 0;
        }
        let now = self.net.now();
        let due = self.engine.next_wakeup().map_or(BEAT, |at| at - now);
        if due > LONGEST_WAIT {
            self.engine.handle(now, Input::Nudge);
            return 0;
        }
        due.clamp(0, BEAT)
    }

    /// What a page that has just begun to listen cannot know.
    fn greet(&self) {
        self.voice.say(FromWriter::Status(Box::new(self.status.clone())));
        self.voice.say(FromWriter::Photos(self.queue.status()));
        self.voice.say(FromWriter::Carried(self.courier.parcels().to_vec()));
        self.voice.say(FromWriter::Errands);
        self.voice.say(FromWriter::SetAside(self.care.set_aside));
        self.voice.say(FromWriter::Skew(self.said_skew));
        self.voice.say(FromWriter::Tight(self.room.tight));
        // It may have begun with a key that another worker has changed since.
        self.voice.say(FromWriter::Key);
    }

    async fn take(&mut self, event: Event) -> Result<(), StoreError> {
        match event {
            Event::Command(command) => self.command(command).await?,
            Event::News { position } => {
                self.voice.say(FromWriter::News);
                // What this phone has just pushed itself is no news to it.
                if position > self.reached {
                    self.input(Input::Nudge);
                }
            }
            Event::OfficeVersion(version) => self.follow_office(version),
            Event::Sync(epoch, input) if epoch == self.epoch => self.answered(*input).await?,
            Event::Sync(..) => {}
            Event::Uploaded { photo, outcome } => self.queue.ended(&self.store, photo, outcome).await?,
            Event::Carried(moved) => self.courier.ended(&self.store, *moved).await?,
            Event::Unproven => {
                self.store.put_in_doubt().await?;
                self.voice.say(FromWriter::LoggedOut);
            }
            Event::NotKnown => self.key.is_not_known(),
            Event::Key(settled) => self.key_is_settled(settled).await?,
            // Of a worker that could not read: the engine asks by itself.
            Event::Brought(_) => {}
            Event::Errand(key, told) => self.errands.ended(&self.store, key, told, self.net.skew()).await?,
            Event::Office(office) => self.keep_office(office).await?,
            Event::Wanted(log, wanted) => self.bring_back(log, wanted).await?,
            Event::Room { tight } => self.told_of_room(tight),
            Event::Spent(issues) => self.input(Input::Shed { issues }),
        }
        Ok(())
    }

    fn input(&mut self, input: Input) {
        self.engine.handle(self.net.now(), input);
    }

    async fn command(&mut self, command: ToWriter) -> Result<(), StoreError> {
        match command {
            ToWriter::Hello => self.greet(),
            ToWriter::Save { name, issue, edit, again } => self.save(name, issue, *edit, again).await?,
            ToWriter::Read { name, issue } => {
                let view = self.view(issue).await?.map(Box::new);
                self.voice.say(FromWriter::View { name, view });
            }
            ToWriter::Import { name, rows } => self.import(name, rows).await?,
            ToWriter::StopImport { name } => self.stop_import(&name),
            ToWriter::Want { issue } => self.input(Input::Want { issue }),
            ToWriter::Dismiss { hash } => self.input(Input::Dismiss { hash }),
            ToWriter::PhotoAgain { photo } => self.queue.again(&self.store, photo).await?,
            ToWriter::GiveUpPhoto { photo } => self.queue.give_up(&self.store, photo).await?,
            ToWriter::Carry => self.courier.look(&self.store).await?,
            ToWriter::ForgetCarried { parcel } => self.courier.forget(&self.store, &parcel).await?,
            ToWriter::Errands => self.errands.look(&self.store).await?,
            ToWriter::Nudge => {
                self.errands.nudge();
                self.queue.nudge();
                self.courier.nudge();
                self.input(Input::Nudge);
            }
        }
        Ok(())
    }

    async fn save(&mut self, name: Name, issue: IssueId, edit: Edit, again: bool) -> Result<(), StoreError> {
        let known = self.answers.iter().find(|(known, _)| *known == name).map(|(_, answer)| answer.clone());
        match known {
            Some(Some(answer)) => self.voice.say(answer),
            Some(None) => {}
            None if again && self.has(issue, &edit).await? => self.answer(name.clone(), FromWriter::Saved { name }),
            None => {
                self.tickets += 1;
                self.names.push((self.tickets, name.clone()));
                self.answers.push((name, None));
                self.input(Input::Edit { ticket: self.tickets, issue, edit });
            }
        }
        Ok(())
    }

    fn answer(&mut self, name: Name, answer: FromWriter) {
        self.voice.say(answer.clone());
        self.answers.retain(|(known, _)| *known != name);
        self.answers.push((name, Some(answer)));
    }

    /// Whether an edit was stored by a writer that died before it could say so: its record's key is nobody else's.
    async fn has(&mut self, issue: IssueId, edit: &Edit) -> Result<bool, StoreError> {
        Ok(self.view(issue).await?.is_some_and(|view| edit.is_recorded_in(&view.issue)))
    }

    async fn view(&mut self, issue: IssueId) -> Result<Option<IssueView>, StoreError> {
        self.journaled = true;
        let mut loaded = self.load(&[issue]).await?;
        let stored = loaded.pop().and_then(|(_, stored)| stored);
        Ok(stored.and_then(|stored| {
            let document = Document::load(&stored.bytes).ok()?;
            let issue = document.read(issue).ok()?;
            Some(IssueView { issue, conflicts: document.conflicts(), number: stored.number })
        }))
    }

    async fn answered(&mut self, input: Input) -> Result<(), StoreError> {
        let input = match input {
            Input::Answered { response } => {
                self.key.is_known();
                self.set_stopped(response.stopped.map(Failure::from)).await?;
                if response.stopped.is_none() {
                    self.listen();
                }
                Input::Answered { response: self.care.check(&self.store, response).await? }
            }
            Input::NotAnswered { failure } => {
                let failure = self.key.explain(failure);
                if failure.is_stop() {
                    self.set_stopped(Some(failure)).await?;
                }
                Input::NotAnswered { failure }
            }
            other => other,
        };
        self.input(input);
        Ok(())
    }

    /// So that a device that is stopped shows nothing at its next start either, when it may be offline.
    async fn set_stopped(&mut self, stopped: Option<Failure>) -> Result<(), StoreError> {
        if self.stopped != stopped {
            self.stopped = stopped;
            self.store.set_stopped(stopped).await?;
        }
        Ok(())
    }

    /// After the first answer, so that the start itself costs one request.
    fn listen(&mut self) {
        if !self.listens {
            self.listens = true;
            spawn_local(live::listen(self.net.clone(), self.events.clone()));
        }
    }

    async fn keep_office(&mut self, office: Option<Box<Office>>) -> Result<(), StoreError> {
        self.office_asked = false;
        let heard = self.office_heard.take();
        if let Some(office) = office {
            self.store.set_office(&office).await?;
            self.office_version = Some(office.version);
            self.voice.say(FromWriter::Office);
            if let Some(version) = heard {
                self.follow_office(version);
            }
        }
        Ok(())
    }
}

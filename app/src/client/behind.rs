//! What stands behind the client of one page: its store, its key, its channel to the writer, and the commands under way.
//! Must not draw, and must not load documents: a bad one would take the page with it.

use base64ct::{Base64UrlUnpadded, Encoding};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use futures_channel::oneshot;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};
use xiaohao_shared::api::Office;
use xiaohao_shared::id::{DeviceId, IssueId, PhotoId};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::time::Timestamp;

use super::keeper::Keeper;
use super::{Broken, Client, Phase};
use crate::browser::{self, device_time, random};
use crate::messages::{FromWriter, Message, Name, ToWriter, channel_name, pack, unpack};
use crate::net::Net;
use crate::store::identity::{Identity, Key};
use crate::store::seats::Seat;
use crate::store::vault::StoreKey;
use crate::store::{Store, StoreError};

/// A command whose answer is awaited. Asked again of the next writer, should this one die.
struct Pending {
    name: Name,
    command: ToWriter,
    answer: oneshot::Sender<FromWriter>,
    /// A writer that comes after this one shall not do it either.
    stopped: bool,
}

#[derive(Default)]
pub struct Behind {
    /// In whose store this page is, once the list of people was read.
    pub seat: Cell<Seat>,
    /// On which all tabs hear that it is another's turn.
    pub turns: RefCell<Option<BroadcastChannel>>,
    pub store: RefCell<Option<Store>>,
    pub net: RefCell<Option<Rc<Net>>>,
    channel: RefCell<Option<BroadcastChannel>>,
    pub keeper: Keeper,
    /// Of an open vault.
    pub key: Cell<Option<StoreKey>>,
    pending: RefCell<Vec<Pending>>,
    commands: Cell<u32>,
    /// Tells this page's commands from those of other tabs.
    page: RefCell<String>,
    /// What changed before the rows were read; `None` since they are.
    early: RefCell<Option<Vec<IssueId>>>,
    pub skew: Cell<i64>,
    /// Calls that wait for the person to show his passkey.
    pub waiting: RefCell<Vec<oneshot::Sender<bool>>>,
    pub urls: RefCell<Vec<(PhotoId, String)>>,
    /// When this page last thought of asking for this person's devices.
    pub looked: Cell<Timestamp>,
    /// The hand-over file that was made last, for the system's sharing.
    pub file: RefCell<Option<web_sys::File>>,
}

impl Behind {
    pub fn new() -> Self {
        let page = RefCell::new(Base64UrlUnpadded::encode_string(&random::<6>()));
        Self { page, early: RefCell::new(Some(Vec::new())), ..Self::default() }
    }

    pub fn store(&self) -> Option<Store> {
        self.store.borrow().clone()
    }

    pub fn net(&self) -> Option<Rc<Net>> {
        self.net.borrow().clone()
    }

    pub fn now(&self) -> Timestamp {
        device_time() + self.skew.get()
    }

    pub fn say(&self, command: ToWriter) {
        self.post(&Message::ToWriter(command));
    }

    pub(super) fn post(&self, message: &Message) {
        if let Some(channel) = &*self.channel.borrow() {
            let _ = channel.post_message(&pack(message));
        }
    }

    /// Says a command and waits for its answer, over any number of writers. `None` only when the app has given up.
    pub async fn ask(&self, command: impl FnOnce(Name) -> ToWriter) -> Option<FromWriter> {
        let number = self.commands.get() + 1;
        self.commands.set(number);
        let name = format!("{}-{number}", self.page.borrow());
        let command = command(name.clone());
        let (answer, wait) = oneshot::channel();
        self.pending.borrow_mut().push(Pending { name, command: command.clone(), answer, stopped: false });
        self.say(command);
        wait.await.ok()
    }

    fn ask_again(&self) {
        for pending in self.pending.borrow().iter() {
            let mut command = pending.command.clone();
            if let ToWriter::Save { again, .. } = &mut command {
                *again = true;
            }
            self.say(command);
            if pending.stopped {
                self.say(ToWriter::StopImport { name: pending.name.clone() });
            }
        }
    }

    /// This page waits for what has this name.
    fn asks(&self, name: &Name) -> bool {
        self.pending.borrow().iter().any(|pending| pending.name == *name)
    }

    /// Only what this page imports: another tab may import, too.
    pub fn stop_import(&self) {
        let mut pending = self.pending.borrow_mut();
        for pending in pending.iter_mut().filter(|it| matches!(it.command, ToWriter::Import { .. })) {
            pending.stopped = true;
            self.say(ToWriter::StopImport { name: pending.name.clone() });
        }
    }

    fn hand_over(&self, name: &str, answer: FromWriter) {
        let mut pending = self.pending.borrow_mut();
        if let Some(at) = pending.iter().position(|pending| pending.name == name) {
            let _ = pending.remove(at).answer.send(answer);
        }
    }

    /// Whoever waits is told that there will be no answer.
    pub fn give_up(&self) {
        self.pending.borrow_mut().clear();
    }

    pub fn say_logged_out(&self) {
        self.post(&Message::FromWriter(FromWriter::LoggedOut));
    }
}

impl Client {
    /// Opens the store and goes on to where this device stands in its life.
    pub(super) async fn wake(self) {
        let phase = match browser::missing() {
            Some(missing) => Phase::Broken(Broken::Browser(missing.into())),
            None => self.open_in_turn().await.unwrap_or_else(|error| Phase::Broken(error.into())),
        };
        self.phase.set(phase);
    }

    async fn open_in_turn(self) -> Result<Phase, StoreError> {
        self.take_turn().await?;
        self.open().await
    }

    /// Again, once a closed vault was opened.
    pub(super) async fn open(self) -> Result<Phase, StoreError> {
        let store = match self.behind().store() {
            Some(store) => store,
            None => Store::open(self.seat()).await?,
        };
        self.behind().store.replace(Some(store.clone()));
        match (store.key().await?, store.identity().await?) {
            (Some(key), Some(identity)) => self.begin(&store, key, identity).await,
            _ => Ok(Phase::NotEnrolled),
        }
    }

    /// Shows what is stored, then starts the worker.
    pub(super) async fn begin(self, store: &Store, key: Key, identity: Identity) -> Result<Phase, StoreError> {
        let behind = self.behind();
        behind.skew.set(store.skew().await?);
        let net = Net::new(Some(identity.device), key.private, behind.skew.get());
        behind.net.replace(Some(Rc::new(net)));
        self.read_passkeys_here().await;
        self.office.set(store.office().await?.map(Arc::new));
        // The channel first: what changes while the rows are read must not be missed.
        self.open_channel(identity.device)?;
        if store.is_in_doubt().await? {
            return self.stand_outside(store).await;
        }
        if let Some(vault) = store.vault().await?.filter(|_| behind.key.get().is_none()) {
            return self.stand_before(store, vault).await;
        }
        // Before anything of it is on the screen.
        self.lock_if_due();
        match store.rows().await {
            Err(StoreError::Sealed) => return self.stand_before_what_is_sealed(store).await,
            rows => self.rows.set(Arc::new(rows?)),
        }
        let early = behind.early.take().unwrap_or_default();
        self.follow(&early).await;
        behind.keeper.start(self);
        behind.say(ToWriter::Hello);
        Ok(store.stopped().await?.map_or(Phase::Ready, Phase::Stopped))
    }

    fn open_channel(self, device: DeviceId) -> Result<(), StoreError> {
        if self.behind().channel.borrow().is_some() {
            return Ok(());
        }
        let channel = BroadcastChannel::new(&channel_name(self.seat(), device))?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match unpack(&event.data()) {
            Some(Message::FromWriter(message)) => self.hear(message),
            Some(Message::NeedsKey) => self.asked_for_key(),
            Some(Message::Key { vault, key }) => spawn_local(self.given_key(vault, key)),
            Some(Message::ToWriter(_)) | None => {}
        });
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        hear.forget();
        self.behind().channel.replace(Some(channel));
        Ok(())
    }

    fn hear(self, message: FromWriter) {
        let behind = self.behind();
        match &message {
            FromWriter::Saved { name }
            | FromWriter::NotSaved { name, .. }
            | FromWriter::View { name, .. }
            | FromWriter::Imported { name, .. } => {
                behind.hand_over(&name.clone(), message);
            }
            FromWriter::Importing { name, at, of } if self.behind().asks(name) => self.importing.set(Some((*at, *of))),
            FromWriter::Importing { .. } => {}
            FromWriter::Here => behind.ask_again(),
            FromWriter::Changed { issues } => {
                let issues = issues.clone();
                spawn_local(async move { self.follow(&issues).await });
            }
            FromWriter::Status(status) => {
                self.follow_phase(status.failure, status.last_contact);
                self.status.set((**status).clone());
                if status.complete && status.failure.is_none() {
                    spawn_local(self.look_for_newcomers());
                }
            }
            FromWriter::Photos(status) => self.photos_status.set(status.clone()),
            FromWriter::Carried(carried) => self.carried.set(carried.clone()),
            FromWriter::Errands => spawn_local(async move { self.read_errands().await }),
            FromWriter::SetAside(count) => self.set_aside.set(*count),
            FromWriter::Office => spawn_local(async move { self.read_office().await }),
            FromWriter::Skew(skew) => self.set_skew(*skew),
            FromWriter::Tight(tight) => self.tight.set(*tight),
            FromWriter::News => self.news.update(|news| *news += 1),
            FromWriter::Key => spawn_local(self.read_key()),
            FromWriter::Vault => spawn_local(self.read_vault()),
            FromWriter::LoggedOut => self.leave(),
        }
    }

    /// A device that is welcome again shows itself at the first answer.
    fn follow_phase(self, failure: Option<Failure>, last_contact: Option<Timestamp>) {
        let before = self.status.with_untracked(|status| status.last_contact);
        match (self.phase.get_untracked(), failure) {
            (Phase::Ready | Phase::Stopped(_), Some(failure)) if failure.is_stop() => self.stop(failure),
            (Phase::Stopped(_), None) if before.is_some() && last_contact > before => self.phase.set(Phase::Ready),
            _ => {}
        }
    }

    fn stop(self, why: Failure) {
        let stopped = Phase::Stopped(why);
        if self.phase.with_untracked(|phase| *phase != stopped) {
            self.phase.set(stopped);
        }
    }

    fn set_skew(self, skew: i64) {
        let behind = self.behind();
        behind.skew.set(skew);
        if let Some(net) = behind.net() {
            net.set_skew(skew);
        }
    }

    async fn read_key(self) {
        let (Some(store), Some(net)) = (self.behind().store(), self.behind().net()) else { return };
        if let Ok(Some(key)) = store.key().await {
            net.set_key(key.private);
        }
    }

    pub(super) async fn read_office(self) {
        let Some(store) = self.behind().store() else { return };
        if let Ok(Some(office)) = store.office().await {
            self.office.set(Some(Arc::new(office)));
        }
    }

    async fn read_errands(self) {
        let Some(store) = self.behind().store() else { return };
        if let Ok(errands) = store.unheard().await {
            self.errands.set(errands);
        }
    }

    /// Keeps the version: the worker still fetches the whole of it, as the office has it.
    pub(super) async fn change_office(self, change: impl FnOnce(&mut Office)) {
        let Some(mut office) = self.office.get_untracked() else { return };
        change(Arc::make_mut(&mut office));
        if let Some(store) = self.behind().store() {
            let _ = store.set_office(&office).await;
        }
        self.office.set(Some(office));
    }

    /// Reads the rows that changed, instead of all of them.
    async fn follow(self, issues: &[IssueId]) {
        if let Some(early) = self.behind().early.borrow_mut().as_mut() {
            return early.extend(issues);
        }
        let Some(store) = self.behind().store() else { return };
        if let Ok(rows) = store.rows_of(issues).await {
            self.rows.update(|all| patch(Arc::make_mut(all), issues, rows));
        }
    }

    /// The store is another one, or none: nothing of it as it was may stay on the screen.
    pub(super) fn leave(self) {
        self.behind().keeper.stop();
        if let Some(window) = web_sys::window() {
            let _ = window.location().reload();
        }
    }
}

/// `all` is sorted by id and stays so.
fn patch(all: &mut Vec<Summary>, issues: &[IssueId], rows: Vec<Option<Summary>>) {
    for (issue, row) in issues.iter().zip(rows) {
        match (all.binary_search_by_key(issue, |row| row.id), row) {
            (Ok(at), Some(row)) => all[at] = row,
            (Ok(at), None) => drop(all.remove(at)),
            (Err(at), Some(row)) => all.insert(at, row),
            (Err(_), None) => {}
        }
    }
}

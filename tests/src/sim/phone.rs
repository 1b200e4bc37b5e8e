//! A phone of a simulated world: the real engine over a storage in memory. It dies between any two effects, its writes fail,
//! its clock is wrong, its storage is copied and put back. Knows no office: requests and answers are carried by the world.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{DeviceId, IssueId, ZoneId};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::sync::engine::{Batch, Engine, Failure, Input, NotSaved, Output, Status, Ticket};
use xiaohao_shared::sync::wire::{LogId, Position, Request, Response};
use xiaohao_shared::time::{DAY, Timestamp};

use super::album::Album;
use super::chance::mix;
use super::check::records_in;
use super::clock;
use super::office::record_of;
use super::plant::Plant;
use crate::phone::Storage;

pub struct Phone {
    pub device: DeviceId,
    /// Its owner, as the phone last heard.
    pub person: Person,
    pub storage: Storage,
    pub kept: Option<Storage>,
    pub status: Status,
    /// Sent, and nobody knows yet what comes of it.
    pub request: Option<Request>,
    pub answer: Option<Response>,
    /// What was sent last, for a line that delivers twice.
    pub last: Option<Request>,
    /// Whether its owner ever had a role that sees every zone.
    pub ever_roamed: bool,
    pub full: u32,
    pub fuse: Option<u32>,
    pub days_wrong: i64,
    /// Bytes that the line carries in one go.
    pub line: Option<usize>,
    /// The next write is the last thing that this process does.
    pub torn: bool,
    /// It died while rows stood here without their documents: one that was wanted anew is found by the next comparison.
    pub died_lean: bool,
    /// Another tab is open.
    pub tabs: bool,
    /// An app of the first days.
    pub old: bool,
    /// Documents that killed a worker of this version.
    pub avoided: BTreeSet<IssueId>,
    /// What they say and the office has heard: their bytes are kept for whoever looks into it. What is unsent is not excused.
    pub aside: BTreeMap<IssueId, BTreeSet<String>>,
    pub album: Album,
    kept_album: Album,
    engine: Engine,
    said: Option<(Ticket, Result<(), NotSaved>)>,
    tickets: Ticket,
    seed: u64,
    lives: u64,
    deaths: u64,
    plant: Option<Plant>,
}

/// What the phone told its owner about an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Saved,
    NotSaved,
    /// The phone died before it said anything.
    Nothing,
}

impl Phone {
    pub fn new(device: DeviceId, person: Person, storage: Storage, seed: u64, plant: Option<Plant>) -> Self {
        let ever_roamed = roams(&person);
        Self {
            engine: engine(device, mix(seed), &storage),
            device,
            person,
            storage,
            kept: None,
            status: Status::default(),
            request: None,
            answer: None,
            last: None,
            ever_roamed,
            full: 0,
            fuse: None,
            days_wrong: 0,
            line: None,
            torn: false,
            died_lean: false,
            tabs: false,
            old: false,
            avoided: BTreeSet::new(),
            aside: BTreeMap::new(),
            album: Album::default(),
            kept_album: Album::default(),
            said: None,
            tickets: 0,
            seed,
            lives: 0,
            deaths: 0,
            plant,
        }
    }

    /// What somebody has who copied everything: the key and the storage.
    pub fn cloned(&self, seed: u64) -> Self {
        let seed = if self.plant == Some(Plant::ReuseActor) { self.seed } else { seed };
        let twin = Self::new(self.device, self.person.clone(), self.storage.clone(), seed, self.plant);
        let album = self.album.clone();
        let died_lean = self.died_lean || !self.storage.shed().is_empty();
        Self { album, died_lean, ever_roamed: self.ever_roamed, avoided: self.avoided.clone(), ..twin }
    }

    pub fn now(&self) -> Timestamp {
        clock::now() + self.days_wrong * DAY
    }

    /// The process dies and another one begins. The storage stays.
    pub fn crash(&mut self) {
        self.deaths += 1;
        self.lives += u64::from(self.plant != Some(Plant::ReuseActor));
        if self.plant == Some(Plant::ForgetOutbox) {
            self.storage.found.unsent.clear();
        }
        self.died_lean |= !self.storage.shed().is_empty();
        (self.request, self.answer, self.fuse) = (None, None, None);
        self.engine = engine(self.device, mix(self.seed + self.lives), &self.storage);
    }

    pub fn keep(&mut self) {
        (self.kept, self.kept_album) = (Some(self.storage.clone()), self.album.clone());
    }

    pub fn restore(&mut self) -> bool {
        let Some(kept) = &self.kept else { return false };
        (self.storage, self.album) = (kept.clone(), self.kept_album.clone());
        self.crash();
        // What killed the worker kills it again.
        self.avoided.clone().into_iter().for_each(|issue| self.trap(issue));
        true
    }

    /// The worker died of a document: it is set aside until there is a new version, and what was written in it still goes out.
    pub fn trap(&mut self, issue: IssueId) {
        if let Some(stored) = self.storage.documents.remove(&issue) {
            let unsent = self.storage.found.unsent.iter().filter_map(|unsent| record_of(&unsent.intent));
            let unsent: BTreeSet<String> = unsent.collect();
            let records = records_in(issue, &stored.bytes).into_iter().filter(|record| !unsent.contains(record));
            self.aside.insert(issue, records.collect());
        }
        self.storage.found.documents.remove(&issue);
        if self.plant == Some(Plant::TrapDropsOutbox) {
            self.storage.found.unsent.retain(|unsent| unsent.issue != issue);
        }
        self.avoided.insert(issue);
        self.crash();
    }

    /// A new version of the app, or the same one on another day.
    pub fn open_anew(&mut self) {
        self.avoided.clear();
        self.crash();
    }

    pub fn forget_position(&mut self, other_log: bool) {
        let reached = &mut self.storage.found.reached;
        reached.scopes.values_mut().for_each(|position| *position = Position { after: 0, pull: None, own: None });
        reached.log = if other_log { Some(LogId([0; 8])) } else { reached.log };
        self.crash();
    }

    /// Saves an edit the way a page does.
    pub fn save(&mut self, issue: IssueId, edit: Edit) -> Said {
        self.tickets += 1;
        let ticket = self.tickets;
        let before = self.deaths;
        self.give(Input::Edit { ticket, issue, edit });
        if self.plant == Some(Plant::SaidTooEarly) {
            return Said::Saved;
        }
        match self.said.take().filter(|(said, _)| *said == ticket && self.deaths == before) {
            Some((_, Ok(()))) => Said::Saved,
            Some((_, Err(_))) => Said::NotSaved,
            None => Said::Nothing,
        }
    }

    /// What one tab died of saving is asked of the other, who looks first whether it was stored.
    pub fn save_again(&mut self, issue: IssueId, edit: Edit) -> Said {
        let stored = self.storage.documents.get(&issue).and_then(|stored| Document::load(&stored.bytes).ok());
        let has = stored.and_then(|document| document.read(issue).ok()).is_some_and(|read| edit.is_recorded_in(&read));
        if has && self.plant != Some(Plant::SaveTwice) { Said::Saved } else { self.save(issue, edit) }
    }

    /// The phone is full, and some of its documents are worth little.
    pub fn shed(&mut self, issues: Vec<IssueId>) {
        self.give(Input::Shed { issues });
    }

    /// Somebody opens an issue of which only the row is here.
    pub fn open(&mut self, at: usize) -> bool {
        let shed = self.storage.shed();
        let issue = shed.get(at % shed.len().max(1)).copied();
        issue.into_iter().for_each(|issue| self.give(Input::Want { issue }));
        issue.is_some()
    }

    pub fn nudge(&mut self) {
        self.give(Input::Nudge);
    }

    /// Its owner is something else now.
    pub fn knows(&mut self, person: Person) {
        self.ever_roamed |= roams(&person);
        self.person = person;
    }

    pub fn answered(&mut self, mut response: Response) {
        response.items.retain(|item| !self.avoided.contains(&item.issue));
        if self.plant == Some(Plant::DropVerdicts) {
            response.verdicts.pop();
        }
        self.give(Input::Answered { response });
    }

    pub fn failed(&mut self, failure: Failure) {
        self.give(Input::NotAnswered { failure });
    }

    /// What a refused change was is known now: its owner has read it.
    pub fn dismiss(&mut self) -> Option<Edit> {
        let first = self.storage.found.refused.first()?.clone();
        self.give(Input::Dismiss { hash: first.hash });
        let gone = self.storage.found.refused.iter().all(|refused| refused.hash != first.hash);
        gone.then_some(first.intent)
    }

    pub fn wake(&mut self) {
        if self.engine.next_wakeup().is_some_and(|at| at <= self.now()) {
            self.give(Input::Wakeup);
        }
    }

    pub fn give(&mut self, input: Input) {
        self.engine.handle(self.now(), input);
        while let Some(output) = self.engine.poll_output() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Load { ticket, issues } if !self.dies() => {
                let found = |issue: IssueId| (issue, self.storage.documents.get(&issue).cloned());
                let documents = issues.into_iter().map(found).collect();
                self.engine.handle(self.now(), Input::Loaded { ticket, documents });
            }
            Output::Store { ticket, batch } if !self.dies() => self.store(ticket, batch),
            Output::Send { mut request } if !self.dies() => {
                let counts = !self.old && self.plant != Some(Plant::CloneUnnoticed);
                request.turn = request.turn.filter(|_| counts);
                request.held = request.held.filter(|_| !self.old);
                self.last = Some(request.clone());
                self.request = Some(request);
            }
            Output::Saved { ticket, .. } => self.said = Some((ticket, Ok(()))),
            Output::NotSaved { ticket, reason } => self.said = Some((ticket, Err(reason))),
            Output::Status(status) => self.status = status,
            _ => {}
        }
    }

    fn store(&mut self, ticket: Ticket, batch: Batch) {
        if self.plant == Some(Plant::AdvanceBeforeStore) {
            self.storage.take(Batch { position: batch.position.clone(), ..Batch::default() });
            if self.dies() {
                return;
            }
        }
        if self.full > 0 {
            self.full -= 1;
            return self.engine.handle(self.now(), Input::StoreFailed { ticket });
        }
        if std::mem::take(&mut self.torn) {
            if self.plant == Some(Plant::TornWrite) {
                self.storage.take(Batch { documents: batch.documents, ..Batch::default() });
            }
            return self.crash();
        }
        self.album.saved(&batch.unsent);
        self.storage.take(spoilt(self.plant, batch));
        if !self.dies() {
            self.engine.handle(self.now(), Input::Stored { ticket });
        }
    }

    /// Before each effect, and between what is durable and that somebody knows it.
    fn dies(&mut self) -> bool {
        let dies = self.fuse == Some(0);
        self.fuse = self.fuse.and_then(|effects| effects.checked_sub(1));
        if dies {
            self.crash();
        }
        dies
    }

    /// The document at a place that is taken modulo how many there are.
    pub fn nth(&self, at: usize) -> Option<(IssueId, Document)> {
        let stored = self.storage.documents.values().nth(at % self.storage.documents.len().max(1))?;
        Some((stored.issue, Document::load(&stored.bytes).ok()?))
    }

    pub fn follows(&self, zone: ZoneId) -> bool {
        self.storage.found.reached.scopes.contains_key(&zone)
    }
}

/// Every second phone repairs in small parts, as one does whose zone is large.
fn engine(device: DeviceId, seed: u64, storage: &Storage) -> Engine {
    let mut engine = Engine::new(device, seed, storage.found.clone());
    if device.0 % 2 == 1 {
        engine.name_at_most(2);
    }
    engine
}

fn roams(person: &Person) -> bool {
    matches!(person.role, Role::Inspector | Role::Supervisor)
}

fn spoilt(plant: Option<Plant>, mut batch: Batch) -> Batch {
    match plant {
        Some(Plant::HalfPage) if batch.position.is_some() => batch.documents.truncate(batch.documents.len() / 2),
        Some(Plant::DropRefused) => batch.refused.clear(),
        Some(Plant::LetGoForgotten) => batch.gone.clear(),
        Some(Plant::ShedRow) => batch.gone.append(&mut batch.shed),
        _ => {}
    }
    batch
}

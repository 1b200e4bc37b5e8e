//! A phone of a simulated world: the real engine over a storage in memory. It dies between any two effects, its writes fail,
//! its clock is wrong, its storage is copied and put back. Knows no office: requests and answers are carried by the world.

use std::collections::BTreeSet;

use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{DeviceId, IssueId, ZoneId};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::sync::engine::{Batch, Engine, Failure, Input, NotSaved, Output, Status, Ticket};
use xiaohao_shared::sync::wire::{LogId, Position, Request, Response};
use xiaohao_shared::time::{DAY, Timestamp};

use super::chance::mix;
use super::clock;
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
    /// Zones whose issues came here by themselves at some time.
    pub ever_followed: BTreeSet<ZoneId>,
    /// Whether its owner ever had a role that sees every zone.
    pub ever_roamed: bool,
    pub full: u32,
    pub fuse: Option<u32>,
    pub days_wrong: i64,
    engine: Engine,
    said: Option<(Ticket, Result<(), NotSaved>)>,
    tickets: Ticket,
    seed: u64,
    lives: u64,
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
            engine: Engine::new(device, seed, mix(seed), storage.found.clone()),
            device,
            person,
            storage,
            kept: None,
            status: Status::default(),
            request: None,
            answer: None,
            last: None,
            ever_followed: BTreeSet::new(),
            ever_roamed,
            full: 0,
            fuse: None,
            days_wrong: 0,
            said: None,
            tickets: 0,
            seed,
            lives: 0,
            plant,
        }
    }

    /// What somebody has who copied everything: the key and the storage.
    pub fn cloned(&self, seed: u64) -> Self {
        let seed = if self.plant == Some(Plant::ReuseActor) { self.seed } else { seed };
        let twin = Self::new(self.device, self.person.clone(), self.storage.clone(), seed, self.plant);
        Self { ever_followed: self.ever_followed.clone(), ever_roamed: self.ever_roamed, ..twin }
    }

    pub fn now(&self) -> Timestamp {
        clock::now() + self.days_wrong * DAY
    }

    /// The process dies and another one begins. The storage stays.
    pub fn crash(&mut self) {
        self.lives += u64::from(self.plant != Some(Plant::ReuseActor));
        if self.plant == Some(Plant::ForgetOutbox) {
            self.storage.found.unsent.clear();
        }
        (self.request, self.answer, self.fuse) = (None, None, None);
        self.engine = Engine::new(self.device, self.seed, mix(self.seed + self.lives), self.storage.found.clone());
    }

    pub fn keep(&mut self) {
        self.kept = Some(self.storage.clone());
    }

    pub fn restore(&mut self) -> bool {
        let Some(kept) = &self.kept else { return false };
        self.storage = kept.clone();
        self.crash();
        true
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
        let before = self.lives;
        self.give(Input::Edit { ticket, issue, edit });
        if self.plant == Some(Plant::SaidTooEarly) {
            return Said::Saved;
        }
        match self.said.take().filter(|(said, _)| *said == ticket && self.lives == before) {
            Some((_, Ok(()))) => Said::Saved,
            Some((_, Err(_))) => Said::NotSaved,
            None => Said::Nothing,
        }
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
            Output::Send { request } if !self.dies() => {
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
        self.storage.take(spoilt(self.plant, batch));
        self.ever_followed.extend(self.storage.found.reached.scopes.keys());
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

fn roams(person: &Person) -> bool {
    matches!(person.role, Role::Inspector | Role::Supervisor)
}

fn spoilt(plant: Option<Plant>, mut batch: Batch) -> Batch {
    match plant {
        Some(Plant::HalfPage) if batch.position.is_some() => batch.documents.truncate(batch.documents.len() / 2),
        Some(Plant::DropRefused) => batch.refused.clear(),
        _ => {}
    }
    batch
}

//! The phone's half of the sync as a state machine without IO: inputs in, outputs out, time as an argument.
//! Drivers: the app's worker (IndexedDB and fetch), the tests' simulation, the load generator.
//!
//! Invariants kept here: nothing is sent before it is stored; a page's data and its position are stored in one batch;
//! a change leaves the outbox only by a verdict; one document that fails never stops the others.

mod apply;
mod covered;
mod link;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use self::link::Link;
use super::Refusal;
use super::wire::{Condition, LogId, Position, Receipt, Request, Response, Stop};
use crate::doc::{Document, Edit};
use crate::id::{Actor, ChangeHash, DeviceId, IssueId, ZoneId};
use crate::model::summary::Summary;
use crate::time::Timestamp;

/// Names one load or store, so that its result finds its way back.
pub type Ticket = u64;

/// What the driver tells the engine.
#[derive(Debug, Clone)]
pub enum Input {
    /// A person's edit. Answered by `Saved` or `NotSaved` with the same ticket, which the caller chose.
    Edit {
        ticket: Ticket,
        issue: IssueId,
        edit: Edit,
    },
    /// The answer to `Load`: what is stored, or `None`.
    Loaded {
        ticket: Ticket,
        documents: Vec<(IssueId, Option<StoredDocument>)>,
    },
    /// The batch is durable.
    Stored {
        ticket: Ticket,
    },
    /// Nothing of the batch was stored.
    StoreFailed {
        ticket: Ticket,
    },
    Answered {
        response: Response,
    },
    NotAnswered {
        failure: Failure,
    },
    /// There may be something new: a live event, the network came back, somebody tapped "sync".
    Nudge,
    /// A document is wanted whole, because somebody opens it and this phone lacks it.
    Want {
        issue: IssueId,
    },
    /// A refused change was dealt with: forget it.
    Dismiss {
        hash: ChangeHash,
    },
    /// The storage is nearly full, and these documents are worth least. Their rows stay; who opens one gets it again from the
    /// office. Nothing happens to what the office is not known to have.
    Shed {
        issues: Vec<IssueId>,
    },
    /// `next_wakeup` has come.
    Wakeup,
}

/// What the engine asks the driver to do.
#[derive(Debug, Clone)]
pub enum Output {
    Load {
        ticket: Ticket,
        issues: Vec<IssueId>,
    },
    /// Make everything durable in one transaction, then say `Stored`.
    Store {
        ticket: Ticket,
        batch: Batch,
    },
    Send {
        request: Request,
    },
    Saved {
        ticket: Ticket,
        issue: IssueId,
    },
    NotSaved {
        ticket: Ticket,
        reason: NotSaved,
    },
    /// These issues look different now, or are gone.
    Changed {
        issues: Vec<IssueId>,
    },
    /// The directory at the office has this version.
    Office {
        version: u64,
    },
    /// The server's clock, for deadlines and signatures.
    ServerTime {
        time: Timestamp,
    },
    Status(Status),
}

/// Why an edit is not saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSaved {
    /// The storage of the phone refused; nothing was written.
    StorageFailed,
    /// The document is not on this phone.
    NoDocument,
    /// It does not load or does not take the edit.
    Unreadable,
}

/// Why there is no answer. Being offline is a state like the others, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    Offline,
    /// Something answered, but not the office: a captive portal or a proxy.
    NotTheOffice,
    /// The office is there but cannot serve now.
    Unavailable,
    /// The page was too large for the link or the office.
    TooLarge,
    /// The device was taken out of service: nothing comes any more.
    Revoked,
    /// The same, because its key was seen with two storages at once.
    Cloned,
    /// The office does not know this device, as after a restore from a backup that is older than it. It may learn of it again.
    Unknown,
    /// It knows the device, but none of the keys that are kept here: it was restored, this browser was, or somebody else changed the key.
    KeyUnknown,
    /// The office does not speak this app's protocol any more.
    AppTooOld,
}

impl From<Stop> for Failure {
    fn from(why: Stop) -> Self {
        match why {
            Stop::Revoked => Self::Revoked,
            Stop::Cloned => Self::Cloned,
        }
    }
}

impl Failure {
    /// Until the app is opened anew.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Revoked | Self::Cloned | Self::AppTooOld)
    }

    /// Nobody works with this device as long as it lasts.
    pub fn is_stop(self) -> bool {
        matches!(self, Self::Revoked | Self::Cloned | Self::Unknown | Self::KeyUnknown)
    }
}

/// A document as the phone keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDocument {
    pub issue: IssueId,
    pub zone: ZoneId,
    pub bytes: Vec<u8>,
    pub fingerprint: u64,
    pub number: Option<String>,
    pub receipt: Option<Receipt>,
    pub summary: Summary,
}

/// A change that the office does not have yet, with what the person meant by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsent {
    pub hash: ChangeHash,
    pub issue: IssueId,
    pub change: Vec<u8>,
    pub intent: Edit,
    pub made_at: Timestamp,
}

/// A change that the office did not merge. Kept until the person has dealt with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub hash: ChangeHash,
    pub issue: IssueId,
    pub intent: Edit,
    pub refusal: Refusal,
    pub made_at: Timestamp,
    /// A supervisor may still adopt it.
    pub held: bool,
    /// Why the desk discarded it, where it was held and the desk said why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Everything that becomes durable together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    pub documents: Vec<StoredDocument>,
    pub gone: Vec<IssueId>,
    /// Only their bytes go: zone, fingerprint and row stay.
    pub shed: Vec<IssueId>,
    pub unsent: Vec<Unsent>,
    pub sent: Vec<ChangeHash>,
    pub refused: Vec<Refused>,
    pub dismissed: Vec<ChangeHash>,
    /// Bytes that would not merge, kept for the office to look at.
    pub set_aside: Vec<(IssueId, Vec<u8>)>,
    pub position: Option<Reached>,
}

/// The position in all streams, stored with the data that it stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reached {
    pub log: Option<LogId>,
    pub scopes: BTreeMap<ZoneId, Position>,
    pub last_contact: Option<Timestamp>,
    /// The log is another one, and no comparison has shown yet that the office has what is here.
    pub unproven: bool,
}

/// What the driver found in the storage at start.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub reached: Reached,
    /// Zone and fingerprint of every document, also of those that were shed.
    pub documents: BTreeMap<IssueId, (ZoneId, u64)>,
    /// In the order in which they were made.
    pub unsent: Vec<Unsent>,
    pub refused: Vec<Refused>,
}

/// The truth about what the office has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Changes that only this phone has.
    pub unsent: u32,
    pub unsent_bytes: u64,
    pub oldest_unsent: Option<Timestamp>,
    /// Issues with changes that only this phone has.
    pub unsent_issues: BTreeSet<IssueId>,
    /// Issues with changes in the request that is under way.
    pub on_the_way: BTreeSet<IssueId>,
    pub refused: Vec<Refused>,
    pub last_contact: Option<Timestamp>,
    pub syncing: bool,
    pub failure: Option<Failure>,
    pub next_attempt: Option<Timestamp>,
    /// Whether everything of the zones has arrived at least once.
    pub complete: bool,
    pub documents: u32,
    /// How often a digest disagreed and was repaired.
    pub repairs: u32,
}

/// What is being done; one thing at a time, so that no two touch the same document.
enum Job {
    Edit { ticket: Ticket, issue: IssueId, edit: Box<Edit> },
    Page { response: Box<Response> },
    Dismiss { hash: ChangeHash },
    Shed { issues: Vec<IssueId> },
}

enum Doing {
    Nothing,
    Loading { ticket: Ticket, job: Job },
    Storing { ticket: Ticket, batch: Box<Batch>, then: Then },
}

/// What follows when the batch is durable.
enum Then {
    Saved {
        ticket: Ticket,
        issue: IssueId,
    },
    PageDone {
        more: bool,
    },
    /// The office has heard what there was room for, and says nothing more.
    Heard {
        why: Stop,
    },
    Nothing,
}

pub struct Engine {
    device: DeviceId,
    process: u32,
    turn: u32,
    random: u64,
    actors: BTreeMap<IssueId, u64>,
    reached: Reached,
    documents: BTreeMap<IssueId, (ZoneId, u64)>,
    unsent: Vec<Unsent>,
    refused: Vec<Refused>,
    want: BTreeSet<IssueId>,
    /// What somebody looked at or wrote in since this process began.
    opened: BTreeSet<IssueId>,
    heal: Vec<super::wire::Heal>,
    /// Offered once in the life of this process: an offer that did not help must not become a loop.
    healed: BTreeSet<IssueId>,
    lacking: BTreeSet<IssueId>,
    repair: Option<ZoneId>,
    /// Where the next part of a zone begins that is too large to be repaired with one request.
    parts: BTreeMap<ZoneId, IssueId>,
    /// Most issues that one repair names, where the page would hold more.
    most_named: usize,
    /// Out of service: the zones of which a restored office was not told yet what is here.
    untold: BTreeSet<ZoneId>,
    /// The log whose office it began to tell.
    told_of: Option<LogId>,
    /// The zone that was repaired last.
    repaired: Option<ZoneId>,
    /// As in [`Reached`], with what the page says that is being taken in.
    unproven: bool,
    /// The last comparison of this process found that the office has all that is here.
    agreed: bool,
    /// How often each zone that still differs was repaired, as a whole, for nothing.
    repairs: BTreeMap<ZoneId, u32>,
    /// As the driver sees the phone, as the office was told, and as it is being told.
    condition: Condition,
    told: Condition,
    telling: Option<Condition>,
    link: Link,
    jobs: VecDeque<Job>,
    doing: Doing,
    outputs: VecDeque<Output>,
    tickets: Ticket,
}

impl Engine {
    /// `seed` is fresh randomness of this process.
    pub fn new(device: DeviceId, seed: u64, found: Found) -> Self {
        let mut engine = Self {
            device,
            process: 0,
            turn: 0,
            random: seed,
            actors: BTreeMap::new(),
            unproven: found.reached.unproven,
            reached: found.reached,
            documents: found.documents,
            unsent: found.unsent,
            refused: found.refused,
            want: BTreeSet::new(),
            opened: BTreeSet::new(),
            heal: Vec::new(),
            healed: BTreeSet::new(),
            lacking: BTreeSet::new(),
            repair: None,
            parts: BTreeMap::new(),
            most_named: usize::MAX,
            untold: BTreeSet::new(),
            told_of: None,
            repaired: None,
            agreed: false,
            repairs: BTreeMap::new(),
            condition: Condition::default(),
            told: Condition::default(),
            telling: None,
            link: Link::default(),
            jobs: VecDeque::new(),
            doing: Doing::Nothing,
            outputs: VecDeque::new(),
            tickets: 1 << 32,
        };
        engine.process = engine.draw() as u32;
        engine
    }

    /// Repairs name so many issues at most, however many a page holds: in a small world, what a large zone is in a large one.
    pub fn name_at_most(&mut self, issues: usize) {
        self.most_named = issues;
    }

    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Edit { ticket, issue, edit } => {
                self.opened.insert(issue);
                self.jobs.push_back(Job::Edit { ticket, issue, edit: Box::new(edit) });
            }
            Input::Loaded { ticket, documents } => self.loaded(now, ticket, documents),
            Input::Stored { ticket } => self.stored(now, ticket),
            Input::StoreFailed { ticket } => self.store_failed(now, ticket),
            Input::Answered { response } => {
                self.link.answered();
                self.delivered();
                self.jobs.push_back(Job::Page { response: Box::new(response) });
            }
            Input::NotAnswered { failure } => {
                // A long list of fingerprints must not stand before the pushes on every further attempt.
                self.repair = None;
                let random = self.draw();
                self.link.failed(now, failure, random);
            }
            Input::Nudge => self.link.nudge(now),
            Input::Want { issue } => {
                self.want.insert(issue);
                self.opened.insert(issue);
                self.link.nudge(now);
            }
            Input::Dismiss { hash } => self.jobs.push_back(Job::Dismiss { hash }),
            Input::Shed { issues } => self.jobs.push_back(Job::Shed { issues }),
            Input::Wakeup => {}
        }
        self.proceed(now);
        self.outputs.push_back(Output::Status(self.status()));
    }

    /// What the driver knows of its phone; the engine adds what is its own. It rides along with the next request.
    pub fn is_in(&mut self, condition: Condition) {
        self.condition = condition;
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.link.next_wakeup()
    }

    pub fn status(&self) -> Status {
        let pushed = self.link.pushed();
        let on_the_way = self.unsent.iter().filter(|unsent| pushed.contains(&unsent.hash));
        Status {
            unsent: self.unsent.len() as u32,
            unsent_bytes: self.unsent.iter().map(|unsent| unsent.change.len() as u64).sum(),
            oldest_unsent: self.unsent.iter().map(|unsent| unsent.made_at).min(),
            unsent_issues: self.unsent.iter().map(|unsent| unsent.issue).collect(),
            on_the_way: on_the_way.map(|unsent| unsent.issue).collect(),
            refused: self.refused.clone(),
            last_contact: self.reached.last_contact,
            syncing: self.link.is_busy() || matches!(self.jobs.front(), Some(Job::Page { .. })),
            failure: self.link.failure(),
            next_attempt: self.link.next_wakeup(),
            complete: !self.reached.scopes.is_empty() && self.reached.scopes.values().all(|at| at.pull.is_none()),
            documents: self.documents.len() as u32,
            repairs: self.repairs.values().sum(),
        }
    }

    fn proceed(&mut self, now: Timestamp) {
        while matches!(self.doing, Doing::Nothing) {
            let Some(job) = self.jobs.pop_front() else { break };
            self.start(now, job);
        }
        // A page that waits to be stored comes before the next request: its position must not be asked for twice.
        let page_waits = self.jobs.iter().any(|job| matches!(job, Job::Page { .. }));
        let page_runs = match &self.doing {
            Doing::Loading { job: Job::Page { .. }, .. } => true,
            Doing::Storing { then, .. } => matches!(then, Then::PageDone { .. } | Then::Heard { .. }),
            _ => false,
        };
        if !page_waits && !page_runs && self.link.is_due(now) {
            self.send();
        }
    }

    fn start(&mut self, now: Timestamp, job: Job) {
        let issues = match &job {
            // What is not in storage need not be looked for there: a new report is durable one round trip earlier.
            Job::Edit { issue, edit, .. } if edit.genesis && !self.documents.contains_key(issue) => Vec::new(),
            Job::Edit { issue, .. } => vec![*issue],
            Job::Page { response } => self.touched(response),
            Job::Dismiss { .. } | Job::Shed { .. } => Vec::new(),
        };
        if issues.is_empty() {
            return self.work(now, job, BTreeMap::new());
        }
        let ticket = self.ticket();
        self.doing = Doing::Loading { ticket, job };
        self.outputs.push_back(Output::Load { ticket, issues });
    }

    fn loaded(&mut self, now: Timestamp, ticket: Ticket, documents: Vec<(IssueId, Option<StoredDocument>)>) {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Loading { ticket: expected, job } if expected == ticket => {
                let found = documents.into_iter().filter_map(|(issue, stored)| Some((issue, stored?)));
                self.work(now, job, found.collect());
            }
            other => self.doing = other,
        }
    }

    fn work(&mut self, now: Timestamp, job: Job, found: BTreeMap<IssueId, StoredDocument>) {
        match job {
            Job::Edit { ticket, issue, edit } => self.write(now, ticket, issue, *edit, found),
            Job::Page { response } => {
                let then = match response.stopped {
                    Some(why) => Then::Heard { why },
                    None => Then::PageDone { more: response.more },
                };
                let batch = self.take_in(now, *response, found);
                self.store(batch, then);
            }
            Job::Dismiss { hash } => {
                let batch = self.dismiss(hash);
                self.store(batch, Then::Nothing);
            }
            Job::Shed { mut issues } => {
                issues.retain(|issue| self.may_shed(*issue));
                if !issues.is_empty() {
                    self.store(Batch { shed: issues, ..Batch::default() }, Then::Nothing);
                }
            }
        }
    }

    /// Only what the office has as it is here, by a comparison that this process saw; and nothing that somebody is at.
    fn may_shed(&self, issue: IssueId) -> bool {
        let unsent = self.unsent.iter().any(|unsent| unsent.issue == issue);
        let refused = self.refused.iter().any(|refused| refused.issue == issue);
        let is_followed = |(zone, _): &(ZoneId, u64)| self.reached.scopes.contains_key(zone);
        self.agreed
            && self.documents.get(&issue).is_some_and(is_followed)
            && !(unsent || refused || self.opened.contains(&issue) || self.want.contains(&issue))
    }

    fn write(
        &mut self,
        now: Timestamp,
        ticket: Ticket,
        issue: IssueId,
        edit: Edit,
        mut found: BTreeMap<IssueId, StoredDocument>,
    ) {
        let stored = found.remove(&issue);
        if stored.is_none() && !edit.genesis {
            return self.outputs.push_back(Output::NotSaved { ticket, reason: NotSaved::NoDocument });
        }
        match self.author(now, issue, stored, edit) {
            Some((document, unsent)) => {
                let batch = Batch { documents: vec![document], unsent: vec![unsent], ..Batch::default() };
                self.store(batch, Then::Saved { ticket, issue });
            }
            None => self.outputs.push_back(Output::NotSaved { ticket, reason: NotSaved::Unreadable }),
        }
    }

    /// Writes an edit into a document as one change of this device.
    fn author(
        &mut self,
        now: Timestamp,
        issue: IssueId,
        stored: Option<StoredDocument>,
        intent: Edit,
    ) -> Option<(StoredDocument, Unsent)> {
        let actor = self.actor(issue);
        let mut document = match &stored {
            Some(stored) => Document::load(&stored.bytes).ok()?,
            None => Document::default(),
        };
        let change = document.edit(actor, &intent).ok()?;
        let (number, receipt) = stored.map_or((None, None), |stored| (stored.number, stored.receipt));
        let stored = apply::stored(issue, &document, number, receipt)?;
        Some((stored, Unsent { hash: change.hash, issue, change: change.bytes, intent, made_at: now }))
    }

    /// The same actor for a document as long as this process lives, another one in the next.
    fn actor(&mut self, issue: IssueId) -> Actor {
        let fresh = self.draw();
        let nonce = *self.actors.entry(issue).or_insert(fresh);
        Actor { device: self.device, nonce }
    }

    fn store(&mut self, batch: Batch, then: Then) {
        let ticket = self.ticket();
        self.outputs.push_back(Output::Store { ticket, batch: batch.clone() });
        self.doing = Doing::Storing { ticket, batch: Box::new(batch), then };
    }

    /// Memory follows the storage, never the other way round.
    fn stored(&mut self, now: Timestamp, ticket: Ticket) {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Storing { ticket: expected, batch, then } if expected == ticket => {
                // What only waits for its ancestors must not be asked for again and again.
                let settled = !batch.sent.is_empty() || self.link.pushed().is_empty();
                self.remember(*batch);
                self.follow(now, then, settled);
            }
            other => self.doing = other,
        }
    }

    fn follow(&mut self, now: Timestamp, then: Then, settled: bool) {
        match then {
            Then::Saved { ticket, issue } => {
                self.outputs.push_back(Output::Saved { ticket, issue });
                self.link.nudge(now);
            }
            Then::PageDone { more } => {
                self.stop_wanting_what_does_not_come();
                let rest = settled && self.has_more_to_push();
                let again = more || self.repair.is_some() || !self.heal.is_empty() || rest;
                self.link.page_done(now, again || !self.want.is_empty());
            }
            Then::Heard { why } => {
                let rest = settled && self.has_more_to_push();
                self.link.heard(now, why.into(), rest || self.repair.is_some() || !self.heal.is_empty());
            }
            Then::Nothing => {}
        }
    }

    /// What was just pushed and still waits for its ancestors would only wait again.
    fn has_more_to_push(&self) -> bool {
        let pushed = self.link.pushed();
        self.unsent.iter().any(|unsent| !pushed.contains(&unsent.hash))
    }

    fn remember(&mut self, batch: Batch) {
        let changed: BTreeSet<IssueId> =
            batch.documents.iter().map(|document| document.issue).chain(batch.gone.iter().copied()).collect();
        for document in batch.documents {
            self.documents.insert(document.issue, (document.zone, document.fingerprint));
        }
        self.documents.retain(|issue, _| !batch.gone.contains(issue));
        // It may come again without what this process wrote last in it: its next change would repeat a sequence number.
        self.actors.retain(|issue, _| !batch.gone.contains(issue) && !batch.shed.contains(issue));
        let done = |hash: &ChangeHash| batch.sent.contains(hash);
        self.unsent.retain(|unsent| !done(&unsent.hash));
        self.unsent.extend(batch.unsent);
        self.refused.retain(|refused| !batch.dismissed.contains(&refused.hash));
        self.refused.extend(batch.refused);
        if let Some(reached) = batch.position {
            self.reached = reached;
        }
        if !changed.is_empty() {
            self.outputs.push_back(Output::Changed { issues: changed.into_iter().collect() });
        }
    }

    fn store_failed(&mut self, now: Timestamp, ticket: Ticket) {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Storing { ticket: expected, then, .. } if expected == ticket => match then {
                Then::Saved { ticket, issue } => {
                    // The document in storage is the old one, so this actor's next change would repeat a sequence number.
                    self.actors.remove(&issue);
                    self.outputs.push_back(Output::NotSaved { ticket, reason: NotSaved::StorageFailed });
                }
                Then::PageDone { .. } | Then::Heard { .. } => {
                    let random = self.draw();
                    self.link.failed(now, Failure::Unavailable, random);
                }
                Then::Nothing => {}
            },
            other => self.doing = other,
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        self.tickets
    }

    /// SplitMix64: enough to spread retries and to tell actors apart; nothing secret hangs on it.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests;

//! A phone without a browser: the real sync engine over real HTTP, its storage in memory. For tests, load and measurements.
//! Storage survives a "crash" (a new engine over the same storage); what the engine holds in memory does not.

use std::collections::{BTreeMap, VecDeque};

use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderName};
use xiaohao_server::service::random;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::{Issue, Person};
use xiaohao_shared::sync::engine::{
    Batch, Engine, Failure, Found, Input, NotSaved, Output, Refused, Status, StoredDocument,
};
use xiaohao_shared::sync::wire::{self, Request, Response};
use xiaohao_shared::time::Timestamp;

use crate::{Answer, Call, TestDevice};

/// What a browser would keep in IndexedDB.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    pub documents: BTreeMap<IssueId, StoredDocument>,
    pub found: Found,
    pub set_aside: Vec<(IssueId, Vec<u8>)>,
}

impl Storage {
    /// What is here as a row only.
    pub fn shed(&self) -> Vec<IssueId> {
        self.found.documents.keys().filter(|issue| !self.documents.contains_key(issue)).copied().collect()
    }

    pub(crate) fn take(&mut self, batch: Batch) {
        for document in batch.documents {
            self.found.documents.insert(document.issue, (document.zone, document.fingerprint));
            self.documents.insert(document.issue, document);
        }
        for issue in batch.gone {
            self.found.documents.remove(&issue);
            self.documents.remove(&issue);
        }
        self.documents.retain(|issue, _| !batch.shed.contains(issue));
        self.found.unsent.retain(|unsent| !batch.sent.contains(&unsent.hash));
        self.found.unsent.extend(batch.unsent);
        self.found.refused.retain(|refused| !batch.dismissed.contains(&refused.hash));
        self.found.refused.extend(batch.refused);
        self.set_aside.extend(batch.set_aside);
        if let Some(reached) = batch.position {
            self.found.reached = reached;
        }
    }
}

/// Bytes of one phone, bodies and the headers that we control.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub requests: u32,
    pub up: usize,
    pub down: usize,
    pub up_headers: usize,
    pub down_headers: usize,
}

pub struct Phone {
    pub device: TestDevice,
    pub person: Person,
    pub storage: Storage,
    pub traffic: Traffic,
    pub status: Status,
    engine: Engine,
    /// Keeps its connection, as a browser does.
    client: Client,
    /// How often it had to ask for a repair: never, where nothing was put back.
    pub repairs: u32,
    /// How often it was not served and had to ask again; counted by whoever makes it ask again.
    pub turned_away: u32,
    /// Of the last answer.
    pub last_status: u16,
    /// Answers are thrown away while this is above zero: the request arrived, the phone never learns it.
    pub lose_answers: u32,
    tickets: u64,
}

impl Phone {
    pub fn new(device: TestDevice, person: &Person) -> Self {
        let engine = engine(&device, Found::default());
        Self {
            device,
            person: person.clone(),
            storage: Storage::default(),
            traffic: Traffic::default(),
            status: Status::default(),
            engine,
            client: Client::new(),
            repairs: 0,
            turned_away: 0,
            last_status: 0,
            lose_answers: 0,
            tickets: 0,
        }
    }

    /// The same phone in another world, as far as its storage goes.
    pub fn twin(&self) -> Self {
        let mut twin = Self::new(self.device.clone(), &self.person);
        twin.storage = self.storage.clone();
        twin.crash();
        twin
    }

    /// The process dies; the storage stays.
    pub fn crash(&mut self) {
        self.engine = engine(&self.device, self.storage.found.clone());
    }

    /// Saves an edit the way a page does. Nothing is sent.
    pub fn save(&mut self, issue: IssueId, edit: Edit) -> Result<(), NotSaved> {
        self.tickets += 1;
        let ticket = self.tickets;
        self.engine.handle(self.now(), Input::Edit { ticket, issue, edit });
        let mut result = Err(NotSaved::Unreadable);
        let mut later = VecDeque::new();
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Saved { ticket: saved, .. } if saved == ticket => result = Ok(()),
                Output::NotSaved { reason, .. } => result = Err(reason),
                // Offline: the request never leaves.
                Output::Send { .. } => later.push_back(()),
                other => self.local(other),
            }
        }
        for () in later {
            self.engine.handle(self.now(), Input::NotAnswered { failure: Failure::Offline });
            self.drain_local();
        }
        result
    }

    /// Syncs until there is nothing more to do at once; gives the failure that stopped it, if one did.
    pub async fn sync(&mut self) -> Option<Failure> {
        self.sync_pages(u32::MAX).await
    }

    /// One request and its answer.
    pub async fn sync_once(&mut self) -> Option<Failure> {
        self.sync_pages(1).await
    }

    async fn sync_pages(&mut self, pages: u32) -> Option<Failure> {
        self.engine.handle(self.now(), Input::Nudge);
        let (mut failure, mut done) = (None, 0);
        loop {
            let mut request = None;
            while let Some(output) = self.engine.poll_output() {
                match output {
                    Output::Send { request: wish } => request = Some(wish),
                    other => self.local(other),
                }
            }
            let Some(wish) = request else { break };
            if done == pages {
                // Never sent: to the engine the line was cut.
                self.engine.handle(self.now(), Input::NotAnswered { failure: Failure::Offline });
                self.drain_local();
                break;
            }
            done += 1;
            match self.exchange(&wish).await {
                Ok(response) => self.engine.handle(self.now(), Input::Answered { response }),
                Err(reason) => {
                    failure = Some(reason);
                    self.engine.handle(self.now(), Input::NotAnswered { failure: reason });
                }
            }
        }
        // One that came with an answer: the device is out of service.
        failure.or(self.status.failure.filter(|failure| failure.is_final()))
    }

    async fn exchange(&mut self, request: &Request) -> Result<Response, Failure> {
        let signed = self.device.sign(Call::new("POST", wire::PATH).body(wire::pack(request)));
        self.traffic.requests += 1;
        self.traffic.up += signed.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
        self.traffic.up_headers += length(signed.headers(), &["signature-input", "signature", "content-digest"]);
        self.repairs += u32::from(request.repair.is_some());
        let answer = Answer::by(&self.client, signed).await.map_err(|_| Failure::Offline)?;
        self.last_status = answer.status;
        // Date and length are HTTP's own.
        let all: Vec<&str> = answer.headers.keys().map(HeaderName::as_str).collect();
        let ours: Vec<&str> = all.into_iter().filter(|name| !["date", "content-length"].contains(name)).collect();
        self.traffic.down_headers += length(&answer.headers, &ours);
        if self.lose_answers > 0 {
            self.lose_answers -= 1;
            return Err(Failure::Offline);
        }
        self.traffic.down += answer.body.len();
        match answer.status {
            200 => wire::unpack(&answer.body).map_err(|_| Failure::NotTheOffice),
            401 => Err(Failure::Unknown),
            403 => Err(Failure::Revoked),
            _ => Err(Failure::Unavailable),
        }
    }

    fn drain_local(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.local(output);
        }
    }

    fn local(&mut self, output: Output) {
        match output {
            Output::Load { ticket, issues } => {
                let found = |issue: IssueId| (issue, self.storage.documents.get(&issue).cloned());
                let documents = issues.into_iter().map(found).collect();
                self.engine.handle(self.now(), Input::Loaded { ticket, documents });
            }
            Output::Store { ticket, batch } => {
                self.storage.take(batch);
                self.engine.handle(self.now(), Input::Stored { ticket });
            }
            Output::Status(status) => self.status = status,
            Output::Send { .. }
            | Output::Saved { .. }
            | Output::NotSaved { .. }
            | Output::Changed { .. }
            | Output::Office { .. }
            | Output::ServerTime { .. } => {}
        }
    }

    pub fn want(&mut self, issue: IssueId) {
        self.engine.handle(self.now(), Input::Want { issue });
    }

    pub fn document(&self, issue: IssueId) -> Option<Document> {
        Document::load(&self.storage.documents.get(&issue)?.bytes).ok()
    }

    pub fn read(&self, issue: IssueId) -> Option<Issue> {
        self.document(issue)?.read(issue).ok()
    }

    pub fn refused(&self) -> &[Refused] {
        &self.storage.found.refused
    }

    pub fn now(&self) -> Timestamp {
        (self.device.clock)()
    }
}

/// Bytes of header lines, with colon, blank and line end.
fn length(headers: &HeaderMap, names: &[&str]) -> usize {
    let line = |name: &&str| headers.get(*name).map_or(0, |value| name.len() + value.len() + 4);
    names.iter().map(line).sum()
}

fn engine(device: &TestDevice, found: Found) -> Engine {
    Engine::new(device.device(), u64::from_be_bytes(random()), found)
}

/// The request of a device that has nothing to say and follows nothing yet.
pub fn nothing() -> Request {
    Request {
        log: None,
        process: 1,
        unsent: 0,
        page_bytes: *wire::PAGE_BYTES.start(),
        scopes: vec![],
        pushes: vec![],
        want: vec![],
        heal: vec![],
        repair: None,
        held: None,
        turn: None,
        condition: None,
    }
}

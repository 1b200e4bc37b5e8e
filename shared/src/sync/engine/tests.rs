//! The engine alone: the tests play its storage and the office's answers. Against the real office it is tested in `tests`.

mod asking;
mod healing;
mod repair;
mod saving;
mod shed;
mod stopped;
mod verdicts;
mod zones;

use automerge::transaction::Transactable;

use super::*;
use crate::doc::RawChange;
use crate::doc::screen::screen;
use crate::doc::value::Value;
use crate::model::workflow::{Action, State};
use crate::sync::wire::{Body, Cursor, Decided, Held, Item, PAGE_BYTES, Push, Scope, Verdict};
use crate::testing::{ISSUE, ZONE, actor, record_id, remark, report, reported, step};
use crate::time::{HOUR, MINUTE};

const LOG: LogId = LogId([1; 8]);

/// A phone whose storage works at once, unless a test says otherwise.
struct Phone {
    engine: Engine,
    now: Timestamp,
    documents: BTreeMap<IssueId, StoredDocument>,
    batches: Vec<Batch>,
    requests: Vec<Request>,
    answers: Vec<Output>,
    status: Status,
    /// The next store fails.
    full: bool,
    /// Stores that are neither done nor failed yet.
    slow: Option<Vec<(Ticket, Batch)>>,
    tickets: Ticket,
}

impl Phone {
    fn new() -> Self {
        Self::with(&[])
    }

    /// A phone that holds documents, and the first request of whose life was answered with nothing.
    fn with(documents: &[(IssueId, &Document)]) -> Self {
        let stored = documents.iter().filter_map(|(issue, document)| {
            Some((*issue, apply::stored(*issue, document, None, Some(Receipt([5; 16])))?))
        });
        let documents: BTreeMap<_, _> = stored.collect();
        let found = documents.iter().map(|(issue, stored)| (*issue, (stored.zone, stored.fingerprint)));
        let found = Found { documents: found.collect(), ..Found::default() };
        let mut phone = Self {
            engine: Engine::new(DeviceId(1), 42, found),
            now: Timestamp(10 * HOUR),
            documents,
            batches: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            status: Status::default(),
            full: false,
            slow: None,
            tickets: 0,
        };
        phone.give(Input::Wakeup);
        phone.answer(vec![], vec![]);
        phone.requests.clear();
        phone.batches.clear();
        phone
    }

    fn give(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Load { ticket, issues } => {
                    let load = |issue: IssueId| (issue, self.documents.get(&issue).cloned());
                    let documents = issues.into_iter().map(load).collect();
                    self.engine.handle(self.now, Input::Loaded { ticket, documents });
                }
                Output::Store { ticket, batch } => match &mut self.slow {
                    Some(slow) => slow.push((ticket, batch)),
                    None => self.store(ticket, batch),
                },
                Output::Send { request } => self.requests.push(request),
                Output::Status(status) => self.status = status,
                other => self.answers.push(other),
            }
        }
    }

    fn store(&mut self, ticket: Ticket, batch: Batch) {
        if std::mem::take(&mut self.full) {
            return self.engine.handle(self.now, Input::StoreFailed { ticket });
        }
        self.documents.retain(|issue, _| !batch.gone.contains(issue));
        self.documents.retain(|issue, _| !batch.shed.contains(issue));
        self.documents.extend(batch.documents.iter().map(|stored| (stored.issue, stored.clone())));
        self.batches.push(batch);
        self.engine.handle(self.now, Input::Stored { ticket });
    }

    /// The slow storage comes to an end with what it was given.
    fn finish_storing(&mut self) {
        for (ticket, batch) in self.slow.take().unwrap() {
            self.store(ticket, batch);
        }
        self.give(Input::Wakeup);
    }

    fn edit(&mut self, edit: Edit) -> Ticket {
        self.tickets += 1;
        self.give(Input::Edit { ticket: self.tickets, issue: ISSUE, edit });
        self.tickets
    }

    fn answer(&mut self, verdicts: Vec<Verdict>, items: Vec<Item>) {
        self.give(Input::Answered { response: page(verdicts, items) });
    }

    fn fail(&mut self, failure: Failure) {
        self.give(Input::NotAnswered { failure });
    }

    /// Answers until the phone has nothing more to ask; how many requests that took.
    fn requests_until_quiet(&mut self) -> usize {
        let before = self.requests.len();
        let mut answered = before.saturating_sub(usize::from(self.engine.link.is_busy()));
        while self.requests.len() > answered && answered < before + 50 {
            let verdicts = self.requests[answered].pushes.iter().map(|_| Verdict::Known { receipt: None }).collect();
            answered += 1;
            self.answer(verdicts, vec![]);
        }
        answered - before
    }

    /// What the requests told of the phone's condition, one after the other.
    fn told(&self) -> Vec<Option<Condition>> {
        self.requests.iter().map(|request| request.condition.clone()).collect()
    }

    fn document(&self, issue: IssueId) -> Document {
        Document::load(&self.documents[&issue].bytes).unwrap()
    }

    fn last_request(&self) -> &Request {
        self.requests.last().unwrap()
    }

    fn remarks(&self) -> Vec<String> {
        let remarks = self.document(ISSUE).read(ISSUE).unwrap().remarks;
        remarks.into_iter().map(|entry| entry.record.text).collect()
    }

    fn actors(&self) -> BTreeSet<u64> {
        self.document(ISSUE).authors().into_iter().filter_map(|(_, actor)| Some(actor?.nonce)).collect()
    }

    fn not_saved(&self) -> Vec<NotSaved> {
        let reason = |output: &Output| {
            if let Output::NotSaved { reason, .. } = output { Some(reason.clone()) } else { None }
        };
        self.answers.iter().filter_map(reason).collect()
    }

    fn saved(&self) -> Vec<Ticket> {
        let ticket = |output: &Output| if let Output::Saved { ticket, .. } = output { Some(*ticket) } else { None };
        self.answers.iter().filter_map(ticket).collect()
    }

    fn set_aside(&self) -> Vec<IssueId> {
        self.batches.iter().flat_map(|batch| &batch.set_aside).map(|(issue, _)| *issue).collect()
    }
}

fn scope(zone: ZoneId, after: u64) -> Scope {
    Scope { zone, position: Some(Position { after, pull: None, own: None }), digest: None }
}

fn page(verdicts: Vec<Verdict>, items: Vec<Item>) -> Response {
    Response {
        log: Some(LOG),
        time: Timestamp(11 * HOUR),
        office: 1,
        verdicts,
        scopes: vec![scope(ZONE, 9)],
        items,
        more: false,
        lacking: vec![],
        decided: None,
        stopped: None,
    }
}

fn item(zone: ZoneId, issue: IssueId, body: Body) -> Item {
    Item { zone, issue, body, number: None, receipt: None }
}

fn snapshot(document: &Document) -> Item {
    item(ZONE, ISSUE, Body::Snapshot(document.save()))
}

fn accepted() -> Verdict {
    Verdict::Accepted { number: Some("2026-0001".into()), receipt: Some(Receipt([6; 16])) }
}

fn refused() -> Verdict {
    Verdict::Refused(Refusal("not_in_this_state".into()))
}

fn move_to(zone: u32) -> Edit {
    Edit::step(record_id(99), step(9, Action::Amend, State::Reported, None)).with(Value::Zone(ZoneId(zone)))
}

fn moved(mut document: Document, to: u32) -> (Document, RawChange) {
    let change = document.edit(actor(9, 9), &move_to(to)).unwrap();
    (document, change)
}

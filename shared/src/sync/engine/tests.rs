//! The engine alone: the tests play its storage and the office's answers. Against the real office it is tested in `tests`.

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

#[test]
fn nothing_is_sent_and_nothing_is_called_saved_before_it_is_stored() {
    let mut phone = Phone::new();
    phone.slow = Some(Vec::new());
    let ticket = phone.edit(report(ZONE));
    phone.now = phone.now + HOUR;
    phone.give(Input::Wakeup);
    assert!(phone.requests.iter().all(|request| request.pushes.is_empty()), "{:?}", phone.requests);
    assert_eq!((phone.saved(), phone.status.unsent), (vec![], 0));
    phone.answer(vec![], vec![]);
    phone.finish_storing();
    assert_eq!((phone.saved(), phone.status.unsent), (vec![ticket], 1));
    phone.requests_until_quiet();
    assert!(phone.requests.iter().any(|request| request.pushes.len() == 1));
}

#[test]
fn what_was_saved_goes_out_and_leaves_the_outbox_by_the_verdict_only() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    phone.edit(remark(1, 1, "and it smells"));
    assert_eq!(phone.last_request().pushes.len(), 1, "the first went out at once");
    assert_eq!(phone.status.on_the_way.len(), 1);
    phone.fail(Failure::Offline);
    assert_eq!((phone.status.unsent, phone.status.failure), (2, Some(Failure::Offline)));
    phone.give(Input::Nudge);
    assert_eq!(phone.last_request().pushes.len(), 2, "in the order in which they were made");
    phone.answer(vec![accepted(), Verdict::Known { receipt: None }], vec![]);
    assert_eq!((phone.status.unsent, phone.status.failure), (0, None));
    assert_eq!(phone.documents[&ISSUE].number.as_deref(), Some("2026-0001"));
}

#[test]
fn an_edit_that_cannot_be_stored_is_said_to_be_lost_and_its_actor_never_comes_back() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    let before = phone.document(ISSUE).heads();
    phone.full = true;
    phone.edit(remark(1, 1, "lost"));
    assert_eq!(phone.not_saved(), [NotSaved::StorageFailed]);
    assert_eq!((phone.status.unsent, phone.document(ISSUE).heads()), (1, before));
    phone.edit(remark(1, 2, "kept"));
    assert_eq!((phone.remarks(), phone.actors().len()), (vec!["kept".into()], 2));
    phone.edit(remark(1, 3, "the same process goes on with its actor"));
    assert_eq!(phone.actors().len(), 2);
}

#[test]
fn an_edit_needs_its_document_and_one_that_can_be_read() {
    let mut phone = Phone::new();
    phone.edit(remark(1, 1, "of what?"));
    phone.edit(report(ZONE));
    phone.documents.get_mut(&ISSUE).unwrap().bytes.truncate(30);
    phone.edit(remark(1, 2, "broken"));
    assert_eq!(phone.not_saved(), [NotSaved::NoDocument, NotSaved::Unreadable]);
}

#[test]
fn a_position_is_stored_with_the_data_that_it_stands_for_and_never_before() {
    let (document, _) = reported();
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    phone.slow = Some(Vec::new());
    phone.answer(vec![], vec![snapshot(&document)]);
    let [(_, batch)] = phone.slow.as_deref().unwrap() else { panic!("one batch") };
    assert_eq!((batch.documents.len(), batch.position.as_ref().unwrap().scopes[&ZONE].after), (1, 9));
    phone.give(Input::Nudge);
    assert_eq!(phone.requests.len(), 1, "the next request waits for the store");
    phone.finish_storing();
    phone.give(Input::Nudge);
    assert_eq!(phone.last_request().scopes, [(ZONE, Position { after: 9, pull: None, own: None })]);
}

#[test]
fn a_page_that_cannot_be_stored_is_asked_for_again_from_the_old_position() {
    let (document, _) = reported();
    let mut phone = Phone::new();
    phone.give(Input::Want { issue: ISSUE });
    let first = phone.last_request().clone();
    phone.full = true;
    phone.answer(vec![], vec![Item { zone: ZoneId(1), ..snapshot(&document) }]);
    assert!(phone.documents.is_empty() && phone.status.next_attempt > Some(phone.now));
    phone.now = phone.now + HOUR;
    phone.give(Input::Wakeup);
    let again = phone.last_request().clone();
    assert_eq!((again.scopes, again.want, phone.requests.len()), (first.scopes, first.want, 2));
    phone.answer(vec![], vec![snapshot(&document)]);
    assert_eq!(phone.document(ISSUE).heads(), document.heads());
}

#[test]
fn a_verdict_whose_page_could_not_be_stored_is_asked_for_again() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    phone.full = true;
    phone.answer(vec![accepted()], vec![]);
    assert_eq!(phone.status.unsent, 1);
    phone.now = phone.now + HOUR;
    phone.give(Input::Wakeup);
    phone.answer(vec![Verdict::Known { receipt: None }], vec![]);
    assert_eq!(phone.status.unsent, 0);
}

#[test]
fn a_refused_change_is_taken_back_and_what_came_after_is_written_again() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "before"));
    phone.answer(vec![accepted()], vec![]);
    phone.edit(remark(1, 2, "refused"));
    phone.edit(remark(1, 3, "after"));
    let old = phone.actors();
    phone.answer(vec![refused()], vec![]);
    assert_eq!(phone.remarks(), ["before", "after"]);
    let [Refused { intent, refusal, held: false, .. }] = phone.status.refused.as_slice() else { panic!("kept") };
    assert_eq!((intent, refusal), (&remark(1, 2, "refused"), &Refusal("not_in_this_state".into())));
    assert_eq!(phone.actors().difference(&old).count(), 1, "written again by another actor");
    let pushed = &phone.last_request().pushes;
    assert_eq!((pushed.len(), phone.status.unsent), (1, 1), "and sent again");
    phone.answer(vec![accepted()], vec![]);
    assert_eq!((phone.status.unsent, phone.remarks().len()), (0, 2));
    phone.edit(remark(1, 4, "later"));
    assert_eq!(phone.remarks(), ["before", "after", "later"]);
}

#[test]
fn a_refused_beginning_takes_the_issue_away_but_keeps_every_intent() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    phone.edit(remark(1, 1, "with a remark"));
    phone.answer(vec![refused()], vec![]);
    assert!(phone.documents.is_empty());
    let reasons: Vec<_> = phone.status.refused.iter().map(|refused| refused.refusal.0.as_str()).collect();
    assert_eq!(reasons, ["not_in_this_state", "builds_on_refused"]);
    assert_eq!(phone.status.unsent, 0);
    let hash = phone.status.refused[0].hash;
    phone.give(Input::Dismiss { hash });
    assert_eq!(phone.status.refused.len(), 1, "one was dealt with");
}

#[test]
fn a_held_change_is_kept_as_held() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    phone.answer(vec![Verdict::Held(Refusal("not_your_zone".into()))], vec![]);
    assert!(phone.status.refused[0].held && phone.documents.is_empty());
}

#[test]
fn a_held_change_is_asked_after_until_it_is_adopted_or_given_back() {
    for adopted in [true, false] {
        let mut phone = Phone::new();
        phone.edit(report(ZONE));
        phone.answer(vec![Verdict::Held(Refusal("not_your_zone".into()))], vec![]);
        phone.give(Input::Nudge);
        let hash = phone.status.refused[0].hash;
        assert_eq!(phone.requests.last().and_then(|request| request.held.clone()), Some(Held(vec![hash])));
        let reason = Some("现场没有".to_owned());
        let decided = Some(vec![Decided { hash, adopted, reason: reason.clone() }]);
        phone.give(Input::Answered { response: Response { decided, ..page(vec![], vec![]) } });
        let left = phone.status.refused.iter().map(|refused| (refused.held, refused.reason.clone()));
        assert_eq!(left.collect::<Vec<_>>(), if adopted { vec![] } else { vec![(false, reason)] });
    }
}

#[test]
fn a_new_report_is_stored_without_asking_the_storage_first() {
    let mut phone = Phone::new();
    phone.engine.handle(phone.now, Input::Edit { ticket: 1, issue: ISSUE, edit: report(ZONE) });
    assert!(matches!(phone.engine.poll_output(), Some(Output::Store { .. })));
}

#[test]
fn a_change_whose_ancestors_the_office_lacks_is_healed_once_and_then_waits() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "on top"));
    phone.answer(vec![Verdict::MissingDependencies], vec![]);
    let request = phone.last_request();
    assert_eq!((request.heal.len(), request.pushes.len()), (1, 1), "everything, and the change once more");
    assert_eq!((request.heal[0].changes.len(), request.heal[0].receipt), (1, Receipt([5; 16])));
    let before = phone.requests.len();
    phone.answer(vec![Verdict::MissingDependencies], vec![]);
    assert_eq!(phone.requests.len(), before, "what did not help is not repeated at once");
    assert_eq!((phone.status.unsent, phone.status.next_attempt > Some(phone.now)), (1, true));
}

#[test]
fn a_phone_keeps_the_receipt_that_covers_what_it_has() {
    let (document, _) = reported();
    let mut theirs = document.clone();
    let change = theirs.edit(actor(2, 1), &remark(2, 1, "theirs")).unwrap();
    let proof = |document: &Document, seal| Some(Receipt::new([seal; 12], document.fingerprint(ISSUE)));
    let carried = |body, receipt| Item { receipt, ..item(ZONE, ISSUE, body) };
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 2, "mine"));
    let mut both = phone.document(ISSUE);
    both.merge(&mut theirs).unwrap();
    let verdict = |receipt| vec![Verdict::Accepted { number: None, receipt }];
    phone.answer(verdict(proof(&both, 1)), vec![carried(Body::Change(change.bytes), proof(&theirs, 2))]);
    assert_eq!(phone.documents[&ISSUE].receipt, Some(Receipt([5; 16])), "the hub sends its newest with every item");
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![carried(Body::Snapshot(both.save()), proof(&both, 1))]);
    assert_eq!(phone.documents[&ISSUE].receipt, proof(&both, 1), "although the bytes were no news");
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![carried(Body::Snapshot(document.save()), proof(&document, 3))]);
    assert_eq!(phone.documents[&ISSUE].receipt, proof(&both, 1), "a restored office proves less than it once did");
    let mut later = document.clone();
    let later = later.edit(actor(3, 1), &remark(3, 1, "after the restore")).unwrap();
    phone.give(Input::Nudge);
    phone.give(Input::Answered {
        response: Response { lacking: vec![ISSUE], ..page(vec![], vec![carried(Body::Change(later.bytes), None)]) },
    });
    let heal = &phone.last_request().heal[0];
    assert_eq!((heal.changes.len(), Some(heal.receipt)), (3, proof(&both, 1)), "and what is newer is not of it");
}

#[test]
fn what_cannot_be_read_is_set_aside_with_its_bytes() {
    let (document, _) = reported();
    let mut am = automerge::Automerge::load(&document.save()).unwrap();
    let nowhere = |tx: &mut automerge::transaction::Transaction<'_>| tx.put(automerge::ROOT, "zone", "nowhere");
    am.transact::<_, _, automerge::AutomergeError>(nowhere).unwrap();
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![item(ZONE, ISSUE, Body::Snapshot(am.save_nocompress()))]);
    assert!(phone.documents.is_empty());
    let [(ISSUE, bytes)] = phone.batches.last().unwrap().set_aside.as_slice() else { panic!("kept") };
    assert_eq!(Document::load(bytes).unwrap().changes().len(), 2);
}

#[test]
fn a_healing_that_got_lost_is_offered_again_and_many_go_in_several_pages() {
    let issues: Vec<IssueId> = (0..250).map(|number| IssueId([number; 16])).collect();
    let (document, _) = reported();
    let all: Vec<_> = issues.iter().map(|issue| (*issue, &document)).collect();
    let mut phone = Phone::with(&all);
    phone.give(Input::Nudge);
    phone.give(Input::Answered { response: Response { lacking: issues.clone(), ..page(vec![], vec![]) } });
    let first: Vec<_> = phone.last_request().heal.iter().map(|heal| heal.issue).collect();
    assert!((1..issues.len()).contains(&first.len()), "{} documents in one request", first.len());
    phone.fail(Failure::Offline);
    phone.give(Input::Nudge);
    assert_eq!(phone.last_request().heal[0].issue, first[0]);
    let before = phone.requests.len() - 1;
    assert!(phone.requests_until_quiet() < 20);
    let healed = phone.requests[before..].iter().flat_map(|request| &request.heal).map(|heal| heal.issue);
    assert_eq!(healed.collect::<Vec<_>>(), issues);
}

#[test]
fn a_wanted_document_that_does_not_come_is_not_asked_for_for_ever() {
    let mut phone = Phone::new();
    phone.give(Input::Want { issue: ISSUE });
    assert_eq!(phone.last_request().want, [ISSUE]);
    assert!(phone.requests_until_quiet() <= 2);
    phone.give(Input::Want { issue: ISSUE });
    assert_eq!(phone.last_request().want, [ISSUE], "but again when somebody asks again");
}

#[test]
fn many_wanted_documents_are_asked_for_until_all_have_come() {
    let (document, _) = reported();
    let issues: Vec<IssueId> = (0..70).map(|number| IssueId([number; 16])).collect();
    let mut phone = Phone::new();
    issues.iter().for_each(|issue| phone.give(Input::Want { issue: *issue }));
    while phone.engine.link.is_busy() {
        let some: Vec<_> = phone.last_request().want.iter().take(30).copied().collect();
        let items = some.into_iter().map(|issue| Item { issue, ..snapshot(&document) });
        phone.answer(vec![], items.collect());
        assert!(phone.requests.len() < 20, "it never ends");
    }
    assert_eq!(phone.documents.len(), issues.len());
}

#[test]
fn waits_grow_and_are_bounded_and_spread_and_pages_shrink_and_grow_again() {
    let mut phone = Phone::new();
    let mut waits = Vec::new();
    for _ in 0..20 {
        phone.give(Input::Nudge);
        phone.fail(Failure::Offline);
        waits.push(phone.status.next_attempt.unwrap() - phone.now);
    }
    assert!((500..1_000).contains(&waits[0]), "{waits:?}");
    assert!(waits[..8].windows(2).all(|two| two[0] < two[1] * 2) && waits[7] > waits[0] * 20, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 5 * MINUTE), "{waits:?}");
    let late: BTreeSet<_> = waits[10..].iter().collect();
    assert!(late.len() > 5 && **late.last().unwrap() - **late.first().unwrap() > MINUTE / 4, "spread: {late:?}");
    phone.give(Input::Nudge);
    assert_eq!(phone.last_request().page_bytes, *PAGE_BYTES.start());
    for _ in 0..8 {
        phone.answer(vec![], vec![]);
        phone.give(Input::Nudge);
    }
    assert_eq!(phone.last_request().page_bytes, *PAGE_BYTES.end());
    phone.fail(Failure::TooLarge);
    phone.give(Input::Nudge);
    assert_eq!(phone.last_request().page_bytes, *PAGE_BYTES.end() / 2);
}

#[test]
fn two_phones_that_fail_together_do_not_return_together() {
    let wait = |seed| {
        let mut engine = Engine::new(DeviceId(1), seed, Found::default());
        engine.handle(Timestamp(1), Input::Wakeup);
        engine.handle(Timestamp(1), Input::NotAnswered { failure: Failure::Unavailable });
        engine.next_wakeup()
    };
    let waits: BTreeSet<_> = (0..50).map(wait).collect();
    assert!(waits.len() > 30, "{waits:?}");
}

#[test]
fn a_revoked_device_and_an_app_too_old_never_ask_again_but_still_save() {
    for failure in [Failure::Revoked, Failure::AppTooOld] {
        let mut phone = Phone::new();
        phone.give(Input::Nudge);
        phone.fail(failure);
        let asked = phone.requests.len();
        phone.edit(report(ZONE));
        phone.give(Input::Want { issue: ISSUE });
        phone.now = phone.now + 1_000 * HOUR;
        phone.give(Input::Nudge);
        phone.give(Input::Wakeup);
        assert_eq!((phone.requests.len(), phone.status.next_attempt), (asked, None), "{failure:?}");
        assert_eq!((phone.saved().len(), phone.status.unsent), (1, 1), "{failure:?}");
    }
}

#[test]
fn the_last_words_of_a_revoked_device_are_pushed_as_they_are_and_then_it_is_silent() {
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    // A weak link: the next page has no room for both.
    for _ in 0..4 {
        phone.fail(Failure::Offline);
        phone.now = phone.now + HOUR;
        phone.give(Input::Wakeup);
    }
    phone.edit(remark(1, 1, &"long ".repeat(4_000)));
    phone.fail(Failure::Offline);
    phone.give(Input::Nudge);
    let made: Vec<ChangeHash> = phone.engine.unsent.iter().map(|unsent| unsent.hash).collect();
    assert_eq!(phone.last_request().pushes.len(), 1);
    let stopped = Some(Stop::Revoked);
    let held = || Verdict::Held(Refusal::device_revoked());
    let last = |verdicts| Response { stopped, scopes: vec![], ..page(verdicts, vec![]) };
    phone.give(Input::Answered { response: last(vec![held()]) });
    let left: Vec<ChangeHash> = phone.engine.unsent.iter().map(|unsent| unsent.hash).collect();
    assert_eq!((left, phone.last_request().pushes.len()), (made[1..].to_vec(), 1), "not written anew");
    assert!(phone.documents.is_empty(), "what the desk holds is not in the document any more");
    phone.give(Input::Answered { response: last(vec![held()]) });
    assert_eq!((phone.status.unsent, phone.status.refused.len()), (0, 2));
    assert_eq!((phone.status.failure, phone.status.next_attempt), (Some(Failure::Revoked), None));
}

#[test]
fn a_stopped_phone_brings_what_its_first_request_did_not_and_keeps_what_builds_on_a_refusal() {
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    phone.edit(report(ZONE));
    phone.edit(remark(1, 1, "built on it"));
    let stopped = Some(Stop::Revoked);
    phone.give(Input::Answered { response: Response { stopped, ..page(vec![], vec![]) } });
    assert_eq!(phone.last_request().pushes.len(), 2, "they were written after the first request had gone");
    let verdicts = vec![refused(), Verdict::MissingDependencies];
    phone.give(Input::Answered { response: Response { stopped, ..page(verdicts, vec![]) } });
    let reasons: Vec<&str> = phone.status.refused.iter().map(|refused| refused.refusal.0.as_str()).collect();
    assert_eq!((phone.status.unsent, reasons[1]), (0, "builds_on_refused"));
}

#[test]
fn an_issue_that_somebody_else_began_first_is_followed_and_what_was_written_in_it_goes_on() {
    let (theirs, _) = reported();
    for as_snapshot in [true, false] {
        let mut phone = Phone::new();
        phone.edit(report(ZONE));
        phone.edit(remark(1, 1, "kept"));
        let first = theirs.changes().remove(0).bytes;
        let item = if as_snapshot { snapshot(&theirs) } else { item(ZONE, ISSUE, Body::Change(first)) };
        phone.answer(vec![], vec![item]);
        let document = Document::load(&phone.documents[&ISSUE].bytes).unwrap();
        let beginnings = document.changes().iter().filter(|one| screen(&one.bytes).unwrap().deps.is_empty()).count();
        let unsent: Vec<_> = phone.engine.unsent.iter().map(|unsent| unsent.intent.clone()).collect();
        assert_eq!((beginnings, unsent), (1, vec![remark(1, 1, "kept")]), "as a snapshot: {as_snapshot}");
        assert!(document.contains(theirs.changes()[0].hash) && document.contains(phone.engine.unsent[0].hash));
        assert_eq!(
            phone.batches.last().unwrap().set_aside,
            [],
            "no office ever had what was here, and it is written again"
        );
    }
}

#[test]
fn what_another_office_had_is_kept_when_the_issue_begins_otherwise_here() {
    let (theirs, _) = reported();
    let mut phone = Phone::new();
    phone.edit(report(ZONE));
    phone.answer(vec![accepted()], vec![]);
    let had = phone.documents[&ISSUE].bytes.clone();
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![snapshot(&theirs)]);
    assert_eq!(phone.batches.last().unwrap().set_aside[..], [(ISSUE, had)]);
    assert!(Document::load(&phone.documents[&ISSUE].bytes).unwrap().contains(theirs.changes()[0].hash));
}

#[test]
fn what_stands_at_the_office_in_another_change_is_not_written_a_second_time() {
    let (mut theirs, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &theirs)]);
    phone.edit(remark(1, 1, "adopted"));
    phone.edit(remark(1, 2, "built on it"));
    let mut adopted = remark(1, 1, "adopted");
    adopted.remark.as_mut().unwrap().record.adopted_by = Some(crate::id::PersonId(9));
    let change = theirs.edit(actor(9, 1), &adopted).unwrap();
    let verdicts = vec![Verdict::Refused(Refusal::stands_already()), Verdict::MissingDependencies];
    phone.answer(verdicts, vec![item(ZONE, ISSUE, Body::Change(change.bytes))]);
    let unsent: Vec<_> = phone.engine.unsent.iter().map(|unsent| unsent.intent.clone()).collect();
    assert_eq!((unsent, phone.status.refused.len()), (vec![remark(1, 2, "built on it")], 0));
    let document = Document::load(&phone.documents[&ISSUE].bytes).unwrap();
    assert_eq!(document.heads(), [phone.engine.unsent[0].hash], "the rest is built on the office's change");
    assert_eq!(document.read(ISSUE).unwrap().remarks.len(), 2);
    assert_eq!(document.change_count(), theirs.change_count() + 1);
}

#[test]
fn whoever_gives_up_what_is_held_gives_up_what_waits_for_it() {
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    phone.edit(report(ZONE));
    phone.edit(remark(1, 1, "built on it"));
    let stopped = Some(Stop::Revoked);
    phone.give(Input::Answered { response: Response { stopped, ..page(vec![], vec![]) } });
    let verdicts = vec![Verdict::Held(Refusal::device_revoked())];
    phone.give(Input::Answered { response: Response { stopped, ..page(verdicts, vec![]) } });
    assert_eq!((phone.status.unsent, phone.status.refused.len()), (1, 1));
    phone.give(Input::Dismiss { hash: phone.status.refused[0].hash });
    let reasons: Vec<&str> = phone.status.refused.iter().map(|refused| refused.refusal.0.as_str()).collect();
    assert_eq!((phone.status.unsent, reasons), (0, vec!["builds_on_refused"]));
}

#[test]
fn a_stopped_phone_does_not_ask_for_ever_about_what_waits_for_its_ancestors() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "built on what the office lost"));
    let response = Response { stopped: Some(Stop::Cloned), ..page(vec![Verdict::MissingDependencies], vec![]) };
    phone.give(Input::Answered { response: response.clone() });
    assert_eq!((phone.last_request().heal.len(), phone.last_request().pushes.len()), (1, 1), "with them, once");
    phone.give(Input::Answered { response });
    assert_eq!((phone.status.unsent, phone.status.failure), (1, Some(Failure::Cloned)), "it waits");
    assert!(!phone.engine.link.is_busy());
}

#[test]
fn a_stopped_phone_tells_a_restored_office_what_only_it_may_still_have() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.give(Input::Nudge);
    let log = Some(LogId([7; 8]));
    let last = Response { log, stopped: Some(Stop::Cloned), scopes: vec![], ..page(vec![], vec![]) };
    phone.give(Input::Answered { response: last.clone() });
    let told = phone.last_request().repair.clone().expect("what it holds of the zone");
    assert_eq!((told.zone, told.fingerprints.len()), (ZONE, 1));
    phone.give(Input::Answered { response: Response { lacking: vec![ISSUE], ..last.clone() } });
    assert_eq!(phone.last_request().heal.iter().map(|heal| heal.issue).collect::<Vec<_>>(), [ISSUE]);
    phone.give(Input::Answered { response: Response { log: None, ..last } });
    assert!(!phone.engine.link.is_busy() && phone.status.next_attempt.is_none(), "then it is silent");
}

#[test]
fn what_was_made_for_a_foreign_zone_is_let_go_at_the_next_start_once_it_is_sent() {
    let mut phone = Phone::new();
    phone.edit(report(ZoneId(2)));
    phone.answer(vec![accepted()], vec![]);
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![]);
    assert_eq!(phone.documents.len(), 1, "whoever reported it may look at it");
    let document = phone.document(ISSUE);
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    assert!(phone.documents.is_empty(), "it would never learn what becomes of it");
    phone.edit(report(ZoneId(2)));
    phone.fail(Failure::Offline);
    let (documents, unsent) = (phone.documents.clone(), phone.engine.unsent.clone());
    let place = documents.iter().map(|(issue, stored)| (*issue, (stored.zone, stored.fingerprint))).collect();
    let found = Found { documents: place, unsent, ..Found::default() };
    (phone.engine, phone.documents) = (Engine::new(DeviceId(1), 43, found), documents);
    phone.give(Input::Wakeup);
    phone.answer(vec![Verdict::MissingDependencies], vec![]);
    assert_eq!(phone.documents.len(), 1, "and not before it is sent");
    phone.give(Input::Nudge);
    phone.answer(vec![accepted()], vec![]);
    assert!(phone.documents.is_empty());
}

#[test]
fn an_issue_that_moved_to_another_zone_of_mine_stays_whichever_zone_speaks_first() {
    let (document, _) = reported();
    let (there, change) = moved(document.clone(), 2);
    let scopes = vec![scope(ZONE, 9), scope(ZoneId(2), 9)];
    let let_go = item(ZONE, ISSUE, Body::LetGo);
    let arrivals = [Body::Snapshot(there.save()), Body::Change(change.bytes)];
    for (arrival, first) in arrivals.into_iter().flat_map(|body| [(body.clone(), true), (body, false)]) {
        let mut phone = Phone::with(&[(ISSUE, &document)]);
        let answer = |phone: &mut Phone, items| {
            phone.give(Input::Answered { response: Response { scopes: scopes.clone(), ..page(vec![], items) } });
        };
        phone.give(Input::Nudge);
        answer(&mut phone, vec![]);
        phone.give(Input::Nudge);
        let arrival = item(ZoneId(2), ISSUE, arrival);
        answer(&mut phone, if first { vec![let_go.clone(), arrival] } else { vec![arrival, let_go.clone()] });
        if phone.last_request().want == [ISSUE] {
            answer(&mut phone, vec![item(ZoneId(2), ISSUE, Body::Snapshot(there.save()))]);
        }
        assert_eq!(phone.documents[&ISSUE].zone, ZoneId(2), "let-go first: {first}");
        assert_eq!(phone.document(ISSUE).heads(), there.heads());
    }
}

#[test]
fn a_zone_that_is_lost_takes_its_issues_along_but_not_one_that_just_moved() {
    let (document, _) = reported();
    let (there, change) = moved(document.clone(), 2);
    let other = IssueId([8; 16]);
    let mut phone = Phone::with(&[(ISSUE, &document), (other, &document)]);
    phone.give(Input::Nudge);
    let items = vec![item(ZoneId(2), ISSUE, Body::Change(change.bytes))];
    let scopes = vec![scope(ZoneId(2), 9)];
    phone.give(Input::Answered { response: Response { scopes, ..page(vec![], items) } });
    assert_eq!(phone.documents.keys().collect::<Vec<_>>(), [&ISSUE]);
    assert_eq!(phone.document(ISSUE).heads(), there.heads());
    assert_eq!(phone.status.documents, 1);
}

#[test]
fn a_refused_move_out_of_a_zone_that_was_lost_meanwhile_takes_the_issue_along() {
    let (document, _) = reported();
    for pages in [1, 2] {
        let mut phone = Phone::with(&[(ISSUE, &document)]);
        let answer = |phone: &mut Phone, zones: &[u32], verdicts| {
            let scopes = zones.iter().map(|zone| scope(ZoneId(*zone), 9)).collect();
            phone.give(Input::Answered { response: Response { scopes, ..page(verdicts, vec![]) } });
        };
        phone.give(Input::Nudge);
        answer(&mut phone, &[1, 2], vec![]);
        phone.edit(move_to(2));
        (1..pages).for_each(|_| answer(&mut phone, &[2], vec![Verdict::MissingDependencies]));
        phone.give(Input::Nudge);
        answer(&mut phone, &[2], vec![refused()]);
        assert_eq!((phone.documents.len(), phone.status.refused.len()), (0, 1), "after {pages} pages");
    }
}

#[test]
fn a_number_that_somebody_else_got_after_a_restore_is_replaced() {
    let (document, change) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.give(Input::Nudge);
    let again = item(ZONE, ISSUE, Body::Change(change.bytes));
    phone.answer(vec![], vec![Item { number: Some("20261123-0002".into()), ..again }]);
    assert_eq!(phone.documents[&ISSUE].number.as_deref(), Some("20261123-0002"));
}

#[test]
fn what_was_written_again_survives_that_the_issue_goes_and_comes_in_the_same_page() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "refused"));
    phone.edit(remark(1, 2, "after"));
    phone.answer(vec![refused()], vec![item(ZONE, ISSUE, Body::LetGo), snapshot(&document)]);
    assert_eq!((phone.remarks(), phone.status.unsent), (vec!["after".to_owned()], 1));
}

#[test]
fn what_an_office_lacks_that_was_restored_once_more_is_offered_once_more() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    for log in [1, 2] {
        phone.give(Input::Nudge);
        let (log, lacking) = (Some(LogId([log; 8])), vec![ISSUE]);
        phone.give(Input::Answered { response: Response { log, lacking, ..page(vec![], vec![]) } });
        assert_eq!(phone.last_request().heal.len(), 1);
        phone.give(Input::Answered { response: Response { log, ..page(vec![], vec![]) } });
    }
}

#[test]
fn what_only_this_phone_may_still_have_is_offered_before_it_is_let_go() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    let answer = |phone: &mut Phone, zone| {
        let items = vec![item(ZONE, ISSUE, Body::LetGo)];
        let response = Response { lacking: vec![ISSUE], scopes: vec![scope(zone, 9)], ..page(vec![], items) };
        phone.give(Input::Answered { response });
    };
    phone.give(Input::Nudge);
    answer(&mut phone, ZoneId(2));
    assert_eq!((phone.documents.len(), phone.last_request().heal.len()), (1, 1), "although the zone is lost, too");
    answer(&mut phone, ZoneId(2));
    assert!(phone.documents.is_empty(), "but not for ever");
}

#[test]
fn a_change_without_ancestors_of_an_issue_that_left_at_once_is_not_asked_for() {
    let (document, _) = reported();
    let (_, change) = moved(document, 2);
    let mut phone = Phone::with(&[]);
    phone.give(Input::Nudge);
    let before = phone.requests.len();
    phone.answer(vec![], vec![item(ZONE, ISSUE, Body::Change(change.bytes)), item(ZONE, ISSUE, Body::LetGo)]);
    assert_eq!(phone.requests.len(), before);
}

#[test]
fn unsent_work_survives_a_let_go_and_comes_back_with_the_issue() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "unsent"));
    phone.fail(Failure::Offline);
    phone.give(Input::Nudge);
    let pushed: Vec<Push> = phone.last_request().pushes.clone();
    phone.answer(vec![], vec![item(ZONE, ISSUE, Body::LetGo)]);
    assert!(phone.documents.is_empty());
    assert_eq!((phone.status.unsent, &phone.last_request().pushes), (1, &pushed), "it still goes out");
    phone.fail(Failure::Offline);
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![snapshot(&document)]);
    assert_eq!(phone.remarks(), ["unsent"], "the issue is back, and so is what was written in it");
    phone.give(Input::Nudge);
    phone.answer(vec![accepted()], vec![]);
    assert_eq!((phone.status.unsent, phone.remarks().len()), (0, 1));
}

#[test]
fn an_issue_that_comes_back_without_what_was_written_last_gets_another_actor() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "lost by a restored office"));
    let before = phone.actors();
    phone.answer(vec![accepted()], vec![item(ZONE, ISSUE, Body::LetGo)]);
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![snapshot(&document)]);
    phone.edit(remark(2, 1, "later"));
    assert_eq!((phone.remarks(), phone.actors().intersection(&before).count()), (vec!["later".into()], 1));
}

#[test]
fn a_bad_document_is_set_aside_and_the_others_go_on() {
    let (document, change) = reported();
    let (good, bad, worse) = (IssueId([1; 16]), IssueId([2; 16]), IssueId([3; 16]));
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    let mut poisoned = document.save();
    *poisoned.last_mut().unwrap() ^= 1;
    let items = vec![
        item(ZONE, bad, Body::Snapshot(poisoned.clone())),
        item(ZONE, worse, Body::Change(change.bytes[..20].to_vec())),
        item(ZONE, good, Body::Snapshot(document.save())),
    ];
    phone.answer(vec![], items);
    assert_eq!(phone.documents.keys().collect::<Vec<_>>(), [&good]);
    assert_eq!(phone.set_aside(), [bad, worse]);
    assert_eq!(phone.batches.last().unwrap().position.as_ref().unwrap().scopes[&ZONE].after, 9);
}

#[test]
fn a_stored_document_that_does_not_load_is_set_aside_and_fetched_anew() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "unsent"));
    phone.fail(Failure::Offline);
    let broken = phone.documents[&ISSUE].bytes[..40].to_vec();
    phone.documents.get_mut(&ISSUE).unwrap().bytes = broken.clone();
    let mut later = document.clone();
    let change = later.edit(actor(2, 1), &remark(2, 2, "theirs")).unwrap();
    phone.give(Input::Nudge);
    phone.answer(vec![accepted()], vec![item(ZONE, ISSUE, Body::Change(change.bytes))]);
    assert_eq!(phone.batches.last().unwrap().set_aside, [(ISSUE, broken)], "its bytes are kept");
    assert_eq!(phone.last_request().want, [ISSUE]);
    phone.answer(vec![], vec![snapshot(&later)]);
    assert_eq!(phone.remarks(), ["theirs"]);
    assert!(!phone.engine.link.is_busy(), "and all is quiet");
}

#[test]
fn a_digest_that_disagrees_is_repaired_and_one_that_cannot_be_stops_being_tried() {
    let (document, _) = reported();
    let answer = |phone: &mut Phone, digest, items| {
        let scopes = vec![Scope { digest: Some(digest), ..scope(ZONE, 9) }];
        phone.give(Input::Answered { response: Response { scopes, ..page(vec![], items) } });
    };
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    let mine = phone.documents[&ISSUE].fingerprint;
    phone.give(Input::Nudge);
    answer(&mut phone, mine, vec![]);
    assert!(!phone.engine.link.is_busy(), "they agree");
    let mut theirs = document.clone();
    theirs.edit(actor(2, 1), &remark(2, 1, "missed")).unwrap();
    phone.give(Input::Nudge);
    answer(&mut phone, theirs.fingerprint(ISSUE), vec![]);
    let repair = phone.last_request().repair.clone().unwrap();
    assert_eq!((repair.zone, repair.fingerprints), (ZONE, vec![(ISSUE, mine)]));
    answer(&mut phone, theirs.fingerprint(ISSUE), vec![snapshot(&theirs)]);
    assert_eq!((phone.remarks(), phone.engine.link.is_busy()), (vec!["missed".into()], false));
    let before = phone.requests.len();
    phone.give(Input::Nudge);
    while phone.engine.link.is_busy() && phone.requests.len() < before + 20 {
        answer(&mut phone, 1, vec![]);
    }
    assert_eq!(phone.requests.len() - before, 4, "one and three repairs that brought nothing");
}

/// A phone with so many issues of one zone, which names one in each repair.
fn large_zone(issues: u8) -> (Phone, Document) {
    let (document, _) = reported();
    let ids: Vec<IssueId> = (1..=issues).map(|at| IssueId([at; 16])).collect();
    let mut phone = Phone::with(&ids.iter().map(|id| (*id, &document)).collect::<Vec<_>>());
    phone.engine.name_at_most(1);
    (phone, document)
}

#[test]
fn a_zone_too_large_for_one_request_is_repaired_part_by_part() {
    let (mut phone, document) = large_zone(3);
    let answer = |phone: &mut Phone, items| {
        let scopes = vec![Scope { digest: Some(1), ..scope(ZONE, 9) }];
        phone.give(Input::Answered { response: Response { scopes, ..page(vec![], items) } });
    };
    phone.give(Input::Nudge);
    answer(&mut phone, vec![]);
    let before = phone.requests.len();
    while phone.engine.link.is_busy() && phone.requests.len() < before + 50 {
        answer(&mut phone, vec![]);
    }
    let parts: Vec<_> = phone.requests[before - 1..].iter().filter_map(|request| request.repair.clone()).collect();
    assert_eq!(parts.len(), 9, "three rounds of three parts that brought nothing, and then no more");
    for round in parts.chunks(3) {
        let named: Vec<u8> = round.iter().map(|part| part.fingerprints[0].0.0[0]).collect();
        assert_eq!(named, [1, 2, 3]);
        let covering = |at: u8| round.iter().filter(|part| part.covers(IssueId([at; 16]))).count();
        assert_eq!([0, 1, 2, 3, 4].map(covering), [1; 5], "what the phone has not lies in one part too");
    }
    phone.give(Input::Nudge);
    let mut theirs = document.clone();
    theirs.edit(actor(2, 1), &remark(2, 1, "missed")).unwrap();
    answer(&mut phone, vec![Item { issue: IssueId([2; 16]), ..snapshot(&theirs) }]);
    assert!(phone.last_request().repair.is_some(), "what helped may help again");
}

#[test]
fn a_part_whose_answer_was_lost_is_told_again() {
    let (mut phone, _) = large_zone(2);
    phone.give(Input::Nudge);
    let last =
        Response { log: Some(LogId([7; 8])), stopped: Some(Stop::Cloned), scopes: vec![], ..page(vec![], vec![]) };
    let told = |phone: &Phone| phone.last_request().repair.as_ref().map(|part| part.fingerprints[0].0.0[0]);
    phone.give(Input::Answered { response: last.clone() });
    assert_eq!(told(&phone), Some(1));
    phone.fail(Failure::Offline);
    phone.now = phone.now + HOUR;
    phone.give(Input::Wakeup);
    for part in [Some(1), Some(2)] {
        phone.give(Input::Answered { response: last.clone() });
        assert_eq!(told(&phone), part);
    }
    phone.give(Input::Answered { response: last });
    assert!(!phone.engine.link.is_busy() && phone.status.next_attempt.is_none(), "then it is silent");
}

#[test]
fn a_first_pull_goes_on_where_it_was_until_everything_has_arrived() {
    let mut phone = Phone::new();
    phone.give(Input::Nudge);
    let pull = Some(Cursor { rank: 1, last: Some(ISSUE) });
    let scopes = vec![Scope { position: Some(Position { after: 5, pull, own: None }), ..scope(ZONE, 0) }];
    phone.give(Input::Answered { response: Response { scopes, more: true, ..page(vec![], vec![]) } });
    assert!(!phone.status.complete);
    assert_eq!(phone.last_request().scopes, [(ZONE, Position { after: 5, pull, own: None })]);
    phone.answer(vec![], vec![]);
    assert!(phone.status.complete && !phone.status.syncing);
}

#[test]
fn a_phone_with_nothing_to_do_asks_once_in_five_minutes() {
    let mut phone = Phone::new();
    assert_eq!(phone.engine.next_wakeup(), Some(phone.now + 5 * MINUTE));
    phone.give(Input::Wakeup);
    assert!(phone.requests.is_empty());
    phone.now = phone.now + 5 * MINUTE;
    phone.give(Input::Wakeup);
    phone.give(Input::Wakeup);
    assert_eq!(phone.requests.len(), 1);
    assert_eq!(phone.last_request().log, Some(LOG));
}

#[test]
fn a_later_process_writes_with_another_actor() {
    let actors = |seed| {
        let mut engine = Engine::new(DeviceId(1), seed, Found::default());
        engine.actor(ISSUE)
    };
    assert_eq!(actors(1).device, DeviceId(1));
    assert_ne!(actors(1), actors(2));
}

/// A phone whose office has just said that it has the same.
fn in_step(document: &Document) -> Phone {
    let mut phone = Phone::with(&[(ISSUE, document)]);
    phone.give(Input::Nudge);
    agree(&mut phone, document, vec![]);
    phone
}

fn agree(phone: &mut Phone, document: &Document, items: Vec<Item>) {
    let scopes = vec![Scope { digest: Some(document.fingerprint(ISSUE)), ..scope(ZONE, 9) }];
    phone.give(Input::Answered { response: Response { scopes, ..page(vec![], items) } });
}

fn shed(phone: &mut Phone) -> bool {
    phone.give(Input::Shed { issues: vec![ISSUE] });
    phone.documents.is_empty()
}

#[test]
fn of_what_a_full_phone_sheds_the_row_stays_and_whoever_opens_it_gets_it_again() {
    let (document, _) = reported();
    let mut phone = in_step(&document);
    assert!(shed(&mut phone));
    assert_eq!(phone.status.documents, 1, "its row is still there");
    phone.give(Input::Nudge);
    agree(&mut phone, &document, vec![]);
    assert_eq!(phone.status.repairs, 0, "and counts in the comparison with the office");
    phone.give(Input::Want { issue: ISSUE });
    assert_eq!(phone.last_request().want, [ISSUE]);
    agree(&mut phone, &document, vec![snapshot(&document)]);
    assert_eq!(phone.document(ISSUE).heads(), document.heads());
    assert!(!shed(&mut phone), "what somebody looks at stays");
}

#[test]
fn nothing_is_shed_that_the_office_is_not_known_to_have() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    assert!(!shed(&mut phone), "no comparison yet");
    phone.give(Input::Nudge);
    agree(&mut phone, &Document::default(), vec![]);
    assert!(!shed(&mut phone), "the comparison found a difference");
    let mut phone = in_step(&document);
    phone.edit(remark(1, 50, "unsent"));
    assert!(!shed(&mut phone), "only here");
    let mut phone = in_step(&document);
    phone.give(Input::Nudge);
    phone.give(Input::Answered { response: Response { log: Some(LogId([7; 8])), ..page(vec![], vec![]) } });
    assert!(!shed(&mut phone), "the office was restored, and nothing was compared since");
}

#[test]
fn a_change_of_what_was_shed_brings_it_whole() {
    let (mut document, _) = reported();
    let mut phone = in_step(&document);
    assert!(shed(&mut phone));
    let change = document.edit(actor(2, 7), &remark(2, 50, "later")).unwrap();
    phone.give(Input::Nudge);
    phone.answer(vec![], vec![item(ZONE, ISSUE, Body::Change(change.bytes))]);
    assert_eq!(phone.last_request().want, [ISSUE]);
    agree(&mut phone, &document, vec![snapshot(&document)]);
    assert_eq!(phone.document(ISSUE).heads(), document.heads());
    assert_eq!(phone.status.repairs, 0);
}

#[test]
fn a_restored_office_that_lacks_what_was_shed_gives_what_it_has() {
    let (older, _) = reported();
    let mut document = older.clone();
    document.edit(actor(2, 7), &remark(2, 50, "lost by the office")).unwrap();
    let mut phone = in_step(&document);
    assert!(shed(&mut phone));
    phone.give(Input::Nudge);
    let restored = Response { log: Some(LogId([7; 8])), ..page(vec![], vec![]) };
    let differs = vec![Scope { digest: Some(older.fingerprint(ISSUE)), ..scope(ZONE, 9) }];
    phone.give(Input::Answered { response: Response { scopes: differs, ..restored.clone() } });
    assert_eq!(phone.last_request().repair.as_ref().unwrap().fingerprints.len(), 1);
    phone.give(Input::Answered { response: Response { lacking: vec![ISSUE], ..restored.clone() } });
    assert_eq!(phone.status.documents, 0, "a row of what nobody has would be a lie");
    assert_eq!(phone.last_request().want, [ISSUE]);
    phone.give(Input::Answered { response: Response { items: vec![snapshot(&older)], ..restored } });
    assert_eq!(phone.document(ISSUE).heads(), older.heads());
}

#[test]
fn a_phone_says_how_it_is_only_where_that_is_news() {
    let mut phone = Phone::new();
    let told = |phone: &Phone| phone.told().into_iter().flatten().collect::<Vec<_>>();
    phone.requests_until_quiet();
    assert_eq!(told(&phone), [], "a quiet phone has nothing to tell");
    let full = Condition { storage: 9, version: "7f1ae75".into(), ..Condition::default() };
    phone.engine.is_in(full.clone());
    for _ in 0..3 {
        phone.give(Input::Nudge);
        phone.requests_until_quiet();
    }
    assert_eq!(told(&phone), [full], "told once");
}

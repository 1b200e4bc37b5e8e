//! Saved means stored: what is stored before what is sent, and what a failed store leaves.

use super::*;

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
fn a_new_report_is_stored_without_asking_the_storage_first() {
    let mut phone = Phone::new();
    phone.engine.handle(phone.now, Input::Edit { ticket: 1, issue: ISSUE, edit: report(ZONE) });
    assert!(matches!(phone.engine.poll_output(), Some(Output::Store { .. })));
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

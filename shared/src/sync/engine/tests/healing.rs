//! An office that lacks what phones have, as after a restore: it gets it, once.

use super::*;

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
fn a_number_that_somebody_else_got_after_a_restore_is_replaced() {
    let (document, change) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.give(Input::Nudge);
    let again = item(ZONE, ISSUE, Body::Change(change.bytes));
    phone.answer(vec![], vec![Item { number: Some("20261123-0002".into()), ..again }]);
    assert_eq!(phone.documents[&ISSUE].number.as_deref(), Some("20261123-0002"));
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

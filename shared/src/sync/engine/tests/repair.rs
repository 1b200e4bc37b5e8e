//! What cannot be read is set aside, and a zone that disagrees is told part by part.

use super::*;

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

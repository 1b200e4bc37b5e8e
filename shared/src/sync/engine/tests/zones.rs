//! Issues that go to other zones, and zones that are not the phone's any more.

use super::*;

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
fn what_was_written_again_survives_that_the_issue_goes_and_comes_in_the_same_page() {
    let (document, _) = reported();
    let mut phone = Phone::with(&[(ISSUE, &document)]);
    phone.edit(remark(1, 1, "refused"));
    phone.edit(remark(1, 2, "after"));
    phone.answer(vec![refused()], vec![item(ZONE, ISSUE, Body::LetGo), snapshot(&document)]);
    assert_eq!((phone.remarks(), phone.status.unsent), (vec!["after".to_owned()], 1));
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

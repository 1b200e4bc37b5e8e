//! What a full phone lets go of, and how it comes back.

use super::*;

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

//! What the office says to a change, and what the phone makes of a refusal, of a held change, and of what others wrote first.

use super::*;

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

//! A phone that the office stopped: it saves, brings what it has, and is silent then.

use super::*;

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

//! When a phone asks, how much it asks for, and how long it waits.

use super::*;

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

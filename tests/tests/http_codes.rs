//! Guessing codes: ten thousand of them, from one address and from many, and what is locked when.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use xiaohao_server::service::ServiceError;
use xiaohao_server::service::enrolment::{self, Newcomer};
use xiaohao_shared::api::{Enrol, Enrolled, ProblemKind};
use xiaohao_shared::model::Role;
use xiaohao_tests::{Call, TestDevice, TestServer, Usual};

fn wish(phone: &TestDevice, code: String) -> Enrol {
    Enrol { code: Some(code), public_key: phone.public_key(), label: "x".into(), ..Enrol::default() }
}

async fn enrol(server: &TestServer, wish: &Enrol, proven: bool, from: IpAddr) -> Result<Enrolled, ServiceError> {
    let (key, _) = enrolment::public_key(&wish.public_key)?;
    enrolment::enrol(&server.service, wish, Newcomer { key, proven, place: None, origin: "", from }).await
}

/// What codes are made of.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten letters that could be a code, others for each number. One of ten thousand is one that was given with a chance of 1 in 10^11.
fn guess(number: u32) -> String {
    let mut mixed = u64::from(number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut letter = || {
        mixed = mixed.rotate_left(5);
        char::from(LETTERS[(mixed % 32) as usize])
    };
    (0..10).map(|_| letter()).collect()
}

fn network(number: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 + number).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_wrong_codes_never_get_in_and_each_address_waits_after_twenty() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let (code, liar) = (server.code(li.id).await, server.stranger());
    let (mut unknown, mut locked) = (0, 0);
    // The first address tries half of them, two hundred and fifty others twenty each.
    for number in 0..10_000 {
        let from = network(if number < 5_000 { 0 } else { 1 + number % 250 });
        match enrol(&server, &wish(&liar, guess(number)), true, from).await {
            Err(ServiceError::CodeUnknown) => unknown += 1,
            Err(ServiceError::TooMany { .. }) => locked += 1,
            other => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!((unknown, locked), (20 + 250 * 20, 4_980));
    let devices: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM devices").fetch_one(&server.service.store).await.expect("SQL");
    assert_eq!(devices, 0);
    let honest = wish(&server.stranger(), code);
    let late = enrol(&server, &honest, true, network(0)).await;
    assert!(
        matches!(late, Err(ServiceError::TooMany { .. })),
        "who guessed waits also with a code that is right: {late:?}"
    );
    let elsewhere = enrol(&server, &honest, true, network(999)).await;
    assert_eq!(elsewhere.expect("the code is as good as before").person, li);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_tried_five_times_without_its_key_opens_to_nobody_from_anywhere() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let (code, phone) = (server.code(li.id).await, server.stranger());
    for number in 0..5 {
        let forged = enrol(&server, &wish(&phone, code.clone()), false, network(number)).await;
        assert!(matches!(forged, Err(ServiceError::NotSigned(_))), "{forged:?}");
    }
    for number in 5..10 {
        let late = enrol(&server, &wish(&phone, code.clone()), true, network(number)).await;
        assert!(matches!(late, Err(ServiceError::CodeUnknown)), "{late:?}");
    }
    let fresh: Enrolled = phone.enrol(&server.code(li.id).await).await.json();
    assert_eq!(fresh.person, li, "another code makes it good");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_wrong_codes_over_http_open_nothing_and_each_address_behind_the_proxy_waits_after_twenty() {
    let server = TestServer::start_at(Usual { behind_proxy: true, ..Usual::default() }).await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let (code, liar) = (server.code(li.id).await, server.stranger());
    let try_one = async |code: String, from: IpAddr| {
        let call = Call::json("POST", "/api/enrol", &wish(&liar, code));
        liar.send(call.header("x-forwarded-for", &format!("203.0.113.9, {from}"))).await
    };
    let mut guesses = BTreeSet::new();
    for number in 0..300 {
        let guess = guess(number);
        assert_ne!(guess, code);
        assert_eq!(try_one(guess.clone(), network(number / 20)).await.problem().kind, ProblemKind::CodeUnknown);
        guesses.insert(guess);
    }
    assert_eq!(guesses.len(), 300);
    for number in 0..15 {
        let late = try_one(code.clone(), network(number)).await;
        assert_eq!(late.problem().kind, ProblemKind::TooManyRequests, "also with a code that is right");
    }
    assert_eq!(try_one(code, network(999)).await.json::<Enrolled>().person, li);
}

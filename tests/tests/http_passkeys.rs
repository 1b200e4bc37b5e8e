//! Passkeys from outside: who may add one, what one opens and for how long, and every forgery of one that we could think of.
//! The office's clock is not turned; what it has written is moved instead.

#![allow(clippy::unwrap_used)]

use sqlx::AssertSqlSafe;
use xiaohao_server::service::passkeys::StepUp;
use xiaohao_server::service::{random, trail};
use xiaohao_shared::api::ProblemKind::{
    self, BadRequest, CodeUnknown, ConfirmFirst, Conflict, DeviceRevoked, NotFound, ProofRefused, TooManyRequests,
};
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, Challenge, Passkeys};
use xiaohao_shared::api::{AuditPage, SavePerson};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::time::{HOUR, MINUTE};
use xiaohao_tests::passkey::{Authenticator, Words, base64};
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

const MS: i64 = 1;

async fn named() -> TestServer {
    TestServer::start_at(Usual { host: "localhost", ..Usual::default() }).await
}

/// The same behind a proxy that says who calls.
async fn proxied() -> TestServer {
    TestServer::start_at(Usual { host: "localhost", behind_proxy: true, ..Usual::default() }).await
}

struct Somebody {
    person: Person,
    device: TestDevice,
    authenticator: Authenticator,
}

async fn holder(server: &TestServer, name: &str, role: Role) -> Somebody {
    let person = server.person(name, role, &[1]).await;
    let device = server.enrol(&person).await;
    let mut authenticator = Authenticator::default();
    device.add_passkey(&mut authenticator).await;
    Somebody { person, device, authenticator }
}

/// Something that asks for a passkey.
async fn invites(device: &TestDevice, person: &Person) -> Answer {
    device.post(&format!("/api/admin/people/{}/invite", person.id), "").await
}

async fn sql(server: &TestServer, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&server.service.store).await.unwrap();
}

async fn count(server: &TestServer, what: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
    sqlx::query_scalar(sql).fetch_one(&server.service.store).await.unwrap()
}

/// As if all of this had happened so long ago.
async fn pass(server: &TestServer, ms: i64) {
    sql(server, format!("UPDATE devices SET enrolled_at = enrolled_at - {ms}")).await;
    sql(server, format!("UPDATE confirmed SET until_time = until_time - {ms}")).await;
}

/// The chain holds, and neither it nor anything else in the folder holds a word of a proof.
async fn nothing_is_kept(server: TestServer, secrets: &[String]) {
    let chain = trail::verify(&server.service, &[]).await.unwrap();
    assert!(chain.findings.is_empty(), "{chain}");
    let folder = server.leave().await;
    for name in ["office.db", "office.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {name}");
        }
    }
}

#[tokio::test]
async fn an_officer_shows_his_passkey_once_and_may_then_work_for_five_minutes() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    assert_eq!(invites(&boss.device, &li).await.problem().kind, ConfirmFirst);
    let confirmed = boss.device.confirm(&mut boss.authenticator).await;
    assert!((4 * MINUTE..=5 * MINUTE).contains(&(confirmed.until - server.service.now())));
    for _ in 0..3 {
        assert_eq!(invites(&boss.device, &li).await.status, 200);
    }
    pass(&server, 5 * MINUTE + MS).await;
    assert_eq!(invites(&boss.device, &li).await.problem().kind, ConfirmFirst);
    sql(&server, format!("UPDATE confirmed SET until_time = until_time + {HOUR}")).await;
    assert_eq!(invites(&boss.device, &li).await.problem().kind, ConfirmFirst, "a clock that was set back");
    nothing_is_kept(server, &[]).await;
}

#[tokio::test]
async fn an_office_pc_with_rsa_keys_is_as_good() {
    let server = named().await;
    let boss = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let mut tpm = Authenticator::rsa();
    assert_eq!(boss.add_passkey(&mut tpm).await.list.len(), 1);
    boss.confirm(&mut tpm).await;
    let asked = boss.asked_to_confirm().await;
    let mut shown = tpm.show(&asked, boss.origin(), |_| {});
    shown.signature.replace_range(10..12, "__");
    assert_eq!(boss.post_json("/api/confirm", &shown).await.problem().kind, ProofRefused);
}

#[tokio::test]
async fn one_device_that_was_confirmed_confirms_no_other_and_asks_for_nobody_else() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let other = server.enrol(&boss.person).await;
    let colleague = server.enrol(&server.person("同事", Role::Administrator, &[]).await).await;
    boss.device.confirm(&mut boss.authenticator).await;
    assert_eq!(invites(&boss.device, &boss.person).await.status, 200);
    assert_eq!(invites(&other, &boss.person).await.problem().kind, ConfirmFirst);
    assert_eq!(invites(&colleague, &boss.person).await.status, 200, "he has no passkey, so none is asked for");
}

#[tokio::test]
async fn an_office_may_insist_on_passkeys_from_everybody() {
    let server = TestServer::start_at(Usual { host: "localhost", step_up: StepUp::Always, ..Usual::default() }).await;
    let person = server.person("管理员", Role::Administrator, &[]).await;
    let boss = server.enrol(&person).await;
    assert_eq!(invites(&boss, &person).await.problem().kind, ConfirmFirst);
    assert_eq!(boss.post("/api/confirm/begin", "").await.problem().kind, Conflict, "there is none yet");
    let mut authenticator = Authenticator::default();
    boss.add_passkey(&mut authenticator).await;
    boss.confirm(&mut authenticator).await;
    assert_eq!(invites(&boss, &person).await.status, 200);
}

#[tokio::test]
async fn whoever_finds_a_phone_unlocked_makes_himself_no_passkey() {
    let server = named().await;
    let (li, wang) = (server.person("李梅", Role::Cadre, &[1]).await, server.person("王强", Role::Cadre, &[1]).await);
    let phone = server.enrol(&li).await;
    let asked: Challenge = phone.begin_passkey(None).await.json();
    pass(&server, HOUR + MS).await;
    assert!(phone.get("/api/passkeys").await.json::<Passkeys>().needs_code);
    assert_eq!(phone.begin_passkey(None).await.problem().kind, CodeUnknown);
    let late = Authenticator::default().make(&asked, phone.origin(), |_| {});
    assert_eq!(phone.post_json("/api/passkeys", &late).await.problem().kind, CodeUnknown, "the hour passed meanwhile");
    let foreign = server.code(wang.id).await;
    assert_eq!(phone.begin_passkey(Some(&foreign)).await.problem().kind, CodeUnknown, "somebody else's code");
    let code = server.code(li.id).await;
    let asked: Challenge = phone.begin_passkey(Some(&code)).await.json();
    let mut authenticator = Authenticator::default();
    let made = AddPasskey { code: Some(code.clone()), ..authenticator.make(&asked, phone.origin(), |_| {}) };
    assert_eq!(phone.post_json("/api/passkeys", &made).await.json::<Passkeys>().list.len(), 1);
    assert_eq!(server.stranger().enrol(&code).await.problem().kind, CodeUnknown, "the code is used up");
    assert_eq!(phone.begin_passkey(None).await.problem().kind, ConfirmFirst, "now he shows the one that he has");
    phone.confirm(&mut authenticator).await;
    assert_eq!(phone.add_passkey(&mut Authenticator::default()).await.list.len(), 2);
    nothing_is_kept(server, &[code, made.client_data, made.attestation]).await;
}

#[tokio::test]
async fn a_lost_passkey_is_replaced_with_a_code_and_thrown_away() {
    let server = named().await;
    let boss = holder(&server, "管理员", Role::Administrator).await;
    let path = "/api/passkeys/1/withdraw";
    assert_eq!(boss.device.post(path, "").await.problem().kind, ConfirmFirst, "no way down without it");
    let fresh = server.enrol(&boss.person).await;
    let mut second = Authenticator::default();
    assert_eq!(fresh.add_passkey(&mut second).await.list.len(), 2);
    fresh.confirm(&mut second).await;
    let left: Passkeys = fresh.post(path, "").await.json();
    assert_eq!(left.list.iter().map(|passkey| passkey.number).collect::<Vec<_>>(), [2]);
    assert_eq!(fresh.post(path, "").await.problem().kind, NotFound);
    let wang = holder(&server, "王强", Role::Cadre).await;
    assert_eq!(fresh.post("/api/passkeys/3/withdraw", "").await.problem().kind, NotFound, "it is somebody else's");
    assert_eq!(wang.device.get("/api/passkeys").await.json::<Passkeys>().list.len(), 1);
}

#[tokio::test]
async fn a_passkey_falls_with_the_device_that_made_it_and_so_does_what_it_confirmed() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let other = server.enrol(&boss.person).await;
    other.confirm(&mut boss.authenticator).await;
    let officer = server.enrol(&server.person("安全员", Role::Administrator, &[]).await).await;
    other.add_passkey(&mut Authenticator::default()).await;
    assert_eq!(officer.post(&format!("/api/admin/devices/{}/revoke", boss.device.device()), "").await.status, 200);
    assert_eq!(invites(&other, &boss.person).await.problem().kind, ConfirmFirst);
    let asked = other.asked_to_confirm().await;
    assert_eq!(asked.credentials.len(), 1, "only the one that was made here");
    let shown = boss.authenticator.show(&asked, other.origin(), |_| {});
    assert_eq!(other.post_json("/api/confirm", &shown).await.problem().kind, ProofRefused);
    assert_eq!(boss.device.post("/api/confirm/begin", "").await.problem().kind, DeviceRevoked);
}

#[tokio::test]
async fn nobody_is_confirmed_after_a_restore_and_no_challenge_from_before_it_counts() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    boss.device.confirm(&mut boss.authenticator).await;
    let asked = boss.device.asked_to_confirm().await;
    let copy = server.backup().await;
    let server = server.restore(&copy).await;
    assert_eq!(count(&server, "confirmed").await, 0);
    let origin = server.origin.replace("127.0.0.1", "localhost");
    boss.device.moved_to(&origin);
    let shown = boss.authenticator.show(&asked, &origin, |_| {});
    assert_eq!(boss.device.post_json("/api/confirm", &shown).await.problem().kind, ProofRefused);
    boss.device.confirm(&mut boss.authenticator).await;
}

#[tokio::test]
async fn where_the_address_is_a_number_there_are_no_passkeys_and_nobody_is_asked_for_one() {
    let server = TestServer::start().await;
    let person = server.person("管理员", Role::Administrator, &[]).await;
    let boss = server.enrol(&person).await;
    assert!(!boss.get("/api/passkeys").await.json::<Passkeys>().possible);
    assert_eq!(boss.begin_passkey(None).await.problem().kind, Conflict);
    assert_eq!(invites(&boss, &person).await.status, 200);
}

#[tokio::test]
async fn nobody_has_more_than_five() {
    let server = named().await;
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    for number in 1..=5 {
        assert_eq!(phone.add_passkey(&mut Authenticator::default()).await.list.len(), number);
    }
    assert_eq!(phone.begin_passkey(None).await.problem().kind, Conflict);
}

#[tokio::test]
async fn whoever_tries_codes_waits_after_twenty_also_with_a_good_one_and_nobody_who_has_a_passkey_waits_for_him() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    for number in 0..20 {
        let answer = phone.begin_passkey(Some(&format!("U{number:09}"))).await;
        assert_eq!(answer.problem().kind, CodeUnknown);
    }
    let code = server.code(li.id).await;
    assert_eq!(phone.begin_passkey(Some(&code)).await.problem().kind, TooManyRequests);
    boss.device.confirm(&mut boss.authenticator).await;
}

#[tokio::test]
async fn each_act_with_a_passkey_stands_in_the_audit_once_and_nothing_of_the_proof_does() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let asked = boss.device.asked_to_confirm().await;
    let shown = boss.authenticator.show(&asked, boss.device.origin(), |_| {});
    assert_eq!(boss.device.post_json("/api/confirm", &shown).await.status, 200);
    assert_eq!(boss.device.post_json("/api/confirm", &shown).await.problem().kind, ProofRefused);
    assert_eq!(boss.device.post("/api/passkeys/1/withdraw", "").await.status, 200);
    let mut lines = boss.device.get("/api/admin/audit").await.json::<AuditPage>().lines;
    lines.reverse();
    let told: Vec<_> = lines.iter().map(|line| (line.act.as_str(), line.what.as_str(), line.result.as_str())).collect();
    assert_eq!(
        told,
        [
            ("enrol", "POST /api/enrol", "done"),
            ("add_passkey", "passkey 1", "done"),
            ("confirm", "passkey 1", "done"),
            ("confirm", "POST /api/confirm", "refused: proof-refused"),
            ("drop_passkey", "passkey 1", "done"),
        ]
    );
    let secrets = [asked.challenge, shown.client_data, shown.signature, shown.credential];
    nothing_is_kept(server, &secrets).await;
}

#[tokio::test]
async fn an_act_that_waits_for_a_passkey_was_not_begun_and_the_same_signature_does_not_come_again() {
    let server = named().await;
    let boss = holder(&server, "管理员", Role::Administrator).await;
    let rows = trail::head(&server.service).await.unwrap().count;
    let wish = SavePerson { id: None, name: "王强".into(), role: Role::Cadre, zones: vec![], active: true };
    for _ in 0..3 {
        assert_eq!(boss.device.post_json("/api/admin/people", &wish).await.problem().kind, ConfirmFirst);
        assert_eq!(boss.device.get("/api/admin/audit/export").await.problem().kind, ConfirmFirst);
    }
    assert_eq!(trail::head(&server.service).await.unwrap().count, rows, "it is nobody's guilt");
    assert_eq!(count(&server, "nonces").await, 0);
    assert_eq!(count(&server, "people").await, 1);
}

// Forgeries. Each differs from a good one by a single thing.

fn cose(key: &[u8]) -> impl Fn(&mut Words) + use<> {
    let key = key.to_vec();
    move |words| words.cose.clone_from(&key)
}

#[tokio::test]
async fn no_forged_passkey_is_added() {
    let server = proxied().await;
    let boss = holder(&server, "管理员", Role::Administrator).await;
    let device = server.enrol(&boss.person).await;
    let (other, wang) = (server.enrol(&boss.person).await, holder(&server, "王强", Role::Cadre).await);
    let taken = wang.authenticator.credential.clone();
    let point = |n: usize| [&[0x58, n as u8][..], &vec![7; n]].concat();
    let es = |x: usize| [&b"\xa5\x01\x02\x03\x26\x20\x01\x21"[..], &point(x), b"\x22", &point(32)].concat();
    let nested = |n: usize| [&b"\xa1\x61a"[..], &vec![0x81; n], b"\x00"].concat();
    type Forge = Box<dyn Fn(&mut Words)>;
    let kinds: Vec<(&str, ProblemKind, Forge)> = vec![
        ("another page's", ProofRefused, Box::new(|w| w.origin = "http://localhost:1".into())),
        ("in a frame", ProofRefused, Box::new(|w| w.more = r#","crossOrigin":true"#.into())),
        ("under another page", ProofRefused, Box::new(|w| w.more = r#","topOrigin":"https://a.example""#.into())),
        ("another name's", ProofRefused, Box::new(|w| w.relying_party = "a.example".into())),
        ("shown, not made", ProofRefused, Box::new(|w| w.kind = "webauthn.get".into())),
        ("without a challenge", ProofRefused, Box::new(|w| w.challenge = String::new())),
        ("with a challenge of its own", ProofRefused, Box::new(|w| w.challenge = base64([7; 56]))),
        ("with a seal that is cut", ProofRefused, Box::new(|w| w.challenge.truncate(40))),
        ("with a longer life", ProofRefused, Box::new(|w| w.challenge.replace_range(8..10, "zz"))),
        ("nobody there", ProofRefused, Box::new(|w| w.flags &= !1)),
        ("nobody verified", ProofRefused, Box::new(|w| w.flags &= !4)),
        ("backed up and not eligible", ProofRefused, Box::new(|w| w.flags |= 1 << 4)),
        ("without a key", ProofRefused, Box::new(|w| w.flags &= !(1 << 6))),
        ("extensions that are not there", ProofRefused, Box::new(|w| w.flags |= 1 << 7)),
        ("more than was said", ProofRefused, Box::new(|w| w.rest = b"x".to_vec())),
        ("without a name", ProofRefused, Box::new(|w| w.credential.clear())),
        ("a name that is too long", ProofRefused, Box::new(|w| w.credential = vec![7; 1024])),
        ("a name of 30 KB", ProofRefused, Box::new(|w| w.credential = vec![7; 30_000])),
        ("somebody else's", Conflict, Box::new(move |w| w.credential.clone_from(&taken))),
        ("no algorithm", ProofRefused, Box::new(cose(b"\xa1\x01\x02"))),
        ("EdDSA", ProofRefused, Box::new(cose(&[&b"\xa4\x01\x01\x03\x27\x20\x06\x21"[..], &point(32)].concat()))),
        ("ES256 on another curve", ProofRefused, Box::new(|w| w.cose[6] = 2)),
        ("no point of the curve", ProofRefused, Box::new(cose(&es(32)))),
        ("half a point", ProofRefused, Box::new(cose(&es(31)))),
        (
            "a key of 512 bits",
            ProofRefused,
            Box::new(cose(&[&b"\xa4\x01\x03\x03\x39\x01\x00\x20"[..], &point(64), b"\x21\x43\x01\x00\x01"].concat())),
        ),
        (
            "an exponent of one",
            ProofRefused,
            Box::new(cose(
                &[&b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..], &[0xff; 256], b"\x21\x41\x01"].concat(),
            )),
        ),
        ("words instead of a key", ProofRefused, Box::new(cose(b"\x63abc"))),
        ("a map that says it is endless", ProofRefused, Box::new(cose(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x01"))),
        (
            "bytes that say they are endless",
            ProofRefused,
            Box::new(cose(b"\xa1\x21\x5b\x7f\xff\xff\xff\xff\xff\xff\xff")),
        ),
        ("a bomb of lists", ProofRefused, Box::new(cose(&nested(25_000)))),
        ("an open list of open lists", ProofRefused, Box::new(cose(&[&b"\xa1\x61a"[..], &[0x9f; 25_000]].concat()))),
    ];
    let rows = count(&server, "passkeys").await;
    for (name, expected, forge) in &kinds {
        let asked: Challenge = device.begin_passkey(None).await.json();
        let wish = Authenticator::default().make(&asked, device.origin(), |words| forge(words));
        refused(&device, &wish, *expected, name).await;
    }
    let asked: Challenge = device.begin_passkey(None).await.json();
    let honest = Authenticator::default().make(&asked, device.origin(), |_| {});
    let spoilt = [
        ("no base64", AddPasskey { attestation: "!".into(), ..honest.clone() }, ProofRefused),
        ("no CBOR", AddPasskey { attestation: base64(b"\xff"), ..honest.clone() }, ProofRefused),
        ("cut off", AddPasskey { attestation: honest.attestation[..200].into(), ..honest.clone() }, ProofRefused),
        (
            "with a tail",
            AddPasskey { attestation: format!("{}AAAA", honest.attestation), ..honest.clone() },
            ProofRefused,
        ),
        ("no JSON", AddPasskey { client_data: base64("x"), ..honest.clone() }, ProofRefused),
        ("a wrong code", AddPasskey { code: Some("0000000000".into()), ..honest.clone() }, CodeUnknown),
    ];
    for (name, wish, expected) in &spoilt {
        refused(&device, wish, *expected, name).await;
    }
    refused(&other, &honest, ProofRefused, "a challenge of another device").await;
    let confirming = Authenticator::default().make(&boss.device.asked_to_confirm().await, device.origin(), |_| {});
    refused(&boss.device, &confirming, ProofRefused, "a challenge for something else").await;
    assert_eq!(device.post("/api/passkeys", "{}").await.problem().kind, BadRequest);
    assert_eq!(count(&server, "passkeys").await, rows, "none was stored");
    assert_eq!(device.post_json("/api/passkeys", &honest).await.status, 200, "what they differ from is good");
    refused(&device, &honest, ProofRefused, "the same again").await;
    println!("{} kinds of forged passkeys refused", kinds.len() + spoilt.len() + 4);
    nothing_is_kept(server, &[honest.client_data, honest.attestation]).await;
}

/// Each from another network, so that none has to wait.
async fn refused(device: &TestDevice, wish: &impl serde::Serialize, kind: ProblemKind, name: &str) {
    let adds = serde_json::to_value(wish).unwrap().get("attestation").is_some();
    let call = Call::json("POST", if adds { "/api/passkeys" } else { "/api/confirm" }, wish);
    let [a, b, c] = random();
    let problem = device.send(call.header("x-forwarded-for", &format!("10.{a}.{b}.{c}"))).await.problem();
    assert_eq!(problem.kind, kind, "{name}: {problem:?}");
    let says = problem.detail.unwrap_or_default();
    assert!(kind != ProofRefused || says == "this passkey proves nothing here", "an attacker learns nothing: {says}");
}

#[tokio::test]
async fn no_forged_proof_confirms_anybody() {
    let server = proxied().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let mut wang = holder(&server, "王强", Role::Cadre).await;
    let (device, other) = (boss.device.clone(), server.enrol(&boss.person).await);
    let origin = device.origin().to_owned();
    type Forge = Box<dyn Fn(&mut Words)>;
    let kinds: Vec<(&str, Forge)> = vec![
        ("another page's", Box::new(|w| w.origin = "https://localhost".into())),
        ("in a frame", Box::new(|w| w.more = r#","crossOrigin":true"#.into())),
        ("another name's", Box::new(|w| w.relying_party = "127.0.0.1".into())),
        ("made, not shown", Box::new(|w| w.kind = "webauthn.create".into())),
        ("with a challenge of its own", Box::new(|w| w.challenge = base64([0; 56]))),
        ("with a seal that is wrong", Box::new(|w| w.challenge.replace_range(60..62, "zz"))),
        ("nobody there", Box::new(|w| w.flags &= !1)),
        ("nobody verified", Box::new(|w| w.flags &= !4)),
        ("with a new key in it", Box::new(|w| w.flags |= 1 << 6)),
        ("more than was said", Box::new(|w| w.rest = b"\xa0".to_vec())),
        ("an unknown one", Box::new(|w| w.credential = b"nobody".to_vec())),
        ("a name of 30 KB", Box::new(|w| w.credential = vec![7; 30_000])),
    ];
    for (name, forge) in &kinds {
        let asked = device.asked_to_confirm().await;
        let shown = boss.authenticator.show(&asked, &origin, |words| forge(words));
        refused(&device, &shown, ProofRefused, name).await;
    }
    let asked = device.asked_to_confirm().await;
    let honest = boss.authenticator.show(&asked, &origin, |_| {});
    let own = boss.authenticator.credential.clone();
    let mut flipped = honest.clone();
    flipped.signature.replace_range(12..14, "__");
    let spoilt = [
        ("no signature", Assertion { signature: String::new(), ..honest.clone() }),
        ("a wrong signature", flipped),
        ("a signature of 30 KB", Assertion { signature: base64([0x30; 30_000]), ..honest.clone() }),
        ("another account", Assertion { client_data: base64("{}"), ..honest.clone() }),
        ("another person's handle", Assertion { handle: wang.authenticator.handle.clone(), ..honest.clone() }),
        ("nothing said", Assertion { authenticator_data: String::new(), ..honest.clone() }),
        ("another key", Authenticator::default().show(&asked, &origin, |words| words.credential.clone_from(&own))),
    ];
    for (name, shown) in &spoilt {
        refused(&device, shown, ProofRefused, name).await;
    }
    refused(&other, &honest, ProofRefused, "a challenge of another device").await;
    let foreign = wang.authenticator.show(&asked, &origin, |_| {});
    refused(&device, &foreign, ProofRefused, "a good passkey of somebody else").await;
    let adding: Challenge = other.begin_passkey(None).await.json();
    let adding = boss.authenticator.show(&adding, &origin, |_| {});
    refused(&other, &adding, ProofRefused, "a challenge for something else").await;
    assert_eq!(count(&server, "confirmed").await, 0);
    assert_eq!(device.post_json("/api/confirm", &honest).await.status, 200, "what they differ from is good");
    sql(&server, "DELETE FROM confirmed".into()).await;
    refused(&device, &honest, ProofRefused, "the same again").await;
    boss.authenticator.counter = 9;
    device.confirm(&mut boss.authenticator).await;
    sql(&server, "DELETE FROM confirmed".into()).await;
    for counter in [9, 8, 0] {
        let back = boss.authenticator.show(&device.asked_to_confirm().await, &origin, |w| w.counter = counter);
        refused(&device, &back, ProofRefused, "a counter that went back").await;
    }
    sql(&server, "UPDATE passkeys SET withdrawn_at = 1 WHERE number = 1".into()).await;
    let asked: Challenge = wang.device.asked_to_confirm().await;
    let shown = boss.authenticator.show(&asked, &origin, |w| w.counter = 99);
    refused(&wang.device, &shown, ProofRefused, "one that was withdrawn").await;
    assert_eq!(count(&server, "confirmed").await, 0, "nobody was confirmed");
    println!("{} kinds of forged proofs refused", kinds.len() + spoilt.len() + 6);
    nothing_is_kept(server, &[honest.client_data, honest.signature]).await;
}

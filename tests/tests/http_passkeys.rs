//! Passkeys from outside: who may add one, what one opens and for how long, and every forgery of one that we could think of.
//! The office's clock is not turned; what it has written is moved instead.

#![allow(clippy::unwrap_used)]

use p256::ecdsa::signature::Signer;
use std::sync::atomic::{AtomicI64, Ordering};

use p256::ecdsa::Signature;
use xiaohao_server::service::passkeys::StepUp;
use xiaohao_server::service::{random, system_clock, trail};
use xiaohao_shared::api::ProblemKind::{
    self, BadRequest, CodeUnknown, ConfirmFirst, Conflict, DeviceRevoked, Forbidden, NotFound, NotSigned, ProofRefused,
    TooManyRequests,
};
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, Challenge, Passkeys};
use xiaohao_shared::api::{AuditPage, BeginEnrol, Device, Enrol, Enrolled, Kept, PersonDetail, SavePerson, Way};
use xiaohao_shared::model::Role;
use xiaohao_shared::signature::succession;
use xiaohao_shared::time::{HOUR, MINUTE, Timestamp};
use xiaohao_tests::holder::{count, holder, invites, named, nothing_is_kept, pass, sql};
use xiaohao_tests::passkey::{Authenticator, Words, base64};
use xiaohao_tests::{Call, TestDevice, TestServer, Usual};

const MS: i64 = 1;

/// The same behind a proxy that says who calls.
async fn proxied() -> TestServer {
    TestServer::start_at(Usual { host: "localhost", behind_proxy: true, ..Usual::default() }).await
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
    let told: Passkeys = boss.get("/api/passkeys").await.json();
    assert!(told.possible && told.always && told.list.is_empty(), "and he is told so: {told:?}");
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

#[tokio::test]
async fn a_security_officer_sees_everybodys_passkeys_and_takes_one_out_of_force() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    li.device.confirm(&mut li.authenticator).await;
    let people: Vec<PersonDetail> = boss.device.get("/api/admin/people").await.json();
    let told: Vec<_> = people[1].passkeys.iter().map(|it| (it.number, it.device, it.used_at.is_some())).collect();
    assert_eq!(told, [(2, li.device.device(), true)]);
    let path = "/api/admin/passkeys/2/withdraw";
    assert_eq!(li.device.post(path, "").await.problem().kind, Forbidden);
    assert_eq!(boss.device.post(path, "").await.problem().kind, ConfirmFirst);
    boss.device.confirm(&mut boss.authenticator).await;
    let left: PersonDetail = boss.device.post(path, "").await.json();
    assert_eq!((left.person.id, left.passkeys), (li.person.id, vec![]));
    for gone in [path, "/api/admin/passkeys/x/withdraw"] {
        assert_eq!(boss.device.post(gone, "").await.problem().kind, NotFound);
    }
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    assert_eq!(browser.enrol_by(shown).await.problem().kind, ProofRefused);
    assert_eq!(li.device.post("/api/confirm/begin", "").await.problem().kind, Conflict, "he has none any more");
    let lines = boss.device.get("/api/admin/audit").await.json::<AuditPage>().lines;
    let told = lines.iter().filter(|line| line.what == format!("POST {path}") && line.person == Some(boss.person.id));
    let told: Vec<_> = told.map(|line| line.result.as_str()).collect();
    assert_eq!(told.iter().filter(|result| ["begun", "done"].contains(result)).count(), 3, "{told:?}");
    nothing_is_kept(server, &[]).await;
}

// A new browser by a passkey, without an administrator.

/// A key that no office knows, and the passkey shown for it.
async fn comes_with(server: &TestServer, authenticator: &mut Authenticator) -> (TestDevice, Assertion) {
    let browser = server.stranger();
    let asked = browser.asked_to_enrol().await;
    let shown = authenticator.show(&asked, browser.origin(), |_| {});
    (browser, shown)
}

#[tokio::test]
async fn a_new_browser_enrols_by_a_passkey_and_then_is_a_device_like_any_other() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let (mut browser, shown) = comes_with(&server, &mut boss.authenticator).await;
    let enrolled: Enrolled = browser.enrol_by(shown.clone()).await.json();
    assert_eq!(enrolled.person, boss.person);
    browser.id = Some(enrolled.device);
    assert_eq!(
        invites(&browser, &boss.person).await.problem().kind,
        ConfirmFirst,
        "it was shown to enter, not for this"
    );
    assert_eq!(browser.begin_passkey(None).await.problem().kind, ConfirmFirst, "a passkey makes no passkeys");
    browser.confirm(&mut boss.authenticator).await;
    assert_eq!(invites(&browser, &boss.person).await.status, 200);
    let people: Vec<PersonDetail> = browser.get("/api/admin/people").await.json();
    let ways: Vec<Way> = people[0].devices.iter().map(|device| device.way).collect();
    assert_eq!(ways, [Way::Code, Way::Passkey]);
    let lines = browser.get("/api/admin/audit").await.json::<AuditPage>().lines;
    let told: Vec<_> = lines.iter().filter(|line| line.act == "enrol").map(|line| line.what.as_str()).collect();
    assert_eq!(told, ["passkey 1", "POST /api/enrol"]);
    nothing_is_kept(server, &[shown.client_data, shown.signature, shown.credential, shown.handle.unwrap()]).await;
}

#[tokio::test]
async fn whoever_lost_the_answer_asks_again_and_is_the_same_device() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    let first: Enrolled = browser.enrol_by(shown.clone()).await.json();
    let rows = trail::head(&server.service).await.unwrap().count;
    let again: Enrolled = browser.enrol_by(shown.clone()).await.json();
    assert_eq!(again.device, first.device, "the same request");
    assert_eq!(trail::head(&server.service).await.unwrap().count, rows);
    let mut wang = holder(&server, "王强", Role::Cadre).await;
    let asked = browser.asked_to_enrol().await;
    let anew = li.authenticator.show(&asked, browser.origin(), |_| {});
    assert_eq!(browser.enrol_by(anew).await.json::<Enrolled>().device, first.device, "or by another tap");
    let other = wang.authenticator.show(&asked, browser.origin(), |_| {});
    assert_eq!(browser.enrol_by(other).await.problem().kind, ProofRefused, "by somebody else it is another request");
    assert_eq!(count(&server, "devices").await, 3);
    sql(&server, "UPDATE devices SET revoked_at = 1 WHERE way = 'passkey'".into()).await;
    assert_eq!(browser.enrol_by(shown).await.problem().kind, DeviceRevoked, "no longer, once it is out of service");
    let asked = browser.asked_to_enrol().await;
    let anew = li.authenticator.show(&asked, browser.origin(), |_| {});
    assert_ne!(browser.enrol_by(anew).await.json::<Enrolled>().device, first.device);
    nothing_is_kept(server, &[]).await;
}

/// By how much the office's clock of the next test is turned.
static TURNED: AtomicI64 = AtomicI64::new(0);

fn turned() -> Timestamp {
    system_clock() + TURNED.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_challenge_lives_for_five_minutes_by_the_offices_clock() {
    let server = TestServer::start_at(Usual { host: "localhost", clock: turned, ..Usual::default() }).await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    let wish = Enrol { proof: Some(shown), ..browser.newcomer() };
    for (ms, status) in
        [(5 * MINUTE + MS, 403), (-MINUTE, 403), (4 * MINUTE, 200), (4 * MINUTE, 200), (6 * MINUTE, 403)]
    {
        TURNED.store(ms, Ordering::SeqCst);
        let answer = browser.post_json("/api/enrol", &wish).await;
        assert_eq!(answer.status, status, "after {ms} ms: {}", String::from_utf8_lossy(&answer.body));
    }
}

#[tokio::test]
async fn a_restored_office_gives_a_browser_its_number_back_by_a_passkey() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let copy = server.backup().await;
    let (mut browser, shown) = comes_with(&server, &mut li.authenticator).await;
    let before: Enrolled = browser.enrol_by(shown.clone()).await.json();
    let server = server.restore(&copy).await;
    browser.moved_to(&server.origin.replace("127.0.0.1", "localhost"));
    assert_eq!(browser.enrol_by(shown).await.problem().kind, ProofRefused, "a challenge from before it");
    let asked = browser.asked_to_enrol().await;
    let shown = li.authenticator.show(&asked, browser.origin(), |_| {});
    let wish = Enrol { proof: Some(shown), device: Some(before.device), ..browser.newcomer() };
    assert_eq!(browser.post_json("/api/enrol", &wish).await.json::<Enrolled>().device, before.device);
}

#[tokio::test]
async fn a_device_that_got_another_key_by_a_proof_is_confirmed_no_longer_and_may_no_more_than_a_new_one() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    boss.device.confirm(&mut boss.authenticator).await;
    assert_eq!(invites(&boss.device, &boss.person).await.status, 200);
    let (mut browser, shown) = comes_with(&server, &mut boss.authenticator).await;
    let text = succession(boss.device.device(), &browser.public_key());
    let proof: Signature = boss.device.key.sign(text.as_bytes());
    let kept = vec![Kept { public_key: boss.device.public_key(), proof: base64(proof.to_bytes()) }];
    let wish = Enrol { proof: Some(shown), device: boss.device.id, kept, ..browser.newcomer() };
    let enrolled: Enrolled = browser.post_json("/api/enrol", &wish).await.json();
    assert_eq!((enrolled.device, count(&server, "devices").await), (boss.device.device(), 1));
    browser.id = Some(enrolled.device);
    assert_eq!(boss.device.get("/api/office").await.problem().kind, NotSigned);
    assert_eq!(invites(&browser, &boss.person).await.problem().kind, ConfirmFirst);
    assert_eq!(browser.begin_passkey(None).await.problem().kind, ConfirmFirst, "no code has opened it");
}

#[tokio::test]
async fn everybody_is_told_of_his_own_devices_in_service_and_of_nobody_elses() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let wang = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    let second: Enrolled = browser.enrol_by(shown).await.json();
    let told = |devices: Vec<Device>| devices.into_iter().map(|it| (it.id, it.way)).collect::<Vec<_>>();
    let mine = told(li.device.get("/api/mine").await.json());
    assert_eq!(mine, [(li.device.device(), Way::Code), (second.device, Way::Passkey)]);
    assert_eq!(told(wang.get("/api/mine").await.json()), [(wang.device(), Way::Code)]);
    sql(&server, "UPDATE devices SET revoked_at = 1 WHERE way = 'passkey'".into()).await;
    assert_eq!(told(li.device.get("/api/mine").await.json()).len(), 1);
}

#[tokio::test]
async fn nobody_makes_himself_more_than_ten_devices() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    for _ in 2..=10 {
        let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
        assert_eq!(browser.enrol_by(shown).await.status, 200);
    }
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    assert_eq!(browser.enrol_by(shown).await.problem().kind, Conflict);
    assert_eq!(count(&server, "devices").await, 10);
    server.enrol(&li.person).await;
    sql(&server, "UPDATE devices SET revoked_at = 1 WHERE way = 'passkey'".into()).await;
    let (browser, shown) = comes_with(&server, &mut li.authenticator).await;
    assert_eq!(browser.enrol_by(shown).await.status, 200, "those out of service do not count");
}

#[tokio::test]
async fn where_the_address_is_a_number_nobody_enrols_by_a_passkey() {
    let server = TestServer::start().await;
    let browser = server.stranger();
    let wish = BeginEnrol { public_key: browser.public_key() };
    assert_eq!(browser.post_json("/api/enrol/begin", &wish).await.problem().kind, Conflict);
    let nothing = Assertion {
        credential: String::new(),
        client_data: String::new(),
        authenticator_data: String::new(),
        signature: String::new(),
        handle: None,
    };
    assert_eq!(browser.enrol_by(nothing).await.problem().kind, Conflict);
}

#[tokio::test]
async fn whoever_tries_proofs_waits_after_twenty_like_whoever_tries_codes() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    for _ in 0..20 {
        let (browser, shown) = comes_with(&server, &mut Authenticator::default()).await;
        assert_eq!(browser.enrol_by(shown).await.problem().kind, ProofRefused);
    }
    let browser = server.stranger();
    let wish = BeginEnrol { public_key: browser.public_key() };
    assert_eq!(browser.post_json("/api/enrol/begin", &wish).await.problem().kind, TooManyRequests);
    assert_eq!(browser.enrol(&server.code(li.person.id).await).await.problem().kind, TooManyRequests);
    li.device.confirm(&mut li.authenticator).await;
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

/// A newcomer's request, from a network of its own.
async fn not_let_in(browser: &TestDevice, wish: &Enrol, kind: ProblemKind, name: &str) {
    let [a, b, c] = random();
    let call = Call::json("POST", "/api/enrol", wish).header("x-forwarded-for", &format!("10.{a}.{b}.{c}"));
    let problem = browser.send(call).await.problem();
    assert_eq!(problem.kind, kind, "{name}: {problem:?}");
    let says = problem.detail.unwrap_or_default();
    assert!(kind != ProofRefused || says == "this passkey proves nothing here", "an attacker learns nothing: {says}");
}

#[tokio::test]
async fn no_forged_proof_makes_a_device() {
    let server = proxied().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let mut wang = holder(&server, "王强", Role::Cadre).await;
    let (browser, other) = (server.stranger(), server.stranger());
    let origin = browser.origin().to_owned();
    let own = li.authenticator.credential.clone();
    let by = |proof: Assertion| Enrol { proof: Some(proof), ..browser.newcomer() };
    type Forge = Box<dyn Fn(&mut Words)>;
    let kinds: Vec<(&str, Forge)> = vec![
        ("another page's", Box::new(|w| w.origin = "https://localhost".into())),
        ("another port's", Box::new(|w| w.origin = "http://localhost:1".into())),
        ("in a frame", Box::new(|w| w.more = r#","crossOrigin":true"#.into())),
        ("under another page", Box::new(|w| w.more = r#","topOrigin":"https://a.example""#.into())),
        ("another name's", Box::new(|w| w.relying_party = "a.example".into())),
        ("made, not shown", Box::new(|w| w.kind = "webauthn.create".into())),
        ("without a challenge", Box::new(|w| w.challenge = String::new())),
        ("with a challenge of its own", Box::new(|w| w.challenge = base64([7; 56]))),
        ("with a seal that is wrong", Box::new(|w| w.challenge.replace_range(60..62, "zz"))),
        ("with a seal that is cut", Box::new(|w| w.challenge.truncate(40))),
        ("with a longer life", Box::new(|w| w.challenge.replace_range(8..10, "zz"))),
        ("nobody there", Box::new(|w| w.flags &= !1)),
        ("nobody verified", Box::new(|w| w.flags &= !4)),
        ("with a new key in it", Box::new(|w| w.flags |= 1 << 6)),
        ("backed up and not eligible", Box::new(|w| w.flags |= 1 << 4)),
        ("more than was said", Box::new(|w| w.rest = b"\xa0".to_vec())),
        ("an unknown one", Box::new(|w| w.credential = b"nobody".to_vec())),
        ("a name of 30 KB", Box::new(|w| w.credential = vec![7; 30_000])),
    ];
    for (name, forge) in &kinds {
        let asked = browser.asked_to_enrol().await;
        let shown = li.authenticator.show(&asked, &origin, |words| forge(words));
        not_let_in(&browser, &by(shown), ProofRefused, name).await;
    }
    let asked = browser.asked_to_enrol().await;
    let honest = li.authenticator.show(&asked, &origin, |_| {});
    let mut flipped = honest.clone();
    flipped.signature.replace_range(12..14, "__");
    let spoilt = [
        ("no signature", Assertion { signature: String::new(), ..honest.clone() }),
        ("a wrong signature", flipped),
        ("a signature of 30 KB", Assertion { signature: base64([0x30; 30_000]), ..honest.clone() }),
        ("another account", Assertion { client_data: base64("{}"), ..honest.clone() }),
        ("no base64", Assertion { client_data: "!".into(), ..honest.clone() }),
        ("nothing said", Assertion { authenticator_data: String::new(), ..honest.clone() }),
        ("another person's handle", Assertion { handle: wang.authenticator.handle.clone(), ..honest.clone() }),
        ("nobody's handle", Assertion { handle: Some(base64([7; 16])), ..honest.clone() }),
        ("an empty handle", Assertion { handle: Some(String::new()), ..honest.clone() }),
        ("no handle", Assertion { handle: None, ..honest.clone() }),
        ("another key", Authenticator::default().show(&asked, &origin, |words| words.credential.clone_from(&own))),
        ("somebody else's name on it", wang.authenticator.show(&asked, &origin, |w| w.credential.clone_from(&own))),
    ];
    for (name, shown) in &spoilt {
        not_let_in(&browser, &by(shown.clone()), ProofRefused, name).await;
    }
    let stolen = Enrol { proof: Some(honest.clone()), ..other.newcomer() };
    not_let_in(&other, &stolen, ProofRefused, "a proof that was made for another key").await;
    not_let_in(&other, &by(honest.clone()), NotSigned, "a key that it does not have").await;
    for (name, asked) in [
        ("a challenge to confirm", li.device.asked_to_confirm().await),
        ("a challenge to add one", li.device.begin_passkey(None).await.json()),
    ] {
        not_let_in(&browser, &by(li.authenticator.show(&asked, &origin, |_| {})), ProofRefused, name).await;
    }
    for code in [server.code(li.person.id).await, "0000000000".into()] {
        let both = Enrol { code: Some(code), ..by(honest.clone()) };
        not_let_in(&browser, &both, BadRequest, "a code and a proof").await;
    }
    not_let_in(&browser, &browser.newcomer(), BadRequest, "neither").await;
    let confirmed = li.authenticator.show(&asked, &origin, |_| {});
    refused(&li.device, &confirmed, ProofRefused, "a challenge to enrol, to confirm").await;
    let spoil = |change: &'static str, undo: &'static str| {
        let (server, browser, wish) = (&server, &browser, by(honest.clone()));
        async move {
            sql(server, change.into()).await;
            not_let_in(browser, &wish, ProofRefused, change).await;
            sql(server, undo.into()).await;
        }
    };
    spoil("UPDATE passkeys SET withdrawn_at = 1", "UPDATE passkeys SET withdrawn_at = NULL").await;
    spoil("UPDATE devices SET revoked_at = 1", "UPDATE devices SET revoked_at = NULL").await;
    spoil("UPDATE devices SET revoked_at = 1, revoked_why = 'cloned'", "UPDATE devices SET revoked_at = NULL").await;
    spoil("UPDATE people SET active = 0", "UPDATE people SET active = 1").await;
    spoil("UPDATE passkeys SET relying_party = 'a'", "UPDATE passkeys SET relying_party = 'localhost'").await;
    spoil("UPDATE passkeys SET counter = 9", "UPDATE passkeys SET counter = 0").await;
    assert_eq!((count(&server, "devices").await, count(&server, "challenges").await), (2, 2), "none was stored");
    assert_eq!(browser.enrol_by(honest.clone()).await.status, 200, "what they differ from is good");
    let third = server.stranger();
    let again = Enrol { proof: Some(honest.clone()), ..third.newcomer() };
    not_let_in(&third, &again, ProofRefused, "the same again, by somebody else").await;
    println!("{} kinds of forged proofs make no device", kinds.len() + spoilt.len() + 15);
    nothing_is_kept(server, &[honest.client_data, honest.signature]).await;
}

//! The key of a device and the next one: who may change it, what happens to the former one, and what is still under way by it.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use xiaohao_server::service::ServiceError;
use xiaohao_server::service::directory::{self, Caller};
use xiaohao_server::service::keys::{self, Change};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    ChangeKey, Concern, Device, Enrol, Enrolled, Kept, Office, OwnedDevice, PersonDetail, ProblemKind, Way,
};
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::Role;
use xiaohao_shared::signature::{possession, succession};
use xiaohao_shared::sync::handover::{Fault, Maker};
use xiaohao_shared::sync::wire::Verdict;
use xiaohao_tests::edits::{new_issue, report};
use xiaohao_tests::handover::{file, import, unsent};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{Answer, TestDevice, TestServer};

const PATH: &str = "/api/key";

async fn phone(server: &TestServer, name: &str, role: Role) -> Phone {
    let person = server.person(name, role, &[1]).await;
    Phone::new(server.enrol(&person).await, &person)
}

/// The same device with a key that the office does not know yet.
fn with_new_key(server: &TestServer, device: &TestDevice) -> TestDevice {
    with_key(device, server.stranger().key)
}

fn with_key(device: &TestDevice, key: SigningKey) -> TestDevice {
    let mut other = device.clone();
    other.key = key;
    other
}

/// As the office keeps its key.
fn point(device: &TestDevice) -> Vec<u8> {
    device.key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn signed(key: &SigningKey, device: DeviceId, nonce: &str, public_key: &str) -> String {
    let proof: Signature = key.sign(possession(device, nonce, public_key).as_bytes());
    Base64UrlUnpadded::encode_string(&proof.to_bytes())
}

/// What asks for the key of `next`.
fn wish(next: &TestDevice, nonce: &str) -> ChangeKey {
    let public_key = next.public_key();
    let proof = signed(&next.key, next.device(), nonce, &public_key);
    ChangeKey { public_key, nonce: nonce.into(), proof }
}

async fn change(before: &TestDevice, next: &TestDevice, nonce: &str) -> Answer {
    before.post_json(PATH, &wish(next, nonce)).await
}

async fn lines(server: &TestServer) -> Vec<(String, String)> {
    let sql = "SELECT what, result FROM audit WHERE act = 'change_key' ORDER BY number";
    sqlx::query_as(sql).fetch_all(&server.service.store).await.expect("SQL answers")
}

async fn sql(server: &TestServer, statement: &'static str) {
    sqlx::query(statement).execute(&server.service.store).await.expect("SQL");
}

/// Since the last change.
async fn a_day_passes(server: &TestServer) {
    sql(server, "UPDATE former_keys SET until_time = until_time - 86400000").await;
}

/// As the app asks that enrols once more: with the number that it has, whose that is, and the keys that it has kept.
async fn comes_back(device: &TestDevice, code: &str, person: PersonId, kept: &[&TestDevice]) -> Answer {
    let text = succession(device.device(), &device.public_key());
    let kept = kept.iter().map(|kept| {
        let proof: Signature = kept.key.sign(text.as_bytes());
        Kept { public_key: kept.public_key(), proof: Base64UrlUnpadded::encode_string(&proof.to_bytes()) }
    });
    let (code, person, kept) = (Some(code.to_owned()), Some(person), kept.collect());
    let wish = Enrol { code, device: device.id, person, kept, ..device.newcomer() };
    let mut key = device.clone();
    key.id = None;
    key.post_json("/api/enrol", &wish).await
}

async fn devices(server: &TestServer) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM devices").fetch_one(&server.service.store).await.expect("SQL answers")
}

fn accepted(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Accepted { .. })).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_former_key_is_refused_from_the_change_on_and_the_device_goes_on_as_the_same() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre).await;
    a.save(new_issue(), report(a.person.id, 1, "换密钥之前")).expect("saved");
    assert_eq!(a.sync().await, None);
    let (before, next) = (a.device.clone(), with_new_key(&server, &a.device));
    assert_eq!(change(&before, &next, "one").await.status, 200);

    for path in ["/api/office", "/api/mine"] {
        assert_eq!(before.get(path).await.problem().kind, ProblemKind::NotSigned, "{path}");
    }
    let office: Office = next.get("/api/office").await.json();
    assert_eq!((office.device, office.me.id), (before.device(), a.person.id));
    a.device = next.clone();
    a.save(new_issue(), report(a.person.id, 1, "换密钥之后")).expect("saved");
    assert_eq!((a.sync().await, a.status.unsent, a.refused().len()), (None, 0, 0));
    let lines = lines(&server).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].0.starts_with("key changed to ") && lines[0].1 == "done", "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_was_lost_is_asked_for_again_by_the_new_key_and_changes_nothing() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await.device;
    let next = with_new_key(&server, &a);
    assert_eq!(change(&a, &next, "one").await.status, 200);
    for _ in 0..2 {
        assert_eq!(change(&a, &next, "one").await.problem().kind, ProblemKind::NotSigned);
        assert_eq!(change(&next, &next, "one").await.status, 200);
    }
    assert_eq!(next.get("/api/office").await.status, 200);
    assert_eq!(lines(&server).await.iter().filter(|(_, result)| result == "done").count(), 1, "told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_takes_both_keys_and_a_key_that_nobody_had() {
    let server = TestServer::start().await;
    let (a, b) = (phone(&server, "甲", Role::Cadre).await.device, phone(&server, "乙", Role::Cadre).await.device);
    let next = with_new_key(&server, &a);
    assert_eq!(change(&next, &next, "one").await.problem().kind, ProblemKind::NotSigned, "without the key it has");
    let stranger = server.stranger();
    let honest = wish(&next, "one");
    let forged = [
        ("by another key", signed(&stranger.key, a.device(), "one", &next.public_key())),
        ("by the key that it has", signed(&a.key, a.device(), "one", &next.public_key())),
        ("for another device", signed(&next.key, b.device(), "one", &next.public_key())),
        ("for another change", signed(&next.key, a.device(), "two", &next.public_key())),
        ("for another key", signed(&next.key, a.device(), "one", &stranger.public_key())),
        ("none", String::new()),
    ];
    for (what, proof) in forged {
        let answer = a.post_json(PATH, &ChangeKey { proof, ..honest.clone() }).await;
        assert_eq!(answer.problem().kind, ProblemKind::BadRequest, "{what}");
    }
    for nonce in ["", &"n".repeat(33)] {
        assert_eq!(change(&a, &next, nonce).await.problem().kind, ProblemKind::BadRequest, "{nonce:?}");
    }
    let of_another = with_key(&a, b.key.clone());
    assert_eq!(change(&a, &of_another, "one").await.problem().kind, ProblemKind::BadRequest);
    assert_eq!(a.get("/api/office").await.status, 200, "nothing was changed by any of them");

    assert_eq!(change(&a, &next, "one").await.status, 200);
    let former = change(&next, &a, "three").await;
    assert_eq!(former.problem().kind, ProblemKind::BadRequest, "a former key does not come back");
    a_day_passes(&server).await;
    let third = with_new_key(&server, &a);
    assert_eq!(change(&next, &third, "one").await.problem().kind, ProblemKind::Replayed);
    assert_eq!(change(&next, &third, "two").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_one_counts_and_the_other_is_by_a_former_key() {
    let server = TestServer::start().await;
    for round in 0..5 {
        let a = phone(&server, &format!("甲{round}"), Role::Cadre).await.device;
        let (one, two) = (with_new_key(&server, &a), with_new_key(&server, &a));
        let (first, second) = tokio::join!(change(&a, &one, "one"), change(&a, &two, "two"));
        let (won, lost, kind) = if first.status == 200 { (one, two, second) } else { (two, one, first) };
        assert_eq!(kind.problem().kind, ProblemKind::NotSigned);
        assert_eq!((won.get("/api/office").await.status, lost.get("/api/office").await.status), (200, 401));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_out_of_service_or_in_doubt_gets_no_new_key() {
    let server = TestServer::start().await;
    let (a, b) = (phone(&server, "甲", Role::Cadre).await.device, phone(&server, "乙", Role::Cadre).await.device);
    let admin = phone(&server, "管理员", Role::Administrator).await.device;
    let next = with_new_key(&server, &a);
    assert_eq!(a.post_json("/api/doubt", &()).await.status, 200);
    assert_eq!(change(&a, &next, "one").await.problem().kind, ProblemKind::ProveFirst);
    assert_eq!(a.enrol(&server.code(owner(&a, &server).await).await).await.status, 200);
    assert_eq!(change(&a, &next, "one").await.status, 200, "as soon as its person has proven himself");

    assert_eq!(admin.post_json(&format!("/api/admin/devices/{}/revoke", b.device()), &()).await.status, 200);
    let refused = change(&b, &with_new_key(&server, &b), "one").await;
    assert_eq!(refused.problem().kind, ProblemKind::DeviceRevoked);
}

/// Whose device it is.
async fn owner(device: &TestDevice, server: &TestServer) -> PersonId {
    let sql = sqlx::query_scalar("SELECT person FROM devices WHERE id = $1").bind(device.device().0.cast_signed());
    PersonId(sql.fetch_one(&server.service.store).await.expect("a device"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_made_before_the_change_is_taken_for_ninety_days_after_it() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre).await;
    let courier = phone(&server, "乙", Role::Cadre).await.device;
    let office = Some(directory::id(&server.service));
    let maker = Maker { office, device: a.device.device(), person: a.person.id, at: a.now() };
    a.save(new_issue(), report(a.person.id, 1, "在路上")).expect("saved");
    let day = file(&a.device.key, maker, &unsent(&a.storage), &[]);
    a.save(new_issue(), report(a.person.id, 1, "太晚")).expect("saved");
    let late = file(&a.device.key, maker, &unsent(&a.storage), &[]);
    let next = with_new_key(&server, &a.device);
    assert_eq!(change(&a.device, &next, "one").await.status, 200);

    assert_eq!(accepted(&import(&courier, &day).await.expect("taken in")), 1);
    let forged = file(&server.stranger().key, maker, &unsent(&a.storage), &[]);
    assert_eq!(import(&courier, &forged).await.expect_err("not its key").fault(), Some(Fault::Forged));
    sql(&server, "UPDATE former_keys SET until_time = until_time - 7862400000").await;
    assert_eq!(import(&courier, &late).await.expect_err("91 days later").fault(), Some(Fault::Forged));
    let anew = file(&next.key, maker, &unsent(&a.storage), &[]);
    assert_eq!(accepted(&import(&courier, &anew).await.expect("taken in")), 1, "what was there already is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_was_restored_from_before_the_change_takes_it_from_the_former_key_once_more() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre).await;
    assert_eq!(a.sync().await, None);
    let backup = server.backup().await;
    let (before, next) = (a.device.clone(), with_new_key(&server, &a.device));
    assert_eq!(change(&before, &next, "one").await.status, 200);
    a.device = next;
    a.save(new_issue(), report(a.person.id, 1, "备份之后")).expect("saved");
    assert_eq!(a.sync().await, None);

    let server = server.restore(&backup).await;
    let (before, next) = (before.at(&server), a.device.clone().at(&server));
    assert_eq!(next.get("/api/office").await.problem().kind, ProblemKind::NotSigned, "it knows the former one only");
    assert_eq!(change(&before, &next, "one").await.status, 200);
    a.device = next;
    assert_eq!((a.sync().await, a.refused().len()), (None, 0));
    let issues: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM issues").fetch_one(&server.service.store).await.expect("SQL");
    assert_eq!(issues, 1, "what came after the backup came again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_in_doubt_is_told_as_such_to_whoever_looks_after_devices_although_it_is_heard_of() {
    let server = TestServer::start().await;
    let (a, admin) = (phone(&server, "甲", Role::Cadre).await, phone(&server, "管理员", Role::Administrator).await);
    let id = a.device.device();
    let seen = async || {
        let owned: Vec<OwnedDevice> = admin.device.get("/api/devices").await.json();
        let listed = owned.into_iter().map(|owned| owned.device).find(|device| device.id == id).expect("it is listed");
        let people: Vec<PersonDetail> = admin.device.get("/api/admin/people").await.json();
        let mut devices = people.into_iter().flat_map(|one| one.devices);
        let of_person: Device = devices.find(|device| device.id == id).expect("it is his");
        assert_eq!(listed.unproven_at, of_person.unproven_at);
        let concerns = listed.concerns(server.service.now());
        (listed.unproven_at.is_some(), listed.last_contact.is_some(), concerns)
    };
    assert_eq!(a.device.post_json("/api/doubt", &()).await.status, 200);
    // It is refused, and heard of all the same.
    assert_eq!(a.device.get("/api/office").await.problem().kind, ProblemKind::ProveFirst);
    assert_eq!(seen().await, (true, true, vec![Concern::Unproven]));
    assert_eq!(a.device.enrol(&server.code(a.person.id).await).await.status, 200);
    assert_eq!(seen().await, (false, true, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_key_the_office_does_not_know_gets_another_by_a_code_and_its_unsent_work_is_accepted() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre).await;
    assert_eq!(a.sync().await, None);
    a.save(new_issue(), report(a.person.id, 1, "还没送达")).expect("saved");
    // Somebody who had a copy of the key was faster; and a phone that was set back to an older state has a former one, too.
    let thief = with_new_key(&server, &a.device);
    assert_eq!(change(&a.device, &thief, "one").await.status, 200);
    assert_eq!(a.device.get("/api/office").await.problem().kind, ProblemKind::NotSigned);

    let (number, code) = (a.device.device(), server.code(a.person.id).await);
    let former = comes_back(&a.device, &code, a.person.id, &[]).await;
    assert_eq!(former.problem().kind, ProblemKind::NotSigned, "no former key comes back, by no code");
    let before = a.device.clone();
    a.device = with_new_key(&server, &before);
    for _ in 0..2 {
        let enrolled: Enrolled = comes_back(&a.device, &code, a.person.id, &[&before]).await.json();
        assert_eq!(
            (enrolled.device, devices(&server).await),
            (number, 1),
            "it is the same device, also where the answer was lost"
        );
    }
    assert_eq!((a.sync().await, a.status.unsent, a.refused().len()), (None, 0, 0));
    assert_eq!(thief.get("/api/office").await.problem().kind, ProblemKind::NotSigned);
    let again = comes_back(&thief, &server.code(a.person.id).await, a.person.id, &[&before]).await;
    assert_eq!(again.problem().kind, ProblemKind::NotSigned);
    let told: String =
        sqlx::query_scalar("SELECT what FROM audit WHERE act = 'enrol' AND result = 'done' ORDER BY number DESC")
            .fetch_one(&server.service.store)
            .await
            .expect("SQL answers");
    assert!(told.starts_with("POST /api/enrol; key changed to "), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_another_key_by_nobody_elses_code_and_none_while_it_is_out_of_service() {
    let server = TestServer::start().await;
    let (a, b) = (phone(&server, "甲", Role::Cadre).await, phone(&server, "乙", Role::Cadre).await);
    let admin = phone(&server, "管理员", Role::Administrator).await.device;
    let next = with_new_key(&server, &a.device);
    let foreign = server.code(b.person.id).await;
    let kept = [&a.device];
    let refused = comes_back(&next, &foreign, a.person.id, &kept).await;
    assert_eq!(refused.problem().reason, Some(Reason::DeviceOfAnother));
    // Whoever lies about whose it was gets a device of his own, and nothing of the other's.
    let enrolled: Enrolled = comes_back(&next, &foreign, b.person.id, &kept).await.json();
    assert_ne!(enrolled.device, a.device.device());
    assert_eq!(a.device.get("/api/office").await.status, 200);

    let next = with_new_key(&server, &a.device);
    let code = server.code(a.person.id).await;
    let elsewhere = with_key(&a.device, b.device.key.clone());
    assert_eq!(
        comes_back(&elsewhere, &code, a.person.id, &kept).await.problem().kind,
        ProblemKind::NotSigned,
        "another's key"
    );
    let told = comes_back(&next, &code, b.person.id, &kept).await;
    assert_eq!(told.problem().reason, Some(Reason::DeviceOfAnother), "what lies there is somebody else's");
    assert_eq!(admin.post_json(&format!("/api/admin/devices/{}/revoke", a.device.device()), &()).await.status, 200);
    assert_eq!(comes_back(&next, &code, a.person.id, &kept).await.problem().kind, ProblemKind::DeviceRevoked);
    assert_eq!(server.stranger().enrol(&code).await.status, 200, "none of them has used the code up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_gets_another_key_by_a_code_is_told_to_its_person_like_a_new_one() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await;
    let other = server.enrol(&a.person).await;
    sql(&server, "UPDATE devices SET enrolled_at = enrolled_at - 86400000, way = 'passkey', code_at = NULL").await;
    let next = with_new_key(&server, &a.device);
    assert_eq!(comes_back(&next, &server.code(a.person.id).await, a.person.id, &[&a.device]).await.status, 200);
    let mine: Vec<Device> = other.get("/api/mine").await.json();
    let newest = mine.iter().max_by_key(|device| device.enrolled_at).expect("two devices");
    assert_eq!((newest.id, newest.way), (a.device.device(), Way::Code));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_changes_its_key_once_a_day_and_hears_of_a_lost_answer_at_any_time() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await.device;
    let (next, third) = (with_new_key(&server, &a), with_new_key(&server, &a));
    assert_eq!(change(&a, &next, "one").await.status, 200);
    assert_eq!(change(&next, &third, "two").await.problem().kind, ProblemKind::TooManyRequests);
    assert_eq!(change(&next, &next, "three").await.status, 200, "the answer may have been lost");
    a_day_passes(&server).await;
    assert_eq!(change(&next, &third, "two").await.status, 200);
    assert_eq!(third.get("/api/office").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_goes_out_of_service_or_into_doubt_while_it_asks_gets_no_new_key() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await;
    let caller = Caller { device: a.device.device(), person: a.person.clone() };
    let key = point(&a.device);
    let asks = async |nonce: &str| {
        let change = Change { caller: &caller, signed_by: &key, from: [127, 0, 0, 1].into() };
        keys::change(&server.service, &change, &wish(&with_new_key(&server, &a.device), nonce)).await
    };
    // It was let in before that.
    sql(&server, "UPDATE devices SET unproven_at = 1").await;
    assert!(matches!(asks("one").await, Err(ServiceError::Unproven)));
    sql(&server, "UPDATE devices SET unproven_at = NULL, revoked_at = 1").await;
    assert!(matches!(asks("two").await, Err(ServiceError::DeviceRevoked)));
    sql(&server, "UPDATE devices SET revoked_at = NULL").await;
    assert!(asks("three").await.is_ok());
    assert!(matches!(asks("four").await, Err(ServiceError::NotSigned(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_for_a_second_device_once_can_be_replaced_there_too() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await;
    let next = with_new_key(&server, &a.device);
    assert_eq!(change(&a.device, &next, "one").await.status, 200);
    // As an office could be that stood before former keys were refused at enrolment.
    let mut second = a.device.clone();
    sqlx::query("INSERT INTO devices (id, person, public_key, label, enrolled_at) SELECT 7, person, $1, label, enrolled_at FROM devices")
        .bind(point(&a.device))
        .execute(&server.service.store)
        .await
        .expect("SQL");
    second.id = Some(DeviceId(7));
    let third = with_new_key(&server, &second);
    assert_eq!(change(&second, &third, "one").await.status, 200);
    assert_eq!(third.get("/api/office").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_code_and_none_of_the_keys_gets_a_device_of_his_own_and_stops_nobody() {
    let server = TestServer::start().await;
    let a = phone(&server, "甲", Role::Cadre).await;
    let (number, stranger) = (a.device.device(), server.stranger());
    for kept in [&[][..], &[&stranger]] {
        let thief = with_new_key(&server, &a.device);
        let code = server.code(a.person.id).await;
        let enrolled: Enrolled = comes_back(&thief, &code, a.person.id, kept).await.json();
        assert_ne!(enrolled.device, number);
        assert_eq!(a.device.get("/api/office").await.status, 200);
    }
    // What a kept key has signed for one new key says nothing of another.
    let (thief, next) = (with_new_key(&server, &a.device), with_new_key(&server, &a.device));
    let proof: Signature = a.device.key.sign(succession(number, &next.public_key()).as_bytes());
    let seen = Kept { public_key: a.device.public_key(), proof: Base64UrlUnpadded::encode_string(&proof.to_bytes()) };
    let (code, person) = (Some(server.code(a.person.id).await), Some(a.person.id));
    let wish = Enrol { code, person, device: a.device.id, kept: vec![seen], ..thief.newcomer() };
    let mut key = thief.clone();
    key.id = None;
    assert_ne!(key.post_json("/api/enrol", &wish).await.json::<Enrolled>().device, number);
    assert_eq!(a.device.get("/api/office").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_last_two_keys_are_newer_than_the_backup_goes_on_as_the_same_device_unless_somebody_speaks_as_it()
{
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre).await;
    assert_eq!(a.sync().await, None);
    let backup = server.backup().await;
    let (first, second) = (a.device.clone(), with_new_key(&server, &a.device));
    assert_eq!(change(&first, &second, "one").await.status, 200);
    a_day_passes(&server).await;
    let third = with_new_key(&server, &a.device);
    assert_eq!(change(&second, &third, "two").await.status, 200);
    a.device = third.clone();
    a.save(new_issue(), report(a.person.id, 1, "备份之后")).expect("saved");
    assert_eq!((a.sync().await, a.status.unsent), (None, 0));
    a.save(new_issue(), report(a.person.id, 1, "还没送达")).expect("saved");

    let server = server.restore(&backup).await;
    let [first, second, third] = [first, second, third].map(|device| device.at(&server));
    for key in [&second, &third] {
        assert_eq!(key.get("/api/office").await.problem().kind, ProblemKind::NotSigned);
    }
    let fourth = with_new_key(&server, &third);
    let comes =
        async |code: String| comes_back(&fourth, &code, a.person.id, &[&third, &second]).await.json::<Enrolled>();
    sql(&server, "UPDATE devices SET last_contact = last_contact + 86400000").await;
    assert_ne!(
        comes(server.code(a.person.id).await).await.device,
        first.device(),
        "it speaks by the key that is known"
    );

    sql(&server, "DELETE FROM codes").await;
    sql(&server, "DELETE FROM devices WHERE enrolled_at = (SELECT MAX(enrolled_at) FROM devices)").await;
    sql(&server, "UPDATE devices SET last_contact = last_contact - 172800000").await;
    assert_eq!(comes(server.code(a.person.id).await).await.device, first.device());
    a.device = fourth.clone();
    a.crash();
    assert_eq!((a.sync().await, a.sync().await, a.status.unsent, a.refused().len()), (None, None, 0, 0));
    let issues: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM issues").fetch_one(&server.service.store).await.expect("SQL");
    assert_eq!(issues, 2, "what came after the backup came again");
}

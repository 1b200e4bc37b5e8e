//! A device whose vault was thrown away, from outside: nothing comes down to it until its person has proven himself, by a passkey or by a
//! code, and nothing of its own is lost.

#![allow(clippy::unwrap_used)]

use xiaohao_server::service::directory;
use xiaohao_shared::api::ProblemKind::{CodeUnknown, ConfirmFirst, DeviceRevoked, ProofRefused, ProveFirst};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Enrol, Enrolled, SavePerson, Thrown};
use xiaohao_shared::model::Role;
use xiaohao_shared::sync::wire;
use xiaohao_shared::time::{DAY, HOUR};
use xiaohao_tests::holder::{count, holder, invites, named, nothing_is_kept, pass, sql};
use xiaohao_tests::phone::nothing;
use xiaohao_tests::{Call, TestDevice};

const MS: i64 = 1;

/// A device that asks to be let in by its key, as if it had no number.
fn only_a_key(device: &TestDevice) -> TestDevice {
    let mut key = device.clone();
    key.id = None;
    key
}

/// Whether the office gives this device its news.
async fn is_given_news(device: &TestDevice) -> bool {
    let answer = device.post(wire::PATH, wire::pack(&nothing())).await;
    let refused = answer.status == 403 && answer.problem().kind == ProveFirst;
    assert!(refused || answer.status == 200, "{}", answer.status);
    !refused
}

#[tokio::test]
async fn a_device_whose_vault_was_thrown_away_gets_nothing_until_its_person_shows_a_passkey() {
    let server = named().await;
    let mut boss = holder(&server, "管理员", Role::Administrator).await;
    let mut wang = holder(&server, "王强", Role::Administrator).await;
    let phone = boss.device.clone();
    phone.confirm(&mut boss.authenticator).await;
    assert!(is_given_news(&phone).await);
    for _ in 0..2 {
        assert_eq!(phone.post("/api/doubt", "").await.status, 200, "it may be said twice");
    }
    assert!(!is_given_news(&phone).await);
    for path in ["/api/office", "/api/passkeys", "/api/board", "/api/events", "/api/admin/people"] {
        assert_eq!(phone.get(path).await.problem().kind, ProveFirst, "{path}");
    }
    assert_eq!(invites(&phone, &boss.person).await.problem().kind, ProveFirst);
    assert!(is_given_news(&wang.device).await, "nobody else is asked");
    let key = only_a_key(&phone);
    let wish = |proof| Enrol { proof: Some(proof), device: phone.id, ..phone.newcomer() };
    let asked = key.asked_to_enrol().await;
    let foreign = wang.authenticator.show(&asked, phone.origin(), |_| {});
    assert_eq!(key.post_json("/api/enrol", &wish(foreign)).await.problem().reason, Some(Reason::DeviceOfAnother));
    assert!(!is_given_news(&phone).await);
    let shown = boss.authenticator.show(&asked, phone.origin(), |_| {});
    let enrolled: Enrolled = key.post_json("/api/enrol", &wish(shown)).await.json();
    assert_eq!((Some(enrolled.device), enrolled.person), (phone.id, boss.person.clone()));
    assert!(is_given_news(&phone).await);
    assert_eq!(count(&server, "devices").await, 2, "it is the same device");
    assert_eq!(
        count(&server, "audit WHERE act = 'doubt' AND result = 'done'").await,
        1,
        "once, however often it is said"
    );
    let refused = "audit WHERE act = 'read_people' AND result = 'refused: prove-first'";
    assert_eq!(count(&server, refused).await, 1, "what it asked for meanwhile stands there, too");
    nothing_is_kept(server, &[]).await;
}

#[tokio::test]
async fn a_fresh_code_of_the_same_person_proves_it_too_and_then_a_new_passkey_takes_no_other() {
    let server = named().await;
    let (li, wang) = (holder(&server, "李梅", Role::Cadre).await, server.person("王强", Role::Cadre, &[1]).await);
    let phone = li.device.clone();
    pass(&server, HOUR + MS).await;
    assert_eq!(phone.post("/api/doubt", "").await.status, 200);
    let key = only_a_key(&phone);
    let by = |code: String| Enrol { code: Some(code), device: phone.id, ..phone.newcomer() };
    let foreign = server.code(wang.id).await;
    let answer = key.post_json("/api/enrol", &by(foreign.clone())).await;
    assert_eq!(answer.problem().reason, Some(Reason::DeviceOfAnother));
    assert!(!is_given_news(&phone).await);
    assert_eq!(server.stranger().enrol(&foreign).await.status, 200, "it was not used up by that");
    let code = server.code(li.person.id).await;
    assert_eq!(key.post_json("/api/enrol", &by(code.clone())).await.json::<Enrolled>().device, phone.device());
    assert!(is_given_news(&phone).await);
    assert_eq!(server.stranger().enrol(&code).await.problem().kind, CodeUnknown, "the code is used up");
    assert_eq!(phone.begin_passkey(None).await.status, 200, "whoever had the code a moment ago is the person");
    sql(&server, format!("UPDATE devices SET code_at = code_at - {}", HOUR + MS)).await;
    assert_eq!(phone.begin_passkey(None).await.problem().kind, ConfirmFirst);
    nothing_is_kept(server, &[code]).await;
}

#[tokio::test]
async fn a_doubt_that_comes_after_the_proof_says_nothing_and_one_of_today_is_not_proven_by_the_same_code() {
    let server = named().await;
    let li = holder(&server, "李梅", Role::Cadre).await;
    let phone = li.device.clone();
    assert_eq!(phone.post("/api/doubt", "").await.status, 200);
    let code = server.code(li.person.id).await;
    assert_eq!(phone.enrol(&code).await.status, 200);
    let late = Call::new("POST", "/api/doubt").skewed(-60);
    assert_eq!(phone.send(late).await.status, 200);
    assert!(is_given_news(&phone).await, "it was signed before the proof");
    assert_eq!(phone.enrol(&code).await.status, 200, "the answer may have been lost");
    assert_eq!(phone.post("/api/doubt", "").await.status, 200);
    assert!(!is_given_news(&phone).await);
    assert_eq!(phone.enrol(&code).await.problem().kind, CodeUnknown, "no welcome that is none");
    assert_eq!(phone.enrol(&server.code(li.person.id).await).await.status, 200);
    assert!(is_given_news(&phone).await);
}

#[tokio::test]
async fn a_doubt_that_a_proof_has_ended_does_not_begin_again_and_the_next_one_does() {
    let server = named().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    let said = async |id| phone.post_json("/api/doubt", &Thrown { id: Some(id) }).await.status;
    let proven = async |code: String, thrown| {
        let wish = Enrol { code: Some(code), device: phone.id, thrown, ..phone.newcomer() };
        only_a_key(&phone).post_json("/api/enrol", &wish).await
    };
    let code = server.code(li.id).await;
    assert_eq!((said(1).await, said(1).await, is_given_news(&phone).await), (200, 200, false));
    assert_eq!(proven(code.clone(), None).await.status, 200);
    assert_eq!((said(1).await, is_given_news(&phone).await), (200, true), "whose answer got lost is said again");
    assert_eq!(proven(code.clone(), None).await.status, 200, "and so is the proof");
    assert_eq!((said(2).await, is_given_news(&phone).await), (200, false), "thrown away once more");
    assert_eq!(proven(code, None).await.problem().kind, CodeUnknown);
    assert_eq!(proven(server.code(li.id).await, Some(2)).await.status, 200);
    // A proof may come before the doubt that it ends.
    assert_eq!(proven(server.code(li.id).await, Some(u64::MAX)).await.status, 200);
    assert_eq!((said(u64::MAX).await, is_given_news(&phone).await), (200, true));
    assert_eq!(phone.post("/api/doubt", "null").await.status, 200, "as an older app says it");
    assert!(!is_given_news(&phone).await);
    assert_eq!(count(&server, "audit WHERE act = 'doubt' AND result = 'done'").await, 3);
}

#[tokio::test]
async fn a_doubt_about_somebody_who_left_long_ago_stands_when_he_is_back() {
    let server = named().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    let works = async |active| {
        let (id, name, zones) = (Some(li.id), li.name.clone(), li.zones.iter().copied().collect());
        let wish = SavePerson { id, name, role: li.role, zones, active };
        directory::put_person(&server.service, wish).await.unwrap();
    };
    works(false).await;
    sql(&server, format!("UPDATE person_history SET until = until - {}", 91 * DAY)).await;
    assert_eq!(phone.post("/api/doubt", "").await.problem().kind, DeviceRevoked);
    works(true).await;
    assert!(!is_given_news(&phone).await, "whoever throws a vault away then may be a finder, too");
}

#[tokio::test]
async fn a_passkey_shown_before_a_doubt_proves_nothing_after_it() {
    let server = named().await;
    let mut li = holder(&server, "李梅", Role::Cadre).await;
    let phone = li.device.clone();
    let key = only_a_key(&phone);
    let asked = key.asked_to_enrol().await;
    let shown = li.authenticator.show(&asked, phone.origin(), |_| {});
    let wish = Enrol { proof: Some(shown), device: phone.id, ..phone.newcomer() };
    assert_eq!(key.post_json("/api/enrol", &wish).await.status, 200);
    assert_eq!(phone.post("/api/doubt", "").await.status, 200);
    assert_eq!(key.post_json("/api/enrol", &wish).await.problem().kind, ProofRefused);
}

#[tokio::test]
async fn a_device_out_of_service_is_told_so_and_neither_a_proof_nor_somebody_elses_code_brings_it_back() {
    let server = named().await;
    let boss = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let (li, wang) = (server.person("李梅", Role::Cadre, &[1]).await, server.person("王强", Role::Cadre, &[1]).await);
    let phone = server.enrol(&li).await;
    assert_eq!(boss.post(&format!("/api/admin/devices/{}/revoke", phone.device()), "").await.status, 200);
    assert_eq!(phone.post("/api/doubt", "").await.problem().kind, DeviceRevoked);
    assert_eq!(count(&server, "devices WHERE unproven_at IS NOT NULL").await, 1, "it is noted all the same");
    assert_eq!(count(&server, "audit WHERE act = 'doubt' AND result = 'refused: device-revoked'").await, 1);
    let foreign = phone.enrol(&server.code(wang.id).await).await;
    assert_eq!(foreign.problem().reason, Some(Reason::DeviceOfAnother));
    let code = server.code(li.id).await;
    assert_eq!(phone.enrol(&code).await.problem().kind, DeviceRevoked, "nor does it become another one");
    assert_eq!(phone.get("/api/office").await.problem().kind, DeviceRevoked);
    assert_eq!(server.stranger().enrol(&code).await.status, 200, "that is for a browser that begins anew");
}

#[tokio::test]
async fn a_key_that_has_been_two_devices_proves_the_one_that_it_says_it_is() {
    let server = named().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    sql(
        &server,
        "INSERT INTO devices (id, person, public_key, label, enrolled_at) \
         SELECT 0, person, public_key, label, enrolled_at FROM devices"
            .into(),
    )
    .await;
    assert_eq!(phone.post("/api/doubt", "").await.status, 200);
    let enrolled: Enrolled = phone.enrol(&server.code(li.id).await).await.json();
    assert_eq!(Some(enrolled.device), phone.id);
    assert!(is_given_news(&phone).await);
}

//! The house from outside: enrolment, signatures, people, zones and what every phone is told of them. Every test has its own server.

#![allow(clippy::unwrap_used)]

use xiaohao_server::service::{directory, enrolment};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    AuditPage, Enrol, Enrolled, Invite, MAX_PART, MAX_PARTS, Office, PersonDetail, ProblemKind, SavePerson, SaveZone,
};
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::{Limit, LimitUnit};
use xiaohao_shared::model::lock::{LockRule, MOST_MINUTES};
use xiaohao_shared::model::{Bearer, Person, Role, Zone};
use xiaohao_shared::signature::content_digest;
use xiaohao_shared::time::{Date, HOUR};
use xiaohao_tests::{Answer, Call, TestDevice, TestServer};

// Enrolment

#[tokio::test]
async fn a_code_makes_a_browser_a_device_of_its_person() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1, 3]).await;
    let code = server.code(li.id).await;
    let mut phone = server.stranger();
    let typed = format!("{}-{} ", &code[..5], &code[5..]).to_lowercase();
    let enrolled: Enrolled = phone.enrol(&typed).await.json();
    assert_eq!((&enrolled.person, enrolled.office.as_str()), (&li, "测试街道"));
    assert!((1..1 << 48).contains(&enrolled.device.0), "random, because a restore must not give a number twice");
    phone.id = Some(enrolled.device);
    let office: Office = phone.get("/api/office").await.json();
    assert_eq!((office.me, office.zones.len()), (li, 12));
}

#[tokio::test]
async fn a_lost_answer_to_an_enrolment_can_be_asked_for_again_but_not_with_another_key_nor_late() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let (code, phone) = (server.code(li.id).await, server.stranger());
    let first: Enrolled = phone.enrol(&code).await.json();
    let again: Enrolled = phone.enrol(&code).await.json();
    assert_eq!(first.device, again.device);
    assert_eq!(server.stranger().enrol(&code).await.problem().kind, ProblemKind::CodeUnknown);
    sql(&server, "UPDATE codes SET used_at = used_at - 901000").await;
    assert_eq!(phone.enrol(&code).await.problem().kind, ProblemKind::CodeUnknown);
}

#[tokio::test]
async fn an_expired_code_opens_nothing() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let code = server.code(li.id).await;
    sql(&server, "UPDATE codes SET expires_at = expires_at - 86401000").await;
    assert_eq!(server.stranger().enrol(&code).await.problem().kind, ProblemKind::CodeUnknown);
}

#[tokio::test]
async fn five_failed_tries_spoil_a_code() {
    let server = TestServer::start().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let (code, phone, mut liar) = (server.code(li.id).await, server.stranger(), server.stranger());
    for _ in 0..5 {
        // Claims the phone's key without having it.
        let wish = Enrol { code: Some(code.clone()), public_key: phone.public_key(), ..Enrol::default() };
        liar.id = None;
        assert_eq!(liar.post_json("/api/enrol", &wish).await.problem().kind, ProblemKind::NotSigned);
    }
    assert_eq!(phone.enrol(&code).await.problem().kind, ProblemKind::CodeUnknown);
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait() {
    let server = TestServer::start().await;
    let phone = server.stranger();
    for _ in 0..20 {
        assert_eq!(phone.enrol("0000000000").await.status, 403);
    }
    let answer = phone.enrol("0000000000").await;
    assert_eq!(answer.problem().kind, ProblemKind::TooManyRequests);
    assert_ne!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn an_office_that_nobody_entered_offers_its_administrator_a_code_and_later_none() {
    let server = TestServer::start().await;
    let first = enrolment::first_code(&server.service, "系统管理员", &server.origin).await.unwrap().unwrap();
    let again = enrolment::first_code(&server.service, "系统管理员", &server.origin).await.unwrap().unwrap();
    assert_ne!(first.code, again.code);
    let enrolled: Enrolled = server.stranger().enrol(&first.code).await.json();
    assert_eq!((enrolled.person.id, enrolled.person.role), (PersonId(1), Role::Administrator));
    assert_eq!(enrolment::first_code(&server.service, "系统管理员", &server.origin).await.unwrap(), None);
}

// Signatures

#[tokio::test]
async fn a_request_that_nobody_signed_gets_nothing() {
    let server = TestServer::start().await;
    for path in ["/api/office", "/api/events", "/api/admin/people", "/api/photos/00"] {
        assert_eq!(server.plain("GET", path, &[]).await.problem().kind, ProblemKind::NotSigned, "{path}");
    }
}

#[tokio::test]
async fn a_body_an_address_or_a_method_that_was_changed_on_the_way_is_refused() {
    let (_server, admin) = administrator().await;
    let call = Call::json("POST", "/api/admin/people", &cadre("王强"));
    let mut other_body = admin.sign(call.clone());
    *other_body.body_mut() = Some(serde_json::to_vec(&cadre("黑客")).unwrap().into());
    let mut other_digest = admin.sign(call.clone());
    *other_digest.body_mut() = Some("{}".into());
    other_digest.headers_mut().insert("content-digest", content_digest(b"{}").parse().unwrap());
    let mut other_address = admin.sign(call.clone());
    other_address.url_mut().set_query(Some("x=1"));
    let mut other_method = admin.sign(Call::get("/api/admin/people"));
    *other_method.method_mut() = "HEAD".parse().unwrap();
    for request in [other_body, other_digest, other_address] {
        assert_eq!(Answer::of(request).await.problem().kind, ProblemKind::NotSigned);
    }
    assert_eq!(Answer::of(other_method).await.status, 401);
}

#[tokio::test]
async fn a_wrong_clock_is_told_the_right_time() {
    let (_server, admin) = administrator().await;
    for skew in [-310, 310, i64::from(i32::MAX)] {
        let problem = admin.send(Call::get("/api/office").skewed(skew)).await.problem();
        assert_eq!(problem.kind, ProblemKind::ClockSkew);
        assert!(problem.server_time.is_some());
    }
    assert_eq!(admin.send(Call::get("/api/office").skewed(-280)).await.status, 200);
}

#[tokio::test]
async fn a_device_that_was_revoked_is_refused_from_its_next_request_on() {
    let (server, admin) = administrator().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    assert_eq!(phone.get("/api/office").await.status, 200);
    let detail: PersonDetail = admin.post(&format!("/api/admin/devices/{}/revoke", phone.device()), "").await.json();
    assert!(detail.devices[0].revoked_at.is_some());
    assert_eq!(phone.get("/api/office").await.problem().kind, ProblemKind::DeviceRevoked);
}

#[tokio::test]
async fn the_last_device_of_the_administrators_stays_in_service_until_there_is_another() {
    let (server, admin) = administrator().await;
    let revoke = async |device: u64| admin.post(&format!("/api/admin/devices/{device}/revoke"), "").await;
    let own = admin.device().0;
    let refused = revoke(own).await.problem();
    assert_eq!((refused.kind, refused.reason), (ProblemKind::Conflict, Some(Reason::LastDevice)));
    assert_eq!(admin.get("/api/office").await.status, 200);
    let other = server.person("副管理", Role::Administrator, &[]).await;
    server.enrol(&other).await;
    assert_eq!(revoke(own).await.status, 200);
    assert_eq!(admin.get("/api/office").await.problem().kind, ProblemKind::DeviceRevoked);
}

#[tokio::test]
async fn a_person_who_left_is_refused_with_all_devices() {
    let (server, admin) = administrator().await;
    let li = server.person("李梅", Role::Cadre, &[1]).await;
    let phone = server.enrol(&li).await;
    let gone = SavePerson { id: Some(li.id), active: false, ..cadre("李梅") };
    assert_eq!(admin.post_json("/api/admin/people", &gone).await.status, 200);
    assert_eq!(phone.get("/api/office").await.problem().kind, ProblemKind::DeviceRevoked);
}

// People

#[tokio::test]
async fn an_administrator_makes_a_person_and_invites_him() {
    let (server, admin) = administrator().await;
    let made: PersonDetail = admin.post_json("/api/admin/people", &cadre("王强")).await.json();
    let path = format!("/api/admin/people/{}/invite", made.person.id);
    let invite: Invite = admin.post(&path, "").await.json();
    assert_eq!(invite.link, format!("{}/#enrol={}", server.origin, invite.code));
    assert!(invite.qr_svg.contains("<svg"));
    let enrolled: Enrolled = server.stranger().enrol(&invite.code).await.json();
    assert_eq!(enrolled.person, made.person);
    let people: Vec<PersonDetail> = admin.get("/api/admin/people").await.json();
    assert_eq!(people.last().unwrap().devices[0].id, enrolled.device);
}

#[tokio::test]
async fn an_administrative_request_counts_once_only() {
    let (_server, admin) = administrator().await;
    let request = admin.sign(Call::json("POST", "/api/admin/people", &cadre("王强")));
    assert_eq!(Answer::of(request.try_clone().unwrap()).await.status, 200);
    assert_eq!(Answer::of(request).await.problem().kind, ProblemKind::Replayed);
    let people: Vec<PersonDetail> = admin.get("/api/admin/people").await.json();
    assert_eq!(people.iter().filter(|detail| detail.person.name == "王强").count(), 1);
}

#[tokio::test]
async fn nobody_but_an_administrator_changes_people() {
    let server = TestServer::start().await;
    for role in [Role::Cadre, Role::Inspector, Role::Supervisor] {
        let phone = server.enrol(&server.person("某人", role, &[1]).await).await;
        assert_eq!(phone.get("/api/admin/people").await.status, 403);
        let answer = phone.post_json("/api/admin/people", &cadre("王强")).await;
        assert_eq!(answer.problem().kind, ProblemKind::Forbidden);
    }
}

#[tokio::test]
async fn senseless_people_are_refused() {
    let (_server, admin) = administrator().await;
    let last = SavePerson { id: Some(PersonId(1)), ..cadre("系统管理员") };
    assert_eq!(admin.post_json("/api/admin/people", &last).await.problem().kind, ProblemKind::Conflict);
    let mut nowhere = cadre("王强");
    nowhere.zones = vec![xiaohao_shared::id::ZoneId(99)];
    for (wish, status) in
        [(nowhere, 400), (cadre("  "), 400), (SavePerson { id: Some(PersonId(77)), ..cadre("王") }, 404)]
    {
        assert_eq!(admin.post_json("/api/admin/people", &wish).await.status, status);
    }
    assert_eq!(admin.post("/api/admin/people", "{").await.problem().kind, ProblemKind::BadRequest);
}

#[tokio::test]
async fn an_administrator_names_zones_and_every_phone_learns_of_them() {
    let (server, admin) = administrator().await;
    let before: Office = admin.get("/api/office").await.json();
    let wish = |id: Option<u32>, name: &str, code: &str| SaveZone {
        id: id.map(ZoneId),
        name: name.into(),
        code: code.into(),
        bearers: None,
    };
    let zones: Vec<Zone> = admin.post_json("/api/admin/zones", &wish(None, " 滨江片区 ", "420102001013")).await.json();
    let made = Zone { id: ZoneId(13), name: "滨江片区".into(), code: "420102001013".into(), bearers: vec![] };
    assert_eq!((zones.len(), zones.last()), (13, Some(&made)));
    let zones: Vec<Zone> = admin.post_json("/api/admin/zones", &wish(Some(13), "滨江", "")).await.json();
    assert_eq!(zones.last().map(|zone| zone.name.as_str()), Some("滨江"));
    let after: Office = admin.get("/api/office").await.json();
    assert_eq!((after.zones, after.version > before.version), (zones, true));
    for (wish, status) in [
        (wish(None, "滨江", ""), 409),
        (wish(Some(99), "没有", ""), 404),
        (wish(None, " ", ""), 400),
        (wish(None, &"长".repeat(41), ""), 400),
        (wish(None, "码", "12x"), 400),
        (wish(None, "码", "1234567890123"), 400),
    ] {
        assert_eq!(admin.post_json("/api/admin/zones", &wish).await.problem().status, status, "{wish:?}");
    }
    let desk = server.enrol(&server.person("指挥", Role::Supervisor, &[1]).await).await;
    let answer = desk.post_json("/api/admin/zones", &wish(None, "新片区", "")).await;
    assert_eq!(answer.problem().kind, ProblemKind::Forbidden);
}

#[tokio::test]
async fn who_bears_which_part_of_a_zone_arrives_with_the_directory_and_who_left_is_not_shown() {
    let (server, admin) = administrator().await;
    let leader = server.person("郑主任", Role::Supervisor, &[]).await;
    let wang = server.person("王强", Role::Cadre, &[1]).await;
    let elsewhere = server.person("李梅", Role::Cadre, &[2]).await;
    let phone = server.enrol(&wang).await;
    let office = async || phone.get("/api/office").await.json::<Office>();
    let plain = phone.get("/api/office").await;
    assert!(!String::from_utf8_lossy(&plain.body).contains("bearers"), "an office without parts sends nothing of them");
    let before: Office = plain.json();
    let part = |person: &Person, part: &str| Bearer { person: person.id, part: part.into() };
    let wish = |bearers| SaveZone { id: Some(ZoneId(1)), name: "1号片区".into(), code: String::new(), bearers };
    let given =
        vec![part(&leader, "领导包片"), part(&wang, " 干部包户 "), part(&wang, "解放路东段"), part(&wang, "干部包户")];
    let saved: Vec<Zone> = admin.post_json("/api/admin/zones", &wish(Some(given))).await.json();
    let kept = [part(&leader, "领导包片"), part(&wang, "干部包户"), part(&wang, "解放路东段")];
    assert_eq!((saved[0].bearers.as_slice(), saved[1].bearers.len()), (&kept[..], 0));
    let after = office().await;
    assert!(after.version > before.version && after.zones == saved, "or no phone would learn of it");
    let shown = |office: &Office| {
        let bearers = office.bearers(ZoneId(1)).into_iter();
        bearers.map(|(person, part)| format!("{} {part}", person.name)).collect::<Vec<_>>()
    };
    assert_eq!(shown(&after), ["郑主任 领导包片", "王强 干部包户、解放路东段"]);
    let parts = after.parts(ZoneId(1)).into_iter().map(|(part, people)| (part, people[0].name.as_str(), people.len()));
    let expected = [("领导包片", "郑主任", 1), ("干部包户", "王强", 1), ("解放路东段", "王强", 1)];
    assert_eq!(parts.collect::<Vec<_>>(), expected);
    // An older app saves a zone without a word of them.
    let old = serde_json::json!({"id": 1, "name": "一号片区", "code": ""});
    let renamed: Vec<Zone> = admin.post_json("/api/admin/zones", &old).await.json();
    assert_eq!((renamed[0].name.as_str(), renamed[0].bearers.as_slice()), ("一号片区", &kept[..]));
    directory::put_person(&server.service, SavePerson { id: Some(leader.id), active: false, ..cadre("郑主任") })
        .await
        .unwrap();
    assert_eq!(shown(&office().await), ["王强 干部包户、解放路东段"]);
    let refused = [
        (vec![part(&elsewhere, "干部包户")], 409),
        (vec![part(&leader, "领导包片")], 409),
        (vec![part(&wang, "  ")], 400),
        (vec![part(&wang, &"长".repeat(MAX_PART + 1))], 400),
        ((0..=MAX_PARTS).map(|at| part(&wang, &at.to_string())).collect(), 400),
    ];
    for (bearers, status) in refused {
        assert_eq!(admin.post_json("/api/admin/zones", &wish(Some(bearers))).await.problem().status, status);
    }
    assert_eq!(phone.post_json("/api/admin/zones", &wish(Some(vec![]))).await.problem().kind, ProblemKind::Forbidden);
    let none: Vec<Zone> = admin.post_json("/api/admin/zones", &wish(Some(vec![]))).await.json();
    assert_eq!(none[0].bearers, []);
    let audit: AuditPage = admin.get("/api/admin/audit").await.json();
    assert!(audit.lines.iter().any(|line| line.act == "keep_zones" && line.what.contains("解放路东段")));
}

#[tokio::test]
async fn a_deadline_over_a_holiday_that_was_set_falls_later() {
    let (server, admin) = administrator().await;
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let office = || async { phone.get("/api/office").await.json::<Office>() };
    let before = office().await;
    let thursday = Date::new(2026, 4, 30).unwrap().start() + 10 * HOUR;
    let deadline =
        |office: &Office| office.calendar.deadline(thursday, Limit { amount: 2, unit: LimitUnit::WorkingDay }).date();
    assert_eq!(deadline(&before), Date::new(2026, 5, 4).unwrap());
    let holidays = (1..=5).filter_map(|day| Date::new(2026, 5, day)).collect();
    let wish = Calendar { holidays, ..Calendar::default() };
    let saved: Calendar = admin.post_json("/api/admin/calendar", &wish).await.json();
    let after = office().await;
    assert_eq!((saved, &after.calendar), (wish.clone(), &wish));
    assert!(after.version > before.version, "or no phone would ask for it");
    assert_eq!(deadline(&after), Date::new(2026, 5, 7).unwrap());
    let senseless = Calendar { hours: vec![(700, 600)], ..wish.clone() };
    assert_eq!(admin.post_json("/api/admin/calendar", &senseless).await.problem().status, 400);
    assert_eq!(phone.post_json("/api/admin/calendar", &wish).await.problem().kind, ProblemKind::Forbidden);
    let server = server.restart().await;
    assert_eq!(phone.clone().at(&server).get("/api/office").await.json::<Office>().calendar, wish);
}

#[tokio::test]
async fn when_phones_lock_is_set_by_an_administrator_and_told_to_every_phone() {
    let (server, admin) = administrator().await;
    let phone = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let before: Office = phone.get("/api/office").await.json();
    assert_eq!(before.lock, LockRule::default(), "an office that says nothing locks nothing");
    let wish = LockRule { idle_minutes: 15, ..LockRule::default() };
    assert_eq!(admin.post_json("/api/admin/lock", &wish).await.json::<LockRule>(), wish);
    let after: Office = phone.get("/api/office").await.json();
    assert_eq!(after.lock, wish);
    assert!(after.version > before.version, "or no phone would ask for it");
    let never = LockRule { idle_minutes: MOST_MINUTES + 1, ..wish };
    assert_eq!(admin.post_json("/api/admin/lock", &never).await.problem().status, 400);
    assert_eq!(phone.post_json("/api/admin/lock", &LockRule::default()).await.problem().kind, ProblemKind::Forbidden);
    let audit: AuditPage = admin.get("/api/admin/audit").await.json();
    assert!(audit.lines.iter().any(|line| line.act == "keep_lock" && line.result == "done"));
}

#[tokio::test]
async fn the_directory_is_sent_once_per_version() {
    let (_server, admin) = administrator().await;
    let first = admin.get("/api/office").await;
    let again = Call::get("/api/office").header("if-none-match", first.header("etag"));
    assert_eq!(admin.send(again.clone()).await.status, 304);
    admin.post_json("/api/admin/people", &cadre("王强")).await;
    let changed = admin.send(Call::get("/api/office").header("if-none-match", first.header("etag"))).await;
    assert_eq!(changed.status, 200);
    assert!(changed.json::<Office>().version > first.json::<Office>().version);
}

#[tokio::test]
async fn an_office_is_the_same_after_a_restart() {
    let (server, admin) = administrator().await;
    let before: Office = admin.get("/api/office").await.json();
    let secret = server.service.secret;
    let server = server.restart().await;
    let after: Office = admin.at(&server).get("/api/office").await.json();
    assert_eq!((after, server.service.secret), (before, secret));
}

// Tools of these tests

async fn administrator() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let person = server.person("系统管理员", Role::Administrator, &[]).await;
    let device = server.enrol(&person).await;
    (server, device)
}

fn cadre(name: &str) -> SavePerson {
    let zones = vec![xiaohao_shared::id::ZoneId(1)];
    SavePerson { id: None, name: name.into(), role: Role::Cadre, zones, active: true }
}

async fn sql(server: &TestServer, statement: &'static str) {
    sqlx::query(statement).execute(&server.service.store).await.unwrap();
}

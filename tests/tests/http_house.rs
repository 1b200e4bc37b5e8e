//! The house from outside: enrolment, signatures, people, uploads, photos, assets. Every test has its own server.

#![allow(clippy::unwrap_used)]

use base64ct::{Base64, Encoding};
use std::io::Cursor;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::listen::Limits;
use xiaohao_server::listen::{self, files, tls};
use xiaohao_server::service::{backup, directory, enrolment, random, system_clock};
use xiaohao_shared::api::{
    AuditPage, Enrol, Enrolled, Invite, MAX_PART, MAX_PARTS, MAX_PHOTO_BYTES, Office, PersonDetail, ProblemKind,
    SavePerson, SaveZone,
};
use xiaohao_shared::id::{DeviceId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::{Limit, LimitUnit};
use xiaohao_shared::model::lock::{LockRule, MOST_MINUTES};
use xiaohao_shared::model::{Bearer, Person, Role, Zone};
use xiaohao_shared::signature::content_digest;
use xiaohao_shared::time::{Date, HOUR};
use xiaohao_tests::faults::street::photo_file;
use xiaohao_tests::slow::Crowd;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

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

// Uploads and photos

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_stood() {
    let (_server, phone) = cadre_phone().await;
    let photo = noise();
    let upload = create(&phone, &photo).await;
    let (first, second) = photo.split_at(40_000);
    assert_eq!(patch(&phone, &upload, 0, first).await.header("upload-offset"), "40000");
    // The connection breaks in the middle of the next piece: nothing of it counts.
    cut_short(&phone, &upload, second).await;
    let status = phone.send(tus("HEAD", &upload)).await;
    assert_eq!((status.status, status.header("upload-offset")), (200, "40000"));
    assert_eq!(status.header("upload-length"), photo.len().to_string());
    assert_eq!(patch(&phone, &upload, 39_999, second).await.problem().kind, ProblemKind::Conflict);
    assert_eq!(patch(&phone, &upload, 40_000, second).await.status, 204);
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
    // The answer to the last piece was lost: asked again, the upload is complete.
    assert_eq!(phone.send(tus("HEAD", &upload)).await.header("upload-offset"), photo.len().to_string());
}

#[tokio::test]
async fn an_upload_survives_a_restart_of_the_server() {
    let (server, phone) = cadre_phone().await;
    let photo = noise();
    let upload = create(&phone, &photo).await;
    patch(&phone, &upload, 0, &photo[..1000]).await;
    let server = server.restart().await;
    let phone = phone.at(&server);
    assert_eq!(phone.send(tus("HEAD", &upload)).await.header("upload-offset"), "1000");
    assert_eq!(patch(&phone, &upload, 1000, &photo[1000..]).await.status, 204);
    assert_eq!(phone.get(&photo_path(&photo)).await.status, 200);
}

#[tokio::test]
async fn a_backup_made_while_serving_has_every_photo_and_goes_only_where_no_office_is() {
    let (server, mut phone) = cadre_phone().await;
    let (first, second) = (png(64, 64), png(65, 64));
    upload(&phone, &first).await;
    let copy = server.backup().await;
    upload(&phone, &second).await;
    let again = backup::backup(&server.service, server.data.path(), copy.path()).await.unwrap();
    assert_eq!((again.files, again.bytes), (1, second.len() as u64), "only what is new is copied again");
    let refused = backup::restore(copy.path(), server.data.path()).await;
    assert!(matches!(refused, Err(backup::Refused::Occupied)), "{refused:?}");
    let server = server.restore(&copy).await;
    phone = phone.at(&server);
    for photo in [first, second] {
        assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
    }
}

#[tokio::test]
async fn a_known_photo_is_not_sent_twice() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let again = phone.send(creation(&photo)).await;
    assert_eq!((again.status, again.header("upload-offset")), (201, photo.len().to_string().as_str()));
}

#[tokio::test]
async fn a_small_photo_arrives_with_its_creation() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    let call = creation(&photo).header("content-type", PIECE).body(photo.clone());
    let answer = phone.send(call).await;
    assert_eq!((answer.status, answer.header("upload-offset")), (201, photo.len().to_string().as_str()));
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn a_piece_that_does_not_match_its_checksum_is_not_kept() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    let location = create(&phone, &photo).await;
    let checksum = format!("sha256 {}", Base64::encode_string(&[0; 32]));
    let piece = tus("PATCH", &location).header("upload-offset", "0").header("content-type", PIECE);
    let answer = phone.send(piece.header("upload-checksum", &checksum).body(photo.clone())).await;
    assert_eq!((answer.status, answer.problem().kind), (460, ProblemKind::ChecksumMismatch));
    assert_eq!(phone.send(tus("HEAD", &location)).await.header("upload-offset"), "0");
    assert_eq!(patch(&phone, &location, 0, &photo).await.status, 204);
}

#[tokio::test]
async fn bytes_that_are_not_those_promised_are_thrown_away() {
    let (_server, phone) = cadre_phone().await;
    let (promised, mut sent) = (png(20, 10), png(20, 10));
    *sent.last_mut().unwrap() ^= 1;
    let location = create(&phone, &promised).await;
    assert_eq!(patch(&phone, &location, 0, &sent).await.problem().kind, ProblemKind::ChecksumMismatch);
    assert_eq!(phone.send(tus("HEAD", &location)).await.status, 404);
    assert_eq!(phone.get(&photo_path(&promised)).await.status, 404);
    upload(&phone, &promised).await;
}

#[tokio::test]
async fn what_is_no_photo_is_refused_by_its_content() {
    let (_server, phone) = cadre_phone().await;
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let mut dressed = vec![0xff, 0xd8, 0xff, 0xe0];
    dressed.extend_from_slice(&page);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
    let half = png(300, 300)[..200].to_vec();
    let follows = [png(20, 10), b"PK\x03\x04 an archive".to_vec()].concat();
    let mut comment = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut comment);
    encoder.encode_image(&image::DynamicImage::new_rgb8(40, 30)).unwrap();
    comment.splice(2..2, *b"\xff\xfe\x00\x0ctaken by x");
    for bytes in [page, dressed, svg, half, follows, comment] {
        let location = create(&phone, &bytes).await;
        assert_eq!(patch(&phone, &location, 0, &bytes).await.problem().kind, ProblemKind::NotAPhoto);
        assert_eq!(phone.get(&photo_path(&bytes)).await.status, 404);
    }
}

/// A sound picture with a block of EXIF.
fn telling(exif: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    image::ImageEncoder::set_exif_metadata(&mut encoder, exif.to_vec()).unwrap();
    encoder.encode_image(&image::DynamicImage::new_rgb8(40, 30)).unwrap();
    bytes
}

#[tokio::test]
async fn a_photo_that_says_where_it_was_taken_is_refused_and_one_that_says_how_it_lies_is_kept() {
    let (_server, phone) = cadre_phone().await;
    let block = |tag: [u8; 2]| [b"II*\0\x08\0\0\0\x01\0", &tag[..], &[3, 0, 1, 0, 0, 0, 1, 0, 0, 0], &[0; 4]].concat();
    let (position, camera, upright) = ([0x25, 0x88], [0x10, 0x01], [0x12, 0x01]);
    for tag in [position, camera] {
        let bytes = telling(&block(tag));
        let location = create(&phone, &bytes).await;
        assert_eq!(patch(&phone, &location, 0, &bytes).await.problem().kind, ProblemKind::NotAPhoto);
        assert_eq!(phone.get(&photo_path(&bytes)).await.status, 404);
    }
    let bytes = telling(&block(upright));
    upload(&phone, &bytes).await;
    assert_eq!(phone.get(&photo_path(&bytes)).await.status, 200);
}

#[tokio::test]
async fn a_photo_that_is_too_large_is_refused_before_it_is_sent() {
    let (_server, phone) = cadre_phone().await;
    let big = creation(&png(1, 1)).header("x-unused", "");
    let call = tus("POST", "/api/uploads").header("upload-length", &(MAX_PHOTO_BYTES + 1).to_string());
    let metadata = format!("sha256 {}", Base64::encode_string(&random::<32>()));
    let answer = phone.send(call.header("upload-metadata", &metadata)).await;
    assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
    let answer = phone.send(big.header("content-type", PIECE).body(vec![0; 1024 * 1024 + 1])).await;
    assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
    let small = create(&phone, &png(1, 1)).await;
    assert_eq!(patch(&phone, &small, 0, &[0; 4096]).await.problem().kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn a_photo_that_rotted_at_the_office_is_not_served_and_can_be_brought_again() {
    let (server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let file = photo_file(server.data.path(), sha(&photo));
    let mut rotten = std::fs::read(&file).unwrap();
    rotten[30] ^= 1;
    std::fs::write(&file, rotten).unwrap();
    assert_eq!(phone.get(&photo_path(&photo)).await.problem().kind, ProblemKind::Internal);
    upload(&phone, &photo).await;
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn an_upload_belongs_to_its_device_and_can_be_given_up() {
    let (server, phone) = cadre_phone().await;
    let other = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let location = create(&phone, &png(20, 10)).await;
    assert_eq!(other.send(tus("HEAD", &location)).await.status, 404);
    assert_eq!(other.send(tus("DELETE", &location)).await.status, 404);
    assert_eq!(phone.send(tus("DELETE", &location)).await.status, 204);
    assert_eq!(phone.send(tus("HEAD", &location)).await.status, 404);
}

#[tokio::test]
async fn a_device_cannot_open_uploads_without_end() {
    let (_server, phone) = cadre_phone().await;
    let mut last = 201;
    for width in 1..=65 {
        last = phone.send(creation(&png(width, 1))).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_promise_that_the_browser_repeated_goes_on_with_the_first_and_leaves_no_orphan() {
    let (server, phone) = cadre_phone().await;
    let photo = noise();
    let first = create(&phone, &photo).await;
    assert_eq!(patch(&phone, &first, 0, &photo[..40_000]).await.status, 204);
    let again = phone.send(creation(&photo).header("content-type", PIECE).body(&photo[..10_000])).await;
    assert_eq!((again.status, again.header("location"), again.header("upload-offset")), (201, &*first, "40000"));
    for _ in 0..100 {
        assert_eq!(create(&phone, &photo).await, first);
    }
    assert_eq!(patch(&phone, &first, 40_000, &photo[40_000..]).await.status, 204);
    let open: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM uploads WHERE finished_at IS NULL")
        .fetch_one(&server.service.store)
        .await
        .unwrap();
    assert_eq!(open, 0);
}

#[tokio::test]
async fn uploads_that_expired_do_not_count_and_are_swept() {
    let (server, phone) = cadre_phone().await;
    for width in 1..=64 {
        create(&phone, &png(width, 1)).await;
    }
    assert_eq!(phone.send(creation(&png(65, 1))).await.status, 429);
    sql(&server, "UPDATE uploads SET expires_at = 1").await;
    assert_eq!(phone.send(creation(&png(65, 1))).await.status, 201);
    server.service.sweep().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM uploads").fetch_one(&server.service.store).await.unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn what_a_killed_server_left_of_photos_is_swept() {
    let (server, phone) = cadre_phone().await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let name = sha(&photo).to_string();
    let folder = server.data.path().join("blobs/photos").join(&name[..2]);
    let (old, fresh) = (folder.join(format!("{name}#1")), folder.join(format!("{name}#2")));
    let orphan = server.data.path().join("uploads/00112233445566778899aabbccddeeff");
    for file in [&old, &fresh, &orphan] {
        std::fs::write(file, b"half a photo").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(7_200);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    server.service.sweep().await.unwrap();
    assert_eq!([&old, &fresh, &orphan].map(|file| file.exists()), [false, true, false], "one may be being written");
    assert_eq!(phone.get(&photo_path(&photo)).await.body, photo);
}

#[tokio::test]
async fn uploads_speak_tus() {
    let (server, phone) = cadre_phone().await;
    let answer = server.plain("OPTIONS", "/api/uploads", &[]).await;
    assert_eq!((answer.status, answer.header("tus-version")), (204, "1.0.0"));
    assert!(answer.header("tus-extension").contains("termination"));
    let other = phone.send(Call::new("POST", "/api/uploads").header("tus-resumable", "0.2.0")).await;
    assert_eq!((other.status, other.header("tus-version")), (412, "1.0.0"));
}

#[tokio::test]
async fn a_photo_is_sent_in_ranges_and_never_twice_to_whoever_has_it() {
    let (_server, phone) = cadre_phone().await;
    let photo = png(64, 64);
    upload(&phone, &photo).await;
    let path = photo_path(&photo);
    let whole = phone.get(&path).await;
    assert_eq!((whole.header("content-type"), whole.header("x-content-type-options")), ("image/png", "nosniff"));
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert!(whole.header("cache-control").contains("immutable"));
    let part = phone.send(Call::get(&path).header("range", "bytes=10-19")).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &photo[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", photo.len()));
    assert_eq!(phone.send(Call::get(&path).header("range", "bytes=999999-")).await.status, 416);
    let again = phone.send(Call::get(&path).header("if-none-match", whole.header("etag"))).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn a_photo_that_may_not_be_seen_is_answered_as_one_that_does_not_exist() {
    let (server, phone) = cadre_phone().await;
    let other = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let photo = png(20, 10);
    upload(&phone, &photo).await;
    let (hidden, absent) = (other.get(&photo_path(&photo)).await, other.get(&photo_path(b"nothing")).await);
    assert_eq!((hidden.status, hidden.body), (404, absent.body));
}

// Live events

#[tokio::test]
async fn events_say_that_there_is_something_new_and_end_with_the_server() {
    let (server, phone) = cadre_phone().await;
    let mut stream = reqwest::Client::new().execute(phone.sign(Call::get("/api/events"))).await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(&stream.chunk().await.unwrap().unwrap()[..], b"data: 0\n\n");
    server.service.live.send_replace(7);
    assert_eq!(&stream.chunk().await.unwrap().unwrap()[..], b"data: 7\n\n");
    let began = Instant::now();
    server.restart().await;
    assert_eq!(stream.chunk().await.unwrap(), None);
    assert!(began.elapsed() < Duration::from_secs(5), "open streams delay the end");
}

#[tokio::test]
async fn streams_of_news_whose_network_went_keep_no_request_of_the_phone_out() {
    let (server, phone) = cadre_phone().await;
    let client = reqwest::Client::new();
    let mut streams = Vec::new();
    for _ in 0..40 {
        let mut stream = client.execute(phone.sign(Call::get("/api/events"))).await.unwrap();
        assert_eq!(&stream.chunk().await.unwrap().unwrap()[..], b"data: 0\n\n");
        streams.push(stream);
    }
    assert_eq!(phone.get("/api/office").await.status, 200);
    server.service.live.send_replace(7);
    let mut told = 0;
    for stream in &mut streams {
        told += usize::from(stream.chunk().await.unwrap().is_some());
    }
    assert_eq!(told, 4, "a browser has one, and the newest ones count");
}

// The app and the rest

#[tokio::test]
async fn the_app_is_served_compressed_and_locked_down() {
    let server = TestServer::start().await;
    let page = b"<!doctype html><title>x</title>";
    server.write_app("index.html", page);
    server.write_app("index.html.br", &brotli(page));
    server.write_app("app-0123456789ab.wasm", b"\0asm");
    let squeezed = server.plain("GET", "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((squeezed.header("content-encoding"), &squeezed.body), ("br", &brotli(page)));
    for rule in [
        "script-src 'self' 'wasm-unsafe-eval';",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'; trusted-types default",
    ] {
        assert!(squeezed.header("content-security-policy").contains(rule), "{rule}");
    }
    let plain = server.plain("GET", "/issue/some-route", &[]).await;
    assert_eq!((plain.status, plain.body.as_slice(), plain.header("cache-control")), (200, &page[..], "no-cache"));
    assert_eq!((plain.header("referrer-policy"), plain.header("x-content-type-options")), ("no-referrer", "nosniff"));
    let wasm = server.plain("GET", "/app-0123456789ab.wasm", &[]).await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert!(wasm.header("cache-control").contains("immutable"));
    assert_eq!(server.plain("GET", "/app-gone.js", &[]).await.status, 404);
    let again = server.plain("GET", "/", &[("if-none-match", plain.headers["etag"].to_str().unwrap())]).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn nothing_outside_the_app_is_served() {
    let server = TestServer::start().await;
    server.write_app("index.html", b"app");
    for path in ["/../office.db", "/%2e%2e/office.db", "/..%2foffice.db", "//office.db"] {
        let text = raw(&server, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(!text.contains("SQLite"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem() {
    let server = TestServer::start().await;
    for (method, path) in [("GET", "/api/nothing"), ("DELETE", "/api/office"), ("POST", "/somewhere")] {
        assert_eq!(server.plain(method, path, &[]).await.problem().kind, ProblemKind::NotFound, "{method} {path}");
    }
}

#[tokio::test]
async fn the_server_says_that_it_is_alive_and_ready() {
    let server = TestServer::start().await;
    assert_eq!(server.plain("GET", "/healthz", &[]).await.status, 200);
    assert_eq!(server.plain("GET", "/readyz", &[]).await.status, 200);
    server.service.close().await;
    assert_eq!(server.plain("GET", "/healthz", &[]).await.status, 200);
    assert_eq!(server.plain("GET", "/readyz", &[]).await.status, 503);
}

#[tokio::test]
async fn a_client_that_sends_its_headers_slowly_or_never_is_cut_off() {
    let short = Limits { header: Duration::from_millis(300), idle: Duration::from_millis(900), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    for first in ["", "GET / HTTP/1.1\r\nhost:"] {
        let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.unwrap();
        let began = Instant::now();
        stream.write_all(first.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{first:?}");
    }
}

#[tokio::test]
async fn a_client_that_stops_in_its_body_is_cut_off() {
    let short = Limits { idle: Duration::from_millis(400), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    let began = Instant::now();
    let head = "POST /api/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n";
    let device = server.stranger().sign(Call::new("POST", "/api/enrol").body("x"));
    let signed: String =
        device.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    raw(&server, &format!("{head}{signed}\r\nx")).await;
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn nobody_without_a_key_makes_the_office_wait_for_a_body() {
    let server = TestServer::start().await;
    let mut stranger = server.stranger();
    stranger.id = Some(DeviceId(999));
    for (method, path) in [("POST", "/api/sync"), ("GET", "/api/events"), ("POST", "/api/uploads")] {
        let request = stranger.sign(Call::new(method, path).body("x"));
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n", request.url().authority());
        for (name, value) in request.headers() {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        let answer = tokio::time::timeout(Duration::from_secs(5), raw(&server, &format!("{head}\r\n"))).await;
        assert!(answer.unwrap().starts_with("HTTP/1.1 401"), "{path}");
    }
}

#[tokio::test]
async fn one_address_does_not_take_the_places_of_all() {
    let server = TestServer::start_with(Limits { per_address: 2, ..Limits::default() }).await;
    let address = server.origin.trim_start_matches("http://");
    let first = TcpStream::connect(address).await.unwrap();
    let _second = TcpStream::connect(address).await.unwrap();
    let mut third = TcpStream::connect(address).await.unwrap();
    let hung_up = tokio::time::timeout(Duration::from_secs(5), third.read_to_end(&mut Vec::new())).await;
    assert!(hung_up.is_ok());
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(raw(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_three_hundred_slow_clients_hold_connections_an_honest_phone_is_answered() {
    files::allow_many();
    let short = Limits { header: Duration::from_secs(2), ..Limits::default() };
    let server = TestServer::start_with(short).await;
    let honest = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let mut crowds = Vec::new();
    for number in 0..15 {
        let person = server.person(&format!("慢{number}"), Role::Cadre, &[1]).await;
        crowds.push(Crowd::of(20, &server.enrol(&person).await).await.unwrap());
    }
    for _ in 0..20 {
        assert_eq!(honest.get("/api/office").await.status, 200);
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    let left: usize = crowds.iter_mut().map(Crowd::left).sum();
    assert!(left <= 150, "headers that do not end are hung up on: {left}");
    assert_eq!(honest.get("/api/office").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_without_end_is_told_to_wait_and_others_are_not() {
    let server = TestServer::start().await;
    let (wild, calm) = (server.person("甲", Role::Cadre, &[1]).await, server.person("乙", Role::Cadre, &[1]).await);
    let (wild, calm) = (server.enrol(&wild).await, server.enrol(&calm).await);
    // Half of them are slow in their bodies: more than a device may have at once, also if a question below takes a place from one.
    let crowd = Crowd::of(80, &wild).await.unwrap();
    let mut waited = 0;
    while wild.get("/api/office").await.status == 200 {
        waited += 1;
        assert!(waited < 100, "all of them are let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(wild.get("/api/office").await.problem().kind, ProblemKind::TooManyRequests);
    assert_eq!(calm.get("/api/office").await.status, 200);
    drop(crowd);
    for _ in 0..100 {
        if wild.get("/api/office").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("who leaves makes room");
}

#[tokio::test]
async fn behind_a_proxy_the_requests_of_each_address_that_it_forwards_are_counted() {
    let rates = Rates { crowd: 2, ..Rates::default() };
    let server = TestServer::start_at(Usual { behind_proxy: true, rates, ..Usual::default() }).await;
    let person = server.person("李梅", Role::Cadre, &[1]).await;
    let (first, second) = (server.enrol(&person).await, server.enrol(&person).await);
    let news = |device: &TestDevice| device.sign(Call::get("/api/events").header("x-forwarded-for", "192.0.2.1"));
    let ask = async |from| first.send(Call::get("/api/office").header("x-forwarded-for", from)).await;
    let client = reqwest::Client::new();
    let listening = [client.execute(news(&first)).await.unwrap(), client.execute(news(&second)).await.unwrap()];
    assert_eq!(ask("192.0.2.1").await.problem().kind, ProblemKind::TooManyRequests);
    let app = server.plain("GET", "/", &[("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(app.problem().kind, ProblemKind::TooManyRequests, "the app's files, too");
    assert_eq!(ask("192.0.2.2").await.status, 200, "others are not concerned");
    drop(listening);
    for _ in 0..100 {
        if ask("192.0.2.1").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("who leaves makes room");
}

#[tokio::test]
async fn what_nobody_has_to_sign_has_a_rate_for_each_network() {
    let rates = Rates { unsigned: 4, ..Rates::default() };
    let server = TestServer::start_at(Usual { behind_proxy: true, rates, ..Usual::default() }).await;
    server.write_app("index.html", b"app");
    let ask = async |method, path, from| server.plain(method, path, &[("x-forwarded-for", from)]).await;
    // Of one minute, or of two.
    let mut refused = 0;
    for _ in 0..4 {
        for (method, path) in [("GET", "/"), ("GET", "/readyz"), ("OPTIONS", "/api/uploads")] {
            let answer = ask(method, path, "192.0.2.1").await;
            refused += usize::from(answer.status == 429);
        }
    }
    assert!((4..=8).contains(&refused), "{refused}");
    assert_eq!(ask("GET", "/", "192.0.2.2").await.status, 200);
}

#[tokio::test]
async fn a_thousand_phones_behind_one_address_are_served_while_all_of_them_listen() {
    files::allow_many();
    let server = TestServer::start().await;
    let address = server.origin.trim_start_matches("http://");
    // Each holds one connection open for news and asks on another.
    let mut listening = Vec::new();
    for _ in 0..1_000 {
        listening.push(TcpStream::connect(address).await.unwrap());
    }
    let mut asking = Vec::new();
    for _ in 0..1_000 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        asking.push(stream);
    }
    for stream in &mut asking {
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
    }
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_a_problem_too() {
    let (_server, phone) = cadre_phone().await;
    for path in ["/api/board?zone=x", "/api/issues?overdue=perhaps", "/api/issues?states=flying"] {
        let answer = phone.get(path).await;
        assert_eq!((answer.status, answer.problem().kind), (400, ProblemKind::BadRequest), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_over_a_proven_name_is_told_to_insist_on_it_and_no_other() {
    for (strict_transport, told) in [(true, "max-age=31536000"), (false, "")] {
        let server = TestServer::start_at(Usual { strict_transport, ..Usual::default() }).await;
        server.write_app("index.html", b"<!doctype html><title>x</title>");
        for path in ["/", "/api/office", "/nowhere.js"] {
            let answer = server.plain("GET", path, &[]).await;
            assert_eq!(answer.header("strict-transport-security"), told, "{path}");
        }
    }
}

#[tokio::test]
async fn a_certificate_of_our_own_is_kept_and_speaks_for_this_machine() {
    let folder = tempfile::TempDir::new().unwrap();
    let names = ["localhost".to_owned(), "192.0.2.7".to_owned()];
    let acceptor = tls::self_signed(folder.path(), &names, system_clock()).unwrap();
    let made = std::fs::read(folder.path().join("cert.pem")).unwrap();
    tls::self_signed(folder.path(), &names, system_clock()).unwrap();
    assert_eq!(std::fs::read(folder.path().join("cert.pem")).unwrap(), made);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_stopper, stop) = tokio::sync::watch::channel(false);
    let app = axum::Router::new().route("/", axum::routing::get(async || "behind TLS"));
    tokio::spawn(listen::serve(listener, Some(acceptor), app, Limits::default(), stop));
    for name in ["localhost", "192.0.2.7"] {
        assert!(over_tls(address, &made, name).await.unwrap().ends_with("behind TLS"), "{name}");
    }
    assert!(over_tls(address, &made, "elsewhere.example").await.is_err());
    tls::self_signed(folder.path(), &names[..1], system_clock()).unwrap();
    assert_ne!(std::fs::read(folder.path().join("cert.pem")).unwrap(), made);
}

// Tools of these tests

const PIECE: &str = "application/offset+octet-stream";

async fn administrator() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let person = server.person("系统管理员", Role::Administrator, &[]).await;
    let device = server.enrol(&person).await;
    (server, device)
}

async fn cadre_phone() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let person = server.person("李梅", Role::Cadre, &[1]).await;
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

fn png(width: u32, height: u32) -> Vec<u8> {
    encode(&image::DynamicImage::new_rgb8(width, height))
}

/// A picture that does not compress, so that it comes in several pieces.
fn noise() -> Vec<u8> {
    let pixels = std::iter::repeat_with(random::<32>).flatten().take(200 * 200 * 3).collect();
    encode(&image::RgbImage::from_raw(200, 200, pixels).unwrap().into())
}

fn encode(picture: &image::DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn sha(bytes: &[u8]) -> PhotoId {
    let digest = content_digest(bytes);
    let base64 = digest.trim_start_matches("sha-256=:").trim_end_matches(':');
    PhotoId(Base64::decode_vec(base64).unwrap().try_into().unwrap())
}

fn photo_path(photo: &[u8]) -> String {
    format!("/api/photos/{}", sha(photo))
}

fn tus(method: &str, path: &str) -> Call {
    Call::new(method, path).header("tus-resumable", "1.0.0")
}

fn creation(photo: &[u8]) -> Call {
    let metadata = format!("sha256 {}", Base64::encode_string(&sha(photo).0));
    let call = tus("POST", "/api/uploads").header("upload-length", &photo.len().to_string());
    call.header("upload-metadata", &metadata)
}

async fn create(phone: &TestDevice, photo: &[u8]) -> String {
    let answer = phone.send(creation(photo)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").to_owned()
}

fn piece(location: &str, offset: usize, bytes: &[u8]) -> Call {
    let call = tus("PATCH", location).header("upload-offset", &offset.to_string());
    call.header("content-type", PIECE).body(bytes)
}

async fn patch(phone: &TestDevice, location: &str, offset: usize, bytes: &[u8]) -> Answer {
    phone.send(piece(location, offset, bytes)).await
}

async fn upload(phone: &TestDevice, photo: &[u8]) {
    let location = create(phone, photo).await;
    assert_eq!(patch(phone, &location, 0, photo).await.status, 204);
}

/// Sends a piece that breaks off after 20,000 bytes.
async fn cut_short(phone: &TestDevice, location: &str, bytes: &[u8]) {
    let request = phone.sign(piece(location, 40_000, bytes));
    let mut head = format!("PATCH {location} HTTP/1.1\r\nhost: {}\r\n", request.url().authority());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    head += &format!("content-length: {}\r\n\r\n", bytes.len());
    let mut stream = TcpStream::connect(request.url().authority()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..20_000]).await.unwrap();
    drop(stream);
}

async fn raw(server: &TestServer, text: &str) -> String {
    let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// What `/` answers to a client that trusts this certificate and means to speak to `name`.
async fn over_tls(address: std::net::SocketAddr, pem: &[u8], name: &str) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(name.to_owned().try_into().unwrap(), stream).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
    out
}

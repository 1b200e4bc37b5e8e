//! The audit from outside: what stands in it, and that nothing of it can be changed, left out or cut off without being found.
//! The file of the database is edited as somebody would who has the disk in hands.

use std::path::Path;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::service::trail::{self, Head, Note};
use xiaohao_server::service::{Service, audit, backup, system_clock};
use xiaohao_server::store;
use xiaohao_shared::api::{
    AUDIT_HEAD, AuditLine, AuditPage, BulletinReads, PersonDetail, ProblemKind, SaveBulletin, SavePerson,
};
use xiaohao_shared::id::{DeviceId, ZoneId};
use xiaohao_shared::model::{Duty, Role};
use xiaohao_shared::time::DAY;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer, Usual};

async fn administrator(server: &TestServer) -> TestDevice {
    server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await
}

fn cadre(name: &str) -> SavePerson {
    SavePerson { id: None, name: name.into(), role: Role::Cadre, zones: vec![ZoneId(1)], active: true }
}

async fn lines(admin: &TestDevice) -> Vec<AuditLine> {
    let mut lines = admin.get("/api/admin/audit").await.json::<AuditPage>().lines;
    lines.reverse();
    lines
}

fn words(lines: &[AuditLine]) -> Vec<(&str, &str)> {
    lines.iter().map(|line| (line.act.as_str(), line.result.as_str())).collect()
}

#[tokio::test]
async fn whoever_has_no_key_takes_twenty_lines_in_an_hour_whatever_is_wrong_with_what_he_sends() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let long_ago = "sig1=(\"@method\");created=0;keyid=\"1\";alg=\"ecdsa-p256-sha256\";nonce=\"x\"";
    for _ in 0..60 {
        assert!(server.plain("GET", "/api/export?states=zzz", &[]).await.status >= 400);
        assert!(server.plain("GET", "/api/export", &[("signature-input", long_ago)]).await.status >= 400);
        let stale = admin.sign(Call::get("/api/export?format=csv").skewed(-100_000));
        assert_eq!(Answer::of(stale).await.problem().kind, ProblemKind::ClockSkew);
        assert_eq!(server.stranger().post("/api/enrol", "{}").await.status, 400);
    }
    let lines = lines(&admin).await;
    assert!((2..=21).contains(&lines.len()), "{}", lines.len());
}

#[tokio::test]
async fn who_came_in_what_was_done_and_refused_and_who_looked_stands_in_the_audit() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let desk = server.enrol(&server.person("指挥", Role::Supervisor, &[1]).await).await;
    assert_eq!(server.stranger().enrol("0000000000").await.status, 403);
    assert_eq!(admin.post_json("/api/admin/people", &cadre("王强")).await.status, 200);
    assert_eq!(admin.post_json("/api/admin/people", &cadre(" ")).await.status, 400);
    assert_eq!(desk.post_json("/api/admin/people", &cadre("王强")).await.status, 403);
    assert_eq!(desk.get("/api/export?format=csv").await.status, 200);
    assert_eq!(desk.get("/api/office").await.status, 200);
    let lines = lines(&admin).await;
    assert_eq!(
        words(&lines),
        [
            ("enrol", "done"),
            ("enrol", "done"),
            ("enrol", "refused: code-unknown"),
            ("keep_people", "begun"),
            ("keep_people", "done"),
            ("keep_people", "begun"),
            ("keep_people", "refused: bad-request"),
            ("keep_people", "refused: forbidden"),
            ("export", "done"),
        ]
    );
    let who = |at: usize| (lines[at].person.map(|person| person.0), lines[at].device);
    assert_eq!((who(0), who(2), who(3)), ((Some(1), admin.id), (None, None), (Some(1), admin.id)));
    assert_eq!((who(7), lines[7].origin.as_str()), ((Some(2), desk.id), "127.0.0.1"));
    assert!(lines[3].what.starts_with("POST /api/admin/people {") && lines[3].what.contains("王强"), "{:?}", lines[3]);
    assert_eq!(lines[8].what, "GET /api/export?format=csv");
    let again = self::lines(&admin).await;
    assert_eq!(words(&again).last(), Some(&("read_audit", "done")), "who looks is seen");
    assert!(!again.iter().any(|line| line.what.contains("0000000000")), "no code, not even a wrong one");
}

#[tokio::test]
async fn the_audit_is_read_and_taken_away_by_its_officer_alone() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let officer = server.person("审计管理员", Role::Administrator, &[]).await;
    let path = format!("/api/admin/people/{}/duties", officer.id);
    let made: PersonDetail = admin.post_json(&path, &[Duty::Audit]).await.json();
    assert_eq!(made.person.duties, [Duty::Audit].into());
    let reader = server.enrol(&officer).await;
    let taken = reader.get("/api/admin/audit/export").await;
    let text = String::from_utf8(taken.body.clone()).expect("text");
    assert!(text.starts_with("\u{feff}number,at,act,person,device,origin,what,result,hash\r\n1,"), "{text}");
    assert_eq!(text.lines().count(), 5, "{text}");
    let head: Head = taken.header(AUDIT_HEAD).parse().expect("a head");
    assert!(text.trim_end().ends_with(&base16(&head.hash)), "the file ends where its head says");
    assert_eq!(reader.post_json("/api/admin/people", &cadre("王强")).await.problem().kind, ProblemKind::Forbidden);
    let own = format!("/api/admin/people/{}/duties", server.person("x", Role::Administrator, &[]).await.id);
    assert_eq!(reader.post_json(&own, &Duty::ALL).await.problem().kind, ProblemKind::Forbidden);
    let all = format!("/api/admin/people/{}/duties", 1);
    assert_eq!(
        admin.post_json(&all, &Duty::ALL).await.problem().kind,
        ProblemKind::Conflict,
        "nobody appoints himself"
    );
}

#[tokio::test]
async fn an_office_always_has_somebody_for_each_duty() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let other = server.person("第二个", Role::Administrator, &[]).await;
    let second = server.enrol(&other).await;
    let duties = |id: u32| format!("/api/admin/people/{id}/duties");
    let put = async |by: &TestDevice, id: u32, duties_: &[Duty]| by.post_json(&duties(id), &duties_).await.status;
    assert_eq!(put(&second, 1, &[Duty::System]).await, 200);
    assert_eq!(put(&admin, other.id.0, &[Duty::Security, Duty::Audit]).await, 403, "he has no such duty any more");
    let leaves = SavePerson { id: Some(xiaohao_shared::id::PersonId(1)), active: false, ..cadre("管理员") };
    let as_was = SavePerson { role: Role::Administrator, zones: vec![], ..leaves.clone() };
    assert_eq!(second.post_json("/api/admin/people", &as_was).await.status, 200, "the other one has all duties");
    let third = server.person("第三个", Role::Administrator, &[]).await;
    assert_eq!(put(&second, third.id.0, &[Duty::Audit]).await, 200);
    let third = server.enrol(&third).await;
    assert_eq!(third.get("/api/admin/people").await.status, 200);
    assert_eq!(third.post_json(&duties(other.id.0), &[Duty::Audit]).await.status, 403);
}

#[tokio::test]
async fn what_cannot_be_noted_is_not_done() {
    let server = TestServer::start().await;
    let (admin, desk) = (administrator(&server).await, server.person("指挥", Role::Supervisor, &[1]).await);
    let desk = server.enrol(&desk).await;
    let code = server.code(xiaohao_shared::id::PersonId(1)).await;
    let devices = async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM devices").fetch_one(&server.service.store);
        count.await.expect("SQL")
    };
    let before = devices().await;
    sqlx::query("ALTER TABLE audit RENAME TO gone").execute(&server.service.store).await.expect("SQL");
    assert_eq!(server.stranger().enrol(&code).await.status, 500);
    assert_eq!(devices().await, before, "no device without a row");
    assert_eq!(admin.post_json("/api/admin/people", &cadre("王强")).await.status, 500);
    let answer = desk.get("/api/export?format=csv").await;
    assert_eq!((answer.status, answer.problem().kind), (500, ProblemKind::Internal), "nothing of the list");
    let people: Vec<PersonDetail> = admin.get("/api/admin/people").await.json();
    assert!(people.iter().all(|detail| detail.person.name != "王强"));
}

#[tokio::test]
async fn refusals_of_one_device_take_twenty_lines_in_an_hour_and_no_more() {
    let server = TestServer::start().await;
    let (admin, desk) = (administrator(&server).await, server.person("指挥", Role::Supervisor, &[1]).await);
    let desk = server.enrol(&desk).await;
    for _ in 0..60 {
        assert_eq!(desk.get("/api/admin/people").await.status, 403);
        assert_eq!(server.plain("GET", "/api/board", &[]).await.status, 401);
    }
    let lines = lines(&admin).await;
    let refused = |word: &str| lines.iter().filter(|line| line.result == word).count();
    assert_eq!((refused("refused: forbidden"), refused("refused: not-signed")), (20, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_probes_for_what_is_hidden_hears_what_he_would_of_nothing_and_stands_in_the_audit() {
    let server = TestServer::start().await;
    let (admin, desk) = (administrator(&server).await, server.person("指挥", Role::Supervisor, &[]).await);
    let (desk, owner) = (server.enrol(&desk).await, server.person("王强", Role::Cadre, &[1]).await);
    let (owner, prober) = (server.enrol(&owner).await, server.person("李四", Role::Cadre, &[2]).await);
    let prober = server.enrol(&prober).await;
    let mut photo = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(20, 10).write_to(&mut photo, image::ImageFormat::Png).expect("a picture");
    let photo = photo.into_inner();
    assert_eq!(owner.upload(&photo).await.status, 201);
    let until = server.service.now() + DAY;
    let notice = SaveBulletin { text: "今天查旱厕".into(), zones: vec![ZoneId(1)], until };
    let notice: BulletinReads = desk.post_json("/api/bulletins", &notice).await.json();
    let read = |id: u32| Call::new("POST", &format!("/api/bulletins/{id}/read"));
    let seen = |bytes: &[u8]| Call::get(&format!("/api/photos/{}", xiaohao_tests::handover::hash(bytes)));
    let before = lines(&admin).await.len();
    let absent = [prober.send(read(999)).await, prober.send(seen(b"nothing")).await];
    let told = |lines: Vec<AuditLine>| -> Vec<(String, String)> {
        let told = lines.into_iter().skip(before).filter(|line| line.act != "read_audit");
        told.map(|line| (line.act, line.result)).collect()
    };
    assert_eq!(told(lines(&admin).await), [], "a phone may ask for what has not come yet");
    for round in 0..30 {
        let hidden = [prober.send(read(notice.bulletin.id)).await, prober.send(seen(&photo)).await];
        for (hidden, absent) in hidden.iter().zip(&absent) {
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!((hidden.status, &hidden.body), (404, &absent.body), "{round}");
            assert_eq!(names(hidden), names(absent));
        }
    }
    let told = told(lines(&admin).await);
    assert_eq!(told[..2], ["confirm_bulletin", "see_photo"].map(|act| (act.into(), "refused: forbidden".into())));
    assert_eq!(told.len(), 20, "no more than other refusals");
    assert_eq!(owner.send(seen(&photo)).await.status, 200);
}

#[tokio::test]
async fn behind_a_proxy_everybody_counts_for_the_address_that_the_proxy_wrote_and_no_other() {
    let server = TestServer::start_at(Usual { behind_proxy: true, ..Usual::default() }).await;
    let admin = administrator(&server).await;
    for number in 0..60 {
        for told in [format!("198.51.100.{number}, 192.0.2.7"), "192.0.2.8".into(), "nonsense".into()] {
            assert_eq!(server.plain("GET", "/api/board", &[("x-forwarded-for", &told)]).await.status, 401);
        }
    }
    let lines = lines(&admin).await;
    let of = |origin: &str| lines.iter().filter(|line| line.origin == origin && line.act == "see_board").count();
    assert_eq!((of("192.0.2.7"), of("192.0.2.8"), of("127.0.0.1")), (20, 20, 20), "the proxy's own is left");
    assert!(!lines.iter().any(|line| line.origin.starts_with("198.")), "what came with the request is hearsay");
}

#[tokio::test]
async fn without_a_proxy_nobody_says_himself_where_he_is() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    assert_eq!(server.plain("GET", "/api/board", &[("x-forwarded-for", "192.0.2.7")]).await.status, 401);
    assert_eq!(lines(&admin).await.last().expect("a line").origin, "127.0.0.1");
}

#[tokio::test]
async fn a_phone_that_was_not_here_before_is_heard_behind_the_address_of_somebody_who_guesses() {
    let rates = Rates { failures: 5, ..Usual::default().rates };
    let server = TestServer::start_at(Usual { rates, ..Usual::default() }).await;
    let phone = server.enrol(&server.person("王强", Role::Cadre, &[1]).await).await;
    let mut guesser = server.stranger();
    guesser.id = Some(DeviceId(9));
    // The minute of the clock may end meanwhile, once.
    let mut kinds = Vec::new();
    for _ in 0..15 {
        kinds.push(guesser.get("/api/office").await.problem().kind);
    }
    assert!(kinds[0] == ProblemKind::DeviceUnknown && kinds.contains(&ProblemKind::TooManyRequests), "{kinds:?}");
    assert_eq!(phone.get("/api/office").await.status, 200);
}

#[tokio::test]
async fn what_an_officer_did_cannot_be_hidden_in_padding() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let wish = r#""id":null,"name":"王强","role":"inspector","zones":[1],"active":true"#;
    let blanks = format!("{{{}{wish}}}", " ".repeat(20_000));
    assert_eq!(admin.post("/api/admin/people", blanks).await.status, 200);
    let padded = format!("{{\"a\":\"{}\",{wish}}}", "x".repeat(20_000));
    assert_eq!(admin.post("/api/admin/people", padded).await.status, 400, "what does not fit in a row is not done");
    for unread in ["1e999", r#""\ud800""#] {
        let body = format!("{{\"a\":{unread},{wish}}}");
        assert_eq!(admin.post("/api/admin/people", body).await.status, 400, "{unread} would be skipped by who does it");
    }
    let address = format!("/api/admin/people?{}", "x".repeat(7_000));
    assert_eq!(admin.post(&address, format!("{{{wish}}}")).await.status, 400);
    let lines = lines(&admin).await;
    let begun: Vec<_> = lines.iter().filter(|line| line.result == "begun").collect();
    assert_eq!(begun.len(), 1);
    assert!(begun[0].what.contains("王强") && begun[0].what.contains("inspector"), "{:?}", begun[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_whose_asker_hangs_up_before_its_end_is_cut_off_in_the_audit() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let asker = admin.clone();
    let (moment, service) = (Duration::from_secs(1), server.service.clone());
    // The first contact of a minute takes a turn of its own.
    assert_eq!(admin.get("/api/office").await.status, 200);
    // Writers take turns: what is begun is noted in the first, and the act itself waits behind somebody else.
    let first = server.service.write().await.expect("a turn");
    let asking = tokio::spawn(async move { asker.post_json("/api/admin/people", &cadre("王强")).await });
    tokio::time::sleep(moment).await;
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let second = tokio::spawn(async move {
        let turn = service.write().await.expect("a turn");
        let _ = released.await;
        drop(turn);
    });
    tokio::time::sleep(moment).await;
    drop(first);
    tokio::time::sleep(moment).await;
    asking.abort();
    tokio::time::sleep(moment).await;
    release.send(()).expect("somebody holds the turn");
    second.await.expect("given back");
    for _ in 0..50 {
        if lines(&admin).await.iter().any(|line| line.result == "cut off") {
            break;
        }
        tokio::time::sleep(moment / 20).await;
    }
    let lines = lines(&admin).await;
    let results: Vec<_> =
        lines.iter().filter(|line| line.act == "keep_people").map(|line| line.result.as_str()).collect();
    assert_eq!(results, ["begun", "cut off"], "{lines:#?}");
}

#[tokio::test]
async fn what_is_said_of_issues_and_searched_for_stands_not_in_the_audit() {
    let server = TestServer::start().await;
    let (admin, desk) = (administrator(&server).await, server.person("指挥", Role::Supervisor, &[1]).await);
    let desk = server.enrol(&desk).await;
    let path = format!("/api/held/{}", "ab".repeat(32));
    desk.post(&path, r#"{"decision":"discard","reason":"SECRET"}"#).await;
    let until = system_clock().0 + DAY;
    let bulletin = format!("{{\"text\":\"SECRET\",\"zones\":[1],\"until\":{until}}}");
    assert_eq!(desk.post("/api/bulletins", bulletin).await.status, 200);
    for name in ["text", "te%78t"] {
        assert_eq!(desk.get(&format!("/api/export?format=csv&{name}=SECRET")).await.status, 200);
    }
    let lines = lines(&admin).await;
    let told = |word: &str| lines.iter().any(|line| line.what.contains(word));
    assert!(!told("SECRET") && told("discard") && told("format=csv"), "{lines:#?}");
}

#[tokio::test]
async fn whoever_becomes_an_administrator_answers_for_nothing_until_he_is_appointed() {
    let server = TestServer::start().await;
    let boss = administrator(&server).await;
    let officer = server.person("安全管理员", Role::Administrator, &[]).await;
    let path = format!("/api/admin/people/{}/duties", officer.id);
    assert_eq!(boss.post_json(&path, &[Duty::Security]).await.status, 200);
    let security = server.enrol(&officer).await;
    let new = SavePerson { role: Role::Administrator, zones: vec![], ..cadre("新管理员") };
    let made: PersonDetail = security.post_json("/api/admin/people", &new).await.json();
    assert!(made.person.duties.is_empty());
    let worker = server.person("王强", Role::Cadre, &[1]).await;
    let promoted = SavePerson { id: Some(worker.id), ..new.clone() };
    let made: PersonDetail = security.post_json("/api/admin/people", &promoted).await.json();
    assert!(made.person.duties.is_empty());
    let made: PersonDetail = boss.post_json("/api/admin/people", &new).await.json();
    assert!(made.person.duties.is_empty(), "also by whoever has all of them");
    let again = SavePerson { id: Some(officer.id), active: false, ..new.clone() };
    assert_eq!(boss.post_json("/api/admin/people", &again).await.status, 200);
    let back = SavePerson { active: true, ..again };
    let made: PersonDetail = boss.post_json("/api/admin/people", &back).await.json();
    assert!(made.person.duties.is_empty(), "nor does anybody come back as one");
}

#[tokio::test]
async fn rows_older_than_the_office_keeps_them_go_and_the_rest_still_holds() {
    let server = TestServer::start().await;
    let service = &server.service;
    let aged = Service::open(server.data.path(), long_ago).await.expect("the office");
    for number in 0..10 {
        trail::note(&aged, &Note::of_command(&format!("act {number}"))).await.expect("noted");
    }
    trail::note(service, &Note::of_command("today")).await.expect("noted");
    trail::forget(service, system_clock() + -184 * DAY).await.expect("let go");
    let report = trail::verify(service, &[]).await.expect("a chain");
    assert_eq!((report.rows, report.findings.len(), report.head.count), (3, 0, 12), "{report}");
    trail::forget(service, system_clock() + -184 * DAY).await.expect("nothing to let go");
    assert_eq!(trail::head(service).await.expect("a head"), report.head);
    unguarded(&service.store).await;
    sqlx::query("UPDATE audit SET what = 'else' WHERE number = 11").execute(&service.store).await.expect("SQL");
    assert!(!trail::verify(service, &[]).await.expect("a chain").findings.is_empty(), "the first one that is left");
}

fn long_ago() -> xiaohao_shared::time::Timestamp {
    ago::<400>()
}

fn ago<const DAYS: i64>() -> xiaohao_shared::time::Timestamp {
    system_clock() + -DAYS * DAY
}

#[tokio::test]
async fn a_clock_far_ahead_lets_a_week_go_in_a_day_and_no_more() {
    let server = TestServer::start().await;
    for clock in [ago::<60>, ago::<50>, ago::<45>, ago::<20>, ago::<1>] {
        let aged = Service::open(server.data.path(), clock).await.expect("the office");
        trail::note(&aged, &Note::of_command("an act")).await.expect("noted");
    }
    // The database's own clock would keep them, were it right.
    assert!(trail::forget(&server.service, system_clock()).await.is_err());
    unguarded(&server.service.store).await;
    for _ in 0..5 {
        trail::forget(&server.service, system_clock()).await.expect("let go");
    }
    let left = trail::next(&server.service, 0).await.expect("rows");
    assert_eq!(left.iter().map(|line| line.number).collect::<Vec<_>>(), [3, 4, 5, 6]);
    let found = trail::verify(&server.service, &[]).await.expect("a chain").findings;
    assert!(found.iter().any(|finding| finding.contains("before their time")), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_letting_go_that_somebody_adds_does_not_excuse_what_he_took_away() {
    let (data, head) = forty().await;
    let (_copy, untouched) = edited(data.path(), &[]).await;
    let rows = trail::next(&untouched, 0).await.expect("rows");
    let head_of =
        |number: usize| -> Head { format!("{number} {}", base16(&rows[number - 1].hash)).parse().expect("a head") };
    for gone in [29, 30] {
        let (_copy, service) = edited(data.path(), &[format!("DELETE FROM audit WHERE number <= {gone}")]).await;
        let what = format!("let go up to {}", head_of(gone));
        let mut tx = service.write().await.expect("a transaction");
        let forged = Note { act: "keep_audit", who: None, origin: "hub", what: &what, result: "done" };
        trail::append(&service, &mut tx, &forged).await.expect("appended");
        tx.commit().await.expect("written");
        let found = trail::verify(&service, &[head, head_of(25)]).await.expect("a chain").findings;
        assert!(found.iter().any(|finding| finding.contains("before their time")), "{found:?}");
        assert!(found.iter().any(|finding| finding == "the head of row 25 cannot be checked any more"), "{found:?}");
    }
}

// Somebody who has the disk in hands

/// An office with forty acts in its audit, closed, and the head that was kept elsewhere.
async fn forty() -> (TempDir, Head) {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    for number in 0..19 {
        assert_eq!(admin.post_json("/api/admin/people", &cadre(&format!("第{number}人"))).await.status, 200);
    }
    trail::note(&server.service, &Note::of_command("the fortieth")).await.expect("noted");
    let head = trail::head(&server.service).await.expect("a head");
    assert_eq!(head.count, 40);
    (server.leave().await, head)
}

/// Whoever has the file takes the guards of the table away first.
async fn unguarded(store: &store::Pool) {
    for guard in ["audit_never_changes", "audit_stays"] {
        let drop = format!("DROP TRIGGER IF EXISTS {guard}");
        sqlx::query(AssertSqlSafe(drop)).execute(store).await.expect("SQL");
    }
}

/// A copy of the office in which somebody has run these statements on the file.
async fn edited(data: &Path, statements: &[String]) -> (TempDir, Service) {
    let copy = TempDir::new().expect("a folder");
    std::fs::copy(data.join("office.db"), copy.path().join("office.db")).expect("a copy");
    let file = store::open(&copy.path().join("office.db")).await.expect("the file");
    unguarded(&file).await;
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement.clone())).execute(&file).await.expect("SQL");
    }
    file.close().await;
    let service = Service::open(copy.path(), system_clock).await.expect("the office");
    (copy, service)
}

#[tokio::test]
async fn whoever_writes_by_sql_changes_no_row_of_the_audit_and_takes_none_away_before_its_time() {
    let server = TestServer::start().await;
    let store = &server.service.store;
    let aged = Service::open(server.data.path(), long_ago).await.expect("the office");
    trail::note(&aged, &Note::of_command("long ago")).await.expect("noted");
    trail::note(&server.service, &Note::of_command("today")).await.expect("noted");
    let run = async |statement: &'static str| sqlx::query(statement).execute(store).await;
    for statement in [
        "UPDATE audit SET what = 'else' WHERE number = 1",
        "UPDATE audit SET what = what",
        "UPDATE audit SET number = number + 100",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 2",
    ] {
        let refused = run(statement).await.expect_err(statement).to_string();
        assert!(refused.contains("rows of the audit"), "{statement}: {refused}");
    }
    let report = trail::verify(&server.service, &[]).await.expect("a chain");
    assert_eq!((report.rows, report.findings.len()), (2, 0), "{report}");
    assert_eq!(run("DELETE FROM audit WHERE number = 1").await.expect("it had its time").rows_affected(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edit_gap_exchange_and_cut_of_the_audit_is_found() {
    let (data, head) = forty().await;
    let (_copy, untouched) = edited(data.path(), &[]).await;
    let report = trail::verify(&untouched, &[head]).await.expect("a chain");
    assert_eq!((report.rows, report.findings.as_slice()), (40, [].as_slice()));
    let mut tried = 0;
    let columns = [
        "at = at + 1",
        "act = 'x'",
        "person = person + 1",
        "device = device + 1",
        "origin = 'x'",
        "what = what || ' '",
        "result = 'done!'",
        "hash = zeroblob(32)",
        "hash = x'00'",
        "number = number + 100",
    ];
    for (row, column) in [1, 2, 20, 39, 40].iter().flat_map(|row| columns.map(|column| (row, column))) {
        let (_copy, service) = edited(data.path(), &[format!("UPDATE audit SET {column} WHERE number = {row}")]).await;
        let report = trail::verify(&service, &[head]).await.expect("a chain");
        assert!(!report.findings.is_empty(), "{column} in row {row}");
        tried += 1;
    }
    let several = |statements: &[&str]| statements.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (what, statements) in [
        ("the first row is gone", several(&["DELETE FROM audit WHERE number = 1"])),
        ("a row is gone", several(&["DELETE FROM audit WHERE number = 20"])),
        (
            "a row is gone, and the gap is closed",
            several(&[
                "DELETE FROM audit WHERE number = 20",
                "UPDATE audit SET number = -(number - 1) WHERE number > 20",
                "UPDATE audit SET number = -number WHERE number < 0",
            ]),
        ),
        (
            "two rows are exchanged",
            several(&[
                "UPDATE audit SET number = 1000 WHERE number = 20",
                "UPDATE audit SET number = 20 WHERE number = 21",
                "UPDATE audit SET number = 21 WHERE number = 1000",
            ]),
        ),
        (
            "a row is put in",
            several(&[
                "INSERT INTO audit SELECT 41, at, act, person, device, origin, what, result, hash FROM audit WHERE number = 40",
            ]),
        ),
        (
            "a beginning is cut off as if it had been let go",
            several(&[
                "DELETE FROM audit WHERE number < 20",
                "UPDATE audit SET act = 'keep_audit', what = 'let go up to 19 ' || lower(hex(hash)) WHERE number = 30",
            ]),
        ),
        ("the end is cut off", several(&["DELETE FROM audit WHERE number > 30"])),
        ("all of it is gone", several(&["DELETE FROM audit"])),
    ] {
        let (_copy, service) = edited(data.path(), &statements).await;
        let report = trail::verify(&service, &[head]).await.expect("a chain");
        assert!(!report.findings.is_empty(), "{what}");
        tried += 1;
    }
    println!("{tried} edits of the file, all of them found");
}

/// The chain alone cannot show these two, and says nothing else: this is what a head elsewhere is for.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_end_and_a_chain_that_was_written_anew_are_found_by_a_head_that_was_kept_elsewhere() {
    let (data, head) = forty().await;
    let (_copy, cut) = edited(data.path(), &["DELETE FROM audit WHERE number > 30".to_owned()]).await;
    assert!(trail::verify(&cut, &[]).await.expect("a chain").findings.is_empty());
    let found = trail::verify(&cut, &[head]).await.expect("a chain").findings;
    assert_eq!(found, ["the end is cut off: 10 rows more were there when a head was kept"]);
    for number in 0..20 {
        trail::note(&cut, &Note::of_command(&format!("as if nothing had been {number}"))).await.expect("noted");
    }
    assert!(trail::verify(&cut, &[]).await.expect("a chain").findings.is_empty());
    let found = trail::verify(&cut, &[head]).await.expect("a chain").findings;
    assert_eq!(found, ["row 40 is not the one whose head was kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_says_where_the_audit_stands_and_verify_of_the_office_looks_at_it_too() {
    let server = TestServer::start().await;
    let copy = TempDir::new().expect("a folder");
    let told = backup::backup(&server.service, server.data.path(), copy.path()).await.expect("a backup").audit;
    let (_edited, service) = edited(copy.path(), &[]).await;
    assert!(trail::verify(&service, &[told]).await.expect("a chain").findings.is_empty());
    let text = told.to_string();
    assert_eq!((text.parse::<Head>(), text.replace(' ', ":").parse::<Head>()), (Ok(told), Ok(told)));
    let (_edited, service) = edited(copy.path(), &["UPDATE audit SET result = 'x'".to_owned()]).await;
    let findings = audit::verify(&service).await.expect("a report").findings;
    assert_eq!(findings, ["audit: row 1 is not as it was written, or the one before it"]);
}

#[tokio::test]
async fn a_request_that_counts_once_is_refused_the_second_time_whichever_it_is() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let wish = Call::json("POST", "/api/admin/calendar", &xiaohao_shared::model::calendar::Calendar::default());
    let request = admin.sign(wish);
    assert_eq!(Answer::of(request.try_clone().expect("a copy")).await.status, 200);
    let server = server.restart().await;
    // As if the office had cleaned up two hours later, and its clock was then set back.
    let older = sqlx::query("UPDATE nonces SET at = at - 7200000").execute(&server.service.store).await.expect("SQL");
    assert_eq!(older.rows_affected(), 1);
    server.service.sweep().await.expect("swept");
    let mut again = request;
    let port = server.origin.rsplit(':').next().and_then(|port| port.parse().ok());
    again.url_mut().set_port(port).expect("a port");
    let host = admin.clone();
    again.headers_mut().insert("host", host_of(&host).parse().expect("a host"));
    assert_eq!(
        Answer::of(again).await.problem().kind,
        ProblemKind::Replayed,
        "also after a restart, and an hour that comes twice"
    );
}

fn host_of(device: &TestDevice) -> String {
    device.origin().trim_start_matches("http://").to_owned()
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

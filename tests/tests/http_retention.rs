//! What goes after its time, what stays for ever, and what everybody is told of both.

use xiaohao_server::service::{Service, audit, directory, photos, retention, system_clock, trail};
use xiaohao_shared::api::views::{View, ViewWish};
use xiaohao_shared::api::{Held, HeldDecision, Privacy, ProblemKind, SavePerson, TipsterNoted, TipsterWish, Wanted};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::retention::Retention;
use xiaohao_shared::model::tipster::Tipster;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Photo, Role, Stage};
use xiaohao_shared::time::{DAY, Timestamp};
use xiaohao_tests::edits::{new_issue, photo, picture, remark, report, step};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{Call, TestServer};

/// What somebody sees who opens the same office in a year and a half.
fn later() -> Timestamp {
    system_clock() + 550 * DAY
}

async fn in_a_year_and_a_half(server: &TestServer) -> Service {
    Service::open(server.data.path(), later).await.expect("the office")
}

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

const HALF_A_YEAR: Retention = Retention { photos: Some(6), evidence: Some(6), patrols: Some(12), tipsters: None };

async fn set(server: &TestServer, rule: Retention) {
    let office = server.person("系统管理员", Role::Administrator, &[]).await;
    let device = server.enrol(&office).await;
    assert_eq!(device.post_json("/api/admin/retention", &rule).await.json::<Retention>(), rule);
}

/// A report with a large and a small picture that the office has.
async fn reported(server: &TestServer, phone: &mut Phone, shade: u8) -> (IssueId, PhotoId, PhotoId) {
    let issue = new_issue();
    let device = phone.device.device();
    let large = photos::store(&server.service, device, picture(shade).into()).await.expect("stored");
    let small = photos::store(&server.service, device, picture(shade + 1).into()).await.expect("stored");
    let taken: Photo = photo(phone.person.id, Stage::Before).into_values().next().expect("a photo");
    let taken = Photo { thumb: Some(small), ..taken };
    let edit = Edit { photos: [(large, taken)].into(), ..report(phone.person.id, 1, "占道经营") };
    phone.save(issue, edit).expect("saved");
    assert_eq!(phone.sync().await, None);
    (issue, large, small)
}

async fn close(phone: &mut Phone, issue: IssueId) {
    let by = phone.person.id;
    let fixed = step(by, Action::FixOnSpot, State::Reported, Some(State::Closed)).with_photos(photo(by, Stage::After));
    phone.save(issue, fixed).expect("saved");
    assert_eq!(phone.sync().await, None);
}

async fn assert_sound(service: &Service) {
    assert_eq!(audit::verify(service).await.expect("verify").findings, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_where_the_office_has_not_said_so() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (issue, large, _) = reported(&server, &mut cadre, 10).await;
    close(&mut cadre, issue).await;
    let service = in_a_year_and_a_half(&server).await;
    assert_eq!(retention::due(&service).await.expect("counted"), retention::Counts::default());
    assert_eq!(retention::apply(&service, "console").await.expect("applied"), retention::Counts::default());
    assert_eq!(cadre.device.get(&format!("/api/photos/{large}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_photos_of_what_was_struck_off_go_and_everybody_is_told_why() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (closed, large, small) = reported(&server, &mut cadre, 10).await;
    close(&mut cadre, closed).await;
    let (_, still_open, _) = reported(&server, &mut cadre, 20).await;
    set(&server, HALF_A_YEAR).await;
    assert_eq!(retention::apply(&server.service, "console").await.expect("applied"), retention::Counts::default());

    let service = in_a_year_and_a_half(&server).await;
    let before = server.service.blobs.get(large).await.expect("read").expect("there").len() as u64;
    let due = retention::due(&service).await.expect("counted");
    assert_eq!((due.photos, due.bytes), (1, before));
    assert_eq!(
        service.blobs.get(large).await.expect("read").map(|bytes| bytes.len() as u64),
        Some(before),
        "only counted"
    );
    assert_eq!(retention::apply(&service, "console").await.expect("applied"), due);
    assert_eq!(retention::apply(&service, "console").await.expect("applied"), retention::Counts::default());

    let path = |photo| format!("/api/photos/{photo}");
    let gone = cadre.device.get(&path(large)).await;
    assert_eq!((gone.status, gone.problem().kind), (410, ProblemKind::PhotoRemoved));
    assert_eq!(cadre.device.get(&path(small)).await.status, 200);
    assert_eq!(cadre.device.get(&path(still_open)).await.status, 200);
    assert_eq!(service.blobs.get(large).await.expect("read"), None, "its bytes are gone, too");
    let stranger = phone(&server, "丙", Role::Cadre, &[7]).await;
    assert_eq!(
        stranger.device.get(&path(large)).await.status,
        404,
        "who may not see the issue is not told of its photo"
    );
    assert_sound(&service).await;
    let told = trail::page(&service, u64::MAX >> 1).await.expect("the audit");
    let told = told.iter().find(|line| line.act == retention::ACT).expect("a line");
    assert!(told.what.contains("1 photos") && told.origin == "console", "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_still_has_a_removed_photo_is_neither_asked_for_it_nor_does_it_come_back() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (issue, large, _) = reported(&server, &mut cadre, 10).await;
    close(&mut cadre, issue).await;
    set(&server, HALF_A_YEAR).await;
    let service = in_a_year_and_a_half(&server).await;
    assert_eq!(retention::apply(&service, "hub").await.expect("applied").photos, 1);
    let wanted: Wanted = cadre.device.post_json("/api/photos/wanted", &[large]).await.json();
    assert_eq!(wanted, Wanted::default());
    let bytes = picture(10);
    let metadata = format!("sha256 {}", <base64ct::Base64 as base64ct::Encoding>::encode_string(&large.0));
    let call = Call::new("POST", "/api/uploads").header("tus-resumable", "1.0.0");
    let call = call.header("upload-length", &bytes.len().to_string()).header("upload-metadata", &metadata);
    let promised = cadre.device.send(call).await;
    assert_eq!((promised.status, promised.header("upload-offset")), (201, bytes.len().to_string().as_str()));
    assert_eq!(cadre.device.get(&format!("/api/photos/{large}")).await.status, 410);
    assert_sound(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_held_change_said_goes_once_it_was_decided_and_what_became_of_it_stays() {
    let server = TestServer::start().await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    cadre.save(issue, report(cadre.person.id, 1, "油烟污染")).expect("saved");
    assert_eq!(cadre.sync().await, None);
    cadre.save(issue, remark(cadre.person.id, "店主答应明天清洗")).expect("saved");
    let zones = vec![ZoneId(5)];
    let moved = SavePerson { id: Some(cadre.person.id), name: "甲".into(), role: Role::Cadre, zones, active: true };
    directory::put_person(&server.service, moved).await.expect("moved");
    assert_eq!(cadre.sync().await, None);
    set(&server, HALF_A_YEAR).await;
    let service = in_a_year_and_a_half(&server).await;
    assert_eq!(retention::due(&service).await.expect("counted").evidence, 0, "nobody has decided it");
    let held: Vec<Held> = desk.device.get("/api/held").await.json();
    desk.device.post_json(&format!("/api/held/{}", held[0].hash), &HeldDecision::Adopt).await.json::<Vec<Held>>();
    assert_eq!(retention::apply(&service, "hub").await.expect("applied").evidence, 1);
    let left: (i64, String, String) = sqlx::query_as("SELECT length(bytes), content, decision FROM held")
        .fetch_one(&service.store)
        .await
        .expect("its row");
    assert_eq!(left, (0, String::new(), "adopt".into()));
    assert_eq!((cadre.sync().await, cadre.refused().len()), (None, 0), "its author is told what became of it");
    assert_sound(&service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_office_can_set_too_short_a_time_and_everybody_may_read_what_it_set() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    reported(&server, &mut cadre, 10).await;
    set(&server, HALF_A_YEAR).await;
    let told: Privacy = cadre.device.get("/api/privacy").await.json();
    assert_eq!((told.rule, told.audit_days), (HALF_A_YEAR, 366));
    assert_eq!((told.about.reported, told.about.steps, told.about.photos, told.about.devices), (1, 1, 1, 1));
    assert!(told.about.audit >= 1, "the enrolment at least");
    assert_eq!((told.about.proofs, told.about.views), (0, 0));
    let kept = View { name: "待处置".into(), address: "/board?state=open".into() };
    cadre.device.post_json("/api/views", &[ViewWish::Keep(kept)]).await.json::<Vec<View>>();
    let told: Privacy = cadre.device.get("/api/privacy").await.json();
    assert_eq!(told.about.views, 1, "what follows a person is kept about him");
    let refused = retention::save(&server.service, Retention { photos: Some(5), ..HALF_A_YEAR }).await;
    assert!(refused.is_err());
    let told: Privacy = cadre.device.get("/api/privacy").await.json();
    assert_eq!(told.rule, HALF_A_YEAR, "what was refused changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_job_runs_once_a_day() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (first, large, _) = reported(&server, &mut cadre, 10).await;
    close(&mut cadre, first).await;
    set(&server, HALF_A_YEAR).await;
    let service = in_a_year_and_a_half(&server).await;
    retention::daily(&service).await.expect("applied");
    assert_eq!(service.blobs.get(large).await.expect("read"), None);
    let (second, another, _) = reported(&server, &mut cadre, 20).await;
    close(&mut cadre, second).await;
    retention::daily(&service).await.expect("it is the same day");
    assert!(service.blobs.get(another).await.expect("read").is_some());
}

fn tipster(name: &str, phone: &str) -> TipsterWish {
    TipsterWish { tipster: Some(Tipster { name: name.into(), phone: phone.into() }) }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_told_of_an_issue_is_shown_masked_and_whole_only_with_a_line_in_the_audit() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let inspector = phone(&server, "督查", Role::Inspector, &[]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let (issue, _, _) = reported(&server, &mut cadre, 10).await;
    let path = format!("/api/issues/{issue}/tipster");
    assert_eq!(desk.device.get(&path).await.json::<Option<TipsterNoted>>(), None);
    let noted: Option<TipsterNoted> = desk.device.post_json(&path, &tipster("欧阳小明", "13812345678")).await.json();
    let masked = Tipster { name: "欧**".into(), phone: "138****5678".into() };
    assert_eq!(noted.map(|noted| (noted.tipster, noted.noted_by)), Some((masked.clone(), desk.person.id)));
    let seen: Option<TipsterNoted> = desk.device.get(&path).await.json();
    assert_eq!(seen.map(|seen| seen.tipster), Some(masked));
    let whole: Option<TipsterNoted> = desk.device.get(&format!("{path}/whole")).await.json();
    assert_eq!(whole.map(|whole| whole.tipster.phone), Some("13812345678".into()));
    for other in [&cadre, &inspector] {
        for path in [path.clone(), format!("{path}/whole")] {
            assert_eq!(other.device.get(&path).await.problem().kind, ProblemKind::Forbidden);
        }
        let refused = other.device.post_json(&path, &TipsterWish::default()).await;
        assert_eq!(refused.problem().kind, ProblemKind::Forbidden);
    }
    let told = trail::page(&server.service, u64::MAX >> 1).await.expect("the audit");
    let looks = told.iter().filter(|line| line.act == "look_at_tipster" && line.person == desk.person.id.0);
    assert_eq!(looks.count(), 1);
    assert!(told.iter().any(|line| line.act == "keep_tipster" && line.what.contains(&issue.to_string())));
    assert!(
        told.iter().all(|line| !line.what.contains("欧阳") && !line.what.contains("13812345678")),
        "the audit names nobody"
    );
    assert_sound(&server.service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_told_of_an_issue_stands_nowhere_in_clear_and_goes_when_the_office_says_so() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let (issue, _, _) = reported(&server, &mut cadre, 10).await;
    let path = format!("/api/issues/{issue}/tipster");
    assert_eq!(desk.device.post_json(&path, &tipster("欧阳小明", "13812345678")).await.status, 200);
    for wrong in [tipster("", ""), tipster("张三", "<b>"), tipster(&"长".repeat(41), "")] {
        assert_eq!(desk.device.post_json(&path, &wrong).await.problem().kind, ProblemKind::BadRequest);
    }
    let nowhere = format!("/api/issues/{}/tipster", new_issue());
    assert_eq!(desk.device.post_json(&nowhere, &tipster("张三", "")).await.problem().kind, ProblemKind::NotFound);
    let csv = desk.device.get("/api/export?format=csv").await.body;
    let files = std::fs::read_dir(server.data.path())
        .expect("the folder")
        .filter_map(|file| std::fs::read(file.ok()?.path()).ok());
    for bytes in files.chain([csv]) {
        for said in ["欧阳小明".as_bytes(), b"13812345678"] {
            assert!(!bytes.windows(said.len()).any(|window| window == said));
        }
    }
    close(&mut cadre, issue).await;
    set(&server, Retention { tipsters: Some(12), ..Retention::default() }).await;
    assert_eq!(retention::apply(&server.service, "hub").await.expect("applied").tipsters, 0);
    let service = in_a_year_and_a_half(&server).await;
    assert_eq!(retention::due(&service).await.expect("counted").tipsters, 1);
    assert_eq!(retention::apply(&service, "hub").await.expect("applied").tipsters, 1);
    assert_eq!(desk.device.get(&path).await.json::<Option<TipsterNoted>>(), None);
}

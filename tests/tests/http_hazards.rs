//! Hazards of phones from outside: revoked with unsent work, copied with its key, enrolled with an office that forgot it, away for two
//! months, of an old version, at work on what the office closes. In each
//! of them the phone learns where it stands, and no work is lost.

use tempfile::TempDir;
use xiaohao_server::service::{audit, directory, system_clock};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    Board, Enrol, Enrolled, Held, HeldDecision, Office, PersonDetail, ProblemKind, RESTORE_LEAP, Remembered,
    SavePerson, Wanted, WantedPhoto,
};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::id::{DeviceId, IssueId, PatrolId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::patrol::Patrol;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Bearer, Person, Role, Stage, Zone};
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::sync::wire::{self, Request, Response, Verdict};
use xiaohao_shared::time::{DAY, HOUR, Timestamp};
use xiaohao_tests::edits::{new_issue, photo, photographed, picture, remark, report, step};
use xiaohao_tests::handover::hash;
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{Answer, TestDevice, TestServer, Usual};

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

async fn administrator(server: &TestServer) -> TestDevice {
    server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await
}

async fn revoke(admin: &TestDevice, phone: &Phone) {
    let path = format!("/api/admin/devices/{}/revoke", phone.device.device());
    assert_eq!(admin.post_json(&path, &()).await.status, 200);
}

fn wish(person: &Person) -> SavePerson {
    let (id, zones) = (Some(person.id), person.zones.iter().copied().collect());
    SavePerson { id, name: person.name.clone(), role: person.role, zones, active: person.active }
}

async fn leaves(server: &TestServer, phone: &Phone, active: bool) {
    let wish = SavePerson { active, ..wish(&phone.person) };
    directory::put_person(&server.service, wish).await.expect("saved");
}

async fn adopt_all(desk: &TestDevice) -> usize {
    let mut waiting: Vec<Held> = desk.get("/api/held").await.json();
    let all = waiting.len();
    // What was built on another one fits only after it.
    while let Some(before) = Some(waiting.len()).filter(|left| *left > 0) {
        for held in waiting {
            desk.post_json(&format!("/api/held/{}", held.hash), &HeldDecision::Adopt).await;
        }
        waiting = desk.get("/api/held").await.json();
        assert!(waiting.len() < before, "{waiting:#?}");
    }
    all
}

async fn sql(server: &TestServer, statement: &'static str) {
    sqlx::query(statement).execute(&server.service.store).await.expect("SQL");
}

async fn words(server: &TestServer, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(&server.service.store).await.expect("SQL answers")
}

async fn assert_sound(server: &TestServer) {
    let report = audit::verify(&server.service).await.expect("verify");
    assert_eq!(report.findings, Vec::<String>::new());
}

fn reasons(phone: &Phone) -> Vec<(&str, bool)> {
    phone.refused().iter().map(|refused| (refused.refusal.0.as_str(), refused.held)).collect()
}

async fn wanted(device: &TestDevice, photos: &[PhotoId]) -> Wanted {
    device.post_json("/api/photos/wanted", &photos).await.json()
}

async fn restored(server: TestServer, backup: &TempDir, phones: &mut [&mut Phone]) -> TestServer {
    let server = server.restore(backup).await;
    for phone in phones {
        phone.device = phone.device.clone().at(&server);
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unsent_work_of_a_revoked_device_waits_for_the_desk_and_nothing_comes_down() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (phone(&server, "甲", Role::Cadre, &[1]).await, phone(&server, "乙", Role::Cadre, &[1]).await);
    let (desk, admin) = (phone(&server, "指挥", Role::Supervisor, &[1]).await, administrator(&server).await);
    assert_eq!(a.sync().await, None);
    let (mine, others) = (new_issue(), new_issue());
    a.save(mine, report(a.person.id, 1, "停用前的上报")).expect("saved");
    a.save(mine, remark(a.person.id, "停用前的留言")).expect("saved");
    b.save(others, report(b.person.id, 1, "停用后才来的")).expect("saved");
    assert_eq!(b.sync().await, None);
    revoke(&admin, &a).await;

    assert_eq!(a.sync().await, Some(Failure::Revoked));
    assert_eq!(reasons(&a), [("device_revoked", true), ("builds_on_held", true)]);
    assert_eq!((a.status.unsent, a.read(others).is_none()), (0, true));
    a.crash();
    assert_eq!(a.sync().await, Some(Failure::Revoked), "the next start tells the same");
    let detail: Vec<PersonDetail> = admin.get("/api/admin/people").await.json();
    assert!(detail.iter().flat_map(|one| &one.devices).all(|device| device.unsent == 0));

    assert_eq!(adopt_all(&desk.device).await, 2);
    assert_eq!(words(&server, "SELECT text FROM remarks").await, ["停用前的留言"]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_two_people_adopt_around_a_restore_begins_once() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (phone(&server, "甲", Role::Cadre, &[1]).await, phone(&server, "乙", Role::Cadre, &[1]).await);
    let mut first = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let mut second = phone(&server, "副指挥", Role::Supervisor, &[1]).await;
    let mine = new_issue();
    a.save(mine, report(a.person.id, 1, "离任前的上报")).expect("saved");
    leaves(&server, &a, false).await;
    assert_eq!(a.sync().await, Some(Failure::Revoked));
    let backup = server.backup().await;
    assert_eq!(adopt_all(&first.device).await, 1);
    assert_eq!(b.sync().await, None);
    b.save(mine, remark(b.person.id, "恢复后没有了的留言")).expect("saved");
    assert_eq!(b.sync().await, None);
    let server = restored(server, &backup, &mut [&mut b, &mut first, &mut second]).await;
    assert_eq!(adopt_all(&second.device).await, 1);
    assert_eq!((b.sync().await, b.sync().await), (None, None));
    let of_office = words(&server, "SELECT description FROM issues").await;
    assert_eq!(
        (of_office, b.read(mine).map(|issue| issue.description)),
        (vec!["离任前的上报".into()], Some("离任前的上报".into()))
    );
    assert_sound(&server).await;
    b.save(mine, remark(b.person.id, "恢复后的留言")).expect("saved");
    assert_eq!(b.sync().await, None);
    assert_eq!(
        (words(&server, "SELECT text FROM remarks").await, reasons(&b)),
        (vec!["恢复后的留言".to_owned()], vec![])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_work_of_a_revoked_device_than_one_page_holds_waits_for_the_desk_too() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (desk, admin) = (phone(&server, "指挥", Role::Supervisor, &[1]).await, administrator(&server).await);
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "说来话长")).expect("saved");
    // Long words that do not compress away in the page's count of bytes: 40 × 2 KB are more than a first page.
    for number in 0..40 {
        a.save(issue, remark(a.person.id, &format!("{number:02}{}", "长".repeat(600)))).expect("saved");
    }
    revoke(&admin, &a).await;
    assert_eq!((a.sync().await, a.status.unsent, a.refused().len()), (Some(Failure::Revoked), 0, 41));
    assert!(a.refused().iter().all(|refused| refused.held));
    assert_eq!(adopt_all(&desk.device).await, 41);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_revoked_long_ago_is_not_heard_any_more() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let admin = administrator(&server).await;
    a.save(new_issue(), report(a.person.id, 1, "太晚了")).expect("saved");
    revoke(&admin, &a).await;
    sql(&server, "UPDATE devices SET revoked_at = revoked_at - 91 * 86400000 WHERE revoked_at IS NOT NULL").await;
    assert_eq!((a.sync().await, a.last_status, a.status.unsent), (Some(Failure::Revoked), 403, 1), "it stays there");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_and_comes_back_goes_on_where_he_was() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "离任前")).expect("saved");
    assert_eq!(a.sync().await, None);
    a.save(issue, remark(a.person.id, "离任后才送到")).expect("saved");
    leaves(&server, &a, false).await;
    assert_eq!((a.sync().await, a.status.unsent), (Some(Failure::Revoked), 0));
    leaves(&server, &a, true).await;
    a.crash();
    assert_eq!((a.sync().await, a.repairs), (None, 0), "what is held is not in his document any more");
    a.save(issue, remark(a.person.id, "回来了")).expect("saved");
    assert_eq!((a.sync().await, adopt_all(&desk.device).await, a.sync().await), (None, 1, None));
    assert_eq!(a.refused().len(), 0, "he learns what the desk decided");
    assert_eq!(words(&server, "SELECT text FROM remarks ORDER BY text").await, ["回来了", "离任后才送到"]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_brings_the_photos_of_its_held_work_and_no_others() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (desk, admin) = (phone(&server, "指挥", Role::Supervisor, &[1]).await, administrator(&server).await);
    let (named, other) = (picture(3), picture(90));
    let edit = photographed(a.person.id, Stage::Before, report(a.person.id, 1, "有照片"), &named);
    a.save(new_issue(), edit).expect("saved");
    revoke(&admin, &a).await;
    assert_eq!(a.device.upload(&named).await.problem().kind, ProblemKind::DeviceRevoked, "the record goes first");
    assert_eq!(a.sync().await, Some(Failure::Revoked));
    assert_eq!(a.device.upload(&named).await.status, 201);
    assert_eq!(a.device.upload(&other).await.problem().kind, ProblemKind::DeviceRevoked);
    assert_eq!(adopt_all(&desk.device).await, 1);
    assert_eq!(desk.device.get(&format!("/api/photos/{}", hash(&named))).await.body, named);
    let own = a.device.get(&format!("/api/photos/{}", hash(&named))).await;
    assert_eq!(own.problem().kind, ProblemKind::DeviceRevoked, "nothing comes down, not even his own");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_storages_with_one_key_are_both_stopped_and_lose_nothing() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (desk, admin) = (phone(&server, "指挥", Role::Supervisor, &[1]).await, administrator(&server).await);
    a.save(new_issue(), report(a.person.id, 1, "复制之前")).expect("saved");
    assert_eq!(a.sync().await, None);
    a.crash();
    assert_eq!((a.sync().await, a.sync().await), (None, None), "a phone that is started anew is the same phone");
    let mut twin = a.twin();
    assert_eq!((twin.sync().await, a.sync().await, twin.sync().await), (None, None, None));
    a.save(new_issue(), report(a.person.id, 1, "本机的工作")).expect("saved");
    twin.save(new_issue(), report(a.person.id, 1, "副本的工作")).expect("saved");
    assert_eq!((a.sync().await, twin.sync().await), (Some(Failure::Cloned), Some(Failure::Cloned)));
    assert_eq!((a.status.unsent, twin.status.unsent), (0, 0));

    let detail: Vec<PersonDetail> = admin.get("/api/admin/people").await.json();
    let device = detail.iter().flat_map(|one| &one.devices).find(|device| device.id == a.device.device());
    assert!(device.is_some_and(|device| device.cloned && device.revoked_at.is_some()));
    assert_eq!(adopt_all(&desk.device).await, 2);
    let found = words(&server, "SELECT description FROM issues ORDER BY description").await;
    assert_eq!(found, ["副本的工作", "复制之前", "本机的工作"]);
    let mut anew = Phone::new(server.enrol(&a.person).await, &a.person);
    assert_eq!((anew.sync().await, anew.storage.documents.len()), (None, 3), "one code later everything is there");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_whose_issue_another_phone_heals_later_is_asked_for_then() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let backup = server.backup().await;
    let (issue, photo) = (new_issue(), picture(7));
    let edit = photographed(a.person.id, Stage::Before, report(a.person.id, 1, "备份之后"), &photo);
    a.save(issue, edit).expect("saved");
    assert_eq!((a.sync().await, b.sync().await), (None, None));
    assert_eq!(a.device.upload(&photo).await.status, 201);
    // The record is lost on the phone that took the photo, and only the other one can bring it back.
    a.storage = Default::default();
    let _server = restored(server, &backup, &mut [&mut a, &mut b]).await;
    a.crash();
    assert_eq!(a.sync().await, None);
    let first = wanted(&a.device, &[hash(&photo)]).await;
    assert_eq!(first, Wanted { photos: vec![], unknown: vec![hash(&photo)] }, "it may still be named");
    assert_eq!((b.sync().await, b.sync().await, b.sync().await), (None, None, None));
    let then = wanted(&a.device, &first.unknown).await;
    assert_eq!(then.photos, [WantedPhoto { photo: hash(&photo), issue, thumb: false }]);
    assert_eq!(a.device.upload(&photo).await.status, 201);
    assert_eq!(wanted(&a.device, &first.unknown).await, Wanted::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_a_restored_office_forgot_enrols_again_and_all_of_its_work_is_there() {
    let server = TestServer::start().await;
    let person = server.person("甲", Role::Cadre, &[1]).await;
    let backup = server.backup().await;
    let mut a = Phone::new(server.enrol(&person).await, &person);
    let number = a.device.device();
    a.save(new_issue(), report(person.id, 1, "已送达，后来又没了")).expect("saved");
    assert_eq!(a.sync().await, None);
    let server = restored(server, &backup, &mut [&mut a]).await;
    a.save(new_issue(), report(person.id, 1, "还没送达")).expect("saved");
    assert_eq!((a.sync().await, a.status.unsent), (Some(Failure::Unknown), 1), "it is told, and keeps everything");

    let code = server.code(person.id).await;
    let enrolled: Enrolled = a.device.enrol(&code).await.json();
    assert_eq!(enrolled.device, number, "what it has written is told by its number");
    a.crash();
    assert_eq!((a.sync().await, a.sync().await, a.status.unsent), (None, None, 0));
    let found = words(&server, "SELECT description FROM issues ORDER BY description").await;
    assert_eq!(found, ["已送达，后来又没了", "还没送达"]);
    assert_sound(&server).await;
}

/// As the app asks: with the number that it had, and whose that was.
async fn comes_back(phone: &Phone, code: &str) -> Answer {
    let (device, person) = (phone.device.id, Some(phone.person.id));
    let wish = Enrol { code: Some(code.to_owned()), device, person, ..phone.device.newcomer() };
    let mut key = phone.device.clone();
    key.id = None;
    key.post_json("/api/enrol", &wish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_a_restored_office_forgot_becomes_nobody_elses() {
    let server = TestServer::start().await;
    let (person, other) = (server.person("甲", Role::Cadre, &[1]).await, server.person("乙", Role::Cadre, &[1]).await);
    let backup = server.backup().await;
    let mut a = Phone::new(server.enrol(&person).await, &person);
    let server = restored(server, &backup, &mut [&mut a]).await;
    a.save(new_issue(), report(person.id, 1, "还没送达")).expect("saved");
    assert_eq!(a.sync().await, Some(Failure::Unknown));

    let code = server.code(other.id).await;
    let answer = comes_back(&a, &code).await;
    let begun_at = a.now() + -DAY;
    let id = PatrolId(new_issue());
    let round = Patrol { id, zone: ZoneId(1), begun_at, ended_at: begun_at + HOUR, found: 0, skew: 0 };
    a.device.post_json("/api/patrols", &round).await;
    let rounds = words(&server, "SELECT patrol_id FROM patrols").await;
    assert!(rounds.is_empty(), "no round of his becomes his colleague's");
    assert_eq!(answer.problem().reason, Some(Reason::DeviceOfAnother));
    assert_eq!(server.stranger().enrol(&code).await.status, 200, "the code was not used up by that");

    let enrolled: Enrolled = comes_back(&a, &server.code(person.id).await).await.json();
    assert_eq!(enrolled.device, a.device.device());
    a.crash();
    assert_eq!((a.sync().await, a.status.unsent, reasons(&a)), (None, 0, vec![]));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_becomes_no_other_device_to_which_its_own_work_would_be_foreign() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let admin = administrator(&server).await;
    a.save(new_issue(), report(a.person.id, 1, "停用前的上报")).expect("saved");
    revoke(&admin, &a).await;
    let code = server.code(a.person.id).await;
    let answer = comes_back(&a, &code).await;
    if answer.status == 200 {
        a.device.id = Some(answer.json::<Enrolled>().device);
    }
    assert_eq!((a.sync().await, reasons(&a)), (Some(Failure::Revoked), vec![("device_revoked", true)]));
    assert_eq!(answer.problem().kind, ProblemKind::DeviceRevoked);
    assert_eq!(server.stranger().enrol(&code).await.status, 200, "another browser takes the code");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tells_a_restored_office_first_does_not_keep_it_from_what_is_newer() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let a = phone(&server, "先换片区后离任", Role::Cadre, &[1]).await;
    let backup = server.backup().await;
    let moved = SavePerson { zones: vec![ZoneId(2)], ..wish(&a.person) };
    directory::put_person(&server.service, moved).await.expect("saved");
    let earlier: Office = admin.get("/api/office").await.json();
    leaves(&server, &a, false).await;
    let later: Office = admin.get("/api/office").await.json();
    let server = server.restore(&backup).await;
    let admin = admin.at(&server);
    for seen in [earlier, later] {
        let answer = admin.post_json("/api/admin/remembered", &Remembered::from(seen)).await;
        assert_eq!(answer.json::<usize>(), 1);
    }
    let answer = a.device.clone().at(&server).get("/api/office").await;
    assert_eq!(answer.problem().kind, ProblemKind::DeviceRevoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_the_number_of_another_device_by_asking_for_it() {
    let server = TestServer::start().await;
    let person = server.person("甲", Role::Cadre, &[1]).await;
    let victim = server.enrol(&person).await;
    let mut thief = server.stranger();
    thief.id = None;
    let code = Some(server.code(person.id).await);
    let wish = Enrol { code, public_key: thief.public_key(), device: victim.id, ..Enrol::default() };
    let enrolled: Enrolled = thief.post_json("/api/enrol", &wish).await.json();
    assert_ne!(Some(enrolled.device), victim.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_office_is_told_by_an_administrators_device_whom_it_had_put_out_and_taken_in() {
    let server = TestServer::start().await;
    let admin = administrator(&server).await;
    let (a, b) = (phone(&server, "被停用", Role::Cadre, &[1]).await, phone(&server, "离任", Role::Cadre, &[1]).await);
    let mut c = phone(&server, "恢复后又改了", Role::Cadre, &[1]).await;
    let old: Office = admin.get("/api/office").await.json();
    let backup = server.backup().await;
    revoke(&admin, &a).await;
    leaves(&server, &b, false).await;
    leaves(&server, &c, false).await;
    let newcomer = server.person("新来的", Role::Cadre, &[2]).await;
    let bearers = vec![Bearer { person: newcomer.id, part: "部门包点".into() }];
    let zone = Zone { id: ZoneId(99), name: "新片区".into(), code: String::new(), bearers };
    directory::save_zones(&server.service, std::slice::from_ref(&zone)).await.expect("saved");
    let seen: Office = admin.get("/api/office").await.json();
    let server = server.restore(&backup).await;
    let admin = admin.at(&server);
    let after: Office = admin.get("/api/office").await.json();
    assert!(after.version / RESTORE_LEAP > seen.version / RESTORE_LEAP, "nobody takes it for what he knows already");
    c.device = c.device.at(&server);
    leaves(&server, &c, true).await;
    let promoted = SavePerson { role: Role::Inspector, ..wish(&c.person) };
    directory::put_person(&server.service, promoted).await.expect("saved");

    let told = |office: &Office| Remembered::from(office.clone());
    let answer = c.device.post_json("/api/admin/remembered", &told(&seen)).await;
    assert_eq!(answer.problem().kind, ProblemKind::Forbidden);
    let unsealed: Office = c.device.get("/api/office").await.json();
    assert_eq!(unsealed.seal, None, "only whoever may tell it gets the seal");
    let learnt = async |office: &Office| admin.post_json("/api/admin/remembered", &told(office)).await.json::<usize>();
    assert_eq!(learnt(&old).await, 0, "it was older than the backup");
    let mut forged = seen.clone();
    forged.people.iter_mut().for_each(|person| person.name = "\u{7}".into());
    let answer = admin.post_json("/api/admin/remembered", &told(&forged)).await;
    assert_eq!(answer.problem().kind, ProblemKind::BadRequest, "nobody tells an office what it never said");
    let mut forged = seen.clone();
    forged.people.iter_mut().for_each(|person| person.duties.clear());
    forged.seal = None;
    let answer = admin.post_json("/api/admin/remembered", &told(&forged)).await;
    assert_eq!(answer.problem().kind, ProblemKind::BadRequest, "nor without its seal");
    assert_eq!(learnt(&seen).await, 4);
    let noted = "SELECT what FROM audit WHERE act = 'remember' AND origin = '127.0.0.1' AND what LIKE '{%'";
    let noted: Vec<String> = sqlx::query_scalar(noted).fetch_all(&server.service.store).await.unwrap();
    let begins = |word: &str| noted.iter().filter(|what| what.starts_with(&format!("{{\"{word}\""))).count();
    assert_eq!([begins("zone"), begins("person"), begins("revoked")], [1, 2, 1], "{noted:?}");
    assert_eq!(learnt(&seen).await, 0, "once is enough");
    for gone in [&a, &b] {
        let answer = gone.device.clone().at(&server).get("/api/office").await;
        assert_eq!(answer.problem().kind, ProblemKind::DeviceRevoked);
    }
    let now: Office = admin.get("/api/office").await.json();
    assert!(now.people.contains(&newcomer) && now.zones.contains(&zone));
    let changed = now.people.iter().find(|person| person.id == c.person.id).expect("he is here");
    assert!(changed.active && changed.role == Role::Inspector, "what was changed since the restore stays");
    let another = server.person("恢复后来的", Role::Cadre, &[2]).await;
    assert!(seen.people.iter().all(|person| person.id != another.id), "nobody gets the number of somebody forgotten");
}

/// How long somebody was away: treatment in another town, say.
const AWAY: i64 = 60 * DAY;

fn sixty_days_ago() -> Timestamp {
    system_clock() + -AWAY
}

/// The edit as it was made before somebody went away.
fn before_leaving(mut edit: Edit) -> Edit {
    if let Some(step) = &mut edit.step {
        step.record.at = step.record.at + -AWAY;
    }
    if let Some(remark) = &mut edit.remark {
        remark.record.at = remark.record.at + -AWAY;
    }
    edit.photos.values_mut().for_each(|photo| photo.taken_at = photo.taken_at + -AWAY);
    edit
}

fn fixed(phone: &Phone) -> Edit {
    let by = phone.person.id;
    step(by, Action::FixOnSpot, State::Reported, Some(State::Closed)).with_photos(photo(by, Stage::After))
}

fn saved(phone: &mut Phone, issue: IssueId, edit: Edit) {
    phone.save(issue, edit).expect("saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_away_for_sixty_days_brings_all_its_work_once_and_has_all_the_news() {
    let server = TestServer::start_at(Usual { clock: sixty_days_ago, ..Usual::default() }).await;
    let (mut a, mut c) = (phone(&server, "甲", Role::Cadre, &[1]).await, phone(&server, "丙", Role::Cadre, &[1]).await);
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[2]).await;
    let (stays, moves, closes, own) = (new_issue(), new_issue(), new_issue(), new_issue());
    for (issue, text) in [(stays, "还在"), (moves, "换片区"), (closes, "已销号")] {
        let report = before_leaving(report(c.person.id, 1, text));
        saved(&mut c, issue, report);
    }
    assert_eq!((c.sync().await, a.sync().await, desk.sync().await, b.sync().await), (None, None, None, None));
    let (by, picture) = (a.person.id, picture(60));
    for (issue, text) in [(stays, "出门前一"), (moves, "出门前二"), (closes, "出门前三")] {
        saved(&mut a, issue, before_leaving(remark(by, text)));
    }
    let report_of_his = photographed(by, Stage::Before, report(by, 1, "出门前的上报"), &picture);
    saved(&mut a, own, before_leaving(report_of_his));

    // Sixty days in which the office works on, and cleans up.
    let server = server.restart().await;
    for one in [&mut a, &mut b, &mut c, &mut desk] {
        one.device = one.device.clone().at(&server);
    }
    let amend = step(desk.person.id, Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(2)));
    saved(&mut desk, moves, amend);
    let fix = fixed(&c);
    saved(&mut c, closes, fix);
    for number in 0..60 {
        let report = report(c.person.id, 1, &format!("期间{number}"));
        saved(&mut c, new_issue(), report);
    }
    assert_eq!((c.sync().await, desk.sync().await, b.sync().await), (None, None, None));
    assert_eq!((reasons(&c), reasons(&desk)), (vec![], vec![]));
    server.service.sweep().await.expect("swept");

    a.crash();
    assert_eq!((a.sync().await, a.sync().await), (None, None));
    assert_eq!((a.status.unsent, reasons(&a), a.repairs), (0, vec![], 0));
    assert_eq!(a.device.upload(&picture).await.status, 201);
    assert_eq!(desk.device.get(&format!("/api/photos/{}", hash(&picture))).await.body, picture);
    let remarks = words(&server, "SELECT text FROM remarks ORDER BY text").await;
    assert_eq!(remarks, ["出门前一", "出门前三", "出门前二"], "all of it, and nothing twice");
    let reports = words(&server, "SELECT description FROM issues WHERE description NOT LIKE '期间%' ORDER BY 1").await;
    assert_eq!(reports, ["出门前的上报", "已销号", "换片区", "还在"]);
    assert_eq!(a.storage.documents.len(), 3 + 60, "all that his zone has, and no more");
    assert!(a.read(moves).is_none(), "it left his zone");
    assert_eq!(a.read(closes).expect("an issue").state, State::Closed);
    assert_eq!((desk.sync().await, b.sync().await), (None, None));
    assert_eq!(b.read(moves).expect("it arrived").remarks.len(), 1, "with what he wrote on it");
    assert_sound(&server).await;
}

/// An issue on which the worker has begun.
async fn begun(desk: &mut Phone, worker: &mut Phone) -> IssueId {
    let (issue, by, due) = (new_issue(), desk.person.id, desk.now() + DAY);
    saved(desk, issue, report(by, 1, "积存垃圾"));
    saved(desk, issue, step(by, Action::File, State::Reported, Some(State::Filed)));
    let mut dispatch = step(by, Action::Dispatch, State::Filed, Some(State::Dispatched));
    dispatch.step.as_mut().expect("a step").record.until = Some(due);
    saved(desk, issue, dispatch.with(Value::Assignee(Some(worker.person.id))).with(Value::Due(Some(due))));
    assert_eq!((desk.sync().await, worker.sync().await), (None, None));
    saved(worker, issue, step(worker.person.id, Action::Start, State::Dispatched, Some(State::Handling)));
    assert_eq!((worker.sync().await, desk.sync().await), (None, None));
    issue
}

fn hand_in(phone: &Phone, picture: &[u8]) -> Edit {
    let by = phone.person.id;
    photographed(by, Stage::After, step(by, Action::HandIn, State::Handling, Some(State::ToCheck)), picture)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_did_while_the_office_closed_the_issue_is_kept_and_the_two_ends_are_shown() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let (mut a, mut b) = (phone(&server, "甲", Role::Cadre, &[1]).await, phone(&server, "乙", Role::Cadre, &[1]).await);
    let issue = begun(&mut desk, &mut a).await;
    let (taken, work) = (picture(21), picture(22));
    let by = a.person.id;
    saved(&mut a, issue, remark(by, "正在清"));
    let photograph = step(by, Action::Photograph, State::Handling, None);
    saved(&mut a, issue, photographed(by, Stage::During, photograph, &taken));
    let handed = hand_in(&a, &work);
    saved(&mut a, issue, handed);

    // Somebody else finished it, and the office struck it off.
    let assign = step(desk.person.id, Action::Assign, State::Handling, None).with(Value::Assignee(Some(b.person.id)));
    saved(&mut desk, issue, assign);
    assert_eq!((desk.sync().await, b.sync().await), (None, None));
    let handed = hand_in(&b, &picture(23));
    saved(&mut b, issue, handed);
    assert_eq!((b.sync().await, desk.sync().await), (None, None));
    let close = step(desk.person.id, Action::Close, State::ToCheck, Some(State::Closed));
    saved(&mut desk, issue, close);
    assert_eq!((desk.sync().await, reasons(&desk), reasons(&b)), (None, vec![], vec![]));

    assert_eq!((a.sync().await, a.status.unsent, reasons(&a)), (None, 0, vec![]));
    for photo in [&taken, &work] {
        assert_eq!(a.device.upload(photo).await.status, 201);
        assert_eq!(desk.device.get(&format!("/api/photos/{}", hash(photo))).await.body, *photo);
    }
    assert_eq!((desk.sync().await, b.sync().await), (None, None));
    for one in [&a, &b, &desk] {
        let read = one.read(issue).expect("an issue");
        assert_eq!(read.remarks.len(), 1);
        let by_whom =
            |action| read.steps.iter().filter(move |step| step.record.action == action).map(|step| step.record.by);
        assert_eq!(by_whom(Action::Photograph).collect::<Vec<_>>(), [by]);
        assert_eq!(by_whom(Action::HandIn).count(), 2, "both hand-ins stand there");
        assert_eq!(by_whom(Action::Close).collect::<Vec<_>>(), [desk.person.id]);
        let conflicts = one.document(issue).expect("a document").conflicts();
        let state = conflicts.iter().find(|conflict| conflict.register == Register::State).expect("two ends");
        let mut values: Vec<_> = state.versions.iter().map(|version| version.value.clone()).collect();
        values.sort_by_key(|value| *value == Value::State(State::Closed));
        assert_eq!(values, [Value::State(State::ToCheck), Value::State(State::Closed)]);
    }
    let board: Board = desk.device.get("/api/board").await.json();
    assert_eq!(board.undecided.iter().map(|row| row.id).collect::<Vec<_>>(), [issue], "the desk is asked");
    let decide = step(desk.person.id, Action::Decide, desk.read(issue).expect("an issue").state, None);
    saved(&mut desk, issue, decide.with(Value::State(State::Closed)));
    assert_eq!((desk.sync().await, a.sync().await), (None, None));
    assert_eq!((a.read(issue).map(|read| read.state), reasons(&desk)), (Some(State::Closed), vec![]));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_sends_back_while_the_office_closes_is_kept_beside_it() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let (mut a, mut c) = (phone(&server, "甲", Role::Cadre, &[1]).await, phone(&server, "丙", Role::Cadre, &[1]).await);
    let issue = begun(&mut desk, &mut a).await;
    let handed = hand_in(&a, &picture(31));
    saved(&mut a, issue, handed);
    assert_eq!((a.sync().await, desk.sync().await, c.sync().await), (None, None, None));
    let back = step(c.person.id, Action::Rework, State::ToCheck, Some(State::Rework));
    let close = step(desk.person.id, Action::Close, State::ToCheck, Some(State::Closed));
    saved(&mut c, issue, back);
    saved(&mut desk, issue, close);
    assert_eq!((desk.sync().await, c.sync().await, desk.sync().await), (None, None, None));
    assert_eq!((c.status.unsent, reasons(&c), reasons(&desk)), (0, vec![], vec![]));
    for one in [&c, &desk] {
        let conflicts = one.document(issue).expect("a document").conflicts();
        assert_eq!((conflicts.len(), conflicts[0].versions.len()), (1, 2));
        let steps = one.read(issue).expect("an issue").steps;
        let ends = steps.iter().filter(|step| [Action::Close, Action::Rework].contains(&step.record.action));
        assert_eq!(ends.count(), 2);
    }
    let board: Board = desk.device.get("/api/board").await.json();
    assert_eq!(board.undecided.len(), 1);
    assert_sound(&server).await;
}

/// A page as the app of commit 603b73a built it, the oldest whose pages are still read: no condition, no held changes. It brings a
/// report, a remark on it and the fix on the spot, by the first person of an office, on the device of this number.
const OLD_PAGE: &[u8] = include_bytes!("../fixtures/app-603b73a.page");
const OLD_DEVICE: DeviceId = DeviceId(2_026_112_500);

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_an_old_version_still_brings_its_work() {
    let server = TestServer::start().await;
    let person = server.person("甲", Role::Cadre, &[1]).await;
    assert_eq!(person.id, PersonId(1));
    let mut device = server.stranger();
    device.id = Some(OLD_DEVICE);
    let code = server.code(person.id).await;
    let enrolled: Enrolled = device.enrol(&code).await.json();
    assert_eq!(enrolled.device, OLD_DEVICE);
    let request: Request = wire::unpack(OLD_PAGE).expect("a page");
    assert_eq!((request.pushes.len(), request.held, request.condition), (3, None, None));
    let first = |verdicts: &[Verdict]| verdicts.iter().all(|one| matches!(one, Verdict::Accepted { .. }));
    let again = |verdicts: &[Verdict]| verdicts.iter().all(|one| matches!(one, Verdict::Known { .. }));
    for is_right in [&first as &dyn Fn(&[Verdict]) -> bool, &again] {
        let answer = device.post(wire::PATH, OLD_PAGE).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let verdicts = wire::unpack::<Response>(&answer.body).expect("a page").verdicts;
        assert!(verdicts.len() == 3 && is_right(&verdicts), "{verdicts:?}");
    }
    assert_eq!(words(&server, "SELECT description FROM issues WHERE state = 'closed'").await, ["旧版上报"]);
    assert_eq!(words(&server, "SELECT text FROM remarks").await, ["旧版留言"]);
    assert_sound(&server).await;
}

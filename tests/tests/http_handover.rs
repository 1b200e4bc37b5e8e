//! The hand-over file from outside: a phone without a radio, somebody who carries its day to the office, and files that lie.

use xiaohao_server::service::{audit, directory};
use xiaohao_shared::api::{Enrol, Held, HeldDecision, ProblemKind, SavePerson};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{DeviceId, IssueId, OfficeId, ZoneId};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Photo, Role, Stage};
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::sync::handover::{Fault, Maker, PATH, Picture, TOLERANCE, pack};
use xiaohao_shared::sync::wire::Verdict;
use xiaohao_tests::edits::{new_issue, picture, remark, report, step};
use xiaohao_tests::handover::{body, file, hash, import, picture as picture_of, read, unsent};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{TestDevice, TestServer};

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

fn maker(server: &TestServer, phone: &Phone) -> Maker {
    let office = Some(directory::id(&server.service));
    Maker { office, device: phone.device.device(), person: phone.person.id, at: phone.now() }
}

/// What the phone's own app would put into the file.
fn export(server: &TestServer, phone: &Phone, photos: &[Vec<u8>]) -> Vec<u8> {
    file(&phone.device.key, maker(server, phone), &unsent(&phone.storage), photos)
}

fn photographed(phone: &Phone, edit: Edit, picture: &[u8]) -> Edit {
    let (by, size) = (phone.person.id, picture.len() as u64);
    let photo = Photo {
        stage: Stage::Before,
        by,
        taken_at: phone.now(),
        w: 40,
        h: 30,
        size,
        mime: "image/png".into(),
        thumb: None,
    };
    edit.with_photos([(hash(picture), photo)].into())
}

/// Everything that an import could change, counted.
async fn counts(server: &TestServer) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "SELECT COUNT(*) FROM changes",
        "SELECT COUNT(*) FROM issues",
        "SELECT COUNT(*) FROM remarks",
        "SELECT COUNT(*) FROM held",
        "SELECT COUNT(*) FROM blobs",
    ] {
        counts.push(sqlx::query_scalar(sql).fetch_one(&server.service.store).await.expect("SQL answers"));
    }
    counts
}

async fn assert_sound(server: &TestServer) {
    let report = audit::verify(&server.service).await.expect("verify");
    assert_eq!(report.findings, Vec::<String>::new());
}

fn accepted(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Accepted { .. })).count()
}

fn known(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Known { .. })).count()
}

fn reasons(verdicts: &[Verdict]) -> Vec<String> {
    let reason = |verdict: &Verdict| match verdict {
        Verdict::Held(why) => format!("held {}", why.0),
        Verdict::Refused(why) => format!("refused {}", why.0),
        other => format!("{other:?}"),
    };
    verdicts.iter().map(reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_a_phone_without_a_radio_is_carried_by_somebody_else_and_stays_its_makers() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let courier = phone(&server, "乙", Role::Cadre, &[2]).await;
    let (issue, photo) = (new_issue(), picture(3));
    let words = report(a.person.id, 1, "旱厕未改");
    a.save(issue, photographed(&a, words, &photo)).expect("saved");
    a.save(issue, remark(a.person.id, "住户同意改造")).expect("saved");
    let day = export(&server, &a, std::slice::from_ref(&photo));

    assert_eq!(accepted(&import(&courier.device, &day).await.expect("taken in")), 2);
    let (reporter, device, brought): (u32, i64, i64) = sqlx::query_as(
        "SELECT i.reporter_id, c.device, COUNT(b.sha) FROM issues i JOIN changes c ON c.issue_id = i.issue_id \
         JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256",
    )
    .fetch_one(&server.service.store)
    .await
    .expect("SQL answers");
    assert_eq!((reporter, device.unsigned_abs()), (a.person.id.0, a.device.device().0), "not the courier's");
    assert!(brought > 0, "with its photo");
    assert_eq!(courier.read(issue), None, "carrying a file shows nobody a zone that is not his");

    let before = counts(&server).await;
    assert_eq!(before, [2, 1, 1, 0, 1]);
    assert_eq!(known(&import(&courier.device, &day).await.expect("taken in")), 2);
    assert_eq!(counts(&server).await, before, "twice changes nothing");

    assert_eq!(a.storage.found.unsent.len(), 2, "an export is no delivery");
    assert_eq!(a.sync().await, None);
    assert_eq!((a.status.unsent, a.refused().len()), (0, 0), "the office has it already");
    assert!(a.storage.documents[&issue].number.is_some());
    assert_eq!(counts(&server).await, before);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_synced_before_the_file_arrives_is_known_and_the_rest_is_merged() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "占道经营")).expect("saved");
    assert_eq!((a.sync().await, b.sync().await), (None, None));
    a.save(issue, remark(a.person.id, "早上")).expect("saved");
    let morning = export(&server, &a, &[]);
    a.save(issue, remark(a.person.id, "下午")).expect("saved");
    let evening = export(&server, &a, &[]);
    b.save(issue, remark(b.person.id, "同时")).expect("saved");
    assert_eq!(b.sync().await, None);
    // Out of order, and one within the other.
    assert_eq!(accepted(&import(&b.device, &evening).await.expect("taken in")), 2);
    assert_eq!(known(&import(&b.device, &morning).await.expect("taken in")), 1);
    assert_eq!((b.sync().await, a.sync().await, b.sync().await), (None, None, None));
    assert_eq!(a.read(issue).expect("issue").remarks.len(), 3);
    assert_eq!(a.read(issue), b.read(issue));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_records_of_a_large_day_are_a_few_small_requests_before_any_photo() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut pictures = Vec::new();
    for _ in 0..60 {
        let shots: Vec<Vec<u8>> = (0..4).map(|_| xiaohao_server::service::random::<32>().to_vec()).collect();
        let mut edit = report(a.person.id, 1, "占道经营，店主不在，已拍照，下午再来");
        for pair in shots.chunks(2) {
            edit = photographed(&a, edit, &pair[0]);
            pictures.push(Picture { size: 200_000, ..picture_of(&pair[0]) });
            pictures.push(Picture { size: 12_000, thumb: true, ..picture_of(&pair[1]) });
        }
        a.save(new_issue(), edit).expect("saved");
    }
    let drafts = pack(maker(&server, &a), &unsent(&a.storage).pushes, &[], &pictures);
    let head = drafts[0].manifest.len() + 68;
    let requests: Vec<usize> = drafts[0].records.iter().map(|section| head + section.len()).collect();
    println!("60 reports, 120 photos: {requests:?} bytes");
    assert_eq!((drafts.len(), drafts[0].photos.len()), (1, 240));
    // At 64 kbit/s, 40 KB take five seconds.
    assert!(requests.len() <= 2 && requests.iter().sum::<usize>() < 40_000, "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_forged_is_foreign_or_from_the_future_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let elsewhere = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let courier = phone(&server, "乙", Role::Cadre, &[1]).await;
    let stranger = phone(&elsewhere, "丙", Role::Cadre, &[1]).await;
    a.save(new_issue(), report(a.person.id, 1, "暴露垃圾")).expect("saved");
    let (honest, work) = (maker(&server, &a), unsent(&a.storage));
    let made = |key: &TestDevice, maker: Maker| file(&key.key, maker, &work, &[picture(9)]);
    let day = made(&a.device, honest);
    let before = counts(&server).await;

    let foreign = Maker { office: Some(directory::id(&elsewhere.service)), ..maker(&elsewhere, &stranger) };
    let nobody = DeviceId(honest.device.0 ^ 1);
    let cases = [
        (day[..day.len() - 1].to_vec(), Fault::Truncated, ProblemKind::HandoverDamaged),
        (day[..70].to_vec(), Fault::Truncated, ProblemKind::HandoverDamaged),
        (made(&courier.device, honest), Fault::Forged, ProblemKind::HandoverForged),
        (made(&a.device, Maker { person: courier.person.id, ..honest }), Fault::Forged, ProblemKind::HandoverForged),
        (
            made(&a.device, Maker { device: courier.device.device(), ..honest }),
            Fault::Forged,
            ProblemKind::HandoverForged,
        ),
        (made(&stranger.device, foreign), Fault::OtherOffice, ProblemKind::HandoverOtherOffice),
        (
            made(&a.device, Maker { office: Some(OfficeId([0; 8])), ..honest }),
            Fault::OtherOffice,
            ProblemKind::HandoverOtherOffice,
        ),
        (
            made(&stranger.device, Maker { office: None, device: nobody, ..honest }),
            Fault::UnknownDevice,
            ProblemKind::HandoverUnknownDevice,
        ),
        (
            made(&a.device, Maker { at: a.now() + TOLERANCE + 60_000, ..honest }),
            Fault::FromFuture,
            ProblemKind::HandoverFromFuture,
        ),
    ];
    for (at, (bytes, fault, kind)) in cases.iter().enumerate() {
        let stopped = import(&courier.device, bytes).await.expect_err("refused");
        assert_eq!((stopped.fault(), fault.kind()), (Some(*fault), *kind), "case {at}");
        assert_eq!(counts(&server).await, before, "case {at}");
    }
    // The same file, honest, still goes in afterwards; and one of a phone whose clock is in another zone.
    assert_eq!(accepted(&import(&courier.device, &day).await.expect("taken in")), 1);
    let zone = Maker { at: a.now() + TOLERANCE / 2, ..honest };
    assert_eq!(known(&import(&courier.device, &made(&a.device, zone)).await.expect("taken in")), 1);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_of_a_request_on_its_way_is_taken_in() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let courier = phone(&server, "乙", Role::Cadre, &[1]).await;
    a.save(new_issue(), report(a.person.id, 1, "油烟污染")).expect("saved");
    let parcel = read(&export(&server, &a, &[])).expect("whole").remove(0);
    let whole = body(&parcel.head, &parcel.records[0]);
    let before = counts(&server).await;
    assert_eq!(server.plain("POST", PATH, &[]).await.status, 401, "only an enrolled device brings anything");
    for length in (0..whole.len()).step_by(23) {
        let problem = courier.device.post(PATH, &whole[..length]).await.problem();
        assert_eq!(problem.kind, ProblemKind::HandoverDamaged, "cut at {length}");
    }
    for at in (0..whole.len()).step_by(11) {
        let mut other = whole.clone();
        other[at] ^= 1 << (at % 8);
        let problem = courier.device.post(PATH, other).await.problem();
        assert!(Fault::of(problem.kind).is_some(), "byte {at}: {problem:?}");
    }
    assert_eq!(counts(&server).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_is_judged_as_in_the_makers_own_sync() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut thief = phone(&server, "乙", Role::Cadre, &[1]).await;
    let (good, foreign) = (new_issue(), new_issue());
    a.save(good, report(a.person.id, 1, "道路破损")).expect("saved");
    a.save(foreign, report(a.person.id, 9, "不在我的片区")).expect("saved");
    a.save(good, step(a.person.id, Action::File, State::Reported, Some(State::Filed))).expect("saved");
    let verdicts = import(&thief.device, &export(&server, &a, &[])).await.expect("taken in");
    assert_eq!(accepted(&verdicts), 1);
    assert_eq!(reasons(&verdicts)[1..], ["refused not_your_zone", "refused role_may_not"]);
    // The work of one device in the parcel of another is nobody's.
    thief.save(new_issue(), report(thief.person.id, 1, "乙的")).expect("saved");
    let stolen = file(&thief.device.key, maker(&server, &thief), &unsent(&a.storage), &[]);
    let verdicts = import(&a.device, &stolen).await.expect("an answer");
    assert_eq!(accepted(&verdicts), 0);
    // The phone is told the same by its own sync, and keeps what was refused.
    assert_eq!(a.sync().await, None);
    let mut refused: Vec<&str> = a.refused().iter().map(|refused| refused.refusal.0.as_str()).collect();
    refused.sort_unstable();
    assert_eq!((a.status.unsent, refused), (0, vec!["not_your_zone", "role_may_not"]));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_courier_brings_as_his_own_is_refused_to_him_and_still_heard_from_its_maker() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let courier = phone(&server, "乙", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "积存垃圾")).expect("saved");
    a.save(issue, remark(a.person.id, "第一句")).expect("saved");
    let taken_out = file(&courier.device.key, maker(&server, &courier), &unsent(&a.storage), &[]);
    for _ in 0..2 {
        let verdicts = import(&courier.device, &taken_out).await.expect("an answer");
        assert_eq!(reasons(&verdicts), ["refused foreign_actor"; 2]);
    }
    assert_eq!((a.sync().await, a.status.unsent, a.refused().len()), (None, 0, 0));
    assert_eq!(written(&server, issue).await.len(), 1);
    assert_sound(&server).await;
}

async fn decide(desk: &TestDevice, words: &[&str]) {
    for words in words {
        let held: Vec<Held> = desk.get("/api/held").await.json();
        let held = held.iter().find(|held| held.content.contains(words)).expect("it waits");
        assert!(held.adoptable);
        let answer = desk.post_json(&format!("/api/held/{}", held.hash), &HeldDecision::Adopt).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
}

async fn written(server: &TestServer, issue: IssueId) -> Vec<(String, u32, Option<u32>)> {
    sqlx::query_as("SELECT text, by_id, adopted_by FROM remarks WHERE issue_id = $1 ORDER BY position")
        .bind(issue.to_string())
        .fetch_all(&server.service.store)
        .await
        .expect("SQL answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn work_under_a_zone_that_was_taken_away_waits_for_the_desk_with_all_that_builds_on_it() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "积存垃圾")).expect("saved");
    assert_eq!(a.sync().await, None);
    a.save(issue, remark(a.person.id, "第一句")).expect("saved");
    a.save(issue, remark(a.person.id, "第二句")).expect("saved");
    let moved = SavePerson {
        id: Some(a.person.id),
        name: "甲".into(),
        role: Role::Cadre,
        zones: vec![ZoneId(5)],
        active: true,
    };
    directory::put_person(&server.service, moved).await.expect("moved");
    let verdicts = import(&desk.device, &export(&server, &a, &[])).await.expect("taken in");
    assert_eq!(reasons(&verdicts), ["held not_your_zone", "held not_your_zone"]);
    assert_eq!(a.sync().await, None);
    assert!(a.status.unsent == 0 && a.refused().len() == 2 && a.refused().iter().all(|refused| refused.held));
    decide(&desk.device, &["第一句", "第二句"]).await;
    let (by, desk) = (a.person.id.0, Some(desk.person.id.0));
    assert_eq!(written(&server, issue).await, [("第一句".into(), by, desk), ("第二句".into(), by, desk)]);
    assert_eq!((a.sync().await, a.refused().len()), (None, 0), "their author is told");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_a_revoked_device_waits_for_the_desk_and_is_not_lost() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let (issue, photo) = (new_issue(), picture(5));
    let words = report(a.person.id, 1, "停用前的上报");
    a.save(issue, photographed(&a, words, &photo)).expect("saved");
    let morning = export(&server, &a, &[]);
    a.save(issue, remark(a.person.id, "停用前的留言")).expect("saved");
    let admin = server.person("管理员", Role::Administrator, &[]).await;
    let admin = server.enrol(&admin).await;
    let path = format!("/api/admin/devices/{}/revoke", a.device.device());
    assert_eq!(admin.post_json(&path, &()).await.status, 200);

    assert_eq!(reasons(&import(&desk.device, &morning).await.expect("taken in")), ["held device_revoked"]);
    let whole = export(&server, &a, std::slice::from_ref(&photo));
    // What the remark builds on came with another file, and is looked up.
    let verdicts = import(&desk.device, &whole).await.expect("taken in");
    assert_eq!(reasons(&verdicts), ["held device_revoked", "held builds_on_held"]);
    assert_eq!(counts(&server).await, [0, 0, 0, 2, 1], "nothing merged, nothing lost");
    assert_eq!(reasons(&import(&desk.device, &whole).await.expect("taken in")), reasons(&verdicts));
    assert_eq!(counts(&server).await, [0, 0, 0, 2, 1]);

    decide(&desk.device, &["停用前的上报", "停用前的留言"]).await;
    assert_eq!(written(&server, issue).await, [("停用前的留言".into(), a.person.id.0, Some(desk.person.id.0))]);
    let reporter: u32 =
        sqlx::query_scalar("SELECT reporter_id FROM issues").fetch_one(&server.service.store).await.expect("SQL");
    assert_eq!(reporter, a.person.id.0);
    assert_sound(&server).await;
}

async fn demoted(server: &TestServer, phone: &Phone, zone: u32) {
    let (id, name, zones) = (Some(phone.person.id), phone.person.name.clone(), vec![ZoneId(zone)]);
    let wish = SavePerson { id, name, role: Role::Cadre, zones, active: true };
    directory::put_person(&server.service, wish).await.expect("saved");
}

async fn changes(server: &TestServer) -> i64 {
    counts(server).await[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_adopted_from_a_file_is_not_written_again_by_its_maker() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Supervisor, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "积存垃圾")).expect("saved");
    assert_eq!(a.sync().await, None);
    a.save(issue, step(a.person.id, Action::Void, State::Reported, Some(State::Void))).expect("saved");
    a.save(issue, remark(a.person.id, "第一句")).expect("saved");
    demoted(&server, &a, 1).await;
    let verdicts = import(&desk.device, &export(&server, &a, &[])).await.expect("taken in");
    assert_eq!(reasons(&verdicts), ["held role_may_not", "held builds_on_held"]);
    decide(&desk.device, &["现场情况属实", "第一句"]).await;
    let of_desk = (changes(&server).await, written(&server, issue).await);
    assert_eq!((of_desk.0, of_desk.1.len()), (3, 1));
    a.save(issue, remark(a.person.id, "第二句")).expect("saved");
    assert_eq!((a.sync().await, a.sync().await), (None, None));
    assert_eq!((a.status.unsent, a.refused().len(), changes(&server).await), (0, 0, 4));
    assert_eq!(a.read(issue).map(|issue| (issue.remarks.len(), issue.state)), Some((2, State::Void)));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_office_got_back_adopted_is_known_when_its_maker_brings_it() {
    for revoked in [true, false] {
        let server = TestServer::start().await;
        let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
        let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
        let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
        let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
        let issue = new_issue();
        a.save(issue, report(a.person.id, 1, "离任前的上报")).expect("saved");
        a.save(issue, remark(a.person.id, "离任前的留言")).expect("saved");
        if revoked {
            let path = format!("/api/admin/devices/{}/revoke", a.device.device());
            assert_eq!(admin.post_json(&path, &()).await.status, 200);
        } else {
            demoted(&server, &a, 5).await;
        }
        let backup = server.backup().await;
        let verdicts = import(&desk.device, &export(&server, &a, &[])).await.expect("taken in");
        assert!(reasons(&verdicts).iter().all(|reason| reason.starts_with("held")));
        decide(&desk.device, &["离任前的上报", "离任前的留言"]).await;
        assert_eq!(b.sync().await, None);

        let server = server.restore(&backup).await;
        for phone in [&mut a, &mut b, &mut desk] {
            phone.device = phone.device.clone().at(&server);
        }
        assert_eq!((b.sync().await, changes(&server).await), (None, 2), "another phone brought it back");
        if !revoked {
            demoted(&server, &a, 1).await;
        }
        a.save(issue, remark(a.person.id, "回来后的留言")).expect("saved");
        let stopped = revoked.then_some(Failure::Revoked);
        assert_eq!((a.sync().await, a.sync().await), (stopped, stopped));
        let left: Vec<_> = a.refused().iter().map(|refused| (refused.refusal.0.clone(), refused.held)).collect();
        let waits = revoked.then(|| ("builds_on_held".to_owned(), true));
        assert_eq!((a.status.unsent, left), (0, waits.into_iter().collect()), "revoked: {revoked}");
        if revoked {
            decide(&desk.device, &["回来后的留言"]).await;
        }
        let texts: Vec<String> = written(&server, issue).await.into_iter().map(|(text, ..)| text).collect();
        assert_eq!((changes(&server).await, texts), (3, vec!["离任前的留言".into(), "回来后的留言".into()]));
        assert_sound(&server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_brings_its_own_work_itself_for_the_desk_and_nobody_elses() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    a.save(new_issue(), report(a.person.id, 1, "停用后的活")).expect("saved");
    b.save(new_issue(), report(b.person.id, 1, "别人的活")).expect("saved");
    assert_eq!(a.device.post("/api/doubt", "").await.status, 200);
    let path = format!("/api/admin/devices/{}/revoke", a.device.device());
    assert_eq!(admin.post_json(&path, &()).await.status, 200);
    let own = file(&a.device.key, maker(&server, &a), &unsent(&a.storage), &[]);
    let verdicts = import(&a.device, &own).await.expect("taken in");
    assert_eq!(reasons(&verdicts), ["held device_revoked"]);
    let foreign = export(&server, &b, &[]);
    assert!(import(&a.device, &foreign).await.is_err());
    assert_eq!(counts(&server).await[..4], [0, 0, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_vault_was_thrown_away_delivers_its_own_work_and_its_photos_and_learns_nothing() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (issue, photo) = (new_issue(), picture(4));
    let words = photographed(&a, report(a.person.id, 1, "保险箱外的活"), &photo);
    a.save(issue, words).expect("saved");
    assert_eq!(a.device.post("/api/doubt", "").await.status, 200);
    assert!(a.sync().await.is_some(), "nothing comes down");
    let own = file(&a.device.key, maker(&server, &a), &unsent(&a.storage), &[]);
    let verdicts = import(&a.device, &own).await.expect("taken");
    assert_eq!((accepted(&verdicts), verdicts.len()), (1, 1));
    assert_eq!(a.device.upload(&photo).await.status, 201);
    let name = hash(&photo);
    assert_eq!(a.device.get(&format!("/api/photos/{name}")).await.problem().kind, ProblemKind::ProveFirst);
    let code = server.code(a.person.id).await;
    let wish = Enrol { code: Some(code), device: a.device.id, ..a.device.newcomer() };
    let mut key = a.device.clone();
    key.id = None;
    assert_eq!(key.post_json("/api/enrol", &wish).await.status, 200);
    // The app begins anew with what it has.
    a.crash();
    assert_eq!(a.sync().await, None);
    assert!(unsent(&a.storage).pushes.is_empty(), "it learns that the office has it");
    assert_sound(&server).await;
}

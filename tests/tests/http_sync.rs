//! The sync from outside: real engines over real HTTP against the real server and its SQLite.

use tempfile::TempDir;
use xiaohao_server::service::{audit, directory};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{
    Board, DecideHeld, Held, HeldDecision, Journaled, MAX_OFFERED, Office, ProblemKind, RuleChange, SavePerson, Wanted,
    WantedPhoto, Was,
};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{Actor, DeviceId, IssueId, PhotoId, ZoneId};
use xiaohao_shared::import::Import;
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::{Limit, LimitUnit};
use xiaohao_shared::model::deadline::{self, Terms};
use xiaohao_shared::model::rules::{Condition, Limits, OwnKind, RuleWish, Rules};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Person, Role, Stage};
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::sync::wire::{self, Push, Request, Response, Verdict};
use xiaohao_shared::time::{DAY, MINUTE};
use xiaohao_tests::edits::{new_issue, photo, remark, report, step};
use xiaohao_tests::phone::{Phone, nothing};
use xiaohao_tests::{TestDevice, TestServer};

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

async fn supervisor(server: &TestServer) -> Phone {
    phone(server, "指挥", Role::Supervisor, &[1, 2, 3]).await
}

async fn assert_sound(server: &TestServer) {
    let report = audit::verify(&server.service).await.expect("verify");
    assert_eq!(report.findings, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_report_offline_and_the_office_sees_both() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let (one, two) = (new_issue(), new_issue());
    a.save(one, report(a.person.id, 1, "旱厕未改")).expect("saved");
    b.save(two, report(b.person.id, 1, "占道经营")).expect("saved");
    assert_eq!((a.status.unsent, b.status.unsent), (1, 1));
    assert_eq!((a.sync().await, b.sync().await, a.sync().await), (None, None, None));
    for phone in [&a, &b] {
        assert_eq!(phone.read(one).expect("one").description, "旱厕未改");
        assert_eq!(phone.read(two).expect("two").description, "占道经营");
        assert_eq!(phone.status.unsent, 0);
        assert!(phone.storage.documents[&one].number.is_some());
    }
    let desk = supervisor(&server).await;
    let board: Board = desk.device.get("/api/board").await.json();
    assert_eq!(board.columns.iter().map(|column| column.count).sum::<u64>(), 2);
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM problem_list")
        .fetch_one(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(rows, 2);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_costs_a_repeat_and_never_a_duplicate() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "暴露垃圾")).expect("saved");
    a.lose_answers = 1;
    assert_eq!(a.sync().await, Some(Failure::Offline));
    assert_eq!(a.status.unsent, 1, "without an answer nothing counts as sent");
    a.crash();
    a.save(issue, remark(a.person.id, "还在")).expect("saved");
    assert_eq!(a.sync().await, None);
    assert_eq!(a.status.unsent, 0);
    let counts: (i64, i64) = sqlx::query_as("SELECT (SELECT COUNT(*) FROM changes), (SELECT COUNT(*) FROM issues)")
        .fetch_one(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(counts, (2, 1));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_values_of_a_concurrent_change_are_seen_and_one_is_decided() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut other = phone(&server, "副指挥", Role::Supervisor, &[1]).await;
    let issue = new_issue();
    desk.save(issue, report(desk.person.id, 1, "乱堆杂物")).expect("saved");
    assert_eq!((desk.sync().await, other.sync().await), (None, None));
    desk.save(issue, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).expect("saved");
    other.save(issue, step(other.person.id, Action::Void, State::Reported, Some(State::Void))).expect("saved");
    assert_eq!((desk.sync().await, other.sync().await, desk.sync().await), (None, None, None));
    assert_eq!((desk.refused(), other.refused()), ([].as_slice(), [].as_slice()));
    for phone in [&desk, &other] {
        let conflicts = phone.document(issue).expect("document").conflicts();
        assert_eq!((conflicts.len(), conflicts[0].versions.len()), (1, 2));
        assert!(conflicts[0].versions.iter().all(|version| version.by.is_some() && version.at.is_some()));
    }
    let board: Board = desk.device.get("/api/board").await.json();
    assert_eq!(board.undecided.len(), 1);
    let shown = other.read(issue).expect("issue").state;
    let decision = step(other.person.id, Action::Decide, shown, None).with(Value::State(State::Filed));
    other.save(issue, decision).expect("saved");
    assert_eq!((other.sync().await, desk.sync().await), (None, None));
    for phone in [&desk, &other] {
        assert!(phone.document(issue).expect("document").conflicts().is_empty());
        assert_eq!(phone.read(issue).expect("issue").state, State::Filed);
    }
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_changes_zone_leaves_the_old_phones_and_arrives_at_the_new() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut old = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut new = phone(&server, "乙", Role::Cadre, &[2]).await;
    let issue = new_issue();
    old.save(issue, report(old.person.id, 1, "道路破损")).expect("saved");
    assert_eq!((old.sync().await, desk.sync().await, new.sync().await), (None, None, None));
    desk.save(issue, step(desk.person.id, Action::Amend, State::Reported, None).with(Value::Zone(ZoneId(2))))
        .expect("saved");
    old.save(issue, remark(old.person.id, "已拍照")).expect("saved");
    assert_eq!(desk.sync().await, None);
    assert_eq!((old.sync().await, new.sync().await, old.sync().await), (None, None, None));
    assert!(old.read(issue).is_none(), "the old zone lets go");
    assert_eq!(old.status.unsent, 0, "what was written in good faith arrived");
    assert_eq!(new.read(issue).expect("issue").remarks.len(), 1);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_under_a_role_that_was_taken_away_is_held_and_can_be_adopted() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "油烟污染")).expect("saved");
    assert_eq!(a.sync().await, None);
    a.save(issue, remark(a.person.id, "店主答应明天清洗")).expect("saved");
    let moved = SavePerson {
        id: Some(a.person.id),
        name: "甲".into(),
        role: Role::Cadre,
        zones: vec![ZoneId(5)],
        active: true,
    };
    directory::put_person(&server.service, moved).await.expect("moved");
    assert_eq!(a.sync().await, None);
    assert_eq!(a.refused().len(), 1);
    assert!(a.refused()[0].held);
    assert!(a.read(issue).is_none(), "the zone was taken away");
    let held: Vec<Held> = desk.device.get("/api/held").await.json();
    assert_eq!((held.len(), held[0].adoptable, held[0].person), (1, true, a.person.id));
    let left: Vec<Held> =
        desk.device.post_json(&format!("/api/held/{}", held[0].hash), &HeldDecision::Adopt).await.json();
    assert!(left.is_empty());
    assert_eq!(desk.sync().await, None);
    let remarks = desk.read(issue).expect("issue").remarks;
    assert_eq!((remarks[0].record.by, remarks[0].record.adopted_by), (a.person.id, Some(desk.person.id)));
    assert_eq!((a.refused().len(), a.sync().await, a.refused().len()), (1, None, 0), "its author is told");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_by_a_clock_of_another_year_is_set_anew_by_the_offices_clock() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    cadre.save(issue, report(cadre.person.id, 1, "乱堆杂物")).expect("saved");
    assert_eq!((cadre.sync().await, desk.sync().await), (None, None));
    desk.save(issue, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).expect("saved");
    let (calendar, rules, now) = (Calendar::default(), Rules::default(), server.service.now());
    let terms = Terms { calendar: &calendar, rules: &rules };
    let due_from = |start| deadline::usual(Action::Dispatch, &desk.read(issue).expect("issue"), terms, start);
    let next_year = now + 365 * DAY;
    let mut dispatch = step(desk.person.id, Action::Dispatch, State::Filed, Some(State::Dispatched))
        .with(Value::Assignee(Some(cadre.person.id)))
        .with(Value::Due(due_from(next_year)));
    let record = &mut dispatch.step.as_mut().expect("a step").record;
    (record.at, record.until) = (next_year, due_from(next_year));
    let right = due_from(now);
    desk.save(issue, dispatch).expect("saved");
    assert_eq!((desk.sync().await, desk.sync().await, cadre.sync().await), (None, None, None));
    for phone in [&desk, &cadre] {
        let read = phone.read(issue).expect("issue");
        // The office's clock went on between the two readings.
        assert!((0..MINUTE).contains(&(read.due.expect("a deadline") - right.expect("a limit"))), "{:?}", read.due);
        assert_eq!(read.steps.last().expect("steps").record.action, Action::CorrectDeadline);
        assert!(phone.document(issue).expect("document").conflicts().is_empty());
    }
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_the_office_set_reaches_phones_and_moves_no_deadline_that_stands() {
    let server = TestServer::start().await;
    let keeper = server.person("管理", Role::Administrator, &[]).await;
    let admin = server.enrol(&keeper).await;
    let mut desk = supervisor(&server).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut dispatched = async |desk: &mut Phone, office: &Office| {
        let issue = new_issue();
        cadre.save(issue, report(cadre.person.id, 1, "乱堆杂物")).expect("saved");
        assert_eq!((cadre.sync().await, desk.sync().await), (None, None));
        desk.save(issue, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).expect("saved");
        let (read, next_year) = (desk.read(issue).expect("issue"), desk.now() + 365 * DAY);
        let due = deadline::usual(Action::Dispatch, &read, office.terms(), next_year);
        let mut dispatch = step(desk.person.id, Action::Dispatch, State::Filed, Some(State::Dispatched))
            .with(Value::Assignee(Some(cadre.person.id)))
            .with(Value::Due(due));
        let record = &mut dispatch.step.as_mut().expect("a step").record;
        (record.at, record.until) = (next_year, due);
        desk.save(issue, dispatch).expect("saved");
        assert_eq!((desk.sync().await, desk.sync().await), (None, None));
        issue
    };
    let before: Office = desk.device.get("/api/office").await.json();
    let first = dispatched(&mut desk, &before).await;
    let stands = desk.read(first).expect("issue");
    let condition = Condition { kind: stands.kind, place_type: Some(stands.place_type) };
    let days = |amount| Limit { amount, unit: LimitUnit::CalendarDay };
    let limits = Limits { ordinary: days(77), urgent: days(40), very_urgent: days(20) };
    let wish = RuleWish::Limits(condition, Some(limits));
    let rules: Rules = admin.post_json("/api/admin/catalogue", &wish).await.json();
    let after: Office = desk.device.get("/api/office").await.json();
    assert_eq!((&after.rules, after.version > before.version), (&rules, true));
    let second = dispatched(&mut desk, &after).await;
    let due = |issue| desk.read(issue).expect("issue").due.expect("a deadline");
    assert_eq!(due(first), stands.due.expect("a deadline"));
    let right = server.service.now() + 77 * DAY;
    assert!((0..MINUTE).contains(&(right - due(second))), "the office's clock counts by the office's rule");

    let changes: Vec<RuleChange> = desk.device.get("/api/catalogue/changes").await.json();
    let [change] = &changes[..] else { panic!("one change: {changes:?}") };
    assert_eq!((change.by, &change.wish, &change.was), (keeper.id, &Journaled::Known(wish.clone()), &None));
    let again: Rules = admin.post_json("/api/admin/catalogue", &wish).await.json();
    let once: Vec<RuleChange> = desk.device.get("/api/catalogue/changes").await.json();
    assert_eq!((again, once.len()), (rules, 1), "what changes nothing is no change");
    let nothing = RuleWish::Limits(condition, Some(Limits { ordinary: days(0), ..limits }));
    assert_eq!(admin.post_json("/api/admin/catalogue", &nothing).await.problem().status, 400);
    assert_eq!(desk.device.post_json("/api/admin/catalogue", &wish).await.problem().kind, ProblemKind::Forbidden);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_the_offices_own_is_reported_and_leaves_the_office_under_its_name_and_closing_condition() {
    let server = TestServer::start().await;
    let keeper = server.person("管理", Role::Administrator, &[]).await;
    let admin = server.enrol(&keeper).await;
    let (mut cadre, desk) = (phone(&server, "甲", Role::Cadre, &[1]).await, supervisor(&server).await);
    let kind = Rules::default().free_kind().expect("a free code");
    let named = |name: &str, was: Option<&str>| RuleWish::Own {
        own: OwnKind { kind, name: name.into() },
        was: was.map(Into::into),
    };
    let close = |words: &str| RuleWish::CloseWhen(Condition { kind, place_type: None }, Some(words.into()));
    assert_eq!(admin.post_json("/api/admin/catalogue", &close("车辆归位")).await.problem().reason, Some(Reason::Rule));
    for wish in [named("共享单车", None), named("共享单车乱放", Some("共享单车")), close("车辆归位")]
    {
        admin.post_json("/api/admin/catalogue", &wish).await.json::<Rules>();
    }
    let late = admin.post_json("/api/admin/catalogue", &named("飞线充电", None)).await.problem();
    assert_eq!((late.status, late.reason), (409, Some(Reason::KindMoved)), "it had seen a free code");
    let limits = RuleWish::Limits(Condition { kind, place_type: None }, Some(Limits::usual(kind)));
    let form = [limits, close("地面\n无残留")];
    assert_eq!(admin.post_json("/api/admin/catalogue", &form).await.problem().reason, Some(Reason::Rule));
    let office: Office = desk.device.get("/api/office").await.json();
    assert!(office.rules.limits.is_empty(), "of a form that cannot be saved nothing is");
    let mut edit = report(cadre.person.id, 1, "堵了人行道");
    edit.sets.retain(|value| !matches!(value, Value::Kind(_)));
    cadre.save(new_issue(), edit.with(Value::Kind(kind))).expect("saved");
    assert_eq!((cadre.sync().await, cadre.refused().len()), (None, 0));
    let file = desk.device.get("/api/export?format=csv").await.body;
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("共享单车乱放：堵了人行道") && text.contains("车辆归位"), "{text}");
    let changes: Vec<RuleChange> = desk.device.get("/api/catalogue/changes").await.json();
    let before: Vec<_> = changes.into_iter().map(|change| change.was).collect();
    assert_eq!(before, [None, Some(Was::Words("共享单车".into())), None]);
    let list = "问题类型,问题,片区\n共享单车乱放,路口一堆,1号片区\n";
    let Import::Read(sheet) = desk.device.post("/api/import", list).await.json() else { panic!("a list") };
    assert_eq!(sheet.drafts.iter().map(|draft| draft.report.kind).collect::<Vec<_>>(), [kind]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_any_more_is_still_taken_from_a_phone_that_has_not_heard() {
    let server = TestServer::start().await;
    let admin = server.enrol(&server.person("管理", Role::Administrator, &[]).await).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    cadre.save(issue, report(cadre.person.id, 1, "乱堆杂物")).expect("saved");
    let kind = cadre.read(issue).expect("issue").kind;
    admin.post_json("/api/admin/catalogue", &RuleWish::Offer(kind, false)).await.json::<Rules>();
    assert_eq!((cadre.sync().await, cadre.refused().len()), (None, 0));
    let office: Office = cadre.device.get("/api/office").await.json();
    assert!(!office.rules.offers(kind));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_workflow_runs_from_report_to_struck_off() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut finder = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut worker = phone(&server, "乙", Role::Cadre, &[1]).await;
    let issue = new_issue();
    finder.save(issue, report(finder.person.id, 1, "积存垃圾")).expect("saved");
    assert_eq!((finder.sync().await, desk.sync().await), (None, None));
    let (by, due) = (desk.person.id, desk.now() + 86_400_000);
    desk.save(issue, step(by, Action::File, State::Reported, Some(State::Filed))).expect("saved");
    let mut dispatch = step(by, Action::Dispatch, State::Filed, Some(State::Dispatched));
    dispatch.step.as_mut().expect("a step").record.until = Some(due);
    let dispatch = dispatch.with(Value::Assignee(Some(worker.person.id))).with(Value::Due(Some(due)));
    desk.save(issue, dispatch).expect("saved");
    assert_eq!((desk.sync().await, worker.sync().await), (None, None));
    let by = worker.person.id;
    worker.save(issue, step(by, Action::Start, State::Dispatched, Some(State::Handling))).expect("saved");
    let after = photo(by, Stage::After);
    let hand_in = step(by, Action::HandIn, State::Handling, Some(State::ToCheck)).with_photos(after);
    worker.save(issue, hand_in).expect("saved");
    worker.save(issue, step(by, Action::Close, State::ToCheck, Some(State::Closed))).expect("saved");
    assert_eq!((worker.sync().await, finder.sync().await), (None, None));
    let refused: Vec<_> = worker.refused().iter().map(|refused| refused.refusal.0.as_str()).collect();
    assert_eq!(refused, ["own_work"], "who rectified does not check");
    assert_eq!(worker.read(issue).expect("issue").state, State::ToCheck, "the refused change was taken back");
    finder.save(issue, step(finder.person.id, Action::Close, State::ToCheck, Some(State::Closed))).expect("saved");
    assert_eq!((finder.sync().await, desk.sync().await), (None, None));
    assert_eq!(desk.read(issue).expect("issue").state, State::Closed);
    assert_sound(&server).await;
}

/// Sends raw changes as a hostile phone would.
async fn push(device: &TestDevice, pushes: Vec<(IssueId, Vec<u8>)>) -> Vec<Verdict> {
    let pushes = pushes.into_iter().map(|(issue, change)| Push { issue, change }).collect();
    let request = Request { pushes, ..nothing() };
    let answer = device.post(wire::PATH, wire::pack(&request)).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    wire::unpack::<Response>(&answer.body).expect("a page").verdicts
}

fn refusal(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Refused(why) => &why.0,
        other => panic!("not refused: {other:?}"),
    }
}

fn write(document: &mut Document, device: DeviceId, edit: &Edit) -> Vec<u8> {
    document.edit(Actor { device, nonce: rand_nonce() }, edit).expect("an edit").bytes
}

fn rand_nonce() -> u64 {
    u64::from_be_bytes(xiaohao_server::service::random())
}

async fn cadre(server: &TestServer) -> (Person, TestDevice) {
    let person = server.person("丙", Role::Cadre, &[1]).await;
    let device = server.enrol(&person).await;
    (person, device)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_forbidden_change_is_refused_with_its_reason_and_the_rest_goes_through() {
    let server = TestServer::start().await;
    let (person, device) = cadre(&server).await;
    let me = person.id;
    let good = new_issue();
    let mut document = Document::default();
    let first = write(&mut document, device.device(), &report(me, 1, "好的"));
    let fork = |edit: Edit| {
        let mut copy = document.clone();
        write(&mut copy, device.device(), &edit)
    };
    let alone = |edit: Edit, device| write(&mut Document::default(), device, &edit);
    let mut damaged = first.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let foreign_zone = alone(report(me, 2, "别人的片区"), device.device());
    let unknown_zone = alone(report(me, 99, "没有的片区"), device.device());
    let other_name = alone(report(xiaohao_shared::id::PersonId(999), 1, "冒名"), device.device());
    let foreign_actor = alone(report(me, 1, "别的手机"), DeviceId(999));
    let forbidden = fork(step(me, Action::Void, State::Reported, Some(State::Void)));
    let impossible = fork(step(me, Action::HandIn, State::Handling, Some(State::ToCheck)));
    let field = fork(remark(me, "夹带").with(Value::Priority(true)));
    let orphan = {
        let mut copy = document.clone();
        write(&mut copy, device.device(), &remark(me, "一"));
        write(&mut copy, device.device(), &remark(me, "二"))
    };
    let verdicts = push(
        &device,
        vec![
            (good, first.clone()),
            (new_issue(), damaged),
            (new_issue(), foreign_zone),
            (new_issue(), unknown_zone),
            (new_issue(), other_name),
            (new_issue(), foreign_actor),
            (good, forbidden),
            (good, impossible),
            (good, field),
            (good, orphan),
            (new_issue(), vec![0; 70_000]),
            (new_issue(), b"<html>".to_vec()),
            (good, first.clone()),
            (good, fork(remark(me, "照常"))),
        ],
    )
    .await;
    assert!(matches!(verdicts[0], Verdict::Accepted { number: Some(_), .. }), "{:?}", verdicts[0]);
    let reasons: Vec<&str> = [1, 2, 3, 4, 5, 6, 7, 8, 10, 11].iter().map(|at| refusal(&verdicts[*at])).collect();
    assert_eq!(
        reasons,
        [
            "damaged",
            "not_your_zone",
            "unknown_zone",
            "not_your_name",
            "foreign_actor",
            "role_may_not",
            "not_in_this_state",
            "field_not_allowed",
            "change_too_long",
            "not_a_change"
        ]
    );
    assert_eq!(verdicts[9], Verdict::MissingDependencies);
    assert_eq!(verdicts[12], Verdict::Known { receipt: None });
    assert!(matches!(verdicts[13], Verdict::Accepted { .. }));
    let counts: (i64, i64) = sqlx::query_as("SELECT (SELECT COUNT(*) FROM changes), (SELECT COUNT(*) FROM held)")
        .fetch_one(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(counts, (2, 10), "what is refused is kept as evidence, and merged nowhere");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_pages_are_told_what_is_wrong() {
    let server = TestServer::start().await;
    let (_, device) = cadre(&server).await;
    let page = |bytes: &[u8]| bytes.to_vec();
    for (body, status) in [
        (page(b""), 400),
        (page(b"X\x01\x00\xff\xff\xff"), 400),
        (page(b"X\x09\x00\x80"), 426),
        (page(b"not a page"), 400),
        (vec![b'X'; 3_000_000], 413),
    ] {
        let answer = device.post(wire::PATH, body).await;
        assert_eq!((answer.status, answer.problem().status), (status, status));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_an_old_backup_is_healed_by_the_phones() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let (kept, lost) = (new_issue(), new_issue());
    a.save(kept, report(a.person.id, 1, "备份之前")).expect("saved");
    assert_eq!((a.sync().await, b.sync().await), (None, None));
    let backup = server.backup().await;
    a.save(lost, report(a.person.id, 1, "备份之后")).expect("saved");
    a.save(kept, remark(a.person.id, "备份之后的备注")).expect("saved");
    assert_eq!((a.sync().await, b.sync().await), (None, None));
    let server = server.restore(&backup).await;
    let (a_device, b_device) = (a.device.clone().at(&server), b.device.clone().at(&server));
    (a.device, b.device) = (a_device, b_device);
    // Only the one who wrote nothing of it comes back.
    assert_eq!((b.sync().await, b.sync().await, b.sync().await), (None, None, None));
    let texts: Vec<String> = sqlx::query_scalar("SELECT description FROM issues ORDER BY description")
        .fetch_all(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(texts, ["备份之前", "备份之后"]);
    let remarks: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM remarks").fetch_one(&server.service.store).await.expect("SQL");
    assert_eq!(remarks, 1);
    assert_eq!((a.sync().await, a.status.unsent), (None, 0));
    assert_sound(&server).await;
}

async fn restored(server: TestServer, backup: &TempDir, phones: &mut [&mut Phone]) -> TestServer {
    let server = server.restore(backup).await;
    for phone in phones {
        phone.device = phone.device.clone().at(&server);
    }
    server
}

async fn remarks(server: &TestServer) -> Vec<String> {
    let texts = sqlx::query_scalar("SELECT text FROM remarks ORDER BY text").fetch_all(&server.service.store);
    texts.await.expect("SQL answers")
}

/// The receipt of each document on the phone is the one that the hub has now.
async fn assert_proven(server: &TestServer, phone: &Phone) {
    for (issue, stored) in &phone.storage.documents {
        let receipt: Vec<u8> = sqlx::query_scalar("SELECT receipt FROM documents WHERE issue_id = $1")
            .bind(issue.to_string())
            .fetch_one(&server.service.store)
            .await
            .expect("SQL answers");
        assert_eq!(stored.receipt.map(|receipt| receipt.0.to_vec()), Some(receipt), "{issue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_of_two_at_once_is_healed_by_either_after_a_restore() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut b = phone(&server, "乙", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "备份之前")).expect("saved");
    assert_eq!((a.sync().await, b.sync().await), (None, None));
    let backup = server.backup().await;
    b.save(issue, remark(b.person.id, "乙的备注")).expect("saved");
    assert_eq!(b.sync().await, None);
    a.save(issue, remark(a.person.id, "甲的备注")).expect("saved");
    assert_eq!(a.sync_once().await, None);
    assert_proven(&server, &a).await;
    assert_eq!(b.sync().await, None);
    assert_proven(&server, &b).await;
    let server = restored(server, &backup, &mut [&mut a]).await;
    assert_eq!((a.sync().await, a.sync().await), (None, None));
    assert_eq!(remarks(&server).await, ["乙的备注", "甲的备注"]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_was_lost_is_healed_after_a_restore() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "备份之前")).expect("saved");
    assert_eq!(a.sync().await, None);
    let backup = server.backup().await;
    a.save(issue, remark(a.person.id, "回执丢失")).expect("saved");
    a.lose_answers = 1;
    assert_eq!(a.sync().await, Some(Failure::Offline));
    assert_eq!((a.sync().await, a.status.unsent), (None, 0));
    assert_proven(&server, &a).await;
    let server = restored(server, &backup, &mut [&mut a]).await;
    assert_eq!((a.sync().await, a.sync().await), (None, None));
    assert_eq!(remarks(&server).await, ["回执丢失"]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_adds_to_the_restored_office_does_not_stop_the_healing() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "备份之前")).expect("saved");
    assert_eq!(a.sync().await, None);
    let backup = server.backup().await;
    a.save(issue, remark(a.person.id, "备份之后")).expect("saved");
    assert_eq!(a.sync().await, None);
    let server = restored(server, &backup, &mut [&mut a]).await;
    let mut c = phone(&server, "新人", Role::Cadre, &[1]).await;
    assert_eq!(c.sync().await, None);
    c.save(issue, remark(c.person.id, "恢复之后")).expect("saved");
    assert_eq!((c.sync().await, a.sync().await, a.sync().await), (None, None, None));
    assert_eq!(remarks(&server).await, ["备份之后", "恢复之后"]);
    assert_proven(&server, &a).await;
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_given_stays_with_its_issue_and_is_not_given_again() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let backup = server.backup().await;
    let (first, second) = (new_issue(), new_issue());
    a.save(first, report(a.person.id, 1, "一")).expect("saved");
    a.save(second, report(a.person.id, 1, "二")).expect("saved");
    assert_eq!(a.sync().await, None);
    let number = |phone: &Phone, issue| phone.storage.documents[&issue].number.clone().expect("a number");
    let before = (number(&a, first), number(&a, second));
    let person = a.person.clone();
    let server = restored(server, &backup, &mut [&mut a]).await;
    assert_eq!((a.sync().await, a.sync().await), (None, None));
    let third = new_issue();
    let mut other = Phone::new(server.enrol(&person).await, &person);
    other.save(third, report(person.id, 1, "三")).expect("saved");
    assert_eq!((other.sync().await, a.sync().await), (None, None));
    assert_eq!((number(&other, first), number(&other, second)), before);
    assert!(number(&other, third) > before.1.clone().max(before.0.clone()));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_document_is_made_again_from_the_log_or_stays_alone() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (torn, lost, sound) = (new_issue(), new_issue(), new_issue());
    for issue in [torn, lost, sound] {
        a.save(issue, report(a.person.id, 1, "报告")).expect("saved");
    }
    assert_eq!(a.sync().await, None);
    for issue in [torn, lost] {
        damage(&server, "UPDATE documents SET bytes = x'00' WHERE issue_id = $1", issue).await;
    }
    damage(&server, "UPDATE changes SET bytes = x'00' WHERE issue_id = $1", lost).await;
    for issue in [lost, torn, sound] {
        a.save(issue, remark(a.person.id, "照常")).expect("saved");
    }
    assert_eq!((a.sync().await, a.status.unsent), (None, 0));
    let refused: Vec<_> = a.refused().iter().map(|refused| (refused.issue, refused.refusal.0.as_str())).collect();
    assert_eq!(refused, [(lost, "poisoned")]);
    assert_eq!(remarks(&server).await, ["照常", "照常"]);
    let findings = audit::verify(&server.service).await.expect("verify").findings;
    assert!(findings.iter().all(|finding| finding.starts_with(&lost.to_string())), "{findings:?}");
}

async fn damage(server: &TestServer, sql: &'static str, issue: IssueId) {
    sqlx::query(sql).bind(issue.to_string()).execute(&server.service.store).await.expect("damage");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_change_that_the_office_overtook_is_not_adopted_but_can_be_discarded() {
    let server = TestServer::start().await;
    let mut desk = supervisor(&server).await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "即查即改")).expect("saved");
    assert_eq!((a.sync().await, desk.sync().await), (None, None));
    let fixed = step(a.person.id, Action::FixOnSpot, State::Reported, Some(State::Closed));
    a.save(issue, fixed.with_photos(photo(a.person.id, Stage::After))).expect("saved");
    put(&server, &a.person, Role::Cadre, 5).await;
    assert_eq!(a.sync().await, None);
    assert!(a.refused()[0].held);
    desk.save(issue, step(desk.person.id, Action::Void, State::Reported, Some(State::Void))).expect("saved");
    assert_eq!(desk.sync().await, None);
    let held: Vec<Held> = desk.device.get("/api/held").await.json();
    let path = format!("/api/held/{}", held[0].hash);
    let answer = desk.device.post_json(&path, &HeldDecision::Adopt).await;
    assert_eq!((answer.status, answer.problem().kind), (409, ProblemKind::Conflict));
    let state: String =
        sqlx::query_scalar("SELECT state FROM issues").fetch_one(&server.service.store).await.expect("SQL answers");
    assert_eq!(state, "void");
    assert_eq!(desk.device.get("/api/held").await.json::<Vec<Held>>().len(), 1, "it stays open");
    let left: Vec<Held> = desk
        .device
        .post_json(&path, &DecideHeld::Because { decision: HeldDecision::Discard, reason: " 现场没有 ".into() })
        .await
        .json();
    let kept: String = sqlx::query_scalar("SELECT decision_reason FROM held WHERE decision = 'discard'")
        .fetch_one(&server.service.store)
        .await
        .expect("decided");
    assert_eq!(kept, "现场没有");
    assert!(left.is_empty());
    a.crash();
    assert_eq!(a.sync().await, None);
    let told: Vec<_> = a.refused().iter().map(|refused| (refused.held, refused.reason.as_deref())).collect();
    assert_eq!(told, [(false, Some("现场没有"))], "its author reads why");
    assert_sound(&server).await;
}

async fn put(server: &TestServer, person: &Person, role: Role, zone: u32) {
    let zones = vec![ZoneId(zone)];
    let wish = SavePerson { id: Some(person.id), name: person.name.clone(), role, zones, active: true };
    directory::put_person(&server.service, wish).await.expect("a person");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sees_what_it_can_adopt_first_and_a_device_cannot_fill_the_office_with_evidence() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    let (person, device) = cadre(&server).await;
    let (issue, mut document) = (new_issue(), Document::default());
    let first = write(&mut document, device.device(), &report(person.id, 1, "好的"));
    push(&device, vec![(issue, first)]).await;
    let forbidden = step(person.id, Action::Void, State::Reported, Some(State::Void));
    let fork = |edit: &Edit| (issue, write(&mut document.clone(), device.device(), edit));
    let held = fork(&remark(person.id, "调走之前写的"));
    let flood: Vec<_> = (0..203).map(|_| fork(&forbidden)).collect();
    let verdicts = push(&device, flood).await;
    assert!(verdicts.iter().all(|verdict| refusal(verdict) == "role_may_not"), "the verdict is the same");
    put(&server, &person, Role::Cadre, 5).await;
    assert!(matches!(push(&device, vec![held]).await[0], Verdict::Held(_)));
    let counts: (i64, i64) =
        sqlx::query_as("SELECT (SELECT COUNT(*) FROM held), (SELECT SUM(dropped) FROM held_dropped)")
            .fetch_one(&server.service.store)
            .await
            .expect("SQL answers");
    assert_eq!(counts, (201, 3));
    let listed: Vec<Held> = desk.device.get("/api/held").await.json();
    assert!(listed[0].adoptable && listed[1..].iter().all(|row| !row.adoptable));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_reads_no_issue_whatever_zones_he_has() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut admin = phone(&server, "管理员", Role::Administrator, &[1]).await;
    a.save(new_issue(), report(a.person.id, 1, "不给管理员看")).expect("saved");
    assert_eq!((a.sync().await, admin.sync().await), (None, None));
    assert!(admin.storage.documents.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_edits_cost_less_than_five_kilobytes_and_a_quiet_sync_a_few_dozen() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issues: Vec<IssueId> = (0..20).map(|_| new_issue()).collect();
    for issue in &issues {
        a.save(*issue, report(a.person.id, 1, "门前堆放杂物")).expect("saved");
    }
    assert_eq!(a.sync().await, None);
    for issue in &issues {
        a.save(*issue, remark(a.person.id, "已通知店主今天清理")).expect("saved");
    }
    let before = a.traffic;
    assert_eq!(a.sync().await, None);
    let spent = a.traffic.up + a.traffic.down - before.up - before.down;
    assert!(spent < 5 * 1024, "{spent} bytes");
    let before = a.traffic;
    assert_eq!(a.sync().await, None);
    assert!(a.traffic.up + a.traffic.down - before.up - before.down < 120);
}

/// Reads on page by page, from the answer before.
async fn pages(device: &TestDevice, mut request: Request) -> Vec<Response> {
    let mut pages: Vec<Response> = Vec::new();
    loop {
        let answer = device.post(wire::PATH, wire::pack(&request)).await;
        let response: Response = wire::unpack(&answer.body).expect("a page");
        let positions = response.scopes.iter().filter_map(|scope| Some((scope.zone, scope.position?)));
        request = Request { log: response.log.or(request.log), scopes: positions.collect(), pushes: vec![], ..request };
        let more = response.more;
        pages.push(response);
        if !more {
            return pages;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_brought_does_not_come_back_in_later_pages_and_its_twin_gets_all_of_it() {
    let server = TestServer::start().await;
    let mut mate = phone(&server, "乙", Role::Cadre, &[1]).await;
    let (person, device) = cadre(&server).await;
    let rested = pages(&device, nothing()).await.pop().expect("a page");
    let position =
        |response: &Response| response.scopes.iter().filter_map(|scope| Some((scope.zone, scope.position?))).collect();
    let at_rest = Request { log: rested.log, scopes: position(&rested), ..nothing() };
    // More news than one page holds.
    for _ in 0..60 {
        mate.save(new_issue(), report(mate.person.id, 1, &"堆放杂物".repeat(100))).expect("saved");
    }
    assert_eq!(mate.sync().await, None);
    let reported = || {
        let bytes = write(&mut Document::default(), device.device(), &report(person.id, 1, "井盖缺失"));
        Push { issue: new_issue(), change: bytes }
    };
    let mine = [reported(), reported()];
    let first = pages(&device, Request { pushes: mine.to_vec(), ..at_rest.clone() }).await;
    assert!(first.len() > 2, "there were {} pages", first.len());
    let comes = |pages: &[Response], push: &Push| {
        pages.iter().flat_map(|page| &page.items).filter(|item| item.issue == push.issue).count()
    };
    assert_eq!(mine.each_ref().map(|push| comes(&first, push)), [0, 0]);
    assert_eq!(first.iter().map(|page| page.items.len()).sum::<usize>(), 60);
    // A storage that was restored from an old copy knows of no such pushes.
    let again = pages(&device, at_rest).await;
    assert_eq!(mine.each_ref().map(|push| comes(&again, push)), [1, 1]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_stands_twice_in_a_page_is_logged_once() {
    let server = TestServer::start().await;
    let (person, device) = cadre(&server).await;
    let (issue, mut document) = (new_issue(), Document::default());
    let first = write(&mut document, device.device(), &report(person.id, 1, "井盖缺失"));
    let second = write(&mut document, device.device(), &remark(person.id, "已围挡"));
    let pushes = [&first, &second, &first, &second].map(|change| (issue, change.clone()));
    let verdicts = push(&device, pushes.to_vec()).await;
    assert!(matches!(verdicts[..2], [Verdict::Accepted { .. }, Verdict::Accepted { .. }]), "{verdicts:?}");
    assert!(matches!(verdicts[2..], [Verdict::Known { .. }, Verdict::Known { .. }]), "{verdicts:?}");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_makes_the_same_projection_again() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let issue = new_issue();
    a.save(issue, report(a.person.id, 1, "重建")).expect("saved");
    assert_eq!(a.sync().await, None);
    for sql in ["DELETE FROM steps", "UPDATE issues SET description = 'x', state = 'closed'"] {
        sqlx::query(sql).execute(&server.service.store).await.expect("damage");
    }
    let findings = audit::verify(&server.service).await.expect("verify").findings;
    let kept =
        matches!(&findings[..], [_, counters, search] if counters.contains("counters") && search.contains("search"));
    assert!(kept, "{findings:?}");
    audit::rebuild(&server.service).await.expect("rebuild");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_nobodys_is_found_and_made_again_from_the_log() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (gone, kept) = (new_issue(), new_issue());
    a.save(gone, report(a.person.id, 1, "文档丢失")).expect("saved");
    a.save(kept, report(a.person.id, 1, "照常")).expect("saved");
    assert_eq!(a.sync().await, None);
    damage(&server, "DELETE FROM documents WHERE issue_id = $1", gone).await;
    damage(&server, "DELETE FROM issues WHERE issue_id = $1", gone).await;
    let nobodys = new_issue();
    damage(&server, "INSERT INTO responsible (issue_id, person_id, part) VALUES ($1, 1, 'lead')", nobodys).await;
    let findings = audit::verify(&server.service).await.expect("verify").findings;
    let about = |issue: IssueId| findings.iter().any(|finding| finding.starts_with(&issue.to_string()));
    assert!(about(gone) && about(nobodys) && !about(kept), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains("digests")), "{findings:?}");
    assert_eq!(audit::rebuild(&server.service).await.expect("rebuild").findings, Vec::<String>::new());
    assert_sound(&server).await;
    let numbers: Vec<String> = sqlx::query_scalar("SELECT DISTINCT number FROM documents")
        .fetch_all(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(numbers.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_whose_log_does_not_merge_is_named_and_the_others_are_rebuilt() {
    let server = TestServer::start().await;
    let mut a = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (lost, kept) = (new_issue(), new_issue());
    for issue in [lost, kept] {
        a.save(issue, report(a.person.id, 1, "报告")).expect("saved");
    }
    assert_eq!(a.sync().await, None);
    damage(&server, "UPDATE changes SET bytes = x'00' WHERE issue_id = $1", lost).await;
    damage(&server, "DELETE FROM steps WHERE issue_id = $1", kept).await;
    let findings = audit::rebuild(&server.service).await.expect("rebuild").findings;
    assert!(findings.len() == 1 && findings[0].starts_with(&lost.to_string()), "{findings:?}");
    assert_eq!(audit::verify(&server.service).await.expect("verify").findings, findings);
}

#[tokio::test]
async fn the_office_asks_for_photos_that_it_names_and_lacks_but_only_whoever_may_see_them() {
    let server = TestServer::start().await;
    let mut mate = phone(&server, "甲", Role::Cadre, &[1]).await;
    let stranger = phone(&server, "乙", Role::Cadre, &[2]).await;
    let (issue, edit) = (new_issue(), report(mate.person.id, 1, "照片只在手机上"));
    let photo = *edit.photos.keys().next().expect("a photo");
    mate.save(issue, edit).expect("saved");
    assert_eq!(mate.sync().await, None);
    let offered = [photo, PhotoId([7; 32])];
    let wanted: Wanted = mate.device.post_json("/api/photos/wanted", &offered).await.json();
    assert_eq!(wanted.photos, [WantedPhoto { photo, issue, thumb: false }]);
    let wanted: Wanted = stranger.device.post_json("/api/photos/wanted", &offered).await.json();
    assert_eq!(wanted.photos, []);
    assert_eq!(wanted.unknown, offered, "of what he may not see, he hears no more than of what nobody knows");
    let too_many = mate.device.post_json("/api/photos/wanted", &vec![photo; MAX_OFFERED + 1]).await;
    assert_eq!(too_many.problem().kind, ProblemKind::TooLarge);
}

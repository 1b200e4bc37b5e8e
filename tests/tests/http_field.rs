//! What people in the street write beside the steps, from outside: contacts with residents, recurrences, merged duplicates, appeals.

use xiaohao_server::service::audit;
use xiaohao_shared::api::{Indicators, IssuePage, Office, ProblemKind, Recurrence};
use xiaohao_shared::doc::value::{Register, Value};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Appeal, Manner, Outcome, Role, Stage};
use xiaohao_shared::time::DAY;
use xiaohao_tests::TestServer;
use xiaohao_tests::edits::{contact, new_issue, photo, remark, report, step};
use xiaohao_tests::phone::Phone;

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

async fn assert_sound(server: &TestServer) {
    let report = audit::verify(&server.service).await.expect("verify");
    assert_eq!(report.findings, Vec::<String>::new());
}

async fn indicators(server: &TestServer, desk: &Phone) -> Indicators {
    desk.device.get(&format!("/api/indicators?month={}", Month::of(server.service.now()))).await.json()
}

/// What was merged into an issue or has come back from it, as the office lists it.
async fn linked(phone: &Phone, issue: IssueId) -> Vec<IssueId> {
    let page: IssuePage = phone.device.get(&format!("/api/issues?linked={issue}")).await.json();
    page.rows.iter().map(|row| row.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_residents_written_offline_stands_in_its_own_table_and_is_counted() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let issue = new_issue();
    cadre.save(issue, report(cadre.person.id, 1, "门口堆放")).expect("saved");
    cadre.save(issue, remark(cadre.person.id, "已拍照")).expect("saved");
    let talk = contact(cadre.person.id, Manner::Door, Outcome::Agreed, "周五前清理");
    cadre.save(issue, talk).expect("saved");
    assert_eq!(cadre.sync().await, None);
    let rows: Vec<(String, String, String)> = sqlx::query_as("SELECT manner, result, text FROM contacts")
        .fetch_all(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(rows, [("door".into(), "agreed".into(), "周五前清理".into())]);
    let remarks: Vec<String> =
        sqlx::query_scalar("SELECT text FROM remarks").fetch_all(&server.service.store).await.expect("SQL answers");
    assert_eq!(remarks, ["已拍照"]);
    assert_eq!(indicators(&server, &desk).await.whole.contacts, 1);
    let csv = String::from_utf8(desk.device.get("/api/export?format=csv&lang=en").await.body).expect("UTF-8");
    let cells: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let at = cells[0].iter().position(|name| *name == "Contacts").expect("the column");
    assert_eq!(cells[1][at], "1");
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_may_say_what_has_come_back_and_the_office_sets_for_how_long_that_is_one() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let (struck, back) = (new_issue(), new_issue());
    let by = cadre.person.id;
    cadre.save(struck, report(by, 1, "第一次")).expect("saved");
    let fixed = step(by, Action::FixOnSpot, State::Reported, Some(State::Closed)).with_photos(photo(by, Stage::After));
    cadre.save(struck, fixed).expect("saved");
    cadre.save(back, report(by, 1, "又来了").with(Value::RecurrenceOf(Some(struck)))).expect("saved");
    assert_eq!((cadre.sync().await, cadre.refused().len()), (None, 0));
    let figures = indicators(&server, &desk).await.whole;
    assert_eq!((figures.reported, figures.recurred), (2, 1));
    assert_eq!((linked(&cadre, struck).await, linked(&cadre, back).await), (vec![back], vec![]));
    let set =
        async |device: &Phone, days| device.device.post_json("/api/indicators/recurrence", &Recurrence { days }).await;
    assert_eq!(set(&cadre, 30).await.problem().kind, ProblemKind::Forbidden);
    assert_eq!(set(&desk, 0).await.problem().kind, ProblemKind::BadRequest);
    let days = async || cadre.device.get("/api/office").await.json::<Office>().recurrence_days;
    assert_eq!(days().await, 90);
    assert_eq!(set(&desk, 30).await.status, 200);
    assert_eq!(days().await, 30);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_duplicate_keeps_what_was_on_its_way_and_counts_no_more() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let (stays, twin) = (new_issue(), new_issue());
    let by = cadre.person.id;
    cadre.save(stays, report(by, 1, "先报的")).expect("saved");
    cadre.save(twin, report(by, 1, "后报的")).expect("saved");
    assert_eq!((cadre.sync().await, desk.sync().await), (None, None));
    let merge =
        |of| step(desk.person.id, Action::Merge, State::Reported, Some(State::Void)).with(Value::DuplicateOf(Some(of)));
    let itself = merge(twin);
    let merge = merge(stays);
    cadre.save(twin, remark(by, "还没同步的留言")).expect("saved");
    let added = step(by, Action::Photograph, State::Reported, None).with_photos(photo(by, Stage::During));
    cadre.save(twin, added).expect("saved");
    desk.save(twin, itself).expect("saved");
    assert_eq!((desk.sync().await, desk.refused()[0].refusal.0.as_str()), (None, "duplicate_missing"));
    desk.save(twin, merge).expect("saved");
    assert_eq!((desk.sync().await, cadre.sync().await, desk.sync().await), (None, None, None));
    assert!(cadre.refused().is_empty());
    for phone in [&desk, &cadre] {
        let merged = phone.read(twin).expect("it is whole");
        assert_eq!((merged.merged_into(), merged.remarks.len(), merged.photos.len()), (Some(stays), 1, 2));
    }
    assert_eq!(linked(&cadre, stays).await, [twin]);
    let figures = indicators(&server, &desk).await.whole;
    assert_eq!((figures.reported, figures.recurred), (1, 0));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_issues_that_were_merged_into_each_other_offline_the_oldest_stays_open() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let mut desks =
        [phone(&server, "指挥", Role::Supervisor, &[1]).await, phone(&server, "副指挥", Role::Supervisor, &[1]).await];
    let mut ring = [new_issue(), new_issue(), new_issue()];
    ring.sort_unstable();
    for (issue, said) in ring.into_iter().zip(["先报的", "后报的", "又报的"]) {
        cadre.save(issue, report(cadre.person.id, 1, said)).expect("saved");
    }
    assert_eq!((cadre.sync().await, desks[0].sync().await, desks[1].sync().await), (None, None, None));
    let merge = |by, of| step(by, Action::Merge, State::Reported, Some(State::Void)).with(Value::DuplicateOf(Some(of)));
    for (desk, issue, of) in [(0, 1, 2), (0, 2, 0), (1, 0, 1)] {
        let desk = &mut desks[desk];
        desk.save(ring[issue], merge(desk.person.id, ring[of])).expect("saved");
    }
    for desk in [0, 1, 0] {
        assert_eq!(desks[desk].sync().await, None);
    }
    assert_eq!(cadre.sync().await, None);
    let [first, second] = &desks;
    for phone in [first, second, &cadre] {
        let [oldest, middle, last] = ring.map(|issue| phone.read(issue).expect("it is whole"));
        assert_eq!((oldest.state, oldest.merged_into()), (State::Reported, None));
        assert_eq!((middle.merged_into(), last.merged_into()), (Some(ring[2]), Some(ring[0])));
        assert_eq!(oldest.steps.last().expect("steps").record.action, Action::UndoMerge);
    }
    assert_eq!(indicators(&server, first).await.whole.reported, 1);
    // Void for another reason is no merge, and closes no ring.
    let mut void = step(desks[0].person.id, Action::Void, State::Reported, Some(State::Void));
    void.step.as_mut().expect("a step").record.reason = "不属本辖区".into();
    desks[0].save(ring[0], void.with(Value::DuplicateOf(Some(ring[1])))).expect("saved");
    assert_eq!((desks[0].sync().await, desks[0].refused().len(), cadre.sync().await), (None, 0, None));
    let oldest = cadre.read(ring[0]).expect("it is whole");
    assert_eq!((oldest.state, oldest.merged_into(), oldest.steps.len()), (State::Void, None, 4));
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_handed_in_while_the_desk_merges_stands_beside_it_until_somebody_decides() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let twin = new_issue();
    let by = cadre.person.id;
    cadre.save(twin, report(by, 1, "后报的")).expect("saved");
    assert_eq!((cadre.sync().await, desk.sync().await), (None, None));
    let fixed = step(by, Action::FixOnSpot, State::Reported, Some(State::Closed)).with_photos(photo(by, Stage::After));
    cadre.save(twin, fixed).expect("saved");
    let merge = step(desk.person.id, Action::Merge, State::Reported, Some(State::Void));
    desk.save(twin, merge.with(Value::DuplicateOf(Some(new_issue())))).expect("saved");
    assert_eq!((desk.sync().await, cadre.sync().await, desk.sync().await), (None, None, None));
    let document = desk.document(twin).expect("it is whole");
    let conflict = document.conflicts().into_iter().find(|conflict| conflict.register == Register::State);
    let mut states: Vec<_> = conflict.expect("two states").versions.into_iter().map(|version| version.value).collect();
    states.sort_by_key(|value| *value == Value::State(State::Void));
    assert_eq!(states, [Value::State(State::Closed), Value::State(State::Void)]);
    assert_sound(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_appeal_exempts_the_rate_and_the_overtime_stays() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let mut worker = phone(&server, "乙", Role::Cadre, &[1]).await;
    let mut checker = phone(&server, "丙", Role::Cadre, &[1]).await;
    let (issue, by) = (new_issue(), worker.person.id);
    desk.save(issue, report(desk.person.id, 1, "积存垃圾")).expect("saved");
    desk.save(issue, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).expect("saved");
    // In the month of the indicators, whatever day it is.
    let due = Month::of(server.service.now()).start();
    let mut dispatch = step(desk.person.id, Action::Dispatch, State::Filed, Some(State::Dispatched));
    dispatch.step.as_mut().expect("a step").record.until = Some(due);
    let dispatch = dispatch.with(Value::Assignee(Some(by))).with(Value::Due(Some(due)));
    desk.save(issue, dispatch).expect("saved");
    assert_eq!((desk.sync().await, worker.sync().await), (None, None));
    worker.save(issue, step(by, Action::Start, State::Dispatched, Some(State::Handling))).expect("saved");
    let hand_in = step(by, Action::HandIn, State::Handling, Some(State::ToCheck));
    worker.save(issue, hand_in.with_photos(photo(by, Stage::After))).expect("saved");
    assert_eq!((worker.sync().await, checker.sync().await), (None, None));
    checker.save(issue, step(checker.person.id, Action::Close, State::ToCheck, Some(State::Closed))).expect("saved");
    assert_eq!((checker.sync().await, worker.sync().await), (None, None));
    let rows = async |sql: &'static str| -> Vec<(Option<String>, i64, i64, i64)> {
        sqlx::query_as(sql).fetch_all(&server.service.store).await.expect("SQL answers")
    };
    const STANDS: &str = "SELECT appeal, is_asked, handed_in_at > due_at, closed_at FROM issues";
    let closed_at = rows(STANDS).await[0].3;
    worker.save(issue, step(by, Action::Appeal, State::Closed, None)).expect("saved");
    worker.save(issue, step(by, Action::Appeal, State::Closed, None)).expect("saved");
    assert_eq!(worker.sync().await, None);
    assert_eq!(worker.refused()[0].refusal.0, "nothing_to_appeal", "once");
    assert_eq!(rows(STANDS).await, [(Some("asked".into()), 1, 1, closed_at)]);
    let asked: IssuePage = desk.device.get("/api/issues?asked=true").await.json();
    assert_eq!(asked.rows.len(), 1);
    let figures = indicators(&server, &desk).await.whole;
    assert_eq!((figures.due, figures.handled, figures.in_time), (1, 1, 0));
    assert_eq!(desk.sync().await, None);
    desk.save(issue, step(desk.person.id, Action::GrantAppeal, State::Closed, None)).expect("saved");
    assert_eq!((desk.sync().await, worker.sync().await), (None, None));
    assert_eq!(rows(STANDS).await, [(Some("granted".into()), 0, 1, closed_at)]);
    let figures = indicators(&server, &desk).await.whole;
    assert_eq!((figures.due, figures.handled, figures.in_time), (1, 1, 1));
    let read = worker.read(issue).expect("issue");
    assert_eq!(read.appeal(), Some(Appeal::Granted));
    assert!(read.overtime().is_some_and(|late| late < 31 * DAY), "and it says so for ever");
    assert_sound(&server).await;
}

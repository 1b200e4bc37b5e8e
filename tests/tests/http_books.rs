//! Lists that leave the office as files, and lists that come in: over real HTTP, read back by other programs than those that wrote them.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use encoding_rs::GB18030;
use futures_util::TryStreamExt;
use serde_json::Value as Json;
use xiaohao_server::service::export::{self, Tongue, Wish};
use xiaohao_server::service::{ServiceError, system_clock};
use xiaohao_shared::api::{BookFormat, MAX_PICTURED_ROWS, ProblemKind};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::{IssueId, ZoneId};
use xiaohao_shared::import::{FileFault, Import, MAX_FILE, Noted, Sheet, Why};
use xiaohao_shared::model::catalogue::kind_info;
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Fix, FixSource, Place, Role, Stage};
use xiaohao_shared::time::{DAY, HOUR, Timestamp};
use xiaohao_tests::edits::{new_issue, picture, report, step};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{Answer, TestServer};

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

/// The second of June 2025, at noon in China.
const NOON: Timestamp = Timestamp(1_748_836_800_000);

/// A report of zone 1 at a known minute and place, and of zone 2 in words that a spreadsheet would execute.
async fn two_reports(server: &TestServer) -> (Phone, [IssueId; 2]) {
    let mut desk = phone(server, "指挥", Role::Supervisor, &[1, 2]).await;
    let [first, second] = [new_issue(), new_issue()];
    let mut edit = report(desk.person.id, 1, "门口有\"死角\",\n要清");
    let fix =
        Fix { lat: 32.06, lon: 118.79, accuracy_m: 9.0, datum: "wgs84".into(), source: FixSource::Gps, fixed_at: NOON };
    edit.sets.retain(|value| !matches!(value, Value::Place(_)));
    let place = Place { address: "解放路12号".into(), landmark: "北门".into(), fix: Some(fix) };
    edit = edit.with(Value::Place(place));
    edit.step.as_mut().unwrap().record.at = NOON;
    desk.save(first, edit).unwrap();
    let mut danger = report(desk.person.id, 2, "=HYPERLINK(\"http://x\")");
    danger.sets.retain(|value| !matches!(value, Value::Place(_)));
    let place = Place { address: "=1+1".into(), ..Place::default() };
    desk.save(second, danger.with(Value::Place(place))).unwrap();
    assert_eq!(desk.sync().await, None);
    (desk, [first, second])
}

async fn dispatch(desk: &mut Phone, issue: IssueId, words: &str) {
    desk.save(issue, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).unwrap();
    let mut edit = step(desk.person.id, Action::Dispatch, State::Filed, Some(State::Dispatched));
    let due = Some(NOON + 7 * DAY);
    let record = &mut edit.step.as_mut().unwrap().record;
    (record.reason, record.until) = (words.into(), due);
    let edit: Edit = edit.with(Value::Assignee(Some(desk.person.id))).with(Value::Due(due));
    desk.save(issue, edit).unwrap();
    assert_eq!(desk.sync().await, None);
}

fn sheet(answer: &Answer) -> Vec<Vec<Data>> {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.body.clone())).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

fn text(cell: &Data) -> &str {
    if let Data::String(text) = cell { text } else { "" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_has_the_cadres_order_real_dates_and_numbers_and_no_formula() {
    let server = TestServer::start().await;
    let (mut desk, [first, second]) = two_reports(&server).await;
    dispatch(&mut desk, first, "限一周内清净").await;
    let answer = desk.device.get("/api/export?format=xlsx").await;
    assert_eq!(answer.header("x-rows"), "2");
    let rows = sheet(&answer);
    let heads: Vec<&str> = rows[0].iter().map(text).collect();
    assert_eq!(heads[..7], ["问题", "地点", "责任单位", "整改要求", "期限", "编号", "状态"]);
    let at = |name: &str| heads.iter().position(|head| *head == name).unwrap();
    let dispatched = rows.iter().find(|row| text(&row[at("标识")]) == first.to_string()).unwrap();
    assert_eq!(text(&dispatched[0]), "旱厕：门口有\"死角\",\n要清");
    assert_eq!((text(&dispatched[1]), text(&dispatched[2])), ("解放路12号 北门", "指挥"));
    assert_eq!((text(&dispatched[3]), text(&dispatched[at("状态")])), ("限一周内清净", "待处置"));
    let days = |cell: &Data| if let Data::DateTime(time) = cell { time.as_f64() } else { panic!("no date: {cell:?}") };
    assert!((days(&dispatched[4]) - days(&dispatched[at("上报时间")]) - 7.0).abs() < 1e-6);
    assert_eq!(dispatched[at("照片数")], Data::Float(1.0));
    assert_eq!(dispatched[at("纬度(WGS-84)")], Data::Float(32.06));
    let danger = rows.iter().find(|row| text(&row[at("标识")]) == second.to_string()).unwrap();
    assert_eq!(text(&danger[1]), "=1+1", "a string, which nothing executes");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.body.clone())).unwrap();
    assert!(book.worksheet_formula("问题清单").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_demanded_is_what_the_last_dispatch_said_and_where_it_said_nothing_what_the_catalogue_says() {
    let server = TestServer::start().await;
    let (mut desk, [first, _]) = two_reports(&server).await;
    let demand = async |desk: &Phone| {
        let rows = sheet(&desk.device.get("/api/export?format=xlsx&zone=1").await);
        text(&rows[1][3]).to_owned()
    };
    let of_catalogue = demand(&desk).await;
    dispatch(&mut desk, first, "限一周内清净").await;
    assert_eq!(demand(&desk).await, "限一周内清净");
    let mut back = step(desk.person.id, Action::Return, State::Dispatched, Some(State::Filed));
    back.step.as_mut().unwrap().record.reason = "不是我的片区".into();
    desk.save(first, back).unwrap();
    let mut again = step(desk.person.id, Action::Dispatch, State::Filed, Some(State::Dispatched));
    let record = &mut again.step.as_mut().unwrap().record;
    (record.reason, record.until) = (String::new(), Some(NOON + 8 * DAY));
    desk.save(first, again.with(Value::Assignee(Some(desk.person.id))).with(Value::Due(Some(NOON + 8 * DAY)))).unwrap();
    assert_eq!((desk.sync().await, desk.refused()), (None, &[][..]));
    assert_eq!((demand(&desk).await, of_catalogue.is_empty()), (of_catalogue, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_is_read_by_excel_and_executes_nothing() {
    let server = TestServer::start().await;
    let (desk, _) = two_reports(&server).await;
    let answer = desk.device.get("/api/export?format=csv&lang=en&zone=2").await;
    let name = answer.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"xiaohao-issues-") && name.contains("filename*=UTF-8''issues-"),
        "{name}"
    );
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(text.starts_with("\u{feff}Problem,Place,Responsible,"), "{text}");
    assert_eq!(text.matches("\r\n").count(), 2, "the head and the only issue of zone 2");
    assert!(text.contains(",'=1+1,") && text.contains("Dry latrine: =HYPERLINK"), "{text}");
    let chinese = desk.device.get("/api/export?format=csv").await;
    assert!(chinese.header("content-disposition").contains("filename*=UTF-8''%E9%97%AE%E9%A2%98%E6%B8%85%E5%8D%95-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn geojson_names_where_it_is_east_first_and_keeps_what_has_no_position() {
    let server = TestServer::start().await;
    let (desk, [first, _]) = two_reports(&server).await;
    let map: Json = desk.device.get("/api/export?format=geojson").await.json();
    let features = map["features"].as_array().unwrap();
    assert_eq!((map["type"].as_str(), features.len()), (Some("FeatureCollection"), 2));
    let known = features.iter().find(|feature| feature["id"] == first.to_string()).unwrap();
    assert_eq!(known["geometry"]["coordinates"], serde_json::json!([118.79, 32.06]));
    assert_eq!(features.iter().filter(|feature| feature["geometry"].is_null()).count(), 1);
    let none: Json = desk.device.get("/api/export?format=geojson&zone=9").await.json();
    assert_eq!(none["features"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_pages_has_each_issue_once_in_the_order_of_the_screen() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let count: i64 = 1_200;
    for number in 0..count {
        let mut edit = report(desk.person.id, 1, &format!("第{number}号"));
        edit.step.as_mut().unwrap().record.at = NOON + number * HOUR;
        desk.save(new_issue(), edit).unwrap();
    }
    assert_eq!(desk.sync().await, None);
    let answer = desk.device.get("/api/export?format=csv").await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    let numbers: Vec<i64> =
        text.lines().filter_map(|line| line.split_once('第')?.1.split_once('号')?.0.parse().ok()).collect();
    assert_eq!(numbers, (0..count).rev().collect::<Vec<_>>());
    let crowded = desk.device.get("/api/export?format=xlsx&photos=true").await;
    assert!(count as u64 > MAX_PICTURED_ROWS);
    assert_eq!(crowded.problem().kind, ProblemKind::TooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_before_and_after_stand_in_the_workbook_that_asked_for_them() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let shades = [10, 200];
    for (shade, stage) in shades.into_iter().zip([Stage::Before, Stage::After]) {
        let device = desk.device.device();
        let full =
            xiaohao_server::service::photos::store(&server.service, device, picture(shade).into()).await.unwrap();
        let mut edit = report(desk.person.id, 1, "有照片");
        let (_, mut photo) = edit.photos.pop_first().unwrap();
        (photo.thumb, photo.stage) = (Some(full), stage);
        edit.photos.insert(full, photo);
        edit.step.as_mut().unwrap().record.photos = vec![full];
        desk.save(new_issue(), edit).unwrap();
    }
    assert_eq!(desk.sync().await, None);
    let media = |answer: &Answer| String::from_utf8_lossy(&answer.body).matches("xl/media/image").count() / 2;
    assert_eq!(media(&desk.device.get("/api/export?format=xlsx&photos=true").await), shades.len());
    assert_eq!(media(&desk.device.get("/api/export?format=xlsx").await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_desk_takes_lists_away() {
    let server = TestServer::start().await;
    two_reports(&server).await;
    for (name, role) in [("干部", Role::Cadre), ("管理", Role::Administrator)] {
        let one = phone(&server, name, role, &[1]).await;
        let answer = one.device.get("/api/export?format=csv").await;
        assert_eq!(answer.problem().kind, ProblemKind::Forbidden);
    }
    let inspector = phone(&server, "督查", Role::Inspector, &[1]).await;
    assert_eq!(inspector.device.get("/api/export?format=csv").await.header("x-rows"), "2");
    assert_eq!(inspector.device.get("/api/export?format=pdf").await.problem().kind, ProblemKind::BadRequest);
}

// The old list

const LIST: &str = "编号,问题,地点,片区,责任人,整改要求,期限,发现日期\n\
    旧-1,暴露垃圾：门口一堆,解放路12号,1号片区,指挥,限期清净,2030-12-01,2025年3月1日\n\
    旧-2,乱贴乱画,站前,2号片区,铁路局,,,1.4.2025\n";

async fn read(desk: &Phone, file: impl Into<Vec<u8>>) -> Sheet {
    match desk.device.post("/api/import?name=%E6%97%A7.csv", file).await.json() {
        Import::Read(sheet) => sheet,
        Import::Refused(fault) => panic!("{fault:?}"),
    }
}

/// As the app does it: each row as this person's own edits.
fn write(desk: &mut Phone, sheet: &Sheet) {
    for draft in sheet.drafts.iter().filter(|draft| !draft.known) {
        for edit in draft.edits(desk.person.id, system_clock()) {
            desk.save(draft.issue, edit).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_list_becomes_the_supervisors_own_signed_work_and_comes_in_once() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let sheet = read(&desk, LIST).await;
    assert_eq!((sheet.fault_count, sheet.drafts.len()), (0, 2), "{:?}", sheet.faults);
    let changes = || async {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM changes");
        count.fetch_one(&server.service.store).await.unwrap()
    };
    assert_eq!(changes().await, 0, "a dry run writes nothing");
    write(&mut desk, &sheet);
    assert_eq!(desk.sync().await, None);
    assert!(desk.refused().is_empty(), "{:?}", desk.refused());
    assert_eq!(changes().await, 4, "a report, and a report that is filed and dispatched");
    let rows: Vec<(String, String, i64, i64)> =
        sqlx::query_as("SELECT state, address, reporter_id, reported_at FROM issues ORDER BY reported_at")
            .fetch_all(&server.service.store)
            .await
            .unwrap();
    let by = i64::from(desk.person.id.0);
    assert_eq!((rows[0].0.as_str(), rows[0].1.as_str(), rows[0].2), ("dispatched", "解放路12号", by));
    assert_eq!(Timestamp(rows[0].3).date().to_string(), "2025-03-01");
    assert_eq!((rows[1].0.as_str(), Timestamp(rows[1].3).date().to_string().as_str()), ("reported", "2025-04-01"));
    let again = read(&desk, LIST).await;
    assert!(again.drafts.iter().all(|draft| draft.known));
    let report = xiaohao_server::service::audit::verify(&server.service).await.unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_chinese_excel_saved_as_text_comes_in_like_any_other() {
    let server = TestServer::start().await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let (file, _, unmappable) = GB18030.encode(LIST);
    assert!(!unmappable && std::str::from_utf8(&file).is_err());
    assert_eq!(read(&desk, file.to_vec()).await.drafts.len(), 2);
    // Bytes that are no letters are named by row and column; a file that has nothing else is told as such.
    let spoilt = read(&desk, [&file[..], &[b',', 0xff, 0xff, b'\n']].concat()).await;
    assert!(spoilt.faults.iter().any(|fault| (fault.row, fault.column, fault.why) == (4, Some(1), Why::Undecodable)));
    let foreign = [0xff, 0xff, b',', 0xff, b'\n', b'1', b',', 0xff, b'\n'].to_vec();
    let refused: Import = desk.device.post("/api/import", foreign).await.json();
    assert_eq!(refused, Import::Refused(FileFault::Encoding));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_list_is_a_fault_of_its_row_and_a_correction_at_the_desk_is_none() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let first = read(&desk, LIST).await;
    write(&mut desk, &first);
    assert_eq!(desk.sync().await, None);
    // The desk corrects what came in: the same row is still the same issue.
    let amend = step(desk.person.id, Action::Amend, State::Dispatched, None);
    desk.save(first.drafts[0].issue, amend.with(Value::Description("门口两堆".into()))).unwrap();
    assert_eq!((desk.sync().await, desk.refused().len()), (None, 0));
    assert!(read(&desk, LIST).await.drafts.iter().all(|draft| draft.known));
    // Another list numbers its rows the same way.
    let other = "编号,问题,地点,片区\n旧-1,占道经营,站前,1号片区\n旧-3,占道经营,站前,1号片区\n";
    let sheet = read(&desk, other).await;
    let fault = sheet.faults.first().expect("a fault");
    assert_eq!((sheet.fault_count, fault.row, fault.column, fault.why), (1, 2, Some(0), Why::NumberTaken));
    assert_eq!((fault.said.as_str(), fault.other), ("旧-1", Some(first.drafts[0].issue)));
    assert_eq!(sheet.drafts.iter().map(|draft| (draft.row, draft.known)).collect::<Vec<_>>(), [(3, false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_put_right_in_the_list_is_still_its_issue_and_is_named() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let first = read(&desk, LIST).await;
    write(&mut desk, &first);
    assert_eq!(desk.sync().await, None);
    let draft = &first.drafts[0];
    let list = |problem: &str, place: &str, zone: ZoneId| {
        format!("编号,问题,地点,片区\n{},{problem},{place},{zone}号片区\n", draft.number)
    };
    let said = format!("{}：{}", kind_info(draft.report.kind).unwrap().zh, draft.report.description);
    let (place, zone) = (&draft.report.place.address, draft.report.zone);
    let elsewhere = ZoneId(if zone == ZoneId(1) { 2 } else { 1 });
    for corrected in [list("占道经营", place, zone), list(&said, "别处", zone), list(&said, place, elsewhere)] {
        let sheet = read(&desk, corrected.as_str()).await;
        assert_eq!((sheet.fault_count, sheet.drafts[0].known), (0, true), "{corrected}");
        let [note] = &sheet.notes[..] else { panic!("one note: {:?}", sheet.notes) };
        assert_eq!((note.row, note.what, note.issue), (2, Noted::Corrected, draft.issue));
    }
    // Corrected here as well, there is nothing to say any more.
    let there = Place { address: "别处".into(), ..draft.report.place.clone() };
    let amend = step(desk.person.id, Action::Amend, State::Dispatched, None).with(Value::Place(there));
    desk.save(draft.issue, amend).unwrap();
    assert_eq!((desk.sync().await, desk.refused().len()), (None, 0));
    let sheet = read(&desk, list(&said, "别处", zone)).await;
    assert_eq!((sheet.drafts[0].known, sheet.notes.len(), sheet.note_count), (true, 0, 0));
    let other = read(&desk, list("占道经营", "别处", zone)).await;
    assert_eq!((other.faults[0].why, other.notes.len()), (Why::NumberTaken, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_list_strikes_off_while_it_stands_open_here_is_named() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let list = |state: &str| {
        format!(
            "编号,问题,地点,片区,状态\n1,门口有垃圾,解放路,1号片区,{state}\n,桥下有垃圾,河边,1号片区,{state}\n\
             3,从没来过,别处,1号片区,已销号\n"
        )
    };
    let first = read(&desk, list("整改中")).await;
    write(&mut desk, &first);
    assert_eq!(desk.sync().await, None);
    let sheet = read(&desk, list("已销号")).await;
    assert_eq!((sheet.fault_count, sheet.ended.len(), sheet.drafts.len()), (0, 3, 0));
    let named: Vec<_> = sheet.notes.iter().map(|note| (note.row, note.what, note.issue)).collect();
    let expected = first.drafts.iter().map(|draft| (draft.row, Noted::StillOpen, draft.issue));
    assert_eq!(named, expected.collect::<Vec<_>>());
    // Named by its id it is that issue, whatever was put right here since.
    let amend = step(desk.person.id, Action::Amend, State::Reported, None);
    let there = Place { address: "别处".into(), ..Place::default() };
    let amend = amend.with(Value::Description("占道经营".into())).with(Value::Place(there));
    desk.save(first.drafts[1].issue, amend).unwrap();
    assert_eq!((desk.sync().await, desk.refused().len()), (None, 0), "{:?}", desk.refused());
    let ours = format!("标识,问题,地点,片区,状态\n{},占道,别处,1号片区,已销号\n", first.drafts[1].issue);
    let [note] = &read(&desk, ours).await.notes[..] else { panic!("one note") };
    assert_eq!((note.row, note.what, note.issue), (2, Noted::StillOpen, first.drafts[1].issue));
    // Of another list that numbers its rows the same way nothing is said.
    let other = read(&desk, "编号,问题,地点,片区,状态\n1,占道经营,站前,2号片区,已销号\n").await;
    assert_eq!((other.ended.len(), other.notes.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desks_that_import_one_list_at_once_make_no_doubles() {
    let server = TestServer::start().await;
    let mut one = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let mut other = phone(&server, "副指挥", Role::Supervisor, &[1, 2]).await;
    let sheets = (read(&one, LIST).await, read(&other, LIST).await);
    write(&mut one, &sheets.0);
    write(&mut other, &sheets.1);
    assert_eq!((one.sync().await, other.sync().await), (None, None));
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM issues").fetch_one(&server.service.store).await.unwrap();
    assert_eq!(count, 2);
    let reporters: Vec<i64> =
        sqlx::query_scalar("SELECT DISTINCT reporter_id FROM issues").fetch_all(&server.service.store).await.unwrap();
    assert_eq!(reporters, [i64::from(one.person.id.0)], "the first to arrive");
    assert!(!other.refused().is_empty(), "and the second is told");
    let report = xiaohao_server::service::audit::verify(&server.service).await.unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_do_not_read_on_keep_files_and_no_threads() {
    let server = TestServer::start().await;
    two_reports(&server).await;
    let mut tx = server.service.write().await.unwrap();
    let id = "printf('0192c000-0000-7%03x-8000-%012x', abs(random()) % 4096, abs(random()) % 281474976710656)";
    // Words that no compressing makes short, until a workbook is longer than what is sent ahead.
    for _ in 0..7 {
        for statement in [
            "CREATE TABLE more AS SELECT * FROM issues".to_owned(),
            format!("UPDATE more SET issue_id = {id}, description = hex(randomblob(4000))"),
            "INSERT INTO issues SELECT * FROM more".to_owned(),
            "DROP TABLE more".to_owned(),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let (filter, tongue) = (Filter::default(), Tongue::default());
    let wish = Wish { filter, format: BookFormat::Xlsx, tongue, pictures: false };
    let book = async || export::book(&server.service, None, wish.clone()).await;
    let soon = async || {
        for _ in 0..200 {
            match book().await {
                Err(ServiceError::TooMany { .. }) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                written => return written.unwrap(),
            }
        }
        panic!("threads come back, though nobody reads");
    };
    let mut unread = Vec::new();
    for _ in 0..20 {
        unread.push(soon().await);
    }
    let pieces: Vec<_> = unread.remove(0).body.try_collect().await.unwrap();
    assert!(pieces.len() > 1 && pieces.concat().starts_with(b"PK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_is_recognised_when_it_comes_back() {
    let server = TestServer::start().await;
    let (desk, mut ids) = two_reports(&server).await;
    for format in ["xlsx", "csv"] {
        let file = desk.device.get(&format!("/api/export?format={format}")).await.body;
        let sheet = read(&desk, file).await;
        let mut found: Vec<IssueId> = sheet.drafts.iter().map(|draft| draft.issue).collect();
        found.sort();
        ids.sort();
        assert_eq!((found, sheet.fault_count), (ids.to_vec(), 0), "{format} {:?}", sheet.faults);
        assert!(sheet.drafts.iter().all(|draft| draft.known));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_supervisor_imports_and_only_what_is_a_list() {
    let server = TestServer::start().await;
    for role in [Role::Cadre, Role::Inspector, Role::Administrator] {
        let one = phone(&server, &format!("{role:?}"), role, &[1]).await;
        assert_eq!(one.device.post("/api/import", LIST).await.problem().kind, ProblemKind::Forbidden);
    }
    let desk = phone(&server, "指挥", Role::Supervisor, &[1]).await;
    let refused: Import = desk.device.post("/api/import", "%PDF-1.7 ").await.json();
    assert_eq!(refused, Import::Refused(FileFault::NotATable));
    let large = desk.device.post("/api/import", vec![b'a'; MAX_FILE + 1]).await;
    assert_eq!(large.problem().kind, ProblemKind::TooLarge);
}

//! Lists that leave the office as files, and lists that come in: over real HTTP, read back by other programs than those that wrote them.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::Value as Json;
use xiaohao_shared::api::{MAX_PICTURED_ROWS, ProblemKind};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::IssueId;
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

const NOON: Timestamp = Timestamp(1_795_608_000_000);

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
    let answer = desk.device.get("/api/export?format=csv&sort=newest").await;
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

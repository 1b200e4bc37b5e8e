//! The map from outside: outlines come in as a whole or not at all, phones get them once, and issues are drawn by the filter of lists.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use xiaohao_shared::api::{AuditPage, BaseMap, Dot, MapPicture, Office, Outlines, ProblemKind};
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::geo::geojson::{Fault, FileFault};
use xiaohao_shared::geo::zone_at;
use xiaohao_shared::id::{IssueId, ZoneId};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Fix, FixSource, Place, Role};
use xiaohao_shared::time::Timestamp;
use xiaohao_tests::edits::{new_issue, report, step};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{Call, GROUND, TestDevice, TestServer};

async fn administrator() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let admin = server.person("系统管理员", Role::Administrator, &[]).await;
    let device = server.enrol(&admin).await;
    (server, device)
}

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

/// A square hundredth of a degree, that many of them east of the first.
fn cell(name: &str, east: f64) -> Json {
    let (west, south) = (114.30 + east * 0.01, 30.55);
    let corner = |lon: f64, lat: f64| [west + lon, south + lat];
    let ring = [corner(0.0, 0.0), corner(0.01, 0.0), corner(0.01, 0.01), corner(0.0, 0.01), corner(0.0, 0.0)];
    let geometry = json!({ "type": "Polygon", "coordinates": [ring] });
    json!({ "type": "Feature", "properties": { "name": name }, "geometry": geometry })
}

fn file(features: &[Json]) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

async fn import(admin: &TestDevice, query: &str, file: impl Into<Vec<u8>>) -> Outlines {
    admin.post(&format!("/api/admin/outlines{query}"), file).await.json()
}

#[tokio::test]
async fn outlines_are_tried_first_taken_in_as_a_whole_and_reach_the_phones_with_the_directory() {
    let (server, admin) = administrator().await;
    let cadre = phone(&server, "李梅", Role::Cadre, &[1]).await.device;
    let before = cadre.get("/api/office").await;
    let good = file(&[cell("1号片区", 0.0), cell("2号片区", 1.0)]);
    let Outlines::Read { areas, saved: false } = import(&admin, "", good.clone()).await else { panic!("only tried") };
    assert_eq!(
        areas.iter().map(|area| (area.zone, area.points)).collect::<Vec<_>>(),
        [(Some(ZoneId(1)), 4), (Some(ZoneId(2)), 4)]
    );
    let unchanged = Call::get("/api/office").header("if-none-match", before.header("etag"));
    assert_eq!(cadre.send(unchanged.clone()).await.status, 304, "a trial changes nothing");
    let bad = file(&[cell("1号片区", 0.0), cell("月亮", 1.0)]);
    let Outlines::Read { areas, saved: false } = import(&admin, "?save=true", bad).await else {
        panic!("not by halves")
    };
    assert_eq!(areas[1].fault, Some(Fault::UnknownZone));
    assert_eq!(before.json::<Office>().outlines, []);
    assert_eq!(cadre.get("/api/office").await.json::<Office>().outlines, []);
    assert!(matches!(import(&admin, "?save=true", good).await, Outlines::Read { saved: true, .. }));
    let told: AuditPage = admin.get("/api/admin/audit").await.json();
    assert!(told.lines.iter().any(|line| line.what == "borders of zones 1 2"), "{:?}", told.lines);
    let office: Office = cadre.get("/api/office").await.json();
    assert!(office.version > before.json::<Office>().version);
    let at = |lat, lon| zone_at(&office.outlines, (lat, lon)).map(|zone| zone.0);
    assert_eq!([at(30.555, 114.305), at(30.555, 114.315), at(30.555, 114.325)], [Some(1), Some(2), None]);
    let later = file(&[cell("2号片区", 2.0)]);
    assert!(matches!(import(&admin, "?save=true", later).await, Outlines::Read { saved: true, .. }));
    let office: Office = cadre.get("/api/office").await.json();
    let at = |lat, lon| zone_at(&office.outlines, (lat, lon)).map(|zone| zone.0);
    assert_eq!([at(30.555, 114.305), at(30.555, 114.315), at(30.555, 114.325)], [Some(1), None, Some(2)]);
}

#[tokio::test]
async fn only_an_administrator_brings_outlines_and_files_that_are_none_are_told() {
    let (server, admin) = administrator().await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1]).await.device;
    let refused = desk.post("/api/admin/outlines?save=true", file(&[cell("1号片区", 0.0)])).await;
    assert_eq!(refused.problem().kind, ProblemKind::Forbidden);
    let fault = async |file: Vec<u8>| match import(&admin, "?save=true", file).await {
        Outlines::Refused(fault) => fault,
        Outlines::Read { .. } => panic!("this is no GeoJSON"),
    };
    assert_eq!(fault(b"PK\x03\x04".to_vec()).await, FileFault::NotJson { line: 1, column: 1 });
    assert_eq!(fault(vec![0xff; 9]).await, FileFault::NotJson { line: 1, column: 1 });
    // 片区, as programs in China write it where they do not write UTF-8.
    let gb =
        [br#"{"type":"FeatureCollection","name":""#.as_slice(), b"\xc6\xac\xc7\xf8", br#"","features":[]}"#].concat();
    assert_eq!(fault(gb).await, FileFault::Empty);
    let large = admin.post("/api/admin/outlines", vec![b' '; 4 * 1024 * 1024 + 1]).await;
    assert_eq!(large.problem().kind, ProblemKind::TooLarge);
    let strange = admin.post("/api/admin/outlines?datum=mars", file(&[cell("1号片区", 0.0)])).await;
    assert_eq!(strange.problem().kind, ProblemKind::BadRequest);
}

async fn report_at(phone: &mut Phone, zone: u32, position: Option<(f64, f64)>) -> IssueId {
    let issue = new_issue();
    let mut edit = report(phone.person.id, zone, "门口一堆");
    edit.sets.retain(|value| !matches!(value, Value::Place(_)));
    let fix = position.map(|(lat, lon)| Fix {
        lat,
        lon,
        accuracy_m: 9.0,
        datum: "wgs84".into(),
        source: FixSource::Gps,
        fixed_at: Timestamp(0),
    });
    phone.save(issue, edit.with(Value::Place(Place { address: "解放路".into(), fix, ..Place::default() }))).unwrap();
    assert_eq!(phone.sync().await, None);
    issue
}

async fn picture(device: &TestDevice, query: &str) -> MapPicture {
    device.get(&format!("/api/map{query}")).await.json()
}

#[tokio::test]
async fn the_map_has_the_issues_of_the_list_under_the_same_filter_and_within_the_same_zones() {
    let server = TestServer::start().await;
    let mut desk = phone(&server, "指挥", Role::Supervisor, &[1, 2]).await;
    let first = report_at(&mut desk, 1, Some((30.555, 114.305))).await;
    let second = report_at(&mut desk, 2, Some((30.5551, 114.3151))).await;
    report_at(&mut desk, 2, None).await;
    desk.save(second, step(desk.person.id, Action::File, State::Reported, Some(State::Filed))).unwrap();
    assert_eq!(desk.sync().await, None);
    let all = picture(&desk.device, "").await;
    let mut dots: Vec<_> =
        all.dots.iter().map(|Dot(id, lat, lon, state, _, late)| (*id, *lat, *lon, *state, *late)).collect();
    dots.sort_unstable();
    let expected =
        [(first, 3_055_500, 11_430_500, State::Reported, false), (second, 3_055_510, 11_431_510, State::Filed, false)];
    assert_eq!((all.total, dots), (3, expected.to_vec()));
    let filed = picture(&desk.device, "?states=filed&open=true").await;
    assert_eq!((filed.total, filed.dots.len(), filed.dots[0].0), (1, 1, second));
    let cadre = phone(&server, "李梅", Role::Cadre, &[1]).await.device;
    let own = picture(&cadre, "").await;
    assert_eq!((own.total, own.dots.len(), own.dots[0].0), (1, 1, first));
    let admin = server.person("系统管理员", Role::Administrator, &[]).await;
    let refused = server.enrol(&admin).await.get("/api/map").await;
    assert_eq!(refused.problem().kind, ProblemKind::Forbidden);
}

#[tokio::test]
async fn the_offices_own_base_map_goes_out_in_parts_to_signed_requests() {
    let server = TestServer::start().await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[1]).await.device;
    assert_eq!(
        desk.get("/api/map/base").await.json::<BaseMap>(),
        BaseMap { tiles: true, style: true, gcj02: true, plain: Some("0123456789abcdef".into()) }
    );
    let part = |range: &str| Call::get("/api/map/tiles").header("range", range);
    assert_eq!(desk.send(part("bytes=0-9")).await.problem().kind, ProblemKind::NotFound, "the file is not there");
    let files = server.base_map();
    std::fs::write(files.tiles.unwrap(), b"PMTiles\x03 and the rest of it").unwrap();
    std::fs::write(files.style.unwrap(), r#"{"version":8}"#).unwrap();
    let answer = desk.send(part("bytes=0-6")).await;
    assert_eq!((answer.status, answer.body.as_slice()), (206, b"PMTiles".as_slice()));
    assert_eq!(answer.header("content-range"), "bytes 0-6/27");
    assert_eq!(desk.send(part("bytes=24-99")).await.body, b" it");
    assert_eq!(desk.send(part("bytes=27-")).await.status, 416);
    assert_eq!(desk.get("/api/map/tiles").await.problem().kind, ProblemKind::TooLarge, "never the whole");
    assert_eq!(desk.get("/api/map/style").await.json::<Json>(), json!({ "version": 8 }));
    assert_eq!(server.plain("GET", "/api/map/tiles", &[("range", "bytes=0-6")]).await.status, 401);
    let ground = desk.get("/api/map/ground").await;
    assert_eq!((ground.body.as_slice(), ground.header("content-type")), (GROUND.as_bytes(), "application/geo+json"));
    assert_eq!(server.plain("GET", "/api/map/ground", &[]).await.status, 401);
}

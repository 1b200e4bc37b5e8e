use proptest::prelude::*;
use serde_json::json;

use super::*;

fn zones() -> Vec<Zone> {
    let zone = |id, name: &str| Zone { id: ZoneId(id), name: name.into(), code: format!("32010{id}"), bearers: vec![] };
    vec![zone(1, "解放路片区"), zone(2, "站前片区")]
}

const SQUARE: [[f64; 2]; 5] = [[114.30, 30.55], [114.31, 30.55], [114.31, 30.56], [114.30, 30.56], [114.30, 30.55]];

fn feature(properties: Value, geometry: Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

fn polygon(ring: impl Serialize) -> Value {
    json!({ "type": "Polygon", "coordinates": [ring] })
}

fn collection(features: Vec<Value>) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn read_all(features: Vec<Value>) -> Vec<Area> {
    read(&collection(features), Datum::Wgs84, &zones()).unwrap()
}

/// What is wrong with a geometry under a good name.
fn fault(geometry: Value) -> Fault {
    read_all(vec![feature(json!({ "name": "站前片区" }), geometry)]).remove(0).fault.unwrap()
}

#[test]
fn areas_find_their_zones_by_name_or_by_code_as_programs_spell_them() {
    let areas = read_all(vec![
        feature(json!({ "NAME": " 解放路片区 ", "人口": [1, 2] }), polygon(SQUARE)),
        feature(json!({ "代码": 320102, "name": "站前" }), polygon(SQUARE.map(|[lon, lat]| [lon, lat, 12.5].to_vec()))),
    ]);
    let found: Vec<_> = areas.iter().map(|area| (area.number, area.zone, area.points, area.fault.clone())).collect();
    assert_eq!(found, [(1, Some(ZoneId(1)), 4, None), (2, Some(ZoneId(2)), 4, None)]);
    let outline = areas[0].outline.as_ref().unwrap();
    assert!(outline.contains(Spot::of((30.555, 114.305)).unwrap()));
}

#[test]
fn a_single_feature_and_a_mark_of_byte_order_are_no_obstacle() {
    let text = format!("\u{feff}{}", feature(json!({ "name": "站前片区" }), polygon(SQUARE)));
    assert_eq!(read(&text, Datum::Wgs84, &zones()).unwrap()[0].zone, Some(ZoneId(2)));
}

#[test]
fn what_no_zone_is_called_what_is_called_nothing_and_what_comes_twice_is_told() {
    let named = |names: Value| feature(names, polygon(SQUARE));
    let areas = read_all(vec![
        named(json!({ "name": "别的街道" })),
        named(json!({})),
        named(Value::Null),
        named(json!({ "name": "站前片区" })),
        named(json!({ "code": "320102" })),
        named(json!({ "name": "站前片区", "code": "320101" })),
    ]);
    let faults: Vec<_> = areas.into_iter().map(|area| area.fault).collect();
    let expected = [
        Some(Fault::UnknownZone),
        Some(Fault::Nameless),
        Some(Fault::Nameless),
        None,
        Some(Fault::Twice(4)),
        Some(Fault::TwoZones),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn each_fault_of_a_geometry_has_its_own_word() {
    assert_eq!(fault(polygon(&SQUARE[..4])), Fault::Open);
    assert_eq!(fault(polygon(&SQUARE[..3])), Fault::Outline(Flaw::FewPoints));
    assert_eq!(fault(polygon(SQUARE.map(|[lon, lat]| [lat, lon]))), Fault::Swapped);
    let far = [[514.3, 30.5], [514.4, 30.5], [514.4, 30.6], [514.3, 30.5]];
    assert_eq!(fault(polygon(far)), Fault::OutOfRange { lon: 514.4, lat: 30.5 });
    let [a, b, c, d, _] = SQUARE;
    assert!(matches!(fault(polygon([a, c, b, d, a])), Fault::Outline(Flaw::Crossing(lat, lon))
        if (lat - 30.555).abs() < 1e-5 && (lon - 114.305).abs() < 1e-5));
    assert_eq!(fault(json!({ "type": "LineString", "coordinates": SQUARE })), Fault::NotAPolygon("LineString".into()));
    assert_eq!(fault(Value::Null), Fault::NotAPolygon("null".into()));
    assert_eq!(fault(polygon("114.30,30.55")), Fault::Malformed);
    assert_eq!(fault(polygon([[114.3], [114.4], [114.5], [114.3]])), Fault::Malformed);
    assert_eq!(fault(json!({ "type": "Polygon" })), Fault::Malformed);
    assert_eq!(fault(json!({ "type": "Polygon", "coordinates": [] })), Fault::Outline(Flaw::FewPoints));
    assert_eq!(read_all(vec![json!(7)])[0].fault, Some(Fault::Malformed));
}

#[test]
fn a_file_of_public_maps_is_moved_back_to_where_it_is() {
    let shifted = SQUARE.map(|[lon, lat]| {
        let (lat, lon) = crate::geo::gcj::gcj_from_wgs((lat, lon));
        [lon, lat]
    });
    let text = |ring| collection(vec![feature(json!({ "name": "站前片区" }), polygon(ring))]);
    let moved = read(&text(shifted), Datum::Gcj02, &zones()).unwrap().remove(0).outline;
    let plain = read(&text(SQUARE), Datum::Wgs84, &zones()).unwrap().remove(0).outline;
    assert_eq!(moved, plain);
}

#[test]
fn a_file_that_is_none_is_told_as_a_whole() {
    let fault = |text: &str| read(text, Datum::Wgs84, &zones()).unwrap_err();
    assert_eq!(fault("{\n \"type\": }"), FileFault::NotJson { line: 2, column: 10 });
    assert_eq!(fault(""), FileFault::NotJson { line: 1, column: 0 });
    for text in ["[]", "7", "{}", r#"{"type":"Topology"}"#, r#"{"type":"FeatureCollection"}"#] {
        assert_eq!(fault(text), FileFault::NotGeoJson, "{text}");
    }
    assert_eq!(fault(r#"{"type":"FeatureCollection","features":[]}"#), FileFault::Empty);
    let utm = r#"{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:4547"}},"features":[1]}"#;
    assert_eq!(fault(utm), FileFault::OtherSystem("EPSG:4547".into()));
    assert_eq!(fault(&" ".repeat(MAX_FILE + 1)), FileFault::TooLarge);
    assert_eq!(fault(&"[".repeat(MAX_BRACKETS + 1)), FileFault::TooManyPoints);
    assert_eq!(fault(&collection(vec![json!(1); MAX_FEATURES + 1])), FileFault::TooManyFeatures);
    assert!(matches!(fault(&"[".repeat(MAX_BRACKETS)), FileFault::NotJson { .. }), "depth is bounded");
}

proptest! {
    #[test]
    fn no_text_is_too_strange_to_be_read(text in r#"[\[\]{},:"a-z0-9. \\]{0,200}"#) {
        let _ = read(&text, Datum::Wgs84, &zones());
    }

    #[test]
    fn a_ring_of_any_numbers_is_an_outline_or_has_a_fault(
        ring in prop::collection::vec((-400.0..400.0, -400.0..400.0), 0..12)
    ) {
        let closed: Vec<_> = ring.iter().chain(ring.first()).collect();
        let area = read_all(vec![feature(json!({ "name": "站前片区" }), polygon(closed))]).remove(0);
        prop_assert_eq!(area.outline.is_some(), area.fault.is_none());
    }
}

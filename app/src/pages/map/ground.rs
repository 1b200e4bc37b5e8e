//! What is drawn, as GeoJSON: issues as points with the look of their state, zones as areas. Positions are moved here where the base
//! map is drawn in GCJ-02, and nowhere else. Must not know how it is drawn.

use std::fmt::Write as _;

use xiaohao_shared::api::Dot;
use xiaohao_shared::geo::ZoneOutline;
use xiaohao_shared::geo::gcj::gcj_from_wgs;
use xiaohao_shared::geo::outline::Spot;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::workflow::State;

/// States that look the same from above: by who has to do something.
pub struct Look {
    /// As in the style sheet and the map's own code.
    pub code: &'static str,
    pub states: &'static [State],
}

pub const LOOKS: [Look; 5] = [
    Look { code: "new", states: &[State::Reported, State::Verifying] },
    Look { code: "work", states: &[State::Filed, State::Dispatched, State::Handling] },
    Look { code: "check", states: &[State::ToCheck] },
    Look { code: "rework", states: &[State::Rework] },
    Look { code: "rest", states: &[State::Suspended, State::Closed, State::Void] },
];

fn look(state: State) -> &'static str {
    LOOKS.iter().find(|look| look.states.contains(&state)).map_or("rest", |look| look.code)
}

/// (Longitude, latitude) in degrees, as maps take it.
fn drawn(spot: Spot, moved: bool) -> (f64, f64) {
    let (lat, lon) = if moved { gcj_from_wgs(spot.degrees()) } else { spot.degrees() };
    (lon, lat)
}

pub fn issues(dots: &[Dot], moved: bool) -> String {
    let feature = |Dot(id, lat, lon, state, _, late): &Dot| {
        let (x, y) = drawn(Spot { lat: *lat, lon: *lon }, moved);
        let (look, late) = (look(*state), u8::from(*late));
        format!(
            "{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{x:.6},{y:.6}]}},\
             \"properties\":{{\"id\":\"{id}\",\"look\":\"{look}\",\"late\":{late}}}}}"
        )
    };
    collection(dots.iter().map(feature))
}

pub fn zones(outlines: &[ZoneOutline], name: impl Fn(ZoneId) -> String, moved: bool) -> String {
    let feature = |ZoneOutline { zone, outline }: &ZoneOutline| {
        let polygons = list(outline.polygons(), |polygon| list(polygon, |ring| closed(ring, moved)));
        let name = serde_json::to_string(&name(*zone)).unwrap_or_default();
        format!(
            "{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"MultiPolygon\",\"coordinates\":{polygons}}},\
             \"properties\":{{\"name\":{name}}}}}"
        )
    };
    collection(outlines.iter().map(feature))
}

fn closed(ring: &[Spot], moved: bool) -> String {
    let closed: Vec<Spot> = ring.iter().chain(ring.first()).copied().collect();
    list(&closed, |spot| {
        let (x, y) = drawn(*spot, moved);
        format!("[{x:.6},{y:.6}]")
    })
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(","))
}

fn collection(features: impl Iterator<Item = String>) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    for (at, feature) in features.enumerate() {
        let _ = write!(text, "{}{feature}", if at == 0 { "" } else { "," });
    }
    text.push_str("]}");
    text
}

/// West, south, east and north of the issues, or of the zones where there are none.
pub fn bounds(dots: &[Dot], outlines: &[ZoneOutline], moved: bool) -> Option<[f64; 4]> {
    let of_dots = dots.iter().map(|dot| Spot { lat: dot.1, lon: dot.2 });
    let corners = outlines.iter().flat_map(|zone| zone.outline.polygons()).flatten().flatten().copied();
    let spots: Vec<Spot> = if dots.is_empty() { corners.collect() } else { of_dots.collect() };
    let by = |of: fn(&Spot) -> i32| (spots.iter().map(of).min(), spots.iter().map(of).max());
    let ((Some(west), Some(east)), (Some(south), Some(north))) = (by(|spot| spot.lon), by(|spot| spot.lat)) else {
        return None;
    };
    let (low, high) = (drawn(Spot { lon: west, lat: south }, moved), drawn(Spot { lon: east, lat: north }, moved));
    Some([low.0, low.1, high.0, high.1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use xiaohao_shared::id::IssueId;
    use xiaohao_shared::model::catalogue::CATALOGUE;

    fn dot(lat: i32, lon: i32, state: State) -> Dot {
        Dot(IssueId([7; 16]), lat, lon, state, CATALOGUE[0].kind, state == State::Rework)
    }

    #[test]
    fn every_state_has_one_look() {
        for state in State::ALL {
            assert_eq!(LOOKS.iter().filter(|look| look.states.contains(&state)).count(), 1, "{state:?}");
        }
    }

    #[test]
    fn issues_and_zones_are_geojson_with_longitude_first_and_any_name() {
        let json: Value = serde_json::from_str(&issues(&[dot(3_055_000, 11_430_000, State::Rework)], false)).unwrap();
        assert_eq!(json["features"][0]["geometry"]["coordinates"], json!([114.3, 30.55]));
        assert_eq!(json["features"][0]["properties"]["look"], "rework");
        assert_eq!(json["features"][0]["properties"]["late"], 1);
        let outline = serde_json::from_str("[[[11430000,3055000,1000,0,0,1000]]]").unwrap();
        let outlines = [ZoneOutline { zone: ZoneId(1), outline }];
        let json: Value = serde_json::from_str(&zones(&outlines, |_| "\"甲\"\\".into(), false)).unwrap();
        let ring = &json["features"][0]["geometry"]["coordinates"][0][0];
        assert_eq!(*ring, json!([[114.3, 30.55], [114.31, 30.55], [114.31, 30.56], [114.3, 30.55]]));
        assert_eq!(json["features"][0]["properties"]["name"], "\"甲\"\\");
        assert_eq!(bounds(&[], &outlines, false), Some([114.3, 30.55, 114.31, 30.56]));
        assert_eq!(bounds(&[], &[], false), None);
    }

    #[test]
    fn what_is_drawn_on_a_public_map_is_moved_and_nothing_else_is() {
        let drawn_at = |moved| {
            let json: Value =
                serde_json::from_str(&issues(&[dot(3_990_000, 11_640_000, State::Filed)], moved)).unwrap();
            let at = json["features"][0]["geometry"]["coordinates"].clone();
            (at[1].as_f64().unwrap(), at[0].as_f64().unwrap())
        };
        assert_eq!(drawn_at(false), (39.9, 116.4));
        let (lat, lon) = gcj_from_wgs((39.9, 116.4));
        let moved = drawn_at(true);
        assert!((moved.0 - lat).abs() < 1e-6 && (moved.1 - lon).abs() < 1e-6, "{moved:?}");
    }
}

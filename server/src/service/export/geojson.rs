//! The list as GeoJSON (RFC 7946): one feature a line, WGS-84, property names that do not follow the language.

use serde_json::{Value, json};

use super::{Names, columns};
use crate::store::export::Line;

pub const HEAD: &str = "{\"type\":\"FeatureCollection\",\"features\":[";
pub const END: &str = "\n]}\n";

pub fn feature(line: &Line, names: &Names, is_first: bool) -> String {
    // An issue without a position is in the list, too.
    let geometry =
        line.position.map_or(Value::Null, |(lat, lon)| json!({ "type": "Point", "coordinates": [lon, lat] }));
    let feature = json!({
        "type": "Feature",
        "id": line.id.to_string(),
        "geometry": geometry,
        "properties": {
            "number": line.number,
            "problem": columns::problem(line, names),
            "place": columns::place(line),
            "responsible": columns::responsible(line, names),
            "demand": columns::demand(line, names),
            "due": line.due.map(|due| due.rfc3339()),
            "state": line.state.code(),
            "state_name": names.tongue.of(line.state.names()),
            "zone": line.zone.0,
            "zone_name": names.zone(line.zone),
            "kind": line.kind.to_string(),
            "kind_name": columns::kind(line, names),
            "place_type": line.place_type.code(),
            "severity": line.severity.code(),
            "reporter": names.person(line.reporter),
            "reported_at": line.reported_at.rfc3339(),
            "closed_at": line.closed_at.map(|at| at.rfc3339()),
            "photos": line.photos,
        },
    });
    format!("{}\n{feature}", if is_first { "" } else { "," })
}

//! Outlines of zones out of a GeoJSON file (RFC 7946), as other programs write them: what each area is called, which zone it
//! belongs to, and what is wrong with it, feature by feature. Knows text, not where it came from.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::gcj::wgs_from_gcj;
use super::outline::{Flaw, Outline, Polygon, Ring, Spot};
use crate::id::ZoneId;
use crate::model::Zone;

/// Bytes of a file.
pub const MAX_FILE: usize = 4 * 1024 * 1024;
pub const MAX_FEATURES: usize = 500;
/// Brackets of a file: as many as it has points and rings. Counted before anything is decoded.
pub const MAX_BRACKETS: usize = 200_000;
/// Characters of a name that are shown.
const MAX_NAME: usize = 40;

/// What a file's numbers mean. A file does not say, so whoever imports it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    #[default]
    Wgs84,
    /// As public maps in China give outlines away.
    Gcj02,
}

/// Why a file is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    #[error("larger than {MAX_FILE} bytes")]
    TooLarge,
    #[error("more than {MAX_BRACKETS} points")]
    TooManyPoints,
    #[error("more than {MAX_FEATURES} features")]
    TooManyFeatures,
    #[error("no JSON: line {line}, column {column}")]
    NotJson { line: u32, column: u32 },
    #[error("JSON, but neither a FeatureCollection nor a Feature")]
    NotGeoJson,
    #[error("no features")]
    Empty,
    /// Another system of coordinates than longitude and latitude.
    #[error("its coordinates are {0}")]
    OtherSystem(String),
    /// What this version does not know.
    #[error("for a reason of a newer version")]
    #[serde(other)]
    Other,
}

/// What is wrong with one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    #[error("it has no name and no code")]
    Nameless,
    #[error("no zone is called so")]
    UnknownZone,
    #[error("its name is one zone's and its code another's")]
    TwoZones,
    /// The other feature, counted from one.
    #[error("feature {0} is of the same zone")]
    Twice(u32),
    #[error("not the form of a feature")]
    Malformed,
    #[error("a {0}, not a Polygon or MultiPolygon")]
    NotAPolygon(String),
    #[error("a ring does not end where it began")]
    Open,
    #[error("no such place: longitude {lon}, latitude {lat}")]
    OutOfRange { lon: f64, lat: f64 },
    #[error("latitude before longitude")]
    Swapped,
    #[error(transparent)]
    Outline(Flaw),
}

/// A feature as the office understood it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// In the file, counted from one.
    pub number: u32,
    pub name: String,
    pub code: String,
    pub zone: Option<ZoneId>,
    /// `None` with every fault of the geometry.
    #[serde(skip)]
    pub outline: Option<Outline>,
    pub points: u32,
    pub fault: Option<Fault>,
}

/// Reads a file and finds the zone of each area. Nothing is left out: what is wrong is told with the feature that it is in.
pub fn read(text: &str, datum: Datum, zones: &[Zone]) -> Result<Vec<Area>, FileFault> {
    if text.len() > MAX_FILE {
        return Err(FileFault::TooLarge);
    }
    if text.bytes().filter(|byte| *byte == b'[').count() > MAX_BRACKETS {
        return Err(FileFault::TooManyPoints);
    }
    let features = features(text)?;
    let areas = (1..).zip(features).map(|(number, feature)| area(number, feature, datum));
    let mut areas: Vec<Area> = areas.collect();
    find_zones(&mut areas, zones);
    Ok(areas)
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
    crs: Option<Value>,
}

fn features(text: &str) -> Result<Vec<&RawValue>, FileFault> {
    let text = text.trim_start_matches('\u{feff}');
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| FileFault::NotJson {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        column: u32::try_from(error.column()).unwrap_or(u32::MAX),
    })?;
    let file: File<'_> = serde_json::from_str(whole.get()).map_err(|_| FileFault::NotGeoJson)?;
    if let Some(system) = file.crs.as_ref().and_then(other_system) {
        return Err(FileFault::OtherSystem(system));
    }
    let features = match (file.kind.as_deref(), file.features) {
        (Some("FeatureCollection"), Some(features)) => features,
        (Some("Feature"), _) => vec![whole],
        _ => return Err(FileFault::NotGeoJson),
    };
    match features.len() {
        0 => Err(FileFault::Empty),
        count if count > MAX_FEATURES => Err(FileFault::TooManyFeatures),
        _ => Ok(features),
    }
}

/// Older files name their system. Those of longitude and latitude that differ by less than a metre here are no other.
fn other_system(crs: &Value) -> Option<String> {
    const SAME: [&str; 4] = ["CRS84", "4326", "4490", "4979"];
    let name = crs.get("properties")?.get("name")?.as_str()?;
    let is_same = SAME.iter().any(|same| name.ends_with(same));
    (!is_same).then(|| name.chars().take(MAX_NAME).collect())
}

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(borrow)]
    geometry: Option<Geometry<'a>>,
    #[serde(default)]
    properties: Option<Names>,
}

#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

fn area(number: u32, feature: &RawValue, datum: Datum) -> Area {
    let area = Area {
        number,
        name: String::new(),
        code: String::new(),
        zone: None,
        outline: None,
        points: 0,
        fault: Some(Fault::Malformed),
    };
    let Ok(Feature { geometry, properties }) = serde_json::from_str(feature.get()) else { return area };
    let names = properties.unwrap_or_default();
    let (name, code) = (names.first(&NAMES), names.first(&CODES));
    match outline(geometry, datum) {
        Ok(outline) => {
            let points = outline.points() as u32;
            Area { name, code, points, outline: Some(outline), fault: None, ..area }
        }
        Err(fault) => Area { name, code, fault: Some(fault), ..area },
    }
}

fn outline(geometry: Option<Geometry<'_>>, datum: Datum) -> Result<Outline, Fault> {
    let Geometry { kind, coordinates } = geometry.ok_or(Fault::NotAPolygon("null".into()))?;
    let text = coordinates.map(RawValue::get).unwrap_or_default();
    let polygons = match kind.as_str() {
        "Polygon" => serde_json::from_str(text).map(|polygon| vec![polygon]),
        "MultiPolygon" => serde_json::from_str::<Vec<Vec<Vec<Position>>>>(text),
        _ => return Err(Fault::NotAPolygon(kind.chars().take(MAX_NAME).collect())),
    };
    let polygons = polygons.map_err(|_| Fault::Malformed)?;
    let polygon =
        |rings: &Vec<Vec<Position>>| rings.iter().map(|points| ring(points, datum)).collect::<Result<Polygon, _>>();
    let polygons = polygons.iter().map(polygon).collect::<Result<Vec<_>, _>>()?;
    Outline::new(polygons).map_err(Fault::Outline)
}

fn ring(points: &[Position], datum: Datum) -> Result<Ring, Fault> {
    if points.len() < 4 {
        return Err(Fault::Outline(Flaw::FewPoints));
    }
    if points.first() != points.last() {
        return Err(Fault::Open);
    }
    let mut ring: Ring = Vec::with_capacity(points.len());
    for point in &points[1..] {
        let spot = spot(*point, datum)?;
        if ring.last() != Some(&spot) {
            ring.push(spot);
        }
    }
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() < 3 { Err(Fault::Outline(Flaw::FewPoints)) } else { Ok(ring) }
}

fn spot(Position(lon, lat): Position, datum: Datum) -> Result<Spot, Fault> {
    // The mistake that everybody makes once. No office of this system lies where China would be with its axes exchanged.
    let is_swapped = (73.0..136.0).contains(&lat) && (3.0..54.0).contains(&lon);
    if is_swapped {
        return Err(Fault::Swapped);
    }
    let position = match datum {
        Datum::Wgs84 => (lat, lon),
        Datum::Gcj02 => wgs_from_gcj((lat, lon)),
    };
    Spot::of(position).ok_or(Fault::OutOfRange { lon, lat })
}

/// The zone of each area, by code or by name. What fits none, and what fits one that another area has, is a fault.
fn find_zones(areas: &mut [Area], zones: &[Zone]) {
    let mut taken: BTreeMap<ZoneId, u32> = BTreeMap::new();
    for area in areas {
        let by_code = zones.iter().find(|zone| !zone.code.is_empty() && zone.code == area.code).map(|zone| zone.id);
        let by_name = zones.iter().find(|zone| zone.name == area.name).map(|zone| zone.id);
        let found = match (by_code, by_name) {
            (Some(code), Some(name)) if code != name => Err(Fault::TwoZones),
            (None, None) if area.name.is_empty() && area.code.is_empty() => Err(Fault::Nameless),
            (found, or) => found.or(or).ok_or(Fault::UnknownZone),
        };
        let found = found.and_then(|zone| match taken.get(&zone) {
            Some(other) => Err(Fault::Twice(*other)),
            None => Ok(zone),
        });
        match found {
            Ok(zone) => {
                taken.insert(zone, area.number);
                area.zone = Some(zone);
            }
            Err(fault) => area.fault = area.fault.take().or(Some(fault)),
        }
    }
}

/// Longitude, latitude. An altitude may follow, and is not wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Position(f64, f64);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = Position;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a longitude and a latitude")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Position, A::Error> {
                let mut number =
                    || list.next_element::<f64>()?.ok_or_else(|| serde::de::Error::invalid_length(0, &self));
                let position = Position(number()?, number()?);
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(position)
            }
        }
        deserializer.deserialize_seq(Pair)
    }
}

/// How programs call the name of an area, and its code. Compared without regard to case.
const NAMES: [&str; 7] = ["name", "名称", "片区", "社区", "网格名称", "zone_name", "zone"];
const CODES: [&str; 6] = ["code", "代码", "编码", "社区代码", "网格编码", "id"];

/// Those properties of a feature that may say which zone it is; all others are not even kept in memory.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn first(&self, names: &[&str]) -> String {
        names.iter().find_map(|name| self.0.get(*name)).cloned().unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Properties;
        impl<'de> Visitor<'de> for Properties {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("properties")
            }

            fn visit_unit<E>(self) -> Result<Names, E> {
                Ok(Names::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Names::default();
                while let Some(key) = map.next_key::<String>()? {
                    let key = key.to_lowercase();
                    if !NAMES.contains(&key.as_str()) && !CODES.contains(&key.as_str()) {
                        map.next_value::<IgnoredAny>()?;
                    } else if let Some(text) = said(&map.next_value()?) {
                        names.0.entry(key).or_insert(text);
                    }
                }
                Ok(names)
            }
        }
        deserializer.deserialize_any(Properties)
    }
}

/// Codes are sometimes written as numbers.
fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then(|| text.chars().take(MAX_NAME).collect())
}

#[cfg(test)]
mod tests;

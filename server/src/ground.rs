//! The office's own ground as one GeoJSON file: read and checked once, when the office begins, so that nobody at a map meets a file
//! that is none. Knows nothing of zones and issues, nor how it is drawn.

use std::fmt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

/// Bytes of the file: it goes to each device once, and stays there.
pub const MAX_PLAIN: u64 = 20 * 1024 * 1024;

/// Why a file is no ground.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    #[error("{} cannot be read", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} has more than {} MB", .0.display(), MAX_PLAIN / 1024 / 1024)]
    TooLarge(PathBuf),
    #[error("{} is no GeoJSON in longitude and latitude, as UTF-8 text", .path.display())]
    NotGeoJson { path: PathBuf, source: serde_json::Error },
    #[error("{} has no features", .0.display())]
    Empty(PathBuf),
}

/// A file that was checked, and a mark by which a device knows that it has it already.
#[derive(Clone)]
pub struct Plain {
    pub mark: String,
    pub text: Bytes,
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plain({}, {} bytes)", self.mark, self.text.len())
    }
}

impl Plain {
    pub fn read(path: &Path) -> Result<Self, GroundError> {
        let unreadable = |source| GroundError::Unreadable { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_PLAIN {
            return Err(GroundError::TooLarge(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let file: File =
            serde_json::from_slice(text).map_err(|source| GroundError::NotGeoJson { path: path.to_owned(), source })?;
        if matches!(&file, File::FeatureCollection { features } if features.is_empty()) {
            return Err(GroundError::Empty(path.to_owned()));
        }
        let mark = base16ct::lower::encode_string(&Sha256::digest(text)[..8]);
        Ok(Self { mark, text: Bytes::copy_from_slice(text) })
    }
}

/// What stands in the file (RFC 7946), as far as it must be right for a map to draw it.
#[derive(Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "read to be checked, and then let go")]
enum File {
    FeatureCollection { features: Vec<Feature> },
    Feature { geometry: Option<Geometry> },
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be checked, and then let go")]
struct Feature {
    r#type: Marked,
    geometry: Option<Geometry>,
}

#[derive(Deserialize)]
enum Marked {
    Feature,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
#[expect(dead_code, reason = "read to be checked, and then let go")]
enum Geometry {
    Point {
        coordinates: Nested<0>,
    },
    MultiPoint {
        coordinates: Nested<1>,
    },
    LineString {
        coordinates: Nested<1>,
    },
    MultiLineString {
        coordinates: Nested<2>,
    },
    Polygon {
        coordinates: Nested<2>,
    },
    MultiPolygon {
        coordinates: Nested<3>,
    },
    #[serde(rename = "GeometryCollection")]
    Several {
        geometries: Vec<Geometry>,
    },
}

/// Positions, in so many lists of lists.
struct Nested<const DEPTH: usize>;

impl<'de, const DEPTH: usize> Deserialize<'de> for Nested<DEPTH> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::DeserializeSeed::deserialize(Level(DEPTH), from).map(|()| Self)
    }
}

#[derive(Clone, Copy)]
struct Level(usize);

impl<'de> serde::de::DeserializeSeed<'de> for Level {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("longitude and latitude in degrees")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.0 > 0 {
            while list.next_element_seed(Self(self.0 - 1))?.is_some() {}
            return Ok(());
        }
        let (longitude, latitude) = (list.next_element::<f64>()?, list.next_element::<f64>()?);
        let there = |degrees: Option<f64>, most: f64| degrees.is_some_and(|degrees| degrees.abs() <= most);
        if !there(longitude, 180.0) || !there(latitude, 90.0) {
            return Err(serde::de::Error::invalid_value(serde::de::Unexpected::Seq, &self));
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Plain, GroundError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ground.geojson");
        std::fs::write(&path, text).unwrap();
        Plain::read(&path)
    }

    fn feature(geometry: &str) -> String {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"河"}},"geometry":{geometry}}}]}}"#
        )
    }

    #[test]
    fn areas_lines_points_and_features_without_a_place_are_ground() {
        let geometries = [
            r#"{"type":"Point","coordinates":[118.7,32.0,5]}"#,
            r#"{"type":"LineString","coordinates":[[118.7,32],[118.8,32.1]]}"#,
            r#"{"type":"MultiPolygon","coordinates":[[[[118.7,32],[118.8,32],[118.8,32.1],[118.7,32]]]]}"#,
            r#"{"coordinates":[[[118.7,32],[118.8,32],[118.8,32.1],[118.7,32]]],"type":"Polygon"}"#,
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
            "null",
        ];
        for geometry in geometries {
            assert!(read(&feature(geometry)).is_ok(), "{geometry}");
        }
        let marked = read(&format!("\u{feff}{}", feature("null"))).unwrap();
        assert_eq!((marked.text, marked.mark.len()), (feature("null").into(), 16));
    }

    #[test]
    fn what_no_map_could_draw_is_refused_when_the_office_begins() {
        let wrong = [
            "{ oops",
            r#"{"type":"Topology","objects":{}}"#,
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Circle","coordinates":[1,2]}}]}"#,
        ];
        let wrong = wrong.map(String::from).into_iter();
        // Metres, another order of the numbers than longitude first, one number, too deep, not deep enough.
        let geometries = [
            r#"{"type":"Point","coordinates":[420000.5,3550000.2]}"#,
            r#"{"type":"Point","coordinates":[32.0,118.7]}"#,
            r#"{"type":"Point","coordinates":[118.7]}"#,
            r#"{"type":"Point","coordinates":[[118.7,32.0]]}"#,
            r#"{"type":"Polygon","coordinates":[[118.7,32.0]]}"#,
        ];
        for text in wrong.chain(geometries.map(feature)) {
            assert!(matches!(read(&text), Err(GroundError::NotGeoJson { .. })), "{text}");
        }
        assert!(matches!(read(r#"{"type":"FeatureCollection","features":[]}"#), Err(GroundError::Empty(_))));
        assert!(matches!(Plain::read(Path::new("nowhere.geojson")), Err(GroundError::Unreadable { .. })));
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_without_reading_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ground.geojson");
        std::fs::File::create(&path).unwrap().set_len(MAX_PLAIN + 1).unwrap();
        assert!(matches!(Plain::read(&path), Err(GroundError::TooLarge(_))));
    }
}

//! The issues of a list on a map, and what the office lays under them.

use serde::{Deserialize, Serialize};

use crate::id::IssueId;
use crate::model::catalogue::Kind;
use crate::model::workflow::State;
use crate::time::Timestamp;

/// Most issues on one map.
pub const MAX_DOTS: usize = 10_000;

/// `GET /api/map`: the issues of a list that have a position, the first of its order if there are too many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPicture {
    pub server_time: Timestamp,
    /// All issues of the list, also those not on the map.
    pub total: u64,
    pub dots: Vec<Dot>,
}

/// An issue on the map, as short as it can be said: latitude and longitude are in units of 1e-5 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot(pub IssueId, pub i32, pub i32, pub State, pub Kind, pub bool);

/// `GET /api/map/base`: what the office lays under its issues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseMap {
    /// `GET /api/map/tiles` gives parts of a PMTiles archive.
    pub tiles: bool,
    /// `GET /api/map/style` gives a style of MapLibre.
    pub style: bool,
    /// Positions must be moved to GCJ-02 before they are drawn on it.
    pub gcj02: bool,
    /// `GET /api/map/ground` gives a GeoJSON with this mark, which is another one where the file is.
    #[serde(default)]
    pub plain: Option<String>,
}

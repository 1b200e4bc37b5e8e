//! Zones as an administrator keeps them, and what became of a file of their borders.

use serde::{Deserialize, Serialize};

use crate::geo::geojson::{Area, FileFault};
use crate::id::ZoneId;
use crate::model::Bearer;

/// Longest name of a part in the joint responsibility for a zone, in characters.
pub const MAX_PART: usize = 20;
/// Most parts in one zone.
pub const MAX_PARTS: usize = 40;

/// `POST /api/admin/zones`, answered by all zones; one without `id` is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveZone {
    pub id: Option<ZoneId>,
    pub name: String,
    /// Community code of at most 12 digits, or empty.
    #[serde(default)]
    pub code: String,
    /// 包保 as it shall be; without it, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearers: Option<Vec<Bearer>>,
}

/// The answer to `POST /api/admin/outlines?datum=wgs84&save=false`, whose body is a GeoJSON file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlines {
    /// The file as a whole is none that can be read.
    Refused(FileFault),
    /// Saved only if asked for and nothing is wrong with any area.
    Read { areas: Vec<Area>, saved: bool },
}

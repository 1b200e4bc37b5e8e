//! Lists as files for other programs: the formats, and how much goes into one. Knows nothing of how a file is written.

use serde::{Deserialize, Serialize};

/// The header of an export that says how many issues are in it.
pub const ROWS_HEADER: &str = "x-rows";
/// Most issues of a workbook: it is sent only when it is whole, and nobody waits for ever. CSV and GeoJSON have no bound.
pub const MAX_BOOK_ROWS: u64 = 200_000;
/// Most issues of a workbook with pictures, all of which are in memory at once.
pub const MAX_PICTURED_ROWS: u64 = 1_000;

/// `GET /api/export?format=…`: a filtered list as a file for the office's other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookFormat {
    Xlsx,
    Csv,
    Geojson,
}

/// `GET /api/export/progress`: rows of a workbook that stand already, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    pub written: u64,
    pub of: u64,
}

impl BookFormat {
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Geojson];

    /// As in the address, and as the ending of the file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Geojson => "geojson",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

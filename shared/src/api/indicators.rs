//! The indicators of a month and how they went through twelve; what a recurrence is at this office. What they count, the model knows.

use serde::{Deserialize, Serialize};

use crate::id::ZoneId;
use crate::model::indicator::{Figures, Indicator, Thresholds};
use crate::model::settlement::Month;
use crate::time::Timestamp;

/// More than ten years is no recurrence.
pub const MOST_RECURRENCE_DAYS: u16 = 3_650;

/// `POST /api/indicators/recurrence`, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    pub days: u16,
}

/// `GET /api/indicators?month=2026-11`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicators {
    pub month: Month,
    pub server_time: Timestamp,
    pub whole: Figures,
    pub zones: Vec<ZoneFigures>,
    /// Set by `POST /api/indicators/thresholds`.
    pub thresholds: Thresholds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneFigures {
    pub zone: ZoneId,
    pub figures: Figures,
}

/// `GET /api/trends?month=2026-11`, of one zone with `&zone=3`: twelve months, the given one last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    pub server_time: Timestamp,
    pub months: Vec<(Month, Figures)>,
    pub trends: Vec<Trend>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    pub indicator: Indicator,
    /// SVG; empty where it could not be drawn.
    pub chart: String,
}

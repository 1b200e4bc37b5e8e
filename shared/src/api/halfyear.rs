//! The sanitation chapter of the work summary, as figures and pictures. Knows nothing of pages and documents.

use serde::{Deserialize, Serialize};

use super::indicators::ZoneFigures;
use crate::id::PhotoId;
use crate::model::catalogue::Kind;
use crate::model::indicator::Figures;
use crate::model::settlement::Month;
use crate::model::summary::Summary;
use crate::time::Timestamp;

/// `GET /api/halfyear?from=2026-01&to=2026-06`: the sanitation chapter of the office's work summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfYear {
    pub from: Month,
    pub to: Month,
    pub server_time: Timestamp,
    pub whole: Figures,
    pub zones: Vec<ZoneFigures>,
    /// What was found most stands first.
    pub kinds: Vec<(Kind, Flow)>,
    pub months: Vec<(Month, Flow)>,
    /// Found and neither struck off nor voided at the end of the period, or now.
    pub open: u64,
    /// Struck off in the period after having waited for long: how many, and the longest of them.
    pub solved_count: u64,
    pub solved: Vec<Summary>,
    /// Struck off in the period with photos of both: how many, and a few of them.
    pub pairs_count: u64,
    pub pairs: Vec<BeforeAfter>,
    /// The months as a picture in SVG; empty where it could not be drawn.
    pub chart: String,
}

/// What came in and what went out, and of what was due then, how much was handled and how much in time: the counts behind the
/// first two indicators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub found: u64,
    pub struck: u64,
    /// These are absent in what an older office answers.
    #[serde(default)]
    pub due: u64,
    #[serde(default)]
    pub handled: u64,
    #[serde(default)]
    pub in_time: u64,
}

impl Flow {
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            found: self.found + other.found,
            struck: self.struck + other.struck,
            due: self.due + other.due,
            handled: self.handled + other.handled,
            in_time: self.in_time + other.in_time,
        }
    }

    /// What the indicators make of these counts.
    pub fn figures(&self) -> Figures {
        let Self { found: reported, struck, due, handled, in_time } = *self;
        Figures { reported, struck, due, handled, in_time, ..Figures::default() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BeforeAfter {
    pub issue: Summary,
    pub before: PhotoId,
    pub after: PhotoId,
}

//! The books of the months. Their arithmetic the model knows.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ZoneId};
use crate::model::catalogue::Kind;
use crate::model::settlement::{Line, Month};
use crate::time::Timestamp;

/// `GET /api/settlements`: the frozen months, the latest first, and the one that can be frozen next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlements {
    pub frozen: Vec<SettlementHead>,
    /// None while the month after the last frozen one has not ended.
    pub next: Option<Month>,
    /// The month that somebody freezes at this moment. Nothing of it stands before it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freezing: Option<Freezing>,
}

/// A frozen month, in `GET /api/settlements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementHead {
    pub month: Month,
    pub number: String,
    pub frozen_at: Timestamp,
    pub frozen_by: PersonId,
}

/// `POST /api/settlements`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub month: Month,
}

/// How far a month is that is being frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freezing {
    pub month: Month,
    /// Issues that the books have looked at, of how many; none of them while others still write.
    pub looked_at: u64,
    pub of: u64,
}

/// `GET /api/settlements/{month}`, and the answer to freezing it. With `?part=book` what is compared with today's data is zero: nobody
/// looked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub head: SettlementHead,
    pub lines: Vec<SettlementLine>,
    /// Zones that were there when it was frozen and have no line in the book. Absent in what an older office answers.
    #[serde(default)]
    pub idle: Vec<ZoneId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    pub zone: ZoneId,
    pub kind: Kind,
    pub line: Line,
    /// What the closing stock of that month would be by what the office knows today.
    pub live: u64,
    /// In the closing stock of the book, and today not known to have been.
    pub gone: u64,
    /// Known today to have been in the closing stock, and not in that of the book.
    pub come: u64,
    /// Reported in that month, and not among what is new in the book.
    #[serde(default)]
    pub missed: u64,
    /// Ended in that month by the book or by what is known today, and not by both in the same way.
    #[serde(default)]
    pub otherwise: u64,
}

impl SettlementLine {
    /// In the order of [`crate::model::behind::Drift::ALL`].
    pub fn drifts(&self) -> [u64; 4] {
        [self.gone, self.come, self.missed, self.otherwise]
    }
}

//! The board, its counts, and the lists behind them, on the screen and printed. Knows nothing of filters but that they name groups.

use serde::{Deserialize, Serialize};

use super::held::Held;
use super::supervision::Doubled;
use crate::id::PhotoId;
use crate::model::filter::Grouping;
use crate::model::summary::Summary;
use crate::model::workflow::State;
use crate::time::Timestamp;

/// `GET /api/board`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub server_time: Timestamp,
    /// The log position that these numbers reflect.
    pub position: u64,
    pub columns: Vec<Column>,
    /// Issues with concurrent values, and changes held for review: the 待裁决 list.
    pub undecided: Vec<Summary>,
    pub held: Vec<Held>,
    /// How many there are, of which the lists hold the first. Absent in what an older office answers.
    #[serde(default)]
    pub undecided_count: u64,
    #[serde(default)]
    pub held_count: u64,
    /// For whoever reads the books. Absent in what an older office answers.
    #[serde(default)]
    pub doubles: Vec<Doubled>,
}

impl Board {
    /// Issues that wait for a decision, and held changes that do.
    pub fn waiting(&self) -> [u64; 2] {
        [self.undecided_count.max(self.undecided.len() as u64), self.held_count.max(self.held.len() as u64)]
    }
}

/// One column of `GET /api/board`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub state: State,
    /// All issues of this state under the filter, also those not in `cards`.
    pub count: u64,
    /// The first page, most urgent first.
    pub cards: Vec<Summary>,
}

/// `GET /api/tally`: how many issues of each state a group has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub server_time: Timestamp,
    /// The log position that these numbers reflect.
    pub position: u64,
    pub by: Grouping,
    /// Each issue once, also where it counts in several groups.
    pub total: u64,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the group is called in addresses: see [`Grouping`].
    pub key: String,
    pub counts: Vec<(State, u64)>,
    pub overdue: u64,
}

/// `GET /api/issues`, `GET /api/settlements/{month}/issues?figure=…`, `GET /api/indicators/issues?month=…&figure=…`: one keyset page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssuePage {
    pub rows: Vec<Summary>,
    pub next: Option<String>,
    /// All issues of the list, where no tally counts them.
    #[serde(default)]
    pub total: Option<u64>,
}

/// `GET /api/sheets`, with the filter of a list: its first issues as they are printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheets {
    /// How many are on the list; no more than a few hundred are printed at once.
    pub total: u64,
    pub sheets: Vec<Sheet>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub row: Summary,
    /// What the dispatch asked for (整改要求); empty where it said nothing.
    pub demand: String,
    pub before: Option<PhotoId>,
    pub after: Option<PhotoId>,
    /// All of it; `row` has its beginning. Absent in what an older office answers.
    #[serde(default)]
    pub description: String,
}

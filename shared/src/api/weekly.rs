//! The weekly 督办 lists and their notices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{IssueId, PersonId, PhotoId};
use crate::model::SupervisionLevel;
use crate::model::summary::Summary;
use crate::model::workflow::State;
use crate::time::Timestamp;

/// Weekly lists at once: as many as a year has weeks, and one that tells whether there are more.
pub const WEEKLY_HEADS: usize = 53;

/// A weekly 督办 list, in `GET /api/weekly` and as the answer to `POST /api/weekly`, which makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyHead {
    /// The year and the how-manieth list of it: `2026-003`.
    pub number: String,
    pub made_at: Timestamp,
    pub made_by: PersonId,
    pub entries: u64,
    /// Those that were struck off or voided until the next list was made; until today, while there is none.
    pub ended: u64,
}

/// `GET /api/weekly/{number}`: the list by whoever has to act, those without one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    pub head: WeeklyHead,
    pub previous: Option<Previous>,
    pub units: Vec<WeeklyUnit>,
    /// Whether what became of it is told as it was when the next list was made, and no longer changes. Absent in what an older office
    /// answers.
    #[serde(default)]
    pub told: bool,
}

/// What became of the list before, or of one person's part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub number: String,
    pub struck: u64,
    pub handed_in: u64,
    pub open: u64,
    pub void: u64,
}

impl Previous {
    pub fn entries(&self) -> u64 {
        self.struck + self.handed_in + self.open + self.void
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyUnit {
    pub person: Option<PersonId>,
    pub entries: u64,
    pub ended: u64,
}

/// `GET /api/weekly/{number}/{person}`: the 督办单 of one of them; person 0 is nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub head: WeeklyHead,
    pub server_time: Timestamp,
    pub previous: Option<Previous>,
    /// How many are on the list; a notice holds no more than a few hundred of them.
    pub total: u64,
    pub entries: Vec<WeeklyEntry>,
    /// What had become of each when the next list was made; empty while there is none, and in what an older office answers.
    #[serde(default)]
    pub became: BTreeMap<IssueId, State>,
}

/// An issue as it stood when the list was made, and as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeeklyEntry {
    /// Its number on the list.
    pub position: u64,
    pub state: State,
    pub due: Option<Timestamp>,
    pub supervision: Option<SupervisionLevel>,
    pub now: Summary,
    /// On how many lists it has been, this one among them.
    pub times: u64,
    /// What the dispatch asked for (整改要求); empty where it said nothing.
    pub demand: String,
    pub press: Option<Press>,
    pub before: Option<PhotoId>,
    pub after: Option<PhotoId>,
    /// What was answered to the last pressing.
    #[serde(default)]
    pub reply: Option<Reply>,
    /// What the last pressing asked for (督办要求). Absent in what an older office answers, as the next.
    #[serde(default)]
    pub pressed_for: String,
    /// All of it; `now` has its beginning.
    #[serde(default)]
    pub description: String,
}

/// 督办 has a number and a deadline of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    pub number: String,
    pub due: Option<Timestamp>,
    /// Whether the number stands on another issue, too. Absent in what an older office answers.
    #[serde(default)]
    pub shared: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub by: PersonId,
    pub at: Timestamp,
    pub text: String,
}

//! Rounds as the office answers and counts them. What a round is, and which bands of the day it covers, the model knows.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ZoneId};
use crate::model::patrol::{BANDS, Doubt, Patrol};
use crate::time::{Date, Timestamp};

/// Most rounds in one answer.
pub const MOST_ROUNDS: usize = 500;
/// Most days that are looked at at once.
pub const MOST_PATROL_DAYS: i32 = 93;

/// The answer to `POST /api/patrols`, whose body is a [`Patrol`]: when the office first had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatrolTaken {
    pub received_at: Timestamp,
}

/// `GET /api/patrols?from=2026-11-01&to=2026-11-30&zone=3&band=2`: how the zones were patrolled on these days, both included.
/// Zone and band narrow the rounds, not the counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patrols {
    pub from: Date,
    pub to: Date,
    pub server_time: Timestamp,
    /// All zones, those without a round included.
    pub zones: Vec<ZonePatrols>,
    /// The newest first, at most [`MOST_ROUNDS`].
    pub rounds: Vec<Round>,
    /// Also those that are not in `rounds`.
    pub total: u64,
}

/// What counts of a zone's rounds; those in doubt do not. A round counts on the day on which it was opened, with all of its time and
/// findings; the bands are covered when they were walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZonePatrols {
    pub zone: ZoneId,
    /// How often each band of the day is over by now, since the zone is there.
    pub due: [u64; BANDS],
    /// How often each band of the day was patrolled.
    pub covered: [u64; BANDS],
    pub rounds: u64,
    pub found: u64,
    /// Milliseconds.
    pub walked: i64,
    /// Rounds in doubt, which stand in the list beside those that count. Absent in what an older office answers.
    #[serde(default)]
    pub doubtful: u64,
}

/// A round as the office has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub patrol: Patrol,
    pub person: PersonId,
    pub received_at: Timestamp,
    pub doubt: Option<Doubt>,
}

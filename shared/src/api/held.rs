//! Changes that the office kept and did not merge, and what the desk decides about them. Why they were held, the sync knows.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, IssueId, PersonId, ZoneId};
use crate::time::Timestamp;

/// Longest reason of a decision, in characters.
pub const MAX_REASON: usize = 500;

/// A change that was kept but not merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Hex of the change hash.
    pub hash: String,
    pub issue: IssueId,
    pub zone: ZoneId,
    pub person: PersonId,
    pub device: DeviceId,
    pub received_at: Timestamp,
    /// The refusal code of [`crate::sync::Refusal`].
    pub reason: String,
    /// What the change wanted to do, for the supervisor to read.
    pub content: String,
    /// A held change may be adopted; a quarantined one is only evidence.
    pub adoptable: bool,
}

/// `POST /api/held/{hash}`: the word alone, or with why, which the office keeps beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DecideHeld {
    Bare(HeldDecision),
    Because { decision: HeldDecision, reason: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldDecision {
    Adopt,
    Discard,
}

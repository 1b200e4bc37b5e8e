//! What the office keeps about people: about its own, and about those who told it of an issue. Knows nothing of who may look.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::model::retention::Retention;
use crate::model::tipster::Tipster;
use crate::time::Timestamp;

/// `GET /api/privacy`: how long the office keeps what, and how much of it is about the asker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    pub rule: Retention,
    pub audit_days: u32,
    pub about: About,
}

/// How many records name a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub reported: u64,
    pub steps: u64,
    pub photos: u64,
    pub rounds: u64,
    pub devices: u64,
    pub audit: u64,
    /// Passkeys and names at the office's sign-on.
    #[serde(default)]
    pub proofs: u64,
    /// Saved views.
    #[serde(default)]
    pub views: u64,
}

/// `GET /api/issues/{id}/tipster`: who told of it, and who noted that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipsterNoted {
    pub tipster: Tipster,
    pub noted_by: PersonId,
    pub noted_at: Timestamp,
}

/// `POST /api/issues/{id}/tipster`: `None` forgets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipsterWish {
    pub tipster: Option<Tipster>,
}

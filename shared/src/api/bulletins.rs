//! 今日提示: notices of the office and how far they came. Knows nothing of where they are shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ZoneId};
use crate::model::{Person, Role};
use crate::time::Timestamp;

/// Longest notice, in characters.
pub const MAX_BULLETIN: usize = 500;

/// 今日提示: a notice from the office. Phones have it with the directory, and show it while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    pub id: u32,
    pub text: String,
    /// Empty: for everybody.
    pub zones: BTreeSet<ZoneId>,
    pub until: Timestamp,
    pub made_at: Timestamp,
    pub made_by: PersonId,
}

impl Bulletin {
    pub fn is_for(&self, person: &Person) -> bool {
        let works = person.active && person.role != Role::Administrator;
        works && (self.zones.is_empty() || !self.zones.is_disjoint(&person.zones))
    }
}

/// `POST /api/bulletins`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveBulletin {
    pub text: String,
    /// Empty: for everybody.
    pub zones: Vec<ZoneId>,
    pub until: Timestamp,
}

/// `GET /api/bulletins`: a notice, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulletinReads {
    pub bulletin: Bulletin,
    pub withdrawn_at: Option<Timestamp>,
    pub read: Vec<(PersonId, Timestamp)>,
    /// For whom it is and who has not read it.
    pub unread: Vec<PersonId>,
}

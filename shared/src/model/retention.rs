//! How long an office keeps what it may let go of. Unset means for ever: nothing goes unless the office says so. The log, its
//! documents and changes are the record and have no rule; the audit has its own.

use serde::{Deserialize, Serialize};

use crate::time::{DAY, Timestamp};

/// Months, each counted from when nobody touched it any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The large pictures of issues that are not open; the small ones stay.
    pub photos: Option<u32>,
    /// What refused or held changes said, once the desk decided.
    pub evidence: Option<u32>,
    /// Who walked where, and when.
    pub patrols: Option<u32>,
    /// Who told of issues that are not open.
    pub tipsters: Option<u32>,
}

/// Months below which nothing can be set: half a year for most, because the audit still points at it, and for rounds a year, because figures
/// of last year are made of them.
pub const LEAST: Retention = Retention { photos: Some(6), evidence: Some(6), patrols: Some(12), tipsters: Some(1) };
const MOST: u32 = 600;

impl Retention {
    pub fn is_allowed(&self) -> bool {
        let within =
            |least: Option<u32>, set: Option<u32>| set.is_none_or(|set| (least.unwrap_or(MOST)..=MOST).contains(&set));
        within(LEAST.photos, self.photos)
            && within(LEAST.evidence, self.evidence)
            && within(LEAST.patrols, self.patrols)
            && within(LEAST.tipsters, self.tipsters)
    }
}

/// What is older than this has had its months. A month is the longest there is, so nothing goes a day too early.
pub fn cut(months: u32, now: Timestamp) -> Timestamp {
    now + -(i64::from(months) * 31 * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_that_says_nothing_keeps_everything_and_none_keeps_too_little() {
        assert!(Retention::default().is_allowed());
        assert!(LEAST.is_allowed());
        for (photos, evidence, patrols) in [(5, 6, 12), (6, 5, 12), (6, 6, 11), (0, 6, 12), (601, 6, 12)] {
            let rule =
                Retention { photos: Some(photos), evidence: Some(evidence), patrols: Some(patrols), tipsters: None };
            assert!(!rule.is_allowed(), "{rule:?}");
        }
    }

    #[test]
    fn a_year_is_never_shorter_than_a_year() {
        assert!(cut(12, Timestamp(0)) <= Timestamp(-366 * DAY));
    }
}

//! When the office wants its phones to hide what they show. A phone keeps to it by itself, also offline; what a lock is worth there
//! the app says. Knows no clock of its own: who asks says how long nobody has touched the phone.

use serde::{Deserialize, Serialize};

use crate::time::MINUTE;

/// Longer is no lock.
pub const MOST_MINUTES: u16 = 480;

/// An office that says nothing locks nothing: a phone that hides its form after an hour's walk surprises whoever was not told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockRule {
    /// Minutes without a touch after which a phone hides everything; 0 is never.
    #[serde(default)]
    pub idle_minutes: u16,
    /// Whether phones shall keep what the office has, too, under a key that only the person's passkey gives out.
    #[serde(default)]
    pub vault: bool,
}

impl LockRule {
    pub fn is_allowed(&self) -> bool {
        self.idle_minutes <= MOST_MINUTES
    }

    /// `idle`: milliseconds since the last touch. Less than nothing comes from a clock that was set back, which must not open a phone.
    pub fn is_due(&self, idle: i64) -> bool {
        let limit = i64::from(self.idle_minutes) * MINUTE;
        limit > 0 && !(0..limit).contains(&idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_that_says_nothing_locks_nothing() {
        assert!(!LockRule::default().is_due(i64::MAX));
        assert_eq!(serde_json::from_str::<LockRule>("{}").expect("read"), LockRule::default());
    }

    #[test]
    fn a_phone_locks_when_its_minutes_are_over_and_when_its_clock_was_set_back() {
        let rule = LockRule { idle_minutes: 5, vault: false };
        assert!(!rule.is_due(0) && !rule.is_due(5 * MINUTE - 1));
        assert!(rule.is_due(5 * MINUTE) && rule.is_due(-1));
    }

    #[test]
    fn nobody_sets_a_lock_that_is_none() {
        assert!(LockRule { idle_minutes: MOST_MINUTES, vault: true }.is_allowed());
        assert!(!LockRule { idle_minutes: MOST_MINUTES + 1, vault: false }.is_allowed());
    }
}

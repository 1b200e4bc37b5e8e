//! What the office changed about the catalogue, as it is read later: by this version, and by one that does not know all of it.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::model::rules::{Limits, RuleWish};
use crate::time::Timestamp;

/// A line of `GET /api/catalogue/changes`, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    pub at: Timestamp,
    pub by: PersonId,
    pub wish: Journaled,
    /// What the office had there before.
    pub was: Option<Was>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Was {
    Limits(Limits),
    /// A closing condition, or the name of a kind of its own.
    Words(String),
    /// What this version does not know.
    Unknown(serde_json::Value),
}

/// What was asked for. One line of a newer office that this version does not know must not cost the whole journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Journaled {
    Known(RuleWish),
    Unknown(serde_json::Value),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_rules_that_this_version_does_not_know_leaves_the_others_readable() {
        let offer = RuleWish::Offer(crate::model::catalogue::CATALOGUE[0].kind, false);
        let of = |wish: serde_json::Value, was| serde_json::json!({"at": 1, "by": 1, "wish": wish, "was": was});
        let journal = serde_json::json!([
            of(serde_json::json!({"of_tomorrow": 1}), serde_json::json!({"of_tomorrow": 2})),
            of(serde_json::to_value(&offer).unwrap(), serde_json::Value::Null),
        ]);
        let [newer, known]: [RuleChange; 2] = serde_json::from_value(journal.clone()).unwrap();
        assert!(matches!((&newer.wish, &newer.was), (Journaled::Unknown(_), Some(Was::Unknown(_)))));
        assert_eq!((&known.wish, &known.was), (&Journaled::Known(offer), &None));
        assert_eq!(serde_json::to_value([newer, known]).unwrap(), journal);
    }
}

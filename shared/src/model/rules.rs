//! What an office decided about the catalogue (domain.md section 2.2): its own limits for filing conditions (立案条件), and kinds
//! that are not reported here. Where it decided nothing, the catalogue holds. Pure data; phones have it with the directory.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalogue::{CATALOGUE, Kind, Limit, PlaceType, kind_info};
use super::{Severity, catalogue};

/// A kind of issue, at places of one type or of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Condition {
    pub kind: Kind,
    pub place_type: Option<PlaceType>,
}

/// By how urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub ordinary: Limit,
    pub urgent: Limit,
    pub very_urgent: Limit,
}

impl Limits {
    /// What the catalogue gives.
    pub fn usual(kind: Kind) -> Self {
        let of = |severity| catalogue::limit(kind, severity);
        Self { ordinary: of(Severity::Ordinary), urgent: of(Severity::Urgent), very_urgent: of(Severity::VeryUrgent) }
    }

    pub fn of(self, severity: Severity) -> Limit {
        match severity {
            Severity::Ordinary => self.ordinary,
            Severity::Urgent => self.urgent,
            Severity::VeryUrgent => self.very_urgent,
        }
    }

    /// Nothing is due at once, and nothing in years.
    fn are_sensible(self) -> bool {
        let all = [self.ordinary, self.urgent, self.very_urgent];
        all.into_iter().all(|limit| (1..=MOST).contains(&limit.amount))
    }
}

/// Most units of a limit.
pub const MOST: u32 = 366;

/// What an administrator asks for, one thing at a time: two of them at once undo nothing of each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleWish {
    /// `None`: as the catalogue has it, or as it is at any place.
    Limits(Condition, Option<Limits>),
    /// Whether it can be reported here.
    Offer(Kind, bool),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub limits: Vec<(Condition, Limits)>,
    /// Not offered for reports any more. What was reported stays what it is.
    pub off: BTreeSet<Kind>,
}

impl Rules {
    /// The limit of an issue: of its kind at such a place, else of its kind, else by the catalogue.
    pub fn limit(&self, kind: Kind, place_type: PlaceType, severity: Severity) -> Limit {
        let at = |place_type| self.set(Condition { kind, place_type });
        let limits = at(Some(place_type)).or_else(|| at(None));
        limits.unwrap_or_else(|| Limits::usual(kind)).of(severity)
    }

    /// What the office set for exactly this condition.
    pub fn set(&self, condition: Condition) -> Option<Limits> {
        self.limits.iter().find(|(other, _)| *other == condition).map(|(_, limits)| *limits)
    }

    pub fn offers(&self, kind: Kind) -> bool {
        !self.off.contains(&kind)
    }

    /// The rules with a wish fulfilled; `None` if an office cannot wish that.
    #[must_use]
    pub fn with(&self, wish: RuleWish) -> Option<Self> {
        let mut rules = self.clone();
        match wish {
            RuleWish::Limits(condition, limits) => {
                kind_info(condition.kind)?;
                if limits.is_some_and(|limits| !limits.are_sensible()) {
                    return None;
                }
                rules.limits.retain(|(other, _)| *other != condition);
                rules.limits.extend(limits.map(|limits| (condition, limits)));
                rules.limits.sort_unstable_by_key(|(condition, _)| *condition);
            }
            RuleWish::Offer(kind, true) => drop(rules.off.remove(&kind)),
            RuleWish::Offer(kind, false) => drop(rules.off.insert(kind_info(kind)?.kind)),
        }
        CATALOGUE.iter().any(|info| rules.offers(info.kind)).then_some(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::catalogue::LimitUnit;
    use super::*;
    use proptest::prelude::*;

    const LATRINE: Kind = Kind { edition: 2026, code: 6901 };

    fn days(amount: u32) -> Limit {
        Limit { amount, unit: LimitUnit::WorkingDay }
    }

    fn limits(ordinary: u32) -> Limits {
        Limits { ordinary: days(ordinary), urgent: days(2), very_urgent: days(1) }
    }

    fn set(place_type: Option<PlaceType>, limits: Option<Limits>) -> RuleWish {
        RuleWish::Limits(Condition { kind: LATRINE, place_type }, limits)
    }

    #[test]
    fn the_narrowest_condition_holds_and_without_one_the_catalogue() {
        let at = |rules: &Rules, place, severity| rules.limit(LATRINE, place, severity).amount;
        let none = Rules::default();
        assert_eq!(at(&none, PlaceType::Water, Severity::Urgent), 15, "half of the catalogue's thirty days");
        let anywhere = none.with(set(None, Some(limits(9)))).unwrap();
        let both = anywhere.with(set(Some(PlaceType::Water), Some(limits(4)))).unwrap();
        assert_eq!(at(&both, PlaceType::Water, Severity::Ordinary), 4);
        assert_eq!(at(&both, PlaceType::Green, Severity::Ordinary), 9);
        assert_eq!(at(&both, PlaceType::Green, Severity::VeryUrgent), 1);
        assert_eq!(both.with(set(Some(PlaceType::Water), None)), Some(anywhere));
    }

    #[test]
    fn no_office_can_wish_a_limit_of_nothing_or_of_years_or_to_report_nothing_at_all() {
        let unknown = Kind { edition: 2031, code: 1 };
        let rules = Rules::default();
        for amount in [0, MOST + 1] {
            assert_eq!(rules.with(set(None, Some(limits(amount)))), None);
        }
        assert_eq!(rules.with(RuleWish::Offer(unknown, false)), None);
        let (last, others) = CATALOGUE.split_last().unwrap();
        let off = others.iter().try_fold(rules, |rules, info| rules.with(RuleWish::Offer(info.kind, false))).unwrap();
        assert_eq!(off.with(RuleWish::Offer(last.kind, false)), None);
        assert!(off.with(RuleWish::Offer(LATRINE, true)).unwrap().offers(LATRINE));
    }

    fn wish() -> impl Strategy<Value = RuleWish> {
        let kind = (0..CATALOGUE.len()).prop_map(|at| CATALOGUE[at].kind);
        let place = prop::option::of((0..PlaceType::ALL.len()).prop_map(|at| PlaceType::ALL[at]));
        (kind, place, prop::option::of(1..=MOST), any::<bool>(), any::<bool>()).prop_map(
            |(kind, place_type, amount, limits_or_offer, on)| match limits_or_offer {
                true => RuleWish::Limits(Condition { kind, place_type }, amount.map(limits)),
                false => RuleWish::Offer(kind, on),
            },
        )
    }

    proptest! {
        #[test]
        fn a_wish_moves_its_own_condition_and_no_other(wishes in prop::collection::vec(wish(), 0..20), last in wish()) {
            let before = wishes.iter().try_fold(Rules::default(), |rules, wish| rules.with(*wish)).unwrap();
            let Some(after) = before.with(last) else { return Ok(()) };
            prop_assert_eq!(after.with(last), Some(after.clone()), "said twice it is true once");
            for info in CATALOGUE {
                for place_type in PlaceType::ALL.into_iter().map(Some).chain([None]) {
                    let condition = Condition { kind: info.kind, place_type };
                    let expected = match last {
                        RuleWish::Limits(other, limits) if other == condition => limits,
                        _ => before.set(condition),
                    };
                    prop_assert_eq!(after.set(condition), expected);
                }
            }
            let json = serde_json::to_string(&after).unwrap();
            prop_assert_eq!(serde_json::from_str::<Rules>(&json).unwrap(), after);
        }
    }
}

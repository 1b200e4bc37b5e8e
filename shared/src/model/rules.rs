//! What an office decided about the catalogue (domain.md section 2.2): its own limits and closing conditions (结案条件) for filing
//! conditions (立案条件), kinds of its own, and kinds that are not reported here. Where it decided nothing, the catalogue holds. Pure
//! data; phones have it with the directory.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalogue::{CATALOGUE, EDITION, Kind, Limit, PlaceType, kind_info};
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
/// Letters of the name of a kind, and of a closing condition.
pub const MAX_NAME: usize = 20;
pub const MAX_CLOSE_WHEN: usize = 100;
/// Codes for kinds of an office's own: a part of the local extension (domain.md section 3) that the catalogue leaves free.
pub const OWN_CODES: std::ops::RangeInclusive<u32> = 6950..=6989;

/// A kind of this office's own (自定义类别), which no national catalogue has. Once named it stays: issues have its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnKind {
    pub kind: Kind,
    pub name: String,
}

impl OwnKind {
    fn is_sensible(&self, rules: &Rules) -> bool {
        let own = self.kind.edition == EDITION && OWN_CODES.contains(&self.kind.code);
        own && !self.is_taken(rules) && are_words(&self.name, MAX_NAME)
    }

    /// Whether another kind has this name.
    fn is_taken(&self, rules: &Rules) -> bool {
        CATALOGUE.iter().any(|info| info.zh == self.name || info.en == self.name)
            || rules.own.iter().any(|other| other.kind != self.kind && other.name == self.name)
    }
}

fn are_words(text: &str, most: usize) -> bool {
    let letters = text.chars().count();
    text.trim() == text && (1..=most).contains(&letters) && !text.chars().any(char::is_control)
}

/// What an administrator asks for, one thing at a time: two of them at once undo nothing of each other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleWish {
    /// `None`: as the catalogue has it, or as it is at any place.
    Limits(Condition, Option<Limits>),
    /// Whether it can be reported here.
    Offer(Kind, bool),
    /// When an issue of this condition is done; `None` as for limits.
    CloseWhen(Condition, Option<String>),
    /// Adds a kind of the office's own, or names it anew.
    Own {
        #[serde(flatten)]
        own: OwnKind,
        /// What its asker believes it to be called; `None` where he believes the code to be free. Absent in what an older version
        /// asks, which so adds and renames nothing unseen.
        #[serde(default)]
        was: Option<String>,
    },
}

/// What is saved in one go: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RuleWishes {
    /// What an older version asks.
    One(RuleWish),
    Some(Vec<RuleWish>),
}

impl RuleWishes {
    pub fn into_vec(self) -> Vec<RuleWish> {
        match self {
            Self::One(wish) => vec![wish],
            Self::Some(wishes) => wishes,
        }
    }
}

/// Wishes of one form: there are fewer decisions about one condition.
pub const MAX_WISHES: usize = 8;

/// What somebody else did in the meantime, so that a wish would do something else than its asker sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// The code has another name than he believes.
    Code,
    /// Another kind has the name.
    Name,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub limits: Vec<(Condition, Limits)>,
    /// Not offered for reports any more. What was reported stays what it is.
    pub off: BTreeSet<Kind>,
    /// These two are absent in what an older office has.
    #[serde(default)]
    pub close_when: Vec<(Condition, String)>,
    #[serde(default)]
    pub own: Vec<OwnKind>,
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

    /// What the office wrote for exactly this condition.
    pub fn closing(&self, condition: Condition) -> Option<&str> {
        self.close_when.iter().find(|(other, _)| *other == condition).map(|(_, words)| words.as_str())
    }

    /// When an issue counts as done, in the office's words: as with limits. `None`: as the catalogue has it.
    pub fn closes_when(&self, kind: Kind, place_type: PlaceType) -> Option<&str> {
        let at = |place_type| self.closing(Condition { kind, place_type });
        at(Some(place_type)).or_else(|| at(None))
    }

    /// The name of a kind of the office's own.
    pub fn own_name(&self, kind: Kind) -> Option<&str> {
        self.own.iter().find(|own| own.kind == kind).map(|own| own.name.as_str())
    }

    /// The first code that no kind of the office's own has.
    pub fn free_kind(&self) -> Option<Kind> {
        let kinds = OWN_CODES.map(|code| Kind { edition: EDITION, code });
        kinds.into_iter().find(|kind| self.own_name(*kind).is_none())
    }

    fn knows(&self, kind: Kind) -> bool {
        kind_info(kind).is_some() || self.own_name(kind).is_some()
    }

    pub fn offers(&self, kind: Kind) -> bool {
        !self.off.contains(&kind)
    }

    /// Whether somebody else was faster. Said twice, a wish clashes with nothing.
    pub fn clash(&self, wish: &RuleWish) -> Option<Clash> {
        let RuleWish::Own { own, was } = wish else { return None };
        let now = self.own_name(own.kind);
        match () {
            () if now == Some(own.name.as_str()) => None,
            () if now != was.as_deref() => Some(Clash::Code),
            () => own.is_taken(self).then_some(Clash::Name),
        }
    }

    /// The rules with a wish fulfilled; `None` if an office cannot wish that.
    #[must_use]
    pub fn with(&self, wish: RuleWish) -> Option<Self> {
        let mut rules = self.clone();
        if self.clash(&wish).is_some() {
            return None;
        }
        match wish {
            RuleWish::Limits(condition, limits) => {
                self.knows(condition.kind).then_some(())?;
                if limits.is_some_and(|limits| !limits.are_sensible()) {
                    return None;
                }
                rules.limits.retain(|(other, _)| *other != condition);
                rules.limits.extend(limits.map(|limits| (condition, limits)));
                rules.limits.sort_unstable_by_key(|(condition, _)| *condition);
            }
            RuleWish::Offer(kind, true) => drop(rules.off.remove(&kind)),
            RuleWish::Offer(kind, false) => drop(rules.off.insert(self.knows(kind).then_some(kind)?)),
            RuleWish::CloseWhen(condition, words) => {
                let fits = words.as_deref().is_none_or(|words| are_words(words, MAX_CLOSE_WHEN));
                (fits && self.knows(condition.kind)).then_some(())?;
                rules.close_when.retain(|(other, _)| *other != condition);
                rules.close_when.extend(words.map(|words| (condition, words)));
                rules.close_when.sort_unstable_by_key(|(condition, _)| *condition);
            }
            RuleWish::Own { own, .. } => {
                own.is_sensible(self).then_some(())?;
                rules.own.retain(|other| other.kind != own.kind);
                rules.own.push(own);
                rules.own.sort_unstable_by_key(|own| own.kind);
            }
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

    #[test]
    fn a_kind_of_the_offices_own_has_a_name_limits_and_an_end_of_its_own() {
        let rules = Rules::default();
        let kind = rules.free_kind().unwrap();
        let condition = Condition { kind, place_type: None };
        let named = |rules: &Rules, kind, name: &str| {
            rules.with(RuleWish::Own { own: OwnKind { kind, name: name.into() }, was: None })
        };
        assert_eq!(rules.with(RuleWish::Limits(condition, Some(limits(3)))), None, "nobody knows it yet");
        for name in ["", " 共享单车", "暴露垃圾", &"长".repeat(MAX_NAME + 1), "a\u{7}"] {
            assert_eq!(named(&rules, kind, name), None, "{name:?}");
        }
        assert_eq!(named(&rules, LATRINE, "共享单车乱放"), None, "the catalogue has its own names");
        let rules = named(&rules, kind, "共享单车乱放").unwrap();
        assert_eq!(
            (rules.own_name(kind), rules.free_kind().map(|it| it.code)),
            (Some("共享单车乱放"), Some(kind.code + 1))
        );
        assert_eq!(named(&rules, rules.free_kind().unwrap(), "共享单车乱放"), None, "twice the same name");
        let rules = rules.with(RuleWish::Limits(condition, Some(limits(3)))).unwrap();
        assert_eq!(rules.limit(kind, PlaceType::Water, Severity::Ordinary).amount, 3);
        let close = |rules: &Rules, place_type, words: Option<&str>| {
            rules.with(RuleWish::CloseWhen(Condition { kind, place_type }, words.map(Into::into)))
        };
        let rules = close(&rules, None, Some("车辆归位")).unwrap();
        let rules = close(&rules, Some(PlaceType::FarmMarket), Some("车辆全部清走")).unwrap();
        assert_eq!(rules.closes_when(kind, PlaceType::FarmMarket), Some("车辆全部清走"));
        assert_eq!(rules.closes_when(kind, PlaceType::Water), Some("车辆归位"));
        assert_eq!(rules.closes_when(LATRINE, PlaceType::Water), None, "as the catalogue has it");
        assert_eq!(close(&rules, None, Some(" ")), None);
        let back = close(&rules, Some(PlaceType::FarmMarket), None).unwrap();
        assert_eq!(back.closes_when(kind, PlaceType::FarmMarket), Some("车辆归位"));
        assert!(!rules.with(RuleWish::Offer(kind, false)).unwrap().offers(kind));
    }

    #[test]
    fn of_two_who_add_a_kind_at_once_the_second_renames_nothing_and_is_told() {
        let before = Rules::default();
        let kind = before.free_kind().unwrap();
        let wish = |name: &str, was: Option<&str>| RuleWish::Own {
            own: OwnKind { kind, name: name.into() },
            was: was.map(Into::into),
        };
        let (first, second) = (wish("共享单车乱放", None), wish("飞线充电", None));
        let rules = before.with(first.clone()).unwrap();
        assert_eq!((rules.clash(&second), rules.with(second)), (Some(Clash::Code), None));
        assert_eq!((rules.clash(&first), rules.with(first)), (None, Some(rules.clone())), "said twice");
        let anew = rules.with(wish("单车乱放", Some("共享单车乱放"))).unwrap();
        assert_eq!(anew.clash(&wish("单车占道", Some("共享单车乱放"))), Some(Clash::Code), "renamed by two");
        let next = OwnKind { kind: anew.free_kind().unwrap(), name: "单车乱放".into() };
        assert_eq!(anew.clash(&RuleWish::Own { own: next, was: None }), Some(Clash::Name));
    }

    #[test]
    fn a_wish_and_its_note_of_an_older_version_are_read() {
        let json = r#"{"own":{"kind":"2026/06950","name":"共享单车"}}"#;
        let own = OwnKind { kind: Kind { edition: 2026, code: 6950 }, name: "共享单车".into() };
        assert_eq!(serde_json::from_str::<RuleWish>(json).unwrap(), RuleWish::Own { own, was: None });
    }

    #[test]
    fn what_an_office_of_an_older_version_decided_is_read() {
        let rules: Rules = serde_json::from_str(r#"{"limits":[],"off":["2026/06901"]}"#).unwrap();
        assert!(!rules.offers(LATRINE) && rules.own.is_empty() && rules.close_when.is_empty());
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
            let before = wishes.iter().try_fold(Rules::default(), |rules, wish| rules.with(wish.clone())).unwrap();
            let Some(after) = before.with(last.clone()) else { return Ok(()) };
            prop_assert_eq!(after.with(last.clone()), Some(after.clone()), "said twice it is true once");
            for info in CATALOGUE {
                for place_type in PlaceType::ALL.into_iter().map(Some).chain([None]) {
                    let condition = Condition { kind: info.kind, place_type };
                    let expected = match &last {
                        RuleWish::Limits(other, limits) if *other == condition => *limits,
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

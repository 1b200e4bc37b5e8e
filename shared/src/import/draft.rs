//! A row that can become an issue: the edits that it becomes, and what it has to do with an issue of its number. Knows no column.

use serde::{Deserialize, Serialize};

use crate::doc::value::Value;
use crate::doc::{Edit, Report};
use crate::id::{IssueId, PersonId};
use crate::model::catalogue::Kind;
use crate::model::workflow::{Action, State};
use crate::model::{Issue, Step};
use crate::time::Timestamp;

/// A row that can become an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub row: u32,
    pub issue: IssueId,
    /// The office has it already.
    pub known: bool,
    /// By which it is known; empty where the row has none, or names an issue of this office.
    #[serde(default)]
    pub number: String,
    pub report: Report,
    pub found_at: Timestamp,
    /// Whether the list says when; otherwise it is now.
    #[serde(default)]
    pub dated: bool,
    /// Whether the list calls it done, without calling it struck off.
    #[serde(default)]
    pub handled: bool,
    /// Where it comes from.
    pub source: String,
    pub dispatch: Option<Dispatch>,
    /// Those whom the row names as responsible and who are not put in charge. For the office alone.
    #[serde(skip)]
    pub not_in_charge: String,
    /// Kind and words as the row reads without the office's own kinds, where that is something else: so it may have come in before those
    /// had names. For the office alone.
    #[serde(skip)]
    pub plain: Option<(Kind, String)>,
}

/// What a row and an issue of one number have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinship {
    /// It was reported as this very row says.
    Same,
    /// Somebody put the row right in the list: the place is still the same, or what was found that day in that zone.
    Corrected,
    /// Neither: another list numbers its rows the same way.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    pub assignee: PersonId,
    pub until: Timestamp,
    pub demand: String,
}

impl Draft {
    /// How the row stands to the issue that has its number. `first` is what its report said, whatever was corrected here since.
    pub fn against(&self, first: &Issue) -> Kinship {
        let same = |one: &str, other: &str| one.split_whitespace().eq(other.split_whitespace());
        let (mine, theirs) = (&self.report.place, &first.place);
        let zone = self.report.zone == first.zone;
        let spot = same(&mine.address, &theirs.address) && same(&mine.landmark, &theirs.landmark);
        // Of two rows that name no spot nothing says that it is one.
        let is_said = spot && !(mine.address.trim().is_empty() && mine.landmark.trim().is_empty());
        let reads = |kind: Kind, words: &str| kind == first.kind && same(words, &first.description);
        let plain = self.plain.as_ref().is_some_and(|(kind, words)| reads(*kind, words));
        let problem = plain || reads(self.report.kind, &self.report.description);
        let day = !self.dated || self.found_at.date() == first.reported_at.date();
        // A kind's name alone is in every list.
        let tells = !self.report.description.trim().is_empty();
        // Where nothing says the spot: the day that both name, or one kind of problem.
        let akin = (self.dated && day) || self.report.kind == first.kind;
        match (zone && spot, problem) {
            (true, true) if day => Kinship::Same,
            (true, true) => Kinship::Corrected,
            (true, false) if is_said || akin => Kinship::Corrected,
            (true, false) => Kinship::Other,
            (false, true) if (zone || is_said) && tells && day => Kinship::Corrected,
            (false, _) => Kinship::Other,
        }
    }

    /// The edits that this row becomes, by whoever imports it. Their records are named by the issue, so that writing them once more
    /// is recognised.
    pub fn edits(&self, by: PersonId, now: Timestamp) -> Vec<Edit> {
        let mut report = Edit::report(self.record(0), by, self.found_at, self.report.clone());
        if let Some(step) = &mut report.step {
            step.record.reason.clone_from(&self.source);
        }
        let Some(Dispatch { assignee, until, demand }) = &self.dispatch else { return vec![report] };
        let step = |action, from, to| Step { from: Some(from), to: Some(to), ..Step::new(by, now, action) };
        let file = step(Action::File, State::Reported, State::Filed);
        let dispatch = step(Action::Dispatch, State::Filed, State::Dispatched);
        let dispatch = Step { reason: demand.clone(), until: Some(*until), ..dispatch };
        let dispatch = Edit::step(self.record(2), dispatch);
        let dispatch = dispatch.with(Value::Assignee(Some(*assignee))).with(Value::Due(Some(*until)));
        vec![report, Edit::step(self.record(1), file), dispatch]
    }

    fn record(&self, step: u8) -> String {
        let end = self.issue.0.iter().rev().take(3).map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("i{step}{end}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::id::ZoneId;
    use crate::model::Place;
    use crate::testing::{ISSUE, reported};
    use crate::time::DAY;

    fn draft(zone: ZoneId, address: &str, description: &str, first: &Issue) -> Draft {
        let place = Place { address: address.into(), ..Place::default() };
        let report = Report {
            zone,
            kind: first.kind,
            place_type: first.place_type,
            description: description.into(),
            place,
            severity: first.severity,
            photos: BTreeMap::new(),
        };
        Draft {
            row: 2,
            issue: first.id,
            known: true,
            number: "1".into(),
            report,
            found_at: first.reported_at,
            dated: false,
            handled: false,
            source: String::new(),
            dispatch: None,
            not_in_charge: String::new(),
            plain: None,
        }
    }

    #[test]
    fn a_row_at_another_place_is_the_same_issue_only_where_zone_words_and_day_say_so() {
        let first = Issue { description: "门口一堆".into(), ..reported().0.read(ISSUE).unwrap() };
        let (here, there) = (first.zone, ZoneId(first.zone.0 + 1));
        let away = |zone, words: &str| draft(zone, "别处", words, &first);
        assert_eq!(away(here, "门口一堆").against(&first), Kinship::Corrected);
        assert_eq!(away(there, "门口一堆").against(&first), Kinship::Other);
        let later = Draft { dated: true, found_at: first.reported_at + 2 * DAY, ..away(here, "门口一堆") };
        assert_eq!(later.against(&first), Kinship::Other);
        let bare = Issue { description: String::new(), ..first.clone() };
        assert_eq!(away(here, "").against(&bare), Kinship::Other, "every list has a row of this kind");
        let address = first.place.address.clone();
        let at_home = |words: &str| Draft {
            report: Report { place: first.place.clone(), ..draft(here, &address, words, &first).report },
            ..draft(here, &address, words, &first)
        };
        assert_eq!(at_home("门口一堆").against(&first), Kinship::Same);
        let moved = |words: &str| Draft { report: Report { zone: there, ..at_home(words).report }, ..at_home(words) };
        assert_eq!(moved("门口一堆").against(&first), Kinship::Corrected, "only the zone was put right");
        assert_eq!(moved("门口两堆").against(&first), Kinship::Other);
        let nowhere = Issue { place: Place::default(), ..first.clone() };
        let unlike = |dated| {
            let other = draft(here, "", "路灯不亮", &nowhere);
            let kind = Kind { code: nowhere.kind.code + 1, ..nowhere.kind };
            Draft { dated, report: Report { kind, ..other.report.clone() }, ..other }.against(&nowhere)
        };
        assert_eq!([unlike(false), unlike(true)], [Kinship::Other, Kinship::Corrected], "a fifth row of another list");
        assert_eq!(draft(here, "", "门口两堆", &nowhere).against(&nowhere), Kinship::Corrected);
        assert_eq!(draft(there, "", "门口一堆", &first).against(&nowhere), Kinship::Other, "which says no place");
        assert_eq!(at_home("门口两堆").against(&first), Kinship::Corrected);
        let other = Kind { code: first.kind.code + 1, ..first.kind };
        let of_own_kind = |plain| Draft { plain, report: Report { kind: other, ..at_home("").report }, ..at_home("") };
        assert_eq!(of_own_kind(None).against(&first), Kinship::Corrected);
        assert_eq!(of_own_kind(Some((first.kind, "门口一堆".into()))).against(&first), Kinship::Same);
    }
}

//! When work falls due: what the catalogue's limit gives from the start of a step, and what it gives again where the phone's
//! clock cannot have been right (design section 3.8). Pure; the calendar and every time are arguments.

use super::calendar::Calendar;
use super::catalogue::{Kind, PlaceType};
use super::rules::Rules;
use super::workflow::Action;
use super::{Issue, Severity};
use crate::doc::Edit;
use crate::doc::value::Value;
use crate::time::{MINUTE, Timestamp};

/// Clocks that differ by less are taken for the same.
const TOLERANCE: i64 = 10 * MINUTE;
/// A form shows whole minutes, and stays open for a while before it is sent: a deadline this near to the usual one is the usual one.
const FORM_OPEN: i64 = 15 * MINUTE;

/// What an office counts its deadlines by.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pub calendar: &'a Calendar,
    pub rules: &'a Rules,
}

impl Terms<'_> {
    pub fn deadline(self, start: Timestamp, kind: Kind, place_type: PlaceType, severity: Severity) -> Timestamp {
        self.calendar.deadline(start, self.rules.limit(kind, place_type, severity))
    }
}

/// The deadline that the office's rules give for an action that starts now; an extension counts on from the present one.
pub fn usual(action: Action, issue: &Issue, terms: Terms, now: Timestamp) -> Option<Timestamp> {
    let start = match action {
        Action::Dispatch | Action::Resume => now,
        Action::AskExtension | Action::Extend => issue.due.map_or(now, |due| due.max(now)),
        _ => return None,
    };
    Some(terms.deadline(start, issue.kind, issue.place_type, issue.severity))
}

/// What is known of when a change came about, beside what its phone says.
#[derive(Debug, Clone, Copy)]
pub struct Witnessed {
    /// When the hub got the newest change of another device that this one builds upon: nobody answers what is not there yet.
    pub after: Option<Timestamp>,
    /// When the hub got this change.
    pub received: Timestamp,
}

impl Witnessed {
    /// Whether a phone whose clock is right can have said so.
    pub fn allows(self, at: Timestamp) -> bool {
        let early = self.after.is_some_and(|after| at < after + -TOLERANCE);
        !early && at <= self.received + TOLERANCE
    }
}

/// The deadline by the hub's clock, where an edit set one that follows from a clock that was wrong. A date that a person
/// chose by hand is his word and stays.
pub fn corrected(edit: &Edit, before: &Issue, terms: Terms, witnessed: Witnessed) -> Option<Timestamp> {
    let step = &edit.step.as_ref()?.record;
    let set = edit.sets.iter().find_map(|value| if let Value::Due(due) = value { *due } else { None })?;
    // A phone that had not heard of the office's own limits yet counted by the catalogue's.
    let follows = [terms.rules, &Rules::default()].into_iter().any(|rules| {
        let by_its_clock = usual(step.action, before, Terms { rules, ..terms }, step.at);
        by_its_clock.is_some_and(|by_its_clock| (set - by_its_clock).abs() <= FORM_OPEN)
    });
    let right = usual(step.action, before, terms, witnessed.received)?;
    (follows && !witnessed.allows(step.at) && right != set).then_some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PersonId;
    use crate::model::catalogue::{Limit, LimitUnit};
    use crate::model::rules::{Condition, Limits};
    use crate::model::{Entry, Step};
    use crate::testing::{ISSUE, reported};
    use crate::time::DAY;
    use proptest::prelude::*;

    fn issue() -> Issue {
        reported().0.read(ISSUE).unwrap()
    }

    const RECEIVED: Timestamp = Timestamp(1_790_000_000_000);

    fn dispatch(at: Timestamp, due: Timestamp) -> Edit {
        let record = Step { until: Some(due), ..Step::new(PersonId(1), at, Action::Dispatch) };
        let step = Some(Entry { id: "s".into(), record });
        Edit { step, sets: vec![Value::Due(Some(due))], ..Edit::default() }
    }

    fn usual_of(action: Action, issue: &Issue, now: Timestamp) -> Option<Timestamp> {
        usual(action, issue, Terms { calendar: &Calendar::default(), rules: &Rules::default() }, now)
    }

    fn corrected_by_default(edit: &Edit, before: &Issue, witnessed: Witnessed) -> Option<Timestamp> {
        corrected(edit, before, Terms { calendar: &Calendar::default(), rules: &Rules::default() }, witnessed)
    }

    fn judged(at: Timestamp, due: Timestamp, after: Option<Timestamp>) -> Option<Timestamp> {
        corrected_by_default(&dispatch(at, due), &issue(), Witnessed { after, received: RECEIVED })
    }

    fn usual_from(at: Timestamp) -> Timestamp {
        usual_of(Action::Dispatch, &issue(), at).unwrap()
    }

    #[test]
    fn a_clock_of_another_year_moves_no_deadline() {
        for wrong in [RECEIVED + 400 * DAY, RECEIVED + -4_000 * DAY] {
            let seen = Some(RECEIVED + -DAY);
            assert_eq!(judged(wrong, usual_from(wrong), seen), Some(usual_from(RECEIVED)));
        }
    }

    #[test]
    fn a_wrong_clock_is_mended_also_where_the_limits_changed_before_the_phone_heard_of_it() {
        let (wrong, issue) = (RECEIVED + 400 * DAY, issue());
        let limit = Limit { amount: 9, unit: LimitUnit::CalendarDay };
        let condition = Condition { kind: issue.kind, place_type: None };
        let limits = Limits { ordinary: limit, urgent: limit, very_urgent: limit };
        let rules = Rules { limits: vec![(condition, limits)], ..Rules::default() };
        let terms = Terms { calendar: &Calendar::default(), rules: &rules };
        let witnessed = Witnessed { after: None, received: RECEIVED };
        let edit = dispatch(wrong, usual_from(wrong));
        let right = usual(Action::Dispatch, &issue, terms, RECEIVED);
        assert!(right.is_some() && right != Some(usual_from(RECEIVED)));
        assert_eq!(corrected(&edit, &issue, terms, witnessed), right);
    }

    #[test]
    fn three_weeks_without_a_network_are_no_wrong_clock() {
        let long_ago = RECEIVED + -21 * DAY;
        assert_eq!(judged(long_ago, usual_from(long_ago), Some(long_ago + -DAY)), None);
        assert_eq!(judged(long_ago, usual_from(long_ago), None), None, "nothing contradicts it");
    }

    #[test]
    fn a_date_that_was_chosen_by_hand_stays_whatever_the_clock() {
        let wrong = RECEIVED + 400 * DAY;
        assert_eq!(judged(wrong, RECEIVED + 5 * DAY, None), None);
    }

    #[test]
    fn an_extension_by_a_wrong_clock_counts_on_from_the_deadline_that_was() {
        let due = RECEIVED + DAY;
        let before = Issue { due: Some(due), ..issue() };
        let wrong = RECEIVED + 400 * DAY;
        let asked = usual_of(Action::Extend, &before, wrong).unwrap();
        let mut edit = dispatch(wrong, asked);
        edit.step.as_mut().unwrap().record.action = Action::Extend;
        let witnessed = Witnessed { after: None, received: RECEIVED };
        let right = usual_of(Action::Extend, &before, RECEIVED);
        assert_eq!(corrected_by_default(&edit, &before, witnessed), right);
        assert!(right.unwrap() > due);
    }

    proptest! {
        #[test]
        fn a_clock_within_what_the_hub_witnessed_is_always_believed(ago in 0i64..60 * DAY, seen in 0i64..60 * DAY) {
            let at = RECEIVED + -ago;
            prop_assert_eq!(judged(at, usual_from(at), Some(at + -seen)), None);
        }

        #[test]
        fn what_is_corrected_never_depends_on_the_wrong_clock(ahead in TOLERANCE + 1..4_000 * DAY) {
            let at = RECEIVED + ahead;
            let right = usual_from(RECEIVED);
            let expected = (usual_from(at) != right).then_some(right);
            prop_assert_eq!(judged(at, usual_from(at), None), expected);
        }
    }
}

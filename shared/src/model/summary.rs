//! The small row that lists are made of, on the phone and in SQL: an issue without its history.

use serde::{Deserialize, Serialize};

use super::catalogue::{Kind, PlaceType};
use super::workflow::State;
use super::{Appeal, Issue, Severity, SupervisionLevel};
use crate::id::{IssueId, PersonId, PhotoId, ZoneId};
use crate::time::{DAY, Timestamp};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub id: IssueId,
    /// The human number that the office gives at receipt; none while only the phone knows the issue.
    pub number: Option<String>,
    pub zone: ZoneId,
    pub kind: Kind,
    pub place_type: PlaceType,
    pub description: String,
    pub address: String,
    /// Degrees (latitude, longitude), as stored.
    pub position: Option<(f64, f64)>,
    pub severity: Severity,
    pub state: State,
    pub reporter: PersonId,
    pub reported_at: Timestamp,
    pub assignee: Option<PersonId>,
    pub responsible: Vec<PersonId>,
    pub due: Option<Timestamp>,
    pub priority: bool,
    pub supervision: Option<SupervisionLevel>,
    /// Somebody has to decide between concurrent values.
    pub undecided: bool,
    /// An extension or suspension was asked for, or an overtime appealed against.
    pub asked: bool,
    /// The thumbnail of the first photo.
    pub thumb: Option<PhotoId>,
    pub photos: u32,
    /// When the last step or remark claims to have happened.
    pub touched_at: Timestamp,
    /// When the step that ended it claims to have happened. Absent in what an older app has stored.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// The issue that stays, where this one was merged as its duplicate. Absent in what an older app has stored, as the next.
    #[serde(default)]
    pub merged_into: Option<IssueId>,
    /// The issue that has come back here.
    #[serde(default)]
    pub recurrence_of: Option<IssueId>,
}

/// What is due within this time belongs on the weekly 督办 list (domain.md section 4.1).
pub const DUE_SOON: i64 = 3 * DAY;

/// Characters of the description that a row keeps.
const EXCERPT: usize = 60;

impl Summary {
    /// Nobody is in charge, neither alone nor with others.
    pub fn is_unassigned(&self) -> bool {
        self.assignee.is_none() && self.responsible.is_empty()
    }

    pub fn of(issue: &Issue, number: Option<String>, undecided: bool) -> Self {
        let first_photo = issue.photos.values().min_by_key(|photo| (photo.stage, photo.taken_at));
        let place = &issue.place;
        let address = if place.address.is_empty() { &place.landmark } else { &place.address };
        let times = issue.steps.iter().map(|step| step.record.at);
        let times = times.chain(issue.remarks.iter().map(|remark| remark.record.at));
        Self {
            id: issue.id,
            number,
            zone: issue.zone,
            kind: issue.kind,
            place_type: issue.place_type,
            description: issue.description.chars().take(EXCERPT).collect(),
            address: address.clone(),
            position: place.fix.as_ref().map(|fix| (fix.lat, fix.lon)),
            severity: issue.severity,
            state: issue.state,
            reporter: issue.reporter,
            reported_at: issue.reported_at,
            assignee: issue.assignee,
            responsible: issue.responsible.keys().copied().collect(),
            due: issue.due,
            priority: issue.priority,
            supervision: issue.supervision.as_ref().map(|supervision| supervision.level),
            undecided,
            asked: issue.open_request().is_some() || issue.appeal() == Some(Appeal::Asked),
            thumb: first_photo.and_then(|photo| photo.thumb),
            photos: issue.photos.len() as u32,
            touched_at: times.max().unwrap_or(issue.reported_at),
            closed_at: issue.ended_by().map(|step| step.record.at),
            merged_into: issue.merged_into(),
            recurrence_of: issue.recurrence_of,
        }
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.clock_runs() && self.due.is_some_and(|due| due < now)
    }

    /// Open, and overdue, due soon, or pressed.
    pub fn is_pressing(&self, now: Timestamp) -> bool {
        self.is_overdue(now + DUE_SOON) || (self.state.is_open() && self.supervision.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PersonId;
    use crate::model::workflow::Action;
    use crate::model::{Entry, Photo, Place, Remark, Stage, Step};
    use crate::testing::{ISSUE, photo, record_id, reported};

    fn issue() -> Issue {
        reported().0.read(ISSUE).unwrap()
    }

    #[test]
    fn overdue_counts_only_while_the_clock_runs() {
        let due = Some(Timestamp(100));
        let running =
            State::ALL.into_iter().filter(|state| state.is_open() && *state != State::ToCheck).collect::<Vec<_>>();
        for state in State::ALL {
            let issue = Issue { state, due, ..issue() };
            let row = Summary::of(&issue, None, false);
            assert_eq!(row.is_overdue(Timestamp(101)), running.contains(&state), "{state:?}");
            assert_eq!(issue.is_overdue(Timestamp(101)), running.contains(&state), "{state:?}");
            assert!(!row.is_overdue(Timestamp(100)), "the last moment still counts");
            assert!(!Summary { due: None, ..row }.is_overdue(Timestamp::MAX), "without a deadline");
        }
    }

    #[test]
    fn a_row_shows_an_excerpt_the_landmark_and_the_first_photo() {
        let mut issue = Issue { description: "垃".repeat(500), ..issue() };
        issue.place = Place { landmark: "菜市场东门".into(), ..Place::default() };
        let thumb = |byte| Some(PhotoId([byte; 32]));
        issue.photos = [
            (PhotoId([1; 32]), Photo { thumb: thumb(11), ..photo(PersonId(1), Stage::After) }),
            (PhotoId([2; 32]), Photo { thumb: thumb(12), taken_at: Timestamp(9), ..photo(PersonId(1), Stage::Before) }),
            (PhotoId([3; 32]), Photo { thumb: thumb(13), ..photo(PersonId(1), Stage::Before) }),
        ]
        .into();
        let row = Summary::of(&issue, Some("2026-0007".into()), true);
        assert_eq!((row.description.chars().count(), row.address.as_str()), (EXCERPT, "菜市场东门"));
        assert_eq!((row.thumb, row.photos, row.undecided), (thumb(13), 3, true));
        assert_eq!(Summary::of(&Issue { photos: [].into(), ..issue }, None, false).thumb, None);
    }

    #[test]
    fn a_row_was_touched_by_the_latest_step_or_remark() {
        let mut issue = issue();
        assert_eq!(Summary::of(&issue, None, false).touched_at, issue.reported_at);
        let remark = Remark::new(PersonId(1), Timestamp(5_000), String::new());
        issue.remarks.push(Entry { id: record_id(1), record: remark });
        assert_eq!(Summary::of(&issue, None, false).touched_at, Timestamp(5_000));
    }

    #[test]
    fn a_request_is_open_until_it_is_answered() {
        let mut issue = issue();
        let mut take = |action| {
            let record = Step::new(PersonId(1), Timestamp(1), action);
            issue.steps.push(Entry { id: record_id(issue.steps.len()), record });
            Summary::of(&issue, None, false).asked
        };
        assert!(!take(Action::Start));
        assert!(take(Action::AskExtension) && take(Action::Reply));
        assert!(!take(Action::Extend));
        assert!(take(Action::AskSuspension));
        assert!(!take(Action::Suspend));
        for end in [Action::Return, Action::Void, Action::Merge] {
            assert!(take(Action::AskExtension));
            assert!(!take(end), "{end:?}");
        }
    }

    #[test]
    fn a_photo_that_comes_late_from_a_phone_moves_no_end() {
        let mut issue = Issue { state: State::Closed, ..issue() };
        let mut step = |at, action, to| {
            let record = Step { to, ..Step::new(PersonId(1), Timestamp(at), action) };
            issue.steps.push(Entry { id: record_id(issue.steps.len()), record });
            Summary::of(&issue, None, false).closed_at
        };
        step(1_000, Action::Close, Some(State::Closed));
        for late in [Action::Photograph, Action::Appeal, Action::Decide] {
            assert_eq!(step(9_000, late, None), Some(Timestamp(1_000)), "{late:?}");
        }
        step(10_000, Action::Rework, Some(State::Rework));
        assert_eq!(step(11_000, Action::Close, Some(State::Closed)), Some(Timestamp(11_000)));
    }

    #[test]
    fn an_issue_that_two_people_strike_off_ended_with_the_first_and_no_decision_moves_that() {
        let mut issue = Issue { state: State::Closed, ..issue() };
        let mut step = |at, action, from, to| {
            let record = Step { from: Some(from), to: Some(to), ..Step::new(PersonId(1), Timestamp(at), action) };
            issue.steps.push(Entry { id: record_id(issue.steps.len()), record });
            Summary::of(&issue, None, false).closed_at
        };
        step(1_000, Action::HandIn, State::Handling, State::ToCheck);
        let first = Some(Timestamp(2_000));
        assert_eq!(step(2_000, Action::Close, State::ToCheck, State::Closed), first);
        assert_eq!(step(3_000, Action::Close, State::ToCheck, State::Closed), first, "by another inspector");
        assert_eq!(step(4_000, Action::Decide, State::Closed, State::Closed), first, "it stays as it is shown");
        step(5_000, Action::Rework, State::ToCheck, State::Rework);
        let decided = Some(Timestamp(6_000));
        assert_eq!(step(6_000, Action::Decide, State::Rework, State::Closed), decided, "it was shown as open");
    }
}

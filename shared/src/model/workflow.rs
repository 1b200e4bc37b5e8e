//! The transition table (domain.md section 2.1): which action leads from which state to which, who may take it and what it needs.
//! Data and look-ups only; the judgement over a person and an issue is [`super::policy`].

use serde::{Deserialize, Serialize};

use super::{Role, Stage};
use crate::doc::value::Register;

/// Where an issue stands. `draft` exists only on the phone and never in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Reported,
    Verifying,
    Filed,
    Dispatched,
    Handling,
    ToCheck,
    Rework,
    Suspended,
    Closed,
    Void,
}

impl State {
    /// In the order of the board's columns.
    pub const ALL: [Self; 10] = [
        Self::Reported,
        Self::Verifying,
        Self::Filed,
        Self::Dispatched,
        Self::Handling,
        Self::Rework,
        Self::ToCheck,
        Self::Suspended,
        Self::Closed,
        Self::Void,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Verifying => "verifying",
            Self::Filed => "filed",
            Self::Dispatched => "dispatched",
            Self::Handling => "handling",
            Self::ToCheck => "to_check",
            Self::Rework => "rework",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
            Self::Void => "void",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// (Chinese, English).
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Reported => ("待受理", "Reported"),
            Self::Verifying => ("核实中", "Verifying"),
            Self::Filed => ("已立案", "Filed"),
            Self::Dispatched => ("待处置", "Dispatched"),
            Self::Handling => ("处置中", "Rectifying"),
            Self::ToCheck => ("待核查", "To check"),
            Self::Rework => ("返工", "Rework"),
            Self::Suspended => ("挂账", "Suspended"),
            Self::Closed => ("已销号", "Struck off"),
            Self::Void => ("作废", "Void"),
        }
    }

    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Void)
    }

    /// Overtime is judged until the unit hands back. A suspended issue's clock stands still (domain.md section 2.2) by its deadline:
    /// that is the end of the suspension, from which on it counts again by itself.
    pub fn clock_runs(self) -> bool {
        !matches!(self, Self::ToCheck | Self::Closed | Self::Void)
    }
}

/// What a person can do to an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 上报: makes the issue.
    Report,
    /// 即查即改: the finder fixed it on the spot and shows before and after.
    FixOnSpot,
    /// 核实 before filing.
    Verify,
    /// 立案: onto the problem list.
    File,
    /// 作废
    Void,
    /// 派遣 to somebody, with a deadline.
    Dispatch,
    /// Starts to rectify.
    Start,
    /// 回退: not my duty.
    Return,
    /// Rectified; asks for the check.
    HandIn,
    /// 核查通过、销号
    Close,
    /// 返工: handled, but not up to standard.
    Rework,
    /// Asks for 延期.
    AskExtension,
    Extend,
    RefuseExtension,
    /// Asks for 挂账.
    AskSuspension,
    Suspend,
    Resume,
    /// 督办
    Supervise,
    /// 督办回复
    Reply,
    /// Corrects what was reported.
    Amend,
    /// Changes who does it, without a change of state.
    Assign,
    /// 待裁决: chooses among concurrent values.
    Decide,
    /// Marks as a duplicate of another issue.
    MarkDuplicate,
    /// 并案: this issue is the same as another one, which stays. It ends here; what was written and what is still on its way
    /// stays in its document and is shown with the other.
    Merge,
    /// Adds photos.
    Photograph,
    /// 申诉: whoever was in charge says why the overtime was not his.
    Appeal,
    GrantAppeal,
    RefuseAppeal,
    /// The hub reckons a deadline anew by its own clock, because the phone's was wrong. Nobody can ask for it, so no rule has it.
    CorrectDeadline,
    /// The hub brings back the oldest of issues that were merged into each other. Nobody can ask for it either.
    UndoMerge,
}

/// Who, beyond the role, may take an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anyone,
    Reporter,
    /// The assignee or one of the responsible; supervisors always count.
    Assignee,
    /// The assignee or one of the responsible, and nobody for them.
    InCharge,
    /// Anyone but the one who rectified: he does not check his own work.
    NotRectifier,
}

/// What an action needs before it is allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    pub reason: bool,
    /// Photos of these stages must exist, from earlier or in the same change.
    pub photos: &'static [Stage],
    pub assignee: bool,
    /// A deadline, asked for or set.
    pub until: bool,
}

/// One line of the transition table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub action: Action,
    pub from: &'static [State],
    /// `None`: the state stays.
    pub to: Option<State>,
    pub roles: &'static [Role],
    pub who: Who,
    pub needs: Needs,
    /// Registers that the action may set beside `state`.
    pub sets: &'static [Register],
}

const NOTHING: Needs = Needs { reason: false, photos: &[], assignee: false, until: false };
const REASON: Needs = Needs { reason: true, ..NOTHING };
const ISSUE_ROLES: &[Role] = &[Role::Cadre, Role::Inspector, Role::Supervisor];
const OFFICE: &[Role] = &[Role::Inspector, Role::Supervisor];
const DESK: &[Role] = &[Role::Supervisor];

use Register as R;
use State as S;

const OPEN: &[State] =
    &[S::Reported, S::Verifying, S::Filed, S::Dispatched, S::Handling, S::ToCheck, S::Rework, S::Suspended];

#[rustfmt::skip]
const WORK: &[State] = &[S::Dispatched, S::Handling, S::Rework];

/// The whole table. [`Action::Report`] stands apart, because it has no state to come from.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    Rule { action: Action::FixOnSpot, from: &[S::Reported], to: Some(S::Closed), roles: ISSUE_ROLES, who: Who::Reporter,
        needs: Needs { photos: &[Stage::Before, Stage::After], ..NOTHING }, sets: &[] },
    Rule { action: Action::Verify, from: &[S::Reported], to: Some(S::Verifying), roles: DESK, who: Who::Anyone,
        needs: NOTHING, sets: &[R::Assignee] },
    Rule { action: Action::File, from: &[S::Reported, S::Verifying], to: Some(S::Filed), roles: DESK, who: Who::Anyone,
        needs: NOTHING, sets: &[R::Due, R::Severity, R::Priority] },
    Rule { action: Action::Void, from: &[S::Reported, S::Verifying, S::Filed], to: Some(S::Void), roles: DESK, who: Who::Anyone,
        needs: REASON, sets: &[R::DuplicateOf] },
    Rule { action: Action::Dispatch, from: &[S::Filed], to: Some(S::Dispatched), roles: DESK, who: Who::Anyone,
        needs: Needs { assignee: true, until: true, ..NOTHING }, sets: &[R::Assignee, R::Due, R::Responsible] },
    // 挂账 resumes by itself (domain.md section 2): once its end is past, whoever is in charge goes on, or hands in what is done.
    Rule { action: Action::Start, from: &[S::Dispatched, S::Suspended], to: Some(S::Handling), roles: ISSUE_ROLES, who: Who::Assignee,
        needs: NOTHING, sets: &[] },
    Rule { action: Action::Return, from: &[S::Dispatched, S::Handling], to: Some(S::Filed), roles: ISSUE_ROLES, who: Who::Assignee,
        needs: REASON, sets: &[] },
    Rule { action: Action::HandIn, from: &[S::Handling, S::Rework, S::Suspended], to: Some(S::ToCheck), roles: ISSUE_ROLES, who: Who::Assignee,
        needs: Needs { photos: &[Stage::After], ..NOTHING }, sets: &[] },
    Rule { action: Action::Close, from: &[S::ToCheck], to: Some(S::Closed), roles: ISSUE_ROLES, who: Who::NotRectifier,
        needs: NOTHING, sets: &[] },
    Rule { action: Action::Rework, from: &[S::ToCheck], to: Some(S::Rework), roles: ISSUE_ROLES, who: Who::NotRectifier,
        needs: REASON, sets: &[] },
    Rule { action: Action::AskExtension, from: WORK, to: None, roles: ISSUE_ROLES, who: Who::Assignee,
        needs: Needs { reason: true, until: true, ..NOTHING }, sets: &[] },
    Rule { action: Action::Extend, from: WORK, to: None, roles: DESK, who: Who::Anyone,
        needs: Needs { until: true, ..NOTHING }, sets: &[R::Due, R::Extensions] },
    Rule { action: Action::RefuseExtension, from: WORK, to: None, roles: DESK, who: Who::Anyone, needs: REASON, sets: &[] },
    Rule { action: Action::AskSuspension, from: &[S::Handling], to: None, roles: ISSUE_ROLES, who: Who::Assignee,
        needs: REASON, sets: &[] },
    Rule { action: Action::Suspend, from: &[S::Handling], to: Some(S::Suspended), roles: DESK, who: Who::Anyone,
        needs: Needs { reason: true, until: true, ..NOTHING }, sets: &[R::Due] },
    Rule { action: Action::Resume, from: &[S::Suspended], to: Some(S::Handling), roles: DESK, who: Who::Anyone,
        needs: NOTHING, sets: &[R::Due] },
    Rule { action: Action::Supervise, from: OPEN, to: None, roles: OFFICE, who: Who::Anyone,
        needs: REASON, sets: &[R::Supervision, R::Priority] },
    Rule { action: Action::Reply, from: OPEN, to: None, roles: ISSUE_ROLES, who: Who::Assignee, needs: REASON, sets: &[] },
    Rule { action: Action::Amend, from: &[S::Reported], to: None, roles: ISSUE_ROLES, who: Who::Reporter, needs: NOTHING,
        sets: &[R::Kind, R::PlaceType, R::Description, R::Place, R::Severity, R::Zone] },
    Rule { action: Action::Amend, from: OPEN, to: None, roles: DESK, who: Who::Anyone, needs: NOTHING,
        sets: &[R::Kind, R::PlaceType, R::Description, R::Place, R::Severity, R::Zone, R::Priority, R::RecurrenceOf] },
    // Whoever takes over takes over the deadline too: more time is an extension, and is counted.
    Rule { action: Action::Assign, from: OPEN, to: None, roles: DESK, who: Who::Anyone, needs: NOTHING,
        sets: &[R::Assignee, R::Responsible] },
    Rule { action: Action::MarkDuplicate, from: OPEN, to: None, roles: ISSUE_ROLES, who: Who::Anyone, needs: NOTHING,
        sets: &[R::DuplicateOf] },
    Rule { action: Action::Photograph, from: OPEN, to: None, roles: ISSUE_ROLES, who: Who::Anyone, needs: NOTHING, sets: &[] },
    Rule { action: Action::Decide, from: &State::ALL, to: None, roles: ISSUE_ROLES, who: Who::Anyone, needs: NOTHING,
        sets: &[R::State, R::Assignee, R::Due, R::Kind, R::Zone, R::PlaceType, R::Description, R::Place, R::Severity,
            R::Priority, R::Supervision, R::Extensions, R::DuplicateOf, R::RecurrenceOf] },
    // From any open state, unlike 作废: work that began on a duplicate is not worth doing twice. It ends as void, so that no app of
    // an older version meets a state that it does not know, and no book or indicator counts the same heap of rubbish twice.
    Rule { action: Action::Merge, from: OPEN, to: Some(S::Void), roles: DESK, who: Who::Anyone, needs: NOTHING,
        sets: &[R::DuplicateOf] },
    Rule { action: Action::Appeal, from: &[S::Closed], to: None, roles: ISSUE_ROLES, who: Who::InCharge, needs: REASON, sets: &[] },
    Rule { action: Action::GrantAppeal, from: &[S::Closed], to: None, roles: DESK, who: Who::Anyone, needs: NOTHING, sets: &[] },
    Rule { action: Action::RefuseAppeal, from: &[S::Closed], to: None, roles: DESK, who: Who::Anyone, needs: REASON, sets: &[] },
];

/// The lines of the table for an action in a state.
pub fn rules(action: Action, from: State) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(move |rule| rule.action == action && rule.from.contains(&from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(state: State) -> Vec<State> {
        let mut next: Vec<State> =
            RULES.iter().filter(|rule| rule.from.contains(&state)).filter_map(|rule| rule.to).collect();
        // A reported issue ends as void by two actions.
        let mut seen = std::collections::BTreeSet::new();
        next.retain(|state| seen.insert(*state));
        next
    }

    #[test]
    fn the_table_has_exactly_the_transitions_of_the_domain() {
        let expected: &[(State, &[State])] = &[
            (S::Reported, &[S::Closed, S::Verifying, S::Filed, S::Void]),
            (S::Verifying, &[S::Filed, S::Void]),
            (S::Filed, &[S::Void, S::Dispatched]),
            // From here on void is where a merged duplicate (并案) ends, and nothing else.
            (S::Dispatched, &[S::Handling, S::Filed, S::Void]),
            (S::Handling, &[S::Filed, S::ToCheck, S::Suspended, S::Void]),
            (S::ToCheck, &[S::Closed, S::Rework, S::Void]),
            (S::Rework, &[S::ToCheck, S::Void]),
            (S::Suspended, &[S::Handling, S::ToCheck, S::Void]),
            (S::Closed, &[]),
            (S::Void, &[]),
        ];
        for (state, states) in expected {
            assert_eq!(next(*state), *states, "{state:?}");
        }
    }

    #[test]
    fn once_it_is_dispatched_an_issue_is_void_only_because_it_was_merged() {
        for rule in RULES.iter().filter(|rule| rule.to == Some(S::Void)) {
            let late = rule.from.iter().any(|from| ![S::Reported, S::Verifying, S::Filed].contains(from));
            assert_eq!(late, rule.action == Action::Merge);
        }
    }

    #[test]
    fn from_every_open_state_the_issue_can_still_be_closed() {
        for start in State::ALL.into_iter().filter(|state| state.is_open()) {
            let mut reached = vec![start];
            let mut at = 0;
            while at < reached.len() {
                let more: Vec<_> = next(reached[at]).into_iter().filter(|state| !reached.contains(state)).collect();
                reached.extend(more);
                at += 1;
            }
            assert!(reached.contains(&S::Closed), "{start:?} is a dead end");
        }
    }

    #[test]
    fn a_closed_issue_is_never_reopened() {
        assert!(next(S::Closed).is_empty() && next(S::Void).is_empty());
    }
}

//! The small row that lists are made of, on the phone and in SQL: an issue without its history.

use serde::{Deserialize, Serialize};

use super::catalogue::{Kind, PlaceType};
use super::workflow::State;
use super::{Issue, Severity, Stage, SupervisionLevel};
use crate::id::{IssueId, PersonId, PhotoId, ZoneId};
use crate::time::Timestamp;

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
    /// An extension or suspension was asked for.
    pub asked: bool,
    /// The thumbnail of the first photo.
    pub thumb: Option<PhotoId>,
    pub photos: u32,
    /// When the last step or remark claims to have happened.
    pub touched_at: Timestamp,
}

/// Characters of the description that a row keeps.
const EXCERPT: usize = 60;

impl Summary {
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
            asked: issue.open_request().is_some(),
            thumb: first_photo.and_then(|photo| photo.thumb),
            photos: issue.photos.len() as u32,
            touched_at: times.max().unwrap_or(issue.reported_at),
        }
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.clock_runs() && self.due.is_some_and(|due| due < now)
    }

    pub fn has_after_photo(issue: &Issue) -> bool {
        issue.photos.values().any(|photo| photo.stage == Stage::After)
    }
}

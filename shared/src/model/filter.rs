//! What a list shows and in which order: one meaning, executed in memory on the phone and as SQL at the office.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalogue::{Kind, PlaceType, kind_info};
use super::summary::Summary;
use super::workflow::State;
use crate::id::{PersonId, ZoneId};
use crate::time::Timestamp;

/// Empty sets and `None` mean: any.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub states: BTreeSet<State>,
    pub zone: Option<ZoneId>,
    pub kind: Option<Kind>,
    pub place_type: Option<PlaceType>,
    pub assignee: Option<PersonId>,
    pub reporter: Option<PersonId>,
    pub supervised: bool,
    pub overdue: bool,
    pub undecided: bool,
    pub open: bool,
    pub text: String,
}

impl Filter {
    pub fn matches(&self, row: &Summary, now: Timestamp) -> bool {
        (self.states.is_empty() || self.states.contains(&row.state))
            && self.zone.is_none_or(|zone| row.zone == zone)
            && self.kind.is_none_or(|kind| row.kind == kind)
            && self.place_type.is_none_or(|place_type| row.place_type == place_type)
            && self.assignee.is_none_or(|person| row.assignee == Some(person) || row.responsible.contains(&person))
            && self.reporter.is_none_or(|person| row.reporter == person)
            && (!self.supervised || row.supervision.is_some())
            && (!self.overdue || row.is_overdue(now))
            && (!self.undecided || row.undecided)
            && (!self.open || row.state.is_open())
            && self.matches_text(row)
    }

    /// Every word must occur somewhere: in the description, address, number, or the kind's names and aliases.
    fn matches_text(&self, row: &Summary) -> bool {
        let info = kind_info(row.kind);
        let (zh, en, aliases) = info.map_or(("", "", ""), |info| (info.zh, info.en, info.aliases));
        let fields = [&row.description, &row.address, row.number.as_deref().unwrap_or(""), zh, en, aliases];
        let found = |word: &str| fields.iter().any(|field| field.to_lowercase().contains(word));
        self.text.to_lowercase().split_whitespace().all(found)
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Sort {
    /// Earliest deadline first, issues without one last.
    #[default]
    Deadline,
    Newest,
    /// Nearest to (latitude, longitude) first.
    Distance(f64, f64),
}

impl Sort {
    pub fn sort(self, rows: &mut [Summary]) {
        match self {
            Self::Deadline => rows.sort_by_key(|row| (row.due.unwrap_or(Timestamp::MAX), row.reported_at, row.id)),
            Self::Newest => rows.sort_by_key(|row| (std::cmp::Reverse(row.reported_at), row.id)),
            Self::Distance(lat, lon) => {
                let metres = |row: &Summary| row.position.map_or(f64::MAX, |at| distance_m((lat, lon), at));
                rows.sort_by(|a, b| metres(a).total_cmp(&metres(b)).then(a.id.cmp(&b.id)));
            }
        }
    }
}

/// Metres between two positions given in degrees; flat-earth within a city, wrong by under one per cent.
pub fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_320.0;
    let (north, east) = (b.0 - a.0, (b.1 - a.1) * a.0.to_radians().cos());
    north.hypot(east) * METRES_PER_DEGREE
}

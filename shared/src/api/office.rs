//! The directory that a device needs offline, and what of it an office that was restored is told again. Knows nothing of who keeps it.

use serde::{Deserialize, Serialize};

use super::bulletins::Bulletin;
use crate::geo::ZoneOutline;
use crate::id::{DeviceId, OfficeId, ZoneId};
use crate::model::calendar::Calendar;
use crate::model::deadline::Terms;
use crate::model::likeness::RECURRENCE_DAYS;
use crate::model::lock::LockRule;
use crate::model::policy::may_see_zone;
use crate::model::rules::Rules;
use crate::model::{Bearer, Person, Zone};

/// `GET /api/office`: the directory that a device needs offline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Office {
    /// Absent in what an older app has stored.
    #[serde(default)]
    pub id: Option<OfficeId>,
    pub name: String,
    /// Grows whenever anything below changes; the sync answer carries it.
    pub version: u64,
    pub me: Person,
    pub device: DeviceId,
    pub people: Vec<Person>,
    pub zones: Vec<Zone>,
    pub calendar: Calendar,
    /// What the office decided about the catalogue.
    #[serde(default)]
    pub rules: Rules,
    /// Of those zones whose outline the office knows.
    #[serde(default)]
    pub outlines: Vec<ZoneOutline>,
    /// Devices that are out of service, so that an administrator's phone remembers them for an office that was restored.
    #[serde(default)]
    pub revoked: Vec<DeviceId>,
    /// Days within which what was struck off counts as come back.
    #[serde(default = "usual_recurrence")]
    pub recurrence_days: u16,
    /// When a phone hides what it shows.
    #[serde(default)]
    pub lock: LockRule,
    /// Notices that stand for me, the newest first.
    #[serde(default)]
    pub bulletins: Vec<Bulletin>,
    /// For whoever may tell a restored office what it had forgotten: by this it knows its own words again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

fn usual_recurrence() -> u16 {
    RECURRENCE_DAYS
}

impl Office {
    pub fn terms(&self) -> Terms<'_> {
        Terms { calendar: &self.calendar, rules: &self.rules }
    }

    /// Who bears a part in a zone today, each of them once, with all of his parts.
    pub fn bearers(&self, zone: ZoneId) -> Vec<(&Person, String)> {
        let mut found: Vec<(&Person, String)> = Vec::new();
        for (person, part) in self.borne(zone) {
            match found.iter_mut().find(|(known, _)| known.id == person.id) {
                Some((_, parts)) => *parts = format!("{parts}、{part}"),
                None => found.push((person, part.into())),
            }
        }
        found
    }

    /// The same by the parts.
    pub fn parts(&self, zone: ZoneId) -> Vec<(&str, Vec<&Person>)> {
        let mut found: Vec<(&str, Vec<&Person>)> = Vec::new();
        for (person, part) in self.borne(zone) {
            match found.iter_mut().find(|(known, _)| *known == part) {
                Some((_, people)) => people.push(person),
                None => found.push((part, vec![person])),
            }
        }
        found
    }

    /// In the office's own order. Whoever left, or works there no more, is not among them.
    fn borne(&self, zone: ZoneId) -> impl Iterator<Item = (&Person, &str)> {
        let bearers = self.zones.iter().filter(move |it| it.id == zone).flat_map(|zone| &zone.bearers);
        let known = move |bearer: &Bearer| self.people.iter().find(|person| person.id == bearer.person);
        let works = move |person: &&Person| may_see_zone(person, zone);
        bearers.filter_map(move |bearer| Some((known(bearer).filter(works)?, bearer.part.as_str())))
    }
}

/// A restore from a backup makes the version of the directory leap to the next multiple of this, and a bit beyond.
pub const RESTORE_LEAP: u64 = 1_000_000;

/// `POST /api/admin/remembered`: the directory as an administrator's device last saw it, for an office that was restored from an
/// older backup. Answered by how many people, zones and devices it had forgotten something of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    pub version: u64,
    pub people: Vec<Person>,
    pub zones: Vec<Zone>,
    pub revoked: Vec<DeviceId>,
    /// What the office gave with it.
    #[serde(default)]
    pub seal: Option<String>,
}

impl From<Office> for Remembered {
    fn from(office: Office) -> Self {
        let Office { version, people, zones, revoked, seal, .. } = office;
        Self { version, people, zones, revoked, seal }
    }
}

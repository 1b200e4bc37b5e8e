//! What travels as JSON between app and server beside the sync pages: requests, answers and problems.
//! The sync pages themselves are CBOR and live in [`crate::sync::wire`].

pub mod passkeys;
pub mod reason;
pub mod sign_on;
pub mod views;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::passkeys::{Assertion, Passkey};
use self::reason::Reason;
use self::sign_on::SignedOn;
use crate::geo::ZoneOutline;
use crate::geo::geojson::{Area, FileFault};
use crate::id::{DeviceId, IssueId, OfficeId, PersonId, PhotoId, ZoneId};
use crate::model::catalogue::Kind;
use crate::model::deadline::Terms;
use crate::model::filter::Grouping;
use crate::model::indicator::{Figures, Indicator, Thresholds};
use crate::model::likeness::RECURRENCE_DAYS;
use crate::model::lock::LockRule;
use crate::model::patrol::{BANDS, Doubt, Patrol};
use crate::model::policy::may_see_zone;
use crate::model::retention::Retention;
use crate::model::rules::{Limits, RuleWish, Rules};
use crate::model::settlement::{Line, Month};
use crate::model::tipster::Tipster;
use crate::model::{
    Bearer, Person, Role, SupervisionLevel, Zone, calendar::Calendar, summary::Summary, workflow::State,
};
use crate::time::{DAY, Date, Timestamp};

/// `POST /api/enrol`, signed with the new key itself (`keyid="new"`). It brings a code, a passkey or a sign-on, and one of them only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrol {
    /// Ten letters of Crockford's base 32; case, blanks and hyphens do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A passkey of the person, shown for a challenge of `POST /api/enrol/begin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Assertion>,
    /// The person has signed on where `POST /api/enrol/sign-on/begin` sent him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_on: Option<SignedOn>,
    /// The uncompressed P-256 point, 65 bytes, base64url without padding.
    pub public_key: String,
    /// What the person calls this device, at most 60 characters.
    pub label: String,
    /// The number that this key had before the office forgot it, after a restore from an older backup: what the device has
    /// written is told by this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Whose that device was: an office that forgot it makes it nobody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Which doubt this proof ends, as in [`Thrown`]: the office may hear of it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thrown: Option<u64>,
}

/// `POST /api/doubt`: the vault of this device was thrown away. An older app sends nothing of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thrown {
    /// Tells it from any other time: what a proof has ended does not begin again, however often it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
}

/// `POST /api/enrol/begin` and `POST /api/enrol/sign-on/begin`, signed with the new key: asks for a challenge, or for a state, that is
/// good for this key only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginEnrol {
    /// As in [`Enrol`].
    pub public_key: String,
}

/// `POST /api/key`, signed by the key that the device has: it is to be this one from now on. The same, signed by the new key because the
/// answer was lost, changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeKey {
    /// As in [`Enrol`].
    pub public_key: String,
    /// Drawn for this change.
    pub nonce: String,
    /// r ‖ s by the new key over [`possession`](crate::signature::possession), base64url without padding.
    pub proof: String,
}

/// Who this device now is. The same code with the same key answers the same for 15 minutes; a passkey that is shown, or
/// a sign-on, for a key which is a device already answers with that device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    pub device: DeviceId,
    pub person: Person,
    pub office: String,
    pub server_time: Timestamp,
}

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

/// 今日提示: a notice from the office. Phones have it with the directory, and show it while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulletin {
    pub id: u32,
    pub text: String,
    /// Empty: for everybody.
    pub zones: BTreeSet<ZoneId>,
    pub until: Timestamp,
    pub made_at: Timestamp,
    pub made_by: PersonId,
}

impl Bulletin {
    pub fn is_for(&self, person: &Person) -> bool {
        let works = person.active && person.role != Role::Administrator;
        works && (self.zones.is_empty() || !self.zones.is_disjoint(&person.zones))
    }
}

/// Longest notice, in characters.
pub const MAX_BULLETIN: usize = 500;

/// `POST /api/bulletins`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveBulletin {
    pub text: String,
    /// Empty: for everybody.
    pub zones: Vec<ZoneId>,
    pub until: Timestamp,
}

/// `GET /api/bulletins`: a notice, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulletinReads {
    pub bulletin: Bulletin,
    pub withdrawn_at: Option<Timestamp>,
    pub read: Vec<(PersonId, Timestamp)>,
    /// For whom it is and who has not read it.
    pub unread: Vec<PersonId>,
}

/// The answer to `POST /api/patrols`, whose body is a [`Patrol`]: when the office first had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatrolTaken {
    pub received_at: Timestamp,
}

/// `GET /api/patrols?from=2026-11-01&to=2026-11-30&zone=3&band=2`: how the zones were patrolled on these days, both included.
/// Zone and band narrow the rounds, not the counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patrols {
    pub from: Date,
    pub to: Date,
    pub server_time: Timestamp,
    /// All zones, those without a round included.
    pub zones: Vec<ZonePatrols>,
    /// The newest first, at most [`MOST_ROUNDS`].
    pub rounds: Vec<Round>,
    /// Also those that are not in `rounds`.
    pub total: u64,
}

/// Most rounds in one answer.
pub const MOST_ROUNDS: usize = 500;
/// Most days that are looked at at once.
pub const MOST_PATROL_DAYS: i32 = 93;
/// Weekly lists at once: as many as a year has weeks.
pub const WEEKLY_HEADS: usize = 53;

/// What counts of a zone's rounds; those in doubt do not. A round counts on the day on which it was opened, with all of its time and
/// findings; the bands are covered when they were walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZonePatrols {
    pub zone: ZoneId,
    /// How often each band of the day is over by now, since the zone is there.
    pub due: [u64; BANDS],
    /// How often each band of the day was patrolled.
    pub covered: [u64; BANDS],
    pub rounds: u64,
    pub found: u64,
    /// Milliseconds.
    pub walked: i64,
}

/// A round as the office has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    pub patrol: Patrol,
    pub person: PersonId,
    pub received_at: Timestamp,
    pub doubt: Option<Doubt>,
}

fn usual_recurrence() -> u16 {
    RECURRENCE_DAYS
}

/// `POST /api/indicators/recurrence`, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    pub days: u16,
}

/// More than ten years is no recurrence.
pub const MOST_RECURRENCE_DAYS: u16 = 3_650;

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

/// `GET /api/admin/people`, and the answer to every change of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetail {
    pub person: Person,
    pub devices: Vec<Device>,
    /// Those in force, the oldest first.
    #[serde(default)]
    pub passkeys: Vec<Passkey>,
    /// By which name the office's sign-on calls him, blank where by none; `None` where the office has no sign-on.
    #[serde(default)]
    pub sign_on: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub label: String,
    pub enrolled_at: Timestamp,
    pub last_contact: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// The office revoked it by itself: its key spoke from two places at once.
    #[serde(default)]
    pub cloned: bool,
    /// Changes that the device said it still holds, at its last contact.
    pub unsent: u32,
    pub app_version: String,
    /// When the oldest of them was made, as it said.
    #[serde(default)]
    pub oldest_unsent: Option<Timestamp>,
    /// Photos that wait there.
    #[serde(default)]
    pub photos: u32,
    /// How full the browser's storage is, in tenths.
    #[serde(default)]
    pub storage: u8,
    #[serde(default)]
    pub way: Way,
    /// Its vault was thrown away, and nobody has proven himself at it since: it brings what it has, and gets nothing.
    #[serde(default)]
    pub unproven_at: Option<Timestamp>,
}

/// What opened the office to a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A code from an administrator.
    #[default]
    Code,
    /// A passkey that the person had already.
    Passkey,
    /// The person signed on where the office's people do.
    SignOn,
}

/// `GET /api/issues/{id}/tipster`: who told of it, and who noted that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipsterNoted {
    pub tipster: Tipster,
    pub noted_by: PersonId,
    pub noted_at: Timestamp,
}

/// `POST /api/issues/{id}/tipster`: `None` forgets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipsterWish {
    pub tipster: Option<Tipster>,
}

/// `GET /api/privacy`: how long the office keeps what, and how much of it is about the asker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    pub rule: Retention,
    pub audit_days: u32,
    pub about: About,
}

/// How many records name a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub reported: u64,
    pub steps: u64,
    pub photos: u64,
    pub rounds: u64,
    pub devices: u64,
    pub audit: u64,
    /// Passkeys and names at the office's sign-on.
    #[serde(default)]
    pub proofs: u64,
    /// Saved views.
    #[serde(default)]
    pub views: u64,
}

/// `GET /api/devices`: a device in service and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedDevice {
    pub person: PersonId,
    pub device: Device,
}

/// What the desk should look after on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Nobody has proven himself at it since its vault was thrown away; that it was heard of says only that it brings what it has.
    Unproven,
    /// Not heard of for too long, or never.
    Silent,
    /// Work waits there for too long.
    Stuck,
    /// Its storage is nearly full.
    Full,
}

impl Device {
    /// Longer than a weekend.
    const SILENCE: i64 = 3 * DAY;
    const STUCK: i64 = DAY;
    /// In tenths.
    const FULL: u8 = 8;

    /// A device out of service gets nothing anyway.
    pub fn in_doubt_since(&self) -> Option<Timestamp> {
        self.unproven_at.filter(|_| self.revoked_at.is_none())
    }

    pub fn concerns(&self, now: Timestamp) -> Vec<Concern> {
        let silent = now - self.last_contact.unwrap_or(self.enrolled_at) > Self::SILENCE;
        let stuck = self.oldest_unsent.is_some_and(|at| now - at > Self::STUCK);
        let found = [
            (Concern::Unproven, self.in_doubt_since().is_some()),
            (Concern::Silent, silent),
            (Concern::Stuck, stuck),
            (Concern::Full, self.storage >= Self::FULL),
        ];
        found.into_iter().filter(|(_, is)| *is).map(|(concern, _)| concern).collect()
    }
}

/// `POST /api/admin/people`; a person without `id` is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavePerson {
    pub id: Option<PersonId>,
    pub name: String,
    pub role: crate::model::Role,
    pub zones: Vec<ZoneId>,
    pub active: bool,
}

/// `GET /api/admin/audit?before=…`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Number and hash of the newest row: whoever notes it down finds out later whether rows were cut off.
    pub head: String,
    pub lines: Vec<AuditLine>,
}

/// Who did what, when, from where, with what result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    pub number: u64,
    pub at: Timestamp,
    pub act: String,
    pub person: Option<PersonId>,
    pub device: Option<DeviceId>,
    pub origin: String,
    pub what: String,
    pub result: String,
}

/// The head of the audit, beside its export.
pub const AUDIT_HEAD: &str = "x-audit-head";

/// `POST /api/admin/zones`, answered by all zones; one without `id` is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveZone {
    pub id: Option<ZoneId>,
    pub name: String,
    /// Community code of at most 12 digits, or empty.
    #[serde(default)]
    pub code: String,
    /// 包保 as it shall be; without it, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearers: Option<Vec<Bearer>>,
}

/// Longest name of a part in the joint responsibility for a zone, in characters.
pub const MAX_PART: usize = 20;
/// Most parts in one zone.
pub const MAX_PARTS: usize = 40;

/// The answer to `POST /api/admin/outlines?datum=wgs84&save=false`, whose body is a GeoJSON file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlines {
    /// The file as a whole is none that can be read.
    Refused(FileFault),
    /// Saved only if asked for and nothing is wrong with any area.
    Read { areas: Vec<Area>, saved: bool },
}

/// `POST /api/admin/people/{id}/invite`: shown once, stored only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    pub code: String,
    /// The address with the code in its fragment, for the QR.
    pub link: String,
    pub qr_svg: String,
    pub expires_at: Timestamp,
}

/// One column of `GET /api/board`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub state: State,
    /// All issues of this state under the filter, also those not in `cards`.
    pub count: u64,
    /// The first page, most urgent first.
    pub cards: Vec<Summary>,
}

/// `GET /api/board`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub server_time: Timestamp,
    /// The log position that these numbers reflect.
    pub position: u64,
    pub columns: Vec<Column>,
    /// Issues with concurrent values, and changes held for review: the 待裁决 list.
    pub undecided: Vec<Summary>,
    pub held: Vec<Held>,
    /// How many there are, of which the lists hold the first. Absent in what an older office answers.
    #[serde(default)]
    pub undecided_count: u64,
    #[serde(default)]
    pub held_count: u64,
    /// For whoever reads the books. Absent in what an older office answers.
    #[serde(default)]
    pub doubles: Vec<Doubled>,
}

impl Board {
    /// Issues that wait for a decision, and held changes that do.
    pub fn waiting(&self) -> [u64; 2] {
        [self.undecided_count.max(self.undecided.len() as u64), self.held_count.max(self.held.len() as u64)]
    }
}

/// A number of a 督办单 that stands on several issues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doubled {
    /// As it is written on the first of them.
    pub number: String,
    /// In the order in which the number came to them.
    pub issues: Vec<Summary>,
}

/// `GET /api/tally`: how many issues of each state a group has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub server_time: Timestamp,
    /// The log position that these numbers reflect.
    pub position: u64,
    pub by: Grouping,
    /// Each issue once, also where it counts in several groups.
    pub total: u64,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the group is called in addresses: see [`Grouping`].
    pub key: String,
    pub counts: Vec<(State, u64)>,
    pub overdue: u64,
}

/// `GET /api/sheets`, with the filter of a list: its first issues as they are printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheets {
    /// How many are on the list; no more than a few hundred are printed at once.
    pub total: u64,
    pub sheets: Vec<Sheet>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub row: Summary,
    /// What the dispatch asked for (整改要求); empty where it said nothing.
    pub demand: String,
    pub before: Option<PhotoId>,
    pub after: Option<PhotoId>,
}

/// A weekly 督办 list, in `GET /api/weekly` and as the answer to `POST /api/weekly`, which makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyHead {
    /// The year and the how-manieth list of it: `2026-003`.
    pub number: String,
    pub made_at: Timestamp,
    pub made_by: PersonId,
    pub entries: u64,
    /// Those that have been struck off or voided since.
    pub ended: u64,
}

/// `GET /api/weekly/{number}`: the list by whoever has to act, those without one first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    pub head: WeeklyHead,
    pub previous: Option<Previous>,
    pub units: Vec<WeeklyUnit>,
}

/// What became of the list before, or of one person's part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    pub number: String,
    pub struck: u64,
    pub handed_in: u64,
    pub open: u64,
    pub void: u64,
}

impl Previous {
    pub fn entries(&self) -> u64 {
        self.struck + self.handed_in + self.open + self.void
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyUnit {
    pub person: Option<PersonId>,
    pub entries: u64,
    pub ended: u64,
}

/// `GET /api/weekly/{number}/{person}`: the 督办单 of one of them; person 0 is nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub head: WeeklyHead,
    pub server_time: Timestamp,
    pub previous: Option<Previous>,
    /// How many are on the list; a notice holds no more than a few hundred of them.
    pub total: u64,
    pub entries: Vec<WeeklyEntry>,
}

/// An issue as it stood when the list was made, and as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeeklyEntry {
    /// Its number on the list.
    pub position: u64,
    pub state: State,
    pub due: Option<Timestamp>,
    pub supervision: Option<SupervisionLevel>,
    pub now: Summary,
    /// On how many lists it has been, this one among them.
    pub times: u64,
    /// What the dispatch asked for (整改要求); empty where it said nothing.
    pub demand: String,
    pub press: Option<Press>,
    pub before: Option<PhotoId>,
    pub after: Option<PhotoId>,
    /// What was answered to the last pressing.
    #[serde(default)]
    pub reply: Option<Reply>,
}

/// 督办 has a number and a deadline of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    pub number: String,
    pub due: Option<Timestamp>,
    /// Whether the number stands on another issue, too. Absent in what an older office answers.
    #[serde(default)]
    pub shared: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub by: PersonId,
    pub at: Timestamp,
    pub text: String,
}

/// A frozen month, in `GET /api/settlements`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementHead {
    pub month: Month,
    pub number: String,
    pub frozen_at: Timestamp,
    pub frozen_by: PersonId,
}

/// `GET /api/settlements`: the frozen months, the latest first, and the one that can be frozen next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlements {
    pub frozen: Vec<SettlementHead>,
    /// None while the month after the last frozen one has not ended.
    pub next: Option<Month>,
    /// The month that somebody freezes at this moment. Nothing of it stands before it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freezing: Option<Freezing>,
}

/// How far a month is that is being frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freezing {
    pub month: Month,
    /// Issues that the books have looked at, of how many; none of them while others still write.
    pub looked_at: u64,
    pub of: u64,
}

/// `POST /api/settlements`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    pub month: Month,
}

/// `GET /api/settlements/{month}`, and the answer to freezing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    pub head: SettlementHead,
    pub lines: Vec<SettlementLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementLine {
    pub zone: ZoneId,
    pub kind: Kind,
    pub line: Line,
    /// What the closing stock of that month would be by what the office knows today.
    pub live: u64,
    /// In the closing stock of the book, and today not known to have been.
    pub gone: u64,
    /// Known today to have been in the closing stock, and not in that of the book.
    pub come: u64,
}

/// `GET /api/indicators?month=2026-11`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Indicators {
    pub month: Month,
    pub server_time: Timestamp,
    pub whole: Figures,
    pub zones: Vec<ZoneFigures>,
    /// Set by `POST /api/indicators/thresholds`.
    pub thresholds: Thresholds,
}

/// `GET /api/trends?month=2026-11`, of one zone with `&zone=3`: twelve months, the given one last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    pub server_time: Timestamp,
    pub months: Vec<(Month, Figures)>,
    pub trends: Vec<Trend>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trend {
    pub indicator: Indicator,
    /// SVG; empty where it could not be drawn.
    pub chart: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneFigures {
    pub zone: ZoneId,
    pub figures: Figures,
}

/// Most issues on one map.
pub const MAX_DOTS: usize = 10_000;

/// `GET /api/map`: the issues of a list that have a position, the first of its order if there are too many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPicture {
    pub server_time: Timestamp,
    /// All issues of the list, also those not on the map.
    pub total: u64,
    pub dots: Vec<Dot>,
}

/// An issue on the map, as short as it can be said: latitude and longitude are in units of 1e-5 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dot(pub IssueId, pub i32, pub i32, pub State, pub Kind, pub bool);

/// `GET /api/map/base`: what the office lays under its issues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseMap {
    /// `GET /api/map/tiles` gives parts of a PMTiles archive.
    pub tiles: bool,
    /// `GET /api/map/style` gives a style of MapLibre.
    pub style: bool,
    /// Positions must be moved to GCJ-02 before they are drawn on it.
    pub gcj02: bool,
    /// `GET /api/map/ground` gives a GeoJSON with this mark, which is another one where the file is.
    #[serde(default)]
    pub plain: Option<String>,
}

/// `GET /api/halfyear?from=2026-01&to=2026-06`: the sanitation chapter of the office's work summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfYear {
    pub from: Month,
    pub to: Month,
    pub server_time: Timestamp,
    pub whole: Figures,
    pub zones: Vec<ZoneFigures>,
    /// What was found most stands first.
    pub kinds: Vec<(Kind, Flow)>,
    pub months: Vec<(Month, Flow)>,
    /// Found and neither struck off nor voided at the end of the period, or now.
    pub open: u64,
    /// Struck off in the period after having waited for long: how many, and the longest of them.
    pub solved_count: u64,
    pub solved: Vec<Summary>,
    /// Struck off in the period with photos of both: how many, and a few of them.
    pub pairs_count: u64,
    pub pairs: Vec<BeforeAfter>,
    /// The months as a picture in SVG; empty where it could not be drawn.
    pub chart: String,
}

/// What came in and what went out, and of what was due then, how much was handled and how much in time: the counts behind the
/// first two indicators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub found: u64,
    pub struck: u64,
    /// These are absent in what an older office answers.
    #[serde(default)]
    pub due: u64,
    #[serde(default)]
    pub handled: u64,
    #[serde(default)]
    pub in_time: u64,
}

impl Flow {
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            found: self.found + other.found,
            struck: self.struck + other.struck,
            due: self.due + other.due,
            handled: self.handled + other.handled,
            in_time: self.in_time + other.in_time,
        }
    }

    /// What the indicators make of these counts.
    pub fn figures(&self) -> Figures {
        let Self { found: reported, struck, due, handled, in_time } = *self;
        Figures { reported, struck, due, handled, in_time, ..Figures::default() }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BeforeAfter {
    pub issue: Summary,
    pub before: PhotoId,
    pub after: PhotoId,
}

/// `GET /api/supervision/next`: numbers of this year that no 督办单 of the level ever had. A proposal: nothing is taken by asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextNumbers {
    pub office: String,
    pub city: String,
    /// `?number=…&issue=…`: which other issue has or had this number, as the office's list calls it; nothing is proposed then. Absent in
    /// what an older office answers.
    #[serde(default)]
    pub taken: Option<String>,
}

/// `GET /api/issues`, `GET /api/settlements/{month}/issues?figure=…`, `GET /api/indicators/issues?month=…&figure=…`: one keyset page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssuePage {
    pub rows: Vec<Summary>,
    pub next: Option<String>,
    /// All issues of the list, where no tally counts them.
    #[serde(default)]
    pub total: Option<u64>,
}

/// `GET /api/export?format=…`: a filtered list as a file for the office's other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookFormat {
    Xlsx,
    Csv,
    Geojson,
}

impl BookFormat {
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Geojson];

    /// As in the address, and as the ending of the file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Geojson => "geojson",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

/// The header of an export that says how many issues are in it.
pub const ROWS_HEADER: &str = "x-rows";
/// Most issues of a workbook: it is sent only when it is whole, and nobody waits for ever. CSV and GeoJSON have no bound.
pub const MAX_BOOK_ROWS: u64 = 200_000;
/// Most issues of a workbook with pictures, all of which are in memory at once.
pub const MAX_PICTURED_ROWS: u64 = 1_000;

/// A change that was kept but not merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Hex of the change hash.
    pub hash: String,
    pub issue: IssueId,
    pub zone: ZoneId,
    pub person: PersonId,
    pub device: DeviceId,
    pub received_at: Timestamp,
    /// The refusal code of [`crate::sync::Refusal`].
    pub reason: String,
    /// What the change wanted to do, for the supervisor to read.
    pub content: String,
    /// A held change may be adopted; a quarantined one is only evidence.
    pub adoptable: bool,
}

/// `POST /api/held/{hash}`: the word alone, or with why, which the office keeps beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DecideHeld {
    Bare(HeldDecision),
    Because { decision: HeldDecision, reason: String },
}

/// Longest reason of a decision, in characters.
pub const MAX_REASON: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldDecision {
    Adopt,
    Discard,
}

/// Most hashes in one question to `POST /api/photos/wanted`.
pub const MAX_OFFERED: usize = 500;

/// The answer to `POST /api/photos/wanted`, whose body is the hashes of photos that a phone holds: what the office lacks of them,
/// as after a restore from a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub photos: Vec<WantedPhoto>,
    /// The office neither has these nor knows who names them. Another phone may still bring it the issue: ask again.
    pub unknown: Vec<PhotoId>,
}

/// A photo that the office names in an issue and does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedPhoto {
    pub photo: PhotoId,
    pub issue: IssueId,
    pub thumb: bool,
}

/// `Upload-Metadata` of a tus upload: `sha256 <base64 of the 32 bytes>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadMetadata {
    pub sha256: PhotoId,
}

/// Bounds of an uploaded photo; the phone keeps far below them.
pub const MAX_PHOTO_BYTES: u64 = 8 * 1024 * 1024;
/// Longest edge in pixels.
pub const MAX_PHOTO_EDGE: u32 = 8000;
/// Width times height.
pub const MAX_PHOTO_PIXELS: u64 = 40_000_000;

/// RFC 9457. `type` is `about:blank#code`-like: a stable word of the domain, not an address to visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    pub title: String,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The same for the app, which says it in the person's language. Absent in what an older office answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Present when the clocks disagree, so that the phone can correct its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<Timestamp>,
}

/// Every way in which a request as a whole can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    #[serde(rename = "urn:xiaohao:bad-request")]
    BadRequest,
    #[serde(rename = "urn:xiaohao:not-signed")]
    NotSigned,
    /// As after a restore from a backup that is older than the enrolment.
    #[serde(rename = "urn:xiaohao:device-unknown")]
    DeviceUnknown,
    #[serde(rename = "urn:xiaohao:clock-skew")]
    ClockSkew,
    #[serde(rename = "urn:xiaohao:replayed")]
    Replayed,
    #[serde(rename = "urn:xiaohao:device-revoked")]
    DeviceRevoked,
    #[serde(rename = "urn:xiaohao:code-unknown")]
    CodeUnknown,
    #[serde(rename = "urn:xiaohao:forbidden")]
    Forbidden,
    #[serde(rename = "urn:xiaohao:not-found")]
    NotFound,
    #[serde(rename = "urn:xiaohao:conflict")]
    Conflict,
    #[serde(rename = "urn:xiaohao:too-large")]
    TooLarge,
    #[serde(rename = "urn:xiaohao:not-a-photo")]
    NotAPhoto,
    /// It had its time: the office's rule for keeping took it away.
    #[serde(rename = "urn:xiaohao:photo-removed")]
    PhotoRemoved,
    #[serde(rename = "urn:xiaohao:checksum-mismatch")]
    ChecksumMismatch,
    #[serde(rename = "urn:xiaohao:too-many-requests")]
    TooManyRequests,
    #[serde(rename = "urn:xiaohao:app-too-old")]
    AppTooOld,
    /// A hand-over file that breaks off, or was changed on its way.
    #[serde(rename = "urn:xiaohao:handover-damaged")]
    HandoverDamaged,
    #[serde(rename = "urn:xiaohao:handover-other-office")]
    HandoverOtherOffice,
    #[serde(rename = "urn:xiaohao:handover-from-future")]
    HandoverFromFuture,
    /// The device that claims to have made it is none of this office.
    #[serde(rename = "urn:xiaohao:handover-unknown-device")]
    HandoverUnknownDevice,
    /// The signature is not by the device that claims to have made it.
    #[serde(rename = "urn:xiaohao:handover-forged")]
    HandoverForged,
    #[serde(rename = "urn:xiaohao:storage-full")]
    StorageFull,
    #[serde(rename = "urn:xiaohao:internal")]
    Internal,
    /// The person has to show a passkey, and then to ask again.
    #[serde(rename = "urn:xiaohao:confirm-first")]
    ConfirmFirst,
    /// The vault of this device was thrown away: its person has to prove himself at it before anything comes down.
    #[serde(rename = "urn:xiaohao:prove-first")]
    ProveFirst,
    #[serde(rename = "urn:xiaohao:proof-refused")]
    ProofRefused,
    /// What came back from the office's sign-on proves nothing, or nothing any more.
    #[serde(rename = "urn:xiaohao:sign-on-refused")]
    SignOnRefused,
    /// He signed on, and nobody here is known by that name; the detail is the name.
    #[serde(rename = "urn:xiaohao:sign-on-unknown")]
    SignOnUnknown,
    #[serde(rename = "urn:xiaohao:sign-on-unreachable")]
    SignOnUnreachable,
    /// What a newer office says and this version does not know.
    #[serde(rename = "urn:xiaohao:other", other)]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_office_says_is_read_by_this_version() {
        let told = r#"{"type":"urn:xiaohao:of-next-year","title":"?","status":418,"more":1}"#;
        let problem: Problem = serde_json::from_str(told).unwrap();
        assert_eq!((problem.kind, problem.status), (ProblemKind::Other, 418));
        let told = r#"{"type":"urn:xiaohao:conflict","title":"?","status":409,"reason":"of_next_year"}"#;
        assert_eq!(serde_json::from_str::<Problem>(told).unwrap().reason, Some(Reason::Other));
        let known = serde_json::to_string(&ProblemKind::ConfirmFirst).unwrap();
        assert_eq!(known, r#""urn:xiaohao:confirm-first""#);
    }

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

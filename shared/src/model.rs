//! What the office talks about: issues with their steps, remarks and photos; people with roles and zones.
//! Glossary: 问题 issue · 步骤 step · 整改 rectify · 核查 check · 销号 close · 督办 supervision · 包保 responsible ·
//! 宣传劝导 contact (with residents) · 巡查 patrol ·
//! 片区 zone · 问题类型 kind · 场所类型 place type · 挂账 suspended · 反弹 recurrence · 待裁决 undecided (concurrent values).

pub mod behind;
pub mod calendar;
pub mod catalogue;
pub mod deadline;
pub mod drift;
pub mod filter;
pub mod indicator;
pub mod likeness;
pub mod lock;
pub mod patrol;
pub mod policy;
pub mod retention;
pub mod rules;
pub mod settlement;
pub mod summary;
pub mod tipster;
pub mod workflow;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{IssueId, PersonId, PhotoId, ZoneId};
use crate::time::Timestamp;
use catalogue::{Kind, PlaceType};
use workflow::{Action, State};

/// What a person is in this office (domain.md section 2; design section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 干部/网格员: reports, rectifies, checks the fixes of others, in his own zones.
    Cadre,
    /// 督查专班: walks any zone, presses issues, checks that they are really closed.
    Inspector,
    /// 指挥: files, dispatches, extends, suspends, decides.
    Supervisor,
    /// Keeps people, devices and zones. Touches no issue.
    Administrator,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Cadre, Self::Inspector, Self::Supervisor, Self::Administrator];
}

/// 三员: what an administrator answers for. One person may have several, until the office parts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 系统管理员: zones, borders, working time.
    System,
    /// 安全管理员: people, roles, codes, devices.
    Security,
    /// 审计管理员: reads and takes away the audit.
    Audit,
}

impl Duty {
    pub const ALL: [Self; 3] = [Self::System, Self::Security, Self::Audit];

    pub fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Security => "security",
            Self::Audit => "audit",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }

    pub fn all() -> BTreeSet<Self> {
        Self::ALL.into()
    }

    fn are_all(duties: &BTreeSet<Self>) -> bool {
        duties.len() == Self::ALL.len()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub role: Role,
    /// The zones that this person works in. An inspector or supervisor reads and acts beyond them.
    pub zones: BTreeSet<ZoneId>,
    pub active: bool,
    /// Of an administrator; it says nothing of anybody else. Where nothing is written they are all.
    #[serde(default = "Duty::all", skip_serializing_if = "Duty::are_all")]
    pub duties: BTreeSet<Duty>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub id: ZoneId,
    pub name: String,
    /// Community code of 12 digits (domain.md section 1.1); empty where the office has none.
    #[serde(default)]
    pub code: String,
    /// 包保: who answers for the zone together, in the order that the office gave them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bearers: Vec<Bearer>,
}

/// One part in the joint responsibility for a zone, in the office's own words: 领导包片, 部门包点, or a stretch of a street.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearer {
    pub person: PersonId,
    pub part: String,
}

/// How bad it is, as the reporter saw it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    #[default]
    #[serde(alias = "1")]
    Ordinary,
    Urgent,
    VeryUrgent,
}

impl Severity {
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::Urgent, Self::VeryUrgent];

    pub fn code(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Urgent => "urgent",
            Self::VeryUrgent => "very_urgent",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.code() == code)
    }

    /// (Chinese, English).
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Ordinary => ("一般", "Ordinary"),
            Self::Urgent => ("紧急", "Urgent"),
            Self::VeryUrgent => ("非常紧急", "Very urgent"),
        }
    }
}

/// Where a position came from. It decides how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixSource {
    Gps,
    /// Pointed at by a person.
    Hand,
}

/// A position as the device gave it: stored raw, converted only to be shown (domain.md section 6.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Degrees north, −90 to 90.
    pub lat: f64,
    /// Degrees east, −180 to 180.
    pub lon: f64,
    /// Metres, as claimed by the device.
    pub accuracy_m: f64,
    /// `wgs84` from browsers.
    pub datum: String,
    pub source: FixSource,
    pub fixed_at: Timestamp,
}

/// One fact, written as a whole: mixing one person's latitude with another's longitude would name a place where nobody was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub landmark: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// When a photo was taken in the life of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Before,
    During,
    After,
}

/// What the document says of one photo; the bytes travel apart and are named by their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    pub stage: Stage,
    pub by: PersonId,
    pub taken_at: Timestamp,
    /// Pixels.
    pub w: u32,
    pub h: u32,
    /// Bytes.
    pub size: u64,
    pub mime: String,
    /// A picture of at most 15 KB that travels first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<PhotoId>,
}

/// One entry of the timeline: who did what, when, from which state to which. Written once, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub by: PersonId,
    /// What the phone's clock said.
    pub at: Timestamp,
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<State>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<PhotoId>,
    /// A deadline asked for (extension) or set (dispatch, supervision).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The supervisor who took over a change that was held for review; `by` stays the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_by: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub by: PersonId,
    pub at: Timestamp,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_by: Option<PersonId>,
    /// 宣传劝导: the remark is the note of a talk with residents. An app that does not know of it shows the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// When, how and with what result residents were spoken to. Never with whom: nobody's name belongs in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// When it took place; the remark's own time is when it was written down.
    pub at: Timestamp,
    pub manner: Manner,
    pub result: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// 上门
    Door,
    Phone,
    Leaflet,
    /// A written notice (告知书).
    Notice,
    Meeting,
    /// Also whatever a newer app calls otherwise.
    #[serde(other)]
    Other,
}

impl Manner {
    pub const ALL: [Self; 6] = [Self::Door, Self::Phone, Self::Leaflet, Self::Notice, Self::Meeting, Self::Other];

    pub fn code(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::Phone => "phone",
            Self::Leaflet => "leaflet",
            Self::Notice => "notice",
            Self::Meeting => "meeting",
            Self::Other => "other",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manner| manner.code() == code)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Agreed,
    /// Heard it and said neither yes nor no.
    Undecided,
    Refused,
    /// Nobody was met.
    Absent,
    /// Also whatever a newer app calls otherwise.
    #[serde(other)]
    Other,
}

impl Outcome {
    pub const ALL: [Self; 5] = [Self::Agreed, Self::Undecided, Self::Refused, Self::Absent, Self::Other];

    pub fn code(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Undecided => "undecided",
            Self::Refused => "refused",
            Self::Absent => "absent",
            Self::Other => "other",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

impl Step {
    /// As its author wrote it, whoever adopted it.
    pub fn unadopted(&self) -> Self {
        Self { adopted_by: None, ..self.clone() }
    }
}

impl Remark {
    /// As its author wrote it, whoever adopted it.
    pub fn unadopted(&self) -> Self {
        Self { adopted_by: None, ..self.clone() }
    }

    pub fn new(by: PersonId, at: Timestamp, text: String) -> Self {
        Self { by, at, text, adopted_by: None, contact: None }
    }

    pub fn of_contact(by: PersonId, at: Timestamp, text: String, contact: Contact) -> Self {
        Self { contact: Some(contact), ..Self::new(by, at, text) }
    }
}

/// 督办: a higher level presses an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    pub level: SupervisionLevel,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    pub by: PersonId,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Supervision {
    /// The one form of a number, by which two are compared: people write 街督2026-7, 街督2026-007 and 街督２０２６－７ for the same. Empty
    /// where nothing is said.
    pub fn form(number: &str) -> String {
        let mut form = String::new();
        for letter in number.chars().filter(|letter| !letter.is_whitespace()).map(plain_letter) {
            // A nought before a figure says nothing.
            let nought = form.strip_suffix('0').filter(|rest| !rest.ends_with(|c: char| c.is_ascii_digit()));
            if let Some(length) = nought.map(str::len).filter(|_| letter.is_ascii_digit()) {
                form.truncate(length);
            }
            form.push(letter);
        }
        form
    }
}

fn plain_letter(letter: char) -> char {
    match letter {
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => '-',
        '〔' | '［' | '【' | '[' | '（' => '(',
        '〕' | '］' | '】' | ']' | '）' => ')',
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
    .to_ascii_lowercase()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupervisionLevel {
    /// 街道
    Office,
    /// 市
    City,
}

/// A part in the joint responsibility for an issue (包保).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Lead,
    Support,
}

/// An issue as its document says it. Where several people wrote a field at once, the field holds the value that
/// every device shows until somebody decides, and the others stand in [`crate::doc::conflicts`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub id: IssueId,
    /// Of a schema newer than this app's, only what the app understands stands below, and it edits nothing.
    pub schema: u64,
    pub zone: ZoneId,
    pub kind: Kind,
    pub place_type: PlaceType,
    pub description: String,
    pub place: Place,
    pub severity: Severity,
    pub reporter: PersonId,
    pub reported_at: Timestamp,
    pub state: State,
    pub assignee: Option<PersonId>,
    pub responsible: BTreeMap<PersonId, Part>,
    pub due: Option<Timestamp>,
    pub extensions: u32,
    pub priority: bool,
    pub supervision: Option<Supervision>,
    pub duplicate_of: Option<IssueId>,
    pub recurrence_of: Option<IssueId>,
    /// In causal order: nobody's clock decides it.
    pub steps: Vec<Entry<Step>>,
    pub remarks: Vec<Entry<Remark>>,
    pub photos: BTreeMap<PhotoId, Photo>,
}

/// How an appeal against an overtime stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appeal {
    Asked,
    Granted,
    Refused,
}

impl Appeal {
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }
}

/// A written-once record with the key that it stands under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<T> {
    pub id: String,
    pub record: T,
}

impl Issue {
    /// Who last handed this issue in for check; he must not check it himself.
    pub fn rectified_by(&self) -> Option<PersonId> {
        self.handed_in().map(|step| step.by)
    }

    /// The last time that it was said to be rectified.
    pub fn handed_in(&self) -> Option<&Step> {
        let steps = self.steps.iter().rev().map(|entry| &entry.record);
        steps.into_iter().find(|step| matches!(step.action, Action::HandIn | Action::FixOnSpot))
    }

    /// The step that ended it: the first that led where it is now since it was last elsewhere. What is said of an issue that has
    /// ended moves its end no more: neither a second one who ended it, nor who decides that it stays as it is.
    pub fn ended_by(&self) -> Option<&Entry<Step>> {
        if self.state.is_open() {
            return None;
        }
        let appeals = [Action::Appeal, Action::GrantAppeal, Action::RefuseAppeal];
        let is_elsewhere = |step: &Entry<Step>| step.record.to.is_some_and(|to| to != self.state);
        let since = self.steps.iter().rposition(is_elsewhere).map_or(0, |at| at + 1);
        let led_here = |step: &&Entry<Step>| step.record.to == Some(self.state) && step.record.from != step.record.to;
        let ended = self.steps.iter().skip(since).find(led_here).or_else(|| self.steps.iter().rfind(led_here));
        // A decision between two states may have no step of its own that says where it led.
        ended.or_else(|| self.steps.iter().rfind(|step| !appeals.contains(&step.record.action)))
    }

    /// The issue that this duplicate was merged into (并案).
    pub fn merged_into(&self) -> Option<IssueId> {
        let ends = [Action::Merge, Action::UndoMerge, Action::Void];
        let last = self.steps.iter().rev().map(|step| step.record.action).find(|action| ends.contains(action));
        self.duplicate_of.filter(|_| last == Some(Action::Merge) && self.state == State::Void)
    }

    /// Milliseconds past the deadline when it was handed in or ended, whatever became of an appeal.
    pub fn overtime(&self) -> Option<i64> {
        let back = self.handed_in().or(self.ended_by().map(|entry| &entry.record))?;
        self.due.map(|due| back.at - due).filter(|late| *late > 0)
    }

    /// 申诉, once it was asked for: the last decision counts.
    pub fn appeal(&self) -> Option<Appeal> {
        let of = |step: &Entry<Step>| match step.record.action {
            Action::Appeal => Some(Appeal::Asked),
            Action::GrantAppeal => Some(Appeal::Granted),
            Action::RefuseAppeal => Some(Appeal::Refused),
            _ => None,
        };
        // A second request, made beside the first, opens nothing that was decided.
        self.steps
            .iter()
            .filter_map(of)
            .fold(None, |was, is| if is == Appeal::Asked { was.or(Some(is)) } else { Some(is) })
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.clock_runs() && self.due.is_some_and(|due| due < now)
    }

    /// Whether the deadline is the end of a suspension: no step has set another one since.
    pub fn is_due_by_suspension(&self) -> bool {
        let sets = [Action::File, Action::Dispatch, Action::Extend, Action::Suspend, Action::Resume];
        let set = |step: &&Entry<Step>| step.record.until.is_some() && sets.contains(&step.record.action);
        self.steps.iter().rev().find(set).is_some_and(|step| step.record.action == Action::Suspend)
    }

    /// The life of the pressing by itself: each time that it was pressed, and each reply.
    pub fn pressings(&self) -> impl DoubleEndedIterator<Item = &Entry<Step>> {
        self.steps.iter().filter(|entry| matches!(entry.record.action, Action::Supervise | Action::Reply))
    }

    /// What was answered to the last pressing.
    pub fn reply(&self) -> Option<&Step> {
        self.pressings().next_back().map(|entry| &entry.record).filter(|step| step.action == Action::Reply)
    }

    /// The extension or suspension that was asked for and not yet answered.
    pub fn open_request(&self) -> Option<&Step> {
        let answers = [
            Action::Extend,
            Action::RefuseExtension,
            Action::Suspend,
            Action::Close,
            Action::HandIn,
            Action::Return,
            Action::Void,
            Action::Merge,
        ];
        let asks = [Action::AskExtension, Action::AskSuspension];
        let last = self.steps.iter().rev().map(|entry| &entry.record);
        last.take_while(|step| !answers.contains(&step.action)).find(|step| asks.contains(&step.action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_of_a_notice_is_one_however_it_is_written() {
        for same in ["街督2026-7", "街督2026-007", "街督 2026－07", "街督２０２６—００７", " 街督2026-7\u{3000}"]
        {
            assert_eq!(Supervision::form(same), "街督2026-7", "{same}");
        }
        assert_eq!(Supervision::form("督〔2026〕07 号"), Supervision::form("督[2026]7号"));
        assert_eq!(Supervision::form("JD-2026-1"), Supervision::form("jd-2026-01"));
        for [one, other] in
            [["街督2026-7", "街督2026-70"], ["街督2026-100", "街督2026-10"], ["街督2026-7", "市督2026-7"]]
        {
            assert_ne!(Supervision::form(one), Supervision::form(other));
        }
        assert_eq!([Supervision::form("0"), Supervision::form("000"), Supervision::form(" ")], ["0", "0", ""]);
        let form = Supervision::form("街督2026-010");
        assert_eq!((Supervision::form(&form), form.as_str()), (form.clone(), "街督2026-10"));
    }
}

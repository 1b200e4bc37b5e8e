//! The office's existing list on its way into the system: what a column may hold, what is wrong with a cell, and the edits that a
//! row becomes. Knows no file format; the office reads the file, and whoever imports writes the edits in his own name.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::doc::value::Value;
use crate::doc::{Edit, Report};
use crate::id::{IssueId, PersonId};
use crate::model::catalogue::Kind;
use crate::model::workflow::{Action, State};
use crate::model::{Issue, Step};
use crate::time::Timestamp;

/// Bytes of a file.
pub const MAX_FILE: usize = 8 * 1024 * 1024;
/// Rows of a file below its headings: each becomes signed work of whoever imports it.
pub const MAX_ROWS: usize = 2_000;
pub const MAX_COLUMNS: usize = 64;
/// Faults that are told one by one; who has so many looks at his columns first.
pub const MAX_FAULTS: usize = 200;

/// What a column of the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// An issue that this office exported.
    Id,
    /// The number in the old list: the same number is the same issue.
    Number,
    /// In words; where no column has the kind, it is looked for in here.
    Problem,
    Kind,
    Zone,
    Address,
    Landmark,
    PlaceType,
    Severity,
    FoundAt,
    Assignee,
    /// What the dispatch demands (整改要求).
    Demand,
    Deadline,
    Latitude,
    Longitude,
    /// How far the old list says it is: see [`Standing`].
    State,
}

impl Field {
    pub const ALL: [Self; 16] = [
        Self::Problem,
        Self::Kind,
        Self::Zone,
        Self::Address,
        Self::Landmark,
        Self::Assignee,
        Self::Demand,
        Self::Deadline,
        Self::State,
        Self::FoundAt,
        Self::Number,
        Self::PlaceType,
        Self::Severity,
        Self::Latitude,
        Self::Longitude,
        Self::Id,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Number => "number",
            Self::Problem => "problem",
            Self::Kind => "kind",
            Self::Zone => "zone",
            Self::Address => "address",
            Self::Landmark => "landmark",
            Self::PlaceType => "place_type",
            Self::Severity => "severity",
            Self::FoundAt => "found_at",
            Self::Assignee => "assignee",
            Self::Demand => "demand",
            Self::Deadline => "deadline",
            Self::Latitude => "latitude",
            Self::Longitude => "longitude",
            Self::State => "state",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// What a heading says, as people write them.
    pub fn of_heading(heading: &str) -> Option<Self> {
        // The narrower words first: 问题类型 is no 问题, and 上报时间 no 地点.
        const WORDS: &[(Field, &[&str])] = &[
            (Field::PlaceType, &["场所", "placetype"]),
            (Field::Kind, &["问题类型", "类型", "类别", "小类", "kind", "category"]),
            (Field::Severity, &["紧急", "严重程度", "severity"]),
            (Field::State, &["状态", "销号", "是否结案", "是否完成", "是否整改", "是否解决", "status"]),
            (Field::Deadline, &["期限", "限期", "时限", "deadline", "duedate"]),
            (Field::Demand, &["整改要求", "整改措施", "demanded"]),
            (Field::Assignee, &["责任", "responsible", "assignee"]),
            (Field::FoundAt, &["上报时间", "发现时间", "发现日期", "上报日期", "日期", "reportedat", "found"]),
            (Field::Landmark, &["标志", "landmark"]),
            (Field::Latitude, &["纬度", "latitude"]),
            (Field::Longitude, &["经度", "longitude"]),
            (Field::Id, &["标识"]),
            (Field::Number, &["编号", "案卷号", "任务号", "number"]),
            (Field::Zone, &["片区", "网格", "社区", "zone", "grid"]),
            (Field::Address, &["地点", "地址", "位置", "点位", "address", "place", "location"]),
            (Field::Problem, &["问题", "描述", "内容", "情况", "problem", "description"]),
        ];
        let plain: String = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        match plain.as_str() {
            "id" => return Some(Self::Id),
            "state" | "完成" | "已完成" | "完成否" | "done" | "completed" => return Some(Self::State),
            _ => {}
        }
        // When it ended, which is neither how it stands nor when it was found.
        let ended =
            ["销号", "结案", "办结", "完成", "closed", "struckoff", "ended"].iter().any(|end| plain.contains(end));
        if ended && ["时间", "日期", "closedat", "struckoffat", "endedat"].iter().any(|when| plain.contains(when)) {
            return None;
        }
        // An id of something else, and a number of our kinds of problem, are not what they sound like.
        if ["代码", "code", "督办", "supervision"].iter().any(|it| plain.contains(it)) {
            return None;
        }
        // Who strikes it off, until when and by what rule is not whether it is.
        let about = ["人", "单位", "照片", "期限", "时限", "限期", "要求", "标准"].iter().any(|it| plain.contains(it));
        let besides = about && plain.contains("销号") && !plain.contains("是否");
        let mut fields = WORDS.iter().filter(|(field, _)| *field != Self::State || !besides);
        fields.find(|(_, words)| words.iter().any(|word| plain.contains(word))).map(|(field, _)| *field)
    }
}

/// Words of a heading below which it is said whether an issue came to its end.
const ENDS: &[&str] = &["销", "结案", "办结", "了结", "关闭", "作废", "closed", "struck"];

fn says(heading: &str, words: &[&str]) -> bool {
    let heading = heading.to_lowercase();
    words.iter().any(|word| heading.contains(word))
}

/// How far an old list says that an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// Somebody calls it done. Nobody has compared pictures yet, so it is open here, and a check strikes it off.
    Handled,
    /// Struck off or void. It came to its end without the pictures and the check that an end needs here, so it stays in the old list:
    /// as open it would be pressed for, and as closed it would count among what this office struck off.
    Ended,
}

impl Standing {
    /// As people write it below a heading. What is ticked there is what the heading says: under 是否完成 it is done, and nobody has
    /// checked it.
    pub fn below(heading: &str, words: &str) -> Option<Self> {
        const DONE: &[&str] = &["完成", "整改", "处置", "处理", "解决", "done", "completed", "rectified", "handled"];
        match Self::read(words) {
            Some(Self::Ended) if is_yes(words) && says(heading, DONE) && !says(heading, ENDS) => Some(Self::Handled),
            standing => standing,
        }
    }

    /// As people write it, or as an export of ours does. `None` where it is neither.
    pub fn read(words: &str) -> Option<Self> {
        const OPEN: &[&str] = &[
            "否",
            "×",
            "未",
            "无",
            "未销号",
            "未销",
            "未整改",
            "未处置",
            "未处理",
            "未完成",
            "未办结",
            "未结案",
            "未解决",
            "待整改",
            "待处置",
            "待办",
            "整改中",
            "处理中",
            "办理中",
            "在办",
            "进行中",
            "推进中",
            "长期坚持",
            "no",
            "open",
            "pending",
            "inprogress",
        ];
        const HANDLED: &[&str] = &[
            "已整改",
            "整改完成",
            "已整改到位",
            "已处置",
            "已处理",
            "已完成",
            "完成",
            "已解决",
            "待销号",
            "待验收",
            "handled",
            "rectified",
            "done",
        ];
        const ENDED: &[&str] =
            &["销号", "已销", "已结案", "结案", "已办结", "办结", "已关闭", "已作废", "不予立案", "closed"];
        let plain = plain(words);
        let is_in = |list: &[&str]| list.contains(&plain.as_str());
        match () {
            () if is_in(OPEN) => Some(Self::Open),
            () if is_in(HANDLED) => Some(Self::Handled),
            () if is_in(ENDED) || is_yes(words) => Some(Self::Ended),
            () => State::ALL.into_iter().find(|state| is_called(*state, &plain)).map(Self::of),
        }
    }

    fn of(state: State) -> Self {
        match state {
            State::Closed | State::Void => Self::Ended,
            State::ToCheck => Self::Handled,
            _ => Self::Open,
        }
    }
}

/// Small letters and ticks.
fn plain(words: &str) -> String {
    words.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "√✓✔×".contains(*c)).collect()
}

/// Whether a cell only agrees with its heading.
fn is_yes(words: &str) -> bool {
    ["是", "√", "✓", "✔", "yes"].contains(&plain(words).as_str())
}

fn is_called(state: State, plain: &str) -> bool {
    let (zh, en) = state.names();
    [state.code(), zh, en].iter().any(|name| name.to_lowercase().replace([' ', '_'], "") == plain)
}

/// What the columns hold, as it stands in an address: `problem,-,zone`. One that a newer office knows and this version does not holds
/// nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Option<String>>")]
pub struct Columns(pub Vec<Option<Field>>);

impl From<Vec<Option<String>>> for Columns {
    fn from(codes: Vec<Option<String>>) -> Self {
        Self(codes.iter().map(|code| Field::from_code(code.as_deref()?)).collect())
    }
}

impl Columns {
    /// By the headings alone.
    pub fn guess(headings: &[String]) -> Self {
        Self::guess_of(headings, |_| false)
    }

    /// By the headings; the first column that sounds like a field holds it. Of several states it is the one that says the end, because
    /// what is 整改 may still wait to be 销号; and a column of days says when something was done, not how it stands.
    pub fn guess_of(headings: &[String], holds_days: impl Fn(usize) -> bool) -> Self {
        let field = |(at, heading): (usize, &String)| {
            Field::of_heading(heading).filter(|field| *field != Field::State || !holds_days(at))
        };
        let fields: Vec<Option<Field>> = headings.iter().enumerate().map(field).collect();
        let states = || (0..fields.len()).filter(|at| fields[*at] == Some(Field::State));
        let state = states().find(|at| says(&headings[*at], ENDS)).or_else(|| states().next());
        let mut columns = Self::default();
        for (at, field) in fields.iter().enumerate() {
            let is_it = *field != Some(Field::State) || Some(at) == state;
            columns.0.push(field.filter(|field| is_it && !columns.0.contains(&Some(*field))));
        }
        columns
    }

    pub fn parse(text: &str) -> Self {
        Self(text.split(',').take(MAX_COLUMNS).map(Field::from_code).collect())
    }

    pub fn at(&self, field: Field) -> Option<usize> {
        self.0.iter().position(|column| *column == Some(field))
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.0.iter().map(|field| field.map_or("-", Field::code)).collect();
        f.write_str(&codes.join(","))
    }
}

/// The answer to `POST /api/import`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Import {
    /// Nothing in the file was looked at.
    Refused(FileFault),
    Read(Sheet),
}

/// Why a file is not a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// Neither a workbook nor a text, whatever its name says.
    NotATable,
    /// The format of before 2007, or one with a password.
    OldExcel,
    TooLarge,
    /// It would fill the memory when it is unpacked.
    Inflates,
    TooManyRows,
    TooManyColumns,
    Damaged,
    /// Its headings are neither UTF-8 nor GB18030.
    Encoding,
    /// No headings with something below them.
    Empty,
    /// What this version does not know.
    #[serde(other)]
    Other,
}

/// A list as the office read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Where the headings stand, counted from 1 as spreadsheets do.
    pub heading_row: u32,
    pub headings: Vec<String>,
    pub columns: Columns,
    /// The first rows, to see what a column holds.
    pub sample: Vec<Vec<String>>,
    pub drafts: Vec<Draft>,
    /// Rows that the list itself calls struck off or void: they stay where they are. Absent in what an older office answers.
    #[serde(default)]
    pub ended: Vec<Ended>,
    /// At most [`MAX_FAULTS`]. Absent in what an older office answers.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// How many there are, also those that are not told one by one.
    #[serde(default)]
    pub note_count: u32,
    pub faults: Vec<Fault>,
    /// How many there are, also those that are not told one by one.
    pub fault_count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub row: u32,
    /// In the list's own words.
    pub said: String,
}

/// What somebody should know of a row, although nothing stops the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub row: u32,
    pub what: Noted,
    /// The beginning of what the row says.
    pub said: String,
    /// The issue that it is about.
    pub issue: IssueId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noted {
    /// The row was corrected in the list since it came in. The issue stays as it is here.
    Corrected,
    /// The list calls it struck off or void, and here it is open.
    StillOpen,
    /// Somebody whom the list names is not put in charge: nobody here is called so, or he is not the first who is named.
    NotInCharge,
    /// What this version does not know.
    #[serde(other)]
    Other,
}

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

fn known_field<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Field>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.as_deref().and_then(Field::from_code))
}

/// What is wrong with one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub row: u32,
    /// From 0; `None` where no column holds what is missing.
    pub column: Option<u32>,
    /// `None` where a newer office names one that this version does not know.
    #[serde(deserialize_with = "known_field")]
    pub field: Option<Field>,
    pub why: Why,
    /// The beginning of what stands there.
    pub said: String,
    /// The issue that is in the way.
    #[serde(default)]
    pub other: Option<IssueId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    Missing,
    UnknownKind,
    UnknownZone,
    /// Two people have this name.
    Ambiguous,
    /// He could not see the zone on his phone.
    PersonElsewhere,
    UnknownPlaceType,
    UnknownSeverity,
    NotADate,
    /// 03/04/2026 is in March or in April.
    AmbiguousDate,
    InFuture,
    NotANumber,
    TooLong,
    /// `#REF!` and its like.
    FormulaFailed,
    /// Bytes that are no character.
    Undecodable,
    /// Stands in an earlier row, too.
    Twice,
    UnknownState,
    /// Another list brought something else under this number.
    NumberTaken,
    /// What this version does not know.
    #[serde(other)]
    Other,
}

/// `AB` for 27: what spreadsheets call a column.
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
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

    fn guess(headings: &[&str]) -> String {
        Columns::guess(&headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn the_headings_of_real_lists_are_understood() {
        let five = ["序号", "问题", "地点", "责任单位", "整改要求", "期限"];
        assert_eq!(guess(&five), "-,problem,address,assignee,demand,deadline");
        assert_eq!(guess(&["是否整改", "问题", "是否销号"]), "-,problem,state");
        assert_eq!(guess(&["是否销号", "问题", "是否整改"]), "state,problem,-");
        assert_eq!(guess(&["状态", "销号责任人", "销号期限"]), "state,assignee,deadline");
        let states = ["问题", "销号情况", "销号时间", "发现日期", "状态"];
        assert_eq!(guess(&states), "problem,state,-,found_at,-");
        assert_eq!(guess(&["问题", "完成", "完成时间"]), "problem,state,-");
        assert_eq!(guess(&["问题", "状态", "办结时间", "办结日期", "Ended at"]), "problem,state,-,-,-");
        assert_eq!(guess(&["问题", "是否整改"]), "problem,state");
        let more =
            ["编号", "问题类型", "问题描述", "所属片区", "详细地址", "发现日期", "责任人", "整改时限", "紧急程度"];
        assert_eq!(guess(&more), "number,kind,problem,zone,address,found_at,assignee,deadline,severity");
        let english =
            ["Number", "Kind", "Kind code", "Problem", "Zone", "Place", "Place type", "Reported at", "Deadline", "Id"];
        assert_eq!(guess(&english), "number,kind,-,problem,zone,address,place_type,found_at,deadline,id");
    }

    #[test]
    fn a_column_of_days_is_no_column_of_states_and_another_one_is() {
        let headings = ["Problem", "Done", "Status"].map(str::to_owned);
        let days = |columns: &'static [usize]| Columns::guess_of(&headings, |at| columns.contains(&at)).to_string();
        assert_eq!([days(&[]), days(&[1]), days(&[1, 2])], ["problem,state,-", "problem,-,state", "problem,-,-"]);
    }

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

    #[test]
    fn what_is_called_done_is_checked_here_and_only_what_is_struck_off_stays_where_it_is() {
        let reads =
            |words: &[&str], standing| words.iter().for_each(|it| assert_eq!(Standing::read(it), standing, "{it}"));
        reads(&["未销号", "整改中", "否", " 处置中 ", "Rectifying", "挂账", "×"], Some(Standing::Open));
        reads(&["已整改", "已完成", "待核查", "To check", "Done"], Some(Standing::Handled));
        reads(&["已销号", "是", "√", "Closed", "作废", "struck off", "已结案"], Some(Standing::Ended));
        reads(&["差不多了", "张伟", "2026-01-01", ""], None);
        for (heading, standing) in [
            ("是否完成", Standing::Handled),
            ("完成", Standing::Handled),
            ("Rectified?", Standing::Handled),
            ("是否完成销号", Standing::Ended),
            ("是否结案", Standing::Ended),
            ("整改结果", Standing::Handled),
            ("状态", Standing::Ended),
        ] {
            for yes in ["是", "√", "Yes"] {
                assert_eq!(Standing::below(heading, yes), Some(standing), "{heading} {yes}");
            }
            assert_eq!(Standing::below(heading, "否"), Some(Standing::Open), "{heading}");
            assert_eq!(Standing::below(heading, "已销号"), Some(Standing::Ended), "{heading}");
        }
        for state in State::ALL {
            let ends = !state.is_open();
            assert!(
                [state.code(), state.names().0, state.names().1]
                    .iter()
                    .all(|name| { (Standing::read(name) == Some(Standing::Ended)) == ends })
            );
        }
    }

    #[test]
    fn columns_read_back_as_they_are_written_and_strange_ones_hold_nothing() {
        let columns = Columns::parse("problem,-,zone,nonsense");
        assert_eq!(columns.to_string(), "problem,-,zone,-");
        assert_eq!((columns.at(Field::Zone), columns.at(Field::Kind)), (Some(2), None));
    }

    #[test]
    fn what_a_newer_office_finds_in_a_list_is_read_by_this_version() {
        let columns: Columns = serde_json::from_str(r#"["problem",null,"of_tomorrow","place_type"]"#).unwrap();
        assert_eq!(columns.to_string(), "problem,-,-,place_type");
        let all = Columns(Field::ALL.map(Some).to_vec());
        assert_eq!(serde_json::from_str::<Columns>(&serde_json::to_string(&all).unwrap()).unwrap(), all);
        let told = r#"{"read":{"heading_row":1,"headings":["a"],"columns":["of_tomorrow"],"sample":[],"drafts":[],
            "notes":[{"row":2,"what":"of_tomorrow","said":"","issue":"01010101-0101-0101-0101-010101010101"}],
            "faults":[{"row":2,"column":0,"field":"of_tomorrow","why":"of_tomorrow","said":"x"},
                      {"row":3,"column":0,"field":"zone","why":"missing","said":""}],"fault_count":2}}"#;
        let Import::Read(sheet) = serde_json::from_str(told).unwrap() else { panic!("a sheet") };
        let faults: Vec<_> = sheet.faults.iter().map(|fault| (fault.field, fault.why)).collect();
        assert_eq!(faults, [(None, Why::Other), (Some(Field::Zone), Why::Missing)]);
        assert_eq!((sheet.columns.0, sheet.notes[0].what), (vec![None], Noted::Other));
        let fault = serde_json::from_str::<Import>(r#"{"refused":"of_tomorrow"}"#).unwrap();
        assert_eq!(fault, Import::Refused(FileFault::Other));
    }

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}

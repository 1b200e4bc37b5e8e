//! The office's existing list on its way into the system: what a column may hold, what is wrong with a cell, and the edits that a
//! row becomes. Knows no file format; the office reads the file, and whoever imports writes the edits in his own name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::doc::value::Value;
use crate::doc::{Edit, Report};
use crate::id::{IssueId, PersonId};
use crate::model::Step;
use crate::model::workflow::{Action, State};
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
}

impl Field {
    pub const ALL: [Self; 15] = [
        Self::Problem,
        Self::Kind,
        Self::Zone,
        Self::Address,
        Self::Landmark,
        Self::Assignee,
        Self::Demand,
        Self::Deadline,
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
        if plain == "id" {
            return Some(Self::Id);
        }
        // An id of something else, and a number of our kinds of problem, are not what they sound like.
        if plain.contains("代码") || plain.contains("code") || plain.contains("督办") {
            return None;
        }
        WORDS.iter().find(|(_, words)| words.iter().any(|word| plain.contains(word))).map(|(field, _)| *field)
    }
}

/// What the columns hold, as it stands in an address: `problem,-,zone`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(pub Vec<Option<Field>>);

impl Columns {
    /// By the headings; the first column that sounds like a field holds it.
    pub fn guess(headings: &[String]) -> Self {
        let mut columns = Self::default();
        for heading in headings {
            let field = Field::of_heading(heading).filter(|field| !columns.0.contains(&Some(*field)));
            columns.0.push(field);
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
    /// Neither UTF-8 nor GB18030.
    Encoding,
    /// No headings with something below them.
    Empty,
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
    pub faults: Vec<Fault>,
    /// How many there are, also those that are not told one by one.
    pub fault_count: u32,
}

/// A row that can become an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub row: u32,
    pub issue: IssueId,
    /// The office has it already.
    pub known: bool,
    pub report: Report,
    pub found_at: Timestamp,
    /// Where it comes from.
    pub source: String,
    pub dispatch: Option<Dispatch>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    pub assignee: PersonId,
    pub until: Timestamp,
    pub demand: String,
}

/// What is wrong with one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub row: u32,
    /// From 0; `None` where no column holds what is missing.
    pub column: Option<u32>,
    pub field: Field,
    pub why: Why,
    /// The beginning of what stands there.
    pub said: String,
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
    /// Stands in an earlier row, too.
    Twice,
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
    use super::*;

    fn guess(headings: &[&str]) -> String {
        Columns::guess(&headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn the_headings_of_real_lists_are_understood() {
        let five = ["序号", "问题", "地点", "责任单位", "整改要求", "期限"];
        assert_eq!(guess(&five), "-,problem,address,assignee,demand,deadline");
        let more =
            ["编号", "问题类型", "问题描述", "所属片区", "详细地址", "发现日期", "责任人", "整改时限", "紧急程度"];
        assert_eq!(guess(&more), "number,kind,problem,zone,address,found_at,assignee,deadline,severity");
        let english =
            ["Number", "Kind", "Kind code", "Problem", "Zone", "Place", "Place type", "Reported at", "Deadline", "Id"];
        assert_eq!(guess(&english), "number,kind,-,problem,zone,address,place_type,found_at,deadline,id");
    }

    #[test]
    fn columns_read_back_as_they_are_written_and_strange_ones_hold_nothing() {
        let columns = Columns::parse("problem,-,zone,nonsense");
        assert_eq!(columns.to_string(), "problem,-,zone,-");
        assert_eq!((columns.at(Field::Zone), columns.at(Field::Kind)), (Some(2), None));
    }

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}

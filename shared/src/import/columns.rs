//! What a column of the list may hold, as it is guessed from its heading and stands in an address. Knows no cell.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::standing::{ENDS, says};

pub const MAX_COLUMNS: usize = 64;

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
    /// How far the old list says it is: see [`Standing`](super::Standing).
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

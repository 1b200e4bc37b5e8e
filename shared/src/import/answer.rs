//! What the office answers to a file: why it is none, what was read, what is wrong with a cell and what is worth knowing of a row.

use serde::{Deserialize, Deserializer, Serialize};

use super::columns::{Columns, Field};
use super::draft::Draft;
use crate::id::IssueId;

/// Faults that are told one by one; who has so many looks at his columns first.
pub const MAX_FAULTS: usize = 200;

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

fn known_field<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Field>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.as_deref().and_then(Field::from_code))
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

#[cfg(test)]
mod tests {
    use super::*;

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
}

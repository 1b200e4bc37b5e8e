//! The list as CSV by RFC 4180, in UTF-8 with the mark by which Excel recognises it. Knows cells, not where they come from.

use std::borrow::Cow;

use xiaohao_shared::time::Timestamp;

use super::columns::{COLUMNS, Cell};
use super::{Names, Tongue};
use crate::store::export::Line;

/// Without it Excel reads UTF-8 in the code page of its country.
const BOM: &str = "\u{feff}";

pub fn head(tongue: Tongue) -> String {
    format!("{BOM}{}", record(COLUMNS.iter().map(|column| quoted(tongue.of(column.names)))))
}

pub fn line(line: &Line, names: &Names) -> String {
    record(COLUMNS.iter().map(|column| text((column.cell)(line, names))))
}

/// Any texts as a line, for tables that are no list of issues.
pub fn row(fields: &[String]) -> String {
    record(fields.iter().map(|field| quoted(&harmless(field))))
}

/// The same as the first line of a file.
pub fn heading(fields: &[&str]) -> String {
    format!("{BOM}{}", record(fields.iter().map(|field| quoted(field))))
}

fn record(fields: impl Iterator<Item = String>) -> String {
    format!("{}\r\n", fields.collect::<Vec<_>>().join(","))
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => quoted(&harmless(&text)),
        Cell::Number(number) => number.to_string(),
        Cell::Time(at) => minute(at),
    }
}

/// `2026-11-25 18:00` in the office's civil time: a spreadsheet reads it as a date.
fn minute(at: Timestamp) -> String {
    let minute = at.minute_of_day();
    format!("{} {:02}:{:02}", at.date(), minute / 60, minute % 60)
}

/// A spreadsheet executes what begins like a formula, whoever wrote it; behind an apostrophe it is only shown. Some take the wide signs
/// of Chinese keyboards for the usual ones.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

fn quoted(text: &str) -> String {
    let plain = !text.contains(['"', ',', '\n', '\r']);
    if plain { text.into() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_shown_and_not_executed() {
        for text in ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠A1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "1=1", "门口", " =1", "a+b", "'=1"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn commas_quotes_and_lines_within_a_cell_stay_in_it() {
        assert_eq!(quoted("门口"), "门口");
        assert_eq!(quoted("一,二"), "\"一,二\"");
        assert_eq!(quoted("叫\"死角\"\n"), "\"叫\"\"死角\"\"\n\"");
    }

    #[test]
    fn the_head_begins_with_the_mark_and_the_five_things_that_cadres_say() {
        assert!(head(Tongue::Zh).starts_with("\u{feff}问题,地点,责任单位,整改要求,期限,编号,"));
        assert!(head(Tongue::En).starts_with("\u{feff}Problem,Place,Responsible,What is demanded,Deadline,Number,"));
    }
}

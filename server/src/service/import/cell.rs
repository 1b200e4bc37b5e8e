//! What a cell means as a date or a number. Pure.

use xiaohao_shared::import::Why;
use xiaohao_shared::time::{Date, MINUTE, Timestamp};

use super::file::Cell;

/// The first and last day count that a bare number is read as a date: 1954 to 2119.
const SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;
/// From Excel's day count to ours.
const EXCEL_EPOCH: i32 = 25_569;

/// A day, and the minute of it where one is said.
pub type When = (Date, Option<u32>);

/// The text of a cell; numbers as people write them.
pub fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Failed => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Time(date, 0) => date.to_string(),
        Cell::Time(date, minute) => format!("{date} {:02}:{:02}", minute / 60, minute % 60),
    }
}

pub fn number(cell: &Cell) -> Result<f64, Why> {
    let number = match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => text.trim_end_matches(['°', 'N', 'E', '度']).parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite()).ok_or(Why::NotANumber)
}

/// Excel's day count, 2026-11-25, 2026年11月25日, 2026/11/25, 20261125, 25.11.2026, each with a time behind it or not.
pub fn when(cell: &Cell) -> Result<When, Why> {
    match cell {
        Cell::Time(date, minute) => Ok((*date, Some(*minute).filter(|minute| *minute > 0))),
        Cell::Number(number) if SERIALS.contains(number) => {
            let minute = (number.fract() * 1440.0).round() as u32;
            Ok((Date(number.trunc() as i32 - EXCEL_EPOCH), Some(minute).filter(|minute| (1..1440).contains(minute))))
        }
        Cell::Number(number) => written(&number.to_string()),
        Cell::Text(text) => written(text),
        Cell::Empty | Cell::Failed => Err(Why::NotADate),
    }
}

fn written(text: &str) -> Result<When, Why> {
    let (day, time) = split(text.trim());
    let parts: Vec<&str> = day.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<u32>().map_err(|_| Why::NotADate);
    let (year, month, day) = match parts[..] {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [first, second, year] if year.len() == 4 => {
            let (first, second, dotted) = (number(first)?, number(second)?, day.contains('.'));
            match () {
                () if dotted || first > 12 => (number(year)?, second, first),
                () if second > 12 || first == second => (number(year)?, first, second),
                () => return Err(Why::AmbiguousDate),
            }
        }
        [packed] if packed.len() == 8 => (number(&packed[..4])?, number(&packed[4..6])?, number(&packed[6..])?),
        _ => return Err(Why::NotADate),
    };
    // Letters between the figures are 年月日 or none: `第2026号1室5` is no date.
    let strange = day_letters(text).any(|c| !"年月日号-/. T".contains(c));
    let date = i32::try_from(year).ok().and_then(|year| Date::new(year, month, day));
    let date = date.filter(|_| !strange && (1900..2200).contains(&year)).ok_or(Why::NotADate)?;
    Ok((date, time.map(minute).transpose()?))
}

/// The day, and the time behind it.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once([' ', 'T', '日']) {
        Some((day, time)) if !time.trim().is_empty() => (day, Some(time.trim())),
        Some((day, _)) => (day, None),
        None => (text, None),
    }
}

fn day_letters(text: &str) -> impl Iterator<Item = char> + '_ {
    split(text.trim()).0.chars().filter(|c| !c.is_ascii_digit())
}

fn minute(text: &str) -> Result<u32, Why> {
    let mut parts = text.split([':', '：', '时', '点']).map(|part| part.trim_end_matches('分').trim().parse::<u32>());
    let (hour, minute) = (parts.next(), parts.next());
    match (hour, minute) {
        (Some(Ok(hour)), Some(Ok(minute))) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        (Some(Ok(hour)), None | Some(Err(_))) if hour < 24 && text.ends_with(['时', '点']) => Ok(hour * 60),
        _ => Err(Why::NotADate),
    }
}

/// The moment of a day, at its usual minute where none is said.
pub fn moment((date, minute): When, usual: u32) -> Timestamp {
    date.start() + i64::from(minute.unwrap_or(usual)) * MINUTE
}

//! From the bytes of a file to a table of values: workbook or text, whatever its name says, within bounds. Asks nothing of what is in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use xiaohao_shared::import::{FileFault, MAX_COLUMNS, MAX_ROWS};
use xiaohao_shared::time::Date;
use zip::ZipArchive;

use crate::service::encoding::{decode, is_marked};

/// Bytes that a workbook may unpack to; its shared words are in memory as a whole.
const MAX_INFLATED: u64 = 96 * 1024 * 1024;
const MAX_PARTS: usize = 1_000;
/// Sheets of a workbook; several may be the same part, which is read for each.
const MAX_SHEETS: usize = 64;
/// Rows above the list, a title or a note, that are looked through for its headings.
pub const PREAMBLE: usize = 10;
/// Characters of a cell; more than any field takes.
const MAX_CELL: usize = 4_000;

/// What stands in a cell. A formula is its last value: nothing is computed here.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    /// A day and the minute of it, as the workbook says.
    Time(Date, u32),
    /// A formula that came to nothing: `#REF!`.
    Failed,
}

/// A row of a spreadsheet, by its number there, counted from 1.
pub type Row = (u32, Vec<Cell>);

/// Stops at the next part or cell when nobody waits for it any more.
pub fn table(file: &[u8], gone: &AtomicBool) -> Result<Vec<Row>, FileFault> {
    match file {
        [b'P', b'K', 3, 4, ..] => workbook(file, gone),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(FileFault::OldExcel),
        [] => Err(FileFault::Empty),
        _ => text(file),
    }
}

fn workbook(file: &[u8], gone: &AtomicBool) -> Result<Vec<Row>, FileFault> {
    measure(file, gone)?;
    let mut book: Xlsx<_> = foreign(|| Xlsx::new(Cursor::new(file)))?.map_err(|_| FileFault::Damaged)?;
    let sheets = book.sheet_names();
    if sheets.len() > MAX_SHEETS {
        return Err(FileFault::Inflates);
    }
    for sheet in &sheets {
        awaited(gone)?;
        let rows = sheet_rows(&mut book, sheet, gone)?;
        // The first sheet with something in it: a cover page may lie before it.
        if rows.len() > 1 || (Some(sheet) == sheets.last() && !rows.is_empty()) {
            return Ok(rows);
        }
    }
    Err(FileFault::Empty)
}

/// What a part says of its length may be a lie, so each is unpacked once into nothing.
fn measure(file: &[u8], gone: &AtomicBool) -> Result<(), FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(|_| FileFault::Damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(FileFault::Inflates);
    }
    let mut left = MAX_INFLATED;
    for part in 0..archive.len() {
        awaited(gone)?;
        let mut part = archive.by_index(part).map_err(|_| FileFault::Damaged)?;
        let size = io::copy(&mut (&mut part).take(left + 1), &mut io::sink()).map_err(|_| FileFault::Damaged)?;
        left = left.checked_sub(size).ok_or(FileFault::Inflates)?;
    }
    Ok(())
}

/// Nobody is told what came of it.
fn awaited(gone: &AtomicBool) -> Result<(), FileFault> {
    if gone.load(Ordering::Relaxed) { Err(FileFault::Damaged) } else { Ok(()) }
}

/// The reader of workbooks is somebody else's, and counts without looking in places: bytes that it stumbles over are damaged.
fn foreign<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<Result<T, XlsxError>, FileFault> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| FileFault::Damaged)
}

/// Cell by cell: a range would be a rectangle in memory up to the farthest of them.
fn sheet_rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, gone: &AtomicBool) -> Result<Vec<Row>, FileFault> {
    let mut cells = match foreign(|| book.worksheet_cells_reader(sheet))? {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(_) => return Err(FileFault::Damaged),
    };
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(found) = foreign(|| cells.next_cell())?.map_err(|_| FileFault::Damaged)? {
        awaited(gone)?;
        let ((row, column), cell) = (found.get_position(), cell(found.get_value()));
        if cell == Cell::Empty {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            return Err(FileFault::TooManyColumns);
        }
        let cells = rows.entry(row.saturating_add(1)).or_default();
        cells.resize(cells.len().max(column + 1), Cell::Empty);
        cells[column] = cell;
        if rows.len() > MAX_ROWS + PREAMBLE {
            return Err(FileFault::TooManyRows);
        }
    }
    Ok(rows.into_iter().collect())
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => words(text),
        DataRef::SharedString(text) => words(text),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => words(text),
        DataRef::Bool(value) => words(if *value { "是" } else { "否" }),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, ..) = time.to_ymd_hms_milli();
            let date = Date::new(year.into(), month.into(), day.into());
            date.map_or(Cell::Number(time.as_f64()), |date| Cell::Time(date, u32::from(hour) * 60 + u32::from(minute)))
        }
        DataRef::Error(_) => Cell::Failed,
        DataRef::Empty => Cell::Empty,
    }
}

/// What spreadsheets show for a formula that came to nothing.
const FAILURES: [&str; 7] = ["#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"];

fn words(text: &str) -> Cell {
    match text.trim() {
        "" => Cell::Empty,
        text if FAILURES.contains(&text) => Cell::Failed,
        text => Cell::Text(text.chars().take(MAX_CELL).collect()),
    }
}

fn text(file: &[u8]) -> Result<Vec<Row>, FileFault> {
    let text = decoded(file)?;
    let mut lines = &*text;
    // Excel's own line that names the separator.
    let named = lines.strip_prefix("sep=").and_then(|rest| rest.chars().next());
    if named.is_some() {
        lines = lines.split_once('\n').map_or("", |(_, rest)| rest);
    }
    let separator = named.filter(char::is_ascii).map_or_else(|| separator(lines), |named| named as u8);
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(separator);
    // A spreadsheet counts empty lines, which this reader leaves out, and not the lines within a cell.
    let (mut rows, mut within) = (Vec::new(), 0);
    for record in reader.from_reader(lines.as_bytes()).records() {
        let record = record.map_err(|_| FileFault::Damaged)?;
        let (byte, line) = record.position().map_or((0, 1), |at| (at.byte() as usize, at.line()));
        let empty = lines.bytes().skip(byte).take_while(|byte| b"\r\n".contains(byte)).filter(|byte| *byte == b'\n');
        let line = line + empty.count() as u64 + u64::from(named.is_some());
        let number = u32::try_from(line.saturating_sub(within)).unwrap_or(u32::MAX);
        within += record.iter().map(|field| field.matches('\n').count() as u64).sum::<u64>();
        let mut cells: Vec<Cell> = record.iter().map(words).collect();
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        match cells.len() {
            0 => continue,
            columns if columns > MAX_COLUMNS => return Err(FileFault::TooManyColumns),
            _ => rows.push((number, cells)),
        }
        if rows.len() > MAX_ROWS + PREAMBLE {
            return Err(FileFault::TooManyRows);
        }
    }
    Ok(rows)
}

/// Text of any encoding that comes in, if it is a text at all.
fn decoded(file: &[u8]) -> Result<Cow<'_, str>, FileFault> {
    if !is_marked(file) && file.contains(&0) {
        return Err(FileFault::NotATable);
    }
    let text = decode(file);
    match text.trim_start() {
        // Some programs write web pages and call them workbooks; and these two begin like text.
        start if start.starts_with('<') || start.starts_with("%PDF") || start.starts_with("{\\rtf") => {
            Err(FileFault::NotATable)
        }
        start if start.chars().take(2_000).any(|c| c.is_control() && !c.is_whitespace()) => Err(FileFault::NotATable),
        _ => Ok(text),
    }
}

/// Whichever the first line that is no title has most of.
fn separator(text: &str) -> u8 {
    let line = text.lines().take(PREAMBLE).max_by_key(|line| line.matches([',', ';', '\t']).count()).unwrap_or("");
    let most = [b',', b';', b'\t'].into_iter().rev().max_by_key(|one| line.bytes().filter(|byte| byte == one).count());
    most.unwrap_or(b',')
}

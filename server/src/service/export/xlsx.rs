//! The list as a workbook with real types. Its rows go through a temporary file, so that memory does not follow their number.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Cursor, Seek};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use image::ImageFormat;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Image, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use xiaohao_shared::id::{IssueId, PhotoId};
use xiaohao_shared::time::{CHINA_OFFSET, DAY, Timestamp};

use super::columns::{COLUMNS, Cell};
use super::{Far, Names, PAGE, Service, ServiceError};
use crate::store::StoreError;
use crate::store::export::{Line, lines, thumbnails};

/// Pieces of the finished file on their way to the reader.
const PIECE: usize = 64 * 1024;
/// Pixels; of a row with pictures, and of their column in characters.
const PICTURE_HEIGHT: u32 = 96;
const PICTURE_WIDTH: f64 = 18.0;
/// Days from the beginning of Excel's calendar to that of Unix.
const EXCEL_EPOCH: f64 = 25_569.0;

#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Book(#[from] XlsxError),
    #[error(transparent)]
    File(#[from] io::Error),
    #[error("nobody waits for it any more")]
    Unwanted,
}

/// A small workbook takes a second, a large one some.
const BUSY: ServiceError = ServiceError::TooMany { wait: 10_000 };

/// A workbook is written by a thread of its own: compressing is no work for those that answer requests. There are only so many of
/// them; who reads slowly keeps a file, not a thread.
pub fn body(
    service: Service,
    ids: Vec<IssueId>,
    names: Arc<Names>,
    pictures: bool,
    far: Arc<Far>,
) -> Result<BoxStream<'static, io::Result<Bytes>>, ServiceError> {
    let thread = service.scribes.clone().try_acquire_owned().map_err(|_| BUSY)?;
    let (finished, file) = oneshot::channel();
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _thread = thread;
        let scribe = Scribe { service, runtime, names, pictures, formats: Formats::new(), far };
        let written = scribe.write(&ids, || finished.is_closed());
        let _ = finished.send(written.map_err(|broken| {
            tracing::error!(%broken, "a workbook was not finished");
            io::Error::other(broken)
        }));
    });
    let file = async move { file.await.map_err(io::Error::other)? };
    Ok(stream::once(file).map_ok(pieces).try_flatten().boxed())
}

fn pieces(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    })
}

/// A workbook of few enough rows to be made in memory.
pub fn small(name: &str, columns: &[(&str, f64)], rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, XlsxError> {
    let (mut book, formats) = (Workbook::new(), Formats::new());
    let sheet = book.add_worksheet().set_name(name)?;
    formats.head(sheet, columns, rows.len())?;
    for (row, cells) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(cells) {
            formats.cell(sheet, row, at, cell)?;
        }
    }
    book.save_to_buffer()
}

struct Formats {
    head: Format,
    text: Format,
    time: Format,
}

impl Formats {
    fn new() -> Self {
        let head = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EEF4));
        let head = head.set_border_bottom(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let top = Format::new().set_align(FormatAlign::Top);
        Self { head, text: top.clone().set_text_wrap(), time: top.set_num_format("yyyy-mm-dd hh:mm") }
    }

    /// Names and widths of the columns, which stay in sight and can be filtered by.
    fn head(&self, sheet: &mut Worksheet, columns: &[(&str, f64)], rows: usize) -> Result<(), XlsxError> {
        sheet.set_freeze_panes(1, 0)?.set_landscape().set_repeat_rows(0, 0)?;
        for (at, (name, width)) in (0..).zip(columns) {
            sheet.set_column_width(at, *width)?;
            sheet.write_string_with_format(0, at, *name, &self.head)?;
        }
        sheet.autofilter(0, 0, rows as u32, columns.len() as u16 - 1)?;
        Ok(())
    }

    fn cell(&self, sheet: &mut Worksheet, row: u32, at: u16, cell: Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            // Always as a string: nothing that somebody wrote becomes a formula.
            Cell::Text(text) if text.is_empty() => {}
            Cell::Text(text) => drop(sheet.write_string_with_format(row, at, text, &self.text)?),
            Cell::Number(number) => drop(sheet.write_number_with_format(row, at, number, &self.text)?),
            Cell::Time(time) => drop(sheet.write_number_with_format(row, at, serial(time), &self.time)?),
        }
        Ok(())
    }
}

struct Scribe {
    service: Service,
    runtime: Handle,
    names: Arc<Names>,
    pictures: bool,
    formats: Formats,
    far: Arc<Far>,
}

impl Scribe {
    /// Into a file that has no name: it goes with whoever holds it.
    fn write(&self, ids: &[IssueId], is_unwanted: impl Fn() -> bool) -> Result<File, Broken> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        self.head(sheet, ids.len())?;
        let mut row = 0;
        for page in ids.chunks(PAGE) {
            if is_unwanted() {
                return Err(Broken::Unwanted);
            }
            let lines = self.runtime.block_on(lines(&self.service.store, page))?;
            let thumbs = if self.pictures {
                self.runtime.block_on(thumbnails(&self.service.store, page))?
            } else {
                BTreeMap::new()
            };
            for line in &lines {
                row += 1;
                self.line(sheet, row, line, thumbs.get(&line.id))?;
                self.far.one_more();
            }
        }
        let mut file = tempfile::tempfile()?;
        book.save_to_writer(BufWriter::with_capacity(PIECE, &mut file))?;
        file.rewind()?;
        Ok(file)
    }

    fn head(&self, sheet: &mut Worksheet, rows: usize) -> Result<(), Broken> {
        sheet.set_name(self.names.tongue.of(("问题清单", "Issues")))?;
        Ok(self.formats.head(sheet, &self.headings(), rows)?)
    }

    fn headings(&self) -> Vec<(&'static str, f64)> {
        let tongue = self.names.tongue;
        let pictures = [("整改前", "Before"), ("整改后", "After")].map(|names| (tongue.of(names), PICTURE_WIDTH));
        let pictures = pictures.into_iter().filter(|_| self.pictures);
        COLUMNS.iter().map(|column| (tongue.of(column.names), column.width)).chain(pictures).collect()
    }

    fn line(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        line: &Line,
        thumbs: Option<&[Option<PhotoId>; 2]>,
    ) -> Result<(), Broken> {
        if thumbs.is_some() {
            sheet.set_row_height_pixels(row, PICTURE_HEIGHT)?;
        }
        for (at, column) in (0..).zip(COLUMNS) {
            self.formats.cell(sheet, row, at, (column.cell)(line, &self.names))?;
        }
        for (at, photo) in (COLUMNS.len() as u16..).zip(thumbs.into_iter().flatten()) {
            if let Some(picture) = photo.and_then(|photo| self.picture(photo)) {
                sheet.insert_image_fit_to_cell(row, at, &picture, true)?;
            }
        }
        Ok(())
    }

    /// One that is missing or damaged leaves its cell empty.
    fn picture(&self, photo: PhotoId) -> Option<Image> {
        let bytes = self.runtime.block_on(self.service.blobs.get(photo)).ok()??;
        Image::new_from_buffer(&readable(&bytes)?).ok()
    }
}

/// Spreadsheets do not know WebP, which phones prefer.
fn readable(bytes: &[u8]) -> Option<Vec<u8>> {
    if image::guess_format(bytes).ok()? != ImageFormat::WebP {
        return Some(bytes.to_vec());
    }
    let picture = image::load_from_memory_with_format(bytes, ImageFormat::WebP).ok()?;
    let mut jpeg = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut jpeg, ImageFormat::Jpeg).ok()?;
    Some(jpeg.into_inner())
}

/// Days of Excel's calendar in the office's civil time, to the minute that is shown.
fn serial(at: Timestamp) -> f64 {
    let minutes = at.0.saturating_add(CHINA_OFFSET).div_euclid(60_000);
    minutes as f64 * 60_000.0 / DAY as f64 + EXCEL_EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaohao_shared::time::{Date, HOUR};

    #[test]
    fn a_time_is_the_number_that_excel_counts_days_with() {
        let at = Date::new(2026, 11, 25).unwrap().start() + 18 * HOUR;
        assert!((serial(at) - 46_351.75).abs() < 1e-9);
    }
}

//! The office's existing list, read and judged row by row. Nothing is written: what is sound goes back to whoever imports, and becomes
//! his own signed work on his own device. Knows rows of text, not the formats that they came in.

mod cell;
mod file;
mod rows;
mod taken;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::import::{Columns, FileFault, Import, MAX_FILE};

use self::rows::Judge;
use super::{Service, ServiceError, catalogue, directory};
use crate::store::documents::Stored;
use crate::store::{documents, people};

/// Whoever waits for the table. A thread cannot be dropped like a request whose connection is gone, so it is told.
struct Waiting(Arc<AtomicBool>);

impl Waiting {
    fn new() -> (Arc<AtomicBool>, Self) {
        let gone = Arc::new(AtomicBool::new(false));
        (gone.clone(), Self(gone))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads a file under the columns that somebody chose, or under those that its headings say. The place is what so much memory costs.
pub async fn read(
    service: &Service,
    file: Bytes,
    name: String,
    columns: Option<Columns>,
    place: impl Send + 'static,
) -> Result<Import, ServiceError> {
    if file.len() > MAX_FILE {
        return Ok(Import::Refused(FileFault::TooLarge));
    }
    // A parser of somebody else's meets the bytes of anybody: on a thread of its own, and a panic is a damaged file.
    let (gone, waiting) = Waiting::new();
    let table = tokio::task::spawn_blocking(move || {
        // Whoever hangs up gives the place back only when the thread has noticed.
        let _place = place;
        catch_unwind(AssertUnwindSafe(|| file::table(&file, &gone)))
    });
    let table = match table.await.ok().and_then(Result::ok).unwrap_or(Err(FileFault::Damaged)) {
        Ok(table) => table,
        Err(fault) => return Ok(Import::Refused(fault)),
    };
    drop(waiting);
    let judge = Judge {
        office: directory::id(service),
        known: people::all(&service.store).await?,
        zones: people::zones(&service.store).await?,
        calendar: directory::calendar(&service.store).await?,
        rules: catalogue::rules(&service.store).await?,
        name,
        now: service.now(),
    };
    let mut sheet = match judge.sheet(&table, columns) {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Import::Refused(fault)),
    };
    let ids: Vec<_> = sheet.drafts.iter().map(|draft| draft.issue).collect();
    let known = documents::present(&service.store, &ids).await?;
    for draft in &mut sheet.drafts {
        draft.known = known.contains(&draft.issue);
    }
    let numbered = sheet.drafts.iter().filter(|draft| draft.known && !draft.number.is_empty());
    let numbered: Vec<_> = numbered.map(|draft| draft.issue).collect();
    taken::tell(&mut sheet, &stored(service, &numbered).await?);
    let struck = judge.ended(&table, &sheet);
    let issues: Vec<_> = struck.iter().map(|row| row.issue).collect();
    let here = stored(service, &issues).await?;
    taken::tell_open(&mut sheet, struck, &here);
    Ok(Import::Read(sheet))
}

/// The documents of those issues that are here.
async fn stored(service: &Service, issues: &[IssueId]) -> Result<Vec<Stored>, ServiceError> {
    if issues.is_empty() {
        return Ok(Vec::new());
    }
    let mut connection = service.store.acquire().await?;
    Ok(documents::all(&mut connection, issues).await?)
}

#[cfg(test)]
mod tests;

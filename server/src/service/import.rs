//! The office's existing list, read and judged row by row. Nothing is written: what is sound goes back to whoever imports, and becomes
//! his own signed work on his own device. Knows rows of text, not the formats that they came in.

mod cell;
mod file;
mod rows;
mod taken;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::import::{Columns, FileFault, Import, MAX_FILE, Sheet};

use self::rows::Judge;
use self::taken::Reads;
use super::{Service, ServiceError, catalogue, directory};
use crate::store::documents::Stored;
use crate::store::{documents, people};

/// Documents that are in memory at once to be compared with rows.
const DOCUMENTS: usize = 50;

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

/// Why there is no sheet.
enum Stop {
    Fault(FileFault),
    Failed(ServiceError),
}

impl From<FileFault> for Stop {
    fn from(fault: FileFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

/// Reads a file under the columns that somebody chose, or under those that its headings say. The place is what so much memory costs,
/// and is held to the end.
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
    let (gone, _waiting) = Waiting::new();
    match sheet(service, file, name, columns, &gone, place).await {
        Ok(sheet) => Ok(Import::Read(sheet)),
        Err(Stop::Fault(fault)) => Ok(Import::Refused(fault)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

async fn sheet<P: Send + 'static>(
    service: &Service,
    file: Bytes,
    name: String,
    columns: Option<Columns>,
    gone: &Arc<AtomicBool>,
    place: P,
) -> Result<Sheet, Stop> {
    let watch = gone.clone();
    let (place, table) = aside(place, move || file::table(&file, &watch)).await?;
    let (table, judge) = (Arc::new(table?), Arc::new(judge(service, name).await?));
    let with = (judge.clone(), table.clone());
    let (place, sheet) = aside(place, move || with.0.sheet(&with.1, columns)).await?;
    let mut sheet = sheet?;
    let ids: Vec<_> = sheet.drafts.iter().map(|draft| draft.issue).collect();
    let known = documents::present(&service.store, &ids).await.map_err(ServiceError::from)?;
    for draft in &mut sheet.drafts {
        draft.known = known.contains(&draft.issue);
    }
    let numbered = sheet.drafts.iter().filter(|draft| draft.known && !draft.number.is_empty());
    let numbered: Vec<_> = numbered.map(|draft| draft.issue).collect();
    let (place, here) = readings(service, place, gone, &numbered).await?;
    taken::tell(&mut sheet, &here);
    taken::tell_not_in_charge(&mut sheet);
    let (place, (struck, mut sheet)) = aside(place, move || (judge.ended(&table, &sheet), sheet)).await?;
    let issues: Vec<_> = struck.iter().map(|row| row.issue).collect();
    let (_place, here) = readings(service, place, gone, &issues).await?;
    taken::tell_open(&mut sheet, struck, &here);
    Ok(sheet)
}

async fn judge(service: &Service, name: String) -> Result<Judge, ServiceError> {
    Ok(Judge {
        office: directory::id(service),
        known: people::all(&service.store).await?,
        zones: people::zones(&service.store).await?,
        calendar: directory::calendar(&service.store).await?,
        rules: catalogue::rules(&service.store).await?,
        name,
        now: service.now(),
    })
}

/// Works on a thread of its own, where a parser of somebody else's may meet the bytes of anybody: a panic is a damaged file. Whoever
/// hangs up gives the place back only when the thread has noticed.
async fn aside<P: Send + 'static, T: Send + 'static>(
    place: P,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(P, T), FileFault> {
    let thread = tokio::task::spawn_blocking(move || (place, catch_unwind(AssertUnwindSafe(work))));
    match thread.await {
        Ok((place, Ok(made))) => Ok((place, made)),
        _ => Err(FileFault::Damaged),
    }
}

/// What the documents say of those issues that are here. Some at a time: nobody waits long for a thread, and one whose list is not
/// waited for any more stops between two of them.
async fn readings<P: Send + 'static>(
    service: &Service,
    mut place: P,
    gone: &Arc<AtomicBool>,
    issues: &[IssueId],
) -> Result<(P, BTreeMap<IssueId, Reads>), Stop> {
    let mut found = BTreeMap::new();
    for issues in issues.chunks(DOCUMENTS) {
        let (stored, gone) = (stored(service, issues).await?, gone.clone());
        let (back, reads) = aside(place, move || taken::read(&stored, &gone)).await?;
        place = back;
        found.extend(reads);
    }
    Ok((place, found))
}

/// The documents of those issues that are here.
async fn stored(service: &Service, issues: &[IssueId]) -> Result<Vec<Stored>, ServiceError> {
    let mut connection = service.store.acquire().await?;
    Ok(documents::all(&mut connection, issues).await?)
}

#[cfg(test)]
mod tests;

//! `verify` proves that documents, log and projection say the same; `rebuild` makes the latter two from the log.

use std::fmt;

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;

use super::{Service, ServiceError, sync};
use crate::store::documents::{self, Stored};
use crate::store::projection::{self, Context, Rows};
use crate::store::{Connection, StoreError, log};

/// What was looked at and what was wrong.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    pub issues: usize,
    pub changes: usize,
    pub findings: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        write!(f, "{} issues, {} changes, {} findings", self.issues, self.changes, self.findings.len())
    }
}

/// Reads in one snapshot and holds nobody up.
pub async fn verify(service: &Service) -> Result<Report, ServiceError> {
    let mut tx = service.store.begin().await?;
    let mut report = Report::default();
    for issue in documents::all_ids(&mut tx).await? {
        report.issues += 1;
        let stored = documents::find(&mut tx, issue).await?.ok_or(ServiceError::NotFound)?;
        let raw = log::raw(&mut tx, issue).await?;
        report.changes += raw.len();
        if let Err(finding) = agrees(&mut tx, &stored, &raw).await? {
            report.findings.push(format!("{issue}: {finding}"));
        }
    }
    Ok(report)
}

/// Compares one issue's three tellings: the log, the stored document, the rows.
async fn agrees(tx: &mut Connection, stored: &Stored, raw: &[Vec<u8>]) -> Result<Result<(), String>, ServiceError> {
    let issue = stored.issue;
    let document = match from_log(raw) {
        Ok(document) => document,
        Err(error) => return Ok(Err(format!("the log does not merge: {error}"))),
    };
    let loads = Document::load(&stored.bytes).is_ok_and(|cached| cached.heads() == document.heads());
    if !loads || stored.fingerprint != document.fingerprint(issue) {
        return Ok(Err("the stored document is not what the log says".into()));
    }
    let Ok(read) = document.read(issue) else { return Ok(Err("the document cannot be read".into())) };
    let received = log::receipts(tx, issue).await?.into_iter().collect();
    let expected = projection::project(&read, &document, &Context { number: &stored.number, received: &received });
    let same = sorted(expected) == sorted(projection::read(tx, issue).await?);
    Ok(if same { Ok(()) } else { Err("the projection is not what the document says".into()) })
}

/// Rows have no order of their own.
fn sorted(mut rows: Rows) -> Rows {
    rows.values_mut().for_each(|rows| rows.sort_by_key(|row| format!("{row:?}")));
    rows
}

pub async fn rebuild(service: &Service) -> Result<Report, ServiceError> {
    let mut tx = service.write().await?;
    let mut report = Report::default();
    for issue in documents::all_ids(&mut tx).await? {
        let before = documents::find(&mut tx, issue).await?.ok_or(ServiceError::NotFound)?;
        let raw = log::raw(&mut tx, issue).await?;
        (report.issues, report.changes) = (report.issues + 1, report.changes + raw.len());
        let document = from_log(&raw).map_err(|error| damaged(issue, &error))?;
        let read = document.read(issue).map_err(|error| damaged(issue, &error))?;
        let stored = sync::stored(&service.secret, issue, &read, &document, &before.number);
        documents::save(&mut tx, &stored).await?;
        sync::project(&mut tx, issue, &read, &document, &before.number).await?;
    }
    tx.commit().await?;
    Ok(report)
}

fn from_log(raw: &[Vec<u8>]) -> Result<Document, xiaohao_shared::doc::DocError> {
    let mut document = Document::default();
    document.apply(raw.iter().map(Vec::as_slice))?;
    Ok(document)
}

fn damaged(issue: IssueId, error: &dyn fmt::Display) -> StoreError {
    StoreError::Damaged(format!("{issue}: {error}"))
}

//! `verify` proves that documents, log and projection say the same; `rebuild` makes the latter two from the log.

use std::fmt;

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;

use super::{Service, ServiceError, sync};
use crate::store::projection::{self, Context};
use crate::store::{StoreError, documents, log};

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

pub async fn verify(service: &Service) -> Result<Report, ServiceError> {
    let mut tx = service.write().await?;
    let mut report = Report::default();
    for issue in documents::all_ids(&mut tx).await? {
        report.issues += 1;
        let stored = documents::find(&mut tx, issue).await?.ok_or(ServiceError::NotFound)?;
        let raw = log::raw(&mut tx, issue).await?;
        report.changes += raw.len();
        let document = match from_log(&raw) {
            Ok(document) => document,
            Err(error) => {
                report.findings.push(format!("{issue}: the log does not merge: {error}"));
                continue;
            }
        };
        let loads = Document::load(&stored.bytes).is_ok_and(|cached| cached.heads() == document.heads());
        if !loads || stored.fingerprint != document.fingerprint(issue) {
            report.findings.push(format!("{issue}: the stored document is not what the log says"));
        }
        let Ok(read) = document.read(issue) else {
            report.findings.push(format!("{issue}: the document cannot be read"));
            continue;
        };
        let received = log::receipts(&mut tx, issue).await?.into_iter().collect();
        let mut rows = projection::project(&read, &document, &Context { number: &stored.number, received: &received });
        rows.values_mut().for_each(|rows| rows.sort_by_key(|row| format!("{:?}", row.iter().take(3).collect::<Vec<_>>())));
        let mut found = projection::read(&mut tx, issue).await?;
        found.values_mut().for_each(|rows| rows.sort_by_key(|row| format!("{:?}", row.iter().take(3).collect::<Vec<_>>())));
        if rows != found {
            report.findings.push(format!("{issue}: the projection is not what the document says"));
        }
    }
    Ok(report)
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

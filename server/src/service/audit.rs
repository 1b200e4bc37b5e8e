//! `verify` proves that log, documents and projection say the same, that no byte of them or of a photo is damaged, and that the
//! database file is in order; `rebuild` makes documents and projection from the log.

use std::collections::BTreeSet;
use std::fmt;

use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;

use super::sync::receipts;
use super::{Service, ServiceError, Write, settlement, sync, trail};
use crate::store::documents::{self, Stored};
use crate::store::log::Logged;
use crate::store::projection::{self, Context, Rewrite, Rows, Told};
use crate::store::{self, Connection, blobs, drifts, search, tallies, weekly};

/// What was looked at and what was wrong.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    pub issues: usize,
    pub changes: usize,
    pub photos: usize,
    pub findings: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        let Self { issues, changes, photos, findings } = self;
        write!(f, "{issues} issues, {changes} changes, {photos} photos, {} findings", findings.len())
    }
}

/// Reads in one snapshot and holds nobody up.
pub async fn verify(service: &Service) -> Result<Report, ServiceError> {
    let mut tx = service.store.begin().await?;
    let mut report = Report::default();
    for issue in all_issues(&mut tx).await? {
        let log = store::log::of_issue(&mut tx, issue).await?;
        (report.issues, report.changes) = (report.issues + 1, report.changes + log.len());
        let told = match documents::find(&mut tx, issue).await? {
            _ if log.is_empty() => Err("it is not in the log".into()),
            Some(stored) => agrees(service, &mut tx, &stored, &log).await?,
            None => Err("it is in the log, but its document is not stored".into()),
        };
        report.findings.extend(told.err().map(|finding| format!("{issue}: {finding}")));
    }
    if documents::digests(&mut tx).await? != documents::counted_digests(&mut tx).await? {
        report.findings.push("the digests of the zones are not those of their documents".into());
    }
    if !tallies::are_right(&mut tx).await? {
        report.findings.push("the counters are not those of the issues".into());
    }
    if !search::is_right(&mut tx).await? {
        report.findings.push("the search does not find every issue as what it is".into());
    }
    if !drifts::are_right(&mut tx).await? {
        report.findings.push("the differences of frozen months are not those of the issues".into());
    }
    if !weekly::are_right(&mut tx).await? {
        report.findings.push("a weekly list does not say what its issues have become".into());
    }
    for month in settlement::changed(service, &mut tx).await? {
        report.findings.push(format!("the settlement of {month} is not the one that was frozen"));
    }
    let trail = trail::verify(service, &[]).await?.findings.into_iter();
    report.findings.extend(trail.map(|finding| format!("audit: {finding}")));
    report.findings.extend(store::damage(&mut tx).await?.into_iter().map(|finding| format!("database: {finding}")));
    for photo in blobs::all(&mut tx).await? {
        report.photos += 1;
        if service.blobs.get(photo).await?.is_none() {
            report.findings.push(format!("photo {photo}: its file is missing or damaged"));
        }
    }
    Ok(report)
}

/// Whatever has a change, a document or a row: each of them may be what is left of an issue.
async fn all_issues(tx: &mut Connection) -> Result<BTreeSet<IssueId>, ServiceError> {
    let mut all: BTreeSet<IssueId> = documents::all_ids(tx).await?.into_iter().collect();
    all.extend(store::log::issues(tx).await?);
    all.extend(projection::issues(tx).await?);
    Ok(all)
}

/// Compares one issue's three tellings: the log, the stored document, the rows.
async fn agrees(
    service: &Service,
    tx: &mut Connection,
    stored: &Stored,
    log: &[Logged],
) -> Result<Result<(), String>, ServiceError> {
    let issue = stored.issue;
    let document = match sync::from_log(log) {
        Ok(document) => document,
        Err(error) => return Ok(Err(format!("the log does not merge: {error}"))),
    };
    let loads = sync::load(stored).is_some_and(|cached| cached.heads() == document.heads());
    if !loads || stored.fingerprint != document.fingerprint(issue) {
        return Ok(Err("the stored document is not what the log says".into()));
    }
    let secret = &service.secret;
    if !receipts::proves(secret, issue, &document.heads(), stored.receipt) || !receipts::proves_each(secret, issue, log)
    {
        return Ok(Err("a receipt does not prove what it stands beside".into()));
    }
    let Ok(read) = document.read(issue) else { return Ok(Err("the document cannot be read".into())) };
    let expected = rows(tx, issue, Told::by(&document, read), &document, &stored.number).await?;
    let same = sorted(expected) == sorted(projection::read(tx, issue).await?);
    Ok(if same { Ok(()) } else { Err("the projection is not what the document says".into()) })
}

/// Rows have no order of their own.
fn sorted(mut rows: Rows) -> Rows {
    rows.values_mut().for_each(|rows| rows.sort_by_key(|row| format!("{row:?}")));
    rows
}

/// What cannot be rebuilt stays as it is and is among the findings.
pub async fn rebuild(service: &Service) -> Result<Report, ServiceError> {
    let mut tx = service.write().await?;
    let mut report = Report::default();
    for issue in all_issues(&mut tx).await? {
        let log = store::log::of_issue(&mut tx, issue).await?;
        (report.issues, report.changes) = (report.issues + 1, report.changes + log.len());
        if let Err(finding) = remake(service, &mut tx, issue, &log).await? {
            report.findings.push(format!("{issue}: {finding}"));
        }
    }
    let digests = documents::counted_digests(&mut tx).await?;
    documents::replace_digests(&mut tx, &digests).await?;
    tallies::recount(&mut tx).await?;
    search::refill(&mut tx).await?;
    drifts::refill(&mut tx).await?;
    weekly::refill(&mut tx).await?;
    tx.commit().await?;
    Ok(report)
}

/// Makes the document and the rows of one issue from its log.
async fn remake(
    service: &Service,
    tx: &mut Write<'_>,
    issue: IssueId,
    log: &[Logged],
) -> Result<Result<(), String>, ServiceError> {
    let before = documents::find(tx, issue).await?;
    if log.is_empty() {
        return strike(tx, issue, before.is_some()).await;
    }
    let document = match sync::from_log(log) {
        Ok(document) => document,
        Err(error) => return Ok(Err(format!("the log does not merge: {error}"))),
    };
    let Ok(read) = document.read(issue) else { return Ok(Err("the document cannot be read".into())) };
    let counted = before.as_ref().map(|before| (before.zone, before.fingerprint));
    let number = match before {
        Some(before) => before.number,
        None => sync::new_numbers(tx, service.now(), 1).await?.concat(),
    };
    let stored = sync::stored(&service.secret, issue, read.zone, &document, number, document.save());
    let after = rows(tx, issue, Told::by(&document, read), &document, &stored.number).await?;
    documents::save(tx, &[(counted, stored)]).await?;
    projection::write(tx, &[Rewrite { issue, before: None, after }]).await?;
    Ok(Ok(()))
}

/// The rows that an issue should have.
async fn rows(
    tx: &mut Connection,
    issue: IssueId,
    told: Told,
    document: &Document,
    number: &str,
) -> Result<Rows, ServiceError> {
    let received = store::log::receipts(tx, &[issue]).await?.remove(&issue).unwrap_or_default();
    Ok(projection::project(&told, &document.brought_by(), &Context { number, received: &received }))
}

/// Rows without a log are nobody's; a document without one may be all that is left, and is not thrown away.
async fn strike(tx: &mut Write<'_>, issue: IssueId, stored: bool) -> Result<Result<(), String>, ServiceError> {
    if stored {
        return Ok(Err("it is stored, but not in the log".into()));
    }
    projection::write(tx, &[Rewrite { issue, before: None, after: Rows::new() }]).await?;
    Ok(Ok(()))
}

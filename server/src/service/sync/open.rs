//! The documents of a transaction, and what is to be logged of each: loaded from what is stored, or made again from the log where
//! that is damaged. Knows no request.

use std::panic::catch_unwind;

use xiaohao_shared::doc::value::Value;
use xiaohao_shared::doc::{DocError, Document, Edit, RawChange, fingerprint};
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::Issue;
use xiaohao_shared::sync::wire::Receipt;

use super::receipts::receipt;
use crate::service::admission::Admitted;
use crate::service::{ServiceError, Write};
use crate::store::documents::{Counted, Stored};
use crate::store::log::{self, Logged};
use crate::store::projection::Told;

/// Whose change it is.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    pub device: DeviceId,
    pub person: PersonId,
}

/// A change that is to be logged.
pub struct Entry {
    pub by: Author,
    pub issue: IssueId,
    pub change: RawChange,
    pub receipt: Receipt,
    /// Where the issue was before it and is after it.
    pub from: Option<ZoneId>,
    pub to: ZoneId,
    /// The number of the 督办单 that it brings.
    pub pressed: Option<String>,
}

/// The number under which an edit presses an issue. The next edit may replace it, and it was given out all the same.
pub fn pressed(edit: &Edit) -> Option<String> {
    edit.sets.iter().find_map(|value| match value {
        Value::Supervision(Some(supervision)) => Some(supervision.number.clone()),
        _ => None,
    })
}

#[derive(Default)]
pub struct Open {
    pub document: Document,
    pub number: Option<String>,
    pub zone: Option<ZoneId>,
    /// How the stored document is counted in the digests.
    pub counted: Option<Counted>,
    pub rows: Standing,
    /// What it says and how it is saved, where it has to be written.
    pub new: Option<(Issue, Vec<u8>)>,
    /// Neither what is stored nor the log gives a document: nothing may join it.
    pub damaged: bool,
}

/// The rows that stand in the projection.
#[derive(Default)]
pub enum Standing {
    /// There were none yet.
    #[default]
    None,
    /// Those of the document as it was loaded.
    OfDocument,
    Of(Box<Told>),
    /// Nobody knows.
    Unknown,
}

/// A document that was tried.
pub struct State {
    pub document: Document,
    pub issue: Issue,
    pub saved: Vec<u8>,
}

impl Open {
    /// Takes over the document that an admitted change made.
    pub fn join(
        &mut self,
        by: Author,
        issue: IssueId,
        hash: ChangeHash,
        bytes: &[u8],
        Admitted { document, issue: read, saved, edit }: Admitted,
        secret: &[u8; 32],
    ) -> Entry {
        let from = self.zone.replace(read.zone);
        let receipt = receipt(secret, issue, &document.heads());
        let (to, change) = (read.zone, RawChange { hash, bytes: bytes.to_vec() });
        self.take_over(State { document, issue: read, saved });
        Entry { by, issue, change, receipt, from, to, pressed: pressed(&edit) }
    }

    pub fn take_over(&mut self, State { document, issue, saved }: State) {
        if matches!(self.rows, Standing::OfDocument) {
            let before = self.document.read(issue.id).map(|before| Box::new(Told::by(&self.document, before)));
            self.rows = before.map_or(Standing::Unknown, Standing::Of);
        }
        self.zone = Some(issue.zone);
        self.document = document;
        self.new = Some((issue, saved));
    }
}

/// A stored document that does not load is made again from the log, and written with the others at the end.
pub async fn opened(tx: &mut Write<'_>, stored: Stored) -> Result<Open, ServiceError> {
    let (number, zone) = (Some(stored.number.clone()), Some(stored.zone));
    let open = Open { number, zone, counted: Some((stored.zone, stored.fingerprint)), ..Open::default() };
    if let Some(document) = load(&stored) {
        return Ok(Open { document, rows: Standing::OfDocument, ..open });
    }
    tracing::error!(issue = %stored.issue, "the stored document does not load; the log is read instead");
    let log = log::of_issue(tx, stored.issue).await?;
    let again = from_log(&log).ok().and_then(|document| Some((document.read(stored.issue).ok()?, document)));
    let Some((issue, document)) = again else { return Ok(Open { damaged: true, ..open }) };
    let new = Some((issue, document.save()));
    Ok(Open { document, new, rows: Standing::Unknown, ..open })
}

/// Damaged bytes may also make Automerge's decoder panic.
pub fn load(stored: &Stored) -> Option<Document> {
    let loaded = catch_unwind(|| Document::load(&stored.bytes).ok()).ok().flatten();
    loaded.filter(|document| document.fingerprint(stored.issue) == stored.fingerprint)
}

/// The document that an issue's log amounts to. A change that is damaged spoils it, even one on which nothing builds.
pub fn from_log(log: &[Logged]) -> Result<Document, DocError> {
    let damaged = || DocError::Apply("its bytes are damaged".into());
    if !log.iter().all(Logged::is_whole) {
        return Err(damaged());
    }
    let replay = || {
        let mut document = Document::default();
        document.apply(log.iter().map(|logged| logged.bytes.as_slice())).map(|()| document)
    };
    catch_unwind(replay).unwrap_or_else(|_| Err(damaged()))
}

pub fn stored(
    secret: &[u8; 32],
    issue: IssueId,
    zone: ZoneId,
    document: &Document,
    number: String,
    bytes: Vec<u8>,
) -> Stored {
    let heads = document.heads();
    Stored {
        issue,
        zone,
        number,
        fingerprint: fingerprint(issue, &heads),
        receipt: receipt(secret, issue, &heads),
        bytes,
    }
}

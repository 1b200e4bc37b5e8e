//! The hub's half of a sync: pushes are admitted and committed, then the page of news is read. Drivable without HTTP, so that
//! tests and simulations run this very code.
//!
//! Invariants: a verdict "accepted" is answered only after the commit; log, stream, document and projection move in one
//! transaction; a push that was seen before gets the verdict that it got then.

mod judge;
pub(super) mod lore;
mod pull;
pub(super) mod receipts;
mod reckon;
mod ring;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::screen::{ScreenError, Screened, screen};
use xiaohao_shared::doc::{DocError, Document, Edit, RawChange, fingerprint};
use xiaohao_shared::id::{Actor, ChangeHash, DeviceId, HUB, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::Issue;
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::{Heal, LogId, MAX_PUSHES, Push, Receipt, Repair, Request, Response, Stop, Verdict};
use xiaohao_shared::time::Timestamp;

use self::judge::{Candidate, Case, Finding, Found, Judge};
use self::lore::Lore;
use self::receipts::{proves, receipt};
use super::admission::{Admitted, Bench, Outcome, Way, join, trial};
use super::directory::{self, Caller};
use super::{Service, ServiceError, Write, remembered};
use crate::store::documents::{self, Counted, Stored};
use crate::store::log::{self, Kind, Logged, News};
use crate::store::projection::{self, BroughtBy, Context, Rewrite, Rows, Told};
use crate::store::{StoreError, devices, held, office, people};

/// Refused changes that a device may leave behind open; of further ones only the count is kept.
const MAX_EVIDENCE: i64 = 200;
/// Highest serial of a day that a phone may give back; beyond, a lie would use up the numbers of a day.
const MAX_SERIAL: i64 = 99_999;

/// Serves one page.
pub async fn page(service: &Service, caller: &Caller, request: Request) -> Result<Response, ServiceError> {
    if request.pushes.len() > MAX_PUSHES {
        return Err(ServiceError::TooLarge);
    }
    if request.turn.is_some_and(|turn| service.lives.are_two(caller.device, request.process, turn)) {
        directory::stop_clones(service, caller.device).await?;
        return last_words(service, caller, Stop::Cloned, request).await;
    }
    let pushed = if request.pushes.is_empty() && request.heal.is_empty() {
        Pushed::default()
    } else {
        push(service, caller, Way::Own, &request.heal, &request.pushes).await?
    };
    directory::unless_full(report(service, caller, &request).await)?;
    pull::page(service, caller, request, pushed).await
}

/// What a device that is out of service still brings: all of it waits for the desk, and nothing comes down. What the office had
/// admitted and lost in a restore it takes back, because the receipts prove it.
pub async fn last_words(
    service: &Service,
    caller: &Caller,
    why: Stop,
    request: Request,
) -> Result<Response, ServiceError> {
    if request.pushes.len() > MAX_PUSHES {
        return Err(ServiceError::TooLarge);
    }
    directory::unless_full(report(service, caller, &request).await)?;
    let brings = !(request.pushes.is_empty() && request.heal.is_empty());
    let pushed = match brings {
        true => push(service, caller, Way::FromRevoked, &request.heal, &request.pushes).await?,
        false => Pushed::default(),
    };
    let log = log_id(service).await?;
    Ok(Response {
        log: (request.log != Some(log)).then_some(log),
        time: service.now(),
        office: 0,
        // What was admitted while it was in service has its receipt, should the answer of that time have been lost.
        verdicts: pushed.verdicts,
        scopes: Vec::new(),
        items: Vec::new(),
        more: false,
        lacking: lacking(service, request.repair.as_ref()).await?,
        decided: None,
        stopped: Some(why),
    })
}

/// Of the issues that a phone names, those of which the office has nothing or something else.
async fn lacking(service: &Service, told: Option<&Repair>) -> Result<Vec<IssueId>, ServiceError> {
    let Some(told) = told else { return Ok(Vec::new()) };
    let ids: Vec<IssueId> = told.fingerprints.iter().map(|(issue, _)| *issue).collect();
    let mut connection = service.store.acquire().await?;
    let stored = documents::all(&mut connection, &ids).await?;
    let here: BTreeMap<IssueId, u64> = stored.iter().map(|stored| (stored.issue, stored.fingerprint)).collect();
    let differs = told.fingerprints.iter().filter(|(issue, fingerprint)| here.get(issue) != Some(fingerprint));
    Ok(differs.map(|(issue, _)| *issue).collect())
}

/// The identity of the log. Made when the office is opened for the first time; a restore from backup makes a new one.
pub async fn log_id(service: &Service) -> Result<LogId, ServiceError> {
    let hex = office::value(&service.store, office::LOG).await?.unwrap_or_default();
    let bytes = base16ct::lower::decode_vec(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(LogId).ok_or_else(|| StoreError::Damaged("office log".into()).into())
}

/// Gives the log another identity: positions of the old one are worth nothing any more, and phones compare everything.
pub async fn new_log(service: &Service) -> Result<LogId, ServiceError> {
    let id: [u8; 8] = super::random();
    let mut tx = service.write().await?;
    office::set(&mut tx, office::LOG, &base16ct::lower::encode_string(&id)).await?;
    remembered::restored(service, &mut tx).await?;
    tx.commit().await?;
    Ok(LogId(id))
}

/// The first half of a page alone: for those who bring changes and want no news.
pub async fn push_only(service: &Service, caller: &Caller, request: &Request) -> Result<Vec<Verdict>, ServiceError> {
    Ok(push(service, caller, Way::Own, &request.heal, &request.pushes).await?.verdicts)
}

/// The same for work whose maker may not read: in the name of the device that made it, whoever brings it.
pub async fn carry(
    service: &Service,
    author: &Caller,
    way: Way,
    pushes: Vec<Push>,
) -> Result<Vec<Verdict>, ServiceError> {
    Ok(push(service, author, way, &[], &pushes).await?.verdicts.into_iter().map(bare).collect())
}

/// Numbers and receipts are for whoever follows the issue.
fn bare(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Accepted { .. } => Verdict::Accepted { number: None, receipt: None },
        Verdict::Known { .. } => Verdict::Known { receipt: None },
        other => other,
    }
}

/// What came of the pushes of a page.
#[derive(Default)]
pub(super) struct Pushed {
    pub verdicts: Vec<Verdict>,
    /// From which to which position they stand in the log: not sent back to the phone that made them.
    pub own: Option<(u64, u64)>,
}

async fn push(
    service: &Service,
    caller: &Caller,
    way: Way,
    heals: &[Heal],
    pushes: &[Push],
) -> Result<Pushed, ServiceError> {
    let mut tx = service.write().await?;
    let bench = bench(service, &mut tx, caller, way).await?;
    let mut merge = Merge::new(service);
    for heal in heals {
        merge.heal(&mut tx, heal).await?;
    }
    let healed = merge.entries.len() as u64;
    let verdicts = merge.push(&mut tx, bench, pushes).await?;
    merge.untie(&mut tx, caller.person.id).await?;
    let mut receipts = merge.close(&mut tx).await?;
    let known = known_before(&verdicts, pushes).into_iter().filter(|issue| !receipts.contains_key(issue));
    for stored in documents::all(&mut tx, &known.collect::<Vec<_>>()).await? {
        receipts.insert(stored.issue, (stored.number, stored.receipt));
    }
    tx.commit().await?;
    merge.announce(service);
    // What was healed goes back to the phone like anything else: with the number and the receipt that it has now.
    let own = merge.taken.map(|(first, last)| (first + healed, last)).filter(|(first, last)| first <= last);
    let mut pushed = Pushed { verdicts, own };
    add_receipts(&mut pushed.verdicts, pushes, &receipts);
    Ok(pushed)
}

/// The issues of changes whose first answer was lost, and their receipts with it.
fn known_before(verdicts: &[Verdict], pushes: &[Push]) -> BTreeSet<IssueId> {
    let known = verdicts.iter().zip(pushes).filter(|(verdict, _)| matches!(verdict, Verdict::Known { .. }));
    known.map(|(_, push)| push.issue).collect()
}

/// The number with the first change of an issue, the receipt with the last one of this page.
fn add_receipts(verdicts: &mut [Verdict], pushes: &[Push], receipts: &BTreeMap<IssueId, (String, Receipt)>) {
    let mut seen = BTreeSet::new();
    for (verdict, push) in verdicts.iter_mut().zip(pushes).rev() {
        let Some((given, proof)) = receipts.get(&push.issue) else { continue };
        let (Verdict::Accepted { receipt, .. } | Verdict::Known { receipt }) = verdict else { continue };
        *receipt = seen.insert(push.issue).then_some(*proof);
        if let Verdict::Accepted { number, .. } = verdict {
            *number = number.take().map(|_| given.clone());
        }
    }
}

async fn bench(service: &Service, tx: &mut Write<'_>, caller: &Caller, way: Way) -> Result<Bench, ServiceError> {
    let Lore { known, calendar, rules, .. } = service.lore.read(tx).await?;
    let former = people::former(tx, caller.person.id).await?;
    Ok(Bench { device: caller.device, person: caller.person.clone(), former, known, calendar, rules, way })
}

/// What the device says of itself, written only when it says something new.
async fn report(service: &Service, caller: &Caller, request: &Request) -> Result<(), ServiceError> {
    let mut connection = service.store.acquire().await?;
    let counted = devices::reported(&mut connection, caller.device).await? == Some(request.unsent);
    if counted && request.condition.is_none() {
        return Ok(());
    }
    drop(connection);
    let mut tx = service.write().await?;
    devices::report(&mut tx, caller.device, request.unsent).await?;
    if let Some(condition) = &request.condition {
        devices::is_in(&mut tx, caller.device, condition).await?;
    }
    tx.commit().await
}

/// Whose change it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Author {
    pub device: DeviceId,
    pub person: PersonId,
}

/// What came of an edit by the hub itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authored {
    Written,
    /// The document says it already.
    Nothing,
    /// The document does not take it.
    NoRoom,
}

/// Documents that are changed in this transaction, and what is to be logged of it; all of it is written at the end.
pub(super) struct Merge {
    secret: [u8; 32],
    now: Timestamp,
    open: BTreeMap<IssueId, Open>,
    entries: Vec<Entry>,
    /// The first and the last position that were taken.
    taken: Option<(u64, u64)>,
}

/// A change that is to be logged.
struct Entry {
    by: Author,
    issue: IssueId,
    change: RawChange,
    receipt: Receipt,
    /// Where the issue was before it and is after it.
    from: Option<ZoneId>,
    to: ZoneId,
}

#[derive(Default)]
struct Open {
    document: Document,
    number: Option<String>,
    zone: Option<ZoneId>,
    /// How the stored document is counted in the digests.
    counted: Option<Counted>,
    rows: Standing,
    /// What it says and how it is saved, where it has to be written.
    new: Option<(Issue, Vec<u8>)>,
    /// Neither what is stored nor the log gives a document: nothing may join it.
    damaged: bool,
}

/// The rows that stand in the projection.
#[derive(Default)]
enum Standing {
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
struct State {
    document: Document,
    issue: Issue,
    saved: Vec<u8>,
}

impl Open {
    /// Takes over the document that an admitted change made.
    fn join(
        &mut self,
        by: Author,
        issue: IssueId,
        hash: ChangeHash,
        bytes: &[u8],
        Admitted { document, issue: read, saved, .. }: Admitted,
        secret: &[u8; 32],
    ) -> Entry {
        let from = self.zone.replace(read.zone);
        let receipt = receipt(secret, issue, &document.heads());
        let (to, change) = (read.zone, RawChange { hash, bytes: bytes.to_vec() });
        self.take_over(State { document, issue: read, saved });
        Entry { by, issue, change, receipt, from, to }
    }

    fn take_over(&mut self, State { document, issue, saved }: State) {
        if matches!(self.rows, Standing::OfDocument) {
            let before = self.document.read(issue.id).map(|before| Box::new(Told::by(&self.document, before)));
            self.rows = before.map_or(Standing::Unknown, Standing::Of);
        }
        self.zone = Some(issue.zone);
        self.document = document;
        self.new = Some((issue, saved));
    }
}

impl Merge {
    pub fn new(service: &Service) -> Self {
        Self { secret: service.secret, now: service.now(), open: BTreeMap::new(), entries: Vec::new(), taken: None }
    }

    /// Tells those who wait that there is something new; to be called after the commit.
    pub fn announce(&self, service: &Service) {
        if let Some((_, last)) = self.taken {
            service.live.send_replace(last);
        }
    }

    /// Judges the pushes of a page and keeps what is admitted, refused or held of them; one verdict for each.
    async fn push(&mut self, tx: &mut Write<'_>, bench: Bench, pushes: &[Push]) -> Result<Vec<Verdict>, ServiceError> {
        let named: Vec<_> = pushes.iter().map(named).collect();
        let mut verdicts = self.verdicts_before(tx, &named).await?;
        let mut cases: BTreeMap<IssueId, Case> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (at, ((hash, screened), push)) in named.iter().zip(pushes).enumerate() {
            if verdicts[at].is_none() && seen.insert(*hash) {
                let screened = screened.clone();
                let candidate = Candidate { at, hash: *hash, screened, bytes: push.change.clone() };
                cases.entry(push.issue).or_default().pushes.push(candidate);
            }
        }
        let mut found = self.judge(tx, &bench, cases).await?;
        self.entries.extend(found.entries.into_iter().map(|(_, entry)| entry));
        found.findings.sort_by_key(|(at, _)| *at);
        for (at, finding) in found.findings {
            verdicts[at] = Some(self.keep(tx, &bench, named[at].0, &pushes[at], finding).await?);
        }
        let first = |at: usize| named.iter().position(|(hash, _)| *hash == named[at].0);
        let twin = |at: usize| first(at).and_then(|first| verdicts[first].clone());
        Ok((0..pushes.len()).filter_map(|at| verdicts[at].clone().or_else(|| twin(at).map(again))).collect())
    }

    /// The verdicts that these changes got before.
    async fn verdicts_before(
        &self,
        tx: &mut Write<'_>,
        named: &[(ChangeHash, Result<Screened, ScreenError>)],
    ) -> Result<Vec<Option<Verdict>>, ServiceError> {
        let hashes: Vec<ChangeHash> = named.iter().map(|(hash, _)| *hash).collect();
        let mut known = log::known(tx, &hashes).await?;
        known.extend(self.entries.iter().map(|entry| entry.change.hash));
        let held = held::verdicts(tx, &hashes).await?;
        let verdict = |hash: &ChangeHash| match held.get(hash) {
            _ if known.contains(hash) => Some(Verdict::Known { receipt: None }),
            Some((reason, true)) => Some(Verdict::Held(Refusal(reason.clone()))),
            Some((reason, false)) => Some(Verdict::Refused(Refusal(reason.clone()))),
            None => None,
        };
        Ok(hashes.iter().map(verdict).collect())
    }

    async fn judge(
        &mut self,
        tx: &mut Write<'_>,
        bench: &Bench,
        mut cases: BTreeMap<IssueId, Case>,
    ) -> Result<Found, ServiceError> {
        if cases.is_empty() {
            return Ok(Found::default());
        }
        self.open(tx, &cases.keys().copied().collect::<Vec<_>>()).await?;
        if bench.way != Way::Own {
            for (issue, case) in &mut cases {
                case.held = held::changes(tx, *issue, bench.device).await?;
            }
        }
        let witnessed = self.witnessed(tx, bench.device, &cases).await?;
        let judge = Judge { bench: bench.clone(), secret: self.secret, now: self.now, witnessed };
        let mut open = std::mem::take(&mut self.open);
        let judging = tokio::task::spawn_blocking(move || (judge.all(&mut open, cases), open));
        let (found, open) = judging.await.map_err(|_| ServiceError::TimedOut)?;
        self.open = open;
        Ok(found)
    }

    /// When the hub got those changes of others on which these build.
    async fn witnessed(
        &self,
        tx: &mut Write<'_>,
        device: DeviceId,
        cases: &BTreeMap<IssueId, Case>,
    ) -> Result<BTreeMap<ChangeHash, Timestamp>, ServiceError> {
        let screened = cases.values().flat_map(|case| &case.pushes).filter_map(|push| push.screened.as_ref().ok());
        let deps: BTreeSet<ChangeHash> = screened.flat_map(|screened| screened.deps.iter().copied()).collect();
        let mut witnessed = log::witnessed(tx, &deps.into_iter().collect::<Vec<_>>(), device).await?;
        let healed = self.entries.iter().filter(|entry| entry.by.device != device);
        witnessed.extend(healed.map(|entry| (entry.change.hash, self.now)));
        Ok(witnessed)
    }

    /// Keeps what is not merged, and says what became of it.
    async fn keep(
        &mut self,
        tx: &mut Write<'_>,
        bench: &Bench,
        hash: ChangeHash,
        push: &Push,
        finding: Finding,
    ) -> Result<Verdict, ServiceError> {
        match finding {
            Finding::Accepted { is_new } => Ok(Verdict::Accepted { number: is_new.then(String::new), receipt: None }),
            Finding::MissingDependencies => Ok(Verdict::MissingDependencies),
            Finding::Refused(why, edit) => {
                self.set_aside(tx, bench, hash, push, &why, edit, false).await?;
                Ok(Verdict::Refused(why))
            }
            Finding::Held(why, edit) => {
                self.set_aside(tx, bench, hash, push, &why, Some(edit), true).await?;
                Ok(Verdict::Held(why))
            }
        }
    }

    /// Loads the documents of issues, or empty ones, for the rest of the transaction.
    async fn open(&mut self, tx: &mut Write<'_>, issues: &[IssueId]) -> Result<(), ServiceError> {
        let closed: Vec<IssueId> = issues.iter().copied().filter(|issue| !self.open.contains_key(issue)).collect();
        for stored in documents::all(tx, &closed).await? {
            let issue = stored.issue;
            self.open.insert(issue, opened(tx, stored).await?);
        }
        for issue in closed {
            self.open.entry(issue).or_default();
        }
        Ok(())
    }

    async fn open_one(&mut self, tx: &mut Write<'_>, issue: IssueId) -> Result<&mut Open, ServiceError> {
        self.open(tx, &[issue]).await?;
        self.open.get_mut(&issue).ok_or(ServiceError::NotFound)
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a held row")]
    async fn set_aside(
        &mut self,
        tx: &mut Write<'_>,
        bench: &Bench,
        hash: ChangeHash,
        push: &Push,
        why: &Refusal,
        edit: Option<Edit>,
        adoptable: bool,
    ) -> Result<(), ServiceError> {
        if !adoptable && held::open_evidence(tx, bench.device).await? >= MAX_EVIDENCE {
            return Ok(held::count_dropped(tx, bench.device).await?);
        }
        let zone = self.open_one(tx, push.issue).await?.zone;
        let content = edit.map(|edit| serde_json::to_string(&edit).unwrap_or_default()).unwrap_or_default();
        let row = held::Row {
            hash,
            issue: push.issue,
            zone: zone.or_else(|| bench.person.zones.first().copied()).unwrap_or(ZoneId(0)),
            device: bench.device,
            person: bench.person.id,
            received_at: self.now,
            reason: why.0.clone(),
            content,
            bytes: push.change.iter().copied().take(xiaohao_shared::doc::screen::MAX_CHANGE_BYTES).collect(),
            adoptable,
        };
        Ok(held::insert(tx, &row).await?)
    }

    /// Takes back from a phone what the hub once admitted and lost. The receipt proves it; nothing else is asked.
    async fn heal(&mut self, tx: &mut Write<'_>, heal: &Heal) -> Result<(), ServiceError> {
        let Some(screened) = heal.changes.iter().map(|bytes| screen(bytes).ok()).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        let mut heads: BTreeSet<ChangeHash> = screened.iter().map(|screened| screened.hash).collect();
        let inner: BTreeSet<ChangeHash> = screened.iter().flat_map(|screened| screened.deps.clone()).collect();
        heads.retain(|hash| !inner.contains(hash));
        let heads: Vec<ChangeHash> = heads.into_iter().collect();
        if !proves(&self.secret, heal.issue, &heads, heal.receipt) || self.open_one(tx, heal.issue).await?.damaged {
            return Ok(());
        }
        self.keep_number(tx, heal).await?;
        let hashes: Vec<ChangeHash> = screened.iter().map(|screened| screened.hash).collect();
        let known = log::known(tx, &hashes).await?;
        for (screened, bytes) in screened.iter().zip(&heal.changes) {
            let document = &self.open_one(tx, heal.issue).await?.document;
            if known.contains(&screened.hash) || document.contains(screened.hash) {
                continue;
            }
            let edit = xiaohao_shared::doc::admit::recognise(document, screened, bytes).unwrap_or_default();
            let Some((document, issue, saved)) = trial(heal.issue, document, &[bytes.as_slice()]) else {
                return Ok(());
            };
            let by = Author { device: screened.actor.device, person: author_of(&edit).unwrap_or(PersonId(0)) };
            let change = RawChange { hash: screened.hash, bytes: bytes.to_vec() };
            self.join(tx, by, heal.issue, &change, Admitted { document, issue, edit, saved }).await?;
        }
        Ok(())
    }

    /// A number that was given before the restore stays with its issue where it is free, and is not given again.
    async fn keep_number(&mut self, tx: &mut Write<'_>, heal: &Heal) -> Result<(), ServiceError> {
        let Some((number, day, serial)) = heal.number.as_deref().and_then(numbered) else { return Ok(()) };
        let taken = self.open.values().any(|open| open.number.as_deref() == Some(number));
        if taken || documents::has_number(tx, number).await? {
            return Ok(());
        }
        let open = self.open_one(tx, heal.issue).await?;
        if open.number.is_none() {
            open.number = Some(number.to_owned());
            documents::raise_serial(tx, day, serial).await?;
        }
        Ok(())
    }

    /// Writes the log and every changed document with its rows; gives number and receipt of each.
    pub async fn close(&mut self, tx: &mut Write<'_>) -> Result<BTreeMap<IssueId, (String, Receipt)>, ServiceError> {
        self.number(tx).await?;
        self.log(tx).await?;
        let (mut documents, mut told) = (Vec::new(), Vec::new());
        for (id, open) in std::mem::take(&mut self.open) {
            let (Some((issue, saved)), Some(number)) = (open.new, open.number) else { continue };
            documents.push((open.counted, stored(&self.secret, id, issue.zone, &open.document, number, saved)));
            told.push((open.rows, Told::by(&open.document, issue), open.document.brought_by()));
        }
        documents::save(tx, &documents).await?;
        self.project(tx, &documents, told).await?;
        let receipt = |(_, stored): (_, Stored)| (stored.issue, (stored.number, stored.receipt));
        Ok(documents.into_iter().map(receipt).collect())
    }

    async fn project(
        &self,
        tx: &mut Write<'_>,
        documents: &[(Option<Counted>, Stored)],
        told: Vec<(Standing, Told, BroughtBy)>,
    ) -> Result<(), ServiceError> {
        let issues: Vec<IssueId> = documents.iter().map(|(_, stored)| stored.issue).collect();
        let received = log::receipts(tx, &issues).await?;
        let mut all = Vec::new();
        for ((_, stored), (before, after, brought_by)) in documents.iter().zip(told) {
            let none = BTreeMap::new();
            let context = Context { number: &stored.number, received: received.get(&stored.issue).unwrap_or(&none) };
            let rows = |told: &Told| projection::project(told, &brought_by, &context);
            let before = match before {
                Standing::None => Some(Rows::new()),
                Standing::Of(told) => Some(rows(&told)),
                Standing::OfDocument | Standing::Unknown => None,
            };
            all.push(Rewrite { issue: stored.issue, before, after: rows(&after) });
        }
        Ok(projection::write(tx, &all).await?)
    }

    /// Gives a number to every new issue, in the order in which they came.
    async fn number(&mut self, tx: &mut Write<'_>) -> Result<(), ServiceError> {
        let mut new: Vec<IssueId> = Vec::new();
        for entry in &self.entries {
            let open = self.open.get(&entry.issue);
            if open.is_some_and(|open| open.number.is_none()) && !new.contains(&entry.issue) {
                new.push(entry.issue);
            }
        }
        let numbers = new_numbers(tx, self.now, new.len() as u64).await?;
        for (issue, number) in new.into_iter().zip(numbers) {
            self.open.entry(issue).or_default().number = Some(number);
        }
        Ok(())
    }

    /// The rows of the log, and what each zone's phones learn from them.
    async fn log(&mut self, tx: &mut Write<'_>) -> Result<(), ServiceError> {
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() {
            return Ok(());
        }
        let last = log::take(tx, entries.len() as u64).await?;
        let first = last + 1 - entries.len() as u64;
        self.taken = Some((first, last));
        let (mut changes, mut news) = (Vec::new(), Vec::new());
        for (seq, Entry { by, issue, change, receipt, from, to }) in (first..).zip(entries) {
            let (Author { device, person }, RawChange { hash, bytes }) = (by, change);
            changes.push(log::Change { seq, issue, hash, device, person, received_at: self.now, receipt, bytes });
            let moved = from.filter(|from| *from != to);
            news.extend(moved.map(|zone| News { zone, seq, kind: Kind::LetGo, issue }));
            let kind = if moved.is_some() { Kind::Snapshot } else { Kind::Change };
            news.push(News { zone: to, seq, kind, issue });
        }
        log::append(tx, &changes).await?;
        Ok(log::publish(tx, &news).await?)
    }

    /// Logs an admitted change and takes over the document that it made.
    pub async fn join(
        &mut self,
        tx: &mut Write<'_>,
        by: Author,
        id: IssueId,
        change: &RawChange,
        admitted: Admitted,
    ) -> Result<(), ServiceError> {
        let secret = self.secret;
        let entry = self.open_one(tx, id).await?.join(by, id, change.hash, &change.bytes, admitted, &secret);
        self.entries.push(entry);
        Ok(())
    }

    /// Writes an edit under the hub's own actor, in the name of a person.
    pub async fn author(
        &mut self,
        tx: &mut Write<'_>,
        id: IssueId,
        person: PersonId,
        edit: Edit,
    ) -> Result<Authored, ServiceError> {
        let before = self.open_one(tx, id).await?.document.clone();
        let mut document = before.clone();
        let actor = Actor { device: HUB, nonce: u64::from_be_bytes(super::random()) };
        let Ok(change) = document.edit(actor, &edit) else { return Ok(Authored::Nothing) };
        let Outcome::Admitted(admitted) = join(id, &before, &change.bytes, edit) else { return Ok(Authored::NoRoom) };
        self.join(tx, Author { device: HUB, person }, id, &change, *admitted).await?;
        Ok(Authored::Written)
    }

    /// The document of an issue, empty where there is none yet; `None` where it is beyond reading.
    pub async fn document(&mut self, tx: &mut Write<'_>, id: IssueId) -> Result<Option<Document>, ServiceError> {
        let open = self.open_one(tx, id).await?;
        Ok((!open.damaged).then(|| open.document.clone()))
    }
}

fn author_of(edit: &Edit) -> Option<PersonId> {
    let step = edit.step.as_ref().map(|step| step.record.by);
    step.or_else(|| edit.remark.as_ref().map(|remark| remark.record.by))
}

/// A stored document that does not load is made again from the log, and written with the others at the end.
async fn opened(tx: &mut Write<'_>, stored: Stored) -> Result<Open, ServiceError> {
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
pub(super) fn load(stored: &Stored) -> Option<Document> {
    let loaded = catch_unwind(|| Document::load(&stored.bytes).ok()).ok().flatten();
    loaded.filter(|document| document.fingerprint(stored.issue) == stored.fingerprint)
}

/// The document that an issue's log amounts to. A change that is damaged spoils it, even one on which nothing builds.
pub(super) fn from_log(log: &[Logged]) -> Result<Document, DocError> {
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

/// The next numbers of the day.
pub(super) async fn new_numbers(tx: &mut Write<'_>, now: Timestamp, count: u64) -> Result<Vec<String>, ServiceError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let day = now.date().to_string().replace('-', "");
    let last = documents::take_serials(tx, &day, count).await?;
    Ok((last + 1 - count.cast_signed()..=last).map(|serial| format!("{day}-{serial:04}")).collect())
}

/// A number of ours, with its day and its serial.
fn numbered(number: &str) -> Option<(&str, &str, i64)> {
    let (day, serial) = number.split_once('-')?;
    let serial = serial.parse().ok().filter(|serial| (1..=MAX_SERIAL).contains(serial))?;
    let dated = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    (dated && number == format!("{day}-{serial:04}")).then_some((number, day, serial))
}

pub(super) fn stored(
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

/// The hash of a pushed change; where there is none, that of its bytes.
fn named(push: &Push) -> (ChangeHash, Result<Screened, ScreenError>) {
    let screened = screen(&push.change);
    let hash = screened.as_ref().map_or_else(|_| ChangeHash(Sha256::digest(&push.change).into()), |one| one.hash);
    (hash, screened)
}

/// The verdict over a change that stands a second time in the same page.
fn again(verdict: Verdict) -> Verdict {
    if matches!(verdict, Verdict::Accepted { .. }) { Verdict::Known { receipt: None } } else { verdict }
}

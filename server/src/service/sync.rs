//! The hub's half of a sync: pushes are admitted and committed, then the page of news is read. Drivable without HTTP, so that
//! tests and simulations run this very code.
//!
//! Invariants: a verdict "accepted" is answered only after the commit; log, stream, document and projection move in one
//! transaction; a push that was seen before gets the verdict that it got then.

mod pull;
pub(super) mod receipts;
mod reckon;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::doc::{DocError, Document, Edit, RawChange};
use xiaohao_shared::id::{Actor, ChangeHash, DeviceId, HUB, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::Issue;
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::{Heal, LogId, MAX_PUSHES, Push, Receipt, Request, Response, Stop, Verdict};
use xiaohao_shared::time::Timestamp;

use self::receipts::{proves, receipt};
use super::admission::{Admitted, Bench, Outcome, Way, join, receive, trial};
use super::directory::{self, Caller};
use super::{Service, ServiceError, Write, remembered};
use crate::store::documents::{self, Stored};
use crate::store::log::{self, Kind, Logged};
use crate::store::projection::{self, Context};
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

/// What a device that is out of service still brings: all of it waits for the desk, and nothing comes down.
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
    let verdicts = match request.pushes {
        pushes if pushes.is_empty() => Vec::new(),
        pushes => carry(service, caller, Way::FromRevoked, pushes).await?,
    };
    Ok(Response {
        log: None,
        time: service.now(),
        office: 0,
        verdicts,
        scopes: Vec::new(),
        items: Vec::new(),
        more: false,
        lacking: Vec::new(),
        decided: None,
        stopped: Some(why),
    })
}

/// The identity of the log. Made when the office is opened for the first time; a restore from backup makes a new one.
pub async fn log_id(service: &Service) -> Result<LogId, ServiceError> {
    let hex = office::value(&service.store, office::LOG).await?.unwrap_or_default();
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(LogId).ok_or_else(|| StoreError::Damaged("office log".into()).into())
}

/// Gives the log another identity: positions of the old one are worth nothing any more, and phones compare everything.
pub async fn new_log(service: &Service) -> Result<LogId, ServiceError> {
    let id: [u8; 8] = super::random();
    let mut tx = service.write().await?;
    office::set(&mut tx, office::LOG, &data_encoding::HEXLOWER.encode(&id)).await?;
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
    /// Accepted just now: not sent back to the phone that made them.
    pub own: BTreeSet<ChangeHash>,
}

async fn push(
    service: &Service,
    caller: &Caller,
    way: Way,
    heals: &[Heal],
    pushes: &[Push],
) -> Result<Pushed, ServiceError> {
    let mut tx = service.write().await?;
    let bench = bench(&mut tx, caller, way).await?;
    let mut merge = Merge::new(service);
    for heal in heals {
        merge.heal(&mut tx, heal).await?;
    }
    let mut pushed = Pushed::default();
    for push in pushes {
        let verdict = merge.push(&mut tx, &bench, push).await?;
        if matches!(verdict, Verdict::Accepted { .. }) {
            pushed.own.extend(screen(&push.change).ok().map(|screened| screened.hash));
        }
        pushed.verdicts.push(verdict);
    }
    let mut receipts = merge.close(&mut tx).await?;
    for issue in known_before(&pushed.verdicts, pushes) {
        if let (false, Some(stored)) = (receipts.contains_key(&issue), documents::find(&mut tx, issue).await?) {
            receipts.insert(issue, (stored.number, stored.receipt));
        }
    }
    tx.commit().await?;
    add_receipts(&mut pushed.verdicts, pushes, &receipts);
    merge.announce(service);
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

async fn bench(tx: &mut Write<'_>, caller: &Caller, way: Way) -> Result<Bench, ServiceError> {
    let known = people::known(tx).await?;
    let former = people::former(tx, caller.person.id).await?;
    Ok(Bench { device: caller.device, person: caller.person.clone(), former, known, way })
}

/// What the device says of itself, written only when it says something new.
async fn report(service: &Service, caller: &Caller, request: &Request) -> Result<(), ServiceError> {
    let mut connection = service.store.acquire().await?;
    if devices::reported(&mut connection, caller.device).await? == Some(request.unsent) {
        return Ok(());
    }
    drop(connection);
    let mut tx = service.write().await?;
    devices::report(&mut tx, caller.device, request.unsent).await?;
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

/// Documents that are changed in this transaction, written once at its end.
pub(super) struct Merge {
    secret: [u8; 32],
    now: Timestamp,
    open: BTreeMap<IssueId, Open>,
    /// The last position taken.
    seq: u64,
}

#[derive(Default)]
struct Open {
    document: Document,
    number: Option<String>,
    zone: Option<ZoneId>,
    /// What it says, where it has to be written.
    issue: Option<Issue>,
    /// Neither what is stored nor the log gives a document: nothing may join it.
    damaged: bool,
}

impl Merge {
    pub fn new(service: &Service) -> Self {
        Self { secret: service.secret, now: service.now(), open: BTreeMap::new(), seq: 0 }
    }

    /// Tells those who wait that there is something new; to be called after the commit.
    pub fn announce(&self, service: &Service) {
        if self.seq > 0 {
            service.live.send_replace(self.seq);
        }
    }

    async fn push(&mut self, tx: &mut Write<'_>, bench: &Bench, push: &Push) -> Result<Verdict, ServiceError> {
        let hash = screen(&push.change).map(|screened| screened.hash);
        let name = hash.map_or_else(|_| Sha256::digest(&push.change).into(), |hash| hash.0);
        if let Some(verdict) = self.known(tx, ChangeHash(name)).await? {
            return Ok(verdict);
        }
        let hash = ChangeHash(name);
        match self.judge(tx, bench, push).await? {
            Outcome::Admitted(admitted) => {
                let is_new = admitted.edit.genesis;
                let by = Author { device: bench.device, person: bench.person.id };
                let change = RawChange { hash, bytes: push.change.clone() };
                let due = self.reckon(tx, bench, push, &admitted.edit).await?;
                self.join(tx, by, push.issue, &change, *admitted).await?;
                if let Some(due) = due {
                    self.correct(tx, push.issue, bench.person.id, due).await?;
                }
                Ok(Verdict::Accepted { number: is_new.then(String::new), receipt: None })
            }
            Outcome::MissingDependencies => Ok(Verdict::MissingDependencies),
            Outcome::Refused(why, edit) => {
                self.set_aside(tx, bench, hash, push, &why, edit, false).await?;
                Ok(Verdict::Refused(why))
            }
            Outcome::Held(why, edit) => {
                self.set_aside(tx, bench, hash, push, &why, Some(edit), true).await?;
                Ok(Verdict::Held(why))
            }
        }
    }

    async fn judge(&mut self, tx: &mut Write<'_>, bench: &Bench, push: &Push) -> Result<Outcome, ServiceError> {
        let open = self.open(tx, push.issue).await?;
        if open.damaged {
            return Ok(Outcome::Refused(Refusal::poisoned(), None));
        }
        let document = open.document.clone();
        let held = match bench.way {
            Way::Own => Vec::new(),
            Way::Carried | Way::FromRevoked => held::changes(tx, push.issue, bench.device).await?,
        };
        let (bench, id, bytes) = (bench.clone(), push.issue, push.change.clone());
        let outcome = tokio::task::spawn_blocking(move || receive(&bench, id, &document, &held, &bytes)).await;
        Ok(outcome.unwrap_or_else(|_| Outcome::Refused(Refusal::poisoned(), None)))
    }

    /// The verdict that this change got before.
    async fn known(&self, tx: &mut Write<'_>, hash: ChangeHash) -> Result<Option<Verdict>, ServiceError> {
        if log::knows(tx, hash).await? {
            return Ok(Some(Verdict::Known { receipt: None }));
        }
        let before = held::verdict(tx, hash).await?;
        Ok(before.map(|(reason, adoptable)| match adoptable {
            true => Verdict::Held(Refusal(reason)),
            false => Verdict::Refused(Refusal(reason)),
        }))
    }

    /// Loads an issue's document, or an empty one, for the rest of the transaction.
    async fn open(&mut self, tx: &mut Write<'_>, issue: IssueId) -> Result<&mut Open, ServiceError> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.open.entry(issue) {
            place.insert(match documents::find(tx, issue).await? {
                Some(stored) => opened(tx, stored).await?,
                None => Open::default(),
            });
        }
        self.open.get_mut(&issue).ok_or(ServiceError::NotFound)
    }

    /// One row of the log and what each zone's phones learn from it.
    async fn log(
        &mut self,
        tx: &mut Write<'_>,
        by: Author,
        hash: ChangeHash,
        issue: IssueId,
        bytes: &[u8],
        (document, after): (&Document, &Issue),
    ) -> Result<(), ServiceError> {
        let seq = log::next(tx).await?;
        self.seq = seq;
        let receipt = receipt(&self.secret, issue, &document.heads());
        let Author { device, person } = by;
        let (received_at, bytes) = (self.now, bytes.to_vec());
        log::append(tx, &log::Change { seq, issue, hash, device, person, received_at, receipt, bytes }).await?;
        let now = self.now;
        let open = self.open(tx, issue).await?;
        let before = open.zone.replace(after.zone);
        if open.number.is_none() {
            self.open(tx, issue).await?.number = Some(new_number(tx, now).await?);
        }
        match before {
            Some(before) if before != after.zone => {
                log::publish(tx, before, seq, Kind::LetGo, issue).await?;
                log::publish(tx, after.zone, seq, Kind::Snapshot, issue).await?;
            }
            _ => log::publish(tx, after.zone, seq, Kind::Change, issue).await?,
        }
        Ok(())
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
        let zone = self.open(tx, push.issue).await?.zone;
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
        if !proves(&self.secret, heal.issue, &heads, heal.receipt) || self.open(tx, heal.issue).await?.damaged {
            return Ok(());
        }
        self.keep_number(tx, heal).await?;
        for (screened, bytes) in screened.iter().zip(&heal.changes) {
            if log::knows(tx, screened.hash).await? {
                continue;
            }
            let document = self.open(tx, heal.issue).await?.document.clone();
            let edit = xiaohao_shared::doc::admit::recognise(&document, screened, bytes).unwrap_or_default();
            let Some((document, issue, _)) = trial(heal.issue, &document, &[bytes.as_slice()]) else { return Ok(()) };
            let by = Author { device: screened.actor.device, person: author_of(&edit).unwrap_or(PersonId(0)) };
            let change = RawChange { hash: screened.hash, bytes: bytes.to_vec() };
            self.join(tx, by, heal.issue, &change, Admitted { document, issue, edit }).await?;
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
        let open = self.open(tx, heal.issue).await?;
        if open.number.is_none() {
            open.number = Some(number.to_owned());
            documents::raise_serial(tx, day, serial).await?;
        }
        Ok(())
    }

    /// Writes every changed document with its projection; gives number and receipt of each.
    pub async fn close(&mut self, tx: &mut Write<'_>) -> Result<BTreeMap<IssueId, (String, Receipt)>, ServiceError> {
        let mut receipts = BTreeMap::new();
        for (id, open) in std::mem::take(&mut self.open) {
            let (Some(issue), Some(number)) = (&open.issue, &open.number) else { continue };
            let stored = stored(&self.secret, id, issue, &open.document, number);
            documents::save(tx, &stored).await?;
            project(tx, id, issue, &open.document, number).await?;
            receipts.insert(id, (number.clone(), stored.receipt));
        }
        Ok(receipts)
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
        self.log(tx, by, change.hash, id, &change.bytes, (&admitted.document, &admitted.issue)).await?;
        let open = self.open(tx, id).await?;
        open.document = admitted.document;
        open.issue = Some(admitted.issue);
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
        let before = self.open(tx, id).await?.document.clone();
        let mut document = before.clone();
        let actor = Actor { device: HUB, nonce: u64::from_be_bytes(super::random()) };
        let Ok(change) = document.edit(actor, &edit) else { return Ok(Authored::Nothing) };
        let Outcome::Admitted(admitted) = join(id, &before, &change.bytes, edit) else { return Ok(Authored::NoRoom) };
        self.join(tx, Author { device: HUB, person }, id, &change, *admitted).await?;
        Ok(Authored::Written)
    }

    /// The document of an issue, empty where there is none yet; `None` where it is beyond reading.
    pub async fn document(&mut self, tx: &mut Write<'_>, id: IssueId) -> Result<Option<Document>, ServiceError> {
        let open = self.open(tx, id).await?;
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
    if let Some(document) = load(&stored) {
        return Ok(Open { document, number, zone, ..Open::default() });
    }
    tracing::error!(issue = %stored.issue, "the stored document does not load; the log is read instead");
    let log = log::of_issue(tx, stored.issue).await?;
    let again = from_log(&log).ok().and_then(|document| Some((document.read(stored.issue).ok()?, document)));
    let damaged = again.is_none();
    let (issue, document) = again.unzip();
    Ok(Open { document: document.unwrap_or_default(), number, zone, issue, damaged })
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

/// The next number of the day.
pub(super) async fn new_number(tx: &mut Write<'_>, now: Timestamp) -> Result<String, ServiceError> {
    let day = now.date().to_string().replace('-', "");
    let serial = documents::next_serial(tx, &day).await?;
    Ok(format!("{day}-{serial:04}"))
}

/// A number of ours, with its day and its serial.
fn numbered(number: &str) -> Option<(&str, &str, i64)> {
    let (day, serial) = number.split_once('-')?;
    let serial = serial.parse().ok().filter(|serial| (1..=MAX_SERIAL).contains(serial))?;
    let dated = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    (dated && number == format!("{day}-{serial:04}")).then_some((number, day, serial))
}

pub(super) fn stored(secret: &[u8; 32], id: IssueId, issue: &Issue, document: &Document, number: &str) -> Stored {
    Stored {
        issue: id,
        zone: issue.zone,
        number: number.to_owned(),
        fingerprint: document.fingerprint(id),
        receipt: receipt(secret, id, &document.heads()),
        bytes: document.save(),
    }
}

/// Makes the rows of an issue anew.
pub(super) async fn project(
    tx: &mut Write<'_>,
    id: IssueId,
    issue: &Issue,
    document: &Document,
    number: &str,
) -> Result<(), ServiceError> {
    let received = log::receipts(tx, id).await?.into_iter().collect();
    let rows = projection::project(issue, document, &Context { number, received: &received });
    Ok(projection::write(tx, id, &rows).await?)
}

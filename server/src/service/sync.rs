//! The hub's half of a sync: pushes are admitted and committed, then the page of news is read. Drivable without HTTP, so that
//! tests and simulations run this very code.
//!
//! Invariants: a verdict "accepted" is answered only after the commit; log, stream, document and projection move in one
//! transaction; a push that was seen before gets the verdict that it got then.

mod judge;
pub(super) mod lore;
mod merge;
mod open;
mod pull;
pub(super) mod receipts;
mod reckon;
mod ring;

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::screen::change_hash;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::sync::wire::{Heal, LogId, MAX_PUSHES, Push, Receipt, Repair, Request, Response, Stop, Verdict};

use self::lore::Lore;
pub(super) use self::merge::{Authored, Merge, new_numbers};
pub(super) use self::open::{from_log, load, stored};
use super::admission::{Bench, Way};
use super::directory::{self, Caller};
use super::{Service, ServiceError, Write, remembered};
use crate::store::documents::{self, Stored};
use crate::store::{StoreError, devices, office, people};

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
    let mut documents = merge.close(&mut tx).await?;
    let known = known_before(&verdicts, pushes).into_iter().filter(|issue| !documents.contains_key(issue));
    for stored in documents::all(&mut tx, &known.collect::<Vec<_>>()).await? {
        documents.insert(stored.issue, stored);
    }
    documents.retain(|issue, _| !merge.otherwise.contains(issue));
    tx.commit().await?;
    merge.announce(service);
    // What was healed goes back to the phone like anything else: with the number and the receipt that it has now.
    let own = merge.taken.map(|(first, last)| (first + healed, last)).filter(|(first, last)| first <= last);
    let mut pushed = Pushed { verdicts, own };
    let proof = |push: &Push, stored: &Stored| proof_for(&merge.secret, caller, way, push, stored);
    add_receipts(&mut pushed.verdicts, pushes, &documents, proof);
    Ok(pushed)
}

/// The issues of changes whose first answer was lost, and their receipts with it.
fn known_before(verdicts: &[Verdict], pushes: &[Push]) -> BTreeSet<IssueId> {
    let known = verdicts.iter().zip(pushes).filter(|(verdict, _)| matches!(verdict, Verdict::Known { .. }));
    known.map(|(_, push)| push.issue).collect()
}

/// The number with the first change of an issue, the receipt with the last one of this page.
fn add_receipts(
    verdicts: &mut [Verdict],
    pushes: &[Push],
    documents: &BTreeMap<IssueId, Stored>,
    proof: impl Fn(&Push, &Stored) -> Receipt,
) {
    let mut seen = BTreeSet::new();
    for (verdict, push) in verdicts.iter_mut().zip(pushes).rev() {
        let Some(stored) = documents.get(&push.issue) else { continue };
        let (Verdict::Accepted { receipt, .. } | Verdict::Known { receipt }) = verdict else { continue };
        *receipt = seen.insert(push.issue).then(|| proof(push, stored));
        if let Verdict::Accepted { number, .. } = verdict {
            *number = number.take().map(|_| stored.number.clone());
        }
    }
}

/// Who follows the issue gets what others wrote in it, and can prove the whole. Who does not any more, or is out of service, has
/// only what his own change builds on.
fn proof_for(secret: &[u8; 32], caller: &Caller, way: Way, push: &Push, stored: &Stored) -> Receipt {
    let follows = way == Way::Own && pull::follows(&caller.person, stored.zone);
    let own = (!follows).then(|| change_hash(&push.change).ok()).flatten();
    own.map_or(stored.receipt, |hash| receipts::receipt(secret, push.issue, &[hash]))
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

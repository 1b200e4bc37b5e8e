//! 月结账: freezes a month in one transaction, signs it by the office's secret together with who froze it, and never changes it
//! again. What differs from it by what is known today is shown beside it. Whoever waits sees how far it is; dropped before its end,
//! it leaves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::Mac;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{Freeze, Freezing, Settlement, SettlementHead, SettlementLine, Settlements};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::behind::Drift;
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::drift::Entered;
use xiaohao_shared::model::settlement::{Lines, Month, count, post};

use super::directory::Caller;
use super::{Service, ServiceError, seal};
use crate::store::settlements::{self, Entry, Frozen, Open};
use crate::store::{Connection, drifts, people};

/// Issues that are looked at at once.
const PAGE: u32 = 2_000;

/// The month that is being frozen, for those who wait for it. Only in memory: what is not committed is not there.
#[derive(Default)]
pub struct Running(Mutex<Option<Freezing>>);

impl Running {
    fn now(&self) -> MutexGuard<'_, Option<Freezing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, month: Month) -> Result<Turn<'_>, ServiceError> {
        let mut now = self.now();
        if now.is_some() {
            return Err(ServiceError::Conflict(Reason::BeingFrozen));
        }
        *now = Some(Freezing { month, looked_at: 0, of: 0 });
        Ok(Turn(self))
    }
}

/// Given back when the month is frozen, and when whoever asked for it went away.
struct Turn<'a>(&'a Running);

impl Turn<'_> {
    fn is(&self, change: impl Fn(&mut Freezing)) {
        self.0.now().as_mut().into_iter().for_each(change);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.now() = None;
    }
}

pub async fn all(service: &Service) -> Result<Settlements, ServiceError> {
    // First, so that a month which is frozen meanwhile is in one of the two at least.
    let freezing = *service.freezing.now();
    let mut tx = service.store.acquire().await?;
    let frozen: Vec<SettlementHead> = settlements::all(&mut tx).await?.into_iter().rev().map(|it| it.head).collect();
    let now = Month::of(service.now());
    // An office begins its books with the month before.
    let following = frozen.first().map(|last| last.month.next());
    let next = following.or_else(|| Some(now.before())).filter(|next| *next < now);
    Ok(Settlements { frozen, next, freezing })
}

/// Only what the books say, which nothing changes any more.
pub async fn book_of(service: &Service, month: Month) -> Result<Settlement, ServiceError> {
    let mut tx = service.store.begin().await?;
    let head = frozen(&mut tx, month).await?;
    let of =
        |((zone, kind), line)| SettlementLine { zone, kind, line, live: 0, gone: 0, come: 0, missed: 0, otherwise: 0 };
    let lines = settlements::lines(&mut tx, month).await?;
    let idle = idle(&mut tx, &head, &lines).await?;
    Ok(Settlement { head, lines: lines.into_iter().map(of).collect(), idle })
}

/// The zones that were there and have nothing in the book: a month without a word of them could be a month that forgot them.
async fn idle(tx: &mut Connection, head: &SettlementHead, lines: &Lines) -> Result<Vec<ZoneId>, ServiceError> {
    let zones = people::zones_since(tx).await?.into_iter().filter(|(_, since)| *since <= head.frozen_at);
    Ok(zones.map(|(zone, _)| zone).filter(|zone| !lines.keys().any(|(of, _)| of == zone)).collect())
}

/// The head of a month that is frozen.
pub async fn frozen(tx: &mut Connection, month: Month) -> Result<SettlementHead, ServiceError> {
    let frozen = settlements::all(tx).await?.into_iter().find(|frozen| frozen.head.month == month);
    Ok(frozen.ok_or(ServiceError::NotFound)?.head)
}

/// With what differs from it by what is known today.
pub async fn one(service: &Service, month: Month) -> Result<Settlement, ServiceError> {
    let mut tx = service.store.begin().await?;
    let head = frozen(&mut tx, month).await?;
    let lines = settlements::lines(&mut tx, month).await?;
    let mut counts = Vec::new();
    for drift in Drift::ALL {
        counts.push(drifts::counts(&mut tx, month, drift).await?);
    }
    let keys: BTreeSet<_> = lines.keys().chain(counts.iter().flat_map(BTreeMap::keys)).copied().collect();
    let line = |key: (ZoneId, Kind)| {
        let line = lines.get(&key).copied().unwrap_or_default();
        let [gone, come, missed, otherwise] =
            Drift::ALL.map(|drift| counts[drift as usize].get(&key).copied().unwrap_or_default());
        let live = (line.closing + come).saturating_sub(gone);
        SettlementLine { zone: key.0, kind: key.1, line, live, gone, come, missed, otherwise }
    };
    let idle = idle(&mut tx, &head, &lines).await?;
    Ok(Settlement { head, lines: keys.into_iter().map(line).collect(), idle })
}

/// Freezes a month that has ended: the one after the last frozen one, or any to begin with.
pub async fn freeze(service: &Service, caller: &Caller, Freeze { month }: Freeze) -> Result<Settlement, ServiceError> {
    let now = service.now();
    // Before its transaction: the next one begins when this is rolled back.
    let turn = service.freezing.begin(month)?;
    let mut tx = service.write().await?;
    let earlier = settlements::all(&mut tx).await?;
    if month.end() > now {
        return Err(ServiceError::Conflict(Reason::MonthRuns));
    }
    if earlier.last().is_some_and(|last| last.head.month.next() != month) {
        return Err(ServiceError::Conflict(Reason::MonthBefore));
    }
    let of = settlements::count_open(&mut tx).await?;
    turn.is(|freezing| freezing.of = of);
    let lines = book(&mut tx, month, earlier.is_empty(), &turn).await?;
    let number =
        format!("{}-{:03}", month.year, earlier.iter().filter(|it| it.head.month.year == month.year).count() + 1);
    let head = SettlementHead { month, number, frozen_at: now, frozen_by: caller.person.id };
    let mut frozen = Frozen { head, device: crate::store::number(caller.device.0), seal: String::new() };
    frozen.seal = sealed(service, earlier.last(), &frozen, &lines);
    settlements::save(&mut tx, &frozen, &lines).await?;
    tx.commit().await?;
    drop(turn);
    tracing::info!(by = %caller.person.id, %month, number = frozen.head.number, "a month was frozen");
    one(service, month).await
}

async fn book(tx: &mut Connection, month: Month, is_first: bool, turn: &Turn<'_>) -> Result<Lines, ServiceError> {
    let (mut lines, mut after) = (Lines::new(), String::new());
    loop {
        let page = settlements::open(tx, month, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(lines) };
        after.clone_from(&last.issue);
        let looked_at = page.len() as u64;
        let (mut booked, mut differ) = (Vec::new(), Vec::new());
        for Open { issue, known, posting } in page {
            let (now, late) = (post(&known, posting, month, is_first), known.is_late(month));
            let entered: Vec<Entered> = now.map(|now| (now, late[1])).into_iter().collect();
            differ.extend(drifts::of_month(&issue, &known, &entered, month));
            let Some(now) = now else { continue };
            count(&mut lines, &known, &now, month);
            let reported = known.reported;
            booked.extend((posting != Some(now)).then_some(Entry { issue, reported, posting: now, late }));
        }
        settlements::book(tx, &booked).await?;
        drifts::add(tx, &differ).await?;
        turn.is(|freezing| freezing.looked_at += looked_at);
    }
}

/// What only this office can write under these figures, by this person, after the month before.
fn sealed(service: &Service, before: Option<&Frozen>, frozen: &Frozen, lines: &Lines) -> String {
    let SettlementHead { month, number, frozen_at, frozen_by } = &frozen.head;
    let mut mac = seal(&service.secret);
    mac.update(b"settlement\n");
    mac.update(before.map_or("", |before| &before.seal).as_bytes());
    mac.update(format!("\n{month} {number} {} {frozen_by} {}\n", frozen_at.0, frozen.device).as_bytes());
    for ((zone, kind), line) in lines {
        mac.update(format!("{zone} {kind} {:?}\n", line.counts()).as_bytes());
    }
    base16ct::lower::encode_string(&mac.finalize().into_bytes())
}

/// The months that do not stand as they were frozen, or whose lines do not add up.
pub async fn changed(service: &Service, tx: &mut Connection) -> Result<Vec<Month>, ServiceError> {
    let (all, mut changed) = (settlements::all(tx).await?, Vec::new());
    for (at, frozen) in all.iter().enumerate() {
        let lines = settlements::lines(tx, frozen.head.month).await?;
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        let balanced = lines.values().all(xiaohao_shared::model::settlement::Line::is_balanced);
        if !balanced || sealed(service, before, frozen, &lines) != frozen.seal {
            changed.push(frozen.head.month);
        }
    }
    Ok(changed)
}

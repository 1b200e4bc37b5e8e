//! The half of a page that goes down: snapshots for a zone that is new to the phone, the stream for one that it follows,
//! single documents that it asked for. Reads only, in one snapshot of the database.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_shared::doc::screen::{self, screen};
use xiaohao_shared::id::{DeviceId, IssueId, PersonId, ZoneId};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::may_see_zone;
use xiaohao_shared::sync::wire::{
    Body, Cursor, Decided, Held, Item, LogId, PAGE_BYTES, Position, Repair, Request, Response, Scope,
};

use super::Pushed;
use crate::service::directory::Caller;
use crate::service::{Service, ServiceError};
use crate::store::documents::{self, Stored};
use crate::store::held::{self, Fate};
use crate::store::log::{self, Kind};
use crate::store::{Connection, office};

/// What an item costs beside its bytes.
const ITEM_BYTES: usize = 48;
/// Rows read at once: few, because each may hold a document of the longest kind, and a page is cut by bytes.
const ROWS: u32 = 32;
const LAST_RANK: u8 = 2;

struct Page {
    room: usize,
    items: Vec<Item>,
    more: bool,
}

impl Page {
    fn fits(&self, bytes: usize) -> bool {
        self.items.is_empty() || self.room >= bytes + ITEM_BYTES
    }

    fn add(&mut self, item: Item) {
        self.room = self.room.saturating_sub(body_length(&item) + ITEM_BYTES);
        self.items.push(item);
    }
}

pub async fn page(
    service: &Service,
    caller: &Caller,
    request: Request,
    pushed: Pushed,
) -> Result<Response, ServiceError> {
    let log = super::log_id(service).await?;
    let office = office::version(&service.store).await?;
    let mut tx = service.store.begin().await?;
    let end = log::newest_in(&mut tx).await?;
    let room = request.page_bytes.clamp(*PAGE_BYTES.start(), *PAGE_BYTES.end()) as usize;
    let mut page = Page { room, items: Vec::new(), more: false };
    wanted(&mut tx, caller, &request.want, &mut page).await?;
    let lacking = repair(&mut tx, caller, request.repair.as_ref(), &mut page).await?;
    let decided = decided(&mut tx, caller, request.held.as_ref(), &mut page).await?;
    let_go_of_what_left(&mut tx, caller, &request, &mut page).await?;
    let before = positions(caller, &request, log, end);
    let scopes = scopes(&mut tx, caller, before, end, pushed.own, &mut page).await?;
    keep_last_receipts(&mut page.items);
    let known: BTreeMap<ZoneId, Position> = request.scopes.iter().copied().collect();
    let same_log = request.log == Some(log);
    let scopes = scopes.into_iter().map(|scope| {
        let moved = !same_log || known.get(&scope.zone).copied() != scope.position;
        Scope { position: scope.position.filter(|_| moved), ..scope }
    });
    Ok(Response {
        log: (!same_log).then_some(log),
        time: service.now(),
        office,
        verdicts: pushed.verdicts,
        scopes: scopes.collect(),
        items: page.items,
        more: page.more,
        lacking,
        decided,
        stopped: None,
    })
}

/// What became of this device's held changes. What a restored office has forgotten nobody will decide any more: it is its
/// author's to deal with, like what was discarded.
async fn decided(
    tx: &mut Connection,
    caller: &Caller,
    asked: Option<&Held>,
    page: &mut Page,
) -> Result<Option<Vec<Decided>>, ServiceError> {
    let mut decided = Vec::new();
    for hash in asked.iter().flat_map(|held| &held.0) {
        let (adopted, reason) = match held::fate(tx, *hash, caller.device).await? {
            Fate::Waits => continue,
            Fate::Adopted => (true, None),
            Fate::Discarded(reason) => (false, Some(reason).filter(|reason| !reason.is_empty())),
            Fate::Unknown => (log::known(tx, &[*hash]).await?.contains_key(hash), None),
        };
        let length = reason.as_ref().map_or(0, String::len);
        // What does not fit is asked after again.
        if length > page.room && !decided.is_empty() {
            break;
        }
        page.room = page.room.saturating_sub(length);
        decided.push(Decided { hash: *hash, adopted, reason });
    }
    Ok((!decided.is_empty()).then_some(decided))
}

/// Where each of the person's zones stands. A position of another log, or beyond the end of this one, is worth nothing.
fn positions(caller: &Caller, request: &Request, log: LogId, end: u64) -> Vec<(ZoneId, Position)> {
    let known: BTreeMap<ZoneId, Position> = request.scopes.iter().copied().collect();
    let begin = Position { after: end, pull: Some(Cursor { rank: 0, last: None }), own: None };
    let valid = |position: &Position| request.log == Some(log) && position.after <= end;
    let zones = caller.person.zones.iter().filter(|zone| follows(&caller.person, **zone));
    zones.map(|zone| (*zone, known.get(zone).copied().filter(valid).unwrap_or(begin))).collect()
}

/// Whether everything of the zone comes to this person's phones. One may see more than comes by itself.
pub(super) fn follows(person: &Person, zone: ZoneId) -> bool {
    person.zones.contains(&zone) && may_see_zone(person, zone)
}

async fn scopes(
    tx: &mut Connection,
    caller: &Caller,
    mut positions: Vec<(ZoneId, Position)>,
    end: u64,
    own: Option<(u64, u64)>,
    page: &mut Page,
) -> Result<Vec<Scope>, ServiceError> {
    for (_, position) in &mut positions {
        position.own = with_own(tx, caller.device, position.own, own).await?;
    }
    // What is new in the zones that the phone follows comes first, then what is most useful in the others.
    for (zone, position) in positions.iter_mut().filter(|(_, position)| position.pull.is_none()) {
        follow(tx, *zone, caller.device, position, end, page).await?;
    }
    for rank in 0..=LAST_RANK {
        for (zone, position) in &mut positions {
            if position.pull.is_some_and(|cursor| cursor.rank == rank) {
                snapshots(tx, *zone, caller.person.id, position, page).await?;
            }
        }
    }
    let mut scopes = Vec::new();
    for (zone, mut position) in positions {
        position.own = position.own.filter(|(_, last)| *last > position.after);
        let complete = position.pull.is_none() && position.after == end;
        page.more |= !complete;
        let digest = if complete { Some(documents::digest(tx, zone).await?.unwrap_or(0)) } else { None };
        scopes.push(Scope { zone, position: Some(position), digest });
    }
    Ok(scopes)
}

/// What a phone pushed earlier and just now, as one range where nobody else pushed under its key in between. With the earlier
/// one forgotten it only gets again what it has.
async fn with_own(
    tx: &mut Connection,
    device: DeviceId,
    earlier: Option<(u64, u64)>,
    now: Option<(u64, u64)>,
) -> Result<Option<(u64, u64)>, ServiceError> {
    let (Some((first, until)), Some((from, last))) = (earlier, now) else { return Ok(now.or(earlier)) };
    let alone = until < from && !log::is_busy_between(tx, device, until, from).await?;
    Ok(Some((if alone { first } else { from }, last)))
}

async fn follow(
    tx: &mut Connection,
    zone: ZoneId,
    device: DeviceId,
    position: &mut Position,
    end: u64,
    page: &mut Page,
) -> Result<(), ServiceError> {
    let own = position.own;
    let is_own = |row: &log::StreamRow| {
        let by_it = row.change.as_ref().is_some_and(|change| change.device == device);
        by_it && own.is_some_and(|(first, last)| (first..=last).contains(&row.seq))
    };
    'stream: loop {
        let rows = log::stream(tx, zone, position.after, end, ROWS).await?;
        if rows.is_empty() {
            position.after = end;
            break;
        }
        for row in rows {
            let seq = row.seq;
            let item = if is_own(&row) { None } else { item(tx, zone, row).await? };
            if let Some(item) = item {
                if !page.fits(body_length(&item)) {
                    break 'stream;
                }
                page.add(item);
            }
            position.after = seq;
        }
    }
    Ok(())
}

fn body_length(item: &Item) -> usize {
    match &item.body {
        Body::Change(bytes) | Body::Snapshot(bytes) => bytes.len(),
        Body::LetGo => 0,
    }
}

async fn item(tx: &mut Connection, zone: ZoneId, row: log::StreamRow) -> Result<Option<Item>, ServiceError> {
    let issue = row.issue;
    Ok(match (row.kind, row.change) {
        (Kind::Change, Some(change)) if screen::change_hash(&change.bytes) == Ok(change.hash) => {
            // The number came with the first change, or is in the snapshot.
            let is_first = screen(&change.bytes).is_ok_and(|screened| screened.deps.is_empty());
            let (number, receipt) = (is_first.then_some(change.number), Some(change.receipt));
            Some(Item { zone, issue, body: Body::Change(change.bytes), number, receipt })
        }
        (Kind::LetGo, _) => Some(Item { zone, issue, body: Body::LetGo, number: None, receipt: None }),
        (kind, _) => {
            if kind == Kind::Change {
                tracing::error!(%issue, seq = row.seq, "a change in the log is damaged; phones get the document instead");
            }
            sound(tx, issue).await?.map(|stored| snapshot(zone, stored))
        }
    })
}

/// The stored document of an issue as it may go to a phone.
async fn sound(tx: &mut Connection, issue: IssueId) -> Result<Option<Stored>, ServiceError> {
    match documents::find(tx, issue).await? {
        Some(stored) => mended(tx, stored).await,
        None => Ok(None),
    }
}

/// A document whose bytes are damaged is made again from the log. Where that is damaged, too, the issue stays alone.
async fn mended(tx: &mut Connection, stored: Stored) -> Result<Option<Stored>, ServiceError> {
    if screen::is_whole(&stored.bytes) {
        return Ok(Some(stored));
    }
    tracing::error!(issue = %stored.issue, "the stored document is damaged; the log is read instead");
    let document = super::from_log(&log::of_issue(tx, stored.issue).await?).ok();
    Ok(document.map(|document| Stored { bytes: document.save(), ..stored }))
}

/// The proof for a document's heads is needed once a page; sixteen bytes that do not compress are worth saving.
fn keep_last_receipts(items: &mut [Item]) {
    let mut seen = BTreeSet::new();
    for item in items.iter_mut().rev() {
        item.receipt = item.receipt.filter(|_| seen.insert(item.issue));
    }
}

fn snapshot(zone: ZoneId, stored: Stored) -> Item {
    let (number, receipt) = (Some(stored.number), Some(stored.receipt));
    Item { zone, issue: stored.issue, body: Body::Snapshot(stored.bytes), number, receipt }
}

/// Goes on with a first pull as far as the page reaches.
async fn snapshots(
    tx: &mut Connection,
    zone: ZoneId,
    person: PersonId,
    position: &mut Position,
    page: &mut Page,
) -> Result<(), ServiceError> {
    while let Some(cursor) = position.pull {
        let found = documents::page(tx, zone, person, cursor.rank, cursor.last, ROWS).await?;
        if found.is_empty() {
            let next = Cursor { rank: cursor.rank + 1, last: None };
            position.pull = (cursor.rank < LAST_RANK).then_some(next);
            // The next rank waits for the other zones: what is open everywhere is worth more than what is closed here.
            return Ok(());
        }
        for stored in found {
            if !page.fits(stored.bytes.len()) {
                return Ok(());
            }
            position.pull = Some(Cursor { last: Some(stored.issue), ..cursor });
            let stored = mended(tx, stored).await?;
            stored.into_iter().for_each(|stored| page.add(snapshot(zone, stored)));
        }
    }
    Ok(())
}

async fn wanted(tx: &mut Connection, caller: &Caller, want: &[IssueId], page: &mut Page) -> Result<(), ServiceError> {
    for issue in want.iter().take(100) {
        let Some(stored) = sound(tx, *issue).await? else { continue };
        let allowed = may_see_zone(&caller.person, stored.zone) || takes_part(&stored, caller.person.id);
        match page.fits(stored.bytes.len()) {
            true if allowed => page.add(snapshot(stored.zone, stored)),
            fits => page.more |= allowed && !fits,
        }
    }
    Ok(())
}

/// Who moves his own report to a zone that is not his, before his first pull, would never read the stream that lets it go.
async fn let_go_of_what_left(
    tx: &mut Connection,
    caller: &Caller,
    request: &Request,
    page: &mut Page,
) -> Result<(), ServiceError> {
    let pushed: BTreeSet<IssueId> = request.pushes.iter().map(|push| push.issue).collect();
    let zones = &caller.person.zones;
    for (issue, zone) in documents::elsewhere(tx, &pushed.into_iter().collect::<Vec<_>>(), zones).await? {
        if may_see_zone(&caller.person, zone) {
            continue;
        }
        let Some(stored) = documents::find(tx, issue).await? else { continue };
        if !takes_part(&stored, caller.person.id) {
            page.add(Item { zone: stored.zone, issue, body: Body::LetGo, number: None, receipt: None });
        }
    }
    Ok(())
}

/// Somebody may be responsible for an issue of a zone that is not his.
fn takes_part(stored: &Stored, person: PersonId) -> bool {
    let read = super::load(stored).and_then(|document| document.read(stored.issue).ok());
    read.is_some_and(|issue| issue.assignee == Some(person) || issue.responsible.contains_key(&person))
}

/// Sends what differs, and names what the hub may have less of.
async fn repair(
    tx: &mut Connection,
    caller: &Caller,
    repair: Option<&Repair>,
    page: &mut Page,
) -> Result<Vec<IssueId>, ServiceError> {
    let follows = |zone| caller.person.zones.contains(&zone) && may_see_zone(&caller.person, zone);
    let Some(repair) = repair.filter(|repair| follows(repair.zone)) else { return Ok(Vec::new()) };
    let mut phone: BTreeMap<IssueId, u64> = repair.fingerprints.iter().copied().collect();
    let mut lacking = Vec::new();
    let here = documents::fingerprints(tx, repair.zone).await?.into_iter().filter(|(issue, _)| repair.covers(*issue));
    for (issue, fingerprint) in here {
        let theirs = phone.remove(&issue);
        if theirs == Some(fingerprint) {
            continue;
        }
        lacking.extend(theirs.map(|_| issue));
        let Some(stored) = sound(tx, issue).await? else { continue };
        if page.fits(stored.bytes.len()) {
            page.add(snapshot(repair.zone, stored));
        }
    }
    for issue in phone.into_keys() {
        // Here in another zone, or not at all: after a restore the phone may know better, and offers it before it lets go.
        lacking.push(issue);
        if documents::find(tx, issue).await?.is_some() {
            page.add(Item { zone: repair.zone, issue, body: Body::LetGo, number: None, receipt: None });
        }
    }
    Ok(lacking)
}

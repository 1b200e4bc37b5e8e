//! Taking in one page: verdicts first, then items, each document for itself, into one batch with the new position.

use std::collections::{BTreeMap, BTreeSet};

use super::covered::covered;
use super::{Batch, Engine, Output, Reached, Refused, StoredDocument, Unsent};
use crate::doc::screen::screen;
use crate::doc::{DocError, Document, Edit};
use crate::id::{ChangeHash, IssueId, ZoneId};
use crate::model::summary::Summary;
use crate::sync::Refusal;
use crate::sync::wire::{Body, Decided, Heal, Item, Receipt, Response, Scope, Verdict};
use crate::time::Timestamp;

/// A repair of a zone that does not help must not become a loop.
const MOST_REPAIRS: u32 = 3;

/// What the phone keeps of a document; `None` where it cannot be read.
pub(super) fn stored(
    issue: IssueId,
    document: &Document,
    number: Option<String>,
    receipt: Option<Receipt>,
) -> Option<StoredDocument> {
    let read = document.read(issue).ok()?;
    let summary = Summary::of(&read, number.clone(), !document.conflicts().is_empty());
    let (zone, fingerprint) = (read.zone, document.fingerprint(issue));
    Some(StoredDocument { issue, zone, bytes: document.save(), fingerprint, number, receipt, summary })
}

impl Engine {
    /// The documents that a page needs.
    pub(super) fn touched(&self, response: &Response) -> Vec<IssueId> {
        let pushed = self.pushed_in_order();
        let judged = pushed.iter().map(|unsent| unsent.issue).take(response.verdicts.len());
        let items = response.items.iter().map(|item| item.issue);
        let all: BTreeSet<_> = judged.chain(items).chain(response.lacking.iter().copied()).collect();
        all.into_iter().collect()
    }

    fn pushed_in_order(&self) -> Vec<Unsent> {
        let pushed = self.link.pushed();
        self.unsent.iter().filter(|unsent| pushed.contains(&unsent.hash)).cloned().collect()
    }

    pub(super) fn take_in(
        &mut self,
        now: Timestamp,
        response: Response,
        found: BTreeMap<IssueId, StoredDocument>,
    ) -> Batch {
        let pending = self.unsent.iter().map(|unsent| unsent.hash).collect();
        let is_last = response.stopped.is_some();
        let mut page = Page { stored: found, pending, is_last, ..Page::default() };
        self.outputs.push_back(Output::ServerTime { time: response.time });
        self.begin_anew_with_another_log(&response);
        self.judge_pushes(now, &mut page, &response.verdicts);
        self.offer_what_the_hub_lacks(&mut page, &response.lacking);
        if is_last {
            self.tell_what_is_here(&response);
            return page.finish();
        }
        for item in &response.items {
            self.take_item(&mut page, item);
        }
        self.go_on_after_another_beginning(now, &mut page);
        self.want.append(&mut page.broken);
        self.want.extend(std::mem::take(&mut page.incomplete).into_iter().map(|(issue, _)| issue));
        self.take_decisions(now, &mut page, response.decided.as_deref().unwrap_or_default());
        self.follow_scopes(&mut page, &response);
        self.outputs.push_back(Output::Office { version: response.office });
        page.finish()
    }

    /// What was offered before the office was restored, it may lack again.
    fn begin_anew_with_another_log(&mut self, response: &Response) {
        // A stopped phone stores no position, so it would hear of the same log again with every answer.
        let told = response.stopped.is_some() && response.log == self.told_of;
        if response.log.is_some() && response.log != self.reached.log && !told {
            self.healed.clear();
            self.repairs.clear();
            self.parts.clear();
            self.agreed = false;
            self.unproven = self.reached.log.is_some();
        }
    }

    /// Out of service, and the office was restored meanwhile: what it lost may be nowhere but here. Should it take this phone
    /// back, everything is pulled anew.
    fn tell_what_is_here(&mut self, response: &Response) {
        // It may have heard of the other log before it was stopped, and not come to comparing.
        let log = response.log.or(self.reached.log);
        if self.unproven && self.told_of != log {
            (self.reached.log, self.reached.scopes) = (log, BTreeMap::new());
            self.untold = self.documents.values().map(|(zone, _)| *zone).collect();
            self.parts.clear();
        }
        self.told_of = log;
        self.repair = self.untold.first().copied();
    }

    fn judge_pushes(&mut self, now: Timestamp, page: &mut Page, verdicts: &[Verdict]) {
        let mut refused: BTreeMap<IssueId, BTreeMap<ChangeHash, (Refusal, bool)>> = BTreeMap::new();
        let (mut waiting, mut standing) = (Vec::new(), Vec::new());
        for (unsent, verdict) in self.pushed_in_order().into_iter().zip(verdicts) {
            let mut refuse =
                |why: &Refusal, held| refused.entry(unsent.issue).or_default().insert(unsent.hash, (why.clone(), held));
            match verdict {
                Verdict::Accepted { number, receipt } => page.accepted(&unsent, number, *receipt),
                Verdict::Known { receipt } => page.accepted(&unsent, &None, *receipt),
                Verdict::MissingDependencies => waiting.push(unsent),
                Verdict::Refused(why) if *why == Refusal::stands_already() => standing.push(unsent),
                Verdict::Refused(why) => drop(refuse(why, false)),
                Verdict::Held(why) => drop(refuse(why, true)),
            }
        }
        standing.into_iter().for_each(|unsent| self.follow_what_stands(page, unsent));
        for (issue, refused) in refused {
            self.take_back(now, page, issue, &refused);
        }
        // What still waits has its ancestors neither here in the outbox nor at the hub: the hub lost them.
        waiting.retain(|unsent| !page.batch.sent.contains(&unsent.hash));
        page.stuck.extend(waiting.iter().map(|unsent| unsent.hash));
        self.lacking.extend(waiting.into_iter().map(|unsent| unsent.issue));
    }

    /// The office has its record in a change of its own, which comes with the items if it is not here yet. Of a report that one is
    /// another beginning, which will be seen when it comes.
    fn follow_what_stands(&mut self, page: &mut Page, unsent: Unsent) {
        page.sent(unsent.hash);
        if !unsent.intent.genesis {
            let issue = unsent.issue;
            let mut mine: Vec<Unsent> = self.waiting(page).filter(|other| other.issue == issue).cloned().collect();
            mine.push(unsent);
            page.without(issue, &mine);
            page.begun_anew.insert(issue);
        }
    }

    /// Drops refused changes and everything that builds on them, then writes again what is still meant.
    fn take_back(
        &mut self,
        now: Timestamp,
        page: &mut Page,
        issue: IssueId,
        refused: &BTreeMap<ChangeHash, (Refusal, bool)>,
    ) {
        let open = |unsent: &&Unsent| unsent.issue == issue && !page.batch.sent.contains(&unsent.hash);
        let mine: Vec<Unsent> = self.unsent.iter().filter(open).cloned().collect();
        let first = mine.iter().position(|unsent| refused.contains_key(&unsent.hash)).unwrap_or(0);
        let dropped = &mine[first..];
        page.without(issue, dropped);
        self.actors.remove(&issue);
        let mut lost = BTreeSet::new();
        for unsent in dropped {
            match refused.get(&unsent.hash) {
                Some((refusal, held)) => {
                    lost.extend((!held).then_some(unsent.hash));
                    page.refuse(unsent, refusal.clone(), *held);
                }
                None if !page.is_last => self.write_again(now, page, unsent),
                // Out of service, nothing is written any more: it goes as it is, and waits for the desk with the others, unless
                // what it builds on will never be there.
                None if builds_on(&lost, unsent) => {
                    lost.insert(unsent.hash);
                    page.refuse(unsent, Refusal::builds_on_refused(), false);
                }
                None => {}
            }
        }
    }

    fn write_again(&mut self, now: Timestamp, page: &mut Page, unsent: &Unsent) {
        // The desk may have adopted it, and a storage that was put back has forgotten that this was written again already.
        if page.says(unsent.issue, &unsent.intent) {
            // What it built on is gone from the document all the same.
            page.touch(unsent.issue);
            return page.sent(unsent.hash);
        }
        let stored = page.close(unsent.issue);
        let is_there = stored.is_some();
        let possible = is_there || unsent.intent.genesis;
        let written = possible.then(|| self.author(now, unsent.issue, stored, unsent.intent.clone())).flatten();
        match written {
            Some((document, again)) => {
                page.sent(unsent.hash);
                page.stored.insert(unsent.issue, document);
                page.touch(unsent.issue);
                page.pending.insert(again.hash);
                page.batch.unsent.push(Unsent { made_at: unsent.made_at, ..again });
            }
            None => {
                if is_there {
                    page.touch(unsent.issue);
                }
                page.refuse(unsent, Refusal::builds_on_refused(), false);
            }
        }
    }

    fn take_item(&mut self, page: &mut Page, item: &Item) {
        match &item.body {
            Body::Change(change) => {
                let begins = screen(change).ok().filter(|screened| screened.deps.is_empty());
                begins.into_iter().for_each(|screened| page.begins_with(item.issue, screened.hash));
                let result = page.merge(item, |document| document.apply([change.as_slice()]));
                if matches!(result, Err(DocError::MissingDependencies)) {
                    page.incomplete.insert((item.issue, item.zone));
                } else if result.is_err() {
                    page.batch.set_aside.push((item.issue, change.clone()));
                }
            }
            Body::Snapshot(bytes) => {
                self.link.came.insert(item.issue);
                let theirs = Document::load(bytes);
                // A first pull brings many that are not here: of those nobody needs to know how they begin.
                if page.holds(item.issue)
                    && let Some((first, _)) = theirs.iter().flat_map(Document::authors).next()
                {
                    page.begins_with(item.issue, first);
                }
                let is_new = !page.holds(item.issue);
                if page.merge(item, |document| document.merge(&mut theirs?)).is_err() {
                    page.batch.set_aside.push((item.issue, bytes.clone()));
                } else if is_new && !page.begun_anew.contains(&item.issue) {
                    self.bring_back_unsent(page, item.issue);
                }
            }
            Body::LetGo => {
                page.incomplete.remove(&(item.issue, item.zone));
                let zone = page.zone(item.issue).or(self.documents.get(&item.issue).map(|(zone, _)| *zone));
                let elsewhere = zone.is_some_and(|zone| zone != item.zone && self.reached.scopes.contains_key(&zone));
                if self.unproven && !elsewhere {
                    self.offer_what_the_hub_lacks(page, &[item.issue]);
                }
                // What only this phone may still have is offered first; the digests will ask again to let it go.
                match page.offered.contains(&item.issue) {
                    true => drop(self.opened.remove(&item.issue)),
                    false if !elsewhere => self.let_go(page, item.issue),
                    false => {}
                }
            }
        }
    }

    /// What this phone wrote in a document that is otherwise at the office is written again.
    fn go_on_after_another_beginning(&mut self, now: Timestamp, page: &mut Page) {
        for issue in std::mem::take(&mut page.begun_anew) {
            self.actors.remove(&issue);
            let mine: Vec<Unsent> = self.waiting(page).filter(|unsent| unsent.issue == issue).cloned().collect();
            page.without(issue, &mine);
            mine.iter().for_each(|unsent| self.write_again(now, page, unsent));
        }
    }

    /// A document that was let go and comes again gets back what this phone wrote in it and has not sent yet.
    fn bring_back_unsent(&self, page: &mut Page, issue: IssueId) {
        // This very page may have made some of them, by writing again what was built on a refused change.
        let mine: Vec<Unsent> = self.waiting(page).filter(|unsent| unsent.issue == issue).cloned().collect();
        let open = page.open(issue);
        for unsent in mine {
            // What the office lacks the ancestors of stays in the outbox; its verdict will tell.
            let _ = open.document.apply([unsent.change.as_slice()]);
        }
    }

    /// What was adopted waits for nobody any more, and what this phone built on it while it was out of service is written again:
    /// the desk wrote it as a change of its own. What was discarded is the person's to deal with, and so is what builds on it.
    fn take_decisions(&mut self, now: Timestamp, page: &mut Page, decided: &[Decided]) {
        let held: Vec<Refused> = self.refused.iter().filter(|refused| refused.held).cloned().collect();
        for refused in held {
            let Some(decided) = decided.iter().find(|decided| decided.hash == refused.hash) else { continue };
            let built = self.what_builds_on(&refused);
            // An office that was restored knows of no decision, and may have got back what it had adopted.
            let adopted = decided.adopted || page.says(refused.issue, &refused.intent);
            let asked_in_vain =
                self.link.wanted.contains(&refused.issue) && self.link.wanted.is_disjoint(&self.link.came);
            if adopted && !built.is_empty() && !page.holds(refused.issue) && !asked_in_vain {
                // It is asked again when the document is here.
                self.want.insert(refused.issue);
                continue;
            }
            if !adopted {
                page.batch.refused.push(Refused { held: false, reason: decided.reason.clone(), ..refused.clone() });
            }
            if adopted && page.holds(refused.issue) {
                self.actors.remove(&refused.issue);
                built.iter().for_each(|unsent| self.write_again(now, page, unsent));
            } else {
                built.iter().for_each(|unsent| page.refuse(unsent, Refusal::builds_on_refused(), false));
            }
            page.batch.dismissed.push(refused.hash);
        }
    }

    /// What was refused goes. What waits for a held change waits for nothing any more.
    pub(super) fn dismiss(&self, hash: ChangeHash) -> Batch {
        let mut page = Page { batch: Batch { dismissed: vec![hash], ..Batch::default() }, ..Page::default() };
        let held = self.refused.iter().find(|refused| refused.hash == hash && refused.held);
        let built = held.map(|held| self.what_builds_on(held)).unwrap_or_default();
        built.iter().for_each(|unsent| page.refuse(unsent, Refusal::builds_on_refused(), false));
        page.finish()
    }

    fn what_builds_on(&self, held: &Refused) -> Vec<Unsent> {
        let mut ground = BTreeSet::from([held.hash]);
        let mut built = Vec::new();
        for unsent in self.unsent.iter().filter(|unsent| unsent.issue == held.issue) {
            if builds_on(&ground, unsent) {
                ground.insert(unsent.hash);
                built.push(unsent.clone());
            }
        }
        built
    }

    fn follow_scopes(&mut self, page: &mut Page, response: &Response) {
        let mine: BTreeSet<ZoneId> = response.scopes.iter().map(|scope| scope.zone).collect();
        self.let_go_of_what_is_no_longer_mine(page, &mine);
        let mut scopes = BTreeMap::new();
        for scope in &response.scopes {
            let before = self.reached.scopes.get(&scope.zone).copied();
            scopes.extend(scope.position.or(before).map(|position| (scope.zone, position)));
        }
        self.compare_digests(page, response);
        let (log, last_contact) = (response.log.or(self.reached.log), Some(response.time));
        page.batch.position = Some(Reached { log, scopes, last_contact, unproven: self.unproven });
    }

    /// What somebody opened or made of a zone that was never his stays until the app starts anew, unless it is not sent yet; what
    /// the hub lacks, until it was offered, and what it may lack the ground of, until it has said so.
    fn let_go_of_what_is_no_longer_mine(&mut self, page: &mut Page, mine: &BTreeSet<ZoneId>) {
        let followed = |zone: &ZoneId| self.reached.scopes.contains_key(zone);
        let before: BTreeMap<IssueId, ZoneId> =
            self.documents.iter().map(|(issue, (zone, _))| (*issue, *zone)).collect();
        let mut now = before.clone();
        // This very page may have moved an issue to another zone, or taken back a move that was refused.
        now.extend(page.zones());
        let was_mine = |issue: &IssueId| self.healed.contains(issue) || before.get(issue).is_some_and(followed);
        let waits: BTreeSet<IssueId> = self.waiting(page).map(|unsent| unsent.issue).collect();
        let is_guest = |issue: &IssueId| self.opened.contains(issue) || waits.contains(issue);
        now.retain(|issue, zone| !mine.contains(zone) && (followed(zone) || was_mine(issue) || !is_guest(issue)));
        let last = |issue: &IssueId| page.offered.contains(issue) || (self.unproven && waits.contains(issue));
        let (stay, go): (BTreeSet<IssueId>, BTreeSet<IssueId>) = now.into_keys().partition(last);
        go.into_iter().for_each(|issue| self.let_go(page, issue));
        // Not as a guest: with the next page it goes.
        self.opened.retain(|issue| !stay.contains(issue));
    }

    /// Where the report stands at the office in another change, that one will not come here any more: what was built on the one
    /// that this phone had fits nowhere.
    fn let_go(&self, page: &mut Page, issue: IssueId) {
        let mine: Vec<Unsent> = self.waiting(page).filter(|unsent| unsent.issue == issue).cloned().collect();
        let begins = mine.iter().any(|unsent| unsent.intent.genesis);
        if !mine.is_empty() && !begins && page.holds(issue) && page.open(issue).receipt.is_none() {
            mine.iter().for_each(|unsent| page.refuse(unsent, Refusal::builds_on_refused(), false));
        }
        page.let_go(issue);
    }

    /// What the office still does not have after this page.
    fn waiting<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = &'a Unsent> {
        self.unsent.iter().chain(&page.batch.unsent).filter(|unsent| !page.batch.sent.contains(&unsent.hash))
    }

    /// Only a phone that has read everything and holds nothing back can compare. What waits for its ancestors may wait for ever.
    fn compare_digests(&mut self, page: &Page, response: &Response) {
        let holds_back = self.waiting(page).any(|unsent| !page.stuck.contains(&unsent.hash));
        if response.more || holds_back || !self.want.is_empty() {
            return;
        }
        let digests = page.digests(&self.documents);
        let differs = |zone: ZoneId, digest: u64| digests.get(&zone).copied().unwrap_or(0) != digest;
        let is_wrong = |scope: &&Scope| scope.digest.is_some_and(|digest| differs(scope.zone, digest));
        let wrong: BTreeSet<ZoneId> = response.scopes.iter().filter(is_wrong).map(|scope| scope.zone).collect();
        self.unproven &= !wrong.is_empty();
        self.agreed = wrong.is_empty() && response.scopes.iter().all(|scope| scope.digest.is_some());
        self.repairs.retain(|zone, _| wrong.contains(zone));
        self.parts.retain(|zone, _| wrong.contains(zone));
        // One page may not hold all that differs: only repairs that brought nothing are counted.
        let counted = self.repaired.filter(|_| page.brings_something()).and_then(|zone| self.repairs.get_mut(&zone));
        counted.into_iter().for_each(|tried| *tried = 1.max(*tried - 1));
        let begins = |zone: &ZoneId| !self.parts.contains_key(zone);
        let tried_enough = |zone: &ZoneId| self.repairs.get(zone).is_some_and(|tried| *tried >= MOST_REPAIRS);
        let hopeless = |zone: &ZoneId| begins(zone) && tried_enough(zone);
        self.repair = next_after(self.repaired, &wrong.into_iter().filter(|zone| !hopeless(zone)).collect());
        if let Some(zone) = self.repair {
            *self.repairs.entry(zone).or_insert(0) += u32::from(!self.parts.contains_key(&zone));
            self.repaired = self.repair;
        }
    }

    fn offer_what_the_hub_lacks(&mut self, page: &mut Page, lacking: &[IssueId]) {
        self.lacking.extend(lacking);
        for issue in std::mem::take(&mut self.lacking) {
            self.want_what_was_shed(page, issue);
            let heal = if page.holds(issue) { self.heal_of(issue, page.open(issue)) } else { None };
            if heal.is_some() && self.healed.insert(issue) {
                self.heal.extend(heal);
                page.offered.insert(issue);
            }
        }
    }

    /// What the office has no more as its row here says cannot be offered: its row goes, and what the office has of it comes.
    fn want_what_was_shed(&mut self, page: &mut Page, issue: IssueId) {
        if !page.holds(issue) && self.documents.contains_key(&issue) {
            page.let_go(issue);
            self.want.insert(issue);
        }
    }

    /// What the receipt covers; never a change that this phone has not sent yet.
    fn heal_of(&self, issue: IssueId, open: &Open) -> Option<Heal> {
        let receipt = open.receipt?;
        let unsent: BTreeSet<ChangeHash> = self.unsent.iter().map(|unsent| unsent.hash).collect();
        let mut changes = open.document.changes();
        changes.retain(|change| !unsent.contains(&change.hash));
        let changes = covered(issue, changes, receipt).into_iter().map(|change| change.bytes.into()).collect();
        Some(Heal { issue, changes, receipt, number: open.number.clone() })
    }
}

/// In turn: what is missing in one zone may be the other half of what is too much in another.
fn next_after(last: Option<ZoneId>, zones: &BTreeSet<ZoneId>) -> Option<ZoneId> {
    zones.iter().find(|zone| Some(**zone) > last).or(zones.first()).copied()
}

fn builds_on(lost: &BTreeSet<ChangeHash>, unsent: &Unsent) -> bool {
    screen(&unsent.change).is_ok_and(|screened| screened.deps.iter().any(|dependency| lost.contains(dependency)))
}

/// One document while a page is taken in.
#[derive(Default)]
struct Open {
    document: Document,
    number: Option<String>,
    receipt: Option<Receipt>,
    /// The newest receipt of this page: of the hub's heads, all of which the phone may not have yet.
    offered: Option<Receipt>,
    changed: bool,
}

impl Open {
    /// A receipt that covers less than what the phone has, or more, would heal nothing: then the old one stays.
    fn proof(&self, issue: IssueId, pending: &BTreeSet<ChangeHash>) -> Option<Receipt> {
        let fits = |offered: &Receipt| offered.covers(self.document.fingerprint_without(issue, pending));
        let better = self.offered.filter(|offered| self.receipt.is_none() || fits(offered));
        better.or(self.receipt)
    }

    fn is_changed(&self, issue: IssueId, pending: &BTreeSet<ChangeHash>) -> bool {
        let stays = self.offered.is_none() || self.offered == self.receipt || self.document.heads().is_empty();
        self.changed || (!stays && self.proof(issue, pending) != self.receipt)
    }
}

/// A page on its way into a batch.
#[derive(Default)]
struct Page {
    batch: Batch,
    open: BTreeMap<IssueId, Open>,
    stored: BTreeMap<IssueId, StoredDocument>,
    /// Documents whose stored bytes do not load: set aside, and wanted anew from the office.
    broken: BTreeSet<IssueId>,
    /// Documents of which this page brought a change without its ancestors, and the zone whose stream it was.
    incomplete: BTreeSet<(IssueId, ZoneId)>,
    /// Documents that begin otherwise at the office than they did here, or in which its change takes the place of one of this phone.
    begun_anew: BTreeSet<IssueId>,
    /// What the hub has the ancestors of no more than this phone can bring them.
    stuck: BTreeSet<ChangeHash>,
    /// Documents that will be offered to the hub because of this page.
    offered: BTreeSet<IssueId>,
    /// What the hub does not have of this phone.
    pending: BTreeSet<ChangeHash>,
    /// The device is out of service.
    is_last: bool,
}

impl Page {
    fn open(&mut self, issue: IssueId) -> &mut Open {
        if !self.open.contains_key(&issue) {
            let open = self.load(issue);
            self.open.insert(issue, open);
        }
        self.open.entry(issue).or_default()
    }

    fn load(&mut self, issue: IssueId) -> Open {
        let Some(stored) = self.stored.remove(&issue) else { return Open::default() };
        let Ok(document) = Document::load(&stored.bytes) else {
            self.broken.insert(issue);
            self.batch.set_aside.push((issue, stored.bytes));
            self.batch.gone.push(issue);
            return Open::default();
        };
        let (number, receipt) = (stored.number.clone(), stored.receipt);
        self.stored.insert(issue, stored);
        Open { document, number, receipt, ..Open::default() }
    }

    /// Whether the phone has it, as far as this page has come.
    fn holds(&self, issue: IssueId) -> bool {
        let open = self.open.get(&issue).map(|open| !open.document.heads().is_empty());
        open.unwrap_or_else(|| self.stored.contains_key(&issue))
    }

    /// Whether the document has this record, by whichever change.
    fn says(&mut self, issue: IssueId, intent: &Edit) -> bool {
        self.holds(issue) && self.open(issue).document.read(issue).is_ok_and(|issue| intent.is_recorded_in(&issue))
    }

    /// An issue begins once. Where somebody else at a restored desk adopted it again, as the office has it is what counts.
    fn begins_with(&mut self, issue: IssueId, first: ChangeHash) {
        if self.holds(issue) && !self.open(issue).document.contains(first) {
            let open = std::mem::take(self.open(issue));
            // What no office ever had is in the outbox, or stands at the office.
            if open.receipt.is_some() {
                self.batch.set_aside.push((issue, open.document.save()));
            }
            self.begun_anew.insert(issue);
        }
    }

    fn brings_something(&self) -> bool {
        self.open.values().any(|open| open.changed)
    }

    fn touch(&mut self, issue: IssueId) {
        self.open(issue).changed = true;
    }

    fn sent(&mut self, hash: ChangeHash) {
        self.batch.sent.push(hash);
        self.pending.remove(&hash);
    }

    fn accepted(&mut self, unsent: &Unsent, number: &Option<String>, receipt: Option<Receipt>) {
        self.sent(unsent.hash);
        let open = self.open(unsent.issue);
        if open.document.contains(unsent.hash) {
            open.changed |= number.is_some();
            open.number = number.clone().or(open.number.take());
            open.offered = receipt.or(open.offered);
        }
    }

    fn merge(
        &mut self,
        item: &Item,
        apply: impl FnOnce(&mut Document) -> Result<(), DocError>,
    ) -> Result<(), DocError> {
        let open = self.open(item.issue);
        let before = (open.document.heads(), open.number.clone());
        apply(&mut open.document)?;
        // After a restore the office may have given the old number to somebody else.
        open.number = item.number.clone().or(open.number.take());
        open.changed |= (open.document.heads(), open.number.clone()) != before;
        open.offered = item.receipt.or(open.offered);
        self.batch.gone.retain(|issue| *issue != item.issue);
        Ok(())
    }

    fn zone(&mut self, issue: IssueId) -> Option<ZoneId> {
        self.open(issue).document.read(issue).ok().map(|read| read.zone)
    }

    /// Where the documents are that this page has opened.
    fn zones(&self) -> Vec<(IssueId, ZoneId)> {
        let zone = |(issue, open): (&IssueId, &Open)| Some((*issue, open.document.read(*issue).ok()?.zone));
        self.open.iter().filter_map(zone).collect()
    }

    fn let_go(&mut self, issue: IssueId) {
        self.open.remove(&issue);
        self.stored.remove(&issue);
        self.batch.gone.push(issue);
    }

    /// Builds the document anew without some changes of this device that the hub does not have.
    fn without(&mut self, issue: IssueId, dropped: &[Unsent]) {
        let open = self.open(issue);
        let gone: BTreeSet<ChangeHash> = dropped.iter().map(|unsent| unsent.hash).collect();
        let kept = open.document.changes().into_iter().filter(|change| !gone.contains(&change.hash));
        let kept: Vec<Vec<u8>> = kept.map(|change| change.bytes).collect();
        let mut rebuilt = Document::default();
        let applied = rebuilt.apply(kept.iter().map(Vec::as_slice));
        if kept.is_empty() || applied.is_err() {
            self.let_go(issue);
        } else {
            open.document = rebuilt;
            open.changed = true;
        }
    }

    /// A document of this page as it would be stored now.
    fn close(&mut self, issue: IssueId) -> Option<StoredDocument> {
        if let Some(open) = self.open.remove(&issue) {
            let receipt = open.proof(issue, &self.pending);
            match stored(issue, &open.document, open.number, receipt) {
                Some(document) => drop(self.stored.insert(issue, document)),
                // The position goes on without it, so its bytes must stay.
                None => self.batch.set_aside.push((issue, open.document.save())),
            }
        }
        self.stored.get(&issue).cloned()
    }

    fn refuse(&mut self, unsent: &Unsent, refusal: Refusal, held: bool) {
        self.sent(unsent.hash);
        let Unsent { hash, issue, intent, made_at, .. } = unsent.clone();
        self.batch.refused.push(Refused { hash, issue, intent, refusal, made_at, held, reason: None });
    }

    fn digests(&self, documents: &BTreeMap<IssueId, (ZoneId, u64)>) -> BTreeMap<ZoneId, u64> {
        let mut all = documents.clone();
        all.retain(|issue, _| !self.batch.gone.contains(issue));
        for (issue, open) in &self.open {
            if let Ok(read) = open.document.read(*issue) {
                all.insert(*issue, (read.zone, open.document.fingerprint(*issue)));
            }
        }
        let mut digests = BTreeMap::new();
        for (zone, fingerprint) in all.into_values() {
            *digests.entry(zone).or_insert(0) ^= fingerprint;
        }
        digests
    }

    fn finish(mut self) -> Batch {
        let is_changed = |(issue, open): &(&IssueId, &Open)| open.is_changed(**issue, &self.pending);
        let changed = self.open.iter().filter(is_changed).map(|(issue, _)| *issue);
        for issue in changed.collect::<Vec<_>>() {
            if let Some(document) = self.close(issue) {
                self.batch.gone.retain(|gone| *gone != issue);
                self.batch.documents.push(document);
            }
        }
        self.batch
    }
}

//! When to ask the office, how much at once, and how long to wait after a failure. Knows nothing of documents.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::{Engine, Failure, Output};
use crate::id::{ChangeHash, IssueId, ZoneId};
use crate::sync::wire::{Condition, Heal, Held, MAX_HEALS, MAX_HELD, MAX_PUSHES, PAGE_BYTES, Push, Repair, Request};
use crate::time::{MINUTE, Timestamp};

/// Without live events the phone asks this often, in milliseconds.
const IDLE: i64 = 5 * MINUTE;
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;
/// The first page has to make a usable screen on a weak link.
const FIRST_PAGE: u32 = 32 * 1024;
/// Documents asked for whole in one request.
const MAX_WANTED: usize = 50;
/// What naming one issue takes in a repair, encoded.
const FINGERPRINT_BYTES: usize = 27;

pub(super) struct Link {
    /// `None`: never again (out of service, too old).
    due: Option<Timestamp>,
    /// The changes in the request that is under way, until its answer is stored.
    pushed: Option<BTreeSet<ChangeHash>>,
    nudged: bool,
    failures: u32,
    failure: Option<Failure>,
    page_bytes: u32,
    /// How many of the documents to heal are in the request that is under way.
    healing: usize,
    /// The zone of which it tells a part, and where that part ends.
    repairing: Option<(ZoneId, Option<IssueId>)>,
    /// The documents that this request asks for whole.
    pub wanted: BTreeSet<IssueId>,
    /// Those of them that came.
    pub came: BTreeSet<IssueId>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            due: Some(Timestamp(0)),
            pushed: None,
            nudged: false,
            failures: 0,
            failure: None,
            page_bytes: FIRST_PAGE,
            healing: 0,
            repairing: None,
            wanted: BTreeSet::new(),
            came: BTreeSet::new(),
        }
    }
}

impl Link {
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.is_busy() && self.due.is_some_and(|due| due <= now)
    }

    pub fn is_busy(&self) -> bool {
        self.pushed.is_some()
    }

    pub fn failure(&self) -> Option<Failure> {
        self.failure
    }

    pub fn pushed(&self) -> BTreeSet<ChangeHash> {
        self.pushed.clone().unwrap_or_default()
    }

    pub fn next_wakeup(&self) -> Option<Timestamp> {
        if self.is_busy() { None } else { self.due }
    }

    pub fn nudge(&mut self, now: Timestamp) {
        self.nudged = self.is_busy();
        self.due = self.due.map(|_| now);
    }

    /// The answer is here but not yet stored.
    pub fn answered(&mut self) {
        self.failures = 0;
        self.failure = None;
        self.page_bytes = (self.page_bytes * 2).min(*PAGE_BYTES.end());
    }

    pub fn page_done(&mut self, now: Timestamp, again: bool) {
        self.pushed = None;
        let again = std::mem::take(&mut self.nudged) || again;
        self.due = self.due.map(|_| if again { now } else { now + IDLE });
    }

    /// A device that is out of service goes on only as long as it has something to say.
    pub fn heard(&mut self, now: Timestamp, why: Failure, rest: bool) {
        (self.pushed, self.nudged, self.failure) = (None, false, Some(why));
        self.due = rest.then_some(now);
    }

    /// Waits twice as long after each failure, spread by half so that a whole office does not return at once.
    pub fn failed(&mut self, now: Timestamp, failure: Failure, random: u64) {
        self.pushed = None;
        self.nudged = false;
        self.failure = Some(failure);
        self.page_bytes = (self.page_bytes / 2).max(*PAGE_BYTES.start());
        let wait = (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
        self.failures += 1;
        let spread = (wait / 2).max(1).unsigned_abs();
        let wait = wait / 2 + (random % spread).cast_signed();
        self.due = (!failure.is_final()).then_some(now + wait);
    }
}

impl Engine {
    /// Builds one request from what is stored.
    pub(super) fn send(&mut self) {
        let (pushed, pushes) = self.next_pushes();
        let heal = self.next_heals();
        self.link.healing = heal.len();
        self.link.wanted = self.want.iter().copied().take(MAX_WANTED).collect();
        self.link.came.clear();
        self.turn += 1;
        self.telling = self.news_of_condition(&pushed);
        let repair = self.repair.map(|zone| self.repair_of(zone));
        self.link.repairing = repair.as_ref().map(|part| (part.zone, part.up_to));
        let request = Request {
            log: self.reached.log,
            process: self.process,
            unsent: (self.unsent.len() - pushes.len()) as u32,
            page_bytes: self.link.page_bytes,
            scopes: self.reached.scopes.iter().map(|(zone, position)| (*zone, *position)).collect(),
            pushes,
            want: self.link.wanted.iter().copied().collect(),
            heal,
            repair,
            held: self.held(),
            turn: Some(self.turn),
            condition: self.telling.clone(),
        };
        self.link.pushed = Some(pushed);
        self.outputs.push_back(Output::Send { request });
    }

    /// The condition after this request, where it is another one than the office was told.
    fn news_of_condition(&self, pushed: &BTreeSet<ChangeHash>) -> Option<Condition> {
        let stay = self.unsent.iter().filter(|unsent| !pushed.contains(&unsent.hash));
        let now = Condition { oldest: stay.map(|unsent| unsent.made_at).min(), ..self.condition.clone() };
        (now != self.told).then_some(now)
    }

    /// The changes that somebody may have decided about meanwhile; where they are more than one request names, others each time.
    fn held(&self) -> Option<Held> {
        let held = self.refused.iter().filter(|refused| refused.held).map(|refused| refused.hash);
        let mut held: Vec<ChangeHash> = held.collect();
        let from = (self.turn as usize).saturating_mul(MAX_HELD) % held.len().max(1);
        held.rotate_left(from);
        held.truncate(MAX_HELD);
        (!held.is_empty()).then_some(Held(held))
    }

    /// The office has answered: what it was told need not be told again.
    pub(super) fn delivered(&mut self) {
        self.heal.drain(..self.link.healing.min(self.heal.len()));
        self.link.healing = 0;
        self.repair = None;
        match self.link.repairing.take() {
            Some((zone, Some(up_to))) => drop(self.parts.insert(zone, up_to)),
            Some((zone, None)) => self.ended_round(zone),
            None => {}
        }
        self.told = self.telling.take().unwrap_or_else(|| self.told.clone());
    }

    /// A document that the office does not have, or not for this person, is asked for once and not for ever.
    pub(super) fn stop_wanting_what_does_not_come(&mut self) {
        let (wanted, came) = (std::mem::take(&mut self.link.wanted), std::mem::take(&mut self.link.came));
        // Some of them came: the page may have been too small for the others.
        let done = if wanted.is_disjoint(&came) { &wanted } else { &came };
        self.want.retain(|issue| !done.contains(issue));
    }

    /// As many as fit the page; at least one, however long it is.
    fn next_heals(&self) -> Vec<Heal> {
        let mut fits = self.room();
        let length = |heal: &Heal| heal.changes.iter().map(|change| change.len()).sum();
        self.heal.iter().take_while(|heal| fits(length(heal))).take(MAX_HEALS).cloned().collect()
    }

    /// Says for one length after the other whether it still fits the page; the first always does.
    fn room(&self) -> impl FnMut(usize) -> bool + use<> {
        let page = self.link.page_bytes as usize;
        let mut used = None;
        move |length| {
            let total = used.unwrap_or(0) + length;
            let fits = used.is_none() || total <= page;
            used = Some(total);
            fits
        }
    }

    /// In the order in which they were made, as many as fit the page; at least one, however long it is.
    fn next_pushes(&self) -> (BTreeSet<ChangeHash>, Vec<Push>) {
        let mut fits = self.room();
        let chosen = self.unsent.iter().take_while(|unsent| fits(unsent.change.len())).take(MAX_PUSHES);
        let push = |unsent: &super::Unsent| Push { issue: unsent.issue, change: unsent.change.clone() };
        chosen.map(|unsent| (unsent.hash, push(unsent))).unzip()
    }

    fn ended_round(&mut self, zone: ZoneId) {
        self.parts.remove(&zone);
        self.untold.remove(&zone);
    }

    /// The next part of a zone, as large as the page: a weak link would never carry a large zone at once.
    fn repair_of(&self, zone: ZoneId) -> Repair {
        let after = self.parts.get(&zone).copied();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut of_zone = self.documents.range((from, Bound::Unbounded)).filter(|(_, (at, _))| *at == zone);
        let most = self.most_named.min(self.link.page_bytes as usize / FINGERPRINT_BYTES);
        let named = of_zone.by_ref().take(most).map(|(issue, (_, fingerprint))| (*issue, *fingerprint));
        let fingerprints: Vec<(IssueId, u64)> = named.collect();
        let up_to = of_zone.next().and(fingerprints.last()).map(|(issue, _)| *issue);
        Repair { zone, fingerprints, after, up_to }
    }
}

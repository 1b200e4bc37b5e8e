//! One transaction of changes: judged, healed or written by the hub itself, and at its end the log, the stream, the documents and
//! the projection together. Knows no page and no news.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use xiaohao_shared::doc::screen::{ScreenError, Screened, screen};
use xiaohao_shared::doc::{Document, Edit, RawChange};
use xiaohao_shared::id::{Actor, ChangeHash, DeviceId, HUB, IssueId, PersonId, ZoneId};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::wire::{Heal, Push, Verdict};
use xiaohao_shared::time::Timestamp;

use super::judge::{Candidate, Case, Finding, Found, Judge};
use super::open::{Author, Entry, Open, Standing, opened, stored};
use super::receipts::proves;
use crate::service::admission::{Admitted, Bench, Outcome, Way, join, trial};
use crate::service::{Service, ServiceError, Write, random};
use crate::store::documents::{self, Counted, Stored};
use crate::store::held;
use crate::store::log::{self, Kind, News};
use crate::store::projection::{self, BroughtBy, Context, Rewrite, Rows, Told};
use crate::store::supervision;

/// Refused changes that a device may leave behind open; of further ones only the count is kept.
const MAX_EVIDENCE: i64 = 200;
/// Highest serial of a day that a phone may give back; beyond, a lie would use up the numbers of a day.
const MAX_SERIAL: i64 = 99_999;

/// What came of an edit by the hub itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authored {
    Written,
    /// The document says it already.
    Nothing,
    /// The document does not take it.
    NoRoom,
}

/// Documents that are changed in this transaction, and what is to be logged of it; all of it is written at the end.
pub struct Merge {
    pub secret: [u8; 32],
    pub now: Timestamp,
    pub open: BTreeMap<IssueId, Open>,
    pub entries: Vec<Entry>,
    /// The first and the last position that were taken.
    pub taken: Option<(u64, u64)>,
    /// Issues that whoever pushed has in another form than the office.
    pub otherwise: BTreeSet<IssueId>,
}

impl Merge {
    pub fn new(service: &Service) -> Self {
        Self {
            secret: service.secret,
            now: service.now(),
            open: BTreeMap::new(),
            entries: Vec::new(),
            taken: None,
            otherwise: BTreeSet::new(),
        }
    }

    /// Tells those who wait that there is something new; to be called after the commit.
    pub fn announce(&self, service: &Service) {
        if let Some((_, last)) = self.taken {
            service.live.send_replace(last);
        }
    }

    /// Judges the pushes of a page and keeps what is admitted, refused or held of them; one verdict for each.
    pub async fn push(
        &mut self,
        tx: &mut Write<'_>,
        bench: Bench,
        pushes: &[Push],
    ) -> Result<Vec<Verdict>, ServiceError> {
        let named: Vec<_> = pushes.iter().map(named).collect();
        let hashes: Vec<ChangeHash> = named.iter().map(|(hash, _)| *hash).collect();
        let mut standing = log::known(tx, &hashes).await?;
        standing.extend(self.standing());
        let mut verdicts = verdicts_before(tx, &hashes, &standing).await?;
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
        standing.extend(self.standing());
        self.otherwise.extend(named_for_another(&standing, &hashes, pushes));
        let first = |at: usize| hashes.iter().position(|hash| *hash == hashes[at]);
        let twin = |at: usize| first(at).and_then(|first| verdicts[first].clone());
        let all = (0..pushes.len()).filter_map(|at| verdicts[at].clone().or_else(|| twin(at).map(again)));
        Ok(all.zip(pushes).map(|(verdict, push)| self.told(bench.way, push.issue, verdict)).collect())
    }

    /// A phone that goes on must put the office's change in the place of its own. For anybody else the office has it; but no receipt
    /// covers what he has.
    fn told(&mut self, way: Way, issue: IssueId, verdict: Verdict) -> Verdict {
        if way == Way::Own || verdict != Verdict::Refused(Refusal::stands_already()) {
            return verdict;
        }
        self.otherwise.insert(issue);
        Verdict::Known { receipt: None }
    }

    /// What this transaction has written so far.
    fn standing(&self) -> impl Iterator<Item = (ChangeHash, IssueId)> {
        self.entries.iter().map(|entry| (entry.change.hash, entry.issue))
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
            Finding::Stands(edit) => {
                let why = Refusal::stands_already();
                if bench.way != Way::Own {
                    // Nobody writes anew what builds on it, and another page may bring that.
                    self.set_aside(tx, bench, hash, push, &why, Some(edit), true).await?;
                    held::is_adopted(tx, hash, self.now).await?;
                }
                Ok(Verdict::Refused(why))
            }
            Finding::Refused(why, edit) => {
                // Whoever brings the change of another device must not make that hash unheard for its owner.
                let hash = if why == Refusal::foreign_actor() { brought(bench.device, push) } else { hash };
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
    pub async fn heal(&mut self, tx: &mut Write<'_>, heal: &Heal) -> Result<(), ServiceError> {
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
        let mut standing = log::known(tx, &hashes).await?;
        standing.extend(self.standing());
        // A change stands in one issue.
        if standing.iter().any(|(hash, issue)| hashes.contains(hash) && *issue != heal.issue) {
            return Ok(());
        }
        for (screened, bytes) in screened.iter().zip(&heal.changes) {
            let document = &self.open_one(tx, heal.issue).await?.document;
            if standing.contains_key(&screened.hash) || document.contains(screened.hash) {
                continue;
            }
            // Somebody else at the restored desk adopted the report too: an issue begins once, and here it has begun.
            if screened.deps.is_empty() && !document.heads().is_empty() {
                return Ok(());
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

    /// Writes the log and every changed document with its rows; gives back the documents.
    pub async fn close(&mut self, tx: &mut Write<'_>) -> Result<BTreeMap<IssueId, Stored>, ServiceError> {
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
        Ok(documents.into_iter().map(|(_, stored)| (stored.issue, stored)).collect())
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
        let (mut changes, mut news, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for (seq, Entry { by, issue, change, receipt, from, to, pressed }) in (first..).zip(entries) {
            let (Author { device, person }, RawChange { hash, bytes }) = (by, change);
            changes.push(log::Change { seq, issue, hash, device, person, received_at: self.now, receipt, bytes });
            let moved = from.filter(|from| *from != to);
            news.extend(moved.map(|zone| News { zone, seq, kind: Kind::LetGo, issue }));
            let kind = if moved.is_some() { Kind::Snapshot } else { Kind::Change };
            news.push(News { zone: to, seq, kind, issue });
            numbers.extend(pressed.map(|number| supervision::Noted { number, issue, seq }));
        }
        supervision::note(tx, &numbers).await?;
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

    /// Writes an edit under an actor of the hub's own, in the name of a person.
    pub async fn author(
        &mut self,
        tx: &mut Write<'_>,
        id: IssueId,
        person: PersonId,
        edit: Edit,
    ) -> Result<Authored, ServiceError> {
        self.author_as(tx, id, (person, u64::from_be_bytes(random())), edit).await
    }

    /// Writes what was held, as the same change each time that the same person adopts it in the same document: a desk that was
    /// restored and adopts once more does not begin a second time what phones still have of the first.
    pub async fn adopt(
        &mut self,
        tx: &mut Write<'_>,
        id: IssueId,
        person: PersonId,
        held: ChangeHash,
        edit: Edit,
    ) -> Result<Authored, ServiceError> {
        let mut named = Sha256::new().chain_update(held.0).chain_update(person.0.to_be_bytes());
        for head in self.open_one(tx, id).await?.document.heads() {
            named.update(head.0);
        }
        let mut nonce = [0; 8];
        nonce.iter_mut().zip(named.finalize()).for_each(|(to, from)| *to = from);
        self.author_as(tx, id, (person, u64::from_be_bytes(nonce)), edit).await
    }

    async fn author_as(
        &mut self,
        tx: &mut Write<'_>,
        id: IssueId,
        (person, nonce): (PersonId, u64),
        edit: Edit,
    ) -> Result<Authored, ServiceError> {
        let before = self.open_one(tx, id).await?.document.clone();
        let mut document = before.clone();
        let Ok(change) = document.edit(Actor { device: HUB, nonce }, &edit) else { return Ok(Authored::Nothing) };
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

/// The next numbers of the day.
pub async fn new_numbers(tx: &mut Write<'_>, now: Timestamp, count: u64) -> Result<Vec<String>, ServiceError> {
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

/// The hash of a pushed change; where there is none, that of its bytes.
fn named(push: &Push) -> (ChangeHash, Result<Screened, ScreenError>) {
    let screened = screen(&push.change);
    let hash = screened.as_ref().map_or_else(|_| ChangeHash(Sha256::digest(&push.change).into()), |one| one.hash);
    (hash, screened)
}

fn brought(by: DeviceId, push: &Push) -> ChangeHash {
    ChangeHash(Sha256::new().chain_update(by.0.to_be_bytes()).chain_update(&push.change).finalize().into())
}

/// The verdict over a change that stands a second time in the same page.
fn again(verdict: Verdict) -> Verdict {
    if matches!(verdict, Verdict::Accepted { .. }) { Verdict::Known { receipt: None } } else { verdict }
}

/// The verdicts that these changes got before.
async fn verdicts_before(
    tx: &mut Write<'_>,
    hashes: &[ChangeHash],
    standing: &BTreeMap<ChangeHash, IssueId>,
) -> Result<Vec<Option<Verdict>>, ServiceError> {
    let held = held::verdicts(tx, hashes).await?;
    let verdict = |hash: &ChangeHash| match held.get(hash) {
        _ if standing.contains_key(hash) => Some(Verdict::Known { receipt: None }),
        Some((reason, true)) if *reason == Refusal::stands_already().0 => {
            Some(Verdict::Refused(Refusal::stands_already()))
        }
        Some((reason, true)) => Some(Verdict::Held(Refusal(reason.clone()))),
        Some((reason, false)) => Some(Verdict::Refused(Refusal(reason.clone()))),
        None => None,
    };
    Ok(hashes.iter().map(verdict).collect())
}

/// The issues under whose names changes came that stand in others: a receipt for one of them would prove what was never admitted.
fn named_for_another(
    standing: &BTreeMap<ChangeHash, IssueId>,
    hashes: &[ChangeHash],
    pushes: &[Push],
) -> BTreeSet<IssueId> {
    let elsewhere = |hash: &ChangeHash, issue| standing.get(hash).is_some_and(|at| *at != issue);
    let pairs = hashes.iter().zip(pushes).filter(|(hash, push)| elsewhere(hash, push.issue));
    pairs.map(|(_, push)| push.issue).collect()
}

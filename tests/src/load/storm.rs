//! The storm: every phone works offline, then all come back at once; and the comparison of all with the server afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use xiaohao_server::service::{Service, system_clock};
use xiaohao_server::store::{documents, log};
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{ChangeHash, IssueId, ZoneId};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Remark, Step};

use super::office::{issue_id, report_of};
use crate::edits::record_id;
use crate::phone::Phone;
use crate::workload::{self, Chance};

/// A server that is restarted, or that sends phones away for a while, takes no longer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// So often in a row may a phone be sent away.
const MOST_FAILURES: u32 = 60;

/// What was saved on a phone before the storm.
pub struct Made {
    pub zone: ZoneId,
    pub issue: IssueId,
    /// Of its step or remark.
    pub record: String,
    pub hash: ChangeHash,
}

/// Every phone makes its edits offline; an update is a step where this cadre may take one, else a remark.
pub fn make(phones: &mut [Phone], work: Vec<Vec<workload::Edit>>) -> anyhow::Result<Vec<Made>> {
    let mut chance = Chance::new(7);
    let mut made = Vec::new();
    for (phone, edits) in phones.iter_mut().zip(work) {
        let ids: Vec<IssueId> = phone.storage.documents.keys().copied().collect();
        for edit in edits {
            let (by, at) = (phone.person.id, phone.now());
            let (issue, edit) = match edit {
                workload::Edit::New(issue) => (issue_id(at, &mut chance), report_of(&issue, by, at)),
                workload::Edit::Update(target, note) => (ids[target], update(phone, ids[target], note)),
                workload::Edit::Comment(target, text) => {
                    (ids[target], Edit::remark(record_id(), Remark::new(by, at, text)))
                }
            };
            let step = edit.step.as_ref().map(|step| step.id.clone());
            let record = step.or_else(|| edit.remark.as_ref().map(|remark| remark.id.clone())).unwrap_or_default();
            phone.save(issue, edit).map_err(|reason| anyhow::anyhow!("not saved: {reason:?}"))?;
            let hash = phone.storage.found.unsent.last().context("what was saved waits")?.hash;
            made.push(Made { zone: zone_of(phone), issue, record, hash });
        }
    }
    Ok(made)
}

fn update(phone: &Phone, id: IssueId, note: String) -> Edit {
    let (by, at) = (phone.person.id, phone.now());
    let issue = phone.read(id);
    let mine = issue.as_ref().is_some_and(|issue| issue.assignee == Some(by));
    let step = |action, from, to: Option<State>| {
        Edit::step(record_id(), Step { from: Some(from), to, reason: note.clone(), ..Step::new(by, at, action) })
    };
    match issue.map(|issue| (issue.state, issue.rectified_by() == Some(by))) {
        Some((State::Dispatched, _)) if mine => step(Action::Start, State::Dispatched, Some(State::Handling)),
        Some((State::ToCheck, false)) => step(Action::Rework, State::ToCheck, Some(State::Rework)),
        Some((state, _)) if state.is_open() => step(Action::Photograph, state, None),
        _ => Edit::remark(record_id(), Remark::new(by, at, note)),
    }
}

pub fn zone_of(phone: &Phone) -> ZoneId {
    phone.person.zones.first().copied().unwrap_or(ZoneId(0))
}

/// All phones at once, each until the office has nothing more for it, again and again where it is sent away.
pub async fn sync_all(phones: Vec<Phone>) -> anyhow::Result<Vec<Phone>> {
    let mut running = JoinSet::new();
    for (at, phone) in phones.into_iter().enumerate() {
        running.spawn(async move { anyhow::Ok((at, sync(phone).await?)) });
    }
    let mut done = BTreeMap::new();
    while let Some(phone) = running.join_next().await {
        done.extend([phone??]);
    }
    Ok(done.into_values().collect())
}

async fn sync(mut phone: Phone) -> anyhow::Result<Phone> {
    for _ in 0..MOST_FAILURES {
        if phone.sync().await.is_none() {
            return Ok(phone);
        }
        phone.turned_away += 1;
        // As long as the engine itself would wait.
        let wait = phone.status.next_attempt.context("the office does not know this phone any more")? - phone.now();
        tokio::time::sleep(Duration::from_millis(wait.max(0).unsigned_abs()).min(LONGEST_WAIT)).await;
    }
    anyhow::bail!("a phone was not answered: {:?}, status {}", phone.status.failure, phone.last_status)
}

/// What the comparison counted.
#[derive(Debug, Default)]
pub struct Compared {
    pub documents: usize,
    pub lost: usize,
    /// Changes in the log beyond those that were made.
    pub surplus: u64,
    pub differing: usize,
    pub refused: usize,
}

/// Compares what was made and what each phone holds with what the office in `data` holds. `before` is where its log stood.
pub async fn compare(data: &Path, phones: &[Phone], made: &[Made], before: u64) -> anyhow::Result<Compared> {
    let service = Service::open(data, system_clock).await?;
    let mut tx = service.store.begin().await?;
    let mut compared = Compared::default();
    let hashes: BTreeSet<ChangeHash> = made.iter().map(|made| made.hash).collect();
    ensure!(hashes.len() == made.len(), "two edits are one change");
    let known = log::known(&mut tx, &hashes.iter().copied().collect::<Vec<_>>()).await?;
    compared.lost = hashes.iter().filter(|hash| !known.contains_key(hash)).count();
    compared.surplus = (log::newest_in(&mut tx).await? - before).saturating_sub(known.len() as u64);
    let zones: BTreeSet<ZoneId> = phones.iter().flat_map(|phone| phone.person.zones.clone()).collect();
    let mut office: BTreeMap<ZoneId, BTreeMap<IssueId, Vec<ChangeHash>>> = BTreeMap::new();
    for zone in zones {
        for (issue, _) in documents::fingerprints(&mut tx, zone).await? {
            let stored = documents::find(&mut tx, issue).await?.context("a document")?;
            office.entry(zone).or_default().insert(issue, Document::load(&stored.bytes)?.heads());
        }
    }
    drop(tx);
    service.close().await;
    for phone in phones {
        compared.refused += phone.refused().len();
        compared.documents += phone.storage.documents.len();
        let mut held: BTreeMap<ZoneId, BTreeMap<IssueId, Vec<ChangeHash>>> = BTreeMap::new();
        for document in phone.storage.documents.values() {
            let heads = Document::load(&document.bytes)?.heads();
            held.entry(document.zone).or_default().insert(document.issue, heads);
        }
        let same = phone.person.zones.iter().all(|zone| held.get(zone) == office.get(zone));
        compared.differing += usize::from(!same || phone.status.unsent > 0);
    }
    Ok(compared)
}

impl Compared {
    pub fn is_well(&self) -> bool {
        self.lost == 0 && self.surplus == 0 && self.differing == 0 && self.refused == 0
    }
}

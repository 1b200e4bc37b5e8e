//! The people who work while the faults happen: each saves, syncs and brings photos, and keeps account of what the office
//! acknowledged. Then the account is compared with what the office has. Knows nothing of faults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use xiaohao_server::service::{Service, random, system_clock};
use xiaohao_server::store::documents;
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::{ChangeHash, IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::{Role, Stage};
use xiaohao_shared::sync::engine::Failure;

use super::camera::{Sent, Shot, name};
use crate::phone::Phone;
use crate::{TestServer, edits};

/// Rounds until everything must be at the office once nothing fails any more.
const MOST_ROUNDS: u32 = 60;

/// One person with a phone.
pub struct Walker {
    pub phone: Phone,
    /// Photos that the office does not have yet.
    pub roll: Vec<Shot>,
    /// What the office said that it has.
    pub delivered: BTreeSet<PhotoId>,
    pub acknowledged: BTreeSet<ChangeHash>,
    /// The record of every edit that was saved.
    pub said: BTreeMap<String, IssueId>,
    client: Client,
}

/// An office in a folder that nobody serves, and the people with their phones: two in every zone, so that they change the
/// same issues.
pub async fn begin(zones: u32) -> (TempDir, Vec<Walker>) {
    let server = TestServer::start().await;
    let mut walkers = Vec::new();
    for zone in (1..=zones).flat_map(|zone| [zone, zone]) {
        let person = server.person(&format!("{zone}区{}", walkers.len()), Role::Cadre, &[zone]).await;
        walkers.push(Walker::new(Phone::new(server.enrol(&person).await, &person)));
    }
    // So that there is something to remark on from the first moment.
    for walker in &mut walkers {
        walker.report(None);
        walker.report(None);
        assert_eq!(walker.sync().await, None);
    }
    (server.leave().await, walkers)
}

fn below(most: usize) -> usize {
    usize::from_be_bytes(random()) % most.max(1)
}

impl Walker {
    pub fn new(phone: Phone) -> Self {
        Self {
            phone,
            roll: Vec::new(),
            delivered: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            said: BTreeMap::new(),
            client: Client::new(),
        }
    }

    /// The same person with the same account, in a copy of the office.
    pub fn twin(&self) -> Self {
        Self {
            phone: self.phone.twin(),
            roll: self.roll.clone(),
            delivered: self.delivered.clone(),
            acknowledged: self.acknowledged.clone(),
            said: self.said.clone(),
            client: Client::new(),
        }
    }

    fn zone(&self) -> ZoneId {
        self.phone.person.zones.first().copied().expect("everybody has one zone")
    }

    /// Saves a new issue, with a photo if there is one.
    pub fn report(&mut self, shot: Option<Shot>) {
        let by = self.phone.person.id;
        let mut edit = edits::report(by, self.zone().0, "垃圾堆放在巷口，已有三天");
        if let Some(shot) = shot {
            let mut photo = edits::photo(by, Stage::Before).into_values().next().expect("a photo");
            photo.size = shot.bytes.len() as u64;
            edit.photos = BTreeMap::from([(shot.photo, photo)]);
            self.roll.push(shot);
        }
        let record = edit.step.as_ref().map(|step| step.id.clone()).expect("a report is a step");
        self.save(edits::new_issue(), edit, record);
    }

    /// Saves a remark on one of the issues that are here.
    pub fn remark(&mut self) {
        let issues: Vec<IssueId> = self.phone.storage.documents.keys().copied().collect();
        let edit = edits::remark(self.phone.person.id, "现场已清理，待复查");
        let record = edit.remark.as_ref().map(|remark| remark.id.clone()).expect("a remark");
        self.save(issues[below(issues.len())], edit, record);
    }

    fn save(&mut self, issue: IssueId, edit: xiaohao_shared::doc::Edit, record: String) {
        self.phone.save(issue, edit).expect("saved on the phone");
        self.said.insert(record, issue);
    }

    /// What a person does in a few minutes.
    pub fn work(&mut self) {
        let shot = (below(3) == 0).then(|| Shot::new(if below(8) == 0 { 200 } else { 30 }));
        if shot.is_some() || below(3) == 0 {
            self.report(shot);
        }
        (0..below(3)).for_each(|_| self.remark());
    }

    /// One sync, and its account: what was unsent and is not any more was acknowledged.
    pub async fn sync(&mut self) -> Option<Failure> {
        let unsent = |phone: &Phone| -> BTreeSet<ChangeHash> {
            phone.storage.found.unsent.iter().map(|unsent| unsent.hash).collect()
        };
        let before = unsent(&self.phone);
        let failure = self.phone.sync().await;
        self.acknowledged.extend(before.difference(&unsent(&self.phone)));
        failure
    }

    /// One attempt with every photo on the roll, after the changes that name them.
    pub async fn bring_photos(&mut self) -> anyhow::Result<Vec<Sent>> {
        let mut all = Vec::new();
        for mut shot in std::mem::take(&mut self.roll) {
            let sent = shot.send(&self.phone.device, &self.client).await;
            all.push(sent);
            match sent {
                Sent::Delivered => drop(self.delivered.insert(shot.photo)),
                Sent::NotNow(_) => self.roll.push(shot),
                Sent::Refused(why) => bail!("a photo was refused for ever: {why:?}"),
            }
        }
        Ok(all)
    }

    /// Works until told to stop, whatever the server does meanwhile.
    pub async fn walk(mut self, stop: Arc<AtomicBool>) -> anyhow::Result<Self> {
        while !stop.load(Ordering::Relaxed) {
            self.work();
            if self.sync().await.is_none() {
                self.bring_photos().await?;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(self)
    }

    fn is_done(&self) -> bool {
        self.phone.storage.found.unsent.is_empty() && self.roll.is_empty()
    }
}

/// The server has another address now.
pub fn all_to(walkers: &mut [Walker], origin: &str) {
    walkers.iter_mut().for_each(|walker| walker.phone.device.moved_to(origin));
}

/// Lets everybody work while something happens, and comes back when it has happened.
pub async fn meanwhile<T>(
    walkers: Vec<Walker>,
    happening: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(Vec<Walker>, T)> {
    let stop = Arc::new(AtomicBool::new(false));
    let running: Vec<_> = walkers.into_iter().map(|walker| tokio::spawn(walker.walk(stop.clone()))).collect();
    let happened = happening.await;
    stop.store(true, Ordering::Relaxed);
    let mut back = Vec::new();
    for walker in running {
        back.push(walker.await??);
    }
    Ok((back, happened?))
}

/// Nothing new is made; what is there must reach the office and everybody.
pub async fn settle(walkers: &mut [Walker]) -> anyhow::Result<()> {
    for round in 0..MOST_ROUNDS {
        let mut all_well = true;
        for walker in &mut *walkers {
            all_well &= walker.sync().await.is_none();
            walker.bring_photos().await?;
            all_well &= walker.is_done();
        }
        // Once more, so that the first has what the last one brought.
        if all_well && round > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(if all_well { 0 } else { 50 })).await;
    }
    let waiting: Vec<_> = walkers
        .iter()
        .map(|walker| (walker.phone.storage.found.unsent.len(), walker.roll.len(), walker.phone.last_status))
        .collect();
    bail!("it does not come to rest (unsent, photos, last status): {waiting:?}")
}

/// Whether everything that was acknowledged so far is stored; asked beside the server that runs.
pub async fn holds_what_it_acknowledged(data: &Path, walkers: &[Walker]) -> anyhow::Result<()> {
    let options = SqliteConnectOptions::new().filename(data.join("office.db")).read_only(true);
    let pool = SqlitePool::connect_with(options).await?;
    let changes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM changes").fetch_all(&pool).await?;
    let blobs: Vec<String> = sqlx::query_scalar("SELECT sha FROM blobs").fetch_all(&pool).await?;
    pool.close().await;
    let changes: BTreeSet<Vec<u8>> = changes.into_iter().collect();
    let blobs: BTreeSet<String> = blobs.into_iter().collect();
    for walker in walkers {
        let lost = walker.acknowledged.iter().filter(|hash| !changes.contains(&hash.0[..])).count();
        ensure!(lost == 0, "{lost} acknowledged changes are lost");
        for photo in &walker.delivered {
            ensure!(blobs.contains(&photo.to_string()), "the office does not know photo {photo} any more");
            ensure!(stored_photo(data, *photo).is_some_and(|bytes| name(&bytes) == *photo), "photo {photo} is lost");
        }
    }
    Ok(())
}

/// Where the server keeps the bytes of a photo.
pub fn photo_file(data: &Path, photo: PhotoId) -> std::path::PathBuf {
    let hex = photo.to_string();
    data.join("blobs/photos").join(&hex[..2]).join(&hex)
}

fn stored_photo(data: &Path, photo: PhotoId) -> Option<Vec<u8>> {
    std::fs::read(photo_file(data, photo)).ok()
}

/// What the full comparison looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    pub changes: usize,
    pub photos: usize,
    pub phones: usize,
}

/// The full comparison over a folder that nobody serves: every saved edit is at the office, exactly once, every photo with its
/// bytes, and every phone holds the same heads as the office of every document of its zone, and no document more.
pub async fn compare(data: &Path, walkers: &[Walker]) -> anyhow::Result<Compared> {
    holds_what_it_acknowledged(data, walkers).await?;
    let service = Service::open(data, system_clock).await?;
    let office = at_the_office(&service).await?;
    let logged: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM changes").fetch_one(&service.store).await?;
    let named: i64 =
        sqlx::query_scalar("SELECT COUNT(DISTINCT number) FROM documents").fetch_one(&service.store).await?;
    service.close().await;
    let said: BTreeMap<&String, IssueId> =
        walkers.iter().flat_map(|walker| walker.said.iter().map(|(record, issue)| (record, *issue))).collect();
    let lost = said.iter().filter(|(record, issue)| office.records.get(**record) != Some(issue)).count();
    ensure!(lost == 0, "{lost} edits are lost");
    // Each edit is one change and one record: what is there twice is one more of either.
    ensure!(office.records.len() == said.len(), "{} records of {} edits", office.records.len(), said.len());
    ensure!(logged == said.len() as i64, "{logged} changes of {} edits", said.len());
    let issues: usize = office.zones.values().map(BTreeMap::len).sum();
    ensure!(named == issues as i64, "{issues} issues have {named} numbers");
    walkers.iter().try_for_each(|walker| agrees(walker, &office))?;
    let photos = walkers.iter().map(|walker| walker.delivered.len()).sum();
    Ok(Compared { changes: said.len(), photos, phones: walkers.len() })
}

type Heads = BTreeMap<IssueId, Vec<ChangeHash>>;

#[derive(Default)]
struct AtTheOffice {
    zones: BTreeMap<ZoneId, Heads>,
    records: BTreeMap<String, IssueId>,
}

async fn at_the_office(service: &Service) -> anyhow::Result<AtTheOffice> {
    let mut office = AtTheOffice::default();
    let mut connection = service.store.acquire().await?;
    for issue in documents::all_ids(&mut connection).await? {
        let stored = documents::find(&mut connection, issue).await?.context("a document")?;
        let document = Document::load(&stored.bytes)?;
        let read = document.read(issue)?;
        let records = read.steps.iter().map(|step| &step.id).chain(read.remarks.iter().map(|remark| &remark.id));
        for record in records {
            ensure!(office.records.insert(record.clone(), issue).is_none(), "record {record} is there twice");
        }
        office.zones.entry(read.zone).or_default().insert(issue, document.heads());
    }
    Ok(office)
}

fn agrees(walker: &Walker, office: &AtTheOffice) -> anyhow::Result<()> {
    let Walker { phone, roll, .. } = walker;
    ensure!(phone.refused().is_empty(), "refused: {:?}", phone.refused());
    ensure!(phone.storage.set_aside.is_empty(), "something was set aside");
    ensure!(phone.repairs == 0, "{} repairs, although nothing was put back", phone.repairs);
    ensure!(phone.storage.found.unsent.is_empty() && roll.is_empty(), "something was not sent");
    let stored = phone.storage.documents.values();
    let held: Heads = stored
        .map(|stored| Ok((stored.issue, Document::load(&stored.bytes)?.heads())))
        .collect::<anyhow::Result<_>>()?;
    let expected = office.zones.get(&walker.zone()).cloned().unwrap_or_default();
    ensure!(held == expected, "the phone of {} differs from the office", phone.person.name);
    Ok(())
}

//! The office of a simulated world: the real service over a real database file, asked without HTTP. It can die, be copied and
//! be put back. Knows no phones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use p256::ecdsa::SigningKey;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use xiaohao_server::service::directory::{self, Caller};
use xiaohao_server::service::{Service, ServiceError, audit, handover, held, photos, sync};
use xiaohao_server::store::{blobs, devices, documents, log};
use xiaohao_shared::api::{DecideHeld, HeldDecision, SavePerson, Wanted, Way};
use xiaohao_shared::doc::admit::recognise;
use xiaohao_shared::doc::screen::screen;
use xiaohao_shared::doc::{Document, Edit};
use xiaohao_shared::id::{ChangeHash, DeviceId, IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::{Person, Zone};
use xiaohao_shared::sync::wire::{self, Request, Response, Stop, Verdict};

use super::clock;
use super::plan::{Grant, ZONES};
use crate::handover::Parcel;

/// An office before anything happened in it; made once, because migrations take longer than a plan.
static EMPTY: OnceCell<Vec<u8>> = OnceCell::const_new();

const FILE: &str = "office.db";

pub struct Office {
    pub service: Service,
    folder: TempDir,
    backup: Option<TempDir>,
}

/// What the office has of one issue.
pub struct Kept {
    pub document: Document,
    pub zone: ZoneId,
    pub number: String,
    /// How often the log says each record.
    pub records: BTreeMap<String, usize>,
}

impl Office {
    pub async fn begin() -> Self {
        let folder = folder();
        let empty = EMPTY.get_or_init(empty).await;
        std::fs::write(folder.path().join(FILE), empty).expect("an empty office");
        Self { service: open(&folder).await, folder, backup: None }
    }

    /// A new person with a device; also for one that the office has forgotten, which gets back its number.
    pub async fn welcome(&self, grant: &Grant, device: DeviceId) -> Person {
        let id = directory::put_person(&self.service, wish(None, grant)).await.expect("a person");
        let mut tx = self.service.write().await.expect("a turn");
        devices::insert(&mut tx, device, id, &public_key(device), "模拟", Way::Code, clock::now())
            .await
            .expect("a device");
        tx.commit().await.expect("committed");
        self.person(device).await
    }

    pub async fn knows(&self, device: DeviceId) -> bool {
        directory::device(&self.service, device).await.is_ok()
    }

    pub async fn person(&self, device: DeviceId) -> Person {
        directory::device(&self.service, device).await.expect("an enrolled device").1
    }

    pub async fn grant(&self, person: PersonId, grant: &Grant) {
        // Whom a restored office does not know cannot become anything else.
        let _ = directory::put_person(&self.service, wish(Some(person), grant)).await;
    }

    pub async fn leave(&self, person: &Person, gone: bool) {
        let (id, zones) = (Some(person.id), person.zones.iter().copied().collect());
        let wish = SavePerson { id, name: person.name.clone(), role: person.role, zones, active: !gone };
        let _ = directory::put_person(&self.service, wish).await;
    }

    pub async fn revoke(&self, device: DeviceId) {
        if directory::device(&self.service, device).await.is_ok() {
            directory::revoke(&self.service, device).await.expect("revoked");
        }
    }

    pub async fn is_welcome(&self, device: DeviceId) -> bool {
        directory::is_welcome(&self.service, device).await
    }

    /// One page, as the wire carries it.
    pub async fn serve(&self, device: DeviceId, request: &Request) -> Result<Response, ServiceError> {
        let request = wire::unpack(&wire::pack(request)).expect("a page");
        let (caller, stopped) = self.hear(device).await?;
        let response = match stopped {
            None => sync::page(&self.service, &caller, request).await?,
            Some(why) => sync::last_words(&self.service, &caller, why, request).await?,
        };
        Ok(wire::unpack(&wire::pack(&response)).expect("a page"))
    }

    /// Brings changes as somebody would who has the key of a device and a program of his own.
    pub async fn push(&self, device: DeviceId, request: &Request) -> Result<Vec<Verdict>, ServiceError> {
        let caller = self.admit(device).await?;
        sync::push_only(&self.service, &caller, request).await
    }

    /// Why a device is out of service, while it is still heard.
    pub async fn stopped(&self, device: DeviceId) -> Option<Stop> {
        self.hear(device).await.ok()?.1
    }

    async fn hear(&self, device: DeviceId) -> Result<(Caller, Option<Stop>), ServiceError> {
        let (enrolment, person) = directory::device(&self.service, device).await?;
        directory::hear(&self.service, device, &enrolment, person).await
    }

    /// Takes a photo in; says whether it did.
    pub async fn upload(&self, device: DeviceId, photo: PhotoId, bytes: Vec<u8>) -> bool {
        let Ok((_, stopped)) = self.hear(device).await else { return false };
        let awaited = photos::is_awaited(&self.service, device, photo).await.expect("SQL");
        (stopped.is_none() || awaited) && photos::store(&self.service, device, bytes.into()).await.is_ok()
    }

    pub async fn wanted(&self, device: DeviceId, offered: Vec<PhotoId>) -> Option<Wanted> {
        let caller = self.admit(device).await.ok()?;
        photos::wanted(&self.service, &caller, offered).await.ok()
    }

    /// Takes in what somebody carried here for another; says what came of it.
    pub async fn carried(&self, courier: DeviceId, parcel: &Parcel) -> String {
        let Ok(caller) = self.admit(courier).await else { return "nobody brought it".into() };
        let mut told = Vec::new();
        for section in &parcel.records {
            match handover::take_in(&self.service, &caller, &parcel.head, section).await {
                Ok(taken) => told.push(format!("{} verdicts", taken.verdicts.len())),
                Err(error) => return error.to_string(),
            }
        }
        for photo in &parcel.photos {
            let taken = photos::store(&self.service, courier, photo.clone().into()).await.is_ok();
            told.push(format!("photo {taken}"));
        }
        told.join(" ")
    }

    /// Whether a change is in the log.
    pub async fn has(&self, change: &[u8]) -> bool {
        let Ok(screened) = screen(change) else { return false };
        let mut tx = self.service.write().await.expect("a turn");
        let known = log::known(&mut tx, &[screened.hash]).await.expect("SQL");
        known.contains_key(&screened.hash)
    }

    pub async fn photos(&self) -> BTreeSet<PhotoId> {
        let mut connection = self.service.store.acquire().await.expect("a connection");
        blobs::all(&mut connection).await.expect("SQL").into_iter().collect()
    }

    async fn admit(&self, device: DeviceId) -> Result<Caller, ServiceError> {
        let (enrolment, person) = directory::device(&self.service, device).await?;
        directory::admit(&self.service, device, &enrolment, person).await
    }

    /// Takes over the change that has waited longest; says whether there was one that still fits.
    pub async fn adopt(&self, device: DeviceId) -> bool {
        let caller = Caller { device, person: self.person(device).await };
        let waiting = held::list(&self.service).await.unwrap_or_default();
        let Some(first) = waiting.iter().rfind(|held| held.adoptable) else { return false };
        let hash = first.hash.parse().expect("a hash");
        held::decide(&self.service, &caller, hash, DecideHeld::Bare(HeldDecision::Adopt)).await.is_ok()
    }

    pub fn backup(&mut self) {
        self.backup = Some(self.image());
    }

    /// Puts the newest backup back, as an operator does. Says whether there was one.
    pub async fn restore(&mut self) -> bool {
        let Some(backup) = &self.backup else { return false };
        self.replace(copy(backup.path())).await;
        sync::new_log(&self.service).await.expect("a new log id");
        true
    }

    /// The process dies: what lies in the files at this moment is what the next one finds.
    pub async fn crash(&mut self) {
        self.replace(self.image()).await;
    }

    /// The files as they lie now. Nothing writes at this moment, so no page is half written.
    pub fn image(&self) -> TempDir {
        copy(self.folder.path())
    }

    pub async fn replace(&mut self, image: TempDir) {
        self.service.close().await;
        self.service = open(&image).await;
        self.folder = image;
    }

    pub async fn findings(&self) -> Vec<String> {
        audit::verify(&self.service).await.expect("verify").findings
    }

    pub async fn everything(&self) -> BTreeMap<IssueId, Kept> {
        let mut connection = self.service.store.acquire().await.expect("a connection");
        let mut all = BTreeMap::new();
        for issue in documents::all_ids(&mut connection).await.expect("ids") {
            let stored = documents::find(&mut connection, issue).await.expect("SQL").expect("a document");
            let raw = log::raw(&mut connection, issue).await.expect("a log");
            let document = Document::load(&stored.bytes).expect("a document that loads");
            let kept = Kept { document, zone: stored.zone, number: stored.number, records: records(&raw) };
            all.insert(issue, kept);
        }
        all
    }

    pub async fn records(&self) -> BTreeSet<(IssueId, String)> {
        let records = |(issue, kept): (IssueId, Kept)| kept.records.into_keys().map(move |record| (issue, record));
        self.everything().await.into_iter().flat_map(records).collect()
    }

    /// Whether somebody at the desk may still decide about a change.
    pub async fn holds(&self, change: ChangeHash) -> bool {
        let mut tx = self.service.write().await.expect("a turn");
        xiaohao_server::store::held::find(&mut tx, change).await.expect("SQL").is_some()
    }

    /// The records of changes that were not merged but kept. What was adopted stands in its document.
    pub async fn set_aside(&self) -> BTreeSet<String> {
        let kept = "SELECT content FROM held WHERE content <> '' AND COALESCE(decision, '') <> 'adopt'";
        let all = sqlx::query_scalar(kept).fetch_all(&self.service.store);
        let all: Vec<String> = all.await.expect("SQL");
        all.iter().filter_map(|json| record_of(&serde_json::from_str(json).ok()?)).collect()
    }
}

/// The key of a simulated device, always the same.
pub fn key_of(device: DeviceId) -> SigningKey {
    SigningKey::from_slice(&Sha256::digest(device.0.to_be_bytes())).expect("a number below the order of the curve")
}

fn public_key(device: DeviceId) -> Vec<u8> {
    key_of(device).verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

/// The record that an edit brings: each brings one.
pub fn record_of(edit: &Edit) -> Option<String> {
    let step = edit.step.as_ref().map(|step| step.id.clone());
    step.or_else(|| edit.remark.as_ref().map(|remark| remark.id.clone()))
}

fn records(raw: &[Vec<u8>]) -> BTreeMap<String, usize> {
    let (mut document, mut records) = (Document::default(), BTreeMap::new());
    for bytes in raw {
        let screened = screen(bytes).expect("a change of the log");
        let edit = recognise(&document, &screened, bytes).expect("an edit of ours");
        *records.entry(record_of(&edit).unwrap_or_default()).or_insert(0) += 1;
        document.apply([bytes.as_slice()]).expect("the log merges");
    }
    records
}

fn wish(id: Option<PersonId>, grant: &Grant) -> SavePerson {
    let zones = grant.zones.iter().copied().map(ZoneId).collect();
    SavePerson { id, name: "模拟".into(), role: grant.role, zones, active: true }
}

/// In memory where the system offers that: a plan is not about how fast a disk is.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a temporary folder")
}

async fn open(folder: &TempDir) -> Service {
    Service::open(folder.path(), clock::now).await.expect("an office")
}

fn copy(from: &Path) -> TempDir {
    let to = folder();
    for name in [FILE, "office.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.path().join(name)).expect("a copy");
        }
    }
    copy_folder(&from.join("blobs"), &to.path().join("blobs")).expect("a copy");
    to
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (entry, place) = entry.map(|entry| (entry.path(), to.join(entry.file_name())))?;
        if entry.is_dir() { copy_folder(&entry, &place)? } else { std::fs::copy(&entry, &place).map(drop)? }
    }
    Ok(())
}

async fn empty() -> Vec<u8> {
    let folder = folder();
    let service = open(&folder).await;
    let zones: Vec<Zone> = (1..=ZONES).map(zone).collect();
    directory::save_zones(&service, &zones).await.expect("zones");
    service.close().await;
    std::fs::read(folder.path().join(FILE)).expect("a database")
}

fn zone(id: u32) -> Zone {
    Zone { id: ZoneId(id), name: format!("{id}号片区"), code: String::new(), bearers: Vec::new() }
}

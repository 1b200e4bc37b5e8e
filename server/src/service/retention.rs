//! How long the office keeps what it may let go of: the rule, and the job that applies it. Never touches the log, its documents
//! and the audit; what it took away stands in the audit in the same transaction.

use std::fmt;

use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::retention::{Retention, cut};
use xiaohao_shared::time::Timestamp;

use super::trail::{self, DONE, Note};
use super::{Service, ServiceError, Write};
use crate::store::{Db, StoreError, office, retention, tipsters};

/// As the audit spells it.
pub const ACT: &str = "retention";
/// Photos in one transaction: nobody else waits for long.
const BATCH: u32 = 200;

/// What is old enough, or was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub photos: u64,
    pub bytes: u64,
    pub evidence: u64,
    pub patrols: u64,
    pub tipsters: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { photos, bytes, evidence, patrols, tipsters } = self;
        write!(f, "{photos} photos ({bytes} bytes), the content of {evidence} held changes, ")?;
        write!(f, "{patrols} rounds, {tipsters} tipsters")
    }
}

pub async fn rule<'a>(store: impl sqlx::Executor<'a, Database = Db>) -> Result<Retention, ServiceError> {
    let Some(json) = office::value(store, office::RETENTION).await? else { return Ok(Retention::default()) };
    serde_json::from_str(&json).map_err(|error| StoreError::Damaged(format!("rule for keeping: {error}")).into())
}

/// What an administrator asks for.
pub async fn save(service: &Service, wish: Retention) -> Result<Retention, ServiceError> {
    if !wish.is_allowed() {
        return Err(ServiceError::Unfit(Reason::KeptTooShort));
    }
    let json = serde_json::to_string(&wish).map_err(ServiceError::unwritable)?;
    let mut tx = service.write().await?;
    office::set(&mut tx, office::RETENTION, &json).await?;
    tx.commit().await?;
    Ok(wish)
}

/// What would be taken away now.
pub async fn due(service: &Service) -> Result<Counts, ServiceError> {
    let mut tx = service.store.begin().await?;
    let rule = rule(&mut *tx).await?;
    let mut counts = Counts::default();
    if let Some(cut) = before(rule.photos, service) {
        (counts.photos, counts.bytes) = retention::count_photos(&mut tx, cut).await?;
    }
    if let Some(cut) = before(rule.evidence, service) {
        counts.evidence = retention::count_evidence(&mut tx, cut).await?;
    }
    if let Some(cut) = before(rule.patrols, service) {
        counts.patrols = retention::count_patrols(&mut tx, cut).await?;
    }
    if let Some(cut) = before(rule.tipsters, service) {
        counts.tipsters = tipsters::count_old(&mut tx, cut).await?;
    }
    Ok(counts)
}

fn before(months: Option<u32>, service: &Service) -> Option<Timestamp> {
    months.map(|months| cut(months, service.now()))
}

/// Once a day, whenever it is asked.
pub async fn daily(service: &Service) -> Result<(), ServiceError> {
    let today = service.now().date().0.to_string();
    if office::value(&service.store, office::RETENTION_DAY).await?.as_ref() == Some(&today) {
        return Ok(());
    }
    let counts = apply(service, "hub").await?;
    let mut tx = service.write().await?;
    office::set(&mut tx, office::RETENTION_DAY, &today).await?;
    tx.commit().await?;
    if counts != Counts::default() {
        tracing::info!(%counts, "removed by the rule for keeping");
    }
    Ok(())
}

/// Takes away what has had its time. `origin` is who asked for it.
pub async fn apply(service: &Service, origin: &str) -> Result<Counts, ServiceError> {
    let rule = rule(&service.store).await?;
    let mut counts = rest(service, &rule, origin).await?;
    if let Some(cut) = before(rule.photos, service) {
        while let Some((photos, bytes)) = photos(service, cut, origin).await? {
            (counts.photos, counts.bytes) = (counts.photos + photos, counts.bytes + bytes);
        }
    }
    remove_files(service).await?;
    Ok(counts)
}

async fn rest(service: &Service, rule: &Retention, origin: &str) -> Result<Counts, ServiceError> {
    let mut counts = Counts::default();
    let mut tx = service.write().await?;
    if let Some(cut) = before(rule.evidence, service) {
        counts.evidence = retention::blank_evidence(&mut tx, cut).await?;
    }
    if let Some(cut) = before(rule.patrols, service) {
        counts.patrols = retention::remove_patrols(&mut tx, cut).await?;
    }
    if let Some(cut) = before(rule.tipsters, service) {
        counts.tipsters = tipsters::remove_old(&mut tx, cut).await?;
    }
    commit(service, tx, &counts, origin).await?;
    Ok(counts)
}

/// Some of the photos; `None` where there are no more. The rows go first: a file without a row is found again by its note.
async fn photos(service: &Service, cut: Timestamp, origin: &str) -> Result<Option<(u64, u64)>, ServiceError> {
    let mut tx = service.write().await?;
    let old = retention::old_photos(&mut tx, cut, BATCH).await?;
    if old.is_empty() {
        return Ok(None);
    }
    for (photo, _) in &old {
        retention::remove_photo(&mut tx, *photo, service.now()).await?;
    }
    let (photos, bytes) = (old.len() as u64, old.iter().map(|(_, size)| size).sum());
    commit(service, tx, &Counts { photos, bytes, ..Counts::default() }, origin).await?;
    Ok(Some((photos, bytes)))
}

async fn commit(service: &Service, mut tx: Write<'_>, counts: &Counts, origin: &str) -> Result<(), ServiceError> {
    if *counts != Counts::default() {
        let what = format!("removed {counts}");
        trail::append(service, &mut tx, &Note { act: ACT, who: None, origin, what: &what, result: DONE }).await?;
    }
    tx.commit().await
}

async fn remove_files(service: &Service) -> Result<(), ServiceError> {
    loop {
        let photos: Vec<PhotoId> = retention::lingering(&service.store).await?;
        if photos.is_empty() {
            return Ok(());
        }
        for photo in &photos {
            service.blobs.remove(*photo).await?;
        }
        let mut tx = service.write().await?;
        retention::files_are_gone(&mut tx, &photos).await?;
        tx.commit().await?;
    }
}

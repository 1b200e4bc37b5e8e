//! Load: a whole office of real engines over real HTTP against a real server process. The bench measures with it, `./x load` drives
//! it to any size. Knows nothing of how its figures are printed.

pub mod checks;
pub mod office;
pub mod storm;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use self::office::Office;
use self::storm::Compared;
use crate::faults::hub::{Hub, Launch, verify};
use crate::phone::{Phone, Traffic};
use crate::workload;

/// How large.
#[derive(Debug, Clone)]
pub struct Size {
    pub phones: usize,
    pub edits: usize,
    pub zones: usize,
    pub issues: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// All phones at once, from nothing to a whole zone each.
    pub first: Stretch,
    /// From the first request until every phone has everything.
    pub storm: Stretch,
    pub edits: usize,
    /// The most memory that the server held, in megabytes.
    pub peak_mb: u64,
    /// How often phones were sent away, or not answered, and asked again.
    pub turned_away: u32,
    pub repairs: u32,
    pub compared: Compared,
    pub verify: String,
}

/// What one stretch of time cost.
#[derive(Debug)]
pub struct Stretch {
    pub took: Duration,
    /// Seconds of CPU of the server, user and system.
    pub cpu: f64,
    /// Of each phone.
    pub traffic: Vec<Traffic>,
}

/// Drives one office from nothing to the comparison.
pub async fn run(server: &Path, size: &Size) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir()?;
    let data: PathBuf = folder.path().join("data");
    let mut office = Office::fill(&data, size.issues, size.zones, size.phones).await?;
    let mut phones = office.phones(size.phones).await?;
    let before = xiaohao_server::store::log::newest(&office.service.store).await?;
    office.service.close().await;
    let hub = Hub::start(&Launch::of(server), &data)?;
    phones.iter_mut().for_each(|phone| phone.device.moved_to(&hub.origin));
    let (mut phones, first) = stretch(&hub, phones, 1).await?;
    let zone_size = size.issues / size.zones;
    let made = storm::make(&mut phones, workload::edits(size.zones, zone_size, size.phones, size.edits))?;
    // Twice: what a zone mate pushed later has to come down, too.
    let (phones, storm) = stretch(&hub, phones, 2).await?;
    let peak_mb = hub.peak_mb()?;
    hub.kill()?;
    let compared = storm::compare(&data, &phones, &made, before).await?;
    let turned_away = phones.iter().map(|phone| phone.turned_away).sum();
    let repairs = phones.iter().map(|phone| phone.repairs).sum();
    let verify = verify(server, &data)?;
    Ok(Report { first, storm, edits: made.len(), peak_mb, turned_away, repairs, compared, verify })
}

async fn stretch(hub: &Hub, mut phones: Vec<Phone>, rounds: u32) -> anyhow::Result<(Vec<Phone>, Stretch)> {
    let (began, cpu) = (Instant::now(), hub.cpu()?);
    phones.iter_mut().for_each(|phone| phone.traffic = Traffic::default());
    for _ in 0..rounds {
        phones = storm::sync_all(phones).await?;
    }
    let traffic = phones.iter().map(|phone| phone.traffic).collect();
    Ok((phones, Stretch { took: began.elapsed(), cpu: hub.cpu()? - cpu, traffic }))
}

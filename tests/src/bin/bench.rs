//! The figures that this product promises, on a real server process over real HTTP: bytes on the wire, what a storm of edits
//! costs, memory, restart. Prints a table; run it by `./x bench`, never in tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::{IssueId, ZoneId};
use xiaohao_tests::faults::hub::{Hub, Launch, verify};
use xiaohao_tests::load::checks::Checks;
use xiaohao_tests::load::office::Office;
use xiaohao_tests::load::storm::{self, Made, zone_of};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::workload::{self, CADRES, ZONE_SIZE};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = std::env::var("XIAOHAO_SERVER").unwrap_or_else(|_| "target/release/xiaohao-server".into());
    println!("| what | figure |\n|---|---|");
    let admission = checks().await?;
    zone_and_storm(Path::new(&server), admission).await?;
    memory(Path::new(&server)).await
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// What it costs to check each change before it is merged; in all, in milliseconds.
async fn checks() -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let office = Office::fill(folder.path(), 2_000, 20, CADRES).await?;
    let checks = Checks::of(&office.service).await?;
    let figure = |part| format!("{:.0} ({:.0} % of the merge)", checks.each(part), checks.share(part));
    row("one change, CPU of the merge in µs (load, apply, save, read)", format!("{:.0}", checks.each(checks.merging)));
    row("… of screening, recognising and judging it", figure(checks.judging));
    row("… of the copy, and of loading again what is saved", figure(checks.proving));
    Ok((checks.each(checks.judging) + checks.each(checks.proving)) / 1000.0)
}

/// An office of 2,000 issues in 20 zones; one phone, then a hundred.
async fn zone_and_storm(server: &Path, admission: f64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let mut office = Office::fill(&data, 2_000, 20, CADRES).await?;
    let mut phones = office.phones(CADRES).await?;
    office.service.close().await;
    let hub = Hub::start(&Launch::of(server), &data)?;
    phones.iter_mut().for_each(|phone| phone.device.moved_to(&hub.origin));
    first_sync(&mut phones[0]).await?;
    for phone in &mut phones[1..] {
        ensure!(phone.sync().await.is_none(), "first sync");
    }
    let made = storm::make(&mut phones, workload::edits(20, ZONE_SIZE, CADRES, 20))?;
    twenty_edits(&mut phones[0]).await?;
    let edit = storm(&hub, &mut phones, &made).await?;
    row("… of it the admission: judged and proven, percent", format!("{:.0}", 100.0 * admission / edit));
    nothing_changed(&mut phones[0]).await?;
    hub.kill()?;
    row("verify after the storm", verify(server, &data)?.replace('\n', "; "));
    Ok(())
}

async fn first_sync(phone: &mut Phone) -> anyhow::Result<()> {
    let first = phone.sync_once().await;
    ensure!(first.is_none(), "first page");
    let (page, documents) = (phone.traffic.down, phone.storage.documents.len());
    row("first page of a zone of 100, bytes down", format!("{page} ({documents} issues)"));
    ensure!(phone.sync().await.is_none(), "first sync");
    ensure!(phone.storage.documents.len() == ZONE_SIZE, "the whole zone");
    let traffic = phone.traffic;
    row(
        "first sync of a zone of 100 with history, bytes down + up",
        format!(
            "{} + {} in {} requests",
            traffic.down + traffic.down_headers,
            traffic.up + traffic.up_headers,
            traffic.requests
        ),
    );
    Ok(())
}

async fn twenty_edits(phone: &mut Phone) -> anyhow::Result<()> {
    ensure!(phone.status.unsent == 20, "twenty edits wait: {}", phone.status.unsent);
    let before = phone.traffic;
    ensure!(phone.sync().await.is_none() && phone.status.unsent == 0, "pushed");
    ensure!(phone.refused().is_empty(), "refused: {:?}", phone.refused()[0]);
    let after = phone.traffic;
    row("20 offline edits pushed, body up", after.up - before.up);
    row("… headers that we control", after.up_headers - before.up_headers);
    row("… bytes down", after.down - before.down);
    Ok(())
}

async fn nothing_changed(phone: &mut Phone) -> anyhow::Result<()> {
    ensure!(phone.sync().await.is_none(), "quiet");
    let before = phone.traffic;
    ensure!(phone.sync().await.is_none(), "quiet");
    let after = phone.traffic;
    let (up_headers, down_headers) = (after.up_headers - before.up_headers, after.down_headers - before.down_headers);
    let bytes = (after.up - before.up) + up_headers + (after.down - before.down) + down_headers;
    row("nothing changed: requests", after.requests - before.requests);
    row(
        "nothing changed: body and our headers up + body and our headers down",
        format!("{} + {up_headers} + {} + {down_headers} = {bytes}", after.up - before.up, after.down - before.down),
    );
    Ok(())
}

/// A hundred phones at once, until each holds everything of its zone.
/// What the server spends on an edit, in milliseconds.
async fn storm(process: &Hub, phones: &mut [Phone], made: &[Made]) -> anyhow::Result<f64> {
    let (began, cpu) = (Instant::now(), process.cpu()?);
    let up: usize = phones.iter().map(|phone| phone.traffic.up + phone.traffic.down).sum();
    // Twice: what a zone mate pushed later has to come down, too.
    for _ in 0..2 {
        let failures = futures_util::future::join_all(phones.iter_mut().map(Phone::sync)).await;
        ensure!(failures.iter().all(Option::is_none), "a phone was not answered");
    }
    let bytes: usize = phones.iter().map(|phone| phone.traffic.up + phone.traffic.down).sum::<usize>() - up;
    row("2,000 edits of 100 phones at once: seconds until all agree", format!("{:.1}", began.elapsed().as_secs_f64()));
    let edit = (process.cpu()? - cpu) * 1000.0 / made.len() as f64;
    row("… server CPU per edit, ms", format!("{edit:.2}"));
    row("… bytes up and down in all", bytes);
    ensure!(phones.iter().all(|phone| phone.refused().is_empty()), "something was refused");
    row("… server memory after it, MB", process.memory_mb()?);
    agree(phones, made)?;
    Ok(edit)
}

/// Every record of the storm is on every phone of its zone, and those phones hold the same.
fn agree(phones: &[Phone], made: &[Made]) -> anyhow::Result<()> {
    let mut zones: BTreeMap<ZoneId, Vec<&Phone>> = BTreeMap::new();
    for phone in phones {
        zones.entry(zone_of(phone)).or_default().push(phone);
    }
    for (zone, mates) in &zones {
        let prints: BTreeSet<Vec<(IssueId, u64)>> = mates.iter().map(|phone| prints(phone)).collect();
        ensure!(prints.len() == 1, "the phones of zone {zone} differ");
        // They agree, so what one holds all hold.
        let held = records(mates[0])?;
        let lost =
            made.iter().filter(|made| made.zone == *zone && !held.contains(&(made.issue, made.record.clone()))).count();
        ensure!(lost == 0, "{lost} edits of zone {zone} are lost");
    }
    row("… edits found on every phone of their zone, phones that differ", format!("{} of {0}, 0", made.len()));
    Ok(())
}

fn prints(phone: &Phone) -> Vec<(IssueId, u64)> {
    phone.storage.documents.values().map(|document| (document.issue, document.fingerprint)).collect()
}

fn records(phone: &Phone) -> anyhow::Result<BTreeSet<(IssueId, String)>> {
    let mut records = BTreeSet::new();
    for document in phone.storage.documents.values() {
        let issue = Document::load(&document.bytes)?.read(document.issue)?;
        let ids = issue.steps.into_iter().map(|step| step.id).chain(issue.remarks.into_iter().map(|remark| remark.id));
        records.extend(ids.map(|id| (document.issue, id)));
    }
    Ok(records)
}

async fn memory(server: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let began = Instant::now();
    let mut office = Office::fill(&data, 20_000, 200, CADRES).await?;
    let took = began.elapsed().as_secs_f64();
    row(
        "20,000 issues filled through the admission, changes per second",
        format!("{:.0}", office.changes as f64 / took),
    );
    let mut phone = office.phone(0).await?;
    office.service.close().await;
    let began = Instant::now();
    let hub = Hub::start(&Launch::of(server), &data)?;
    row("restart to serving with 20,000 issues, ms", began.elapsed().as_millis());
    phone.device.moved_to(&hub.origin);
    ensure!(phone.sync().await.is_none(), "a zone");
    row("server memory with 20,000 issues after a first sync, MB", hub.memory_mb()?);
    let size = std::fs::metadata(data.join("office.db"))?.len();
    row("database per issue, bytes", size / 20_000);
    hub.kill()
}

//! The desk at a million issues: counts, lists, memory. A part of `./x bench`, and alone when the desk changes.

use std::path::Path;
use std::time::Instant;

use xiaohao_server::service::system_clock;
use xiaohao_tests::faults::hub::{Hub, Launch};
use xiaohao_tests::load::office::Office;
use xiaohao_tests::million::{Size, fill, paths, times};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = std::env::var("XIAOHAO_SERVER").unwrap_or_else(|_| "target/release/xiaohao-server".into());
    let issues = std::env::var("XIAOHAO_ISSUES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let office = Office::fill(&data, 0, 20, 300).await?;
    let began = Instant::now();
    fill(&office.service.store, &Size { issues, zones: 20, people: 300 }, system_clock()).await?;
    println!("| {issues} issues: seconds to fill | {:.1} |", began.elapsed().as_secs_f64());
    let mut device = office.pc().await?;
    office.service.close().await;
    let hub = Hub::start(&Launch::of(Path::new(&server)), &data)?;
    device.moved_to(&hub.origin);
    for (what, [half, most]) in times(&device, &paths(system_clock()), 20).await? {
        println!("| {what}: p50, p95 ms | {:.1}, {:.1} |", half.as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
    }
    println!("| memory of the server after it, MB (peak) | {} ({}) |", hub.memory_mb()?, hub.peak_mb()?);
    println!("| database, MB | {} |", std::fs::metadata(data.join("office.db"))?.len() / 1_000_000);
    hub.kill()
}

//! The desk at a million issues: counts, lists, memory. A part of `./x bench`, and alone when the desk changes.

use std::path::Path;
use std::time::Instant;

use xiaohao_server::service::system_clock;
use xiaohao_shared::api::WeeklyHead;
use xiaohao_shared::model::settlement::Month;
use xiaohao_tests::TestDevice;
use xiaohao_tests::faults::hub::{Hub, Launch};
use xiaohao_tests::load::office::Office;
use xiaohao_tests::million::{Size, behind, fill, paths, time, weekly};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let server = std::env::var("XIAOHAO_SERVER").unwrap_or_else(|_| "target/release/xiaohao-server".into());
    let issues = std::env::var("XIAOHAO_ISSUES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    // Where a folder is named, the office stays there, and is asked again without being filled; and where a part of a name is, only that.
    let (folder, kept) = (tempfile::tempdir()?, std::env::var_os("XIAOHAO_KEPT"));
    let data = kept.map_or_else(|| folder.path().join("data"), Into::into);
    let filled = data.join("office.db").exists();
    let office = Office::fill(&data, 0, 20, 300).await?;
    if !filled {
        let began = Instant::now();
        fill(&office.service.store, &Size { issues, zones: 20, people: 300 }, system_clock()).await?;
        println!("| {issues} issues: seconds to fill | {:.1} |", began.elapsed().as_secs_f64());
    }
    let mut device = office.pc().await?;
    office.service.close().await;
    let hub = Hub::start(&Launch::of(Path::new(&server)), &data)?;
    device.moved_to(&hub.origin);
    let only = std::env::var("XIAOHAO_ONLY").unwrap_or_default();
    for (what, path) in paths(system_clock()).into_iter().filter(|(what, _)| what.contains(&only)) {
        tell(&device, what, &path).await?;
    }
    if !only.is_empty() {
        return hub.kill();
    }
    let last = Month::of(Month::of(system_clock()).start() + -1);
    for (what, path, wish) in [
        ("a weekly list made", "/api/weekly", serde_json::Value::Null),
        ("the first month frozen, all issues booked", "/api/settlements", serde_json::json!({ "month": last })),
    ] {
        let began = Instant::now();
        let answer = device.post_json(path, &wish).await;
        println!("| {what}: seconds (answer {}) | {:.2} |", answer.status, began.elapsed().as_secs_f64());
    }
    tell(&device, "a frozen month", &format!("/api/settlements/{last}")).await?;
    let lists: Vec<WeeklyHead> = device.get("/api/weekly").await.json();
    let newest = lists.first().map(|list| weekly(&list.number)).unwrap_or_default();
    for (what, path) in newest.into_iter().chain(behind(system_clock(), last)) {
        tell(&device, &what, &path).await?;
    }
    println!("| memory of the server after it, MB (peak) | {} ({}) |", hub.memory_mb()?, hub.peak_mb()?);
    println!("| database, MB | {} |", std::fs::metadata(data.join("office.db"))?.len() / 1_000_000);
    hub.kill()
}

/// Twenty times are enough to see how long it takes nearly always.
async fn tell(device: &TestDevice, what: &str, path: &str) -> anyhow::Result<()> {
    let [first, half, most] = time(device, path, 20).await?.map(|taken| taken.as_secs_f64() * 1e3);
    println!("| {what}: p50, p95 and the first time, ms | {half:.1}, {most:.1}, {first:.1} |");
    Ok(())
}

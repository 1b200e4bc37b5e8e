//! What a list of 100,000 issues costs as a file: seconds, bytes, and the most memory that the process ever held. Prints a table;
//! run it by `./x bench`, never in tests. It measures in a process of its own, so that filling the office does not count.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use futures_util::TryStreamExt;
use xiaohao_server::service::export::{Tongue, Wish, book};
use xiaohao_server::service::{Service, system_clock};
use xiaohao_shared::api::BookFormat;
use xiaohao_shared::model::filter::Filter;
use xiaohao_tests::load::office::Office;

/// Issues that come in by the ordinary way, and how often SQL then repeats each.
const MADE: usize = 1_000;
const TIMES: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    match &args[1..] {
        [data, format] => measure(Path::new(data), BookFormat::from_code(format).context("a format")?).await,
        _ => all().await,
    }
}

async fn all() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    fill(folder.path()).await?;
    for format in BookFormat::ALL {
        let status = Command::new(std::env::current_exe()?).arg(folder.path()).arg(format.code()).status()?;
        ensure!(status.success(), "{status}");
    }
    Ok(())
}

async fn fill(data: &Path) -> anyhow::Result<()> {
    let office = Office::fill(data, MADE, 10, 20).await?;
    let times = format!("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {})", TIMES - 1);
    for table in ["issues", "steps"] {
        let columns: Vec<(String,)> = sqlx::query_as("SELECT name FROM pragma_table_info($1)")
            .bind(table)
            .fetch_all(&office.service.store)
            .await?;
        let columns: Vec<String> = columns.into_iter().map(|(name,)| name).collect();
        let values = columns.join(", ").replacen("issue_id", "substr(issue_id, 1, 28) || printf('%08x', n)", 1);
        let sql =
            format!("{times} INSERT OR IGNORE INTO {table} ({}) SELECT {values} FROM {table}, n", columns.join(", "));
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&office.service.store).await?;
    }
    office.service.close().await;
    Ok(())
}

async fn measure(data: &Path, format: BookFormat) -> anyhow::Result<()> {
    let service = Service::open(data, system_clock).await?;
    let before = peak_mb()?;
    let began = Instant::now();
    let wish = Wish { filter: Filter::default(), format, tongue: Tongue::Zh, pictures: false };
    let book = book(&service, None, wish).await?;
    let rows = book.rows;
    let bytes = book.body.try_fold(0, |sum, piece| async move { Ok(sum + piece.len()) }).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "| export of {rows} issues as {}: seconds, MB of file, peak MB of memory (before it) | {seconds:.1}, {:.1}, {} ({before}) |",
        format.code(),
        bytes as f64 / 1e6,
        peak_mb()?
    );
    Ok(())
}

fn peak_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

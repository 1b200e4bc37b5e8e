//! `load [--phones N] [--edits N] [--zones N] [--issues N] [--runs N]`: a whole office of phones that comes back at once, and what it
//! costs the server. Fails where anything is lost, doubled or differs.

use std::path::PathBuf;
use std::process::ExitCode;

use xiaohao_server::listen::files;
use xiaohao_tests::load::{self, Report, Size, Stretch};
use xiaohao_tests::phone::Traffic;

struct Wish {
    size: Size,
    runs: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    let wish = match wish() {
        Ok(wish) => wish,
        Err(error) => {
            eprintln!("{error}\nload [--phones N] [--edits N] [--zones N] [--issues N] [--runs N]");
            return ExitCode::from(2);
        }
    };
    // Each phone has a connection of its own.
    files::allow_many();
    let server: PathBuf =
        std::env::var_os("XIAOHAO_SERVER").unwrap_or_else(|| "target/release/xiaohao-server".into()).into();
    let mut well = true;
    for run in 1..=wish.runs {
        let Size { phones, edits, zones, issues } = wish.size;
        println!("run {run}: {phones} phones, {edits} edits each, {zones} zones with {issues} issues\n");
        match load::run(&server, &wish.size).await {
            Ok(report) => well &= print(&report),
            Err(error) => {
                println!("FAILED: {error:#}");
                well = false;
            }
        }
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Five phones a zone, as the office has cadres, and not less than the twenty zones and 2,000 issues of the figures.
fn wish() -> anyhow::Result<Wish> {
    let (mut phones, mut edits, mut zones, mut issues, mut runs) = (100, 20, None, None, 1);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a number"))?;
        match word.as_str() {
            "--phones" => phones = value.parse()?,
            "--edits" => edits = value.parse()?,
            "--zones" => zones = Some(value.parse()?),
            "--issues" => issues = Some(value.parse()?),
            "--runs" => runs = value.parse()?,
            _ => anyhow::bail!("{word} is not known"),
        }
    }
    let zones: usize = zones.unwrap_or_else(|| (phones / 5).max(20));
    let issues: usize = issues.unwrap_or_else(|| (zones * 20).max(2_000));
    anyhow::ensure!(phones > 0 && zones > 0 && issues >= zones, "at least one phone, one zone, and an issue in each");
    Ok(Wish { size: Size { phones, edits, zones, issues }, runs })
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

fn print(report: &Report) -> bool {
    println!("| what | figure |\n|---|---|");
    print_stretch("first sync of all phones at once", &report.first);
    print_stretch("storm", &report.storm);
    row("… server CPU an edit, ms", format!("{:.2}", report.storm.cpu * 1000.0 / report.edits.max(1) as f64));
    row("server memory at its highest (VmHWM), MB", report.peak_mb);
    row("requests that were turned away and repeated", report.turned_away);
    row("repairs", report.repairs);
    let compared = &report.compared;
    row("edits saved, lost, doubled, refused", {
        let (made, load::storm::Compared { lost, surplus, refused, .. }) = (report.edits, compared);
        format!("{made}, {lost}, {surplus}, {refused}")
    });
    row("documents on the phones compared by heads, phones that differ", {
        format!("{}, {}", compared.documents, compared.differing)
    });
    row("verify", report.verify.replace('\n', "; "));
    println!();
    compared.is_well()
}

fn print_stretch(what: &str, stretch: &Stretch) {
    let bodies = |traffic: &Traffic| traffic.up + traffic.down;
    let all: usize = stretch.traffic.iter().map(bodies).sum();
    let headers: usize = stretch.traffic.iter().map(|traffic| traffic.up_headers + traffic.down_headers).sum();
    let requests: u32 = stretch.traffic.iter().map(|traffic| traffic.requests).sum();
    row(&format!("{what}: seconds until all agree"), format!("{:.1}", stretch.took.as_secs_f64()));
    row("… server CPU, s", format!("{:.2}", stretch.cpu));
    row("… bytes in all, and our headers", format!("{all} + {headers} in {requests} requests"));
    row("… bytes up a phone: least, median, most", spread(stretch, |traffic| traffic.up));
    row("… bytes down a phone: least, median, most", spread(stretch, |traffic| traffic.down));
}

fn spread(stretch: &Stretch, of: impl Fn(&Traffic) -> usize) -> String {
    let mut all: Vec<usize> = stretch.traffic.iter().map(of).collect();
    all.sort_unstable();
    format!("{}, {}, {}", all[0], all[all.len() / 2], all[all.len() - 1])
}

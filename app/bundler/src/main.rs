//! The command line of the bundler: says what the app weighs, and refuses one that is too heavy for a weak link.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use xiaohao_bundler::{Options, Report, bundle};

/// What a phone may have to fetch before it can start, in bytes after brotli.
const LIMIT: usize = 600_000;

#[derive(Parser)]
#[command(about = "Makes dist/ from the built WebAssembly and public/")]
struct Cli {
    /// The WebAssembly file that cargo built.
    #[arg(long)]
    wasm: PathBuf,
    #[arg(long, default_value = "public")]
    public: PathBuf,
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
    #[arg(long, default_value = "target/bundle")]
    cache: PathBuf,
    /// Compress as well as possible, and fail when the app is too heavy.
    #[arg(long)]
    release: bool,
}

fn main() -> Result<ExitCode> {
    let Cli { wasm, public, dist, cache, release } = Cli::parse();
    let report = bundle(&Options { wasm, public, dist, cache, release })?;
    print(&report);
    if release && report.start() > LIMIT {
        eprintln!("too heavy: {} bytes to start, at most {LIMIT} are allowed", report.start());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(report: &Report) {
    println!("{:>10} {:>10}  file (* = needed to start)", "bytes", "as sent");
    for weight in &report.weights {
        let mark = if weight.start { '*' } else { ' ' };
        println!("{:>10} {:>10} {mark}{}", weight.raw, weight.sent, weight.path);
    }
    println!("app {}: {} bytes to start, limit {LIMIT}", report.version, report.start());
    println!("names of functions: {}", report.named_wasm.display());
}

//! The command line of the bundler: makes dist/ and says what the app weighs, against what a weak link should have to carry.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use xiaohao_bundler::{Options, Report, bundle};

/// What a phone should have to fetch before it can start, in bytes after brotli. A figure to reach, not a gate.
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
    /// Compress as well as possible.
    #[arg(long)]
    release: bool,
}

fn main() -> Result<()> {
    let Cli { wasm, public, dist, cache, release } = Cli::parse();
    let report = bundle(&Options { wasm, public, dist, cache, release })?;
    print(&report);
    Ok(())
}

fn print(report: &Report) {
    println!("{:>10} {:>10}  file (* = needed to start)", "bytes", "as sent");
    for weight in &report.weights {
        let mark = if weight.start { '*' } else { ' ' };
        println!("{:>10} {:>10} {mark}{}", weight.raw, weight.sent, weight.path);
    }
    println!("app {}: {} bytes to start, aim {LIMIT}", report.version, report.start());
    println!("names of functions: {}", report.named_wasm.display());
}

//! What each bomb costs before it is refused, in time and memory. Prints a table; part of `./x bench`.

use peak_alloc::PeakAlloc;
use xiaohao_tests::bombs::{Bomb, Cost, MOST_BYTES, MOST_TIME, Target};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Of so many runs the one in the middle counts: others may use the machine, too.
const RUNS: usize = 9;

fn main() -> anyhow::Result<()> {
    let target = Target::default();
    let bombs = target.bombs();
    println!("| bomb | ms, MB |\n|---|---|");
    let costs: Vec<Cost> = bombs.iter().map(|bomb| measured(&target, bomb)).collect();
    for (bomb, cost) in bombs.iter().zip(&costs) {
        println!("| bomb: {} | {:.3}, {:.2} |", bomb.name, cost.took.as_secs_f64() * 1e3, megabytes(cost.bytes));
        anyhow::ensure!(cost.refused, "{} is let in", bomb.name);
    }
    let slow = costs.iter().filter(|cost| cost.took >= MOST_TIME).count();
    let large = costs.iter().filter(|cost| cost.bytes >= MOST_BYTES).count();
    println!(
        "| {} bombs refused, slower than {} ms, larger than {:.0} MB | {slow}, {large} |",
        costs.len(),
        MOST_TIME.as_millis(),
        megabytes(MOST_BYTES),
    );
    anyhow::ensure!(slow + large == 0, "a bomb costs more than it may");
    Ok(())
}

fn measured(target: &Target, bomb: &Bomb) -> Cost {
    let mut costs: Vec<Cost> = (0..RUNS).map(|_| target.meet(bomb)).collect();
    costs.sort_by_key(|cost| cost.took);
    costs[RUNS / 2]
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

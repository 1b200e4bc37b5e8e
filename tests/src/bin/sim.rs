//! `sim --seeds N [--from S] [--plant NAME] [--replay FILE]`: plays plans and says what does not hold. Failing plans are saved
//! under `target/sim`, the first of them made short.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use xiaohao_tests::sim::minimise::minimise;
use xiaohao_tests::sim::plan::Plan;
use xiaohao_tests::sim::plant::Plant;
use xiaohao_tests::sim::{self, Explored, Outcome, run};

/// To make a plan short takes as long as a hundred others.
const MOST_REPORTED: usize = 10;

#[derive(Default)]
struct Wish {
    seeds: u64,
    from: u64,
    plant: Option<Plant>,
    replay: Option<PathBuf>,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    match wish().and_then(|wish| if let Some(file) = &wish.replay { replay(file, &wish) } else { explore(&wish) }) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}\nsim --seeds N [--from S] [--plant NAME] [--replay FILE]");
            ExitCode::from(2)
        }
    }
}

fn wish() -> anyhow::Result<Wish> {
    let mut wish = Wish { seeds: 100, ..Wish::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a value"))?;
        match word.as_str() {
            "--seeds" => wish.seeds = value.parse()?,
            "--from" => wish.from = value.parse()?,
            "--plant" => wish.plant = Some(value.parse().map_err(anyhow::Error::msg)?),
            "--replay" => wish.replay = Some(value.into()),
            _ => anyhow::bail!("{word} is not known"),
        }
    }
    Ok(wish)
}

/// Plays one plan and prints all that happened in it.
fn replay(file: &PathBuf, wish: &Wish) -> anyhow::Result<usize> {
    let Outcome { trace, violations, excused } = run(&Plan::read(&fs::read_to_string(file)?)?, wish.plant);
    trace.iter().for_each(|line| println!("{line}"));
    violations.iter().for_each(|violation| println!("VIOLATION {violation}"));
    println!("{excused} records went with a second restore");
    Ok(violations.len())
}

fn explore(wish: &Wish) -> anyhow::Result<usize> {
    let begin = Instant::now();
    // A planted bug has to be found once.
    let enough = if wish.plant.is_some() { 1 } else { usize::MAX };
    let Explored { failed, excused } = sim::explore(wish.from..wish.from + wish.seeds, wish.plant, enough);
    let rate = wish.seeds as f64 / begin.elapsed().as_secs_f64();
    println!(
        "{} seeds, {} failures, {excused} lost something with a second restore, {rate:.1} seeds/s",
        wish.seeds,
        failed.len()
    );
    // All of them first: to make them short takes long, and whoever stops it has them all the same.
    failed.iter().try_for_each(|seed| keep(*seed))?;
    failed.iter().take(MOST_REPORTED).try_for_each(|seed| report(*seed, wish.plant))?;
    Ok(failed.len())
}

fn keep(seed: u64) -> anyhow::Result<()> {
    let file = sim::keep(&sim::folder(), seed, &Plan::of(seed))?;
    println!("seed {seed} fails: {}", file.display());
    Ok(())
}

fn report(seed: u64, plant: Option<Plant>) -> anyhow::Result<()> {
    let plan = minimise(&Plan::of(seed), plant);
    let file = sim::keep(&sim::folder(), seed, &plan)?;
    println!("seed {seed}: {} in {} operations", file.display(), plan.ops.len());
    run(&plan, plant).violations.iter().for_each(|violation| println!("  {violation}"));
    Ok(())
}

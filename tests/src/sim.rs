//! The simulation: a world of phones and their office in one thread, with its own clock, in which everything that a street, a
//! cheap phone and a small office can do to a sync happens by a plan. The engines and the hub are the real ones; storage,
//! line and time are played. Knows no HTTP and no browser; a request is lost as a whole or arrives as a whole.

pub mod album;
pub mod chance;
pub mod check;
pub mod clock;
pub mod deeds;
pub mod minimise;
pub mod model;
pub mod office;
pub mod phone;
pub mod plan;
pub mod plant;
pub mod world;

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use plan::Plan;
use plant::Plant;
use rustix::thread::CpuSet;
use world::World;

/// A world mostly waits for the thread of its database.
const WORLDS_A_CORE: usize = 3;

/// What a plan led to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// One line for each operation, and how the world stood at the end: the same plan gives the same lines.
    pub trace: Vec<String>,
    /// What must hold and did not.
    pub violations: Vec<String>,
    /// How many records of the known limit are gone: see [`model::Model::lost_again`].
    pub excused: usize,
}

/// What the plans of many seeds led to.
#[derive(Debug, Default)]
pub struct Explored {
    /// The seeds whose plans failed, in order.
    pub failed: Vec<u64>,
    /// The seeds of whose plans something was excused.
    pub excused: usize,
}

/// Plays a plan in a world of its own. A panic of the code under test is a violation like any other.
pub fn run(plan: &Plan, plant: Option<Plant>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let played = catch_unwind(AssertUnwindSafe(|| runtime.block_on(play(plan, plant))));
    played.unwrap_or_else(|panic| Outcome { violations: vec![words(panic.as_ref())], ..Outcome::default() })
}

async fn play(plan: &Plan, plant: Option<Plant>) -> Outcome {
    let mut world = World::begin(plan, plant).await;
    for op in &plan.ops {
        world.apply(op).await;
    }
    world.quiet().await;
    world.end().await
}

/// Plays the plans of many seeds, on every core some. Ends early when `enough` have failed.
pub fn explore(seeds: Range<u64>, plant: Option<Plant>, enough: usize) -> Explored {
    let (next, explored) = (Mutex::new(seeds), Mutex::new(Explored::default()));
    // In a call of its own: in the loop's condition the lock would be held while the plan is played.
    let take = || next.lock().expect("no panic").next();
    let work = || {
        while explored.lock().expect("no panic").failed.len() < enough
            && let Some(seed) = take()
        {
            let outcome = run(&Plan::of(seed), plant);
            let mut explored = explored.lock().expect("no panic");
            explored.excused += usize::from(outcome.excused > 0);
            explored.failed.extend((!outcome.violations.is_empty()).then_some(seed));
        }
    };
    let work = |at: usize| {
        stay_on(at % cores());
        work();
    };
    let work = &work;
    thread::scope(|scope| (0..WORLDS_A_CORE * cores()).for_each(|at| drop(scope.spawn(move || work(at)))));
    let mut explored = explored.into_inner().expect("no panic");
    explored.failed.sort_unstable();
    explored
}

/// Where failing plans wait to be looked at.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("target/sim")
}

/// Writes a plan into a folder, for `./x sim --replay`.
pub fn keep(folder: &Path, seed: u64, plan: &Plan) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{seed}.plan"));
    fs::write(&file, plan.write()?)?;
    Ok(file)
}

/// A world and the thread of its database take turns: to wake somebody on another core costs more than what they do. The threads
/// that are begun here stay here, too. Where the system does not allow it, everything only takes longer.
fn stay_on(core: usize) {
    let mut only = CpuSet::new();
    only.set(core);
    let _ = rustix::thread::sched_setaffinity(None, &only);
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without words"))
}

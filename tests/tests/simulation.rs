//! The simulation (`tests/src/sim`) finds nothing in many plans, and does find what was planted. Plans that failed once stand
//! in `tests/regressions` and are replayed for ever.

use std::path::{Path, PathBuf};

use xiaohao_tests::sim::minimise::minimise;
use xiaohao_tests::sim::plan::Plan;
use xiaohao_tests::sim::plant::Plant;
use xiaohao_tests::sim::{explore, folder, keep, run};

const SEEDS: u64 = 300;
/// A bug that needs more is not found by looking for it on an afternoon.
const MOST_SEEDS: u64 = 500;

#[test]
fn whatever_happens_nothing_is_lost_and_all_agree_in_the_end() {
    if let Some(seed) = explore(0..SEEDS, None, 1).failed.first() {
        // As it is first: to make it short takes long, and a build machine may not wait.
        let file = keep(&folder(), *seed, &Plan::of(*seed)).expect("written");
        println!("seed {seed} fails: {}", file.display());
        let plan = minimise(&Plan::of(*seed), None);
        keep(&folder(), *seed, &plan).expect("written");
        panic!("seed {seed}, {}: {:#?}\n{}", file.display(), run(&plan, None).violations, plan.write().expect("JSON"));
    }
}

#[test]
fn a_failing_plan_is_kept_in_a_file_that_fails_again() {
    let fails = |plan: &Plan| !run(plan, Some(Plant::AcknowledgeBeforeCommit)).violations.is_empty();
    let seed = explore(0..MOST_SEEDS, Some(Plant::AcknowledgeBeforeCommit), 1).failed[0];
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = keep(folder.path(), seed, &Plan::of(seed)).expect("written");
    assert_eq!(file, folder.path().join(format!("{seed}.plan")));
    let kept = Plan::read(&std::fs::read_to_string(&file).expect("text")).expect("a plan");
    assert!(fails(&kept));
}

#[test]
fn the_same_plan_leads_to_the_same_end_twice() {
    for seed in 0..10 {
        let plan = Plan::of(seed);
        let (first, second) = (run(&plan, None), run(&plan, None));
        assert_eq!(first, second, "seed {seed}");
        let again = Plan::read(&plan.write().expect("JSON")).expect("a plan");
        assert_eq!(plan, again, "seed {seed} survives being written down");
    }
}

#[test]
fn every_planted_bug_is_caught() {
    for plant in Plant::ALL {
        let caught = explore(0..MOST_SEEDS, Some(plant), 1).failed;
        let seed = caught.first().unwrap_or_else(|| panic!("{plant} was not noticed in {MOST_SEEDS} seeds"));
        println!("{plant}: seed {seed}");
    }
}

#[test]
fn what_failed_once_holds_for_ever() {
    for (file, plan) in regressions() {
        assert_eq!(run(&plan, None).violations, Vec::<String>::new(), "{}", file.display());
    }
}

fn regressions() -> Vec<(PathBuf, Plan)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    let read = |file: PathBuf| {
        let plan = Plan::read(&std::fs::read_to_string(&file).expect("text")).expect("a plan");
        (file, plan)
    };
    files.into_iter().map(read).collect()
}

//! Real faults against the real server (`tests/src/faults`), a few of each; `./x faults` does many.

use std::path::Path;

use xiaohao_tests::faults::{disk, flips, injections, is_strict, kills, not_done};

const HUB: &str = env!("CARGO_BIN_EXE_hub");

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let killed = kills::run(Path::new(HUB), 8).await.unwrap();
    assert!(killed.compared.changes > 0 && killed.compared.photos > 0, "{killed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_once_at_any_moment_costs_nothing_that_was_acknowledged() {
    if let Err(why) = injections::possible() {
        return not_done("injections", why, is_strict()).unwrap();
    }
    let ks = [1, 2, 4, 7, 12, 40];
    let injected = injections::run(Path::new(HUB), ks.into_iter()).await.unwrap();
    assert!(injected.calls > 0, "{injected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_makes_photos_wait_then_changes_and_recovers_without_a_restart() {
    match disk::SmallDisk::mount() {
        Ok(disk) => {
            let filled = disk::run(Path::new(HUB), &disk).await.unwrap();
            assert!(filled.photos_waited > 0 && filled.changes_waited > 0, "{filled:?}");
        }
        Err(why) => not_done("full disk", why, is_strict()).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flipped_bit_is_found_and_none_is_served() {
    let flipped = flips::run(40).await.unwrap();
    assert!(flipped.changes > 0 && flipped.documents > 0 && flipped.photos > 0, "{flipped:?}");
}

//! What a few bytes, or a client that reads nothing, may cost the office in memory: counted by the allocator, so it is the same each
//! time. How long they take is measured by `./x bench`.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use automerge::AutoCommit;
use peak_alloc::PeakAlloc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use xiaohao_server::listen::Limits;
use xiaohao_server::listen::pace::Pace;
use xiaohao_server::service::admission::trial;
use xiaohao_shared::doc::Document;
use xiaohao_shared::id::IssueId;
use xiaohao_tests::TestServer;
use xiaohao_tests::bombs::{MOST_BYTES, Target, UNLOADABLE};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Whoever counts is alone.
static ALONE: Mutex<()> = Mutex::const_new(());

#[test]
fn every_bomb_is_refused_and_costs_no_memory() {
    let _alone = ALONE.blocking_lock();
    let target = Target::default();
    let bombs = target.bombs();
    assert!(bombs.len() >= 20);
    println!("| bomb | KB |\n|---|---|");
    for bomb in &bombs {
        let cost = target.meet(bomb);
        println!("| {} | {} |", bomb.name, cost.bytes / 1024);
        assert!(cost.refused, "{} is let in", bomb.name);
        assert!(cost.bytes < MOST_BYTES, "{}: {} bytes", bomb.name, cost.bytes);
    }
}

#[test]
fn there_are_changes_that_the_library_takes_in_and_saves_and_cannot_load_again() {
    let mut document = AutoCommit::new();
    document.load_incremental(UNLOADABLE).unwrap();
    assert_eq!(document.get_heads().len(), 1);
    assert!(AutoCommit::load(&document.save()).is_err(), "it has learned to: this bomb is none any more");
    // Should one get so far, the trial that each change meets stops it.
    assert!(trial(IssueId([7; 16]), &Document::default(), &[UNLOADABLE]).is_none());
}

/// Larger than what the kernel takes over for a connection.
const FILE: usize = 24 * 1024 * 1024;
const CLIENTS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn however_many_ask_for_the_app_and_read_nothing_it_lies_in_memory_once_and_they_are_hung_up_on() {
    let _alone = ALONE.lock().await;
    let pace = Pace { least: 1, window: Duration::from_secs(2) };
    let server = TestServer::start_with(Limits { pace, ..Limits::default() }).await;
    server.write_app("app-0123456789ab.wasm", &vec![7; FILE]);
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(server.origin.trim_start_matches("http://")).await.unwrap();
        stream.write_all(b"GET /app-0123456789ab.wasm HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut head = [0; 15];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        clients.push(stream);
    }
    let cost = MEMORY.peak_usage().saturating_sub(before);
    assert!(cost < FILE + MOST_BYTES, "{cost} bytes for {CLIENTS} clients");
    tokio::time::sleep(Duration::from_secs(4)).await;
    for stream in &mut clients {
        let (mut rest, mut piece) = (0, vec![0; 64 * 1024]);
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            rest += read;
        }
        assert!(rest < FILE, "nobody waits for him");
    }
}

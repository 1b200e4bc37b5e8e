//! How long an honest phone waits while a thousand slow clients hold connections: a third each in their headers, in a body, and in
//! reading an answer. Prints a table; run it by `./x bench`, never in tests.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::Client;
use xiaohao_server::listen::files;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::sync::wire::{self, Position, Request};
use xiaohao_tests::edits::{new_issue, report};
use xiaohao_tests::phone::{Phone, nothing};
use xiaohao_tests::slow::Crowd;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer};

const SLOW: usize = 1_000;
const READERS: usize = SLOW / 3;
/// Slow ones of one person: a device may have thirty-two requests inside.
const EACH: usize = 23;
const ASKED: usize = 400;
const LARGE: usize = 24_000_000;
/// Issues of a phone's zone; of these as many come as a page takes.
const ISSUES: usize = 200;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    files::allow_many();
    let server = TestServer::start().await;
    server.write_app("large.wasm", &vec![7; LARGE]);
    let person = server.person("李梅", Role::Cadre, &[1]).await;
    let honest = server.enrol(&person).await;
    fill(&honest, &person).await?;
    let alone = (waits(&honest, office).await?, waits(&honest, page).await?);
    let size = Answer::of(honest.sign(page())).await.body.len();
    ensure!(size > 10_000, "not much of a page: {size}");
    let mut crowds = crowds(&server).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held = left(&mut crowds);
    let among = (waits(&honest, office).await?, waits(&honest, page).await?);
    println!("| an honest phone's request, alone: p50, p95, most (ms) | {} |", told(&alone.0));
    println!("| the same among {held} slow connections | {} |", told(&among.0));
    println!("| a first page of the sync, of {size} bytes, alone | {} |", told(&alone.1));
    println!("| the same among them | {} |", told(&among.1));
    for (after, more) in [(66, 65), (140, 74)] {
        tokio::time::sleep(Duration::from_secs(more)).await;
        println!("| of {SLOW} slow connections still held after {after} s | {} |", left(&mut crowds));
    }
    Ok(())
}

async fn fill(device: &TestDevice, person: &Person) -> anyhow::Result<()> {
    let mut phone = Phone::new(device.clone(), person);
    for number in 0..ISSUES {
        let saved = phone.save(new_issue(), report(person.id, 1, &format!("垃圾桶满溢，第 {number} 处")));
        ensure!(saved.is_ok(), "{saved:?}");
    }
    let failure = phone.sync().await;
    ensure!(failure.is_none(), "{failure:?}");
    Ok(())
}

async fn crowds(server: &TestServer) -> anyhow::Result<Vec<Crowd>> {
    let mut crowds = vec![Crowd::reading(READERS, &server.origin, "/large.wasm").await?];
    for number in 0..(SLOW - READERS) / EACH {
        let person = server.person(&format!("慢{number}"), Role::Cadre, &[1]).await;
        crowds.push(Crowd::of(EACH, &server.enrol(&person).await).await?);
    }
    Ok(crowds)
}

fn left(crowds: &mut [Crowd]) -> usize {
    crowds.iter_mut().map(Crowd::left).sum()
}

fn office() -> Call {
    Call::get("/api/office")
}

/// Of a phone that has nothing yet.
fn page() -> Call {
    let begin = (ZoneId(1), Position { after: 0, pull: None, own: None });
    let request = Request { page_bytes: *wire::PAGE_BYTES.end(), scopes: vec![begin], ..nothing() };
    Call::new("POST", wire::PATH).body(wire::pack(&request))
}

async fn waits(honest: &TestDevice, call: impl Fn() -> Call) -> anyhow::Result<Vec<Duration>> {
    let client = Client::new();
    let mut waits = Vec::new();
    for _ in 0..ASKED {
        let began = Instant::now();
        let answer = Answer::by(&client, honest.sign(call())).await?;
        ensure!(answer.status == 200, "{answer:?}");
        waits.push(began.elapsed());
    }
    waits.sort();
    Ok(waits)
}

fn told(waits: &[Duration]) -> String {
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("{:.1}, {:.1}, {:.1}", at(0.5), at(0.95), at(1.0))
}

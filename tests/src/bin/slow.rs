//! How long an honest phone waits while a thousand slow clients hold connections. Prints a table; run it by `./x bench`, never in
//! tests.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::Client;
use xiaohao_server::listen::files;
use xiaohao_shared::model::Role;
use xiaohao_tests::slow::Crowd;
use xiaohao_tests::{Answer, Call, TestDevice, TestServer};

const SLOW: usize = 1_000;
const ASKED: usize = 400;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    files::allow_many();
    let server = TestServer::start().await;
    let honest = server.enrol(&server.person("李梅", Role::Cadre, &[1]).await).await;
    let alone = waits(&honest).await?;
    // Each of thirty phones may have its own thirty-two requests inside, so the crowd is spread over many.
    let mut crowds = Vec::new();
    for number in 0..SLOW / 20 {
        let person = server.person(&format!("慢{number}"), Role::Cadre, &[1]).await;
        crowds.push(Crowd::of(20, &server.enrol(&person).await).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held: usize = crowds.iter_mut().map(Crowd::left).sum();
    let among = waits(&honest).await?;
    println!("| an honest phone's request, alone: p50, p95, most (ms) | {} |", told(alone));
    println!("| the same among {held} slow connections | {} |", told(among));
    tokio::time::sleep(Duration::from_secs(65)).await;
    let left: usize = crowds.iter_mut().map(Crowd::left).sum();
    println!("| of {SLOW} slow connections still held after 66 s | {left} |");
    Ok(())
}

async fn waits(honest: &TestDevice) -> anyhow::Result<Vec<Duration>> {
    let client = Client::new();
    let mut waits = Vec::new();
    for _ in 0..ASKED {
        let began = Instant::now();
        let answer = Answer::by(&client, honest.sign(Call::get("/api/office"))).await?;
        ensure!(answer.status == 200, "{answer:?}");
        waits.push(began.elapsed());
    }
    waits.sort();
    Ok(waits)
}

fn told(waits: Vec<Duration>) -> String {
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("{:.1}, {:.1}, {:.1}", at(0.5), at(0.95), at(1.0))
}

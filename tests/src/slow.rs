//! Clients that take their time: each opens a request, or the body of one, and sends a byte now and then so that nobody takes it
//! for gone; or asks for much and reads a byte now and then. Knows no office.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{Call, TestDevice};

/// Slow as long as this lives.
pub struct Crowd(JoinSet<()>);

impl Crowd {
    /// Half of them in their headers, half in a signed body.
    pub async fn of(count: usize, device: &TestDevice) -> std::io::Result<Self> {
        let address = device.origin().trim_start_matches("http://").to_owned();
        let mut crowd = JoinSet::new();
        for number in 0..count {
            let stream = TcpStream::connect(&address).await?;
            let begin = if number % 2 == 0 { "GET /api/office HTTP/1.1\r\n".into() } else { body_to_come(device) };
            crowd.spawn(dribble(stream, begin));
        }
        Ok(Self(crowd))
    }

    /// In taking what is at `path` of `origin`.
    pub async fn reading(count: usize, origin: &str, path: &str) -> std::io::Result<Self> {
        let mut crowd = JoinSet::new();
        for _ in 0..count {
            let stream = TcpStream::connect(origin.trim_start_matches("http://")).await?;
            crowd.spawn(sip(stream, format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")));
        }
        Ok(Self(crowd))
    }

    /// How many are still connected.
    pub fn left(&mut self) -> usize {
        while self.0.try_join_next().is_some() {}
        self.0.len()
    }
}

/// The headers of a request that an enrolled device signed, for a body that is never whole.
fn body_to_come(device: &TestDevice) -> String {
    let request = device.sign(Call::new("POST", "/api/sync").body(vec![b'x'; 4_000]));
    let host = request.url().authority().to_owned();
    let mut head = format!("POST /api/sync HTTP/1.1\r\nhost: {host}\r\ncontent-length: 4000\r\n");
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head + "\r\n"
}

/// Until the other side hangs up.
async fn dribble(mut stream: TcpStream, begin: String) {
    let mut left = begin.into_bytes().into_iter();
    // The body comes as slowly as the headers; these are sent at once where they are whole.
    let whole = left.as_slice().ends_with(b"\r\n\r\n");
    let first: Vec<u8> = if whole { left.by_ref().collect() } else { left.by_ref().take(4).collect() };
    if stream.write_all(&first).await.is_err() {
        return;
    }
    for byte in left.chain(std::iter::repeat(b'x')) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if stream.write_all(&[byte]).await.is_err() {
            return;
        }
    }
}

/// The same. Whoever never reads all that has come finds out only by saying something that the other side has hung up.
async fn sip(mut stream: TcpStream, ask: String) {
    if stream.write_all(ask.as_bytes()).await.is_err() {
        return;
    }
    while stream.read_u8().await.is_ok() && stream.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

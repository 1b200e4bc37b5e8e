//! Carries bytes between sockets and the router: connection and time limits, TLS, orderly end.
//! Knows nothing of routes or the office. We accept ourselves because `axum::serve` lets a silent client stay for ever; and speak
//! HTTP/1.1 only, because in HTTP/2 nothing of this can be seen from here.

mod busy;
pub mod crowd;
pub mod files;
pub mod idle;
pub mod pace;
pub mod tls;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use busy::Busy;
use crowd::{Crowd, Seat};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use idle::IdleTimeout;
use pace::Pace;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Who is at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a TLS handshake, and for the headers of a request; so also for how long HTTP/1.1 waits for the next request.
    pub header: Duration,
    /// A connection on which nothing moves, in either direction, nothing waits to, and no request is being answered.
    pub idle: Duration,
    /// At which answers have to be taken.
    pub pace: Pace,
    pub connections: usize,
    /// Of these, from one address: a whole office behind one address fits, and nobody takes all places. Behind a proxy
    /// all come from one, so there requests are counted by the address that it forwards.
    pub per_address: usize,
    /// For open requests, once the server is told to stop.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            // A quarter of a KB a second, where the weakest links bring two: most of the time they may bring nothing.
            pace: Pace { least: 32 * 1024, window: Duration::from_secs(120) },
            connections: 4_000,
            // A thousand phones behind one address, each with a connection for its pages and one for news.
            per_address: 2_500,
            farewell: Duration::from_secs(10),
        }
    }
}

/// Bytes of an answer that the system holds for each connection. As many as go out within a round trip, so more would be faster on long
/// lines; but it tells us of room only when a third is free, and on a weak link that should be every few seconds.
const HELD: u32 = 64 * 1024;

/// Serves until `stop` says so or its sender is gone, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    if let Err(error) = hold_little(&listener) {
        tracing::warn!(%error, "the system holds as much of each answer as it likes");
    }
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let crowd = Crowd::new(limits.per_address);
    loop {
        let next = tokio::select! {
            next = accept(&listener, &places, &crowd) => next,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        if let Some((stream, peer, place)) = next {
            let connection = Connection { app: app.clone(), peer, limits, watcher: graceful.watcher() };
            tokio::spawn(connection.run(stream, tls.clone(), place));
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.farewell, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

/// What it accepts inherits this. The second handle is one that can be told.
fn hold_little(listener: &TcpListener) -> io::Result<()> {
    let same = listener.as_fd().try_clone_to_owned()?;
    TcpSocket::from_std_stream(same.into()).set_send_buffer_size(HELD)
}

/// One of all places, and one of those of the address.
type Place = (OwnedSemaphorePermit, Seat);

/// A place first: with all places taken, further clients wait in the kernel's queue. An address with too many is hung up on.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    crowd: &Crowd,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, (place, crowd.seat(peer.ip())?))),
        Err(error) => {
            // Out of file handles, usually: others must close first.
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

struct Connection {
    app: Router,
    peer: SocketAddr,
    limits: Limits,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>, _place: Place) {
        let _ = stream.set_nodelay(true);
        let busy = Busy::default();
        let stream = IdleTimeout::new(stream, self.limits.idle, self.limits.pace, busy.clone());
        let Some(tls) = tls else { return self.http1(stream, busy).await };
        if let Ok(Ok(stream)) = tokio::time::timeout(self.limits.header, tls.accept(stream)).await {
            self.http1(stream, busy).await;
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, busy: Busy) {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.limits.header).max_buf_size(64 * 1024);
        let service = TowerToHyperService::new(service(self.app, self.peer, busy));
        let served = self.watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await;
        log_end(served);
    }
}

type Handler = tower::util::BoxCloneService<Request<Incoming>, Response<Body>, Infallible>;

fn service(app: Router, peer: SocketAddr, busy: Busy) -> Handler {
    let handle = move |request: Request<Incoming>| {
        let (work, mut request) = busy.with(request);
        request.extensions_mut().insert(Peer(peer));
        let answer = app.clone().oneshot(request);
        async move {
            let answer = answer.await;
            drop(work);
            answer
        }
    };
    tower::util::BoxCloneService::new(tower::service_fn(handle))
}

/// Phones vanish in the middle of a request all day: worth a look only while searching.
fn log_end(served: Result<(), hyper::Error>) {
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const IDLE: Duration = Duration::from_millis(100);

    /// What is heard after this was said, until it is hung up.
    #[expect(clippy::disallowed_methods, reason = "no door of the product")]
    async fn heard(said: &[u8]) -> String {
        let slow = async |body: String| {
            tokio::time::sleep(5 * IDLE).await;
            format!("done {body}")
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stop, stopped) = watch::channel(false);
        let limits = Limits { idle: IDLE, ..Limits::default() };
        tokio::spawn(serve(listener, None, Router::new().route("/", axum::routing::any(slow)), limits, stopped));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(said).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn an_answer_that_takes_longer_than_a_connection_may_be_idle_arrives() {
        let bodies = ["\r\n", "Content-Length: 2\r\n\r\nhi", "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"];
        for said in bodies.map(|body| format!("POST / HTTP/1.1\r\nHost: h\r\n{body}")) {
            let answer = heard(said.as_bytes()).await;
            assert!(answer.contains("done"), "{answer:?}, and hung up on when idle after it");
        }
    }

    #[tokio::test]
    async fn whoever_stops_in_the_middle_of_his_request_is_hung_up_on() {
        let answer = heard(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhi").await;
        assert!(!answer.contains("done"), "{answer:?}");
    }
}

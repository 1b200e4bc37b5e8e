//! Asks another server, over TLS: one request, no redirect, bounded in time and size. Knows neither whom it asks nor what for.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::Scheme;
use axum::http::{HeaderValue, Request, Response, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// For connection, question and answer together.
const PATIENCE: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("its address is neither https nor on this machine")]
    Address,
    #[error("it took too long")]
    TooSlow,
    #[error("it cannot be reached: {0}")]
    Connection(#[from] std::io::Error),
    #[error("it speaks no HTTP that we understand: {0}")]
    Http(#[from] hyper::Error),
    #[error("it fails with status {0}")]
    Failing(u16),
    #[error("its answer broke off, or is too large: {0}")]
    Answer(Box<dyn std::error::Error + Send + Sync>),
}

pub struct Fetcher {
    tls: TlsConnector,
}

impl Fetcher {
    /// Trusts whom this machine trusts, an authority of the office's own among them.
    pub fn new() -> Result<Self, rustls::Error> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate of this machine cannot be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    pub async fn fetch(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
        tokio::time::timeout(PATIENCE, self.once(request)).await.unwrap_or(Err(FetchError::TooSlow))
    }

    async fn once(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
        let (mut head, body) = request.into_parts();
        let target = Target::of(&head.uri)?;
        let name = head.uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        let name = HeaderValue::from_str(name).map_err(|_| FetchError::Address)?;
        head.headers.insert(header::HOST, name);
        let path = head.uri.path_and_query().cloned();
        head.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
        let request = Request::from_parts(head, Full::new(Bytes::from(body)));
        let stream = TcpStream::connect((target.host.as_str(), target.port)).await?;
        if !target.tls {
            return ask(stream, request).await;
        }
        let name = ServerName::try_from(target.host).map_err(|_| FetchError::Address)?;
        ask(self.tls.connect(name, stream).await?, request).await
    }
}

async fn ask<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Vec<u8>>, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends by itself when nobody waits for the answer any more; what went wrong, the request is told.
    tokio::spawn(async move { drop(connection.await) });
    let (head, body) = sender.send_request(request).await?.into_parts();
    if head.status.is_server_error() {
        return Err(FetchError::Failing(head.status.as_u16()));
    }
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(FetchError::Answer)?;
    Ok(Response::from_parts(head, body.to_bytes().to_vec()))
}

struct Target {
    host: String,
    port: u16,
    tls: bool,
}

impl Target {
    /// What leaves this machine does so over TLS.
    fn of(uri: &Uri) -> Result<Self, FetchError> {
        let host = uri.host().ok_or(FetchError::Address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = uri.scheme() == Some(&Scheme::HTTPS);
        let near = uri.scheme() == Some(&Scheme::HTTP) && is_this_machine(&host);
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        if tls || near { Ok(Self { host, port, tls }) } else { Err(FetchError::Address) }
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether something may be asked, or somebody sent, there.
pub fn is_safe(address: &str) -> bool {
    address.parse().is_ok_and(|uri| Target::of(&uri).is_ok())
}

/// Whether it is this machine, where nobody needs TLS.
pub fn is_near(address: &str) -> bool {
    address.parse().is_ok_and(|uri| Target::of(&uri).is_ok_and(|target| is_this_machine(&target.host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_machine_does_so_over_tls() {
        for safe in ["https://id.example/a", "http://localhost:1/", "http://127.0.0.1", "http://[::1]:8/x"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_ in
            ["http://id.example", "http://localhost.id.example", "javascript:alert(1)", "/a", "", "ftp://localhost"]
        {
            assert!(!is_safe(unsafe_), "{unsafe_}");
        }
        assert!(is_near("http://localhost:1") && !is_near("https://id.example"));
    }
}

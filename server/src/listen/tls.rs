//! Certificates: from the operator's files, or made here for the addresses of this machine. Knows no HTTP beyond its name.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerSessionMemoryCache;
use tokio_rustls::TlsAcceptor;
use xiaohao_shared::time::{DAY, Timestamp};

/// Some phones refuse certificates that live longer than 825 days.
const LIFE: i64 = 800 * DAY;

/// That are gone on with: a phone comes on several connections, and only the first has to bring it the certificate. Each handshake
/// leaves two, of some hundred bytes.
const SESSIONS: usize = 8_192;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("certificate file: {0}")]
    Pem(#[from] pem::Error),
    #[error("certificate: {0}")]
    Config(#[from] rustls::Error),
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    #[error("certificate file: {0}")]
    File(#[from] std::io::Error),
}

/// TLS 1.2 and 1.3 with the certificate of these two files.
pub fn from_files(cert: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    // Not h2: there a client that sends a PING now and then, or gives its answers no room, is never silent and never behind.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The certificate kept in `folder`, made anew only when the names change or its end is near: whoever trusted it once
/// should not be asked again at every start.
pub fn self_signed(folder: &Path, names: &[String], now: Timestamp) -> Result<TlsAcceptor, TlsError> {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    if !is_current(folder, names, now) {
        fs::create_dir_all(folder)?;
        make(&cert, &key, names, now)?;
        fs::write(folder.join("made"), format!("{}\n{}", now.0, names.join("\n")))?;
    }
    from_files(&cert, &key)
}

fn is_current(folder: &Path, names: &[String], now: Timestamp) -> bool {
    let made = fs::read_to_string(folder.join("made")).unwrap_or_default();
    let Some((at, listed)) = made.split_once('\n') else { return false };
    let fresh = at.parse().is_ok_and(|at| now - Timestamp(at) < LIFE - 60 * DAY);
    fresh && listed == names.join("\n")
}

fn make(cert: &Path, key: &Path, names: &[String], now: Timestamp) -> Result<(), TlsError> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Xiaohao");
    let day = |at: Timestamp| {
        let (year, month, day) = at.date().civil();
        rcgen::date_time_ymd(year, month as u8, day as u8)
    };
    params.not_before = day(now + -DAY);
    params.not_after = day(now + LIFE);
    let pair = KeyPair::generate()?;
    write_secret(key, &pair.serialize_pem())?;
    Ok(fs::write(cert, params.self_signed(&pair)?.pem())?)
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

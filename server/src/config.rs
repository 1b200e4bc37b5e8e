//! What the operator decides: command line and environment, read here and nowhere else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::fetch::is_safe;
use crate::service::passkeys::StepUp;
use crate::service::sign_on::Claim;
use crate::service::trail::Head;

#[derive(Debug, Parser)]
#[command(name = "xiaohao-server", version, about = "Xiaohao 销号: the hub of an office")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Log as JSON lines.
    #[arg(long, global = true, env = "XIAOHAO_LOG_JSON")]
    pub log_json: bool,
    /// What to log, for example `info` or `xiaohao_server=debug`.
    #[arg(long, global = true, env = "XIAOHAO_LOG", default_value = "info")]
    pub log: String,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the app and its data.
    Serve(Box<Serve>),
    /// Fill an empty office with a demonstration.
    Demo(Demo),
    /// Print a one-time enrolment code for a person.
    Invite(Invite),
    /// Check that the tables for SQL readers say what the documents say.
    Verify(Data),
    /// The audit: who did what.
    #[command(subcommand)]
    Audit(Audit),
    /// Write the tables for SQL readers anew from the documents.
    Rebuild(Data),
    /// Take away what had its time by the office's rule for keeping. The server does so once a day.
    Retention(Retention),
    /// Copy the office into a folder, while it serves. Again into the same folder copies only new photos.
    Backup(Backup),
    /// Put a copy where no office is. Phones then bring back what it lacks.
    Restore(Restore),
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Find whatever was edited, left out or cut off.
    Verify(VerifyAudit),
    /// Print number and hash of the newest row, to be kept where the server cannot write.
    Head(Data),
}

#[derive(Debug, Args)]
pub struct VerifyAudit {
    #[command(flatten)]
    pub data: Data,
    /// A head that was kept elsewhere, as `head`, the log, a backup or an export told it: `NUMBER:HASH`. May be given again.
    #[arg(long = "head")]
    pub heads: Vec<Head>,
}

#[derive(Debug, Args)]
pub struct Retention {
    #[command(flatten)]
    pub data: Data,
    /// Only say how much it would be.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    pub data: Data,
    /// The folder of the copy.
    #[arg(long)]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    pub data: Data,
    /// The folder of the copy.
    #[arg(long)]
    pub from: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The folder that holds everything that the office must not lose.
    #[arg(long, env = "XIAOHAO_DATA", default_value = "data")]
    pub data: PathBuf,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// Where to listen.
    #[arg(long, env = "XIAOHAO_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Be reachable for the phones of this network: listens on all addresses, with TLS (phones need it), and shows a QR.
    #[arg(long)]
    pub lan: bool,
    /// The built app.
    #[arg(long, env = "XIAOHAO_APP", default_value = "dist")]
    pub app: PathBuf,
    /// The address that phones know this office by, for example `https://office.example`.
    #[arg(long, env = "XIAOHAO_PUBLIC_URL", value_parser = origin)]
    pub public_url: Option<String>,
    /// A reverse proxy in front says who is calling (`X-Forwarded-For`).
    #[arg(long, env = "XIAOHAO_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// From whom people, roles, zones, exports and devices ask for a passkey: from everybody who has one, or always.
    #[arg(long, env = "XIAOHAO_STEP_UP", value_enum, default_value_t)]
    pub step_up: StepUp,
    #[command(flatten)]
    pub sign_on: SignOn,
    /// Certificate chain in PEM.
    #[arg(long, env = "XIAOHAO_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key in PEM.
    #[arg(long, env = "XIAOHAO_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Make a certificate for the addresses of this machine and keep it in the data folder.
    #[arg(long, env = "XIAOHAO_TLS_SELF_SIGNED", conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,
    /// Megabytes of the disk that photos leave to records: where less is free, photos wait on the phones.
    #[arg(long, env = "XIAOHAO_PHOTO_RESERVE_MB", default_value_t = 256)]
    pub photo_reserve_mb: u64,
    /// Days for which the audit is kept. The law asks for six months at least.
    #[arg(long, env = "XIAOHAO_AUDIT_DAYS", default_value_t = 366, value_parser = clap::value_parser!(u32).range(184..))]
    pub audit_days: u32,
    /// The office's own base map, a PMTiles archive. Without one, zones are drawn on blank ground.
    #[arg(long, env = "XIAOHAO_MAP_PMTILES")]
    pub map_pmtiles: Option<PathBuf>,
    /// How to draw it: a style of MapLibre whose source names `pmtiles://office`. Without one, all layers are drawn plainly.
    #[arg(long, env = "XIAOHAO_MAP_STYLE")]
    pub map_style: Option<PathBuf>,
    /// The office's own ground as GeoJSON, drawn as plain areas, lines and names; alone, or over the archive.
    #[arg(long, env = "XIAOHAO_MAP_GEOJSON")]
    pub map_geojson: Option<PathBuf>,
    /// The base map is drawn in GCJ-02, so positions are moved before they are drawn on it.
    #[arg(long, env = "XIAOHAO_MAP_GCJ02")]
    pub map_gcj02: bool,
    /// What the office is called, until it is named otherwise.
    #[arg(long, env = "XIAOHAO_OFFICE", default_value = "街道办事处")]
    pub office: String,
}

/// Where the office's people sign on, if they do: an OpenID provider.
#[derive(Debug, Args)]
pub struct SignOn {
    /// The provider of the office's sign-on (OpenID Connect), exactly as it calls itself: whoever signs on there enrols without a code.
    #[arg(long, env = "XIAOHAO_OIDC_ISSUER", value_parser = issuer, requires = "oidc_client_id")]
    pub oidc_issuer: Option<String>,
    /// What the provider calls this office.
    #[arg(long, env = "XIAOHAO_OIDC_CLIENT_ID", requires = "oidc_issuer")]
    pub oidc_client_id: Option<String>,
    /// A file with the secret that the provider gave, if it gave one.
    #[arg(long, env = "XIAOHAO_OIDC_CLIENT_SECRET_FILE", requires = "oidc_issuer")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Which of the provider's names for a person administrators write down.
    #[arg(long, env = "XIAOHAO_OIDC_CLAIM", value_enum, default_value_t)]
    pub oidc_claim: Claim,
}

impl Serve {
    pub fn address(&self) -> SocketAddr {
        if self.lan { SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), self.listen.port()) } else { self.listen }
    }

    pub fn self_signed(&self) -> bool {
        self.tls_self_signed || (self.lan && self.tls_cert.is_none())
    }

    pub fn tls(&self) -> bool {
        self.tls_cert.is_some() || self.self_signed()
    }

    /// Whether browsers reach this office over TLS under a name that an authority vouches for.
    pub fn is_proven(&self) -> bool {
        self.tls_cert.is_some() || self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What of it decides who gets in and what is kept, as the audit tells it at each start. Names no file and no secret.
    pub fn matters(&self) -> String {
        let step_up = self.step_up.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let address = self.public_url.as_deref().unwrap_or("none");
        let issuer = self.sign_on.oidc_issuer.as_deref().unwrap_or("none");
        format!(
            "step-up={step_up} audit-days={} behind-proxy={} tls={} public-url={address} oidc-issuer={issuer}",
            self.audit_days,
            self.behind_proxy,
            self.tls(),
        )
    }

    /// The address to give to people, when the server listens on `port`.
    pub fn origin(&self, port: u16) -> String {
        let scheme = if self.tls() { "https" } else { "http" };
        let host = match self.address().ip() {
            ip if ip.is_unspecified() => lan_address().map_or("localhost".into(), |ip| ip.to_string()),
            ip if ip.is_loopback() => "localhost".into(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            ip => ip.to_string(),
        };
        self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{host}:{port}"))
    }
}

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    pub data: Data,
    /// The address that goes before the printed codes.
    #[arg(long, env = "XIAOHAO_PUBLIC_URL", default_value = "http://localhost:8080", value_parser = origin)]
    pub public_url: String,
    /// How many issues to invent.
    #[arg(long, default_value_t = 400)]
    pub issues: usize,
    /// The days of the past in which they were reported.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub days: u32,
}

#[derive(Debug, Args)]
pub struct Invite {
    #[command(flatten)]
    pub data: Data,
    /// Number or name of the person.
    #[arg(long)]
    pub person: String,
    /// The address that goes before the code.
    #[arg(long, env = "XIAOHAO_PUBLIC_URL", default_value = "http://localhost:8080", value_parser = origin)]
    pub public_url: String,
}

/// Signatures cover the address, so it must be spelled exactly as browsers spell an origin.
fn origin(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.ok_or("begins with https:// or http://")?.trim_end_matches('/');
    let plain = !host.is_empty() && !host.contains(['/', '?', '#', '@']) && !host.contains(char::is_uppercase);
    if plain { Ok(text.trim_end_matches('/').to_owned()) } else { Err("is only scheme, host and port".into()) }
}

/// Who says who people are is asked over TLS, or is on this machine.
fn issuer(text: &str) -> Result<String, String> {
    let safe = is_safe(text) && !text.contains(['?', '#']);
    if safe { Ok(text.to_owned()) } else { Err("begins with https://, and has neither ? nor #".into()) }
}

/// The address of this machine in its network. Nothing is sent: connecting UDP only asks the routing table.
pub fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn what_matters_of_the_settings_is_told_without_secrets() {
        let words = ["server", "serve", "--step-up", "always", "--audit-days", "200", "--behind-proxy"];
        let more = ["--oidc-issuer", "https://id.example", "--oidc-client-id", "a", "--oidc-client-secret-file", "x"];
        let Command::Serve(serve) = Cli::parse_from(words.iter().chain(&more)).command else { panic!() };
        assert_eq!(
            serve.matters(),
            "step-up=always audit-days=200 behind-proxy=true tls=false public-url=none oidc-issuer=https://id.example"
        );
    }

    #[test]
    fn an_issuer_is_asked_over_tls() {
        assert_eq!(issuer("https://id.example/realms/a"), Ok("https://id.example/realms/a".into()));
        for text in ["http://id.example", "https://id.example?a", "id.example", ""] {
            assert!(issuer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin_and_nothing_more() {
        assert_eq!(origin("https://a.example:8443/"), Ok("https://a.example:8443".into()));
        for text in ["a.example", "https://", "https://a.example/app", "https://A.example", "https://u@a.example"] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}

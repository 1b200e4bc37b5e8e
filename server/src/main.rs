//! The program: reads what the operator wants, opens the office, does it, says what happened. Knows no rules.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::EnvFilter;
use xiaohao_server::config::{
    self, Audit, Backup, Cli, Command, Data, Demo, Invite, Restore, Retention, Serve, VerifyAudit,
};
use xiaohao_server::fetch::is_near;
use xiaohao_server::ground::Plain;
use xiaohao_server::http::turnstile::Rates;
use xiaohao_server::http::{self, GroundFiles, House, Site};
use xiaohao_server::listen::{self, Limits, files, tls};
use xiaohao_server::service::passkeys::StepUp;
use xiaohao_server::service::sign_on::{Options, SignOn};
use xiaohao_server::service::trail::{self, Note};
use xiaohao_server::service::{self, Service, audit, demo, directory, enrolment, retention};
use xiaohao_shared::time::DAY;

/// What went wrong is told in one line: a backtrace says nothing to an operator.
#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr(&cli);
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(wish) => serve(*wish).await,
        Command::Demo(wish) => fill(wish).await,
        Command::Invite(wish) => invite(wish).await,
        Command::Verify(data) => verify(data).await,
        Command::Audit(Audit::Verify(wish)) => verify_audit(wish).await,
        Command::Audit(Audit::Head(data)) => audit_head(data).await,
        Command::Rebuild(data) => rebuild(data).await,
        Command::Retention(wish) => keep_no_longer(wish).await,
        Command::Backup(wish) => backup(wish).await,
        Command::Restore(wish) => restore(wish).await,
    }
}

fn log_to_stderr(cli: &Cli) {
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(&cli.log)).with_writer(std::io::stderr);
    if cli.log_json { log.json().init() } else { log.init() }
}

async fn open(data: &Data) -> anyhow::Result<Service> {
    open_with_reserve(data, service::PHOTO_RESERVE).await
}

async fn open_with_reserve(data: &Data, reserve: u64) -> anyhow::Result<Service> {
    let service = Service::open_with_reserve(&data.data, service::system_clock, reserve).await;
    service.with_context(|| format!("cannot open the office in {}", data.data.display()))
}

async fn serve(wish: Serve) -> anyhow::Result<()> {
    let service = open_with_reserve(&wish.data, wish.photo_reserve_mb.saturating_mul(1024 * 1024)).await?;
    let tls = acceptor(&wish)?;
    let plain = wish.map_geojson.as_deref().map(Plain::read).transpose().context("--map-geojson")?;
    files::allow_many();
    let listener = TcpListener::bind(wish.address()).await.context("cannot listen")?;
    let origin = wish.origin(listener.local_addr()?.port());
    welcome(&service, &wish, &origin).await?;
    let sign_on = sign_on(&wish)?;
    note_command(&service, &format!("serve {}", wish.matters())).await;
    let (stopper, stop) = watch::channel(false);
    let site = Site {
        strict_transport: wish.is_proven(),
        public_url: wish.public_url,
        tls: tls.is_some(),
        behind_proxy: wish.behind_proxy,
        step_up: wish.step_up,
        app: wish.app,
        base_map: GroundFiles { tiles: wish.map_pmtiles, style: wish.map_style, plain, gcj02: wish.map_gcj02 },
        rates: Rates::default(),
        audit_days: wish.audit_days,
        stop: stop.clone(),
    };
    let named = site.public_url.is_some() && site.relying_party().is_some();
    anyhow::ensure!(site.step_up == StepUp::Held || named, "--step-up always needs --public-url https://NAME");
    if let Some(options) = sign_on {
        service.signs_on_at(SignOn::new(options)?);
    }
    tokio::spawn(sweep_hourly(service.clone(), i64::from(wish.audit_days) * DAY));
    tokio::spawn(stop_when_told(stopper));
    let limits = limits(&site);
    let app = http::router(House { service: service.clone(), site: Arc::new(site) });
    listen::serve(listener, tls, app, limits, stop).await;
    note_command(&service, "stop").await;
    tell_head(&service).await;
    service.close().await;
    Ok(())
}

/// A full disk keeps nobody from reading, so the server starts all the same.
async fn note_command(service: &Service, what: &str) {
    if let Err(error) = trail::note(service, &Note::of_command(what)).await {
        tracing::warn!(%error, what, "could not be noted in the audit");
    }
}

/// Where the office's people sign on. A provider sends browsers back to one address only, which is therefore ours to say.
fn sign_on(wish: &Serve) -> anyhow::Result<Option<Options>> {
    let told = &wish.sign_on;
    let (Some(issuer), Some(client)) = (told.oidc_issuer.clone(), told.oidc_client_id.clone()) else { return Ok(None) };
    anyhow::ensure!(wish.public_url.is_some() || is_near(&issuer), "--oidc-issuer needs --public-url");
    let secret = match &told.oidc_client_secret_file {
        Some(file) => Some(read_secret(file)?),
        None => None,
    };
    Ok(Some(Options { issuer, client, secret, claim: told.oidc_claim }))
}

fn read_secret(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    anyhow::ensure!(!text.trim().is_empty(), "{} is empty", file.display());
    Ok(text.trim().to_owned())
}

/// Behind a proxy everybody comes from its one address; there the turnstile counts the requests of each.
fn limits(site: &Site) -> Limits {
    let usual = Limits::default();
    if site.behind_proxy { Limits { per_address: usual.connections, ..usual } } else { usual }
}

fn acceptor(wish: &Serve) -> anyhow::Result<Option<TlsAcceptor>> {
    if let (Some(cert), Some(key)) = (&wish.tls_cert, &wish.tls_key) {
        return Ok(Some(tls::from_files(cert, key)?));
    }
    if !wish.self_signed() {
        return Ok(None);
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(config::lan_address().map(|ip| ip.to_string()));
    let acceptor = tls::self_signed(&wish.data.data.join("tls"), &names, service::system_clock())?;
    Ok(Some(acceptor))
}

/// Says where the office is and, as long as nobody has entered it, how to.
async fn welcome(service: &Service, wish: &Serve, origin: &str) -> anyhow::Result<()> {
    if directory::name(service).await?.is_empty() {
        directory::set_name(service, &wish.office).await?;
    }
    println!("{} · {origin}", directory::name(service).await?);
    let first = enrolment::first_code(service, "系统管理员", origin).await?;
    if let Some(invite) = &first {
        trail::note(service, &Note::of_command("invite the first administrator")).await?;
        println!("Nobody has enrolled yet. Administrator's code, for 24 hours: {}", invite.code);
        println!("{}", invite.link);
    }
    if wish.lan {
        print_qr(first.as_ref().map_or(origin, |invite| &invite.link))?;
    }
    if !wish.app.join("index.html").is_file() {
        tracing::warn!(folder = %wish.app.display(), "there is no built app; only the API answers");
    }
    Ok(())
}

fn print_qr(text: &str) -> anyhow::Result<()> {
    let code = QrCode::new(text)?;
    let picture = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    println!("{picture}");
    Ok(())
}

async fn sweep_hourly(service: Service, keep_audit: i64) {
    loop {
        if let Err(error) = service.sweep().await {
            tracing::warn!(%error, "could not clean up");
        }
        if let Err(error) = trail::forget(&service, service.now() + -keep_audit).await {
            tracing::warn!(%error, "could not let old rows of the audit go");
        }
        if let Err(error) = retention::daily(&service).await {
            tracing::warn!(%error, "the rule for keeping could not be applied");
        }
        tell_head(&service).await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}

/// The log of the system lies elsewhere: whoever cuts off the end of the audit does not reach it.
async fn tell_head(service: &Service) {
    match trail::head(service).await {
        Ok(head) => tracing::info!(%head, "the audit stands here"),
        Err(error) => tracing::warn!(%error, "the audit cannot be read"),
    }
}

async fn stop_when_told(stopper: watch::Sender<bool>) {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
    stopper.send_replace(true);
}

async fn invite(wish: Invite) -> anyhow::Result<()> {
    anyhow::ensure!(Path::new(&wish.data.data).is_dir(), "there is no office in {}", wish.data.data.display());
    let service = open(&wish.data).await?;
    let person =
        directory::find_person(&service, &wish.person).await.with_context(|| format!("person {:?}", wish.person))?;
    let invite = enrolment::issue_code(&service, person.id, &wish.public_url).await?;
    trail::note(&service, &Note::of_command(&format!("invite person {}", person.id))).await?;
    println!("{} ({})\n{}\n{}", person.name, person.id, invite.code, invite.link);
    print_qr(&invite.link)?;
    service.close().await;
    Ok(())
}

async fn fill(wish: Demo) -> anyhow::Result<()> {
    let service = open(&wish.data).await?;
    let options = demo::Options { origin: wish.public_url, issues: wish.issues, days: wish.days };
    println!("{}", demo::seed(&service, options).await?);
    service.close().await;
    Ok(())
}

async fn verify(data: Data) -> anyhow::Result<()> {
    let service = open(&data).await?;
    let report = audit::verify(&service).await?;
    println!("{report}");
    anyhow::ensure!(
        report.findings.is_empty(),
        "the store does not agree with itself; `rebuild` makes it again from the log"
    );
    Ok(())
}

async fn verify_audit(wish: VerifyAudit) -> anyhow::Result<()> {
    let service = open(&wish.data).await?;
    let report = trail::verify(&service, &wish.heads).await?;
    println!("{report}");
    if wish.heads.is_empty() {
        println!("no head was given that was kept elsewhere, so an end that was cut off would not show");
    }
    anyhow::ensure!(report.findings.is_empty(), "the audit is not as it was written");
    Ok(())
}

async fn audit_head(data: Data) -> anyhow::Result<()> {
    println!("{}", trail::head(&open(&data).await?).await?);
    Ok(())
}

async fn keep_no_longer(wish: Retention) -> anyhow::Result<()> {
    let service = open(&wish.data).await?;
    if wish.dry_run {
        println!("would remove {}", retention::due(&service).await?);
    } else {
        println!("removed {}", retention::apply(&service, "console").await?);
    }
    service.close().await;
    Ok(())
}

async fn backup(wish: Backup) -> anyhow::Result<()> {
    let data = &wish.data.data;
    anyhow::ensure!(data.join("office.db").is_file(), "there is no office in {}", data.display());
    let service = open(&wish.data).await?;
    let copied = service::backup::backup(&service, data, &wish.to).await?;
    println!("{}: the database, {} new files, {} bytes", wish.to.display(), copied.files, copied.bytes);
    println!("audit head: {}", copied.audit);
    service.close().await;
    if copied.damaged > 0 {
        eprintln!("{} photos are damaged in this office and not in the copy; `verify` names them", copied.damaged);
    }
    Ok(())
}

async fn restore(wish: Restore) -> anyhow::Result<()> {
    let restored = service::backup::restore(&wish.from, &wish.data.data).await?;
    println!("{}", restored.report);
    if !restored.listed {
        eprintln!(
            "this copy has no list of sums, as an older version made it: it agrees with itself, but not all damage shows"
        );
    }
    anyhow::ensure!(
        restored.report.findings.is_empty(),
        "the office is back as it was copied, and did not agree with itself then; `rebuild` makes it again from the log"
    );
    Ok(())
}

async fn rebuild(data: Data) -> anyhow::Result<()> {
    let service = open(&data).await?;
    let report = audit::rebuild(&service).await?;
    trail::note(&service, &Note::of_command("rebuild")).await?;
    println!("{report}");
    service.close().await;
    anyhow::ensure!(report.findings.is_empty(), "some of it cannot be made again from the log");
    Ok(())
}

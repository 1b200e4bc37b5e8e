//! How the house is reached, and the layers around its ways in. Each handler extracts, makes one call and responds; its door has
//! authorised.

pub mod admin;
pub mod assets;
pub mod audit;
pub mod auth;
mod crowded;
pub mod doors;
pub mod enrol;
pub mod error;
pub mod events;
pub mod health;
pub mod office;
pub mod passkeys;
pub mod photos;
mod privacy;
pub mod turnstile;
pub mod uploads;

// The issues.
pub mod board;
pub mod bulletins;
pub mod desk;
pub mod export;
pub mod handover;
pub mod held;
pub mod import;
pub mod map;
pub mod patrols;
pub mod sync;
mod tipsters;
mod views;
mod ways;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assets::Shelf;
use axum::extract::{DefaultBodyLimit, FromRef, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, http::Uri};
use crowded::Gate;
use doors::{Doors, caller_address};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use turnstile::{Rates, Turnstile};

use crate::ground::Plain;
use crate::service::passkeys::StepUp;
use crate::service::passkeys::proof::Place;
use crate::service::{Service, ServiceError};

/// What handlers work with.
#[derive(Clone)]
pub struct House {
    pub service: Service,
    pub site: Arc<Site>,
}

/// How this house is reached.
pub struct Site {
    /// The origin that phones sign for; without it, the one that they name in `Host`.
    pub public_url: Option<String>,
    /// Whether our own listener speaks TLS.
    pub tls: bool,
    /// Tell browsers to insist on TLS. Not with a certificate of our own making: it would lock `localhost` to it.
    pub strict_transport: bool,
    /// Believe `X-Forwarded-For`.
    pub behind_proxy: bool,
    pub step_up: StepUp,
    /// The folder of the built app.
    pub app: PathBuf,
    pub base_map: GroundFiles,
    pub rates: Rates,
    /// Days for which the audit is kept.
    pub audit_days: u32,
    /// Becomes true when the server is told to stop; long answers end then.
    pub stop: watch::Receiver<bool>,
}

/// The office's own base map, where it has one.
#[derive(Debug, Clone, Default)]
pub struct GroundFiles {
    /// A PMTiles archive.
    pub tiles: Option<PathBuf>,
    /// A style of MapLibre.
    pub style: Option<PathBuf>,
    /// Areas, lines and names as GeoJSON.
    pub plain: Option<Plain>,
    /// Drawn in GCJ-02.
    pub gcj02: bool,
}

impl FromRef<House> for Service {
    fn from_ref(house: &House) -> Self {
        house.service.clone()
    }
}

const SMALL: usize = 64 * 1024;

/// Every way in, with the right that it serves. What is not here is not served, but for the built app.
pub fn doors(house: &House) -> (Doors, Doors) {
    behind(&Turnstile::with(house.site.rates), house)
}

fn behind(turnstile: &Turnstile, house: &House) -> (Doors, Doors) {
    let doors = || Doors::of(house.clone(), turnstile.clone());
    (ways::quick(doors()), ways::slow(doors()))
}

#[expect(clippy::disallowed_methods, reason = "what is no door is answered here")]
pub fn router(house: House) -> Router {
    let turnstile = Turnstile::with(house.site.rates);
    let (quick, slow) = behind(&turnstile, &house);
    let gate = Gate { house: house.clone(), turnstile };
    let (files, shelf) = (gate.clone(), Shelf::default());
    let quick = quick
        .router
        .route("/api/{*rest}", any(unknown))
        .fallback(async move |request: Request| file(&files, &shelf, request).await)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(|request, next| within(Duration::from_secs(60), request, next)));
    // A piece of 256 KB takes a minute on the slowest links that still work at all.
    let slow = slow
        .router
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(|request, next| within(Duration::from_secs(180), request, next)));
    Router::new()
        .merge(slow)
        .merge(quick)
        .layer(DefaultBodyLimit::max(SMALL))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(gate, crowded::count))
        .layer(middleware::from_fn_with_state(house.clone(), protect))
        .layer(middleware::from_fn(trace))
        .with_state(house)
}

async fn unknown() -> ServiceError {
    ServiceError::NotFound
}

/// The built app is nobody's secret.
async fn file(gate: &Gate, shelf: &Shelf, request: Request) -> Result<Response, ServiceError> {
    let site = &gate.house.site;
    gate.turnstile.pass_unsigned(caller_address(site, &request), gate.house.service.now())?;
    let (parts, _) = request.into_parts();
    assets::serve(&site.app, shelf, parts.method, parts.uri, parts.headers).await
}

/// Until the answer begins, however long it then lasts.
async fn within(limit: Duration, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| ServiceError::TimedOut.into_response())
}

/// The route pattern and no more: addresses hold ids, and headers hold who asks.
async fn trace(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let (began, method) = (Instant::now(), request.method().clone());
    let response = next.run(request).await;
    let (status, route) = (response.status().as_u16(), route.as_ref().map_or("-", MatchedPath::as_str));
    tracing::debug!(%method, route, status, ms = began.elapsed().as_millis() as u64, "request");
    response
}

const DEFENCES: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What a page of the sync is to a browser: nothing that it knows.
pub const PAGE_TYPE: &str = "application/x-page";

/// The strictest headers, wherever a handler did not choose its own.
async fn protect(State(house): State<House>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == PAGE_TYPE) {
        // No browser shows bytes of this type, and on a weak link these lines would weigh more than a page without news.
        return response;
    }
    for (name, value) in DEFENCES {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if house.site.strict_transport {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn host(origin: &str) -> Option<&str> {
    let (_, rest) = origin.split_once("://")?;
    Some(rest.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(rest, |(host, _)| host))
}

impl Site {
    /// The origin that this request was sent to, as its sender spelled it.
    fn origin(&self, uri: &Uri, headers: &axum::http::HeaderMap) -> Option<String> {
        if let Some(origin) = &self.public_url {
            return Some(origin.clone());
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = uri.authority().map(|authority| authority.as_str()).or(host)?;
        Some(format!("{}://{host}", if self.tls { "https" } else { "http" }))
    }

    /// The name that passkeys are bound to. Browsers make none for an address that is a number, nor without TLS but on this machine.
    pub fn relying_party(&self) -> Option<&str> {
        let url = self.public_url.as_deref().unwrap_or("http://localhost");
        let (scheme, host) = (url.starts_with("https://"), host(url)?);
        let numbered = host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok();
        (!numbered && (scheme || host == "localhost")).then_some(host)
    }

    /// Where passkeys are made and shown, if a page of this origin can.
    fn passkey_place<'a>(&'a self, origin: &'a str) -> Option<Place<'a>> {
        let relying_party = self.relying_party()?;
        (host(origin)? == relying_party).then_some(Place { origin, relying_party })
    }
}

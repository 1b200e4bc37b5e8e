//! The route table and the layers around it. Each handler extracts, authorises, makes one call and responds.

pub mod admin;
pub mod assets;
pub mod auth;
pub mod enrol;
pub mod error;
pub mod events;
pub mod health;
pub mod office;
pub mod photos;
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

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, FromRef, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, options, post};
use axum::{Router, http::Uri};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use xiaohao_shared::geo::geojson;
use xiaohao_shared::import::MAX_FILE;
use xiaohao_shared::sync::{handover as parcels, wire};

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
    /// The folder of the built app.
    pub app: PathBuf,
    pub base_map: GroundFiles,
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
    /// Drawn in GCJ-02.
    pub gcj02: bool,
}

impl FromRef<House> for Service {
    fn from_ref(house: &House) -> Self {
        house.service.clone()
    }
}

const SMALL: usize = 64 * 1024;
/// A piece of an upload; each is signed for itself and counts only when whole.
const PIECE: usize = 1024 * 1024;
/// A page of the sync, compressed.
const PAGE: usize = wire::MAX_PACKED;

pub fn router(house: House) -> Router {
    let piece = DefaultBodyLimit::max(PIECE);
    let quick = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/api/enrol", post(enrol::enrol))
        .route("/api/office", get(office::office))
        .route("/api/admin/people", get(admin::people).post(admin::save_person))
        .route("/api/admin/people/{id}/invite", post(admin::invite))
        .route("/api/admin/devices/{id}/revoke", post(admin::revoke))
        .route("/api/admin/remembered", post(admin::remembered).layer(DefaultBodyLimit::max(PAGE)))
        .route("/api/admin/zones", post(admin::save_zone))
        .route("/api/admin/calendar", post(admin::save_calendar))
        .route("/api/admin/catalogue", post(admin::save_rule))
        .route("/api/catalogue/changes", get(office::rule_changes))
        .route("/api/devices", get(office::devices))
        .route("/api/photos/{sha}", get(photos::photo))
        .route("/api/photos/wanted", post(photos::wanted))
        // Its answer lasts for hours, but it begins at once.
        .route("/api/events", get(events::events))
        // The issues.
        .route("/api/sync", post(sync::sync).layer(DefaultBodyLimit::max(PAGE)))
        .route(parcels::PATH, post(handover::take_in).layer(DefaultBodyLimit::max(PAGE)))
        .route("/api/board", get(board::board))
        .route("/api/tally", get(board::tally))
        .route("/api/issues", get(board::issues))
        .route("/api/weekly", get(desk::weekly_lists).post(desk::make_weekly))
        .route("/api/weekly/{number}", get(desk::weekly))
        .route("/api/weekly/{number}/{person}", get(desk::notice))
        .route("/api/indicators", get(desk::indicators))
        .route("/api/indicators/thresholds", post(desk::set_thresholds))
        .route("/api/indicators/recurrence", post(desk::set_recurrence))
        .route("/api/settlements", get(desk::settlements).post(desk::freeze))
        .route("/api/settlements/{month}", get(desk::settlement))
        .route("/api/settlements/{month}/issues", get(desk::settled))
        .route("/api/trends", get(desk::trends))
        .route("/api/indicators/issues", get(desk::measured))
        .route("/api/halfyear", get(desk::halfyear))
        .route("/api/halfyear/document", get(desk::halfyear_document))
        .route("/api/bulletins", get(bulletins::all).post(bulletins::write))
        .route("/api/bulletins/{id}/read", post(bulletins::read))
        .route("/api/bulletins/{id}/withdraw", post(bulletins::withdraw))
        .route("/api/patrols", get(patrols::list).post(patrols::take))
        .route("/api/patrols/book", get(patrols::book))
        .route("/api/export", get(export::export))
        .route("/api/map", get(map::map))
        .route("/api/map/base", get(map::base))
        .route("/api/map/style", get(map::style))
        .route("/api/map/tiles", get(map::tiles))
        .route("/api/held", get(held::list))
        .route("/api/held/{hash}", post(held::decide))
        .route("/api/{*rest}", any(unknown))
        .fallback(assets::serve)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(|request, next| within(Duration::from_secs(60), request, next)));
    // A piece of 256 KB takes a minute on the slowest links that still work at all.
    let slow = Router::new()
        .route("/api/import", post(import::import).layer(DefaultBodyLimit::max(MAX_FILE)))
        .route("/api/admin/outlines", post(map::outlines).layer(DefaultBodyLimit::max(geojson::MAX_FILE)))
        .route("/api/uploads", options(uploads::options).post(uploads::create).layer(piece))
        .route(
            "/api/uploads/{id}",
            options(uploads::options).head(uploads::status).patch(uploads::append).delete(uploads::cancel).layer(piece),
        )
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn(|request, next| within(Duration::from_secs(180), request, next)));
    Router::new()
        .merge(slow)
        .merge(quick)
        .layer(DefaultBodyLimit::max(SMALL))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(house.clone(), protect))
        .layer(middleware::from_fn(trace))
        .with_state(house)
}

async fn unknown() -> ServiceError {
    ServiceError::NotFound
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
}

//! The ways in. A route is opened by saying which right it serves, so there is none without a line in the table of rights; and
//! what every request must pass stands here once: whence it comes, how often, and what is noted of it. Knows no route.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until};
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::policy::{Asker, Right, Trace};

use super::turnstile::Turnstile;
use super::{House, Site, error};
use crate::listen::Peer;
use crate::service::trail::{self, Note};
use crate::service::{ServiceError, directory};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Get,
    Head,
    Post,
    Patch,
    Delete,
    Options,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Head => MethodFilter::HEAD,
            Self::Post => MethodFilter::POST,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
            Self::Options => MethodFilter::OPTIONS,
        }
    }
}

/// One way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    pub verb: Verb,
    pub path: &'static str,
    pub right: Right,
}

/// The ways in, and the router that they make.
pub struct Doors {
    house: House,
    turnstile: Turnstile,
    pub router: Router<House>,
    pub list: Vec<Door>,
}

impl Doors {
    pub fn of(house: House, turnstile: Turnstile) -> Self {
        Self { house, turnstile, router: Router::new(), list: Vec::new() }
    }

    /// Opens a way in for those who have the right, with a body of at most `limit` bytes.
    #[expect(clippy::disallowed_methods, reason = "the only place where a route is opened")]
    pub fn open<H, T>(mut self, verb: Verb, path: &'static str, right: Right, limit: usize, handler: H) -> Self
    where
        H: Handler<T, House>,
        T: 'static,
    {
        let long = limit > super::SMALL;
        let porter = Porter { house: self.house.clone(), turnstile: self.turnstile.clone(), right, long };
        let route = on(verb.filter(), handler)
            .route_layer(DefaultBodyLimit::max(limit))
            .route_layer(middleware::from_fn_with_state(porter, attend));
        self.router = self.router.route(path, route);
        self.list.push(Door { verb, path, right });
        self
    }
}

/// One request at its door. Who it is by is known once its signature was verified.
#[derive(Clone)]
pub struct Visit {
    pub right: Right,
    pub from: IpAddr,
    pub turnstile: Turnstile,
    /// Its bodies are long ones; of these a hash is enough.
    long: bool,
    what: Arc<str>,
    who: Arc<OnceLock<(PersonId, DeviceId)>>,
    begun: Arc<OnceLock<()>>,
    /// The act stands in the audit already, since the same moment as what it changed.
    told: Arc<OnceLock<()>>,
}

impl Visit {
    /// A handler that nobody opened a door for serves nobody.
    pub fn at(request: &Request) -> Result<Self, ServiceError> {
        request.extensions().get::<Self>().cloned().ok_or(ServiceError::Forbidden)
    }

    pub fn is_by(&self, person: PersonId, device: DeviceId) {
        self.who.get_or_init(|| (person, device));
    }

    pub fn is_told(&self) {
        self.told.get_or_init(|| ());
    }

    /// A request that arrived whole counts once as long as its signature is timely. A photo's pieces are brought again by browsers
    /// themselves where a connection broke: a piece that came twice changes nothing, and tells only how far the upload is.
    pub fn counts(&self, house: &House, device: DeviceId, nonce: &str) -> Result<(), ServiceError> {
        match self.right {
            Right::BringPhoto => Ok(()),
            _ => self.turnstile.spend(device, nonce, house.service.now()),
        }
    }

    /// What is to be noted stands in the audit whole: whoever pads it would hide in the padding.
    pub fn fits(&self) -> Result<(), ServiceError> {
        fits(&self.what)
    }

    /// What counts once only begins: from here on it stands in the audit.
    pub async fn begin(&self, house: &House, nonce: &str, body: &[u8]) -> Result<(), ServiceError> {
        self.fits()?;
        let what = if self.long { beginning(body) } else { account(body)? };
        let what = format!("{} {what}", self.what);
        fits(&what)?;
        let origin = self.from.to_string();
        directory::begin_once(&house.service, nonce, &self.note(what.trim_end(), &origin, trail::BEGUN)).await?;
        self.begun.get_or_init(|| ());
        Ok(())
    }

    fn note<'a>(&self, what: &'a str, origin: &'a str, result: &'a str) -> Note<'a> {
        Note { act: self.right.code(), who: self.who.get().copied(), origin, what, result }
    }
}

fn fits(what: &str) -> Result<(), ServiceError> {
    if what.len() > trail::MAX_WHAT { Err(ServiceError::invalid("too long to be noted")) } else { Ok(()) }
}

/// What was asked for, without blanks that say nothing, without what somebody wrote about an issue and who told of it. Readers of single forms
/// are laxer than this one: what it cannot read would be done and not be told, so it is not done.
fn account(body: &[u8]) -> Result<String, ServiceError> {
    if body.is_empty() {
        return Ok(String::new());
    }
    let mut wish: Value = serde_json::from_slice(body).map_err(ServiceError::not_json)?;
    for key in ["reason", "text", "tipster"] {
        if let Some(said) = wish.get_mut(key) {
            *said = "…".into();
        }
    }
    Ok(wish.to_string())
}

/// Of a long body which one it was, and how it begins.
fn beginning(body: &[u8]) -> String {
    let begin: String = String::from_utf8_lossy(&body[..body.len().min(400)]).chars().take(100).collect();
    format!("sha256 {} {begin}", base16ct::lower::encode_string(&Sha256::digest(body)))
}

/// An address without what somebody searched for.
fn address(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    // Whoever spells a name otherwise than our pages do has something to hide there, too.
    let is_said = |name: &str| name == "text" || name.contains(['%', '+']);
    let part = |part: &str| match part.split_once('=') {
        Some((name, _)) if is_said(name) => format!("{name}=…"),
        _ => part.to_owned(),
    };
    let parts = query.split('&').map(part);
    format!("{path}?{}", parts.collect::<Vec<_>>().join("&"))
}

#[derive(Clone)]
struct Porter {
    house: House,
    turnstile: Turnstile,
    right: Right,
    long: bool,
}

async fn attend(State(porter): State<Porter>, mut request: Request, next: Next) -> Response {
    let (visit, seen_off) = (porter.visit(&request), Instant::now() + AS_LONG);
    let mut cut = Cut(Some((porter.clone(), visit.clone())));
    let answer = match porter.lets_in(&visit, &request) {
        Ok(()) => {
            request.extensions_mut().insert(visit.clone());
            error::in_our_words(next.run(request).await)
        }
        Err(error) => error.into_response(),
    };
    let answer = porter.see_off(&visit, answer).await;
    cut.0 = None;
    if answer.status() == StatusCode::NOT_FOUND {
        sleep_until(seen_off).await;
    }
    answer
}

/// What is not there takes as long as what is hidden, which is noted before it is answered: who measures learns nothing either.
const AS_LONG: Duration = Duration::from_millis(30);

/// Whoever hangs up, or is given up, has begun what may or may not be done: that it ended so is noted at least.
struct Cut(Option<(Porter, Visit)>);

impl Drop for Cut {
    fn drop(&mut self) {
        if let Some((porter, visit)) = self.0.take().filter(|(_, visit)| visit.begun.get().is_some()) {
            tokio::spawn(async move { porter.note_cut(&visit).await });
        }
    }
}

impl Porter {
    fn visit(&self, request: &Request) -> Visit {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Visit {
            right: self.right,
            from: caller_address(&self.house.site, request),
            turnstile: self.turnstile.clone(),
            long: self.long,
            what: format!("{} {}", request.method(), address(path)).into(),
            who: Arc::default(),
            begun: Arc::default(),
            told: Arc::default(),
        }
    }

    fn lets_in(&self, visit: &Visit, request: &Request) -> Result<(), ServiceError> {
        self.comes_from_here(request)?;
        match self.right.grant().asker {
            Asker::Anyone | Asker::Newcomer => self.turnstile.pass_unsigned(visit.from, self.house.service.now()),
            _ => Ok(()),
        }
    }

    /// No page but our own has anything to ask here. The signature says so already; a browser says it before we look at one.
    fn comes_from_here(&self, request: &Request) -> Result<(), ServiceError> {
        let headers = request.headers();
        let site = text(headers, "sec-fetch-site");
        let origin = text(headers, header::ORIGIN.as_str());
        let own = || self.house.site.origin(request.uri(), headers);
        let foreign = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
        if foreign || origin.is_some_and(|origin| own().as_deref() != Some(origin)) {
            return Err(ServiceError::OtherPage);
        }
        Ok(())
    }

    /// Notes what the right asks for, once somebody has proven who he is; and refusals, and failures of those who have not, within
    /// bounds. An answer that should be noted and cannot is not given.
    async fn see_off(&self, visit: &Visit, answer: Response) -> Response {
        let kind = answer.extensions().get::<ProblemKind>().copied();
        let refused = kind.is_some_and(is_refusal);
        if matches!(kind, Some(ProblemKind::NotSigned | ProblemKind::DeviceUnknown)) {
            self.turnstile.failed(visit.from, self.house.service.now());
        }
        let trace = match self.right.grant().trace {
            Trace::Once => visit.begun.get().is_some(),
            trace => trace == Trace::Noted && kind.is_none() && visit.told.get().is_none(),
        };
        // What came of nothing is noted within bounds: whoever has no key could fill the disk otherwise.
        // Nor is it anybody's guilt to be asked for a passkey.
        let bad = kind.is_some_and(|kind| kind != ProblemKind::ConfirmFirst);
        let failed = refused || (bad && self.right.grant().trace == Trace::Noted);
        let noted = trace || (failed && self.is_worth_a_line(visit));
        if !noted {
            return answer;
        }
        let result = kind.map_or(trail::DONE.into(), |kind| format!("refused: {}", word(kind)));
        match self.note(visit, &result).await {
            Err(error) if trace => error.into_response(),
            Err(error) => {
                tracing::warn!(%error, "a refusal could not be noted");
                answer
            }
            Ok(()) => answer,
        }
    }

    async fn note(&self, visit: &Visit, result: &str) -> Result<(), ServiceError> {
        let origin = visit.from.to_string();
        let bound = if visit.who.get().is_some() { trail::MAX_WHAT } else { OF_STRANGERS };
        let what = trail::within(&visit.what, bound);
        trail::note(&self.house.service, &visit.note(&what, &origin, result)).await
    }

    async fn note_cut(&self, visit: &Visit) {
        if let Err(error) = self.note(visit, trail::CUT).await {
            tracing::warn!(%error, "what was cut off could not be noted");
        }
    }

    fn is_worth_a_line(&self, visit: &Visit) -> bool {
        let device = visit.who.get().map(|(_, device)| *device);
        self.turnstile.may_note(visit.from, device, self.house.service.now())
    }
}

/// The last entry of `X-Forwarded-For` is the one that our own proxy wrote; those before it are hearsay.
pub fn caller_address(site: &Site, request: &Request) -> IpAddr {
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let peer = request.extensions().get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    if site.behind_proxy { forwarded.unwrap_or(peer) } else { peer }
}

/// Bytes of an address that are kept of somebody whom nobody knows.
const OF_STRANGERS: usize = 200;

/// Whoever asks was not let in. A clock that is wrong and a file that is too large are nobody's guilt.
fn is_refusal(kind: ProblemKind) -> bool {
    use ProblemKind as Kind;
    matches!(
        kind,
        Kind::NotSigned
            | Kind::DeviceUnknown
            | Kind::DeviceRevoked
            | Kind::CodeUnknown
            | Kind::ProofRefused
            | Kind::SignOnRefused
            | Kind::SignOnUnknown
            | Kind::Forbidden
            | Kind::ProveFirst
            | Kind::Replayed
            | Kind::TooManyRequests
    )
}

/// The last part of a problem's name.
fn word(kind: ProblemKind) -> String {
    let name = serde_json::to_value(kind).unwrap_or_default();
    name.as_str().unwrap_or_default().trim_start_matches("urn:xiaohao:").to_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

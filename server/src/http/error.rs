//! What went wrong, as a response: the only place that knows status codes of failures (RFC 9457 problems).

use std::any::Any;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use xiaohao_shared::api::{Problem, ProblemKind};
use xiaohao_shared::sync::handover::Fault;

use crate::service::ServiceError;

/// tus: the checksum extension has a status of its own.
const CHECKSUM_MISMATCH: u16 = 460;

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let (status, kind) = classify(&self);
        let mut problem = of(kind, status);
        (problem.detail, problem.reason) = (Some(self.to_string()), self.reason());
        match &self {
            Self::ClockSkew { server_time } => problem.server_time = Some(*server_time),
            Self::Store(error) => {
                // Once, here; and nothing of it for the other side.
                tracing::error!(%error, "the store failed");
                problem.detail = None;
            }
            Self::ProofRefused(fault) => tracing::info!(%fault, "a passkey was refused"),
            Self::SignOnRefused(fault) => tracing::info!(%fault, "a sign-on was refused"),
            _ => {}
        }
        let mut response = respond(&problem);
        match self {
            // Whoever notes it knows what the other side does not.
            Self::Hidden => {
                response.extensions_mut().insert(ProblemKind::Forbidden);
            }
            Self::TooMany { wait } => {
                response.headers_mut().insert(header::RETRY_AFTER, seconds(wait).into());
            }
            _ => {}
        }
        response
    }
}

/// Whole ones, and never none: who comes too early is refused again.
fn seconds(milliseconds: i64) -> i64 {
    (milliseconds + 999).div_euclid(1_000).max(1)
}

fn classify(error: &ServiceError) -> (u16, ProblemKind) {
    use ProblemKind as Kind;
    match error {
        ServiceError::NotFound | ServiceError::Hidden => (404, Kind::NotFound),
        ServiceError::Forbidden | ServiceError::OtherPage => (403, Kind::Forbidden),
        ServiceError::Conflict(_) => (409, Kind::Conflict),
        ServiceError::Invalid { .. } | ServiceError::Round(_) | ServiceError::Unfit(_) => (400, Kind::BadRequest),
        ServiceError::TooLarge => (413, Kind::TooLarge),
        ServiceError::NotAPhoto(_) => (415, Kind::NotAPhoto),
        ServiceError::PhotoRemoved => (410, Kind::PhotoRemoved),
        ServiceError::ChecksumMismatch => (CHECKSUM_MISMATCH, Kind::ChecksumMismatch),
        ServiceError::NotSigned(_) => (401, Kind::NotSigned),
        ServiceError::DeviceUnknown => (401, Kind::DeviceUnknown),
        ServiceError::ClockSkew { .. } => (401, Kind::ClockSkew),
        ServiceError::Replayed => (409, Kind::Replayed),
        ServiceError::DeviceRevoked => (403, Kind::DeviceRevoked),
        ServiceError::CodeUnknown => (403, Kind::CodeUnknown),
        ServiceError::ProofRefused(_) => (403, Kind::ProofRefused),
        ServiceError::SignOnRefused(_) => (403, Kind::SignOnRefused),
        ServiceError::SignOnUnknown { .. } => (403, Kind::SignOnUnknown),
        ServiceError::SignOnUnreachable => (503, Kind::SignOnUnreachable),
        ServiceError::NotConfirmed => (403, Kind::ConfirmFirst),
        ServiceError::Unproven => (403, Kind::ProveFirst),
        ServiceError::TooMany { .. } => (429, Kind::TooManyRequests),
        ServiceError::AppTooOld => (426, Kind::AppTooOld),
        ServiceError::Handover(fault) => (handover_status(*fault), fault.kind()),
        ServiceError::TimedOut => (503, Kind::Internal),
        ServiceError::NoRoom => (507, Kind::StorageFull),
        ServiceError::Store(error) if error.is_full() => (507, Kind::StorageFull),
        ServiceError::Store(_) => (500, Kind::Internal),
    }
}

fn handover_status(fault: Fault) -> u16 {
    match fault {
        Fault::NotAHandover | Fault::Truncated | Fault::Damaged => 400,
        Fault::UnknownDevice | Fault::Forged => 403,
        Fault::OtherOffice | Fault::FromFuture => 409,
        Fault::TooLarge => 413,
        Fault::Version => 426,
    }
}

fn title(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::BadRequest => "The request cannot be understood",
        ProblemKind::NotSigned => "Not signed by an enrolled device",
        ProblemKind::DeviceUnknown => "A device that this office does not know",
        ProblemKind::ClockSkew => "The clocks disagree",
        ProblemKind::Replayed => "Already received",
        ProblemKind::DeviceRevoked => "This device was taken out of service",
        ProblemKind::CodeUnknown => "This code does not open anything",
        ProblemKind::Forbidden => "Not allowed",
        ProblemKind::NotFound => "Not found",
        ProblemKind::Conflict => "In conflict with the present state",
        ProblemKind::TooLarge => "Too large",
        ProblemKind::NotAPhoto => "Not a photo",
        ProblemKind::PhotoRemoved => "Removed by the rule for keeping",
        ProblemKind::ChecksumMismatch => "The bytes were damaged on the way",
        ProblemKind::TooManyRequests => "Too many attempts",
        ProblemKind::AppTooOld => "The app is too old",
        ProblemKind::HandoverDamaged => "The hand-over file is damaged",
        ProblemKind::HandoverOtherOffice => "The hand-over file is of another office",
        ProblemKind::HandoverFromFuture => "The hand-over file is from the future",
        ProblemKind::HandoverUnknownDevice => "The hand-over file is by no device of this office",
        ProblemKind::HandoverForged => "The hand-over file is forged",
        ProblemKind::StorageFull => "The office's storage is full",
        ProblemKind::Internal => "The server failed",
        ProblemKind::ConfirmFirst => "Show a passkey first",
        ProblemKind::ProveFirst => "Prove who you are first",
        ProblemKind::ProofRefused => "This passkey proves nothing",
        ProblemKind::SignOnRefused => "This sign-on proves nothing",
        ProblemKind::SignOnUnknown => "Nobody here signs on by this name",
        ProblemKind::SignOnUnreachable => "The office's sign-on does not answer",
        ProblemKind::Other => "Something else",
    }
}

fn of(kind: ProblemKind, status: u16) -> Problem {
    Problem { kind, title: title(kind).to_owned(), status, detail: None, reason: None, server_time: None }
}

fn respond(problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // For whoever notes what became of the request.
    response.extensions_mut().insert(problem.kind);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// What stands behind the question mark of an address cannot be read.
pub fn query(_: QueryRejection) -> ServiceError {
    ServiceError::invalid("the address asks for something that is not understood")
}

/// Where the framework refused an address by itself, it said so in its own words: ours take their place.
pub fn in_our_words(answer: Response) -> Response {
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if failed && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain")) {
        return ServiceError::invalid("the address cannot be read").into_response();
    }
    answer
}

/// A bug of ours stays with the request that met it. The panic hook has logged where.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    let kind = ProblemKind::Internal;
    respond(&of(kind, 500))
}

/// The database does not answer; whoever balances load should look elsewhere.
pub fn not_ready() -> Response {
    let kind = ProblemKind::Internal;
    respond(&Problem { title: "Not ready".to_owned(), ..of(kind, 503) })
}

/// A range beyond the end of something that has `size` bytes.
pub fn no_such_range(size: u64) -> Response {
    (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))]).into_response()
}

/// tus: the client speaks another version than 1.0.0.
pub fn other_tus_version() -> Response {
    (StatusCode::PRECONDITION_FAILED, [("tus-version", "1.0.0")]).into_response()
}

//! `/api/uploads`: the tus 1.0.0 protocol with creation, creation-with-upload, checksum, termination and expiration.
//! Each piece is signed for itself, so it counts only when it arrived whole.

use base64ct::{Base64, Encoding};
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use xiaohao_shared::api::{MAX_PHOTO_BYTES, UploadMetadata};
use xiaohao_shared::id::PhotoId;

use super::auth::Heard;
use super::error;
use crate::service::photos::{self, Progress};
use crate::service::{Service, ServiceError};

const VERSION: &str = "1.0.0";
const PIECE_TYPE: &str = "application/offset+octet-stream";

type Answer = Result<Response, ServiceError>;

/// What this server can do; no secret, so nobody has to sign for it.
pub async fn options() -> Response {
    let can = "creation,creation-with-upload,checksum,termination,expiration";
    let headers = [
        ("tus-resumable", VERSION.to_owned()),
        ("tus-version", VERSION.to_owned()),
        ("tus-extension", can.to_owned()),
        ("tus-max-size", MAX_PHOTO_BYTES.to_string()),
        ("tus-checksum-algorithm", "sha1,sha256".to_owned()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

pub async fn create(State(service): State<Service>, headers: HeaderMap, heard: Heard) -> Answer {
    if !speaks_tus(&headers) {
        return Ok(error::other_tus_version());
    }
    let size = number(&headers, "upload-length")?;
    let promise = metadata(&headers).ok_or_else(|| ServiceError::invalid("Upload-Metadata names no sha256"))?;
    let piece = if heard.body.is_empty() { None } else { Some(piece(&headers, heard.body)?) };
    let device = heard.caller.device;
    if heard.stopped.is_some() && !photos::is_awaited(&service, device, promise.sha256).await? {
        return Err(ServiceError::DeviceRevoked);
    }
    let mut progress = photos::create(&service, device, promise.sha256, size).await?;
    // A photo that is known, or begun, stands elsewhere already; the piece that came along is not needed.
    if let Some(piece) = piece.filter(|_| progress.offset == 0) {
        progress = photos::append(&service, device, &progress.id, 0, piece).await?;
    }
    let location = [(header::LOCATION, format!("/api/uploads/{}", progress.id))];
    Ok((StatusCode::CREATED, location, state(&progress)).into_response())
}

pub async fn status(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    heard: Heard,
) -> Answer {
    if !speaks_tus(&headers) {
        return Ok(error::other_tus_version());
    }
    let progress = photos::status(&service, heard.caller.device, &id).await?;
    Ok((state(&progress), [("upload-length", progress.size.to_string())]).into_response())
}

pub async fn append(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    heard: Heard,
) -> Answer {
    if !speaks_tus(&headers) {
        return Ok(error::other_tus_version());
    }
    let offset = number(&headers, "upload-offset")?;
    let piece = piece(&headers, heard.body)?;
    let progress = photos::append(&service, heard.caller.device, &id, offset, piece).await?;
    Ok((StatusCode::NO_CONTENT, state(&progress)).into_response())
}

pub async fn cancel(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
    heard: Heard,
) -> Answer {
    if !speaks_tus(&headers) {
        return Ok(error::other_tus_version());
    }
    photos::cancel(&service, heard.caller.device, &id).await?;
    Ok((StatusCode::NO_CONTENT, [("tus-resumable", VERSION)]).into_response())
}

fn speaks_tus(headers: &HeaderMap) -> bool {
    headers.get("tus-resumable").is_some_and(|version| version == VERSION)
}

fn state(progress: &Progress) -> [(&'static str, String); 3] {
    let expires = UNIX_EPOCH + Duration::from_millis(progress.expires_at.0.unsigned_abs());
    [
        ("tus-resumable", VERSION.to_owned()),
        ("upload-offset", progress.offset.to_string()),
        ("upload-expires", httpdate::fmt_http_date(expires)),
    ]
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, ServiceError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| ServiceError::invalid("a length or an offset is missing, or no number"))
}

/// `Upload-Metadata: sha256 <base64>`, among other pairs that do not matter to us.
fn metadata(headers: &HeaderMap) -> Option<UploadMetadata> {
    let pairs = headers.get("upload-metadata")?.to_str().ok()?;
    let value = pairs.split(',').find_map(|pair| pair.trim().strip_prefix("sha256 "))?;
    let sha256 = Base64::decode_vec(value.trim()).ok()?.try_into().ok()?;
    Some(UploadMetadata { sha256: PhotoId(sha256) })
}

fn piece(headers: &HeaderMap, body: Bytes) -> Result<Bytes, ServiceError> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != PIECE_TYPE) {
        return Err(ServiceError::invalid("a piece has another content type"));
    }
    if let Some(checksum) = headers.get("upload-checksum") {
        check(checksum, &body)?;
    }
    Ok(body)
}

fn check(checksum: &HeaderValue, body: &[u8]) -> Result<(), ServiceError> {
    let unknown = || ServiceError::invalid("Upload-Checksum is neither sha1 nor sha256");
    let (algorithm, wanted) = checksum.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(unknown)?;
    let found = match algorithm {
        "sha1" => Base64::encode_string(&Sha1::digest(body)),
        "sha256" => Base64::encode_string(&Sha256::digest(body)),
        _ => return Err(unknown()),
    };
    if found == wanted.trim() { Ok(()) } else { Err(ServiceError::ChecksumMismatch) }
}

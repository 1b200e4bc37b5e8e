//! `GET /api/photos/{sha}`: bytes that never change, to whoever may see an issue that names them.

use std::ops::Range;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use xiaohao_shared::api::Wanted;
use xiaohao_shared::id::PhotoId;

use super::auth::Signed;
use super::error;
use super::office::matches;
use super::turnstile::Place;
use crate::service::{Service, ServiceError, photos};
use crate::store::blobs::Blob;

/// Should a browser ever be tricked into showing such an answer as a page, it is a page that can do nothing.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

pub async fn photo(
    State(service): State<Service>,
    Path(sha): Path<String>,
    headers: HeaderMap,
    signed: Signed,
) -> Result<Response, ServiceError> {
    let sha: PhotoId = sha.parse().map_err(|_| ServiceError::NotFound)?;
    let blob = photos::find(&service, &signed.caller, sha).await?;
    if matches(&headers, &tag(&blob)) {
        return Ok((StatusCode::NOT_MODIFIED, describe(&blob)).into_response());
    }
    match range(&headers, blob.size) {
        None => send(&service, &blob, 0..blob.size, StatusCode::OK, signed.place).await,
        Some(Some(range)) => send(&service, &blob, range, StatusCode::PARTIAL_CONTENT, signed.place).await,
        Some(None) => Ok(error::no_such_range(blob.size)),
    }
}

/// `POST /api/photos/wanted`: what a phone holds, and what the office lacks of it.
pub async fn wanted(State(service): State<Service>, signed: Signed) -> Result<Json<Wanted>, ServiceError> {
    photos::wanted(&service, &signed.caller, signed.json()?).await.map(Json)
}

fn tag(blob: &Blob) -> String {
    format!("\"{}\"", blob.sha)
}

fn describe(blob: &Blob) -> [(header::HeaderName, String); 5] {
    [
        (header::ETAG, tag(blob)),
        (header::CONTENT_TYPE, blob.mime.clone()),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".into()),
        (header::CONTENT_SECURITY_POLICY, POLICY.into()),
        (header::ACCEPT_RANGES, "bytes".into()),
    ]
}

async fn send(
    service: &Service,
    blob: &Blob,
    range: Range<u64>,
    status: StatusCode,
    place: Place,
) -> Result<Response, ServiceError> {
    let bytes = photos::read(service, blob).await?.slice(range.start as usize..range.end as usize);
    let mut response = (status, describe(blob), place.until_all_of(bytes)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {}-{}/{}", range.start, range.end - 1, blob.size);
        response.headers_mut().extend(part.parse().map(|part| (header::CONTENT_RANGE, part)));
    }
    Ok(response)
}

/// `None` where the whole is wanted (also for forms that we do not understand, as RFC 9110 allows), `Some(None)` where
/// the range lies outside.
pub(super) fn range(headers: &HeaderMap, size: u64) -> Option<Option<Range<u64>>> {
    let text = headers.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (from, to) = text.split_once('-')?;
    let range = match (from.parse::<u64>().ok(), to.parse::<u64>().ok()) {
        (Some(from), Some(to)) if from <= to => from..to.saturating_add(1).min(size),
        (Some(from), None) if to.is_empty() => from..size,
        (None, Some(last)) if from.is_empty() => size.saturating_sub(last)..size,
        _ => return None,
    };
    Some((range.start < range.end).then_some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Option<Range<u64>>> {
        range(&HeaderMap::from_iter([(header::RANGE, text.parse().unwrap())]), 10)
    }

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(asked("bytes=2-4"), Some(Some(2..5)));
        assert_eq!(asked("bytes=8-99"), Some(Some(8..10)));
        assert_eq!(asked("bytes=3-"), Some(Some(3..10)));
        assert_eq!(asked("bytes=-4"), Some(Some(6..10)));
        assert_eq!(asked("bytes=10-"), Some(None));
        assert_eq!(asked("bytes=-0"), Some(None));
        assert_eq!(asked("bytes=4-2"), None);
        assert_eq!(asked("bytes=0-1,4-5"), None);
    }
}

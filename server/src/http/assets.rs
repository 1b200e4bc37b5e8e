//! The built app: files of one folder, compressed beforehand. Knows nothing of the office; every address that is no
//! file is the app itself, which has its own routes.

mod shelf;

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

pub use shelf::Shelf;

use super::office::matches;
use crate::service::ServiceError;

const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'self'; \
    require-trusted-types-for 'script'; trusted-types default";
const PERMISSIONS: &str = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=()";

/// The files of `app`, those that were asked for lately in `shelf`.
pub async fn serve(
    app: &Path,
    shelf: &Shelf,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    if method != Method::GET && method != Method::HEAD {
        return Err(ServiceError::NotFound);
    }
    if let Some(name) = file_name(uri.path())
        && let Some(found) = open(app, shelf, &name, &headers).await
    {
        return Ok(found);
    }
    // A missing script answered with a page would be a puzzle; a missing page is a route of the app.
    if uri.path().rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return Err(ServiceError::NotFound);
    }
    open(app, shelf, Path::new("index.html"), &headers).await.ok_or(ServiceError::NotFound)
}

/// A path below the folder, if it is made of plain names only: nothing hidden, nothing that climbs.
fn file_name(path: &str) -> Option<PathBuf> {
    let name = path.strip_prefix('/')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let names = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    name.split('/').all(names).then(|| PathBuf::from(name))
}

async fn open(app: &Path, shelf: &Shelf, name: &Path, headers: &HeaderMap) -> Option<Response> {
    let path = app.join(name);
    let whole = tokio::fs::metadata(&path).await.ok().filter(std::fs::Metadata::is_file)?;
    let tag = tag(&whole);
    let describe = [
        (header::CONTENT_TYPE, media_type(&path)),
        (header::CACHE_CONTROL, if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" }),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (header::VARY, "accept-encoding"),
    ];
    if matches(headers, &tag) {
        return Some((StatusCode::NOT_MODIFIED, describe, [(header::ETAG, tag)]).into_response());
    }
    let (bytes, encoding) = read(shelf, &path, headers).await?;
    let mut response = (describe, [(header::ETAG, tag)], Body::from(bytes)).into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The smallest form that the browser understands.
async fn read(shelf: &Shelf, path: &Path, headers: &HeaderMap) -> Option<(Bytes, Option<&'static str>)> {
    for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
        if accepts(headers, encoding) {
            let mut compressed = path.as_os_str().to_owned();
            compressed.push(suffix);
            if let Some(bytes) = shelf.get(Path::new(&compressed)).await {
                return Some((bytes, Some(encoding)));
            }
        }
    }
    Some((shelf.get(path).await?, None))
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let refused = |weight: &str| weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
    let listed = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    listed.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        name.trim() == encoding && !refused(weight)
    })
}

/// When and how large: changes with every build that changes the file.
fn tag(file: &std::fs::Metadata) -> String {
    let age = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("W/\"{:x}-{:x}\"", age.as_millis(), file.len())
}

/// A file or its folder with eight or more hex digits in its name, such as `style-1f2e3d4c.css` or `app-1f2e3d4c/x.js`: its
/// content never changes.
fn is_hashed(name: &Path) -> bool {
    let hash = |part: &str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let named = |name: &str| name.split(['-', '.', '_']).skip(1).any(hash);
    name.iter().filter_map(|part| part.to_str()).any(named)
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_below_the_folder_are_files() {
        assert_eq!(file_name("/icons/app-192.png"), Some("icons/app-192.png".into()));
        for path in ["/", "/../office.db", "/a//b", "/.env", "/a/.git/x", "/%2e%2e/x", "/a\\b", "//etc/passwd"] {
            assert_eq!(file_name(path), None, "{path}");
        }
    }

    #[test]
    fn a_name_with_a_hash_is_kept_for_ever_and_others_are_asked_for_again() {
        assert!(is_hashed(Path::new("app-0f1e2d3c4b/x.wasm")) && is_hashed(Path::new("style.00112233.css")));
        assert!(!is_hashed(Path::new("index.html")) && !is_hashed(Path::new("icons/sw.js")));
    }

    #[test]
    fn an_encoding_with_weight_zero_is_not_accepted() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, "br;q=0, gzip".parse().unwrap())]);
        assert!(!accepts(&headers, "br") && accepts(&headers, "gzip"));
    }
}

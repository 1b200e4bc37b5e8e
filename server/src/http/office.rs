//! `GET /api/office`: the directory, once per version; `GET /api/devices`: who is not syncing; `GET /api/mine`: one's own;
//! `GET /api/catalogue/changes`: who changed the office's limits and kinds.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use xiaohao_shared::api::{Device, OwnedDevice, RuleChange};

use super::auth::Signed;
use crate::service::{Service, ServiceError, catalogue, directory};

pub async fn office(
    State(service): State<Service>,
    headers: HeaderMap,
    signed: Signed,
) -> Result<Response, ServiceError> {
    let office = directory::office(&service, signed.caller).await?;
    let tag = format!("\"{}-{}-{}\"", office.version, office.me.id, office.device);
    let cache = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, no-cache".into())];
    if matches(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, cache).into_response());
    }
    Ok((cache, Json(office)).into_response())
}

pub async fn devices(State(service): State<Service>, _: Signed) -> Result<Json<Vec<OwnedDevice>>, ServiceError> {
    directory::contacts(&service).await.map(Json)
}

/// One's own that are in service: whoever sees one that he does not know has it revoked.
pub async fn mine(State(service): State<Service>, signed: Signed) -> Result<Json<Vec<Device>>, ServiceError> {
    directory::devices_of(&service, signed.caller.person.id).await.map(Json)
}

pub async fn rule_changes(State(service): State<Service>, _: Signed) -> Result<Json<Vec<RuleChange>>, ServiceError> {
    catalogue::changes(&service).await.map(Json)
}

/// Whether `If-None-Match` names this entity tag.
pub fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let listed = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    listed.is_some_and(|list| list.split(',').any(|one| one.trim() == "*" || strong(one) == strong(tag)))
}

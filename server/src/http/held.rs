//! `GET /api/held` and `POST /api/held/{hash}`: changes that wait for the desk.

use axum::Json;
use axum::extract::{Path, State};
use xiaohao_shared::api::Held;
use xiaohao_shared::id::ChangeHash;

use super::auth::Signed;
use crate::service::{Service, ServiceError, held};

pub async fn list(State(service): State<Service>, _: Signed) -> Result<Json<Vec<Held>>, ServiceError> {
    Ok(Json(held::list(&service).await?))
}

pub async fn decide(
    State(service): State<Service>,
    Path(hash): Path<String>,
    signed: Signed,
) -> Result<Json<Vec<Held>>, ServiceError> {
    let hash: ChangeHash = hash.parse().map_err(|_| ServiceError::NotFound)?;
    Ok(Json(held::decide(&service, &signed.caller, hash, signed.json()?).await?))
}

//! `/api/views`: the saved views of whoever asks.

use axum::Json;
use axum::extract::State;
use xiaohao_shared::api::views::View;

use super::auth::Signed;
use crate::service::{Service, ServiceError, views};

pub async fn list(State(service): State<Service>, signed: Signed) -> Result<Json<Vec<View>>, ServiceError> {
    views::of(&service, signed.caller.person.id).await.map(Json)
}

pub async fn save(State(service): State<Service>, signed: Signed) -> Result<Json<Vec<View>>, ServiceError> {
    let wishes: Vec<_> = signed.json()?;
    views::save(&service, signed.caller.person.id, &wishes).await.map(Json)
}

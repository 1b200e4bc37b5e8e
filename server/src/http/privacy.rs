//! `GET /api/privacy`: what is kept about whoever asks, and for how long; `POST /api/admin/retention`: the office's rule for it.

use axum::Json;
use axum::extract::State;
use xiaohao_shared::api::Privacy;
use xiaohao_shared::model::retention::Retention;

use super::House;
use super::auth::Signed;
use crate::service::{Service, ServiceError, privacy, retention};

pub async fn about_me(State(house): State<House>, signed: Signed) -> Result<Json<Privacy>, ServiceError> {
    let (rule, about) = privacy::about(&house.service, signed.caller.person.id).await?;
    Ok(Json(Privacy { rule, audit_days: house.site.audit_days, about }))
}

pub async fn save_retention(State(service): State<Service>, signed: Signed) -> Result<Json<Retention>, ServiceError> {
    retention::save(&service, signed.json()?).await.map(Json)
}

//! `/api/bulletins`: notices of the office. The desk writes them and sees who has read them; whoever has one read says so.

use axum::Json;
use axum::extract::{Path, State};
use xiaohao_shared::api::BulletinReads;

use super::auth::Signed;
use crate::service::{Service, ServiceError, bulletins};

type Answer<T> = Result<Json<T>, ServiceError>;

pub async fn all(State(service): State<Service>, _: Signed) -> Answer<Vec<BulletinReads>> {
    bulletins::all(&service).await.map(Json)
}

pub async fn write(State(service): State<Service>, signed: Signed) -> Answer<BulletinReads> {
    bulletins::write(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn withdraw(State(service): State<Service>, Path(id): Path<String>, _: Signed) -> Answer<BulletinReads> {
    bulletins::withdraw(&service, number(&id)?).await.map(Json)
}

pub async fn read(State(service): State<Service>, Path(id): Path<String>, signed: Signed) -> Answer<()> {
    bulletins::read(&service, &signed.caller, number(&id)?).await.map(Json)
}

fn number(id: &str) -> Result<u32, ServiceError> {
    id.parse().map_err(|_| ServiceError::NotFound)
}

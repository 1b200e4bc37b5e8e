//! `/api/issues/{id}/tipster`: masked, whole (each look stands in the audit), noted and forgotten, by the desk alone.

use axum::Json;
use axum::extract::{Path, State};
use xiaohao_shared::api::{TipsterNoted, TipsterWish};
use xiaohao_shared::id::IssueId;

use super::auth::Signed;
use crate::service::{Service, ServiceError, tipsters};

type Answer = Result<Json<Option<TipsterNoted>>, ServiceError>;

fn issue(id: &str) -> Result<IssueId, ServiceError> {
    id.parse().map_err(|_| ServiceError::NotFound)
}

pub async fn masked(State(service): State<Service>, Path(id): Path<String>, _: Signed) -> Answer {
    tipsters::masked(&service, issue(&id)?).await.map(Json)
}

pub async fn whole(State(service): State<Service>, Path(id): Path<String>, _: Signed) -> Answer {
    tipsters::whole(&service, issue(&id)?).await.map(Json)
}

pub async fn save(State(service): State<Service>, Path(id): Path<String>, signed: Signed) -> Answer {
    let wish: TipsterWish = signed.json()?;
    tipsters::save(&service, &signed.caller, issue(&id)?, wish.tipster).await.map(Json)
}

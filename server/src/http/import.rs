//! `POST /api/import?name=…&columns=…`: reads the file in the body and says what would become of its rows. Writes nothing.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use tokio::sync::Semaphore;
use xiaohao_shared::import::{Columns, Import};

use super::auth::Signed;
use super::error;
use crate::service::{Service, ServiceError, import};

/// Files that are unpacked at a time; each may take a hundred megabytes for a moment.
static PLACES: Semaphore = Semaphore::const_new(1);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ask {
    name: String,
    /// Empty for those that the headings say.
    columns: String,
}

pub async fn import(
    State(service): State<Service>,
    ask: Result<Query<Ask>, axum::extract::rejection::QueryRejection>,
    signed: Signed,
) -> Result<Json<Import>, ServiceError> {
    let Query(ask) = ask.map_err(error::query)?;
    let columns = Some(&ask.columns).filter(|columns| !columns.is_empty()).map(|columns| Columns::parse(columns));
    let place = PLACES.acquire().await.map_err(|_| ServiceError::TimedOut)?;
    import::read(&service, signed.body, ask.name, columns, place).await.map(Json)
}

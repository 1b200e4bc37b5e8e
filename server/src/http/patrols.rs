//! `/api/patrols`: rounds through zones. A phone brings them one by one, also after it was put out of service; the desk reads
//! what they cover, and takes them away as a file.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use xiaohao_shared::api::{PatrolTaken, Patrols};
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::patrol::BANDS;
use xiaohao_shared::time::Date;

use super::auth::{Heard, Signed};
use super::error;
use super::export::disposition;
use crate::service::export::Tongue;
use crate::service::patrols::{self, Asked};
use crate::service::{Service, ServiceError, export};

pub async fn take(State(service): State<Service>, heard: Heard) -> Result<Json<PatrolTaken>, ServiceError> {
    let patrol = serde_json::from_slice(&heard.body).map_err(ServiceError::not_json)?;
    patrols::take(&service, &heard.caller, heard.stopped.is_some(), patrol).await.map(Json)
}

#[derive(Deserialize)]
pub struct OfDays {
    from: Date,
    to: Date,
    zone: Option<ZoneId>,
    band: Option<usize>,
    #[serde(default)]
    lang: Tongue,
}

type Days = Result<Query<OfDays>, QueryRejection>;

fn asked(days: Days) -> Result<(Asked, Tongue), ServiceError> {
    let Query(OfDays { from, to, zone, band, lang }) = days.map_err(error::query)?;
    match band {
        Some(BANDS..) => Err(ServiceError::invalid("a day has no such band")),
        _ => Ok((Asked { from, to, zone, band }, lang)),
    }
}

pub async fn list(State(service): State<Service>, days: Days, _: Signed) -> Result<Json<Patrols>, ServiceError> {
    patrols::list(&service, asked(days)?.0).await.map(Json)
}

pub async fn book(State(service): State<Service>, days: Days, signed: Signed) -> Result<Response, ServiceError> {
    let (asked, tongue) = asked(days)?;
    let (name, bytes) = export::patrols(&service, asked, tongue).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(super::export::WORKBOOK));
    Ok(([kind, (header::CONTENT_DISPOSITION, disposition(&name)?)], signed.place.until_all_of(bytes.into()))
        .into_response())
}

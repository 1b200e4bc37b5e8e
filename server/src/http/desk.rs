//! `/api/weekly`, `/api/settlements`, `/api/indicators` and `/api/halfyear`: the lists and books of the desk. Inspectors read them; supervisors make them.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use xiaohao_shared::api::{
    Freeze, HalfYear, Indicators, Notice, Recurrence, Settlement, Settlements, Weekly, WeeklyHead,
};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::indicator::Thresholds;
use xiaohao_shared::model::settlement::Month;

use super::auth::Signed;
use super::export::disposition;
use crate::service::export::Tongue;
use crate::service::{Service, ServiceError, halfyear, indicators, settlement, weekly};

type Answer<T> = Result<Json<T>, ServiceError>;

pub async fn weekly_lists(State(service): State<Service>, _: Signed) -> Answer<Vec<WeeklyHead>> {
    weekly::lists(&service).await.map(Json)
}

pub async fn make_weekly(State(service): State<Service>, signed: Signed) -> Answer<WeeklyHead> {
    weekly::make(&service, &signed.caller).await.map(Json)
}

pub async fn weekly(State(service): State<Service>, Path(number): Path<String>, _: Signed) -> Answer<Weekly> {
    weekly::list(&service, &number).await.map(Json)
}

/// Person 0 is nobody: what is on the list and not yet dispatched.
pub async fn notice(
    State(service): State<Service>,
    Path((number, person)): Path<(String, String)>,
    _: Signed,
) -> Answer<Notice> {
    let person: PersonId = person.parse().map_err(|_| ServiceError::NotFound)?;
    weekly::notice(&service, &number, person).await.map(Json)
}

pub async fn settlements(State(service): State<Service>, _: Signed) -> Answer<Settlements> {
    settlement::all(&service).await.map(Json)
}

pub async fn settlement(State(service): State<Service>, Path(month): Path<String>, _: Signed) -> Answer<Settlement> {
    let month: Month = month.parse().map_err(|_| ServiceError::NotFound)?;
    settlement::one(&service, month).await.map(Json)
}

pub async fn freeze(State(service): State<Service>, signed: Signed) -> Answer<Settlement> {
    let wish: Freeze = signed.json()?;
    settlement::freeze(&service, &signed.caller, wish).await.map(Json)
}

#[derive(Deserialize)]
pub struct OfMonth {
    month: Month,
}

pub async fn indicators(
    State(service): State<Service>,
    Query(OfMonth { month }): Query<OfMonth>,
    _: Signed,
) -> Answer<Indicators> {
    indicators::of_month(&service, month).await.map(Json)
}

pub async fn set_recurrence(State(service): State<Service>, signed: Signed) -> Answer<Recurrence> {
    indicators::set_recurrence(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn set_thresholds(State(service): State<Service>, signed: Signed) -> Answer<Thresholds> {
    indicators::set_thresholds(&service, &signed.caller, signed.json()?).await.map(Json)
}

#[derive(Deserialize)]
pub struct OfMonths {
    from: Month,
    to: Month,
    #[serde(default)]
    lang: Tongue,
}

type Period = Result<Query<OfMonths>, QueryRejection>;

pub async fn halfyear(State(service): State<Service>, period: Period, _: Signed) -> Answer<HalfYear> {
    let Query(OfMonths { from, to, .. }) = period.map_err(ServiceError::invalid)?;
    halfyear::report(&service, from, to).await.map(Json)
}

const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

pub async fn halfyear_document(
    State(service): State<Service>,
    period: Period,
    _: Signed,
) -> Result<Response, ServiceError> {
    let Query(OfMonths { from, to, lang }) = period.map_err(ServiceError::invalid)?;
    let (name, bytes) = halfyear::document(&service, from, to, lang).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(DOCUMENT));
    Ok(([kind, (header::CONTENT_DISPOSITION, disposition(&name)?)], bytes).into_response())
}

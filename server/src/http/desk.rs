//! `/api/weekly`, `/api/settlements`, `/api/indicators` and `/api/halfyear`: the lists and books of the desk. Inspectors read them; supervisors make them.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use xiaohao_shared::api::{
    Freeze, HalfYear, Indicators, IssuePage, Notice, Recurrence, Settlement, Settlements, TakenNumber, Trends, Weekly,
    WeeklyHead,
};
use xiaohao_shared::id::{IssueId, PersonId};
use xiaohao_shared::model::behind::{Became, Drift, Measured, Settled, Within};
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::indicator::Thresholds;
use xiaohao_shared::model::settlement::Month;

use super::auth::Signed;
use super::board::after_of;
use super::error;
use super::export::disposition;
use crate::service::export::Tongue;
use crate::service::{Service, ServiceError, behind, halfyear, indicators, settlement, supervision, trends, weekly};
use crate::store::board::After;

type Answer<T> = Result<Json<T>, ServiceError>;

/// The latest ones, or with `?before=2026-003` those before that one.
pub async fn weekly_lists(
    State(service): State<Service>,
    RawQuery(query): RawQuery,
    _: Signed,
) -> Answer<Vec<WeeklyHead>> {
    let before = query.as_deref().and_then(|query| value_of(query, "before"));
    weekly::lists(&service, before.as_deref().filter(|number| !number.is_empty())).await.map(Json)
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

/// The issues behind what became of a list, or of one person's part of it.
pub async fn listed(
    State(service): State<Service>,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
    _: Signed,
) -> Answer<IssuePage> {
    let query = query.unwrap_or_default();
    let became = value_of(&query, "became").and_then(|code| Became::from_code(&code)).ok_or_else(no_figure)?;
    let person = value_of(&query, "person").map(|person| person.parse()).transpose().map_err(|_| no_figure())?;
    behind::listed(&service, &number, person, became, after(&query)).await.map(Json)
}

pub async fn settlements(State(service): State<Service>, _: Signed) -> Answer<Settlements> {
    settlement::all(&service).await.map(Json)
}

/// With `part=book` only what was frozen; an app of before asks for all of it.
pub async fn settlement(
    State(service): State<Service>,
    Path(month): Path<String>,
    RawQuery(query): RawQuery,
    _: Signed,
) -> Answer<Settlement> {
    let month: Month = month.parse().map_err(|_| ServiceError::NotFound)?;
    if query.is_some_and(|query| value_of(&query, "part").as_deref() == Some("book")) {
        return settlement::book_of(&service, month).await.map(Json);
    }
    settlement::one(&service, month).await.map(Json)
}

pub async fn freeze(State(service): State<Service>, signed: Signed) -> Answer<Settlement> {
    let wish: Freeze = signed.json()?;
    settlement::freeze(&service, &signed.caller, wish).await.map(Json)
}

/// What an app of before [`taken_number`] reads where it asks for a number here: nothing is proposed then.
#[derive(Serialize)]
struct FormerAnswer {
    office: &'static str,
    city: &'static str,
    taken: Option<String>,
}

pub async fn next_numbers(
    State(service): State<Service>,
    RawQuery(query): RawQuery,
    _: Signed,
) -> Result<Response, ServiceError> {
    if let Some((number, issue)) = wanted(query) {
        let taken = supervision::taken(&service, &number, issue).await?.by;
        return Ok(Json(FormerAnswer { office: "", city: "", taken }).into_response());
    }
    Ok(Json(supervision::next(&service).await?).into_response())
}

pub async fn taken_number(State(service): State<Service>, RawQuery(query): RawQuery, _: Signed) -> Answer<TakenNumber> {
    let (number, issue) = wanted(query).ok_or_else(|| ServiceError::invalid("which number, for which issue?"))?;
    supervision::taken(&service, &number, issue).await.map(Json)
}

/// The number that somebody wants for an issue.
fn wanted(query: Option<String>) -> Option<(String, IssueId)> {
    let asked = |name| query.as_deref().and_then(|query| value_of(query, name));
    let number = asked("number").filter(|number| !number.trim().is_empty())?;
    Some((number, asked("issue")?.parse().ok()?))
}

/// The issues behind a figure of a settled month.
pub async fn settled(
    State(service): State<Service>,
    Path(month): Path<String>,
    RawQuery(query): RawQuery,
    _: Signed,
) -> Answer<IssuePage> {
    let month: Month = month.parse().map_err(|_| ServiceError::NotFound)?;
    let query = query.unwrap_or_default();
    let figure = value_of(&query, "figure").ok_or_else(no_figure)?;
    let within = Within::from_query(&query).ok_or_else(no_figure)?;
    if let Some(drift) = Drift::from_code(&figure) {
        return behind::drifted(&service, month, drift, within, after(&query)).await.map(Json);
    }
    let figure = Settled::from_code(&figure).ok_or_else(no_figure)?;
    behind::settled(&service, month, figure, within, after(&query)).await.map(Json)
}

/// The issues behind an indicator, or a figure of a report: of one month, or of several as `2026-01_2026-06`.
pub async fn measured(State(service): State<Service>, RawQuery(query): RawQuery, _: Signed) -> Answer<IssuePage> {
    let query = query.unwrap_or_default();
    let months = value_of(&query, "month").and_then(|months| months.parse().ok()).ok_or_else(no_figure)?;
    let figure = value_of(&query, "figure").and_then(|code| Measured::from_code(&code)).ok_or_else(no_figure)?;
    let within = Within::from_query(&query).ok_or_else(no_figure)?;
    behind::measured(&service, months, figure, within, after(&query)).await.map(Json)
}

pub async fn trends(State(service): State<Service>, RawQuery(query): RawQuery, _: Signed) -> Answer<Trends> {
    let query = query.unwrap_or_default();
    let month = value_of(&query, "month").and_then(|month| month.parse().ok()).ok_or_else(no_figure)?;
    let within = Within::from_query(&query).ok_or_else(no_figure)?;
    trends::until(&service, month, within.zone).await.map(Json)
}

fn after(query: &str) -> Option<After> {
    value_of(query, "after").and_then(|after| after_of(&after))
}

fn no_figure() -> ServiceError {
    ServiceError::invalid("there is no such figure")
}

#[derive(Deserialize)]
pub struct OfMonth {
    month: Month,
}

pub async fn indicators(
    State(service): State<Service>,
    asked: Result<Query<OfMonth>, QueryRejection>,
    _: Signed,
) -> Answer<Indicators> {
    let Query(OfMonth { month }) = asked.map_err(error::query)?;
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
    let Query(OfMonths { from, to, .. }) = period.map_err(error::query)?;
    halfyear::report(&service, from, to).await.map(Json)
}

const DOCUMENT: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

pub async fn halfyear_document(
    State(service): State<Service>,
    period: Period,
    signed: Signed,
) -> Result<Response, ServiceError> {
    let Query(OfMonths { from, to, lang }) = period.map_err(error::query)?;
    let (name, bytes) = halfyear::document(&service, from, to, lang).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(DOCUMENT));
    Ok(([kind, (header::CONTENT_DISPOSITION, disposition(&name)?)], signed.place.until_all_of(bytes.into()))
        .into_response())
}

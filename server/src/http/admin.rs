//! `/api/admin`: people, devices, zones, the calendar, the lock of phones and the rules of the catalogue, for administrators. Each has the duties that the
//! table of rights asks for.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use xiaohao_shared::api::{Invite, PersonDetail, Remembered};
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::Zone;
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::lock::LockRule;
use xiaohao_shared::model::rules::Rules;

use super::auth::Signed;
use super::doors::Visit;
use crate::service::{Service, ServiceError, catalogue, directory, enrolment, lock, passkeys, remembered, sign_on};

type Answer<T> = Result<Json<T>, ServiceError>;

pub async fn people(State(service): State<Service>, _: Signed) -> Answer<Vec<PersonDetail>> {
    directory::people(&service).await.map(Json)
}

pub async fn save_person(State(service): State<Service>, signed: Signed) -> Answer<PersonDetail> {
    directory::save_person(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_zone(State(service): State<Service>, signed: Signed) -> Answer<Vec<Zone>> {
    directory::save_zone(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_calendar(State(service): State<Service>, signed: Signed) -> Answer<Calendar> {
    directory::save_calendar(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_lock(State(service): State<Service>, signed: Signed) -> Answer<LockRule> {
    lock::save(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_rule(State(service): State<Service>, signed: Signed) -> Answer<Rules> {
    catalogue::save(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn invite(State(service): State<Service>, Path(person): Path<String>, signed: Signed) -> Answer<Invite> {
    let person: PersonId = person.parse().map_err(|_| ServiceError::NotFound)?;
    enrolment::issue_code(&service, person, &signed.origin).await.map(Json)
}

/// What an administrator answers for.
pub async fn appoint(
    State(service): State<Service>,
    Path(person): Path<String>,
    signed: Signed,
) -> Answer<PersonDetail> {
    let person: PersonId = person.parse().map_err(|_| ServiceError::NotFound)?;
    directory::appoint(&service, &signed.caller, person, signed.json()?).await.map(Json)
}

pub async fn revoke(State(service): State<Service>, Path(device): Path<String>, _: Signed) -> Answer<PersonDetail> {
    let device: DeviceId = device.parse().map_err(|_| ServiceError::NotFound)?;
    directory::revoke(&service, device).await.map(Json)
}

pub async fn withdraw_passkey(
    State(service): State<Service>,
    Path(number): Path<String>,
    _: Signed,
) -> Answer<PersonDetail> {
    let number = number.parse().map_err(|_| ServiceError::NotFound)?;
    passkeys::withdraw_of_other(&service, number).await.map(Json)
}

/// By which name the office's sign-on calls somebody.
pub async fn bind_sign_on(
    State(service): State<Service>,
    Path(person): Path<String>,
    signed: Signed,
) -> Answer<PersonDetail> {
    let person: PersonId = person.parse().map_err(|_| ServiceError::NotFound)?;
    sign_on::bind(&service, person, signed.json()?).await.map(Json)
}

/// What a device remembers of the directory, for an office that was restored from an older backup.
pub async fn remembered(
    State(service): State<Service>,
    Extension(visit): Extension<Visit>,
    signed: Signed,
) -> Answer<usize> {
    let told: Remembered = signed.json()?;
    remembered::take_in(&service, &signed.caller, visit.from, told).await.map(Json)
}

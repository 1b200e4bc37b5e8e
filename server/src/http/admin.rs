//! `/api/admin`: people, devices, zones, the calendar and the rules of the catalogue, for administrators.

use axum::Json;
use axum::extract::{Path, State};
use xiaohao_shared::api::{Invite, PersonDetail, Remembered};
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::model::Zone;
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::rules::Rules;

use super::auth::Admin;
use crate::service::{Service, ServiceError, catalogue, directory, enrolment, remembered};

type Answer<T> = Result<Json<T>, ServiceError>;

pub async fn people(State(service): State<Service>, _: Admin) -> Answer<Vec<PersonDetail>> {
    directory::people(&service).await.map(Json)
}

pub async fn save_person(State(service): State<Service>, Admin(signed): Admin) -> Answer<PersonDetail> {
    directory::save_person(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_zone(State(service): State<Service>, Admin(signed): Admin) -> Answer<Vec<Zone>> {
    directory::save_zone(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_calendar(State(service): State<Service>, Admin(signed): Admin) -> Answer<Calendar> {
    directory::save_calendar(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn save_rule(State(service): State<Service>, Admin(signed): Admin) -> Answer<Rules> {
    catalogue::save(&service, &signed.caller, signed.json()?).await.map(Json)
}

pub async fn invite(
    State(service): State<Service>,
    Path(person): Path<String>,
    Admin(signed): Admin,
) -> Answer<Invite> {
    let person: PersonId = person.parse().map_err(|_| ServiceError::NotFound)?;
    enrolment::invite(&service, &signed.caller, person, &signed.origin).await.map(Json)
}

pub async fn revoke(
    State(service): State<Service>,
    Path(device): Path<String>,
    Admin(signed): Admin,
) -> Answer<PersonDetail> {
    let device: DeviceId = device.parse().map_err(|_| ServiceError::NotFound)?;
    directory::revoke(&service, &signed.caller, device).await.map(Json)
}

/// What a device remembers of the directory, for an office that was restored from an older backup.
pub async fn remembered(State(service): State<Service>, Admin(signed): Admin) -> Answer<usize> {
    let told: Remembered = signed.json()?;
    remembered::take_in(&service, &signed.caller, told).await.map(Json)
}

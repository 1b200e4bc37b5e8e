//! `/api/passkeys` and `/api/confirm`: one's own passkeys, and showing one. Where the page stands is the origin that was signed.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use xiaohao_shared::api::passkeys::{Challenge, Confirmed, Passkeys};

use super::House;
use super::auth::Signed;
use super::doors::Visit;
use crate::service::passkeys::StepUp;
use crate::service::passkeys::proof::Place;
use crate::service::{ServiceError, passkeys};

type Answer<T> = Result<Json<T>, ServiceError>;

impl House {
    fn place<'a>(&'a self, signed: &'a Signed) -> Result<Place<'a>, ServiceError> {
        self.site.passkey_place(&signed.origin).ok_or(passkeys::NOT_HERE)
    }
}

pub async fn list(State(house): State<House>, signed: Signed) -> Answer<Passkeys> {
    let found = passkeys::list(&house.service, &signed.caller, house.site.passkey_place(&signed.origin)).await?;
    Ok(Json(Passkeys { always: house.site.step_up == StepUp::Always, ..found }))
}

pub async fn begin(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    signed: Signed,
) -> Answer<Challenge> {
    let (place, wish) = (house.place(&signed)?, signed.json()?);
    passkeys::begin_adding(&house.service, &signed.caller, place, visit.from, &wish).await.map(Json)
}

pub async fn add(State(house): State<House>, Extension(visit): Extension<Visit>, signed: Signed) -> Answer<Passkeys> {
    let (place, wish) = (house.place(&signed)?, signed.json()?);
    let all = passkeys::add(&house.service, &signed.caller, place, visit.from, &wish).await?;
    visit.is_told();
    Ok(Json(all))
}

pub async fn withdraw(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    Path(number): Path<String>,
    signed: Signed,
) -> Answer<Passkeys> {
    let number = number.parse().map_err(|_| ServiceError::NotFound)?;
    let place = house.place(&signed)?;
    let left = passkeys::withdraw(&house.service, &signed.caller, place, visit.from, number).await?;
    visit.is_told();
    Ok(Json(left))
}

pub async fn begin_confirming(State(house): State<House>, signed: Signed) -> Answer<Challenge> {
    passkeys::begin_confirming(&house.service, &signed.caller, house.place(&signed)?).await.map(Json)
}

pub async fn confirm(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    signed: Signed,
) -> Answer<Confirmed> {
    let (place, assertion) = (house.place(&signed)?, signed.json()?);
    let confirmed = passkeys::confirm(&house.service, &signed.caller, place, visit.from, &assertion).await?;
    visit.is_told();
    Ok(Json(confirmed))
}

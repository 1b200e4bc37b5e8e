//! `/api/enrol`: the requests that are signed by a key which nobody knows yet. `/api/doubt`: a device says that it has to prove itself anew.
//! `/api/key`: it gets another key.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use xiaohao_shared::api::passkeys::Challenge;
use xiaohao_shared::api::sign_on::SignOn;
use xiaohao_shared::api::{BeginEnrol, ChangeKey, Enrol, Enrolled, Thrown};
use xiaohao_shared::signature::NEW_KEY;

use super::House;
use super::auth::{Claim, Heard, Signed};
use super::doors::Visit;
use crate::service::enrolment::{self, Doubted, Newcomer};
use crate::service::keys::{self, Change};
use crate::service::{ServiceError, passkeys, sign_on};

impl Claim {
    /// Whoever says that this is his key, and whether it is.
    fn newcomer<'a>(&'a self, house: &'a House, visit: &Visit, public_key: &str) -> Result<Newcomer<'a>, ServiceError> {
        let (key, verifying) = enrolment::public_key(public_key)?;
        let proven = self.params.keyid == NEW_KEY && self.is_by(&verifying);
        let place = house.site.passkey_place(&self.origin);
        Ok(Newcomer { key, proven, place, origin: &self.origin, from: visit.from })
    }
}

pub async fn begin(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    claim: Claim,
) -> Result<Json<Challenge>, ServiceError> {
    let wish: BeginEnrol = claim.json()?;
    let newcomer = claim.newcomer(&house, &visit, &wish.public_key)?;
    passkeys::begin_enrolling(&house.service, &newcomer).await.map(Json)
}

pub async fn begin_sign_on(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    claim: Claim,
) -> Result<Json<SignOn>, ServiceError> {
    let wish: BeginEnrol = claim.json()?;
    let newcomer = claim.newcomer(&house, &visit, &wish.public_key)?;
    sign_on::begin(&house.service, &newcomer).await.map(Json)
}

pub async fn enrol(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    claim: Claim,
) -> Result<Json<Enrolled>, ServiceError> {
    let wish: Enrol = claim.json()?;
    let newcomer = claim.newcomer(&house, &visit, &wish.public_key)?;
    let enrolled = enrolment::enrol(&house.service, &wish, newcomer).await?;
    visit.is_by(enrolled.person.id, enrolled.device);
    visit.is_told();
    Ok(Json(enrolled))
}

pub async fn doubt(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    heard: Heard,
) -> Result<Json<()>, ServiceError> {
    visit.is_told();
    let (caller, is_stopped) = (&heard.caller, heard.stopped.is_some());
    let thrown = thrown(&heard.body)?.id;
    let doubted = Doubted { caller, is_stopped, thrown, said_at: heard.created, from: visit.from };
    enrolment::doubt(&house.service, &doubted).await.map(Json)
}

/// An older app says nothing, or `null`.
fn thrown(body: &[u8]) -> Result<Thrown, ServiceError> {
    if body.is_empty() {
        return Ok(Thrown::default());
    }
    let said: Option<Thrown> = serde_json::from_slice(body).map_err(ServiceError::not_json)?;
    Ok(said.unwrap_or_default())
}

pub async fn change_key(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    signed: Signed,
) -> Result<Json<()>, ServiceError> {
    let wish: ChangeKey = signed.json()?;
    let change = Change { caller: &signed.caller, signed_by: &signed.key, from: visit.from };
    keys::change(&house.service, &change, &wish).await?;
    visit.is_told();
    Ok(Json(()))
}

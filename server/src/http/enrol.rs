//! `POST /api/enrol`: the one request that is signed by a key which nobody knows yet.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use xiaohao_shared::api::{Enrol, Enrolled};
use xiaohao_shared::signature::NEW_KEY;

use super::House;
use super::auth::Claim;
use super::doors::Visit;
use crate::service::{ServiceError, enrolment};

pub async fn enrol(
    State(house): State<House>,
    Extension(visit): Extension<Visit>,
    claim: Claim,
) -> Result<Json<Enrolled>, ServiceError> {
    let wish: Enrol = claim.json()?;
    let (_, key) = enrolment::public_key(&wish.public_key)?;
    let proven = claim.params.keyid == NEW_KEY && claim.is_by(&key);
    let enrolled = enrolment::enrol(&house.service, &wish, proven, visit.from).await?;
    visit.is_by(enrolled.person.id, enrolled.device);
    visit.is_told();
    Ok(Json(enrolled))
}

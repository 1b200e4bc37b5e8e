//! `POST /api/handover`: a parcel that somebody carried here, one records section at a time. Knows nothing of what is in it.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use xiaohao_shared::sync::handover::Head;
use xiaohao_shared::sync::wire;

use super::auth::Signed;
use super::sync::PLACES;
use crate::service::{Service, ServiceError, handover};

/// The body: the head of the parcel, and then the section. The request is signed by whoever brings it.
pub async fn take_in(State(service): State<Service>, signed: Signed) -> Result<Response, ServiceError> {
    let _place = PLACES.acquire().await.map_err(|_| ServiceError::TimedOut)?;
    let (head, section) = Head::split(&signed.body)?;
    let taken = handover::take_in(&service, &signed.caller, &head, section).await?;
    let content_type = [(header::CONTENT_TYPE, super::PAGE_TYPE)];
    Ok((content_type, wire::pack(&taken)).into_response())
}

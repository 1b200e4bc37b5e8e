//! `POST /api/handover`: a parcel that somebody carried here, one records section at a time. Knows nothing of what is in it.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use xiaohao_shared::sync::handover::Head;
use xiaohao_shared::sync::wire;

use super::auth::Heard;
use super::sync::PLACES;
use crate::service::{Service, ServiceError, handover};

/// The body: the head of the parcel, and then the section. The request is signed by whoever brings it; who is out of service brings his own.
pub async fn take_in(State(service): State<Service>, heard: Heard) -> Result<Response, ServiceError> {
    let _place = PLACES.acquire().await.map_err(|_| ServiceError::TimedOut)?;
    let (head, section) = Head::split(&heard.body)?;
    if heard.stopped.is_some() && head.manifest.device != heard.caller.device {
        return Err(ServiceError::DeviceRevoked);
    }
    let taken = handover::take_in(&service, &heard.caller, &head, section).await?;
    let content_type = [(header::CONTENT_TYPE, super::PAGE_TYPE)];
    Ok((content_type, wire::pack(&taken)).into_response())
}

//! `POST /api/sync`: one signed page up, one page down. Knows nothing of what is in them.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use xiaohao_shared::sync::wire::{self, WireError};

use super::auth::Heard;
use crate::service::{Service, ServiceError, sync};

/// Pages in work at once: each may be as long as a page can be.
pub(super) static PLACES: Semaphore = Semaphore::const_new(16);

pub async fn sync(State(service): State<Service>, heard: Heard) -> Result<Response, ServiceError> {
    let _place = PLACES.acquire().await.map_err(|_| ServiceError::TimedOut)?;
    let request = wire::unpack(&heard.body).map_err(refuse)?;
    let response = match heard.stopped {
        None => sync::page(&service, &heard.caller, request).await?,
        Some(why) => sync::last_words(&service, &heard.caller, why, request).await?,
    };
    let content_type = [(header::CONTENT_TYPE, super::PAGE_TYPE)];
    Ok((content_type, wire::pack(&response)).into_response())
}

fn refuse(error: WireError) -> ServiceError {
    match error {
        WireError::Version(_) => ServiceError::AppTooOld,
        WireError::TooLarge => ServiceError::TooLarge,
        WireError::NotAPage => ServiceError::invalid("not a page of this protocol"),
        WireError::Broken(_) => ServiceError::invalid("the page does not say what a page says"),
    }
}

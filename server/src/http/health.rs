//! For whoever watches the process: is it alive, can it work.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::error;
use crate::service::Service;
use crate::store;

pub async fn alive() -> &'static str {
    "alive\n"
}

/// Asks without writing: a full disk still lets phones read.
pub async fn ready(State(service): State<Service>) -> Response {
    if store::answers(&service.store).await { "ready\n".into_response() } else { error::not_ready() }
}

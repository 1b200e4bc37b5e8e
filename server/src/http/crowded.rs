//! So many requests at once from one network, whatever connections they come by. Each counts until its answer was taken, or nobody
//! wants it any more. Knows no route.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};

use super::House;
use super::doors::caller_address;
use super::turnstile::Turnstile;
use crate::listen::crowd::Seat;
use crate::service::ServiceError;

/// Milliseconds in which somebody of a crowd will have had an answer.
const SOON: i64 = 5_000;

#[derive(Clone)]
pub struct Gate {
    pub house: House,
    pub turnstile: Turnstile,
}

pub async fn count(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let from = caller_address(&gate.house.site, &request);
    let Some(seat) = gate.turnstile.come_in(from) else { return ServiceError::TooMany { wait: SOON }.into_response() };
    next.run(request).await.map(|body| Body::new(Taken { body, _seat: seat }))
}

/// A body like the one inside, its length too.
struct Taken {
    body: Body,
    _seat: Seat,
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

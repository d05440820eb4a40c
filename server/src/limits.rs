//! Bounds on every route: how many requests at a time, for how long, how large a body.
//!
//! Beyond a bound the server refuses at once instead of queueing: a queue would only make everyone
//! wait. Connections and request heads are bounded in [`crate::listen`].

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

use crate::error::{ApiError, Kind};

/// API requests at a time. With [`API_BODY_BYTES`] it bounds the memory for bodies to 384 MiB.
pub const API: usize = 128;
/// Requests for the page's files at a time.
pub const PAGES: usize = 1024;
/// Probes at a time: apart, so that a busy server still tells that it lives.
pub const PROBES: usize = 16;

/// A program of the largest size, each of its bytes escaped in JSON, and room for the rest.
pub const API_BODY_BYTES: usize = 2 * api::http::circuits::MAX_TEXT_BYTES + (1 << 20);
/// Where no body is expected.
pub const SMALL_BODY_BYTES: usize = 16 << 10;

/// From the request's head to the answer's.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// For a request's body to arrive; shorter than [`ANSWER_TIMEOUT`], so that the error tells which
/// side was slow.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The free places of a group of routes.
#[derive(Debug, Clone)]
pub struct Concurrency(Arc<Semaphore>);

impl Concurrency {
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }
}

/// Refuses with 503 when no place is free.
pub async fn concurrency(
    State(places): State<Concurrency>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = places.0.try_acquire() else {
        return ApiError::new(
            Kind::Overloaded,
            "The server has as many requests as it can handle. Please try again in a moment.",
        )
        .into_response();
    };
    next.run(request).await
}

/// Gives up on an answer after [`ANSWER_TIMEOUT`].
pub async fn time(request: Request, next: Next) -> Response {
    tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        ApiError::new(
            Kind::Overloaded,
            "The server did not get to an answer in time. Please try again in a moment.",
        )
        .into_response()
    })
}

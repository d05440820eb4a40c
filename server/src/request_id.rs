//! A name for each request: in its answer (`x-request-id`), in errors, in each line of the log.
//!
//! The log has one line per request: method, route as declared (never the path: it may name what
//! is private), status, duration. No header and no body is logged.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request at hand, in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The client's id if it is one (1 to 64 letters, digits, `-`, `_` or `.`), else a new UUID
    /// version 7.
    fn of(request: &Request) -> Self {
        let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        match given {
            Some(id) if is_sane(id) => Self(id.into()),
            _ => Self(Uuid::now_v7().to_string().into()),
        }
    }
}

fn is_sane(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the request, runs it in a span of that name, logs its end.
pub async fn around(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(id.clone());

    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span.clone()).await;

    let value = HeaderValue::from_str(&id.0).expect("an id is letters, digits, `-`, `_`, `.`");
    response.headers_mut().insert(X_REQUEST_ID, value);
    let route = route.as_ref().map_or("page", MatchedPath::as_str);
    let status = response.status().as_u16();
    let duration = started.elapsed();
    let duration_ms = duration.as_secs_f64() * 1e3;
    crate::metrics::request(&method, route, status, duration);
    span.in_scope(|| tracing::info!(%method, route, status, duration_ms, "request"));
    response
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn only_short_plain_ids_are_taken_over() {
        for (id, sane) in [
            ("a", true),
            ("0190b7e2-7a3c-7d1e-8c5f-1b2a3c4d5e6f", true),
            ("trace_1.2", true),
            (&"x".repeat(64), true),
            (&"x".repeat(65), false),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            ("ä", false),
        ] {
            assert_eq!(is_sane(id), sane, "{id:?}");
        }
    }
}

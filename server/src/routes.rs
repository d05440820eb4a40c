//! One file per resource: extract, call, respond. The list of routes is [`crate::router`].

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

pub mod account;
pub mod admin;
pub mod circuits;
pub mod export;
pub mod groups;
pub mod health;
pub mod list;
pub mod pages;
pub mod preferences;
pub mod projects;
pub mod session;
pub mod tokens;

/// Answers of the API are one person's and of this moment, unless a route says otherwise.
pub async fn never_cached(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    response
}

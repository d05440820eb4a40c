//! The server and the command line: axum around the pure crates.
//!
//! A request passes, from the outside in: request id and log line ([`request_id`]), isolation
//! headers ([`isolation`]), errors as problem+json ([`error`]), limits ([`limits`]), the check for
//! cross-site requests, and for the API the session ([`auth`]). Every query lies in [`db`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::clock::Clock;
use crate::db::Db;
use crate::page::Page;
use crate::routes::{circuits, health, pages};

pub mod auth;
pub mod cli;
pub mod clock;
pub mod data_folder;
pub mod db;
pub mod error;
pub mod extract;
pub mod isolation;
pub mod limits;
pub mod listen;
pub mod page;
pub mod request_id;
pub mod routes;
pub mod sweep;

#[cfg(test)]
mod tests;

/// What the routes share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    page: Page,
    clock: Clock,
    draining: AtomicBool,
}

impl AppState {
    pub fn new(db: Db, page: Page) -> Self {
        Self::with_clock(db, page, Clock::system())
    }

    pub fn with_clock(db: Db, page: Page, clock: Clock) -> Self {
        Self(Arc::new(Shared { db, page, clock, draining: AtomicBool::new(false) }))
    }

    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn page(&self) -> &Page {
        &self.0.page
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// From now on the server says that it is not ready: it is about to stop.
    pub fn start_draining(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
    }

    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::SeqCst)
    }
}

/// Routes for operators' probes.
fn probe_routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![("/healthz", get(health::alive)), ("/readyz", get(health::ready))]
}

/// Routes that know a session.
fn api_routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/api/v1/circuits", get(circuits::list).post(circuits::create)),
        (
            "/api/v1/circuits/{id}",
            get(circuits::read).put(circuits::replace).delete(circuits::delete),
        ),
    ]
}

/// Every route, with everything around it. What is no route is the page's.
pub fn router(state: AppState) -> Router {
    let probes = collect(probe_routes())
        .layer(from_fn_with_state(limits::Concurrency::new(limits::PROBES), limits::concurrency))
        .layer(RequestBodyLimitLayer::new(limits::SMALL_BODY_BYTES));

    let api = collect(api_routes())
        .layer(CompressionLayer::new())
        .layer(auth::session::layer(&state))
        .layer(from_fn(routes::never_cached))
        .layer(from_fn_with_state(limits::Concurrency::new(limits::API), limits::concurrency))
        .layer(RequestBodyLimitLayer::new(limits::API_BODY_BYTES));

    let pages = Router::new()
        .fallback(pages::serve)
        .layer(from_fn_with_state(limits::Concurrency::new(limits::PAGES), limits::concurrency))
        .layer(RequestBodyLimitLayer::new(limits::SMALL_BODY_BYTES));

    around(probes.merge(api).merge(pages), &state).with_state(state)
}

fn collect(routes: Vec<(&'static str, MethodRouter<AppState>)>) -> Router<AppState> {
    routes.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

/// What every answer passes through.
fn around(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(CsrfLayer::new())
        .layer(from_fn(limits::time))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(from_fn(error::render))
        .layer(from_fn_with_state(state.clone(), isolation::headers))
        .layer(from_fn(request_id::around))
}

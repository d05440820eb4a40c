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

use crate::auth::address::Proxies;
use crate::auth::mail::Mailer;
use crate::auth::password::Passwords;
use crate::auth::rate::Rates;
use crate::clock::Clock;
use crate::db::Db;
use crate::page::Page;
use crate::routes::{health, list, pages};

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
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod plans;
pub mod request_id;
pub mod routes;
pub mod sweep;

#[cfg(test)]
mod tests;

/// What the routes share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

/// What a server is made from.
#[derive(Debug)]
pub struct Parts {
    pub db: Db,
    pub page: Page,
    pub clock: Clock,
    pub passwords: Passwords,
    /// Where mail goes, if it goes.
    pub mailer: Option<Mailer>,
    /// Whose word on the client's address counts.
    pub proxies: Proxies,
}

impl Parts {
    /// As an operator gets it who sets nothing.
    pub fn new(db: Db, page: Page) -> Self {
        Self {
            db,
            page,
            clock: Clock::system(),
            passwords: Passwords::new(),
            mailer: None,
            proxies: Proxies::default(),
        }
    }
}

#[derive(Debug)]
struct Shared {
    parts: Parts,
    rates: Rates,
    draining: AtomicBool,
}

impl AppState {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Shared { parts, rates: Rates::default(), draining: AtomicBool::new(false) }))
    }

    pub fn db(&self) -> &Db {
        &self.0.parts.db
    }

    pub fn page(&self) -> &Page {
        &self.0.parts.page
    }

    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    pub fn passwords(&self) -> &Passwords {
        &self.0.parts.passwords
    }

    pub fn mailer(&self) -> Option<&Mailer> {
        self.0.parts.mailer.as_ref()
    }

    pub fn proxies(&self) -> &Proxies {
        &self.0.parts.proxies
    }

    pub fn rates(&self) -> &Rates {
        &self.0.rates
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

/// Every route, with everything around it. What is no route is the page's.
pub fn router(state: AppState) -> Router {
    let probes = collect(probe_routes())
        .layer(from_fn_with_state(limits::Concurrency::new(limits::PROBES), limits::concurrency))
        .layer(RequestBodyLimitLayer::new(limits::SMALL_BODY_BYTES));

    let api = collect(list::api().into_iter().map(|route| (route.path, route.handler)))
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

fn collect(
    routes: impl IntoIterator<Item = (&'static str, MethodRouter<AppState>)>,
) -> Router<AppState> {
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

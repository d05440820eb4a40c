//! Figures for the operator, in Prometheus' text format, on an address of their own.
//!
//! Labels come from closed lists: the method if it is a usual one, the route as declared, the status.
//! Nothing of a circuit, no name and no id is in them.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::AppState;

/// Upper ends of the classes of a request's duration, in seconds.
const DURATIONS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 5.0, 30.0];

/// One answered request.
pub fn request(method: &Method, route: &str, status: u16, duration: Duration) {
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let route = route.to_owned();
    metrics::counter!("ketlab_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.to_string())
    .increment(1);
    metrics::histogram!("ketlab_http_request_duration_seconds",
        "method" => method, "route" => route)
    .record(duration.as_secs_f64());
}

/// Starts to count. Once per process.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), &DURATIONS)?
        .install_recorder()
}

/// `GET /metrics` and nothing else: for an address that only the operator reaches.
pub fn router(state: AppState, handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(serve)).with_state((state, handle))
}

async fn serve(State((state, handle)): State<(AppState, PrometheusHandle)>) -> Response {
    let (open, idle) = state.db().connections();
    metrics::gauge!("ketlab_database_connections", "state" => "open").set(f64::from(open));
    metrics::gauge!("ketlab_database_connections", "state" => "idle").set(idle as f64);
    metrics::gauge!("ketlab_database_log_bytes").set(state.db().log_bytes() as f64);
    metrics::gauge!("ketlab_passwords_waiting").set(state.passwords().waiting() as f64);
    metrics::gauge!("ketlab_ready").set(if state.is_draining() { 0.0 } else { 1.0 });
    handle.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

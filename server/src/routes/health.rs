//! `/healthz` and `/readyz`, for operators' probes.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use serde_json::{Value, json};

use crate::AppState;
use crate::error::{ApiError, ApiResult, Kind};

/// For the database to answer a probe.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

type Answer = ([(HeaderName, &'static str); 1], Json<Value>);

fn ok() -> Answer {
    ([(CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok" })))
}

/// The process lives. Asks nothing of the database: restarting us would not mend that.
pub async fn alive() -> Answer {
    ok()
}

/// Requests are welcome: the database reads and writes, and no stop is under way.
pub async fn ready(State(state): State<AppState>) -> ApiResult<Answer> {
    if state.is_draining() {
        return Err(ApiError::new(Kind::NotReady, "The server is about to stop."));
    }
    match tokio::time::timeout(PROBE_TIMEOUT, state.db().probe()).await {
        Ok(Ok(())) => Ok(ok()),
        Ok(Err(error)) => {
            Err(ApiError::new(Kind::NotReady, "The database fails.").caused_by(error))
        }
        Err(elapsed) => Err(ApiError::new(Kind::NotReady, "The database does not answer in time.")
            .caused_by(elapsed)),
    }
}

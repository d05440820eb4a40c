//! `/api/v1/projects/{id}/runs`: results, with everything needed to repeat them.

use api::http::projects::{MAX_RESULT_BYTES, MAX_RUNS, NewRun, Run, RunList};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{Address, check_storage};
use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::Action;
use crate::auth::secret;
use crate::db::{runs, versions};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{self, JsonBody, Query, bad_cursor, cut_page, label, page_size};

/// Largest record of a run, less its result: noise model and calibration are most of it.
const MAX_RECORD_BYTES: usize = 256 << 10;

/// Parameters of [`list`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

fn nothing() -> ApiError {
    ApiError::new(Kind::NotFound, "There is no such run.")
}

/// `GET /api/v1/projects/{id}/runs`
pub async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<RunList>> {
    let head = Address::new(&actor, &id, &headers)?.find(&state, &actor, Action::Read).await?;
    let limit = page_size(query.limit)?;
    let before = match &query.cursor {
        // Above every id.
        None => "g".to_owned(),
        Some(cursor) => extract::id(cursor).ok_or_else(bad_cursor)?.to_string(),
    };
    let mut runs = runs::list(state.db(), head.id, &before, limit + 1).await?;
    let next = cut_page(&mut runs, limit, |run| run.id.clone());
    Ok(Json(RunList { runs, next }))
}

/// `POST /api/v1/projects/{id}/runs`: 201.
pub async fn create(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(run): JsonBody<NewRun>,
) -> ApiResult<Response> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    check(&run)?;
    let (_, content) =
        versions::content(state.db(), head.id, run.version).await?.ok_or_else(|| {
            ApiError::new(Kind::Invalid, "The project has no version of this number.")
        })?;
    let circuit = content.circuits.iter().find(|circuit| circuit.id == run.circuit_id);
    let circuit = circuit.ok_or_else(|| {
        ApiError::new(Kind::Invalid, "This version of the project has no such circuit.")
    })?;
    let repeatable = secret::sha256(circuit.program.text.as_bytes()) == run.program_hash;

    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let (head, owner) = address.lock(&actor, Action::Edit, &head, &mut tx).await?;
    if runs::count(&mut tx, head.id).await? >= MAX_RUNS {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!("{MAX_RUNS} runs are kept with this project, which is the most."),
        ));
    }
    let run: Run = runs::create(&mut tx, head.id, run, repeatable, now_us).await?;
    check_storage(&mut tx, &owner).await?;
    tx.commit().await?;
    let location = format!("/api/v1/projects/{}/runs/{}", head.id, run.id);
    let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(run)).into_response())
}

fn check(run: &NewRun) -> ApiResult<()> {
    let invalid = |detail: &str| Err(ApiError::new(Kind::Invalid, detail.to_owned()));
    for (text, what) in
        [(&run.method, "method"), (&run.backend, "backend"), (&run.engine, "engine")]
    {
        label(text, 100, false, what)?;
    }
    if run.circuit_id.len() > 64 {
        return invalid("A circuit's id has at most 64 characters.");
    }
    if run.program_hash.len() != 64 || !run.program_hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return invalid("`program_hash` is 64 hexadecimal digits.");
    }
    let result = run.result.to_string().len();
    let rest = [&run.noise, &run.calibration].into_iter().flatten();
    let record: usize = rest.map(|value| value.to_string().len()).sum();
    if result > MAX_RESULT_BYTES || record > MAX_RECORD_BYTES {
        return Err(ApiError::new(
            Kind::TooLarge,
            format!(
                "A result takes at most {MAX_RESULT_BYTES} bytes, noise model and calibration \
                 {MAX_RECORD_BYTES}; these take {result} and {record}."
            ),
        ));
    }
    Ok(())
}

/// `GET /api/v1/projects/{id}/runs/{run}`
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Json<Run>> {
    let head = Address::new(&actor, &id, &headers)?.find(&state, &actor, Action::Read).await?;
    let run = extract::id(&run).ok_or_else(nothing)?;
    runs::find(state.db(), head.id, run).await?.map(Json).ok_or_else(nothing)
}

/// `DELETE /api/v1/projects/{id}/runs/{run}`
pub async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, run)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    let run = extract::id(&run).ok_or_else(nothing)?;
    let mut tx = state.db().write().await?;
    let (head, _) = address.lock(&actor, Action::Edit, &head, &mut tx).await?;
    if !runs::delete(&mut tx, head.id, run).await? {
        return Err(nothing());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

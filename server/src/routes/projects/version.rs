//! `/api/v1/projects/{id}/versions`: what a project was.

use api::http::account::MAX_LABEL_CHARS;
use api::http::projects::{Label, Project, VersionList};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{Address, save_version, view};
use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::Action;
use crate::db::projects::Saved;
use crate::db::versions;
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{JsonBody, Query, bad_cursor, check_match, cut_page, label, page_size, tag};

/// Parameters of [`list`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only those with a name.
    #[serde(default)]
    named: bool,
    cursor: Option<String>,
    limit: Option<i64>,
}

fn nothing() -> ApiError {
    ApiError::new(Kind::NotFound, "There is no such version.")
}

fn number(text: &str) -> ApiResult<i64> {
    text.parse().ok().filter(|number| i64::to_string(number) == text).ok_or_else(nothing)
}

/// `GET /api/v1/projects/{id}/versions`
pub async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<VersionList>> {
    let head = Address::new(&actor, &id, &headers)?.find(&state, &actor, Action::Read).await?;
    let limit = page_size(query.limit)?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.parse().map_err(|_| bad_cursor())?,
    };
    let mut versions = versions::list(state.db(), head.id, query.named, before, limit + 1).await?;
    let next = cut_page(&mut versions, limit, |version| version.version.to_string());
    Ok(Json(VersionList { versions, next }))
}

/// `GET /api/v1/projects/{id}/versions/{version}`: never changes.
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let head = Address::new(&actor, &id, &headers)?.find(&state, &actor, Action::Read).await?;
    let project: Project = view(&state, head, Some(number(&version)?)).await?;
    let cache = HeaderValue::from_static("private, no-cache");
    Ok(([(ETAG, tag(project.version)), (CACHE_CONTROL, cache)], Json(project)).into_response())
}

/// `PUT /api/v1/projects/{id}/versions/{version}/label`
pub async fn name(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Label>,
) -> ApiResult<StatusCode> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    let text = label(&body.label, MAX_LABEL_CHARS, true, "name")?;
    let version = number(&version)?;
    let mut tx = state.db().write().await?;
    if !versions::label(&mut tx, head.id, version, text).await? {
        return Err(nothing());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/projects/{id}/versions/{version}/restore`: an old version's content becomes the next
/// version. Heeds `If-Match`.
pub async fn restore(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    let (_, content) =
        versions::content(state.db(), head.id, number(&version)?).await?.ok_or_else(nothing)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let (head, owner) = address.lock(&actor, Action::Edit, &head, &mut tx).await?;
    check_match(&headers, head.version, "The project")?;
    let saved = Saved {
        name: &head.name,
        tags: &head.tags,
        version: head.version + 1,
        circuits: content.circuits.len(),
        new_bytes: 0,
    };
    let author = actor.id().unwrap_or(Uuid::nil());
    save_version(&mut tx, &owner, head.id, saved, &content, author, now_us).await?;
    tx.commit().await?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    Ok(([(ETAG, tag(head.version))], Json(view(&state, head, None).await?)).into_response())
}

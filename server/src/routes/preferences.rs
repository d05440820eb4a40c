//! `/api/v1/me/preferences`: language, theme, editor, saved gates and noise models, on any device.
//! The page decides what is in them; here they are a JSON object of bounded size.

use api::http::account::{MAX_PREFERENCES_BYTES, Preferences};
use axum::Json;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Resource};
use crate::db::users;
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{JsonBody, require_match, tag};

/// `GET /api/v1/me/preferences`: `{}` until something is kept.
pub async fn read(State(state): State<AppState>, actor: Actor) -> ApiResult<Response> {
    actor.may(Action::SeeSelf, Resource::None)?;
    let kept = match actor.id() {
        Some(id) => users::preferences(state.db(), id).await?,
        None => None,
    };
    let (text, version) = kept.unwrap_or_else(|| ("{}".to_owned(), 0));
    let kept: Preferences = serde_json::from_str(&text).map_err(ApiError::internal)?;
    Ok(([(ETAG, tag(version))], Json(kept)).into_response())
}

/// `PUT /api/v1/me/preferences`: replaces all of them; heeds `If-Match`.
pub async fn replace(
    State(state): State<AppState>,
    mut actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Preferences>,
) -> ApiResult<(StatusCode, [(axum::http::HeaderName, HeaderValue); 1])> {
    actor.may(Action::Create, Resource::None)?;
    let text = serde_json::to_string(&body).map_err(ApiError::internal)?;
    if text.len() > MAX_PREFERENCES_BYTES {
        return Err(ApiError::new(
            Kind::TooLarge,
            format!(
                "Preferences may take {MAX_PREFERENCES_BYTES} bytes; these take {}.",
                text.len()
            ),
        ));
    }
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let user = actor.saving(&state, &mut tx, now_us).await?;
    let version = users::preferences_version(&mut tx, user.id).await?;
    require_match(&headers, version, "The preferences")?;
    users::set_preferences(&mut tx, user.id, &text).await?;
    tx.commit().await?;
    actor.remember(user, now_us).await?;
    Ok((StatusCode::NO_CONTENT, [(ETAG, tag(version + 1))]))
}

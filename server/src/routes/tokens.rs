//! `/api/v1/tokens`: personal tokens, for programs that ask in one's name.

use api::http::account::{
    CreatedToken, MAX_LABEL_CHARS, MAX_TOKENS, NewToken, TokenInfo, TokenList,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use uuid::Uuid;

use crate::AppState;
use crate::auth::actor::{Actor, TOKEN_PREFIX};
use crate::auth::policy::{Action, Resource};
use crate::auth::secret;
use crate::db::{tokens, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{JsonBody, id, label};

const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// `GET /api/v1/tokens`
pub async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<TokenList>> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let tokens = tokens::of_user(state.db(), actor.signed_in()?.id).await?;
    Ok(Json(TokenList { tokens }))
}

/// `POST /api/v1/tokens`: 201, with the token, this once.
pub async fn create(
    State(state): State<AppState>,
    actor: Actor,
    JsonBody(body): JsonBody<NewToken>,
) -> ApiResult<(StatusCode, Json<CreatedToken>)> {
    actor.may(Action::ChangeCredentials, Resource::None)?;
    let user = actor.signed_in()?.id;
    let name = label(&body.name, MAX_LABEL_CHARS, false, "name")?.to_owned();
    let mut scopes = body.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(ApiError::new(Kind::Invalid, "A token needs at least one scope."));
    }
    if !(1..=366).contains(&body.days) {
        return Err(ApiError::new(Kind::Invalid, "A token is valid for 1 to 366 days."));
    }
    let now_us = state.clock().now_us();
    let token = format!("{TOKEN_PREFIX}{}", secret::random());
    let info = TokenInfo {
        id: Uuid::now_v7().to_string(),
        name,
        scopes,
        hint: token[token.len() - 4..].to_owned(),
        created_at_us: now_us,
        expires_at_us: now_us + i64::from(body.days) * DAY_US,
        last_used_at_us: None,
    };
    let mut tx = state.db().write().await?;
    users::lock(&mut tx, user).await?;
    if tokens::count(&mut tx, user).await? >= MAX_TOKENS {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!("{MAX_TOKENS} tokens are the most. Delete some first."),
        ));
    }
    tokens::create_api(&mut tx, user, &secret::sha256(token.as_bytes()), &info).await?;
    actor.record(&mut tx, "token.create", &format!("token {}", info.id), "", now_us).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(CreatedToken { token, info })))
}

/// `DELETE /api/v1/tokens/{id}`
pub async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    Path(token): Path<String>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let user = actor.signed_in()?.id;
    let nothing = || ApiError::new(Kind::NotFound, "There is no such token.");
    let token = id(&token).ok_or_else(nothing)?;
    let mut tx = state.db().write().await?;
    if !tokens::delete_api(&mut tx, user, token).await? {
        return Err(nothing());
    }
    let now_us = state.clock().now_us();
    actor.record(&mut tx, "token.delete", &format!("token {token}"), "", now_us).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

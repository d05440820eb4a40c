//! `/api/v1/admin`: users, audit, figures. What is read of others is recorded, like what is changed.

use api::http::admin::{
    AdminUser, AdminUserList, AuditEntry, AuditList, ChangeGroup, ChangeUser, Health,
};
use api::http::limits::PLAN_NAMES;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Resource};
use crate::db::users::User;
use crate::db::{admin, audit, groups, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{self, JsonBody, Query, bad_cursor, cut_page, page_size};
use crate::{AppState, plans};

fn view(user: User) -> AdminUser {
    AdminUser {
        limits: plans::of(&user),
        id: user.id.to_string(),
        guest: user.guest,
        role: user.role,
        display_name: user.display_name,
        email: user.email,
        email_verified: user.email_verified,
        plan: user.plan,
        suspended: user.suspended,
        created_at_us: user.created_at_us,
    }
}

/// Parameters of [`list`] and [`audit_list`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// A part of address or display name; in the audit a whole id.
    #[serde(default)]
    search: String,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// `GET /api/v1/admin/users`: newest first; guests only by their id.
pub async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<AdminUserList>> {
    actor.may(Action::Oversee, Resource::None)?;
    let limit = page_size(query.limit)?;
    let before = match &query.cursor {
        None => "g".to_owned(),
        Some(cursor) => extract::id(cursor).ok_or_else(bad_cursor)?.to_string(),
    };
    let mut found = admin::users(state.db(), &query.search, &before, limit + 1).await?;
    let next = cut_page(&mut found, limit, |user| user.id.to_string());
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    actor.record(&mut tx, "admin.list", "users", "", now_us).await?;
    tx.commit().await?;
    Ok(Json(AdminUserList { users: found.into_iter().map(view).collect(), next }))
}

fn nobody() -> ApiError {
    ApiError::new(Kind::NotFound, "There is no such user.")
}

/// `GET /api/v1/admin/users/{id}`
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<Json<AdminUser>> {
    actor.may(Action::Oversee, Resource::None)?;
    let id = extract::id(&id).ok_or_else(nobody)?;
    let user = users::find(state.db(), id).await?.ok_or_else(nobody)?;
    let mut tx = state.db().write().await?;
    actor.record(&mut tx, "admin.read", &id.to_string(), "", state.clock().now_us()).await?;
    tx.commit().await?;
    Ok(Json(view(user)))
}

/// `PATCH /api/v1/admin/users/{id}`
pub async fn change(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ChangeUser>,
) -> ApiResult<Json<AdminUser>> {
    actor.may(Action::Administer, Resource::None)?;
    let id = extract::id(&id).ok_or_else(nobody)?;
    if let Some(plan) = body.plan.as_deref()
        && !plan.is_empty()
        && plans::named(plan).is_none()
    {
        return Err(ApiError::new(
            Kind::Invalid,
            format!("There is no such plan; there are {}.", PLAN_NAMES.join(", ")),
        ));
    }
    if actor.id() == Some(id) && (body.role.is_some() || body.suspended == Some(true)) {
        return Err(ApiError::new(
            Kind::Conflict,
            "Another administrator has to do this: so that there is always one.",
        ));
    }
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let before = users::lock(&mut tx, id).await?.ok_or_else(nobody)?;
    if before.guest && body.role.is_some() {
        return Err(ApiError::new(Kind::Conflict, "A guest has no role: it has to sign up first."));
    }
    admin::change(&mut tx, &before, &body, now_us).await?;
    let detail = serde_json::to_string(&body).map_err(ApiError::internal)?;
    actor.record(&mut tx, "admin.change", &id.to_string(), &detail, now_us).await?;
    let after = users::lock(&mut tx, id).await?.ok_or_else(nobody)?;
    tx.commit().await?;
    Ok(Json(view(after)))
}

/// `PATCH /api/v1/admin/groups/{id}`
pub async fn change_group(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ChangeGroup>,
) -> ApiResult<StatusCode> {
    actor.may(Action::Administer, Resource::None)?;
    let nothing = || ApiError::new(Kind::NotFound, "There is no such group.");
    let id = extract::id(&id).ok_or_else(nothing)?;
    let plan = body.course.then_some("course");
    let mut tx = state.db().write().await?;
    if !groups::set_plan(&mut tx, id, plan).await? {
        return Err(nothing());
    }
    let (object, detail) = (format!("group {id}"), plan.unwrap_or_default());
    actor.record(&mut tx, "admin.change", &object, detail, state.clock().now_us()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/admin/audit`
pub async fn audit_list(
    State(state): State<AppState>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<AuditList>> {
    actor.may(Action::Oversee, Resource::None)?;
    let limit = page_size(query.limit)?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.parse().map_err(|_| bad_cursor())?,
    };
    let about = Some(query.search.as_str());
    let mut found = audit::list(state.db(), about, before, limit + 1).await?;
    let next = cut_page(&mut found, limit, |entry| entry.seq.to_string());
    let entries = found
        .into_iter()
        .map(|entry| AuditEntry {
            seq: entry.seq,
            at_us: entry.at_us,
            actor_id: entry.actor.map(|id| id.to_string()),
            action: entry.action,
            object: entry.object,
            request_id: entry.request_id,
            detail: entry.detail,
            hash: entry.hash,
        })
        .collect();
    Ok(Json(AuditList { entries, next }))
}

/// `GET /api/v1/admin/health`
pub async fn health(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<Health>> {
    actor.may(Action::Oversee, Resource::None)?;
    Ok(Json(admin::health(state.db(), state.clock().now_us()).await?))
}

//! `/api/v1/projects/{id}/sharing`: who else may see or change a project.

use api::http::projects::{Access, ChangeSharing, Grantee, Sharing, Visibility};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;

use super::Address;
use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::Action;
use crate::auth::secret;
use crate::db::projects;
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{self, JsonBody};

const MAX_GRANTS: usize = 100;

/// `GET /api/v1/projects/{id}/sharing`
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Json<Sharing>> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Manage).await?;
    Ok(Json(Sharing {
        visibility: head.visibility,
        access: head.open_access,
        link: head.link,
        grants: projects::grants(state.db(), head.id).await?,
    }))
}

/// `PUT /api/v1/projects/{id}/sharing`
pub async fn change(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ChangeSharing>,
) -> ApiResult<Json<Sharing>> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Manage).await?;
    let invalid = |detail: &'static str| ApiError::new(Kind::Invalid, detail);
    if body.grants.len() > MAX_GRANTS {
        return Err(invalid("A project is shared with at most 100 users and groups by name."));
    }
    if body.access == Access::Own || body.grants.iter().any(|grant| grant.access == Access::Own) {
        return Err(invalid("A project has one owner; `own` cannot be given."));
    }
    for grant in &body.grants {
        let (Grantee::User(id) | Grantee::Group(id)) = &grant.to;
        extract::id(id).ok_or_else(|| invalid("A grant names a user or a group by id."))?;
    }
    // Editing leaves versions that count for the owner: not for whoever passes by.
    if body.access == Access::Edit && body.visibility == Visibility::Public {
        return Err(invalid("A public project can be read or copied; edited by link or grant."));
    }
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let (head, owner) = address.lock(&actor, Action::Manage, &head, &mut tx).await?;
    let link = match body.visibility {
        Visibility::Link if body.new_link => Some(secret::random()),
        Visibility::Link => Some(head.link.unwrap_or_else(secret::random)),
        Visibility::Private | Visibility::Public => None,
    };
    let shared = projects::share(
        &mut tx,
        owner.id,
        head.id,
        body.visibility,
        body.access,
        link.as_deref(),
        &body.grants,
    )
    .await?;
    if !shared {
        return Err(invalid("A user or group of the grants is not there, or named twice."));
    }
    let detail = match body.visibility {
        Visibility::Private => "private",
        Visibility::Link => "link",
        Visibility::Public => "public",
    };
    actor.record(&mut tx, "project.share", &format!("project {}", head.id), detail, now_us).await?;
    tx.commit().await?;
    Ok(Json(Sharing {
        visibility: body.visibility,
        access: body.access,
        link,
        grants: projects::grants(state.db(), head.id).await?,
    }))
}

//! `/api/v1/groups`: who learns or works together. A group that one is not in answers as if it were
//! not there.

use std::fmt::Write as _;

use api::http::account::{MAX_LABEL_CHARS, Role};
use api::http::groups::{
    ChangeCode, ChangeMember, Code, Group, GroupList, GroupRole, Join, MAX_GROUPS, MAX_MEMBERS,
    MemberList, SaveGroup,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::AppState;
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Denied, Resource};
use crate::auth::rate::Class;
use crate::db::{Tx, groups, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{
    self, JsonBody, Query, bad_cursor, check_match, cut_page, label, page_size, require_match, tag,
};

/// A group that the asker is in, if the action may be done to it.
async fn find(
    state: &AppState,
    actor: &Actor,
    action: Action,
    id: &str,
) -> ApiResult<(Uuid, Group)> {
    let id = extract::id(id);
    let group = match (actor.id(), id) {
        (Some(user), Some(id)) => groups::find(state.db(), user, id).await?,
        _ => None,
    };
    actor.may(action, Resource::Group(group.as_ref().map(|group| group.role)))?;
    Ok(id.zip(group).ok_or(Denied::Hidden)?)
}

/// The same within a transaction that changes it.
async fn lock(actor: &Actor, action: Action, id: Uuid, tx: &mut Tx) -> ApiResult<(GroupRole, i64)> {
    let user = actor.id().ok_or(Denied::Hidden)?;
    let found = groups::lock(tx, user, id).await?;
    actor.may(action, Resource::Group(found.map(|(role, _)| role)))?;
    Ok(found.ok_or(Denied::Hidden)?)
}

/// `GET /api/v1/groups`
pub async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<GroupList>> {
    actor.may(Action::ListGroups, Resource::None)?;
    let groups = match actor.id() {
        Some(user) => groups::of_user(state.db(), user).await?,
        None => Vec::new(),
    };
    Ok(Json(GroupList { groups }))
}

/// `POST /api/v1/groups`: 201. Authors make any, learners teams.
pub async fn create(
    State(state): State<AppState>,
    actor: Actor,
    JsonBody(mut body): JsonBody<SaveGroup>,
) -> ApiResult<Response> {
    actor.may(Action::CreateGroup, Resource::None)?;
    let user = actor.signed_in()?;
    if body.kind != api::http::groups::GroupKind::Team && user.role < Role::Author {
        return Err(ApiError::new(
            Kind::Forbidden,
            "Courses and organizations are made by authors. Ask the server's administrator to be one.",
        ));
    }
    let name = label(&body.name, MAX_LABEL_CHARS, false, "name")?.to_owned();
    body.name = name;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    users::lock(&mut tx, user.id).await?.ok_or(Denied::SignIn)?;
    check_groups(&mut tx, user.id).await?;
    let id = groups::create(&mut tx, user.id, &body, now_us).await?;
    actor.record(&mut tx, "group.create", &format!("group {id}"), "", now_us).await?;
    tx.commit().await?;
    let group = groups::find(state.db(), user.id, id).await?.ok_or(Denied::Hidden)?;
    let location = format!("/api/v1/groups/{id}");
    let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
    let headers = [(LOCATION, location), (ETAG, tag(group.version))];
    Ok((StatusCode::CREATED, headers, Json(group)).into_response())
}

async fn check_groups(tx: &mut Tx, user: Uuid) -> ApiResult<()> {
    if groups::count(tx, user).await? >= MAX_GROUPS {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!("One can be in {MAX_GROUPS} groups at most. Leave some first."),
        ));
    }
    Ok(())
}

/// `GET /api/v1/groups/{id}`
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let (_, group) = find(&state, &actor, Action::SeeGroup, &id).await?;
    Ok(([(ETAG, tag(group.version))], Json(group)).into_response())
}

/// `PUT /api/v1/groups/{id}`: needs `If-Match`.
pub async fn replace(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(mut body): JsonBody<SaveGroup>,
) -> ApiResult<Response> {
    let (id, group) = find(&state, &actor, Action::OwnGroup, &id).await?;
    let name = label(&body.name, MAX_LABEL_CHARS, false, "name")?.to_owned();
    body.name = name;
    if body.kind != group.kind {
        return Err(ApiError::new(Kind::Invalid, "A group keeps its kind. Make another one."));
    }
    let mut tx = state.db().write().await?;
    let (_, version) = lock(&actor, Action::OwnGroup, id, &mut tx).await?;
    require_match(&headers, version, "The group")?;
    groups::replace(&mut tx, id, &body).await?;
    tx.commit().await?;
    let user = actor.signed_in()?.id;
    let group = groups::find(state.db(), user, id).await?.ok_or(Denied::Hidden)?;
    Ok(([(ETAG, tag(group.version))], Json(group)).into_response())
}

/// `DELETE /api/v1/groups/{id}`: its members' work stays theirs. Heeds `If-Match`.
pub async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let (id, _) = find(&state, &actor, Action::OwnGroup, &id).await?;
    let mut tx = state.db().write().await?;
    let (_, version) = lock(&actor, Action::OwnGroup, id, &mut tx).await?;
    check_match(&headers, version, "The group")?;
    groups::delete(&mut tx, id).await?;
    let now_us = state.clock().now_us();
    actor.record(&mut tx, "group.delete", &format!("group {id}"), "", now_us).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/groups/join`: by a code. A stranger becomes a guest: nobody needs an address to join.
pub async fn join(
    State(state): State<AppState>,
    mut actor: Actor,
    JsonBody(body): JsonBody<Join>,
) -> ApiResult<Json<Group>> {
    actor.may(Action::JoinGroup, Resource::None)?;
    let name = label(&body.label, MAX_LABEL_CHARS, true, "label")?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    let code: String = body
        .code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_uppercase)
        .take(32)
        .collect();
    let mut tx = state.db().write().await?;
    let user = actor.saving(&state, &mut tx, now_us).await?;
    let id = groups::by_code(&mut tx, &code)
        .await?
        .ok_or_else(|| ApiError::new(Kind::NotFound, "No group has this code."))?;
    if groups::role(&mut tx, id, user.id).await?.is_none() {
        check_groups(&mut tx, user.id).await?;
        if groups::size(&mut tx, id).await? >= MAX_MEMBERS {
            return Err(ApiError::new(Kind::LimitReached, "The group is full."));
        }
        groups::join(&mut tx, id, user.id, GroupRole::Member, name, now_us).await?;
    }
    tx.commit().await?;
    let group = groups::find(state.db(), user.id, id).await?.ok_or(Denied::Hidden)?;
    actor.remember(user, now_us).await?;
    Ok(Json(group))
}

/// `PUT /api/v1/groups/{id}/code`: a new code, or none.
pub async fn change_code(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ChangeCode>,
) -> ApiResult<Json<Code>> {
    let (id, _) = find(&state, &actor, Action::TeachGroup, &id).await?;
    let mut tx = state.db().write().await?;
    lock(&actor, Action::TeachGroup, id, &mut tx).await?;
    let join_code = groups::set_code(&mut tx, id, body.open).await?;
    tx.commit().await?;
    Ok(Json(Code { join_code }))
}

/// Parameters of [`members`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// `GET /api/v1/groups/{id}/members`
pub async fn members(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<MemberList>> {
    let (id, group) = find(&state, &actor, Action::SeeGroup, &id).await?;
    let limit = page_size(query.limit)?;
    let after = match &query.cursor {
        None => (i64::MIN, String::new()),
        Some(cursor) => {
            let (time, id) = cursor.split_once('.').ok_or_else(bad_cursor)?;
            let id = extract::id(id).ok_or_else(bad_cursor)?;
            (time.parse().map_err(|_| bad_cursor())?, id.to_string())
        }
    };
    let teaches = group.role >= GroupRole::Instructor;
    let after = (after.0, after.1.as_str());
    let mut members =
        groups::members(state.db(), id, group.pseudonyms, teaches, after, limit + 1).await?;
    let next = cut_page(&mut members, limit, |m| format!("{}.{}", m.joined_at_us, m.user_id));
    Ok(Json(MemberList { members, next }))
}

/// `GET /api/v1/groups/{id}/roster`: all members as CSV (RFC 4180), for those who teach.
pub async fn roster(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let (id, group) = find(&state, &actor, Action::TeachGroup, &id).await?;
    let all = groups::members(state.db(), id, group.pseudonyms, true, (i64::MIN, ""), MAX_MEMBERS);
    let mut text = "user_id,role,label,name\r\n".to_owned();
    for member in all.await? {
        let role = match member.role {
            GroupRole::Member => "member",
            GroupRole::Instructor => "instructor",
            GroupRole::Owner => "owner",
        };
        let label = field(member.label.as_deref().unwrap_or_default());
        write!(text, "{},{role},{label},{}\r\n", member.user_id, field(&member.name))
            .expect("a String");
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"roster.csv\""),
    ];
    Ok((headers, text).into_response())
}

/// A field in quotes. A sign that a spreadsheet takes for a formula gets an apostrophe before it.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// `PUT /api/v1/groups/{id}/members/{user}`: role and label. Only owners make instructors and owners.
pub async fn change_member(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, user)): Path<(String, String)>,
    JsonBody(body): JsonBody<ChangeMember>,
) -> ApiResult<StatusCode> {
    let (id, _) = find(&state, &actor, Action::TeachGroup, &id).await?;
    let name = label(&body.label, MAX_LABEL_CHARS, true, "label")?;
    let user = extract::id(&user).ok_or_else(nobody)?;
    let mut tx = state.db().write().await?;
    let (own, _) = lock(&actor, Action::TeachGroup, id, &mut tx).await?;
    let role = groups::role(&mut tx, id, user).await?.ok_or_else(nobody)?;
    if role != body.role {
        if own < GroupRole::Owner {
            return Err(Denied::Forbidden.into());
        }
        check_owner_stays(&mut tx, id, role, Some(body.role)).await?;
        // A guest ends with a lost cookie.
        let guest = users::lock(&mut tx, user).await?.is_none_or(|user| user.guest);
        if guest && body.role > GroupRole::Member {
            return Err(ApiError::new(
                Kind::Conflict,
                "This member has no account yet, and has to sign up first.",
            ));
        }
    }
    groups::change_member(&mut tx, id, user, body.role, name).await?;
    let now_us = state.clock().now_us();
    actor
        .record(&mut tx, "group.member", &format!("group {id}"), &user.to_string(), now_us)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/groups/{id}/members/{user}`: takes a member out, or leaves.
pub async fn remove_member(
    State(state): State<AppState>,
    actor: Actor,
    Path((id, user)): Path<(String, String)>,
) -> ApiResult<StatusCode> {
    let leaves = extract::id(&user).is_some_and(|user| actor.id() == Some(user));
    let action = if leaves { Action::SeeGroup } else { Action::TeachGroup };
    let (id, _) = find(&state, &actor, action, &id).await?;
    let user = extract::id(&user).ok_or_else(nobody)?;
    let mut tx = state.db().write().await?;
    let (own, _) = lock(&actor, action, id, &mut tx).await?;
    let role = groups::role(&mut tx, id, user).await?.ok_or_else(nobody)?;
    if !leaves && role > GroupRole::Member && own < GroupRole::Owner {
        return Err(Denied::Forbidden.into());
    }
    check_owner_stays(&mut tx, id, role, None).await?;
    groups::leave(&mut tx, id, user).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn nobody() -> ApiError {
    ApiError::new(Kind::NotFound, "Nobody of this id is in the group.")
}

/// A group is never without an owner.
async fn check_owner_stays(
    tx: &mut Tx,
    id: Uuid,
    before: GroupRole,
    after: Option<GroupRole>,
) -> ApiResult<()> {
    let ends = before == GroupRole::Owner && after != Some(GroupRole::Owner);
    if ends && groups::owners(tx, id).await? <= 1 {
        return Err(ApiError::new(
            Kind::Conflict,
            "The group would be without an owner. Name another first, or delete the group.",
        ));
    }
    Ok(())
}

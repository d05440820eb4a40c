//! `/api/v1/projects`: what belongs together, with every version kept. Projects that one may not know
//! of answer as if they were not there.

use api::http::projects::{
    Content, Fork, LINK_HEADER, MAX_CIRCUITS, MAX_CONTENT_BYTES, MAX_NOTES_BYTES, MAX_TAG_CHARS,
    MAX_TAGS, Project, ProjectList, SaveProject, Visibility,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Denied, Resource};
use crate::auth::secret;
use crate::db::projects::{self, Asker, Head, New, Saved, Search, Shelf};
use crate::db::users::User;
use crate::db::{Tx, circuits, idempotency, users, versions};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{
    self, JsonBody, Query, bad_cursor, check_match, cut_page, idempotency_key, label, names,
    page_size, require_match, tag,
};
use crate::{AppState, plans};

pub mod runs;
pub mod sharing;
pub mod version;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = api::http::circuits::MAX_NAME_CHARS;

/// A project as one asks for it: by id, and perhaps by a link's secret.
#[derive(Debug)]
pub(super) struct Address<'a> {
    id: Uuid,
    asker: Asker<'a>,
}

impl<'a> Address<'a> {
    /// What is no id names nothing.
    pub(super) fn new(actor: &Actor, id: &str, headers: &'a HeaderMap) -> ApiResult<Self> {
        let link = headers.get(LINK_HEADER).and_then(|value| value.to_str().ok());
        let asker = Asker { user: actor.id(), link };
        let id = extract::id(id).ok_or(Denied::Hidden)?;
        Ok(Self { id, asker })
    }

    /// The project, if the action may be done to it.
    pub(super) async fn find(
        &self,
        state: &AppState,
        actor: &Actor,
        action: Action,
    ) -> ApiResult<Head> {
        allowed(actor, action, projects::find(state.db(), self.asker, self.id).await?)
    }

    /// The same within a transaction that changes it: first the owner is locked, whose limits count,
    /// then the project.
    pub(super) async fn lock(
        &self,
        actor: &Actor,
        action: Action,
        head: &Head,
        tx: &mut Tx,
    ) -> ApiResult<(Head, User)> {
        let owner = users::lock(tx, head.owner).await?.ok_or(Denied::Hidden)?;
        let head = allowed(actor, action, projects::lock(tx, self.asker, self.id).await?)?;
        Ok((head, owner))
    }
}

fn allowed(actor: &Actor, action: Action, head: Option<Head>) -> ApiResult<Head> {
    let access = head.as_ref().and_then(|head| head.access);
    actor.may(action, Resource::Project(access))?;
    Ok(head.ok_or(Denied::Hidden)?)
}

/// Parameters of [`list`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// `own`, `trash`, `shared` or `public`.
    #[serde(default)]
    shelf: ShelfName,
    /// In names and tags.
    #[serde(default)]
    search: String,
    #[serde(default)]
    tag: String,
    cursor: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShelfName {
    #[default]
    Own,
    Trash,
    Shared,
    Public,
}

/// `GET /api/v1/projects`
pub async fn list(
    State(state): State<AppState>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<ProjectList>> {
    actor.may(Action::ListOwn, Resource::None)?;
    let limit = page_size(query.limit)?;
    let shelf = match query.shelf {
        ShelfName::Own => Shelf::Own,
        ShelfName::Trash => Shelf::Trash,
        ShelfName::Shared => Shelf::Shared,
        ShelfName::Public => Shelf::Public,
    };
    if actor.id().is_none() && shelf != Shelf::Public {
        return Ok(Json(ProjectList { projects: Vec::new(), next: None }));
    }
    let after = match &query.cursor {
        None => (i64::MAX, String::new()),
        Some(cursor) => {
            let (time, id) = cursor.split_once('.').ok_or_else(bad_cursor)?;
            let id = extract::id(id).ok_or_else(bad_cursor)?;
            (time.parse().map_err(|_| bad_cursor())?, id.to_string())
        }
    };
    let search = Search {
        shelf,
        user: actor.id(),
        text: &query.search.to_lowercase(),
        tag: &query.tag,
        after,
        limit: limit + 1,
    };
    let mut projects = projects::list(state.db(), &search).await?;
    let next = cut_page(&mut projects, limit, |p| format!("{}.{}", p.updated_at_us, p.id));
    Ok(Json(ProjectList { projects, next }))
}

/// `POST /api/v1/projects`: 201.
pub async fn create(
    State(state): State<AppState>,
    mut actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SaveProject>,
) -> ApiResult<Response> {
    actor.may(Action::Create, Resource::None)?;
    let key = idempotency_key(&headers)?;
    let body = check(body)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let owner = actor.saving(&state, &mut tx, now_us).await?;
    let new = New { name: &body.name, tags: &body.tags, origin: None };
    let id = begin(&mut tx, &owner, key, &new, &body.content, now_us).await?;
    tx.commit().await?;
    actor.remember(owner, now_us).await?;
    created(&state, &actor, id).await
}

/// Makes a project with its first version, or finds the one that a request of the same name made.
async fn begin(
    tx: &mut Tx,
    owner: &User,
    key: Option<&str>,
    new: &New<'_>,
    content: &Content,
    now_us: i64,
) -> ApiResult<Uuid> {
    let request = serde_json::json!([
        new.name,
        new.tags,
        new.origin.map(|(id, v)| (id.to_string(), v)),
        content
    ]);
    let request_hash = secret::sha256(request.to_string().as_bytes());
    if let Some(key) = key
        && let Some((hash, made)) = idempotency::find(tx, owner.id, key).await?
    {
        if hash == request_hash {
            return Ok(made);
        }
        return Err(ApiError::new(
            Kind::Invalid,
            "This `Idempotency-Key` was used for another request already.",
        ));
    }
    let limits = plans::of(owner);
    let (projects, _) = projects::usage(tx, owner.id).await?;
    if projects >= limits.projects {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!(
                "{projects} projects are kept, which is the most. Delete some first; those in the \
                 trash count."
            ),
        ));
    }
    let id = projects::create(tx, owner.id, new, now_us).await?;
    let saved = Saved {
        name: new.name,
        tags: new.tags,
        version: 1,
        circuits: content.circuits.len(),
        new_bytes: 0,
    };
    save_version(tx, owner, id, saved, content, owner.id, now_us).await?;
    if let Some(key) = key {
        idempotency::record(tx, owner.id, key, &request_hash, id, now_us).await?;
    }
    Ok(id)
}

/// Writes a version and holds the owner to the storage limit.
pub(super) async fn save_version(
    tx: &mut Tx,
    owner: &User,
    id: Uuid,
    mut saved: Saved<'_>,
    content: &Content,
    author: Uuid,
    now_us: i64,
) -> ApiResult<String> {
    let (hash, new_bytes) = versions::save(tx, id, saved.version, content, author, now_us).await?;
    saved.new_bytes = new_bytes;
    projects::saved(tx, id, saved, now_us).await?;
    check_storage(tx, owner).await?;
    Ok(hash)
}

/// After something was written: refuses, and with it takes everything back, where it is too much.
pub(super) async fn check_storage(tx: &mut Tx, owner: &User) -> ApiResult<()> {
    let limit = plans::of(owner).storage_bytes;
    let (_, projects) = projects::usage(tx, owner.id).await?;
    let used = projects + circuits::usage(tx, owner.id, None).await?.bytes;
    if used > limit {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!(
                "With this the owner's projects and circuits would take {used} of {limit} bytes, all \
                 versions and results counted. Delete some first."
            ),
        ));
    }
    Ok(())
}

async fn created(state: &AppState, actor: &Actor, id: Uuid) -> ApiResult<Response> {
    let asker = Asker { user: actor.id(), link: None };
    let head = projects::find(state.db(), asker, id).await?.ok_or(Denied::Hidden)?;
    let project = view(state, head, None).await?;
    let location = format!("/api/v1/projects/{id}");
    let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
    let headers = [(LOCATION, location), (ETAG, tag(project.version))];
    Ok((StatusCode::CREATED, headers, Json(project)).into_response())
}

/// A project at a version, the newest where none is named.
pub(super) async fn view(state: &AppState, head: Head, version: Option<i64>) -> ApiResult<Project> {
    let version = version.unwrap_or(head.version);
    let (content_hash, content) = versions::content(state.db(), head.id, version)
        .await?
        .ok_or_else(|| ApiError::new(Kind::NotFound, "There is no such version."))?;
    Ok(Project {
        id: head.id.to_string(),
        name: head.name,
        tags: head.tags,
        content,
        version,
        content_hash,
        visibility: head.visibility,
        access: head.access.ok_or(Denied::Hidden)?,
        origin: head.origin,
        created_at_us: head.created_at_us,
        updated_at_us: head.updated_at_us,
        trashed_at_us: head.trashed_at_us,
    })
}

/// `GET /api/v1/projects/{id}`: 304 where `If-None-Match` names the version.
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let head = Address::new(&actor, &id, &headers)?.find(&state, &actor, Action::Read).await?;
    let known = names(&headers, IF_NONE_MATCH, head.version);
    let cache = HeaderValue::from_static("private, no-cache");
    let headers = [(ETAG, tag(head.version)), (CACHE_CONTROL, cache)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, Json(view(&state, head, None).await?)).into_response())
}

/// `PUT /api/v1/projects/{id}`: writes the next version of the one that `If-Match` names.
pub async fn replace(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SaveProject>,
) -> ApiResult<Response> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Edit).await?;
    let body = check(body)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let (mut head, owner) = address.lock(&actor, Action::Edit, &head, &mut tx).await?;
    require_match(&headers, head.version, "The project")?;
    let version = head.version + 1;
    let saved = Saved {
        name: &body.name,
        tags: &body.tags,
        version,
        circuits: body.content.circuits.len(),
        new_bytes: 0,
    };
    let author = actor.id().unwrap_or(Uuid::nil());
    let content_hash =
        save_version(&mut tx, &owner, head.id, saved, &body.content, author, now_us).await?;
    tx.commit().await?;
    (head.version, head.updated_at_us) = (version, now_us);
    let project = Project {
        id: head.id.to_string(),
        name: body.name,
        tags: body.tags,
        content: body.content,
        version,
        content_hash,
        visibility: head.visibility,
        access: head.access.ok_or(Denied::Hidden)?,
        origin: head.origin,
        created_at_us: head.created_at_us,
        updated_at_us: now_us,
        trashed_at_us: head.trashed_at_us,
    };
    Ok(([(ETAG, tag(version))], Json(project)).into_response())
}

/// `DELETE /api/v1/projects/{id}`: into the trash; from there, for good. Heeds `If-Match`.
pub async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Manage).await?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let (head, _) = address.lock(&actor, Action::Manage, &head, &mut tx).await?;
    check_match(&headers, head.version, "The project")?;
    if head.trashed_at_us.is_some() {
        projects::delete(&mut tx, head.id).await?;
        actor
            .record(&mut tx, "project.delete", &format!("project {}", head.id), "", now_us)
            .await?;
    } else {
        projects::trash(&mut tx, head.id, Some(now_us)).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/projects/{id}/restore`: out of the trash.
pub async fn restore(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Manage).await?;
    let mut tx = state.db().write().await?;
    let (head, _) = address.lock(&actor, Action::Manage, &head, &mut tx).await?;
    projects::trash(&mut tx, head.id, None).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/projects/{id}/fork`: 201, a copy of one's own that knows where it came from.
pub async fn fork(
    State(state): State<AppState>,
    mut actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Fork>,
) -> ApiResult<Response> {
    let address = Address::new(&actor, &id, &headers)?;
    let head = address.find(&state, &actor, Action::Copy).await?;
    actor.may(Action::Create, Resource::None)?;
    let key = idempotency_key(&headers)?;
    let name = label(&body.name, MAX_NAME_CHARS, false, "name")?;
    let version = body.version.unwrap_or(head.version);
    let (_, content) = versions::content(state.db(), head.id, version)
        .await?
        .ok_or_else(|| ApiError::new(Kind::NotFound, "There is no such version."))?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let owner = actor.saving(&state, &mut tx, now_us).await?;
    let new = New { name, tags: &head.tags, origin: Some((head.id, version)) };
    let id = begin(&mut tx, &owner, key, &new, &content, now_us).await?;
    tx.commit().await?;
    actor.remember(owner, now_us).await?;
    created(&state, &actor, id).await
}

/// `GET /api/v1/shared/{link}`: the project that a link's secret leads to.
pub async fn by_link(
    State(state): State<AppState>,
    actor: Actor,
    Path(link): Path<String>,
) -> ApiResult<Json<Project>> {
    let sane = link.len() == 64 && link.bytes().all(|b| b.is_ascii_hexdigit());
    let found = if sane { projects::by_link(state.db(), &link).await? } else { None };
    let asker = Asker { user: actor.id(), link: Some(&link) };
    let head = match found {
        Some(id) => projects::find(state.db(), asker, id).await?,
        None => None,
    };
    let head = allowed(&actor, Action::Read, head)?;
    debug_assert!(head.visibility == Visibility::Link, "found by its link");
    Ok(Json(view(&state, head, None).await?))
}

/// What can be told without the database. Names and tags come back without blanks around them.
fn check(mut body: SaveProject) -> ApiResult<SaveProject> {
    let invalid = |detail: String| Err(ApiError::new(Kind::Invalid, detail));
    let name = label(&body.name, MAX_NAME_CHARS, false, "name")?.to_owned();
    body.name = name;
    if body.tags.len() > MAX_TAGS {
        return invalid(format!("A project has at most {MAX_TAGS} tags."));
    }
    for tag in &mut body.tags {
        let plain = label(tag, MAX_TAG_CHARS, false, "tag")?.to_owned();
        *tag = plain;
    }
    body.tags.sort();
    body.tags.dedup();

    let content = &body.content;
    if content.circuits.len() > MAX_CIRCUITS {
        return invalid(format!(
            "The project has {} circuits; at most {MAX_CIRCUITS} are possible.",
            content.circuits.len()
        ));
    }
    let mut ids = std::collections::BTreeSet::new();
    let mut bytes = content.notes.len();
    for circuit in &content.circuits {
        let id = &circuit.id;
        let sane = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !sane {
            return invalid("A circuit's id is 1 to 64 letters, digits, `-` and `_`.".to_owned());
        }
        if !ids.insert(id) {
            return invalid(format!("Two circuits have the id {id:?}."));
        }
        label(&circuit.name, MAX_NAME_CHARS, false, "name of a circuit")?;
        let inputs = circuit.inputs.iter().map(|(name, value)| name.len() + value.len());
        bytes += circuit.name.len() + circuit.program.text.len() + inputs.sum::<usize>();
    }
    if content.notes.len() > MAX_NOTES_BYTES || bytes > MAX_CONTENT_BYTES {
        return Err(ApiError::new(
            Kind::TooLarge,
            format!(
                "A version takes at most {MAX_CONTENT_BYTES} bytes, {MAX_NOTES_BYTES} of them notes; \
                 this one takes {bytes}, its notes {}.",
                content.notes.len()
            ),
        ));
    }
    Ok(body)
}

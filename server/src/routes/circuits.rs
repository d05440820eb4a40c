//! `/api/v1/circuits`: circuits kept on the server. Others' circuits answer as if they were not
//! there.

use api::http::circuits::{Circuit, CircuitList, MAX_NAME_CHARS, MAX_TEXT_BYTES, SaveCircuit};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Resource};
use crate::db::users::User;
use crate::db::{Tx, circuits, projects, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{self, JsonBody, check_match, names, require_match, tag};
use crate::{AppState, plans};

/// `GET /api/v1/circuits`
pub async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<CircuitList>> {
    actor.may(Action::ListOwn, Resource::None)?;
    let circuits = match actor.id() {
        Some(owner) => circuits::list(state.db(), owner).await?,
        None => Vec::new(),
    };
    Ok(Json(CircuitList { circuits }))
}

/// `POST /api/v1/circuits`: 201. The first save makes the visitor a guest.
pub async fn create(
    State(state): State<AppState>,
    mut actor: Actor,
    JsonBody(circuit): JsonBody<SaveCircuit>,
) -> ApiResult<Response> {
    actor.may(Action::Create, Resource::None)?;
    check(&circuit)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let owner = actor.saving(&state, &mut tx, now_us).await?;
    make_room(&mut tx, &owner, None, &circuit).await?;
    let circuit = circuits::create(&mut tx, owner.id, circuit, now_us).await?;
    tx.commit().await?;
    actor.remember(owner, now_us).await?;

    let location = format!("/api/v1/circuits/{}", circuit.id);
    let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
    Ok((StatusCode::CREATED, [(LOCATION, location), (ETAG, tag(circuit.version))], Json(circuit))
        .into_response())
}

/// `GET /api/v1/circuits/{id}`: 304 where `If-None-Match` names the version.
pub async fn read(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (owner, id) = address(&actor, Action::Read, &id)?;
    let circuit = circuits::find(state.db(), owner, id).await?.ok_or_else(not_found)?;
    let known = names(&headers, IF_NONE_MATCH, circuit.version);
    let headers = [
        (ETAG, tag(circuit.version)),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, Json(circuit)).into_response()
    })
}

/// `PUT /api/v1/circuits/{id}`: takes the version that `If-Match` names to the next one.
pub async fn replace(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(circuit): JsonBody<SaveCircuit>,
) -> ApiResult<Response> {
    let (owner, id) = address(&actor, Action::Edit, &id)?;
    check(&circuit)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let user = users::lock(&mut tx, owner).await?.ok_or_else(not_found)?;
    let (version, created_at_us) =
        circuits::version(&mut tx, owner, id).await?.ok_or_else(not_found)?;
    require_match(&headers, version, "The circuit")?;
    make_room(&mut tx, &user, Some(id), &circuit).await?;
    let version = version + 1;
    circuits::replace(&mut tx, id, &circuit, version, now_us).await?;
    tx.commit().await?;

    let circuit = Circuit {
        id: id.to_string(),
        name: circuit.name,
        program: circuit.program,
        created_at_us,
        updated_at_us: now_us,
        version,
    };
    Ok(([(ETAG, tag(version))], Json(circuit)).into_response())
}

/// `DELETE /api/v1/circuits/{id}`: 204. Heeds `If-Match` where it is given.
pub async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let (owner, id) = address(&actor, Action::Manage, &id)?;
    let mut tx = state.db().write().await?;
    let (version, _) = circuits::version(&mut tx, owner, id).await?.ok_or_else(not_found)?;
    check_match(&headers, version, "The circuit")?;
    circuits::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose circuit, and which. What is no id names nothing.
fn address(actor: &Actor, action: Action, id: &str) -> ApiResult<(Uuid, Uuid)> {
    let owner = actor.id().ok_or_else(not_found)?;
    let id = extract::id(id).ok_or_else(not_found)?;
    // Each query names the owner besides.
    actor.may(action, Resource::Owned(owner))?;
    Ok((owner, id))
}

fn not_found() -> ApiError {
    ApiError::new(
        Kind::NotFound,
        "There is no such circuit, or it is not yours: circuits belong to the browser that saved \
         them.",
    )
}

/// What can be told without the database.
fn check(circuit: &SaveCircuit) -> ApiResult<()> {
    let invalid = |detail: String| Err(ApiError::new(Kind::Invalid, detail));
    let chars = circuit.name.chars().count();
    if circuit.name.trim().is_empty() {
        return invalid("The circuit needs a name.".to_owned());
    }
    if chars > MAX_NAME_CHARS {
        return invalid(format!(
            "The name has {chars} characters; at most {MAX_NAME_CHARS} are possible."
        ));
    }
    if circuit.name.chars().any(char::is_control) {
        return invalid("The name has a control character, such as a line break.".to_owned());
    }
    let bytes = circuit.program.text.len();
    if bytes > MAX_TEXT_BYTES {
        return Err(ApiError::new(
            Kind::TooLarge,
            format!("The program has {bytes} bytes; at most {MAX_TEXT_BYTES} can be saved."),
        ));
    }
    Ok(())
}

/// Holds the owner to the limits, counting `circuit` in place of `replaced`.
async fn make_room(
    tx: &mut Tx,
    owner: &User,
    replaced: Option<Uuid>,
    circuit: &SaveCircuit,
) -> ApiResult<()> {
    let limits = plans::of(owner);
    let usage = circuits::usage(tx, owner.id, replaced).await?;
    if usage.circuits >= limits.circuits {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!("{} circuits are saved, which is the most. Delete some first.", usage.circuits),
        ));
    }
    let used = usage.bytes + projects::usage(tx, owner.id).await?.1;
    if used.saturating_add(circuits::size_bytes(circuit)) > limits.storage_bytes {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!(
                "What is saved takes {used} of {} bytes, and this circuit does not fit beside it. \
                 Delete something first.",
                limits.storage_bytes
            ),
        ));
    }
    Ok(())
}

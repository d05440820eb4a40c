//! `/api/v1/circuits`: circuits kept on the server. Others' circuits answer as if they were not
//! there.

use api::http::circuits::{
    Circuit, CircuitList, MAX_CIRCUITS, MAX_NAME_CHARS, MAX_TEXT_BYTES, MAX_TOTAL_BYTES,
    SaveCircuit,
};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use crate::AppState;
use crate::auth::owner::Visitor;
use crate::db::{Tx, circuits, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{JsonBody, tag_matches};

/// `GET /api/v1/circuits`
pub async fn list(State(state): State<AppState>, visitor: Visitor) -> ApiResult<Json<CircuitList>> {
    let circuits = match visitor.owner() {
        Some(owner) => circuits::list(state.db(), owner).await?,
        None => Vec::new(),
    };
    Ok(Json(CircuitList { circuits }))
}

/// `POST /api/v1/circuits`: 201. The first save makes the visitor a guest.
pub async fn create(
    State(state): State<AppState>,
    mut visitor: Visitor,
    JsonBody(circuit): JsonBody<SaveCircuit>,
) -> ApiResult<Response> {
    check(&circuit)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    let owner = match visitor.owner() {
        Some(owner) if users::lock(&mut tx, owner).await? => owner,
        _ => users::create_guest(&mut tx, now_us).await?,
    };
    make_room(&mut tx, owner, None, &circuit).await?;
    let circuit = circuits::create(&mut tx, owner, circuit, now_us).await?;
    tx.commit().await?;
    if visitor.owner() != Some(owner) {
        visitor.become_owner(owner, now_us).await?;
    }

    let location = format!("/api/v1/circuits/{}", circuit.id);
    let location = HeaderValue::try_from(location).map_err(ApiError::internal)?;
    Ok((StatusCode::CREATED, [(LOCATION, location), (ETAG, tag(circuit.version))], Json(circuit))
        .into_response())
}

/// `GET /api/v1/circuits/{id}`: 304 where `If-None-Match` names the version.
pub async fn read(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (owner, id) = address(&visitor, &id)?;
    let circuit = circuits::find(state.db(), owner, id).await?.ok_or_else(not_found)?;
    let tag = tag(circuit.version);
    let known = names(&headers, IF_NONE_MATCH, &tag);
    let headers = [(ETAG, tag), (CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, Json(circuit)).into_response()
    })
}

/// `PUT /api/v1/circuits/{id}`: takes the version that `If-Match` names to the next one.
pub async fn replace(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(circuit): JsonBody<SaveCircuit>,
) -> ApiResult<Response> {
    let (owner, id) = address(&visitor, &id)?;
    check(&circuit)?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    users::lock(&mut tx, owner).await?;
    let (version, created_at_us) =
        circuits::version(&mut tx, owner, id).await?.ok_or_else(not_found)?;
    if !headers.contains_key(IF_MATCH) {
        return Err(ApiError::new(
            Kind::PreconditionRequired,
            format!(
                "Say with `If-Match` which version you replace, so that no save overwrites \
                 another unseen. The circuit is at version \"{version}\"."
            ),
        ));
    }
    check_version(&headers, version)?;
    make_room(&mut tx, owner, Some(id), &circuit).await?;
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
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let (owner, id) = address(&visitor, &id)?;
    let mut tx = state.db().write().await?;
    let (version, _) = circuits::version(&mut tx, owner, id).await?.ok_or_else(not_found)?;
    check_version(&headers, version)?;
    circuits::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose circuit, and which. What is no id names nothing.
fn address(visitor: &Visitor, id: &str) -> ApiResult<(Uuid, Uuid)> {
    // Only the usual form with hyphens: one circuit has one address.
    let parsed = Uuid::try_parse(id).ok().filter(|parsed| parsed.to_string() == id);
    visitor.owner().zip(parsed).ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::new(
        Kind::NotFound,
        "There is no such circuit, or it is not yours: circuits belong to the browser that saved \
         them.",
    )
}

fn tag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("digits in quotes")
}

/// Whether one of the headers `name` lists `tag`.
fn names(headers: &HeaderMap, name: axum::http::HeaderName, tag: &HeaderValue) -> bool {
    tag.to_str().is_ok_and(|tag| headers.get_all(name).iter().any(|v| tag_matches(v, tag)))
}

/// `If-Match`, where given, names the present version.
fn check_version(headers: &HeaderMap, version: i64) -> ApiResult<()> {
    let tag = tag(version);
    if !headers.contains_key(IF_MATCH) || names(headers, IF_MATCH, &tag) {
        return Ok(());
    }
    Err(ApiError::new(
        Kind::VersionConflict,
        format!(
            "The circuit was saved from elsewhere: it is at version \"{version}\" by now. Open it \
             again, or save yours as a new circuit."
        ),
    )
    .with_header(ETAG, tag))
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
    // PostgreSQL cannot hold it, and no program needs it.
    if circuit.program.text.contains('\0') {
        return invalid("The program has a NUL character.".to_owned());
    }
    Ok(())
}

/// Holds the owner to the limits, counting `circuit` in place of `replaced`.
async fn make_room(
    tx: &mut Tx,
    owner: Uuid,
    replaced: Option<Uuid>,
    circuit: &SaveCircuit,
) -> ApiResult<()> {
    let usage = circuits::usage(tx, owner, replaced).await?;
    if usage.circuits >= MAX_CIRCUITS {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!("{MAX_CIRCUITS} circuits are saved, which is the most. Delete some first."),
        ));
    }
    if usage.bytes.saturating_add(circuits::size_bytes(circuit)) > MAX_TOTAL_BYTES {
        return Err(ApiError::new(
            Kind::LimitReached,
            format!(
                "The saved circuits take {} of {MAX_TOTAL_BYTES} bytes, and this one does not fit \
                 beside them. Delete some first.",
                usage.bytes
            ),
        ));
    }
    Ok(())
}

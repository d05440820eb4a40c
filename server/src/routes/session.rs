//! `/api/v1/session` and `/api/v1/sessions`: signing in and out.

use api::http::account::{Confirm, Me, SessionInfo, SessionList, SignIn};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::account;
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Resource};
use crate::auth::rate::{Class, too_many};
use crate::auth::{email, secret};
use crate::db::users::User;
use crate::db::{Tx, circuits, projects, sessions, throttles, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::JsonBody;
use crate::{AppState, plans};

const HOUR_US: i64 = 3600 * 1_000_000;
/// Failures that are forgotten.
pub const FORGET_US: i64 = 24 * HOUR_US;
/// Digits of a session's hash that name it to its user.
const NAME_DIGITS: usize = 24;

/// Failed attempts at one account: from one address, and from anywhere. No account is ever locked;
/// the next attempt has to wait longer.
struct Throttle {
    /// Key, and failures that cost nothing.
    keys: [(String, i64); 2],
}

impl Throttle {
    fn new(actor: &Actor, account: &str) -> Self {
        let address = crate::auth::address::bucket(actor.address());
        Self {
            keys: [
                (secret::sha256(format!("{account} {address}").as_bytes()), 5),
                (secret::sha256(account.as_bytes()), 100),
            ],
        }
    }

    /// Refuses before the password is looked at.
    async fn check(&self, state: &AppState, now_us: i64) -> ApiResult<()> {
        for (key, free) in &self.keys {
            let (failures, last_at_us) = throttles::find(state.db(), key).await?;
            let excess = u32::try_from(failures - free).unwrap_or(0);
            if failures < *free || now_us - last_at_us >= FORGET_US {
                continue;
            }
            // 1 s, 2 s, 4 s … 32 s.
            let wait_us = i64::from(1_u32 << excess.min(5)) * 1_000_000;
            let left_us = last_at_us + wait_us - now_us;
            if left_us > 0 {
                let secs = u32::try_from(left_us / 1_000_000 + 1).unwrap_or(60);
                return Err(too_many(
                    "Too many wrong passwords. Wait a moment before the next try.",
                    secs,
                ));
            }
        }
        Ok(())
    }

    async fn fail(&self, state: &AppState, now_us: i64) -> ApiResult<()> {
        for (key, _) in &self.keys {
            throttles::fail(state.db(), key, now_us, now_us - FORGET_US).await?;
        }
        metrics::counter!("ketlab_sign_ins_total", "outcome" => "refused").increment(1);
        Ok(())
    }

    async fn clear(&self, state: &AppState) -> ApiResult<()> {
        if throttles::find(state.db(), &self.keys[0].0).await?.0 > 0 {
            throttles::clear(state.db(), &self.keys[0].0).await?;
        }
        metrics::counter!("ketlab_sign_ins_total", "outcome" => "granted").increment(1);
        Ok(())
    }
}

fn wrong() -> ApiError {
    ApiError::new(Kind::WrongCredentials, "The address or the password is wrong.").about("password")
}

/// `POST /api/v1/session`
pub async fn sign_in(
    State(state): State<AppState>,
    mut actor: Actor,
    JsonBody(body): JsonBody<SignIn>,
) -> ApiResult<Json<Me>> {
    actor.may(Action::Open, Resource::None)?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    let email = email::normalize(&body.email).map_err(|_| wrong())?;
    let throttle = Throttle::new(&actor, &email);
    throttle.check(&state, now_us).await?;

    let found = users::by_email(state.db(), &email).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
    let right = state.passwords().verify(body.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        throttle.fail(&state, now_us).await?;
        return Err(wrong());
    };
    // Told to whoever knows the password, and to nobody else.
    if user.suspended {
        return Err(ApiError::new(Kind::Suspended, "This account is suspended."));
    }
    throttle.clear(&state).await?;
    let guest = actor.user().filter(|guest| guest.guest && body.keep_guest_work).cloned();
    begin(&state, &mut actor, user, guest, now_us).await?;
    Ok(Json(account::view(&state, &actor).await?))
}

/// Begins a session; moves what `guest` has into the account.
async fn begin(
    state: &AppState,
    actor: &mut Actor,
    user: User,
    guest: Option<User>,
    now_us: i64,
) -> ApiResult<()> {
    let mut tx = state.db().write().await?;
    if let Some(guest) = guest {
        users::lock(&mut tx, user.id).await?;
        users::lock(&mut tx, guest.id).await?;
        // All of it or nothing, and nothing is lost: what has no room stays the guest's.
        if has_room(&mut tx, &guest, &user).await? {
            circuits::give(&mut tx, guest.id, user.id).await?;
            projects::give(&mut tx, guest.id, user.id).await?;
            users::delete(&mut tx, guest.id).await?;
        }
    }
    actor.record(&mut tx, "session.begin", &user.id.to_string(), "by password", now_us).await?;
    tx.commit().await?;
    actor.sign_in(user, now_us).await?;
    Ok(())
}

async fn has_room(tx: &mut Tx, guest: &User, user: &User) -> sqlx::Result<bool> {
    let limits = plans::of(user);
    let (mut circuits, mut projects, mut bytes) = (0, 0, 0);
    for id in [guest.id, user.id] {
        let kept = circuits::usage(tx, id, None).await?;
        let (kept_projects, kept_bytes) = projects::usage(tx, id).await?;
        circuits += kept.circuits;
        projects += kept_projects;
        bytes += kept.bytes + kept_bytes;
    }
    Ok(circuits <= limits.circuits && projects <= limits.projects && bytes <= limits.storage_bytes)
}

/// `POST /api/v1/session/confirm`: for what is sensitive, the password counts for a quarter of an
/// hour.
pub async fn confirm(
    State(state): State<AppState>,
    mut actor: Actor,
    JsonBody(body): JsonBody<Confirm>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let user = actor.signed_in()?.clone();
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    let throttle = Throttle::new(&actor, &user.id.to_string());
    throttle.check(&state, now_us).await?;
    let hash = users::password_hash(state.db(), user.id).await?;
    if !state.passwords().verify(body.password, hash).await? {
        throttle.fail(&state, now_us).await?;
        return Err(
            ApiError::new(Kind::WrongCredentials, "The password is wrong.").about("password")
        );
    }
    throttle.clear(&state).await?;
    actor.confirm(now_us).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/session`: signs out. What a guest has saved is out of reach then.
pub async fn sign_out(State(_): State<AppState>, mut actor: Actor) -> ApiResult<StatusCode> {
    actor.may(Action::Open, Resource::None)?;
    actor.sign_out().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/sessions`
pub async fn list(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<SessionList>> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let own = actor.session_hash();
    let found =
        sessions::of_user(state.db(), actor.signed_in()?.id, state.clock().now_us()).await?;
    let sessions = found
        .into_iter()
        .map(|session| SessionInfo {
            current: own.as_ref() == Some(&session.id_hash),
            id: session.id_hash[..NAME_DIGITS.min(session.id_hash.len())].to_owned(),
            agent: session.agent,
            created_at_us: session.created_at_us,
            last_seen_at_us: session.last_seen_at_us,
            expires_at_us: session.expires_at_us,
        })
        .collect();
    Ok(Json(SessionList { sessions }))
}

/// `DELETE /api/v1/sessions/{id}`
pub async fn end(
    State(state): State<AppState>,
    actor: Actor,
    Path(id): Path<String>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let user = actor.signed_in()?.id;
    let mut tx = state.db().write().await?;
    let named = id.len() == NAME_DIGITS && id.bytes().all(|b| b.is_ascii_hexdigit());
    if !(named && sessions::end(&mut tx, user, &id).await?) {
        return Err(ApiError::new(Kind::NotFound, "There is no such session."));
    }
    actor.record(&mut tx, "session.end", &user.to_string(), "one", state.clock().now_us()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/sessions`: ends all but the one that asks.
pub async fn end_others(State(state): State<AppState>, mut actor: Actor) -> ApiResult<StatusCode> {
    actor.may(Action::ManageAccount, Resource::None)?;
    let mut user = actor.signed_in()?.clone();
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    user.auth_epoch = users::next_epoch(&mut tx, user.id).await?;
    actor.record(&mut tx, "session.end", &user.id.to_string(), "all others", now_us).await?;
    tx.commit().await?;
    actor.continue_as(user).await?;
    Ok(StatusCode::NO_CONTENT)
}

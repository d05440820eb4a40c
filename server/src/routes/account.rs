//! `/api/v1/me` and `/api/v1/account`: who one is, signing up, credentials.

use api::http::account::{
    Account, ChangeMe, ChangePassword, EmailOnly, MAX_LABEL_CHARS, Me, ResetPassword, SignUp,
    VerifyEmail,
};
use axum::Json;
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode};

use crate::auth::actor::Actor;
use crate::auth::mail::{Content, Language, Mail};
use crate::auth::policy::{Action, Resource};
use crate::auth::rate::Class;
use crate::auth::{email, password, secret};
use crate::db::tokens::{self, Purpose};
use crate::db::{Tx, groups, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::extract::{JsonBody, label};
use crate::{AppState, plans};

/// For a link that was sent.
const LINK_US: i64 = 3600 * 1_000_000;

fn language(headers: &HeaderMap) -> Language {
    Language::accepted(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn taken() -> ApiError {
    ApiError::new(Kind::Conflict, "This address belongs to an account already. Sign in with it.")
        .about("email")
}

/// What the asker may know of the own account.
pub async fn view(state: &AppState, actor: &Actor) -> ApiResult<Me> {
    let account = match actor.user() {
        None => None,
        Some(user) => {
            let now_us = state.clock().now_us();
            let pending = tokens::pending_email(state.db(), user.id, now_us).await?;
            Some(Account {
                id: user.id.to_string(),
                guest: user.guest,
                role: user.role,
                display_name: user.display_name.clone(),
                email: user.email.clone(),
                email_verified: user.email_verified,
                email_pending: pending.map(|(email, _)| email),
                has_password: user.has_password,
                created_at_us: user.created_at_us,
                limits: plans::of(user),
            })
        }
    };
    Ok(Me { account, mail: state.mailer().is_some(), providers: Vec::new() })
}

/// `GET /api/v1/me`
pub async fn me(State(state): State<AppState>, actor: Actor) -> ApiResult<Json<Me>> {
    actor.may(Action::SeeSelf, Resource::None)?;
    Ok(Json(view(&state, &actor).await?))
}

/// `PATCH /api/v1/me`
pub async fn change(
    State(state): State<AppState>,
    actor: Actor,
    JsonBody(body): JsonBody<ChangeMe>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ChangeSelf, Resource::None)?;
    let name = label(&body.display_name, MAX_LABEL_CHARS, true, "name")?;
    let mut tx = state.db().write().await?;
    users::set_display_name(&mut tx, actor.signed_in()?.id, name).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account`: the guest that asks, or a new user, gets a password and an address. Where
/// the server sends mail, the address counts when its link was followed, and the answer is the same
/// whether the address is known.
pub async fn sign_up(
    State(state): State<AppState>,
    mut actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignUp>,
) -> ApiResult<(StatusCode, Json<Me>)> {
    actor.may(Action::Open, Resource::None)?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    if actor.user().is_some_and(|user| !user.guest) {
        return Err(ApiError::new(Kind::Conflict, "You are signed in. Sign out first."));
    }
    let email = email::normalize(&body.email)?;
    password::check(&body.password, &email)?;
    let name = label(&body.display_name, MAX_LABEL_CHARS, true, "name")?;
    let language = language(&headers);
    let hash = state.passwords().hash(body.password).await?;

    let mut tx = state.db().write().await?;
    let mut user = actor.saving(&state, &mut tx, now_us).await?;
    user.auth_epoch = users::set_password(&mut tx, user.id, &hash).await?;
    if !name.is_empty() {
        users::set_display_name(&mut tx, user.id, name).await?;
    }
    let mail = if state.mailer().is_some() {
        Some(ask(&mut tx, user.id, &email, language, now_us).await?)
    } else {
        if !users::set_email(&mut tx, user.id, &email, None).await? {
            tx.rollback().await?;
            return Err(taken());
        }
        None
    };
    actor.record(&mut tx, "account.sign_up", &user.id.to_string(), "", now_us).await?;
    let user = users::lock(&mut tx, user.id)
        .await?
        .ok_or_else(|| ApiError::new(Kind::Internal, "The account is gone."))?;
    tx.commit().await?;
    post(&state, mail);
    actor.sign_in(user, now_us).await?;
    Ok((StatusCode::CREATED, Json(view(&state, &actor).await?)))
}

/// Notes an address that has to be proven. The mail is for after the transaction: a link, or, where
/// the address is another's already, a word to that one.
async fn ask(
    tx: &mut Tx,
    user: uuid::Uuid,
    email: &str,
    language: Language,
    now_us: i64,
) -> ApiResult<Mail> {
    let token = secret::random();
    let hash = secret::sha256(token.as_bytes());
    tokens::create_mail(tx, user, Purpose::Verify, &hash, email, now_us, now_us + LINK_US).await?;
    let other = users::by_email(tx, email).await?.filter(|(other, _)| other.id != user);
    let content = if other.is_some() { Content::AlreadyHere } else { Content::Verify { token } };
    Ok(Mail { to: email.to_owned(), language, content })
}

fn post(state: &AppState, mail: Option<Mail>) {
    if let Some((mailer, mail)) = state.mailer().zip(mail) {
        mailer.send(mail);
    }
}

/// `PUT /api/v1/account/email`: 204 where the address is in use from now on, 202 where a link was
/// sent to it.
pub async fn change_email(
    State(state): State<AppState>,
    actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<EmailOnly>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ChangeCredentials, Resource::None)?;
    let user = actor.signed_in()?.id;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Mail, actor.address(), now_us)?;
    let email = email::normalize(&body.email)?;
    let mut tx = state.db().write().await?;
    if state.mailer().is_some() {
        let mail = ask(&mut tx, user, &email, language(&headers), now_us).await?;
        tx.commit().await?;
        post(&state, Some(mail));
        return Ok(StatusCode::ACCEPTED);
    }
    if !users::set_email(&mut tx, user, &email, None).await? {
        tx.rollback().await?;
        return Err(taken());
    }
    actor.record(&mut tx, "account.email", &user.to_string(), "", now_us).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn void_link() -> ApiError {
    ApiError::new(Kind::LinkVoid, "This link was used already, or is older than an hour.")
}

/// `POST /api/v1/account/email/verify`: the link in the mail was followed and the button pressed.
pub async fn verify_email(
    State(state): State<AppState>,
    actor: Actor,
    JsonBody(body): JsonBody<VerifyEmail>,
) -> ApiResult<StatusCode> {
    actor.may(Action::Open, Resource::None)?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    let hash = secret::sha256(body.token.as_bytes());
    let mut tx = state.db().write().await?;
    let (user, email) = tokens::consume_mail(&mut tx, Purpose::Verify, &hash, now_us)
        .await?
        .ok_or_else(void_link)?;
    if !users::set_email(&mut tx, user, &email, Some(now_us)).await? {
        tx.rollback().await?;
        return Err(taken());
    }
    actor.record(&mut tx, "account.email", &user.to_string(), "by link", now_us).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/account/password`: all other sessions end.
pub async fn change_password(
    State(state): State<AppState>,
    mut actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ChangePassword>,
) -> ApiResult<StatusCode> {
    actor.may(Action::ChangeCredentials, Resource::None)?;
    let mut user = actor.signed_in()?.clone();
    password::check(&body.password, user.email.as_deref().unwrap_or_default())?;
    let hash = state.passwords().hash(body.password).await?;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    user.auth_epoch = users::set_password(&mut tx, user.id, &hash).await?;
    user.has_password = true;
    actor.record(&mut tx, "account.password", &user.id.to_string(), "", now_us).await?;
    tx.commit().await?;
    post(
        &state,
        user.email.clone().map(|to| Mail {
            to,
            language: language(&headers),
            content: Content::PasswordChanged,
        }),
    );
    actor.continue_as(user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/password/reset-mail`: 202 at once, the same for every address.
pub async fn ask_reset(
    State(state): State<AppState>,
    actor: Actor,
    headers: HeaderMap,
    JsonBody(body): JsonBody<EmailOnly>,
) -> ApiResult<StatusCode> {
    actor.may(Action::Open, Resource::None)?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Mail, actor.address(), now_us)?;
    let email = email::normalize(&body.email)?;
    if state.mailer().is_none() {
        return Err(ApiError::new(
            Kind::Conflict,
            "This server sends no mail. Its operator can set a new password.",
        ));
    }
    let language = language(&headers);
    // Apart from the answer, which takes as long for an address that nobody has.
    tokio::spawn(async move {
        if let Err(error) = send_reset(&state, &email, language, now_us).await {
            tracing::error!(%error, "a mail to reset a password could not be prepared");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

async fn send_reset(
    state: &AppState,
    email: &str,
    language: Language,
    now_us: i64,
) -> sqlx::Result<()> {
    let Some((user, _)) = users::by_email(state.db(), email).await? else { return Ok(()) };
    if user.suspended {
        return Ok(());
    }
    let token = secret::random();
    let hash = secret::sha256(token.as_bytes());
    let mut tx = state.db().write().await?;
    let until_us = now_us + LINK_US;
    tokens::create_mail(&mut tx, user.id, Purpose::Reset, &hash, email, now_us, until_us).await?;
    tx.commit().await?;
    post(state, Some(Mail { to: email.to_owned(), language, content: Content::Reset { token } }));
    Ok(())
}

/// `POST /api/v1/account/password/reset`: sets the password that the link allows; all sessions and
/// tokens end. Signs nobody in.
pub async fn reset_password(
    State(state): State<AppState>,
    actor: Actor,
    JsonBody(body): JsonBody<ResetPassword>,
) -> ApiResult<StatusCode> {
    actor.may(Action::Open, Resource::None)?;
    let now_us = state.clock().now_us();
    state.rates().by_address(Class::Credentials, actor.address(), now_us)?;
    password::check(&body.password, "")?;
    // Before the link is used up: a busy server must not cost it.
    let password = state.passwords().hash(body.password).await?;
    let hash = secret::sha256(body.token.as_bytes());
    let mut tx = state.db().write().await?;
    let (user, email) = tokens::consume_mail(&mut tx, Purpose::Reset, &hash, now_us)
        .await?
        .ok_or_else(void_link)?;
    let found = users::lock(&mut tx, user).await?.ok_or_else(void_link)?;
    // The address may have changed since; whoever reads the old one's mail has no say any more.
    if found.email.as_ref() != Some(&email) || found.suspended {
        return Err(void_link());
    }
    users::set_password(&mut tx, user, &password).await?;
    // The link was read where the address leads.
    users::set_email(&mut tx, user, &email, Some(now_us)).await?;
    tokens::delete_all_api(&mut tx, user).await?;
    actor.record(&mut tx, "account.password", &user.to_string(), "by link", now_us).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/account`: the account and everything that is its own, at once and for good.
pub async fn delete(State(state): State<AppState>, mut actor: Actor) -> ApiResult<StatusCode> {
    // A guest has no password to give once more.
    let guest = actor.user().is_some_and(|user| user.guest);
    let action = if guest { Action::ChangeSelf } else { Action::ChangeCredentials };
    actor.may(action, Resource::None)?;
    let user = actor.signed_in()?.id;
    let now_us = state.clock().now_us();
    let mut tx = state.db().write().await?;
    users::lock(&mut tx, user).await?;
    if let Some(name) = groups::owned_alone(&mut tx, user).await? {
        return Err(ApiError::new(
            Kind::Conflict,
            format!(
                "You are the only owner of the group {name:?}. Name another owner, or delete it first."
            ),
        ));
    }
    users::delete(&mut tx, user).await?;
    actor.record(&mut tx, "account.delete", &user.to_string(), "", now_us).await?;
    tx.commit().await?;
    actor.sign_out().await?;
    Ok(StatusCode::NO_CONTENT)
}

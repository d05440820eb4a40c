//! Who is asking, taken from the request: by the session behind the cookie, by a personal token, or
//! nobody yet.

use std::net::IpAddr;

use api::http::account::Scope;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, USER_AGENT, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use tower_sessions::Session;
use uuid::Uuid;

use super::policy::{Action, Resource, Who, authorize};
use super::rate::Class;
use super::secret;
use super::session::{self, AGENT, BEGAN_AT, CONFIRMED_AT, EPOCH, SEEN_AT, USER_ID};
use crate::AppState;
use crate::db::audit::Event;
use crate::db::users::User;
use crate::db::{Tx, audit, tokens, users};
use crate::error::{ApiError, ApiResult, Kind};
use crate::request_id::RequestId;

const MINUTE_US: i64 = 60 * 1_000_000;
/// A session in use is marked so at most this often: each mark is a write.
const TOUCH_US: i64 = 5 * MINUTE_US;
/// The same for a token.
const TOKEN_TOUCH_US: i64 = 60 * MINUTE_US;
/// How long a password that was given counts for what is sensitive.
const CONFIRMED_US: i64 = 15 * MINUTE_US;
/// Before the random part of a personal token: scanners for leaked secrets know it by that.
pub const TOKEN_PREFIX: &str = "ketlab_";

/// Who is asking.
#[derive(Debug, Clone)]
pub struct Actor {
    user: Option<User>,
    scopes: Option<Vec<Scope>>,
    confirmed: bool,
    session: Session,
    agent: String,
    address: IpAddr,
    request_id: String,
}

impl Actor {
    /// `None` before the first save.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// The user's id.
    pub fn id(&self) -> Option<Uuid> {
        self.user.as_ref().map(|user| user.id)
    }

    /// The user, where the route's action made sure that there is one.
    pub fn signed_in(&self) -> ApiResult<&User> {
        self.user.as_ref().ok_or_else(|| super::policy::Denied::SignIn.into())
    }

    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether this may be done. Every handler asks before it looks at anything.
    pub fn may(&self, action: Action, resource: Resource) -> ApiResult<()> {
        let who = Who {
            user: self.user.as_ref().map(|user| (user.id, user.role, user.guest)),
            scopes: self.scopes.as_deref(),
            confirmed: self.confirmed,
        };
        Ok(authorize(who, action, resource)?)
    }

    /// The user who saves: the one who asks, or a guest made for it. Locked until the transaction
    /// ends. Call [`Actor::remember`] after its end.
    pub async fn saving(&self, state: &AppState, tx: &mut Tx, now_us: i64) -> ApiResult<User> {
        if let Some(user) = &self.user {
            return users::lock(tx, user.id).await?.ok_or_else(gone);
        }
        state.rates().by_address(Class::NewGuest, self.address, now_us)?;
        let id = users::create_guest(tx, now_us).await?;
        users::lock(tx, id).await?.ok_or_else(gone)
    }

    /// Gives a guest that was just made its cookie.
    pub async fn remember(&mut self, user: User, now_us: i64) -> ApiResult<()> {
        if self.user.is_none() {
            self.session.insert(USER_ID, user.id.to_string()).await?;
            self.session.insert(EPOCH, user.auth_epoch).await?;
            self.session.insert(SEEN_AT, now_us).await?;
            self.session.insert(BEGAN_AT, now_us).await?;
            self.session.insert(AGENT, &self.agent).await?;
            self.user = Some(user);
        }
        Ok(())
    }

    /// Signs in: a new session id, which nobody can have planted.
    pub async fn sign_in(&mut self, user: User, now_us: i64) -> ApiResult<()> {
        self.session.cycle_id().await?;
        self.user = None;
        self.remember(user, now_us).await?;
        self.confirm(now_us).await
    }

    /// This session goes on after all sessions were ended, under a new id.
    pub async fn continue_as(&mut self, user: User) -> ApiResult<()> {
        self.session.cycle_id().await?;
        self.session.insert(EPOCH, user.auth_epoch).await?;
        self.user = Some(user);
        Ok(())
    }

    /// The password was given.
    pub async fn confirm(&mut self, now_us: i64) -> ApiResult<()> {
        self.session.insert(CONFIRMED_AT, now_us).await?;
        self.confirmed = true;
        Ok(())
    }

    /// Ends the session.
    pub async fn sign_out(&mut self) -> ApiResult<()> {
        self.session.flush().await?;
        self.user = None;
        Ok(())
    }

    /// The hash of the session's id, if it has one.
    pub fn session_hash(&self) -> Option<String> {
        self.session.id().map(session::hash)
    }

    /// Writes into the audit, within the transaction that does what it tells.
    pub async fn record(
        &self,
        tx: &mut Tx,
        action: &'static str,
        object: &str,
        detail: &str,
        now_us: i64,
    ) -> sqlx::Result<()> {
        let request_id = &self.request_id;
        let event = Event { actor: self.id(), action, object, request_id, detail };
        audit::record(tx, &event, now_us).await
    }
}

fn gone() -> ApiError {
    ApiError::new(Kind::SignInRequired, "This account was deleted.")
}

impl FromRequestParts<AppState> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(|| {
            ApiError::new(Kind::Internal, "This route was declared without sessions.")
        })?;
        let mut actor = Self {
            user: None,
            scopes: None,
            confirmed: false,
            session,
            agent: agent(&parts.headers),
            address: state.proxies().client(&parts.headers, &parts.extensions),
            request_id: parts
                .extensions
                .get::<RequestId>()
                .map(ToString::to_string)
                .unwrap_or_default(),
        };
        let now_us = state.clock().now_us();
        match parts.headers.get(AUTHORIZATION) {
            Some(header) => {
                // By address first: a guess costs a look-up.
                state.rates().by_address(Class::Stranger, actor.address, now_us)?;
                actor.by_token(header, state, now_us).await?;
            }
            None => actor.by_session(state, now_us).await?,
        }
        match actor.id() {
            Some(id) => state.rates().by_user(Class::User, id, now_us)?,
            None => state.rates().by_address(Class::Stranger, actor.address, now_us)?,
        }
        Ok(actor)
    }
}

impl Actor {
    async fn by_token(
        &mut self,
        header: &HeaderValue,
        state: &AppState,
        now_us: i64,
    ) -> ApiResult<()> {
        let invalid = || {
            ApiError::new(
                Kind::SignInRequired,
                "The token is not valid: it was mistyped, has run out or was deleted.",
            )
            .with_header(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer error=\"invalid_token\""),
            )
        };
        let token = header.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let token = token.trim();
            (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(TOKEN_PREFIX))
                .then_some(token)
        });
        let hash = secret::sha256(token.ok_or_else(invalid)?.as_bytes());
        let bearer = tokens::bearer(state.db(), &hash, now_us).await?;
        let bearer = bearer.filter(|bearer| !bearer.user.suspended).ok_or_else(invalid)?;
        if now_us - bearer.last_used_at_us.unwrap_or(0) >= TOKEN_TOUCH_US {
            tokens::mark_used(state.db(), bearer.id, now_us).await?;
        }
        self.user = Some(bearer.user);
        self.scopes = Some(bearer.scopes);
        Ok(())
    }

    async fn by_session(&mut self, state: &AppState, now_us: i64) -> ApiResult<()> {
        let id = self.session.get::<String>(USER_ID).await?.and_then(|id| id.parse().ok());
        let Some(id) = id else { return Ok(()) };
        let seen_at_us = self.session.get::<i64>(SEEN_AT).await?.unwrap_or(0);
        let began_at_us = self.session.get::<i64>(BEGAN_AT).await?.unwrap_or(seen_at_us);
        let user = users::find(state.db(), id).await?.filter(|user| {
            let (idle_us, whole_us) = session::bounds(user.guest, user.role);
            !user.suspended && now_us - seen_at_us <= idle_us && now_us - began_at_us <= whole_us
        });
        if user.is_none() {
            self.session.flush().await?;
            return Ok(());
        }
        if now_us.saturating_sub(seen_at_us) >= TOUCH_US {
            // Any change makes the layer store the session and renew the cookie.
            self.session.insert(SEEN_AT, now_us).await?;
        }
        let confirmed_at_us = self.session.get::<i64>(CONFIRMED_AT).await?;
        self.confirmed = confirmed_at_us.is_some_and(|at_us| now_us - at_us <= CONFIRMED_US);
        self.user = user;
        Ok(())
    }
}

/// Browser and system by their names, nothing finer: `Firefox, Linux`.
fn agent(headers: &HeaderMap) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Firefox/", "Firefox"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let text = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name)
    };
    let words: Vec<_> = find(&BROWSERS).into_iter().chain(find(&SYSTEMS)).collect();
    words.join(", ")
}

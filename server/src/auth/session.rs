//! Sessions: a cookie with a random id, and a row under the id's hash.
//!
//! A session holds ids and times only, because two requests at a time overwrite each other's:
//! everything that changes lives in tables of its own. Nobody has a session before there is
//! something to remember.

use api::http::account::Role;
use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use super::secret;
use crate::AppState;
use crate::clock::Clock;
use crate::db::{Db, sessions};

/// `__Host-`: the browser takes it from us alone, for this host alone, over a safe connection.
pub const COOKIE: &str = "__Host-ketlab";

/// A session ends when it was not used for so long.
pub const IDLE_DAYS: i64 = 30;

// Keys of what a session holds; times in microseconds.
pub(super) const USER_ID: &str = "user_id";
/// The user's epoch when the session began.
pub(super) const EPOCH: &str = "epoch";
/// When it was last marked as used.
pub(super) const SEEN_AT: &str = "seen_at_us";
/// When somebody signed in.
pub(super) const BEGAN_AT: &str = "began_at_us";
/// When the password was last given.
pub(super) const CONFIRMED_AT: &str = "confirmed_at_us";
/// Browser and system.
pub(super) const AGENT: &str = "agent";

const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// How long a user's session goes on unused, and how long at all, in microseconds. The more one may
/// do, the shorter.
pub(super) fn bounds(guest: bool, role: Role) -> (i64, i64) {
    match role {
        _ if guest => (IDLE_DAYS * DAY_US, i64::MAX),
        Role::Learner | Role::Author => (14 * DAY_US, 90 * DAY_US),
        Role::Operator => (DAY_US / 2, 7 * DAY_US),
        Role::Admin => (DAY_US / 48, DAY_US / 2),
    }
}

/// Gives each request its session, read from the database when first asked for.
pub fn layer(state: &AppState) -> SessionManagerLayer<Store> {
    let store = Store { db: state.db().clone(), clock: state.clock().clone() };
    SessionManagerLayer::new(store)
        .with_name(COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::days(IDLE_DAYS)))
}

/// Keeps sessions in the database.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
}

/// SHA-256 of an id, hexadecimal.
pub(super) fn hash(id: Id) -> String {
    secret::sha256(&id.0.to_le_bytes())
}

fn row(record: &Record) -> Result<sessions::Session> {
    let text = |key: &str| record.data.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| record.data.get(key).and_then(Value::as_i64).unwrap_or(0);
    let micros = record.expiry_date.unix_timestamp_nanos() / 1000;
    Ok(sessions::Session {
        id_hash: hash(record.id),
        user_id: text(USER_ID),
        auth_epoch: number(EPOCH),
        last_seen_at_us: number(SEEN_AT),
        agent: text(AGENT).unwrap_or_default(),
        expires_at_us: i64::try_from(micros).map_err(|e| Error::Encode(e.to_string()))?,
        data: serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // Of 2^128 ids none is met twice; a loop costs nothing and needs no such argument.
        while !sessions::create(&self.db, &row(record)?, self.clock.now_us())
            .await
            .map_err(backend)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        if !sessions::update(&self.db, &row(record)?).await.map_err(backend)? {
            tracing::debug!("a session ended while it was in use");
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found =
            sessions::find(&self.db, &hash(*id), self.clock.now_us()).await.map_err(backend)?;
        found
            .map(|session| {
                let nanos = i128::from(session.expires_at_us) * 1000;
                Ok(Record {
                    id: *id,
                    data: serde_json::from_str(&session.data)
                        .map_err(|e| Error::Decode(e.to_string()))?,
                    expiry_date: OffsetDateTime::from_unix_timestamp_nanos(nanos)
                        .map_err(|e| Error::Decode(e.to_string()))?,
                })
            })
            .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&self.db, &hash(*id)).await.map_err(backend)
    }
}

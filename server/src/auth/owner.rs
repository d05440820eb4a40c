//! The owner of what is saved: a guest today, the same row with credentials later.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tower_sessions::Session;
use uuid::Uuid;

use super::session::USER_ID;
use crate::AppState;
use crate::error::{ApiError, ApiResult, Kind};

/// Key of the time at which the session was last marked as used, in microseconds.
const SEEN_AT: &str = "seen_at_us";

/// A session in use is marked so at most this often: each mark is a write.
const TOUCH_US: i64 = 5 * 60 * 1_000_000;

/// Who is asking.
#[derive(Debug, Clone)]
pub struct Visitor {
    session: Session,
    owner: Option<Uuid>,
}

impl Visitor {
    /// The owner's id; `None` before the first save.
    pub fn owner(&self) -> Option<Uuid> {
        self.owner
    }

    /// Remembers a guest that was just made: from here on the visitor has a cookie.
    pub async fn become_owner(&mut self, owner: Uuid, now_us: i64) -> ApiResult<()> {
        self.session.insert(USER_ID, owner.to_string()).await?;
        self.session.insert(SEEN_AT, now_us).await?;
        self.owner = Some(owner);
        Ok(())
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(|| {
            ApiError::new(Kind::Internal, "This route was declared without sessions.")
        })?;
        let owner = session.get::<String>(USER_ID).await?.and_then(|id| id.parse().ok());
        if owner.is_some() {
            let now_us = state.clock().now_us();
            let seen_at_us = session.get::<i64>(SEEN_AT).await?.unwrap_or(0);
            if now_us.saturating_sub(seen_at_us) >= TOUCH_US {
                // Any change makes the layer store the session and renew the cookie.
                session.insert(SEEN_AT, now_us).await?;
            }
        }
        Ok(Self { session, owner })
    }
}

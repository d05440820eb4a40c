//! Clears away what has run out: expired sessions, and guests that no session leads to any more.

use std::time::Duration;

use crate::AppState;
use crate::db::{blobs, idempotency, projects, sessions, throttles, tokens, users};
use crate::routes::session::FORGET_US;

const EVERY: Duration = Duration::from_mins(10);
/// Rows per transaction: others want to write too.
const BATCH: i64 = 200;
/// After which a project in the trash goes for good.
pub const TRASH_DAYS: i64 = 30;
const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// Sweeps now and then, for ever.
pub async fn run(state: AppState) {
    let mut turns = tokio::time::interval(EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match once(&state).await {
            Ok((0, 0)) => {}
            Ok((sessions, guests)) => tracing::info!(sessions, guests, "swept"),
            Err(error) => tracing::error!(%error, "cannot sweep"),
        }
    }
}

/// Sweeps until nothing is left. Returns how many sessions and guests went.
pub async fn once(state: &AppState) -> sqlx::Result<(u64, u64)> {
    let now_us = state.clock().now_us();
    let mut swept = (0, 0);
    tokens::delete_expired_mail(state.db(), now_us).await?;
    throttles::delete_before(state.db(), now_us - FORGET_US).await?;
    idempotency::delete_before(state.db(), now_us - DAY_US).await?;
    while projects::delete_trash(state.db(), now_us - TRASH_DAYS * DAY_US, BATCH).await? > 0 {}
    while blobs::delete_unused(state.db(), now_us - DAY_US, BATCH).await? > 0 {}
    loop {
        let sessions = sessions::delete_expired(state.db(), now_us, BATCH).await?;
        let guests = users::delete_stranded_guests(state.db(), now_us, BATCH).await?;
        swept = (swept.0 + sessions, swept.1 + guests);
        if sessions + guests == 0 {
            return Ok(swept);
        }
    }
}

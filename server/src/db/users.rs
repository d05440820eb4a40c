//! Table `users`.

use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

use super::Db;

/// How long a guest may be without a session before [`delete_stranded_guests`] takes it: the
/// session is stored at the end of the request that makes the guest.
const GRACE_US: i64 = 24 * 3600 * 1_000_000;

/// Makes a guest: a user without credentials.
pub async fn create_guest(
    transaction: &mut Transaction<'static, Sqlite>,
    now_us: i64,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO users (id, kind, created_at_us) VALUES ($1, 'guest', $2)")
        .bind(id.to_string())
        .bind(now_us)
        .execute(&mut **transaction)
        .await?;
    Ok(id)
}

/// Deletes guests that no session leads to any more, with all that is theirs: nobody can ever sign
/// in as one. Returns how many, at most `limit`.
pub async fn delete_stranded_guests(db: &Db, now_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut transaction = db.write().await?;
    let done = sqlx::query(
        "DELETE FROM users WHERE id IN (
             SELECT id FROM users
             WHERE kind = 'guest' AND created_at_us < $1
               AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = users.id)
             LIMIT $2)",
    )
    .bind(now_us - GRACE_US)
    .bind(limit)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}

//! Table `users`.

use uuid::Uuid;

use super::{Db, Tx, sql};

/// How long a guest may be without a session before [`delete_stranded_guests`] takes it: the
/// session is stored at the end of the request that makes the guest.
const GRACE_US: i64 = 24 * 3600 * 1_000_000;

/// Makes a guest: a user without credentials.
pub async fn create_guest(tx: &mut Tx, now_us: i64) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    sql("INSERT INTO users (id, kind, created_at_us) VALUES ($1, 'guest', $2)")
        .bind(id)
        .bind(now_us)
        .run(tx)
        .await?;
    Ok(id)
}

/// Nobody else counts what this user has before the transaction ends. `false` if there is no such
/// user.
pub async fn lock(tx: &mut Tx, id: Uuid) -> sqlx::Result<bool> {
    sql("SELECT id FROM users WHERE id = $1").bind(id).for_update().exists(tx).await
}

/// Deletes guests that no session leads to any more, with all that is theirs: nobody can ever sign
/// in as one. Returns how many, at most `limit`.
pub async fn delete_stranded_guests(db: &Db, now_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done = sql("DELETE FROM users WHERE id IN (
             SELECT id FROM users
             WHERE kind = 'guest' AND created_at_us < $1
               AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = users.id)
             LIMIT $2)")
    .bind(now_us - GRACE_US)
    .bind(limit)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(done)
}

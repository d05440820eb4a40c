//! Table `sessions`. Callers pass the hash of an id, never the id.

use sqlx::Row as _;

use super::Db;

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id_hash: String,
    /// Whose it is, once that is known.
    pub user_id: Option<String>,
    pub expires_at_us: i64,
    /// JSON object.
    pub data: String,
}

/// Stores a new session; `false` if its id is taken.
pub async fn create(db: &Db, session: &Session, now_us: i64) -> sqlx::Result<bool> {
    let mut transaction = db.write().await?;
    let done = sqlx::query(
        "INSERT INTO sessions (id_hash, user_id, created_at_us, expires_at_us, data)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(&session.id_hash)
    .bind(&session.user_id)
    .bind(now_us)
    .bind(session.expires_at_us)
    .bind(&session.data)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Stores a session's new content; `false` if it has ended meanwhile, which no save undoes.
pub async fn update(db: &Db, session: &Session) -> sqlx::Result<bool> {
    let mut transaction = db.write().await?;
    let done = sqlx::query(
        "UPDATE sessions SET user_id = $2, expires_at_us = $3, data = $4 WHERE id_hash = $1",
    )
    .bind(&session.id_hash)
    .bind(&session.user_id)
    .bind(session.expires_at_us)
    .bind(&session.data)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// The session, unless it has expired.
pub async fn find(db: &Db, id_hash: &str, now_us: i64) -> sqlx::Result<Option<Session>> {
    let row = sqlx::query(
        "SELECT id_hash, user_id, expires_at_us, data FROM sessions
         WHERE id_hash = $1 AND expires_at_us > $2",
    )
    .bind(id_hash)
    .bind(now_us)
    .fetch_optional(db.read())
    .await?;
    row.map(|row| {
        Ok(Session {
            id_hash: row.try_get("id_hash")?,
            user_id: row.try_get("user_id")?,
            expires_at_us: row.try_get("expires_at_us")?,
            data: row.try_get("data")?,
        })
    })
    .transpose()
}

pub async fn delete(db: &Db, id_hash: &str) -> sqlx::Result<()> {
    let mut transaction = db.write().await?;
    sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
        .bind(id_hash)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// Deletes at most `limit` expired sessions and returns how many.
pub async fn delete_expired(db: &Db, now_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut transaction = db.write().await?;
    let done = sqlx::query(
        "DELETE FROM sessions WHERE id_hash IN (
             SELECT id_hash FROM sessions WHERE expires_at_us <= $1
             ORDER BY expires_at_us LIMIT $2)",
    )
    .bind(now_us)
    .bind(limit)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(done.rows_affected())
}

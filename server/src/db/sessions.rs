//! Table `sessions`. Callers pass the hash of an id, never the id.

use super::sql::Row;
use super::{Db, sql};

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

fn session_from(row: &Row) -> sqlx::Result<Session> {
    Ok(Session {
        id_hash: row.get("id_hash")?,
        user_id: row.get("user_id")?,
        expires_at_us: row.get("expires_at_us")?,
        data: row.get("data")?,
    })
}

/// Stores a new session; `false` if its id is taken.
pub async fn create(db: &Db, session: &Session, now_us: i64) -> sqlx::Result<bool> {
    let mut tx = db.write().await?;
    let done = sql("INSERT INTO sessions (id_hash, user_id, created_at_us, expires_at_us, data)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id_hash) DO NOTHING")
    .bind(&session.id_hash)
    .bind(session.user_id.as_deref())
    .bind(now_us)
    .bind(session.expires_at_us)
    .bind(&session.data)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(done == 1)
}

/// Stores a session's new content; `false` if it has ended meanwhile, which no save undoes.
pub async fn update(db: &Db, session: &Session) -> sqlx::Result<bool> {
    let mut tx = db.write().await?;
    let done =
        sql("UPDATE sessions SET user_id = $2, expires_at_us = $3, data = $4 WHERE id_hash = $1")
            .bind(&session.id_hash)
            .bind(session.user_id.as_deref())
            .bind(session.expires_at_us)
            .bind(&session.data)
            .run(&mut tx)
            .await?;
    tx.commit().await?;
    Ok(done == 1)
}

/// The session, unless it has expired.
pub async fn find(db: &Db, id_hash: &str, now_us: i64) -> sqlx::Result<Option<Session>> {
    let row = sql("SELECT id_hash, user_id, expires_at_us, data FROM sessions
         WHERE id_hash = $1 AND expires_at_us > $2")
    .bind(id_hash)
    .bind(now_us)
    .optional(db)
    .await?;
    row.as_ref().map(session_from).transpose()
}

pub async fn delete(db: &Db, id_hash: &str) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    sql("DELETE FROM sessions WHERE id_hash = $1").bind(id_hash).run(&mut tx).await?;
    tx.commit().await
}

/// Deletes at most `limit` expired sessions and returns how many.
pub async fn delete_expired(db: &Db, now_us: i64, limit: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done = sql("DELETE FROM sessions WHERE id_hash IN (
             SELECT id_hash FROM sessions WHERE expires_at_us <= $1
             ORDER BY expires_at_us LIMIT $2)")
    .bind(now_us)
    .bind(limit)
    .run(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(done)
}

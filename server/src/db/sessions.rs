//! Table `sessions`. Callers pass the hash of an id, never the id.

use uuid::Uuid;

use super::sql::Row;
use super::{Db, Tx, sql};

/// A stored session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id_hash: String,
    /// Whose it is, once that is known.
    pub user_id: Option<String>,
    /// Of the user, when the session began: it ends when the user's counts on.
    pub auth_epoch: i64,
    pub last_seen_at_us: i64,
    /// Browser and system.
    pub agent: String,
    pub expires_at_us: i64,
    /// JSON object.
    pub data: String,
}

/// What is told of a session to its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub id_hash: String,
    pub agent: String,
    pub created_at_us: i64,
    pub last_seen_at_us: i64,
    pub expires_at_us: i64,
}

fn session_from(row: &Row) -> sqlx::Result<Session> {
    Ok(Session {
        id_hash: row.get("id_hash")?,
        user_id: row.get("user_id")?,
        auth_epoch: row.get("auth_epoch")?,
        last_seen_at_us: row.get("last_seen_at_us")?,
        agent: row.get("agent")?,
        expires_at_us: row.get("expires_at_us")?,
        data: row.get("data")?,
    })
}

/// Stores a new session; `false` if its id is taken.
pub async fn create(db: &Db, session: &Session, now_us: i64) -> sqlx::Result<bool> {
    let mut tx = db.write().await?;
    let done = sql(
        "INSERT INTO sessions (id_hash, user_id, auth_epoch, created_at_us, last_seen_at_us, agent,
                               expires_at_us, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(&session.id_hash)
    .bind(session.user_id.as_deref())
    .bind(session.auth_epoch)
    .bind(now_us)
    .bind(session.last_seen_at_us)
    .bind(&session.agent)
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
        sql("UPDATE sessions SET user_id = $2, auth_epoch = $3, last_seen_at_us = $4, agent = $5,
                expires_at_us = $6, data = $7
         WHERE id_hash = $1")
        .bind(&session.id_hash)
        .bind(session.user_id.as_deref())
        .bind(session.auth_epoch)
        .bind(session.last_seen_at_us)
        .bind(&session.agent)
        .bind(session.expires_at_us)
        .bind(&session.data)
        .run(&mut tx)
        .await?;
    tx.commit().await?;
    Ok(done == 1)
}

/// The session, unless it has expired or was ended by its user's epoch.
pub async fn find(db: &Db, id_hash: &str, now_us: i64) -> sqlx::Result<Option<Session>> {
    let row = sql(
        "SELECT s.id_hash, s.user_id, s.auth_epoch, s.last_seen_at_us, s.agent, s.expires_at_us,
                s.data
         FROM sessions s LEFT JOIN users u ON u.id = s.user_id
         WHERE s.id_hash = $1 AND s.expires_at_us > $2
           AND (s.user_id IS NULL OR u.auth_epoch = s.auth_epoch)",
    )
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

/// Those that a user is signed in with, last seen first; at most 200.
pub async fn of_user(db: &Db, user: Uuid, now_us: i64) -> sqlx::Result<Vec<Summary>> {
    let rows = sql("SELECT s.id_hash, s.agent, s.created_at_us, s.last_seen_at_us, s.expires_at_us
         FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.user_id = $1 AND s.expires_at_us > $2 AND s.auth_epoch = u.auth_epoch
         ORDER BY s.last_seen_at_us DESC, s.id_hash LIMIT 200")
    .bind(user)
    .bind(now_us)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Summary {
                id_hash: row.get("id_hash")?,
                agent: row.get("agent")?,
                created_at_us: row.get("created_at_us")?,
                last_seen_at_us: row.get("last_seen_at_us")?,
                expires_at_us: row.get("expires_at_us")?,
            })
        })
        .collect()
}

/// Ends the session of a user whose hash begins with `prefix` (hexadecimal digits alone).
pub async fn end(tx: &mut Tx, user: Uuid, prefix: &str) -> sqlx::Result<bool> {
    let done = sql("DELETE FROM sessions WHERE user_id = $1 AND id_hash LIKE $2")
        .bind(user)
        .bind(format!("{prefix}%"))
        .run(tx)
        .await?;
    Ok(done > 0)
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

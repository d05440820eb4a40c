//! Tables `mail_tokens` and `api_tokens`. Callers pass hashes, never the tokens.

use api::http::account::{Scope, TokenInfo};
use uuid::Uuid;

use super::sql::foreign;
use super::users::{self, User};
use super::{Db, Tx, sql};

/// What a link in a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Verify,
    Reset,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }
}

/// Keeps a link's token; those of the same user and purpose that came before it are void.
pub async fn create_mail(
    tx: &mut Tx,
    user: Uuid,
    purpose: Purpose,
    token_hash: &str,
    email: &str,
    now_us: i64,
    expires_at_us: i64,
) -> sqlx::Result<()> {
    sql("DELETE FROM mail_tokens WHERE user_id = $1 AND purpose = $2")
        .bind(user)
        .bind(purpose.name())
        .run(tx)
        .await?;
    sql("INSERT INTO mail_tokens (token_hash, user_id, purpose, email, created_at_us, expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(token_hash)
    .bind(user)
    .bind(purpose.name())
    .bind(email)
    .bind(now_us)
    .bind(expires_at_us)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes a link's token, once: whose it is, and the address that it was sent to.
pub async fn consume_mail(
    tx: &mut Tx,
    purpose: Purpose,
    token_hash: &str,
    now_us: i64,
) -> sqlx::Result<Option<(Uuid, String)>> {
    let row =
        sql("DELETE FROM mail_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at_us > $3
         RETURNING user_id, email")
        .bind(token_hash)
        .bind(purpose.name())
        .bind(now_us)
        .optional(tx)
        .await?;
    row.map(|row| Ok((row.id("user_id")?, row.get("email")?))).transpose()
}

/// The address that waits for its link to be followed, and when the link was sent.
pub async fn pending_email(
    db: &Db,
    user: Uuid,
    now_us: i64,
) -> sqlx::Result<Option<(String, i64)>> {
    let row = sql("SELECT email, created_at_us FROM mail_tokens
         WHERE user_id = $1 AND purpose = 'verify' AND expires_at_us > $2")
    .bind(user)
    .bind(now_us)
    .optional(db)
    .await?;
    row.map(|row| Ok((row.get("email")?, row.get("created_at_us")?))).transpose()
}

pub async fn delete_expired_mail(db: &Db, now_us: i64) -> sqlx::Result<u64> {
    let mut tx = db.write().await?;
    let done =
        sql("DELETE FROM mail_tokens WHERE expires_at_us <= $1").bind(now_us).run(&mut tx).await?;
    tx.commit().await?;
    Ok(done)
}

fn scopes_from(names: &str) -> sqlx::Result<Vec<Scope>> {
    names
        .split(' ')
        .map(|name| {
            Scope::ALL
                .into_iter()
                .find(|scope| scope.name() == name)
                .ok_or_else(|| foreign("scope", name))
        })
        .collect()
}

pub async fn create_api(
    tx: &mut Tx,
    user: Uuid,
    token_hash: &str,
    info: &TokenInfo,
) -> sqlx::Result<()> {
    let scopes: Vec<&str> = info.scopes.iter().map(|scope| scope.name()).collect();
    sql("INSERT INTO api_tokens (id, user_id, token_hash, name, hint, scopes, created_at_us,
                                 expires_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(&info.id)
    .bind(user)
    .bind(token_hash)
    .bind(&info.name)
    .bind(&info.hint)
    .bind(scopes.join(" "))
    .bind(info.created_at_us)
    .bind(info.expires_at_us)
    .run(tx)
    .await?;
    Ok(())
}

/// Newest first.
pub async fn of_user(db: &Db, user: Uuid) -> sqlx::Result<Vec<TokenInfo>> {
    let rows = sql("SELECT id, name, hint, scopes, created_at_us, expires_at_us, last_used_at_us
         FROM api_tokens WHERE user_id = $1 ORDER BY created_at_us DESC, id DESC")
    .bind(user)
    .all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(TokenInfo {
                id: row.get("id")?,
                name: row.get("name")?,
                scopes: scopes_from(&row.get::<String>("scopes")?)?,
                hint: row.get("hint")?,
                created_at_us: row.get("created_at_us")?,
                expires_at_us: row.get("expires_at_us")?,
                last_used_at_us: row.get("last_used_at_us")?,
            })
        })
        .collect()
}

pub async fn count(tx: &mut Tx, user: Uuid) -> sqlx::Result<i64> {
    sql("SELECT count(*) AS n FROM api_tokens WHERE user_id = $1")
        .bind(user)
        .one(tx)
        .await?
        .get("n")
}

pub async fn delete_api(tx: &mut Tx, user: Uuid, id: Uuid) -> sqlx::Result<bool> {
    let done = sql("DELETE FROM api_tokens WHERE id = $1 AND user_id = $2")
        .bind(id)
        .bind(user)
        .run(tx)
        .await?;
    Ok(done == 1)
}

pub async fn delete_all_api(tx: &mut Tx, user: Uuid) -> sqlx::Result<u64> {
    sql("DELETE FROM api_tokens WHERE user_id = $1").bind(user).run(tx).await
}

/// A valid token's user, what it may do, its id and when it was last marked as used.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub user: User,
    pub id: Uuid,
    pub scopes: Vec<Scope>,
    pub last_used_at_us: Option<i64>,
}

pub async fn bearer(db: &Db, token_hash: &str, now_us: i64) -> sqlx::Result<Option<Bearer>> {
    let row = sql(concat!(
        "SELECT ",
        users::columns!(),
        ", t.id AS token_id, t.scopes, t.last_used_at_us
         FROM api_tokens t JOIN users u ON u.id = t.user_id
         WHERE t.token_hash = $1 AND t.expires_at_us > $2"
    ))
    .bind(token_hash)
    .bind(now_us)
    .optional(db)
    .await?;
    row.map(|row| {
        Ok(Bearer {
            user: users::user_from(&row)?,
            id: row.id("token_id")?,
            scopes: scopes_from(&row.get::<String>("scopes")?)?,
            last_used_at_us: row.get("last_used_at_us")?,
        })
    })
    .transpose()
}

pub async fn mark_used(db: &Db, id: Uuid, now_us: i64) -> sqlx::Result<()> {
    let mut tx = db.write().await?;
    sql("UPDATE api_tokens SET last_used_at_us = $2 WHERE id = $1")
        .bind(id)
        .bind(now_us)
        .run(&mut tx)
        .await?;
    tx.commit().await
}

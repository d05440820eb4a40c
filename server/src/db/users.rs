//! Table `users`: guests, and those with credentials.

use api::http::account::Role;
use uuid::Uuid;

use super::sql::{On, Row, foreign};
use super::{Db, Tx, sql};

/// How long a guest may be without a session before [`delete_stranded_guests`] takes it: the
/// session is stored at the end of the request that makes the guest.
const GRACE_US: i64 = 24 * 3600 * 1_000_000;

/// A row, without the password's hash.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: Uuid,
    /// Without credentials.
    pub guest: bool,
    pub role: Role,
    pub display_name: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub has_password: bool,
    pub auth_epoch: i64,
    pub suspended: bool,
    /// In a group whose members have the plan `course`.
    pub course: bool,
    /// Name of the plan, where it is not the role's.
    pub plan: Option<String>,
    pub created_at_us: i64,
}

macro_rules! columns {
    () => {
        "u.id, u.kind, u.role, u.display_name, u.email, u.email_verified_at_us, u.auth_epoch, \
         u.suspended_at_us, u.plan, u.created_at_us, \
         CAST(CASE WHEN u.password_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password, \
         (SELECT count(*) FROM members m JOIN groups g ON g.id = m.group_id \
          WHERE m.user_id = u.id AND g.plan = 'course') AS courses"
    };
}
pub(super) use columns;

pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Learner => "learner",
        Role::Author => "author",
        Role::Operator => "operator",
        Role::Admin => "admin",
    }
}

fn role_from(name: &str) -> sqlx::Result<Role> {
    [Role::Learner, Role::Author, Role::Operator, Role::Admin]
        .into_iter()
        .find(|role| role_name(*role) == name)
        .ok_or_else(|| foreign("role", name))
}

pub(super) fn user_from(row: &Row) -> sqlx::Result<User> {
    Ok(User {
        id: row.id("id")?,
        guest: row.get::<String>("kind")? == "guest",
        role: role_from(&row.get::<String>("role")?)?,
        display_name: row.get("display_name")?,
        email: row.get("email")?,
        email_verified: row.get::<Option<i64>>("email_verified_at_us")?.is_some(),
        has_password: row.truth("has_password")?,
        auth_epoch: row.get("auth_epoch")?,
        suspended: row.get::<Option<i64>>("suspended_at_us")?.is_some(),
        course: row.get::<i64>("courses")? > 0,
        plan: row.get("plan")?,
        created_at_us: row.get("created_at_us")?,
    })
}

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

pub async fn find(db: &Db, id: Uuid) -> sqlx::Result<Option<User>> {
    let row = sql(concat!("SELECT ", columns!(), " FROM users u WHERE u.id = $1"))
        .bind(id)
        .optional(db)
        .await?;
    row.as_ref().map(user_from).transpose()
}

/// The user, whom nobody else changes before the transaction ends; whose limits nobody else counts.
pub async fn lock(tx: &mut Tx, id: Uuid) -> sqlx::Result<Option<User>> {
    let row = sql(concat!("SELECT ", columns!(), " FROM users u WHERE u.id = $1"))
        .bind(id)
        .for_update()
        .optional(tx)
        .await?;
    row.as_ref().map(user_from).transpose()
}

/// The user with this address, and the hash of the password.
pub async fn by_email<'a>(
    on: impl Into<On<'a>>,
    email: &str,
) -> sqlx::Result<Option<(User, Option<String>)>> {
    let row =
        sql(concat!("SELECT ", columns!(), ", u.password_hash FROM users u WHERE u.email = $1"))
            .bind(email)
            .optional(on)
            .await?;
    row.map(|row| Ok((user_from(&row)?, row.get("password_hash")?))).transpose()
}

pub async fn password_hash(db: &Db, id: Uuid) -> sqlx::Result<Option<String>> {
    let row = sql("SELECT password_hash FROM users WHERE id = $1").bind(id).optional(db).await?;
    row.map_or(Ok(None), |row| row.get("password_hash"))
}

/// Sets the password and ends all sessions: those that go on begin anew.
pub async fn set_password(tx: &mut Tx, id: Uuid, hash: &str) -> sqlx::Result<i64> {
    sql("UPDATE users SET password_hash = $2, auth_epoch = auth_epoch + 1 WHERE id = $1
         RETURNING auth_epoch")
    .bind(id)
    .bind(hash)
    .one(tx)
    .await?
    .get("auth_epoch")
}

/// Gives a user the address to sign in with; from now on it is no guest. `false` if another has it.
pub async fn set_email(
    tx: &mut Tx,
    id: Uuid,
    email: &str,
    verified_at_us: Option<i64>,
) -> sqlx::Result<bool> {
    let done =
        sql("UPDATE users SET kind = 'user', email = $2, email_verified_at_us = $3 WHERE id = $1
         AND NOT EXISTS (SELECT 1 FROM users other WHERE other.email = $2 AND other.id <> $1)")
        .bind(id)
        .bind(email)
        .bind(verified_at_us)
        .run(tx)
        .await;
    match done {
        // Two at the same moment: the index decides. The transaction can only be rolled back.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        done => Ok(done? == 1),
    }
}

pub async fn set_display_name(tx: &mut Tx, id: Uuid, name: &str) -> sqlx::Result<()> {
    sql("UPDATE users SET display_name = $2 WHERE id = $1").bind(id).bind(name).run(tx).await?;
    Ok(())
}

/// Ends all sessions of a user. Returns the epoch that is valid from now on.
pub async fn next_epoch(tx: &mut Tx, id: Uuid) -> sqlx::Result<i64> {
    sql("UPDATE users SET auth_epoch = auth_epoch + 1 WHERE id = $1 RETURNING auth_epoch")
        .bind(id)
        .one(tx)
        .await?
        .get("auth_epoch")
}

/// Deletes a user with all that is theirs.
pub async fn delete(tx: &mut Tx, id: Uuid) -> sqlx::Result<()> {
    sql("DELETE FROM users WHERE id = $1").bind(id).run(tx).await?;
    Ok(())
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

/// Preferences as JSON, and their version.
pub async fn preferences(db: &Db, id: Uuid) -> sqlx::Result<Option<(String, i64)>> {
    let row = sql("SELECT preferences, preferences_version FROM users WHERE id = $1")
        .bind(id)
        .optional(db)
        .await?;
    row.map(|row| Ok((row.get("preferences")?, row.get("preferences_version")?))).transpose()
}

/// Version of the preferences, which nobody else changes before the transaction ends.
pub async fn preferences_version(tx: &mut Tx, id: Uuid) -> sqlx::Result<i64> {
    sql("SELECT preferences_version FROM users WHERE id = $1")
        .bind(id)
        .for_update()
        .one(tx)
        .await?
        .get("preferences_version")
}

/// Writes the next version of the preferences.
pub async fn set_preferences(tx: &mut Tx, id: Uuid, preferences: &str) -> sqlx::Result<()> {
    sql("UPDATE users SET preferences = $2, preferences_version = preferences_version + 1
         WHERE id = $1")
    .bind(id)
    .bind(preferences)
    .run(tx)
    .await?;
    Ok(())
}

//! What only those who run the server ask for.

use api::http::admin::{ChangeUser, Health};
use uuid::Uuid;

use super::sql::pattern;
use super::users::{self, User, role_name};
use super::{Db, Tx, sql};

/// Users with credentials whose address or name has the text, or anyone whose id it is; newest first,
/// with an id below `before`.
pub async fn users(db: &Db, text: &str, before: &str, limit: i64) -> sqlx::Result<Vec<User>> {
    let rows = sql(concat!(
        "SELECT ",
        users::columns!(),
        " FROM users u WHERE u.id < $1 AND (u.id = $2 OR (u.kind = 'user' AND (
              lower(u.email) LIKE $3 ESCAPE '\\' OR lower(u.display_name) LIKE $3 ESCAPE '\\'
              OR $2 = '')))
          ORDER BY u.id DESC LIMIT $4"
    ))
    .bind(before)
    .bind(text)
    .bind(pattern(&text.to_lowercase()))
    .bind(limit)
    .all(db)
    .await?;
    rows.iter().map(users::user_from).collect()
}

/// Changes role, plan or suspension. Whoever is suspended, or may do less than before, is signed out
/// everywhere.
pub async fn change(
    tx: &mut Tx,
    before: &User,
    change: &ChangeUser,
    now_us: i64,
) -> sqlx::Result<()> {
    let mut ends = false;
    if let Some(role) = change.role {
        ends |= role < before.role;
        sql("UPDATE users SET role = $2 WHERE id = $1")
            .bind(before.id)
            .bind(role_name(role))
            .run(tx)
            .await?;
    }
    if let Some(plan) = &change.plan {
        sql("UPDATE users SET plan = $2 WHERE id = $1")
            .bind(before.id)
            .bind(Some(plan.as_str()).filter(|plan| !plan.is_empty()))
            .run(tx)
            .await?;
    }
    if let Some(suspended) = change.suspended {
        ends |= suspended;
        sql("UPDATE users SET suspended_at_us = $2 WHERE id = $1")
            .bind(before.id)
            .bind(suspended.then_some(now_us))
            .run(tx)
            .await?;
    }
    if ends {
        users::next_epoch(tx, before.id).await?;
    }
    Ok(())
}

/// The id of the user with an address.
pub async fn id_by_email(db: &Db, email: &str) -> sqlx::Result<Option<Uuid>> {
    Ok(users::by_email(db, email).await?.map(|(user, _)| user.id))
}

pub async fn health(db: &Db, now_us: i64) -> sqlx::Result<Health> {
    let row = sql("SELECT (SELECT count(*) FROM users WHERE kind = 'guest') AS guests,
                (SELECT count(*) FROM users WHERE kind = 'user') AS users,
                (SELECT count(*) FROM users WHERE suspended_at_us IS NOT NULL) AS suspended,
                (SELECT count(*) FROM sessions WHERE expires_at_us > $1) AS sessions,
                (SELECT count(*) FROM circuits) AS circuits,
                (SELECT count(*) FROM projects) AS projects,
                (SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM blobs) AS stored_bytes")
    .bind(now_us)
    .one(db)
    .await?;
    Ok(Health {
        database: db.kind().to_owned(),
        guests: row.get("guests")?,
        users: row.get("users")?,
        suspended: row.get("suspended")?,
        sessions: row.get("sessions")?,
        circuits: row.get("circuits")?,
        projects: row.get("projects")?,
        stored_bytes: row.get("stored_bytes")?,
    })
}

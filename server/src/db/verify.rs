//! Whether a database is whole: what a backup and a restore have to show before they are believed.

use std::fmt;

use super::{Db, audit, sql};
use crate::auth::secret::sha256;

/// What was looked at, and that it was in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub users: i64,
    pub circuits: i64,
    pub projects: i64,
    /// Contents whose bytes give their hash.
    pub contents: i64,
    /// Links of the audit's chain.
    pub audit: i64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users, circuits, projects, contents, audit } = self;
        write!(
            f,
            "{users} users and guests, {circuits} circuits, {projects} projects, {contents} contents, \
             {audit} lines of audit"
        )
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("a row refers to one that is not there, in table {0}")]
    Dangling(String),
    #[error("content {0} does not give its hash")]
    Content(String),
    #[error("the audit was changed at line {0}")]
    Audit(i64),
}

/// Reads everything. On PostgreSQL the pages and references are the database's own to check.
pub async fn verify(db: &Db) -> Result<Report, VerifyError> {
    const BATCH: i64 = 50;
    if db.kind() == "sqlite" {
        let told: String = sql("PRAGMA integrity_check").one(db).await?.get("integrity_check")?;
        if told != "ok" {
            return Err(VerifyError::Damaged(told));
        }
        if let Some(row) = sql("PRAGMA foreign_key_check").optional(db).await? {
            return Err(VerifyError::Dangling(row.get("table")?));
        }
    }
    let mut contents = 0;
    let mut after = String::new();
    loop {
        let rows = sql("SELECT hash, bytes FROM blobs WHERE hash > $1 ORDER BY hash LIMIT $2")
            .bind(&after)
            .bind(BATCH)
            .all(db)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            after = row.get("hash")?;
            if sha256(&row.get::<Vec<u8>>("bytes")?) != after {
                return Err(VerifyError::Content(after));
            }
            contents += 1;
        }
    }
    let audit = audit::verify(db).await?.map_err(VerifyError::Audit)?;
    let row = sql(
        "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM circuits) AS circuits,
                (SELECT count(*) FROM projects) AS projects",
    )
    .one(db)
    .await?;
    Ok(Report {
        users: row.get("users")?,
        circuits: row.get("circuits")?,
        projects: row.get("projects")?,
        contents,
        audit,
    })
}

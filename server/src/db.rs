//! The database: every query of the server, one file per table.
//!
//! SQLite in write-ahead mode with two pools. One connection writes, as SQLite lets only one write
//! anyway: tokio's queue for it is fair, SQLite's own waiting is not. Each writing transaction
//! begins with [`Db::write`], that is `BEGIN IMMEDIATE`: one that reads first and writes later
//! could fail at once. The others read. Nothing slow happens inside a transaction.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::data_folder;

pub mod circuits;
mod migrations;
pub mod sessions;
pub mod users;

/// Older ones can corrupt a write-ahead log that two connections use ("The WAL-reset bug" in
/// SQLite's documentation of its write-ahead log).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

const READERS: u32 = 4;
/// For a connection from a pool, and for SQLite's own locks.
const WAIT: Duration = Duration::from_secs(5);
/// To which the log is cut after a checkpoint.
const LOG_BYTES: &str = "67108864";

/// The pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot create the database file: {0}")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error("cannot bring the tables up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("SQLite {found} is too old: it has a bug that corrupts databases, mended in 3.51.3")]
    OldSqlite { found: String },
}

impl Db {
    /// Opens the database, creates it where it is missing and brings its tables up to date.
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        data_folder::create_private_file(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .synchronous(SqliteSynchronous::Normal);

        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .connect_with(
                options
                    .clone()
                    .journal_mode(SqliteJournalMode::Wal)
                    .pragma("journal_size_limit", LOG_BYTES),
            )
            .await?;
        let found: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
        if !is_new_enough(&found) {
            return Err(OpenError::OldSqlite { found });
        }
        migrations::run(&writer).await?;

        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(WAIT)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { writer, readers })
    }

    /// Begins a transaction that writes, alone.
    pub(crate) async fn write(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// For single queries that read.
    pub(crate) fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Reads, and takes the right to write.
    pub async fn probe(&self) -> sqlx::Result<()> {
        sqlx::query("SELECT 1").execute(self.read()).await?;
        self.write().await?.rollback().await
    }

    /// Waits for queries in flight, then closes; the last connection folds the log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn is_new_enough(version: &str) -> bool {
    let parts: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts.is_some_and(|parts| parts.as_slice() >= OLDEST_SQLITE.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        for (version, good) in [
            ("3.51.3", true),
            ("3.52.0", true),
            ("4.0", true),
            ("3.51.10", true),
            ("3.51.2", false),
            ("3.9.99", false),
            ("3.51", false),
            ("next", false),
        ] {
            assert_eq!(is_new_enough(version), good, "{version}");
        }
    }

    #[tokio::test]
    async fn the_built_in_sqlite_has_no_wal_reset_bug_and_runs_as_configured() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("a.sqlite3")).await.unwrap();
        let found: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(db.read()).await.unwrap();
        assert!(is_new_enough(&found), "{found}");

        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&db.writer).await.unwrap();
        assert_eq!(mode, "wal");
        for pool in [&db.writer, &db.readers] {
            let keys: i64 =
                sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(pool).await.unwrap();
            let synchronous: i64 =
                sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap();
            let wait: i64 =
                sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(pool).await.unwrap();
            assert_eq!((keys, synchronous, wait), (1, 1, 5000));
        }
        assert_eq!(db.writer.options().get_max_connections(), 1);
        let write = sqlx::query("DELETE FROM users").execute(db.read()).await;
        assert!(write.unwrap_err().to_string().contains("readonly"));
    }
}

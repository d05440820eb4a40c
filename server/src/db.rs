//! The database: every query of the server, one file per table or group of tables.
//!
//! SQLite in a file of the data folder, or PostgreSQL. Statements are written once ([`sql`]).
//!
//! SQLite runs in write-ahead mode with two pools. One connection writes, as SQLite lets only one
//! write anyway: tokio's queue for it is fair, SQLite's own waiting is not. Each writing transaction
//! begins with [`Db::write`], that is `BEGIN IMMEDIATE`: one that reads first and writes later
//! could fail at once. The others read.
//!
//! On PostgreSQL transactions run side by side. One that decides by what it reads locks those rows
//! first ([`sql::Query::for_update`]): the user whose limits are counted, the project that is saved.
//!
//! Nothing slow happens inside a transaction.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::data_folder;

pub mod admin;
pub mod audit;
pub mod blobs;
pub mod circuits;
pub mod groups;
pub mod idempotency;
mod migrations;
pub mod projects;
pub mod runs;
pub mod sessions;
pub mod sql;
pub mod throttles;
pub mod tokens;
pub mod users;
pub mod verify;
pub mod versions;

pub use sql::{Tx, sql};

/// Older ones can corrupt a write-ahead log that two connections use ("The WAL-reset bug" in
/// SQLite's documentation of its write-ahead log).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];
/// `server_version_num` of the oldest PostgreSQL that the tests run on.
const OLDEST_POSTGRES: i64 = 150_000;

const READERS: u32 = 4;
/// Connections to PostgreSQL of one process.
const CONNECTIONS: u32 = 16;
/// For a connection from a pool, and for the databases' own locks.
const WAIT: Duration = Duration::from_secs(5);
/// To which SQLite's log is cut after a checkpoint.
const LOG_BYTES: &str = "67108864";
/// File of SQLite's database in the data folder.
pub const FILE: &str = "ketlab.sqlite3";

/// Which database.
#[derive(Clone)]
pub enum Place {
    /// SQLite in this file.
    File(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl std::fmt::Debug for Place {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}

/// What `--database` says: `sqlite`, for the file in the data folder, or a `postgres://` address.
#[derive(Clone)]
pub struct Setting(Option<Box<PgConnectOptions>>);

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "PostgreSQL" } else { "SQLite" })
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "sqlite" {
            return Ok(Self(None));
        }
        if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
            return Err("`sqlite` or an address that begins with postgres://".to_owned());
        }
        // The parser's message may quote the password.
        let options: PgConnectOptions =
            text.parse().map_err(|_| "not an address that PostgreSQL knows".to_owned())?;
        Ok(Self(Some(Box::new(options))))
    }
}

impl Setting {
    pub fn place(&self, data_folder: &Path) -> Place {
        match &self.0 {
            None => Place::File(data_folder.join(FILE)),
            Some(options) => Place::Postgres(options.clone()),
        }
    }
}

/// The pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Db(Pools);

#[derive(Debug, Clone)]
enum Pools {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        /// The write-ahead log's file.
        log: PathBuf,
    },
    Postgres(PgPool),
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
    #[error("PostgreSQL {found} is too old: 15 is the oldest that Ketlab is tested with")]
    OldPostgres { found: String },
    #[error("the database is damaged: {0}. Restore a backup")]
    Damaged(String),
}

impl Db {
    /// Opens the database and brings its tables up to date; SQLite's file is created where it is
    /// missing.
    pub async fn open(place: &Place) -> Result<Self, OpenError> {
        match place {
            Place::File(file) => Self::open_sqlite(file).await,
            Place::Postgres(options) => Self::open_postgres(options).await,
        }
    }

    async fn open_sqlite(file: &Path) -> Result<Self, OpenError> {
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
            .await
            .map_err(damaged)?;
        let found: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
        if !is_new_enough(&found) {
            return Err(OpenError::OldSqlite { found });
        }
        migrations::run_sqlite(&writer).await?;

        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(WAIT)
            .connect_with(options.read_only(true))
            .await?;
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self(Pools::Sqlite { writer, readers, log: log.into() }))
    }

    async fn open_postgres(options: &PgConnectOptions) -> Result<Self, OpenError> {
        // Nothing here takes long: what does, hangs.
        let options = options.clone().application_name("ketlab").options([
            ("statement_timeout", "20s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT)
            .connect_with(options)
            .await?;
        let found: String = sqlx::query_scalar("SHOW server_version").fetch_one(&pool).await?;
        let number: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&pool).await?;
        if !number.parse::<i64>().is_ok_and(|number| number >= OLDEST_POSTGRES) {
            return Err(OpenError::OldPostgres { found });
        }
        migrations::run_postgres(&pool).await?;
        Ok(Self(Pools::Postgres(pool)))
    }

    /// Begins a transaction that writes; on SQLite it is the only one.
    pub async fn write(&self) -> sqlx::Result<Tx> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite)
            }
            Pools::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        }
    }

    /// For single statements that read.
    fn reader(&self) -> sql::On<'_> {
        match &self.0 {
            Pools::Sqlite { readers, .. } => sql::On::Sqlite(readers),
            Pools::Postgres(pool) => sql::On::Postgres(pool),
        }
    }

    /// Reads, and takes the right to write.
    pub async fn probe(&self) -> sqlx::Result<()> {
        sql("SELECT 1").one(self).await?;
        self.write().await?.rollback().await
    }

    /// Connections that are open, and those of them that do nothing.
    pub fn connections(&self) -> (u32, usize) {
        match &self.0 {
            Pools::Sqlite { writer, readers, .. } => {
                (writer.size() + readers.size(), writer.num_idle() + readers.num_idle())
            }
            Pools::Postgres(pool) => (pool.size(), pool.num_idle()),
        }
    }

    /// Size of SQLite's write-ahead log; 0 for PostgreSQL.
    pub fn log_bytes(&self) -> u64 {
        let Pools::Sqlite { log, .. } = &self.0 else { return 0 };
        std::fs::metadata(log).map_or(0, |file| file.len())
    }

    /// Writes a copy of SQLite's database as of now into a new file, while others go on. `None` for
    /// PostgreSQL, which has its own ways.
    pub async fn copy_to(&self, file: &Path) -> Option<sqlx::Result<()>> {
        let Pools::Sqlite { writer, .. } = &self.0 else { return None };
        let Some(name) = file.to_str() else {
            return Some(Err(sqlx::Error::Configuration("the name is not UTF-8".into())));
        };
        let done = sqlx::query("VACUUM INTO $1").bind(name.to_owned()).execute(writer).await;
        Some(done.map(drop))
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgres",
        }
    }

    /// Waits for statements in flight, then closes; SQLite's last connection folds the log into
    /// the file.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn is_new_enough(version: &str) -> bool {
    let parts: Option<Vec<u32>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts.is_some_and(|parts| parts.as_slice() >= OLDEST_SQLITE.as_slice())
}

/// A file that is no database, or one with holes, is told from what mends itself.
fn damaged(error: sqlx::Error) -> OpenError {
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    let code = |error: &sqlx::Error| -> Option<u32> {
        error.as_database_error()?.code()?.parse::<u32>().ok().map(|code| code & 0xff)
    };
    match code(&error) {
        Some(11 | 26) => OpenError::Damaged(error.to_string()),
        _ => OpenError::Sql(error),
    }
}

#[cfg(test)]
mod tests;

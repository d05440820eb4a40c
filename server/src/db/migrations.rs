//! The tables' history. Forward only: a migration that was released is never edited, and an older
//! program must run beside a newer one's tables while servers are exchanged one by one (add first,
//! take away a release later).

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr as _, SqlitePool};

/// Number, name, statements; a new one is a file in `server/migrations` and a line here. The
/// statements are what both databases understand; only bytes have two names (`BYTEA`).
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "accounts", include_str!("../../migrations/0002_accounts.sql")),
    (3, "projects", include_str!("../../migrations/0003_projects.sql")),
];

fn migrator(dialect: impl Fn(&'static str) -> Cow<'static, str>) -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            let sql = AssertSqlSafe(dialect(sql)).into_sql_str();
            Migration::new(version, name.into(), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

/// Runs those that this database has not seen. Refuses one that a newer server has migrated. All of
/// it is one transaction, so that of two processes one waits for the other.
pub(super) async fn run_sqlite(pool: &SqlitePool) -> Result<(), MigrateError> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    migrator(|sql| sql.replace("BYTEA", "BLOB").into()).run(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// The same; PostgreSQL lets one server at a time do it.
pub(super) async fn run_postgres(pool: &PgPool) -> Result<(), MigrateError> {
    migrator(Cow::Borrowed).run(pool).await
}

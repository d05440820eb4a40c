//! The tables' history. Forward only: a migration that was released is never edited.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr as _, SqlitePool};

/// Number, name, statements; a new one is a file in `server/migrations` and a line here.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "first", include_str!("../../migrations/0001_first.sql"))];

/// Runs those that this database has not seen. Refuses one that a newer server has migrated.
pub(super) async fn run(pool: &SqlitePool) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations).run(pool).await
}

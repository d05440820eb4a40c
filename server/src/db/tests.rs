use super::sql::pattern;
use super::*;
use crate::tests::TestDatabase;

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

#[test]
fn a_setting_names_a_database_and_tells_no_password() {
    let folder = Path::new("folder");
    let sqlite: Setting = "sqlite".parse().unwrap();
    let Place::File(file) = sqlite.place(folder) else { panic!("not a file") };
    assert_eq!(file, folder.join(FILE));
    let postgres: Setting = "postgres://ketlab:canary@db.example/lab".parse().unwrap();
    let place = postgres.place(folder);
    assert!(matches!(place, Place::Postgres(_)));
    assert_eq!(
        (format!("{postgres:?}"), format!("{place:?}")),
        ("PostgreSQL".into(), "PostgreSQL".into())
    );
    for wrong in ["", "mysql://a", "postgres", "postgres://a:canary@[::1/b"] {
        let error = wrong.parse::<Setting>().unwrap_err();
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn a_pattern_finds_what_it_is_made_from_and_nothing_by_signs() {
    assert_eq!(pattern(r"50%_\a"), r"%50\%\_\\a%");
}

#[tokio::test]
async fn the_built_in_sqlite_has_no_wal_reset_bug_and_runs_as_configured() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&Place::File(folder.path().join("a.sqlite3"))).await.unwrap();
    let Pools::Sqlite { writer, readers, .. } = &db.0 else { panic!("not SQLite") };
    let found: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(readers).await.unwrap();
    assert!(is_new_enough(&found), "{found}");

    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(writer).await.unwrap();
    assert_eq!(mode, "wal");
    for pool in [writer, readers] {
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(pool).await.unwrap();
        let synchronous: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap();
        let wait: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(pool).await.unwrap();
        assert_eq!((keys, synchronous, wait), (1, 1, 5000));
    }
    assert_eq!(writer.options().get_max_connections(), 1);
    let write = sqlx::query("DELETE FROM users").execute(readers).await;
    assert!(write.unwrap_err().to_string().contains("readonly"));
}

#[tokio::test]
async fn a_damaged_file_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.sqlite3");
    std::fs::write(&file, "this is no database, whatever its name may say; not at all").unwrap();
    let before = std::fs::read(&file).unwrap();
    let error = Db::open(&Place::File(file.clone())).await.unwrap_err();
    assert!(matches!(error, OpenError::Damaged(_)), "{error:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn values_come_back_from_either_database_as_they_were() {
    let scratch = TestDatabase::new().await;
    let db = &scratch.db;
    let bytes: &[u8] = &[0, 1, 255];
    let row = sql("SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f")
        .bind("π 🐈 '")
        .bind(i64::MIN)
        .bind(bytes)
        .bind(None::<&str>)
        .bind(None::<i64>)
        .bind(true)
        .one(db)
        .await
        .unwrap();
    assert_eq!(row.get::<String>("a").unwrap(), "π 🐈 '");
    assert_eq!(row.get::<i64>("b").unwrap(), i64::MIN);
    assert_eq!(row.get::<Vec<u8>>("c").unwrap(), bytes);
    assert_eq!(row.get::<Option<String>>("d").unwrap(), None);
    assert_eq!(row.get::<Option<i64>>("e").unwrap(), None);
    assert!(row.truth("f").unwrap());
    assert!(row.id("a").is_err());
}

#[tokio::test]
async fn what_is_not_committed_never_was() {
    let scratch = TestDatabase::new().await;
    let db = &scratch.db;
    let mut tx = db.write().await.unwrap();
    users::create_guest(&mut tx, 1).await.unwrap();
    drop(tx);
    let count = || async { sql("SELECT count(*) AS n FROM users").one(db).await.unwrap() };
    assert_eq!(count().await.get::<i64>("n").unwrap(), 0);
    let mut tx = db.write().await.unwrap();
    users::create_guest(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count().await.get::<i64>("n").unwrap(), 1);
}

#[tokio::test]
async fn the_tables_are_brought_up_to_date_once_by_however_many() {
    let (place, _folder) = TestDatabase::place().await;
    let (a, b) = tokio::join!(Db::open(&place), Db::open(&place));
    let (a, b) = (a.unwrap(), b.unwrap());
    sql("SELECT id FROM users").all(&a).await.unwrap();
    a.close().await;
    b.close().await;
    Db::open(&place).await.unwrap();
}

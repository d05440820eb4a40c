//! One way to ask either database.
//!
//! A statement is written once, in what SQLite and PostgreSQL have in common: `$1` parameters,
//! `ON CONFLICT`, `RETURNING`, common table expressions, window functions. Values are text, 64-bit
//! integers and bytes; times are integers (microseconds), ids, JSON and names of variants are text,
//! truth values are 0 and 1. Sums are cast (`CAST(sum(x) AS BIGINT)`), as PostgreSQL widens them.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Decode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction, Type,
};
use uuid::Uuid;

use super::Db;

/// A value on its way into a statement.
#[derive(Debug, Clone)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($from:ty => |$name:ident| $value:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($name: $from) -> Self {
                $value
            }
        }
    )*};
}

values! {
    &str => |text| Value::Text(Some(text.to_owned()));
    &String => |text| Value::Text(Some(text.clone()));
    String => |text| Value::Text(Some(text));
    Option<String> => |text| Value::Text(text);
    Option<&str> => |text| Value::Text(text.map(str::to_owned));
    Uuid => |id| Value::Text(Some(id.to_string()));
    Option<Uuid> => |id| Value::Text(id.map(|id| id.to_string()));
    i64 => |number| Value::Int(Some(number));
    Option<i64> => |number| Value::Int(number);
    bool => |truth| Value::Int(Some(i64::from(truth)));
    Vec<u8> => |bytes| Value::Bytes(Some(bytes));
    &[u8] => |bytes| Value::Bytes(Some(bytes.to_vec()));
}

/// A statement and its values, before it is known which database it goes to.
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing before it is run"]
pub struct Query {
    text: &'static str,
    locks: bool,
    values: Vec<Value>,
}

/// A statement; never made from what a client sent, which is bound.
pub fn sql(text: &'static str) -> Query {
    Query { text, locks: false, values: Vec::new() }
}

/// An open transaction that writes. Dropped without [`Tx::commit`], it never was.
#[derive(Debug)]
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    pub async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

/// Where a statement that reads is run: on its own, or within a transaction.
#[derive(Debug)]
pub enum On<'a> {
    Sqlite(&'a SqlitePool),
    Postgres(&'a PgPool),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Db> for On<'a> {
    fn from(db: &'a Db) -> Self {
        db.reader()
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(transaction: &'a mut Tx) -> Self {
        Self::Tx(transaction)
    }
}

/// Prepares `$query` for the database `$database`, with its values.
macro_rules! prepare {
    ($database:ty, $query:expr, $suffix:expr) => {{
        let query = $query;
        let statement = if query.locks {
            sqlx::query::<$database>(AssertSqlSafe(format!("{}{}", query.text, $suffix)))
        } else {
            sqlx::query::<$database>(query.text)
        };
        query.values.into_iter().fold(statement, |statement, value| match value {
            Value::Text(text) => statement.bind(text),
            Value::Int(number) => statement.bind(number),
            Value::Bytes(bytes) => statement.bind(bytes),
        })
    }};
}

/// Locks the rows that are found, until the transaction ends. In SQLite a transaction that writes
/// is alone anyway.
const LOCK: &str = " FOR UPDATE";

macro_rules! fetch {
    ($query:expr, $on:expr, $fetch:ident, $wrap:expr) => {
        match $on.into() {
            On::Sqlite(pool) => prepare!(Sqlite, $query, "").$fetch(pool).await.map($wrap),
            On::Postgres(pool) => prepare!(Postgres, $query, LOCK).$fetch(pool).await.map($wrap),
            On::Tx(Tx::Sqlite(transaction)) => {
                prepare!(Sqlite, $query, "").$fetch(&mut **transaction).await.map($wrap)
            }
            On::Tx(Tx::Postgres(transaction)) => {
                prepare!(Postgres, $query, LOCK).$fetch(&mut **transaction).await.map($wrap)
            }
        }
    };
}

impl Query {
    /// The value of the next parameter: the first is `$1`.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Nobody else changes the rows that are found, or locks them, before the transaction ends.
    pub fn for_update(mut self) -> Self {
        self.locks = true;
        self
    }

    pub async fn all<'a>(self, on: impl Into<On<'a>>) -> sqlx::Result<Vec<Row>> {
        fetch!(self, on, fetch_all, |rows| rows.into_iter().map(Row::from).collect())
    }

    pub async fn optional<'a>(self, on: impl Into<On<'a>>) -> sqlx::Result<Option<Row>> {
        fetch!(self, on, fetch_optional, |row| row.map(Row::from))
    }

    /// Exactly one row; without one it is [`sqlx::Error::RowNotFound`].
    pub async fn one<'a>(self, on: impl Into<On<'a>>) -> sqlx::Result<Row> {
        fetch!(self, on, fetch_one, Row::from)
    }

    /// Whether there is a row.
    pub async fn exists<'a>(self, on: impl Into<On<'a>>) -> sqlx::Result<bool> {
        Ok(self.optional(on).await?.is_some())
    }

    /// Changes, and says how many rows.
    pub async fn run(self, transaction: &mut Tx) -> sqlx::Result<u64> {
        match transaction {
            Tx::Sqlite(transaction) => prepare!(Sqlite, self, "")
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected()),
            Tx::Postgres(transaction) => prepare!(Postgres, self, "")
                .execute(&mut **transaction)
                .await
                .map(|done| done.rows_affected()),
        }
    }
}

/// A row of an answer.
#[derive(Debug)]
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl Row {
    /// The value of a column: `String`, `i64`, `Vec<u8>`, or an `Option` of one of them.
    pub fn get<T>(&self, column: &str) -> sqlx::Result<T>
    where
        T: for<'r> Decode<'r, Sqlite>
            + Type<Sqlite>
            + for<'r> Decode<'r, Postgres>
            + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// A column that holds 0 or 1.
    pub fn truth(&self, column: &str) -> sqlx::Result<bool> {
        Ok(self.get::<i64>(column)? != 0)
    }

    /// A column that holds an id.
    pub fn id(&self, column: &str) -> sqlx::Result<Uuid> {
        self.get::<String>(column)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
    }

    /// A column that holds an id, or none.
    pub fn optional_id(&self, column: &str) -> sqlx::Result<Option<Uuid>> {
        self.get::<Option<String>>(column)?
            .map(|id| id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error))))
            .transpose()
    }
}

/// What a column holds that this program did not write.
pub fn foreign(column: &'static str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column}: {value:?} is unknown").into())
}

/// `text` as a pattern of `LIKE … ESCAPE '\'` that finds it anywhere.
pub fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

//! The real router, in process, over a scratch database: one file per resource, and what holds for
//! all of them.

use std::time::{SystemTime, UNIX_EPOCH};

use api::http::Problem;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::auth::mail::{Mail, Mailer};
use crate::auth::password::Passwords;
use crate::clock::Clock;
use crate::db::{Db, Place, sql};
use crate::page::Page;
use crate::{AppState, Parts, router};

mod access;
mod accounts;
mod admin;
mod circuits;
mod every_route;
mod faults;
mod groups;
mod health;
mod openapi;
mod pages;
mod projects;
mod sessions;

/// Names a PostgreSQL cluster (`postgres://…`) on which the tests are to run instead of SQLite;
/// `cargo xtask test` runs them on both.
const CLUSTER: &str = "KETLAB_TEST_DATABASE";

/// A database of its own for one test.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    pub(crate) db: Db,
    pub(crate) folder: TempDir,
}

impl TestDatabase {
    /// With all tables.
    pub(crate) async fn new() -> Self {
        let (place, folder) = Self::place().await;
        Self { db: Db::open(&place).await.unwrap(), folder }
    }

    /// Nothing is in it yet.
    pub(crate) async fn place() -> (Place, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let place = match std::env::var(CLUSTER) {
            Err(_) => Place::File(folder.path().join(crate::db::FILE)),
            Ok(address) => {
                let options: PgConnectOptions = address.parse().unwrap();
                let schema = format!("test_{}", Uuid::now_v7().simple());
                let mut connection = PgConnection::connect_with(&options).await.unwrap();
                let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
                sqlx::query(create).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                Place::Postgres(Box::new(options.options([("search_path", schema)])))
            }
        };
        (place, folder)
    }
}

/// A server with an empty database, and a clock that stands at the time of the start.
struct Server {
    state: AppState,
    app: Router,
    folder: TempDir,
}

impl Server {
    async fn new() -> Self {
        Self::with_page(Page::in_memory(std::iter::empty())).await
    }

    async fn with_page(page: Page) -> Self {
        let TestDatabase { db, folder } = TestDatabase::new().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        let clock = Clock::fixed(i64::try_from(now).unwrap());
        let parts = Parts { clock, passwords: Passwords::quick(), ..Parts::new(db, page) };
        Self::with(parts, folder)
    }

    /// One that sends mail, and where it arrives.
    async fn with_mail() -> (Self, mpsc::Receiver<Mail>) {
        let TestDatabase { db, folder } = TestDatabase::new().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        let (mailer, mails) = Mailer::queue();
        let parts = Parts {
            clock: Clock::fixed(i64::try_from(now).unwrap()),
            passwords: Passwords::quick(),
            mailer: Some(mailer),
            ..Parts::new(db, Page::in_memory(std::iter::empty()))
        };
        (Self::with(parts, folder), mails)
    }

    fn with(parts: Parts, folder: TempDir) -> Self {
        let state = AppState::new(parts);
        let app = router(state.clone());
        Self { state, app, folder }
    }

    /// The one number that a statement gives, in a column `n`.
    async fn number(&self, statement: &'static str) -> i64 {
        sql(statement).one(self.state.db()).await.unwrap().get("n").unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.app, request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// A browser without cookies.
    fn browser(&self) -> Browser<'_> {
        Browser { server: self, cookie: None }
    }

    /// Gives the user with an address a role, as an operator does on the command line.
    async fn promote(&self, email: &str, role: &str) {
        let mut tx = self.state.db().write().await.unwrap();
        let update = sql("UPDATE users SET role = $2 WHERE email = $1").bind(email).bind(role);
        assert_eq!(update.run(&mut tx).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }

    /// A browser that has just signed up, on a server that sends no mail.
    async fn member(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.post("/api/v1/account", &credentials(email)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        browser
    }
}

async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/json"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts an error with everything that an error has.
    #[track_caller]
    fn problem(&self, status: StatusCode, code: &str) -> Problem {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, status.as_u16());
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(problem.kind, "about:blank");
        assert!(!problem.title.is_empty() && problem.detail.ends_with('.'), "{problem:?}");
        assert_eq!(problem.request_id.as_deref(), self.header("x-request-id"));
        assert!(self.header("cache-control").unwrap().contains("no-store"), "{self:?}");
        assert_isolated(self);
        problem
    }
}

/// Asserts the headers that every answer has.
#[track_caller]
fn assert_isolated(answer: &Answer) {
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"));
    assert!(!answer.header("x-request-id").unwrap().is_empty());
}

/// Sends JSON and keeps its cookie.
#[derive(Debug, Clone)]
struct Browser<'a> {
    server: &'a Server,
    cookie: Option<String>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Browser<'_> {
    async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = request(method, path).header("sec-fetch-site", "same-origin");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.server.send(request.body(body).unwrap()).await;
        if let Some(cookie) = answer.header(SET_COOKIE.as_str()) {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// The id of the user.
    async fn id(&mut self) -> String {
        let me: Value = self.get("/api/v1/me").await.json();
        me["account"]["id"].as_str().expect("an account").to_owned()
    }

    async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    async fn put(&mut self, path: &str, if_match: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &[("if-match", if_match)], Some(body)).await
    }
}

const PASSWORD: &str = "correct horse battery";

/// Body of signing up or in.
fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

/// Body of a save.
fn bell(name: &str) -> Value {
    circuit(name, "OPENQASM 2.0;\nqreg q[2];\nh q[0];\ncx q[0], q[1];\n")
}

fn circuit(name: &str, text: &str) -> Value {
    json!({ "name": name, "program": { "language": "openqasm", "text": text } })
}

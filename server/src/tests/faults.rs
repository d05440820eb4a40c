//! What happens when a handler, a client or the load is at fault.

use std::future::pending;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use axum::routing::get;
use tower::ServiceExt as _;

use super::{Server, bell, request, send};
use crate::db::sql;
use crate::{around, limits};

/// A body that never ends.
struct Endless;

impl axum::body::HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

fn endless_save() -> axum::http::Request<Body> {
    let request =
        request(Method::POST, "/api/v1/circuits").header("content-type", "application/json");
    request.body(Body::new(Endless)).unwrap()
}

#[tokio::test]
async fn a_panic_is_answered_without_its_message() {
    let server = Server::new().await;
    let routes = Router::new().route("/panic", get(async || -> () { panic!("the secret") }));
    let app = around(routes, &server.state).with_state(server.state.clone());
    let answer = send(&app, request(Method::GET, "/panic").body(Body::empty()).unwrap()).await;
    let problem = answer.problem(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    assert!(!problem.detail.contains("secret"), "{problem:?}");
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_given_up() {
    let server = Server::new().await;
    let routes = Router::new().route("/slow", get(pending::<()>));
    let app = around(routes, &server.state).with_state(server.state.clone());
    tokio::time::pause();
    let answer = send(&app, request(Method::GET, "/slow").body(Body::empty()).unwrap()).await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    assert_eq!(answer.header("retry-after"), Some("2"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_the_clients_delay() {
    let server = Server::new().await;
    tokio::time::pause();
    let answer = server.send(endless_save()).await;
    answer.problem(StatusCode::REQUEST_TIMEOUT, "request_timeout");
}

#[tokio::test]
async fn beyond_its_places_the_api_refuses_and_page_and_probes_still_answer() {
    let server = Server::new().await;
    let mut stuck: Vec<_> =
        (0..limits::API).map(|_| Box::pin(server.app.clone().oneshot(endless_save()))).collect();
    for save in &mut stuck {
        assert!(
            std::future::poll_fn(|context| {
                std::task::Poll::Ready(save.as_mut().poll(context).is_pending())
            })
            .await
        );
    }
    let answer = server.get("/api/v1/circuits").await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    assert_eq!(answer.header("retry-after"), Some("2"));
    for path in ["/", "/healthz", "/readyz"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
    }
    drop(stuck);
    assert_eq!(server.get("/api/v1/circuits").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_save_that_gets_no_turn_to_write_may_be_tried_again() {
    let server = Server::new().await;
    let mut held = server.state.db().write().await.unwrap();
    if server.state.db().kind() == "postgres" {
        // Only a lock keeps others from writing there, and PostgreSQL has its own clock.
        sql("LOCK TABLE users IN EXCLUSIVE MODE").run(&mut held).await.unwrap();
    } else {
        tokio::time::pause();
    }
    let answer = server.browser().post("/api/v1/circuits", &bell("a")).await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("set-cookie"), None);
    drop(held);
}

#[tokio::test]
async fn saves_that_are_broken_off_anywhere_leave_all_or_nothing() {
    let server = Server::new().await;
    let mut browser = server.browser();
    browser.post("/api/v1/circuits", &bell("first")).await;
    for i in 0..300 {
        let mut browser = browser.clone();
        let body = bell("broken off");
        let save = browser.post("/api/v1/circuits", &body);
        // From before the transaction to after its end, on a machine of any speed.
        let patience = std::time::Duration::from_micros(20 * i);
        let _ = tokio::time::timeout(patience, save).await;
    }
    // A client that leaves drops the handler wherever it is; the one writing connection must not
    // be left inside a transaction.
    let saved = browser.post("/api/v1/circuits", &bell("last")).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{saved:?}");
    let list: api::http::circuits::CircuitList = browser.get("/api/v1/circuits").await.json();
    assert_eq!(list.circuits[0].name, "last");
    assert_eq!(list.circuits.last().unwrap().name, "first");
    let orphans = server.number("SELECT count(*) AS n FROM users").await;
    assert_eq!(orphans, 1);
}

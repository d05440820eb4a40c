use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Server;

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let server = Server::new().await;
    for path in ["/healthz", "/readyz"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.json::<Value>(), json!({ "status": "ok" }));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_server_about_to_stop_is_alive_but_not_ready() {
    let server = Server::new().await;
    server.state.start_draining();
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    let answer = server.get("/readyz").await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE, "not_ready");
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_but_not_ready() {
    let server = Server::new().await;
    server.state.db().close().await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    let answer = server.get("/readyz").await;
    let problem = answer.problem(StatusCode::SERVICE_UNAVAILABLE, "not_ready");
    assert!(!problem.detail.contains("pool"), "the cause is for the log: {problem:?}");
}

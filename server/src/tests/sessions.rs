use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{Server, bell};
use crate::auth::session::IDLE_DAYS;
use crate::db::sql;
use crate::sweep;

const MINUTE_US: i64 = 60 * 1_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;

#[tokio::test]
async fn nobody_becomes_a_guest_by_looking_or_by_a_refused_save() {
    let server = Server::new().await;
    let mut browser = server.browser();
    browser.get("/").await;
    browser.get("/api/v1/circuits").await;
    browser.post("/api/v1/circuits", &bell("")).await;
    assert_eq!(browser.cookie, None);
    assert_eq!(server.number("SELECT count(*) AS n FROM users").await, 0);
    assert_eq!(server.number("SELECT count(*) AS n FROM sessions").await, 0);
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone_and_out_of_scripts_reach() {
    let server = Server::new().await;
    let answer = server.browser().post("/api/v1/circuits", &bell("a")).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-ketlab="), "{cookie}");
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    let age = format!("Max-Age={}", IDLE_DAYS * 86400);
    assert_eq!(attributes, ["HttpOnly", &age, "Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn the_database_does_not_hold_what_the_cookie_says() {
    let server = Server::new().await;
    let mut browser = server.browser();
    browser.post("/api/v1/circuits", &bell("a")).await;
    let cookie = browser.cookie.unwrap();
    let id = cookie.strip_prefix("__Host-ketlab=").unwrap();

    let row =
        sql("SELECT id_hash, user_id, data FROM sessions").one(server.state.db()).await.unwrap();
    let hash: String = row.get("id_hash").unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
    let data: Value = serde_json::from_str(&row.get::<String>("data").unwrap()).unwrap();
    assert_eq!(data["user_id"], row.get::<String>("user_id").unwrap());
    assert!(!data.to_string().contains(id) && !hash.contains(id));
    for file in std::fs::read_dir(server.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()));
    }
}

#[tokio::test]
async fn a_session_in_use_is_written_at_most_every_five_minutes() {
    let server = Server::new().await;
    let mut browser = server.browser();
    browser.post("/api/v1/circuits", &bell("a")).await;
    let first = server.number("SELECT expires_at_us AS n FROM sessions").await;
    for _ in 0..4 {
        server.state.clock().advance(MINUTE_US);
        let answer = browser.get("/api/v1/circuits").await;
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(server.number("SELECT expires_at_us AS n FROM sessions").await, first);

    server.state.clock().advance(MINUTE_US);
    let answer = browser.get("/api/v1/circuits").await;
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age="));
    assert!(server.number("SELECT expires_at_us AS n FROM sessions").await > first);
}

#[tokio::test]
async fn an_expired_or_made_up_cookie_is_a_new_visitor_with_a_new_id() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = browser.post("/api/v1/circuits", &bell("a")).await;
    let path = path.header("location").unwrap().to_owned();
    let old = browser.cookie.clone().unwrap();
    server.state.clock().advance((IDLE_DAYS + 1) * DAY_US);

    for cookie in [old, format!("__Host-ketlab={}", "A".repeat(22)), "__Host-ketlab=%".to_owned()] {
        let mut visitor = server.browser();
        visitor.cookie = Some(cookie.clone());
        visitor.get(&path).await.problem(StatusCode::NOT_FOUND, "not_found");

        let mut visitor = server.browser();
        visitor.cookie = Some(cookie.clone());
        let saved = visitor.post("/api/v1/circuits", &bell("b")).await;
        assert_eq!(saved.status, StatusCode::CREATED);
        assert_ne!(visitor.cookie.as_ref(), Some(&cookie), "an id is never taken from the client");
    }
}

#[tokio::test]
async fn the_sweep_takes_expired_sessions_and_what_only_they_led_to() {
    let server = Server::new().await;
    let (mut gone, mut stays) = (server.browser(), server.browser());
    gone.post("/api/v1/circuits", &bell("gone")).await;
    server.state.clock().advance(20 * DAY_US);
    let kept = stays.post("/api/v1/circuits", &bell("stays")).await;
    let kept = kept.header("location").unwrap();
    // The layer dates a session by the system's clock; the test moves only ours.
    let expires = server.state.clock().now_us() + IDLE_DAYS * DAY_US;
    let mut write = server.state.db().write().await.unwrap();
    sql("UPDATE sessions SET expires_at_us = $1 WHERE created_at_us = $2")
        .bind(expires)
        .bind(server.state.clock().now_us())
        .run(&mut write)
        .await
        .unwrap();
    write.commit().await.unwrap();

    assert_eq!(sweep::once(&server.state).await.unwrap(), (0, 0));
    server.state.clock().advance(11 * DAY_US);
    assert_eq!(sweep::once(&server.state).await.unwrap(), (1, 1));
    assert_eq!(server.number("SELECT count(*) AS n FROM circuits").await, 1);
    assert_eq!(stays.send(Method::GET, kept, &[], None).await.status, StatusCode::OK);
}

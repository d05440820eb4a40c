use api::http::account::{Account, CreatedToken, Me, SessionList, TokenList};
use api::http::circuits::CircuitList;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use super::{Answer, Browser, PASSWORD, Server, bell, credentials, request};
use crate::auth::mail::{Content, Mail};
use crate::db::audit;

const ADA: &str = "ada@example.org";
const MINUTE_US: i64 = 60 * 1_000_000;
const DAY_US: i64 = 24 * 60 * MINUTE_US;

async fn account(browser: &mut Browser<'_>) -> Option<Account> {
    let answer = browser.get("/api/v1/me").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json::<Me>().account
}

async fn sign_in(browser: &mut Browser<'_>, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    browser.post("/api/v1/session", &body).await
}

fn token(mail: &Mail) -> &str {
    match &mail.content {
        Content::Verify { token } | Content::Reset { token } => token,
        Content::AlreadyHere | Content::PasswordChanged => panic!("a mail without a link"),
    }
}

async fn next(mails: &mut Receiver<Mail>) -> Mail {
    mails.recv().await.unwrap()
}

#[tokio::test]
async fn a_stranger_has_no_account_and_leaves_no_trace() {
    let server = Server::new().await;
    let mut browser = server.browser();
    assert_eq!(account(&mut browser).await, None);
    assert_eq!(browser.cookie, None);
}

#[tokio::test]
async fn a_guest_becomes_a_user_in_the_same_row_and_keeps_everything() {
    let server = Server::new().await;
    let mut browser = server.browser();
    browser.post("/api/v1/circuits", &bell("mine")).await;
    let guest = account(&mut browser).await.unwrap();
    assert!(guest.guest && !guest.has_password);
    let before = browser.cookie.clone();

    let body = json!({ "email": " Ada@Example.org", "password": PASSWORD, "display_name": "Ada" });
    let answer = browser.post("/api/v1/account", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let user = answer.json::<Me>().account.unwrap();
    assert_eq!((&user.id, user.guest), (&guest.id, false));
    assert_eq!((user.email.as_deref(), &*user.display_name), (Some(ADA), "Ada"));
    assert!(user.limits.storage_bytes > guest.limits.storage_bytes);
    assert_ne!(browser.cookie, before, "a new session id at sign-in");
    assert_eq!(browser.get("/api/v1/circuits").await.json::<CircuitList>().circuits.len(), 1);

    // The old id is worth nothing.
    let mut planted = server.browser();
    planted.cookie = before;
    assert_eq!(account(&mut planted).await, None);
    assert_eq!(server.number("SELECT count(*) AS n FROM users").await, 1);
}

#[tokio::test]
async fn one_signs_in_from_elsewhere_and_out_again() {
    let server = Server::new().await;
    let mut first = server.member(ADA).await;
    let mut second = server.browser();
    let answer = sign_in(&mut second, ADA, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(account(&mut second).await, account(&mut first).await);

    assert_eq!(second.delete("/api/v1/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(account(&mut second).await, None);
    assert!(account(&mut first).await.is_some());
}

#[tokio::test]
async fn an_error_names_the_field_that_is_meant() {
    let server = Server::new().await;
    server.member(ADA).await;
    let mut browser = server.browser();
    for (email, password, field) in [
        ("no address", PASSWORD, "email"),
        ("bob@example.org", "short", "password"),
        (ADA, PASSWORD, "email"),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = browser.post("/api/v1/account", &body).await;
        let problem: api::http::Problem = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
        assert_eq!(problem.retry_after_secs, None);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let server = Server::new().await;
    server.member(ADA).await;
    let mut browser = server.browser();
    let mut details = Vec::new();
    for (email, password) in
        [(ADA, "not this one, surely"), ("eve@example.org", PASSWORD), ("no address", PASSWORD)]
    {
        let answer = sign_in(&mut browser, email, password).await;
        details.push(answer.problem(StatusCode::UNAUTHORIZED, "wrong_credentials").detail);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    details.dedup();
    assert_eq!(details.len(), 1, "{details:?}");
}

#[tokio::test]
async fn wrong_passwords_are_slowed_down_and_nobody_is_locked_out() {
    let server = Server::new().await;
    server.member(ADA).await;
    let mut browser = server.browser();
    for _ in 0..5 {
        let answer = sign_in(&mut browser, ADA, "not this one, surely").await;
        answer.problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
    }
    let answer = sign_in(&mut browser, ADA, PASSWORD).await;
    let problem = answer.problem(StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
    let wait = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(problem.retry_after_secs, Some(wait));
    // Another account from the same address is not concerned.
    server.member("bob@example.org").await;

    for _ in 0..40 {
        server.state.clock().advance(33 * 1_000_000);
        let answer = sign_in(&mut browser, ADA, "not this one, surely").await;
        answer.problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
    }
    server.state.clock().advance(33 * 1_000_000);
    assert_eq!(sign_in(&mut browser, ADA, PASSWORD).await.status, StatusCode::OK);
    // And with that it is forgotten.
    let answer = sign_in(&mut server.browser(), ADA, "not this one, surely").await;
    answer.problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
}

#[tokio::test]
async fn a_guests_work_moves_into_the_account_if_asked() {
    let server = Server::new().await;
    let mut owner = server.member(ADA).await;
    owner.post("/api/v1/circuits", &bell("old")).await;
    for (keep, expected) in [(false, 1), (true, 2)] {
        let mut browser = server.browser();
        browser.post("/api/v1/circuits", &bell("drawn before")).await;
        let mut body = credentials(ADA);
        body["keep_guest_work"] = json!(keep);
        assert_eq!(browser.post("/api/v1/session", &body).await.status, StatusCode::OK);
        let list: CircuitList = browser.get("/api/v1/circuits").await.json();
        assert_eq!(list.circuits.len(), expected);
    }
    // The guest whose work moved is gone; the other waits for the sweep.
    assert_eq!(server.number("SELECT count(*) AS n FROM users").await, 2);
}

#[tokio::test]
async fn an_address_belongs_to_one_account() {
    let server = Server::new().await;
    server.member(ADA).await;
    let mut other = server.browser();
    other
        .post("/api/v1/account", &credentials("ADA@example.org"))
        .await
        .problem(StatusCode::CONFLICT, "conflict");
    assert_eq!(account(&mut other).await, None);
    let mut bob = server.member("bob@example.org").await;
    let answer = bob.put("/api/v1/account/email", "*", &json!({ "email": ADA })).await;
    answer.problem(StatusCode::CONFLICT, "conflict");
    let again = bob.post("/api/v1/account", &credentials("c@example.org")).await;
    again.problem(StatusCode::CONFLICT, "conflict");
}

#[tokio::test]
async fn weak_passwords_and_broken_addresses_are_refused() {
    let server = Server::new().await;
    for (email, password) in [
        (ADA, "short"),
        (ADA, "password1234"),
        (ADA, ADA),
        ("ada", PASSWORD),
        ("a@b.c\r\nBcc: d@e.f", PASSWORD),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = server.browser().post("/api/v1/account", &body).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(server.number("SELECT count(*) AS n FROM users").await, 0);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = Server::new().await;
    let mut first = server.member(ADA).await;
    let mut second = server.browser();
    let firefox = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko Firefox/145.0");
    second.send(Method::POST, "/api/v1/session", &[firefox], Some(&credentials(ADA))).await;
    let mut third = server.browser();
    sign_in(&mut third, ADA, PASSWORD).await;

    let list: SessionList = first.get("/api/v1/sessions").await.json();
    assert_eq!(list.sessions.len(), 3);
    assert_eq!(list.sessions.iter().filter(|session| session.current).count(), 1);
    let session = list.sessions.iter().find(|session| session.agent == "Firefox, Linux").unwrap();
    let path = format!("/api/v1/sessions/{}", session.id);

    let mut eve = server.member("eve@example.org").await;
    eve.delete(&path).await.problem(StatusCode::NOT_FOUND, "not_found");
    eve.delete("/api/v1/sessions/%25").await.problem(StatusCode::NOT_FOUND, "not_found");
    assert_eq!(first.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(account(&mut second).await, None);
    assert!(account(&mut third).await.is_some());

    assert_eq!(first.delete("/api/v1/sessions").await.status, StatusCode::NO_CONTENT);
    assert_eq!(account(&mut third).await, None);
    assert!(account(&mut first).await.is_some());
    assert!(account(&mut eve).await.is_some());
    assert_eq!(first.get("/api/v1/sessions").await.json::<SessionList>().sessions.len(), 1);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    let server = Server::new().await;
    let mut browser = server.member(ADA).await;
    server.state.clock().advance(13 * DAY_US);
    assert!(account(&mut browser).await.is_some());
    server.state.clock().advance(15 * DAY_US);
    assert_eq!(account(&mut browser).await, None);
}

#[tokio::test]
async fn what_is_sensitive_needs_the_password_given_lately() {
    let server = Server::new().await;
    let mut browser = server.member(ADA).await;
    server.state.clock().advance(16 * MINUTE_US);
    let change = json!({ "password": "another long phrase" });
    let path = "/api/v1/account/password";
    browser.put(path, "*", &change).await.problem(StatusCode::FORBIDDEN, "confirmation_required");
    let wrong = json!({ "password": "not this one, surely" });
    let answer = browser.post("/api/v1/session/confirm", &wrong).await;
    answer.problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
    let right = json!({ "password": PASSWORD });
    let answer = browser.post("/api/v1/session/confirm", &right).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);

    let mut other = server.browser();
    sign_in(&mut other, ADA, PASSWORD).await;
    assert_eq!(browser.put(path, "*", &change).await.status, StatusCode::NO_CONTENT);
    assert_eq!(account(&mut other).await, None, "the other sessions ended");
    assert!(account(&mut browser).await.is_some(), "this one went on");
    sign_in(&mut other, ADA, PASSWORD).await.problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
    assert_eq!(sign_in(&mut other, ADA, "another long phrase").await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_mail_an_address_counts_when_its_link_was_followed() {
    let (server, mut mails) = Server::with_mail().await;
    let mut browser = server.browser();
    let answer = browser.post("/api/v1/account", &credentials(ADA)).await;
    let me: Me = answer.json();
    let account = me.account.unwrap();
    assert!(me.mail && account.guest);
    assert_eq!((account.email, account.email_pending.as_deref()), (None, Some(ADA)));
    sign_in(&mut server.browser(), ADA, PASSWORD)
        .await
        .problem(StatusCode::UNAUTHORIZED, "wrong_credentials");

    let mail = next(&mut mails).await;
    assert_eq!(mail.to, ADA);
    // Where the mail is read, which may be another browser.
    let mut reader = server.browser();
    let body = json!({ "token": token(&mail) });
    let answer = reader.post("/api/v1/account/email/verify", &body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let again = reader.post("/api/v1/account/email/verify", &body).await;
    again.problem(StatusCode::GONE, "link_void");

    let account = self::account(&mut browser).await.unwrap();
    assert!(account.email_verified && !account.guest && account.email_pending.is_none());
    assert_eq!(sign_in(&mut reader, ADA, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn with_mail_nobody_learns_who_has_an_account() {
    let (server, mut mails) = Server::with_mail().await;
    let mut ada = server.browser();
    ada.post("/api/v1/account", &credentials(ADA)).await;
    let body = json!({ "token": token(&next(&mut mails).await) });
    ada.post("/api/v1/account/email/verify", &body).await;

    let mut views = Vec::new();
    for email in [ADA, "new@example.org"] {
        let answer = server.browser().post("/api/v1/account", &credentials(email)).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let mut view: Value = answer.json();
        view["account"]["id"] = json!("");
        assert_eq!(view["account"]["email_pending"], json!(email));
        view["account"]["email_pending"] = json!("");
        views.push(view);
    }
    assert_eq!(views[0], views[1]);
    let mail = next(&mut mails).await;
    assert!(mail.to == ADA && mail.content == Content::AlreadyHere);
    next(&mut mails).await;

    for email in [ADA, "nobody@example.org"] {
        let body = json!({ "email": email });
        let path = "/api/v1/account/password/reset-mail";
        let answer = server.browser().post(path, &body).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::ACCEPTED, 0));
    }
    assert_eq!(next(&mut mails).await.to, ADA);
    assert!(mails.try_recv().is_err());
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_once() {
    let (server, mut mails) = Server::with_mail().await;
    let mut browser = server.browser();
    browser.post("/api/v1/account", &credentials(ADA)).await;
    let body = json!({ "token": token(&next(&mut mails).await) });
    browser.post("/api/v1/account/email/verify", &body).await;

    let ask = json!({ "email": ADA });
    let german = ("accept-language", "de");
    let path = "/api/v1/account/password/reset-mail";
    server.browser().send(Method::POST, path, &[german], Some(&ask)).await;
    let first = next(&mut mails).await;
    server.browser().post(path, &ask).await;
    let second = next(&mut mails).await;
    assert_ne!(first.language, second.language);

    let path = "/api/v1/account/password/reset";
    let with = |mail: &Mail, password| json!({ "token": token(mail), "password": password });
    let mut reader = server.browser();
    // Only the newest link counts, and a password that is refused does not use it up.
    let answer = reader.post(path, &with(&first, "another long phrase")).await;
    answer.problem(StatusCode::GONE, "link_void");
    let answer = reader.post(path, &with(&second, "short")).await;
    answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let answer = reader.post(path, &with(&second, "another long phrase")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let answer = reader.post(path, &with(&second, "one more long phrase")).await;
    answer.problem(StatusCode::GONE, "link_void");

    assert_eq!(account(&mut browser).await, None, "all sessions ended");
    assert_eq!(account(&mut reader).await, None, "a link signs nobody in");
    assert_eq!(sign_in(&mut reader, ADA, "another long phrase").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_runs_out_after_an_hour() {
    let (server, mut mails) = Server::with_mail().await;
    let mut browser = server.browser();
    browser.post("/api/v1/account", &credentials(ADA)).await;
    let body = json!({ "token": token(&next(&mut mails).await) });
    server.state.clock().advance(60 * MINUTE_US);
    let answer = browser.post("/api/v1/account/email/verify", &body).await;
    answer.problem(StatusCode::GONE, "link_void");
    assert_eq!(account(&mut browser).await.unwrap().email_pending, None);
}

/// Asks with a token and no cookie.
async fn by_token(server: &Server, method: Method, path: &str, token: &str) -> Answer {
    let request = request(method, path).header("authorization", format!("Bearer {token}"));
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_ends() {
    let server = Server::new().await;
    let mut ada = server.member(ADA).await;
    ada.post("/api/v1/circuits", &bell("mine")).await;
    let body = json!({ "name": "notebook", "scopes": ["projects:read"], "days": 30 });
    let answer = ada.post("/api/v1/tokens", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let CreatedToken { token, info } = answer.json();
    assert!(token.starts_with("ketlab_") && token.ends_with(&info.hint) && info.hint.len() == 4);

    let list = by_token(&server, Method::GET, "/api/v1/circuits", &token).await;
    let list: CircuitList = list.json();
    let path = format!("/api/v1/circuits/{}", list.circuits[0].id);
    assert_eq!(by_token(&server, Method::GET, &path, &token).await.status, StatusCode::OK);
    for (method, path) in [
        (Method::DELETE, &*path),
        (Method::GET, "/api/v1/me"),
        (Method::GET, "/api/v1/tokens"),
        (Method::DELETE, "/api/v1/account"),
    ] {
        let answer = by_token(&server, method, path, &token).await;
        answer.problem(StatusCode::FORBIDDEN, "scope_missing");
    }
    let answer = by_token(&server, Method::GET, &path, &format!("{token}0")).await;
    answer.problem(StatusCode::UNAUTHORIZED, "sign_in_required");
    assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));

    let tokens: TokenList = ada.get("/api/v1/tokens").await.json();
    assert!(tokens.tokens[0].last_used_at_us.is_some());
    assert!(
        !ada.get("/api/v1/tokens").await.body.windows(64).any(|w| token.as_bytes().ends_with(w))
    );
    let kept = sql_text(&server, "SELECT token_hash AS t FROM api_tokens").await;
    assert!(!kept.contains(&token[7..]));

    let mut eve = server.member("eve@example.org").await;
    let id = format!("/api/v1/tokens/{}", info.id);
    eve.delete(&id).await.problem(StatusCode::NOT_FOUND, "not_found");
    server.state.clock().advance(30 * DAY_US);
    let answer = by_token(&server, Method::GET, &path, &token).await;
    answer.problem(StatusCode::UNAUTHORIZED, "sign_in_required");
}

async fn sql_text(server: &Server, statement: &'static str) -> String {
    crate::db::sql(statement).one(server.state.db()).await.unwrap().get("t").unwrap()
}

#[tokio::test]
async fn preferences_are_kept_and_not_overwritten_unseen() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = "/api/v1/me/preferences";
    let empty = browser.get(path).await;
    assert_eq!((empty.header("etag"), empty.json::<Value>()), (Some("\"0\""), json!({})));
    let first = json!({ "theme": "dark", "gates": [{ "name": "g" }] });
    let answer = browser.put(path, "\"0\"", &first).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::NO_CONTENT, Some("\"1\"")));
    assert_eq!(browser.get(path).await.json::<Value>(), first);
    let late = browser.put(path, "\"0\"", &json!({})).await;
    late.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    let large = json!({ "a": "x".repeat(64 << 10) });
    let large = browser.put(path, "\"1\"", &large).await;
    large.problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_everything() {
    let server = Server::new().await;
    let mut browser = server.member(ADA).await;
    browser.post("/api/v1/circuits", &bell("mine")).await;
    assert_eq!(browser.delete("/api/v1/account").await.status, StatusCode::NO_CONTENT);
    for count in [
        "SELECT count(*) AS n FROM users",
        "SELECT count(*) AS n FROM sessions",
        "SELECT count(*) AS n FROM circuits",
    ] {
        assert_eq!(server.number(count).await, 0, "{count}");
    }
    sign_in(&mut browser, ADA, PASSWORD)
        .await
        .problem(StatusCode::UNAUTHORIZED, "wrong_credentials");
    server.member(ADA).await;
}

#[tokio::test]
async fn the_audit_is_a_chain_that_shows_every_change() {
    let server = Server::new().await;
    let mut browser = server.member(ADA).await;
    sign_in(&mut browser, ADA, PASSWORD).await;
    browser.delete("/api/v1/sessions").await;
    let db = server.state.db();
    let entries = audit::list(db, None, i64::MAX, 10).await.unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["session.end", "session.begin", "account.sign_up"]);
    assert!(entries.iter().all(|entry| !entry.request_id.is_empty()));
    assert_eq!(audit::verify(db).await.unwrap(), Ok(3));

    for (change, broken) in [
        ("UPDATE audit SET detail = 'nothing' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 2),
    ] {
        let mut tx = db.write().await.unwrap();
        crate::db::sql(change).run(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(audit::verify(db).await.unwrap(), Err(broken));
    }
}

#[tokio::test]
async fn a_flood_from_one_address_is_answered_with_a_time_to_wait() {
    let server = Server::new().await;
    let path = "/api/v1/account/password/reset-mail";
    for _ in 0..60 {
        let answer = server.browser().post(path, &json!({ "email": ADA })).await;
        answer.problem(StatusCode::CONFLICT, "conflict");
    }
    let answer = server.browser().post(path, &json!({ "email": ADA })).await;
    answer.problem(StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[tokio::test]
async fn the_only_owner_of_a_group_with_others_in_it_cannot_vanish() {
    let server = Server::new().await;
    let mut ada = server.member(ADA).await;
    let team = json!({ "kind": "team", "name": "t", "pseudonyms": false });
    ada.post("/api/v1/groups", &team).await;
    let group = ada.post("/api/v1/groups", &team).await.header("location").unwrap().to_owned();
    let open = ada.put(&format!("{group}/code"), "*", &json!({ "open": true })).await;
    let code = open.json::<Value>()["join_code"].clone();
    let (mut bob, mut guest) = (server.member("bob@example.org").await, server.browser());
    for browser in [&mut bob, &mut guest] {
        let answer = browser.post("/api/v1/groups/join", &json!({ "code": code })).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    ada.delete("/api/v1/account").await.problem(StatusCode::CONFLICT, "conflict");
    let owner = json!({ "role": "owner" });
    let path = format!("{group}/members/{}", guest.id().await);
    ada.put(&path, "*", &owner).await.problem(StatusCode::CONFLICT, "conflict");
    let path = format!("{group}/members/{}", bob.id().await);
    assert_eq!(ada.put(&path, "*", &owner).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ada.delete("/api/v1/account").await.status, StatusCode::NO_CONTENT);
    // The one that was empty without her went with her.
    assert_eq!(server.number("SELECT count(*) AS n FROM groups").await, 1);
}

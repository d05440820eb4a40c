use std::io::Read as _;

use api::http::admin::{AdminUser, AdminUserList, AuditList, Health};
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Browser, Server};
use crate::db::audit;

async fn admin(server: &Server) -> Browser<'_> {
    let browser = server.member("root@example.org").await;
    server.promote("root@example.org", "admin").await;
    browser
}

#[tokio::test]
async fn users_are_found_by_address_name_and_id_and_paged() {
    let server = Server::new().await;
    let mut admin = admin(&server).await;
    for i in 0..4 {
        server.member(&format!("user{i}@example.org")).await;
    }
    let mut guest = server.browser();
    guest.post("/api/v1/circuits", &super::bell("a")).await;
    let guest = guest.id().await;

    let page: AdminUserList = admin.get("/api/v1/admin/users?limit=3").await.json();
    assert_eq!(page.users.len(), 3);
    assert_eq!(page.users[0].email.as_deref(), Some("user3@example.org"));
    let next = format!("/api/v1/admin/users?limit=3&cursor={}", page.next.unwrap());
    let page: AdminUserList = admin.get(&next).await.json();
    assert_eq!((page.users.len(), page.next), (2, None));
    for (search, found) in [("USER2", 1), ("user", 4), ("%25", 0), (&*guest, 1)] {
        let path = format!("/api/v1/admin/users?search={search}");
        let page: AdminUserList = admin.get(&path).await.json();
        assert_eq!(page.users.len(), found, "{search}");
    }
}

#[tokio::test]
async fn roles_and_plans_are_changed_and_recorded() {
    let server = Server::new().await;
    let mut admin = admin(&server).await;
    let mut ada = server.member("ada@example.org").await;
    let path = format!("/api/v1/admin/users/{}", ada.id().await);
    let before: AdminUser = admin.get(&path).await.json();
    let change = json!({ "role": "author", "plan": "course" });
    let after = admin.send(Method::PATCH, &path, &[], Some(&change)).await;
    let after: AdminUser = after.json();
    assert_ne!(after.limits, before.limits);
    assert!(!ada.id().await.is_empty(), "more rights end no session");

    let less = json!({ "role": "learner", "plan": "" });
    let after = admin.send(Method::PATCH, &path, &[], Some(&less)).await;
    assert_eq!(after.json::<AdminUser>(), before);
    ada.get("/api/v1/sessions").await.problem(StatusCode::UNAUTHORIZED, "sign_in_required");

    let own = format!("/api/v1/admin/users/{}", admin.id().await);
    let step_down = admin.send(Method::PATCH, &own, &[], Some(&json!({ "role": "learner" }))).await;
    step_down.problem(StatusCode::CONFLICT, "conflict");
    let unknown = admin.send(Method::PATCH, &path, &[], Some(&json!({ "plan": "gold" }))).await;
    unknown.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");

    let audit: AuditList = admin.get("/api/v1/admin/audit?limit=2").await.json();
    assert_eq!(audit.entries[0].action, "admin.change");
    assert_eq!(audit.entries[0].detail, r#"{"role":"learner","plan":""}"#);
    assert!(audit.next.is_some());
    let about = format!("/api/v1/admin/audit?search={}", before.id);
    let audit: AuditList = admin.get(&about).await.json();
    let actions: Vec<_> = audit.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["admin.change", "admin.change", "admin.read", "account.sign_up"]);
    audit::verify(server.state.db()).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_figures_count_what_is_there() {
    let server = Server::new().await;
    let mut admin = admin(&server).await;
    server.browser().post("/api/v1/circuits", &super::bell("a")).await;
    let health: Health = admin.get("/api/v1/admin/health").await.json();
    assert_eq!((health.users, health.guests, health.circuits), (1, 1, 1));
    assert_eq!(health.database, server.state.db().kind());
}

#[tokio::test]
async fn everything_that_one_owns_is_in_the_archive_and_nothing_of_others() {
    let server = Server::new().await;
    let mut ada = server.member("ada@example.org").await;
    let mut bob = server.member("bob@example.org").await;
    for (browser, word) in [(&mut ada, "mine"), (&mut bob, "theirs")] {
        browser.post("/api/v1/circuits", &super::circuit(word, word)).await;
        let program = json!({ "language": "openqasm", "text": word });
        let circuit = json!({ "id": "c", "name": "../../Übung 1", "program": program });
        let body = json!({ "name": word, "content": { "notes": word, "circuits": [circuit] } });
        let saved = browser.post("/api/v1/projects", &body).await;
        assert_eq!(saved.status, StatusCode::CREATED);
    }
    let answer = ada.get("/api/v1/account/export").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
    let mut texts = Vec::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().to_owned();
        assert!(!name.contains("..") && !name.starts_with('/'), "{name}");
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(!text.contains("theirs"), "{name}");
        texts.push((name, text));
    }
    let programs = texts.iter().filter(|(name, text)| name.contains(".qasm") && text == "mine");
    assert_eq!(programs.count(), 2);
    let notes = texts.iter().find(|(name, _)| name.ends_with("version-1/notes.md")).unwrap();
    assert_eq!(notes.1, "mine");
}

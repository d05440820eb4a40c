use api::http::projects::{
    Access, MAX_CIRCUITS, Project, ProjectList, Run, RunList, Sharing, VersionList, Visibility,
};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Browser, PASSWORD, Server};
use crate::auth::secret::sha256;
use crate::db::sql;
use crate::sweep;

const PROJECTS: &str = "/api/v1/projects";
const TEXT: &str = "OPENQASM 3.0;\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n";
const DAY_US: i64 = 24 * 3600 * 1_000_000;

fn circuit(id: &str, text: &str) -> Value {
    json!({ "id": id, "name": id, "program": { "language": "openqasm", "text": text } })
}

fn project(name: &str, circuits: &[Value]) -> Value {
    json!({ "name": name, "tags": ["bell", "π"],
            "content": { "notes": "# Notes", "circuits": circuits } })
}

fn bell(name: &str) -> Value {
    project(name, &[circuit("c1", TEXT)])
}

async fn save(browser: &mut Browser<'_>, body: &Value) -> (String, Project) {
    let answer = browser.post(PROJECTS, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    (answer.header("location").unwrap().to_owned(), answer.json())
}

async fn read(browser: &mut Browser<'_>, path: &str) -> Project {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

async fn names(browser: &mut Browser<'_>, query: &str) -> Vec<String> {
    let list: ProjectList = browser.get(&format!("{PROJECTS}{query}")).await.json();
    list.projects.into_iter().map(|project| project.name).collect()
}

fn hidden(answer: &Answer) {
    answer.problem(StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn a_saved_project_is_read_back_and_every_version_stays() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, first) = save(&mut browser, &bell("Bell")).await;
    assert_eq!((first.version, first.access), (1, Access::Own));
    assert_eq!(first.tags, ["bell", "π"]);
    assert_eq!(read(&mut browser, &path).await, first);
    let same = browser.send(Method::GET, &path, &[("if-none-match", "\"1\"")], None).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);

    server.state.clock().advance(7);
    let next = project("GHZ", &[circuit("c1", TEXT), circuit("c2", "OPENQASM 2.0;\n")]);
    let answer = browser.put(&path, "\"1\"", &next).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, Some("\"2\"")));
    let second: Project = answer.json();
    assert_eq!(read(&mut browser, &path).await, second);
    assert_eq!(second.updated_at_us - second.created_at_us, 7);
    assert_ne!(second.content_hash, first.content_hash);

    let old = read(&mut browser, &format!("{path}/versions/1")).await;
    assert_eq!((old.content, old.content_hash), (first.content, first.content_hash));
    for wrong in ["0", "3", "01", "x", "-1"] {
        hidden(&browser.get(&format!("{path}/versions/{wrong}")).await);
    }
}

#[tokio::test]
async fn a_save_needs_the_present_version_and_loses_nothing() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, _) = save(&mut browser, &bell("a")).await;
    let blind = browser.send(Method::PUT, &path, &[], Some(&bell("b"))).await;
    blind.problem(StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    let (mut left, mut right) = (browser.clone(), browser.clone());
    let (l, r) = (bell("left"), bell("right"));
    let (l, r) = tokio::join!(left.put(&path, "\"1\"", &l), right.put(&path, "\"1\"", &r));
    let mut statuses = [l.status, r.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::PRECONDITION_FAILED]);
    let late = browser.put(&path, "\"1\"", &bell("late")).await;
    late.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    assert_eq!(late.header("etag"), Some("\"2\""));
    assert_eq!(read(&mut browser, &path).await.version, 2);
}

#[tokio::test]
async fn what_is_the_same_is_kept_once() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let circuits: Vec<Value> = (0..10)
        .map(|i| circuit(&format!("c{i}"), &format!("OPENQASM 3.0;\n// {i}\n{TEXT}")))
        .collect();
    let (path, _) = save(&mut browser, &project("a", &circuits)).await;
    let count = "SELECT count(*) AS n FROM blobs";
    // Notes, ten circuits, the manifest.
    assert_eq!(server.number(count).await, 12);
    let mut changed = circuits.clone();
    changed[3] = circuit("c3", "OPENQASM 3.0;\n");
    browser.put(&path, "\"1\"", &project("a", &changed)).await;
    assert_eq!(server.number(count).await, 14);
    // Back to what it was, and the same by somebody else: nothing new.
    let back = browser.put(&path, "\"2\"", &project("a", &circuits)).await;
    let bytes = server.number("SELECT stored_bytes AS n FROM projects").await;
    let other = save(&mut server.browser(), &project("b", &circuits)).await.1;
    assert_eq!(back.json::<Project>().content_hash, other.content_hash);
    assert_eq!(server.number(count).await, 14);
    assert!(server.number("SELECT min(stored_bytes) AS n FROM projects").await < bytes);
}

#[tokio::test]
async fn versions_are_listed_named_and_restored() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, first) = save(&mut browser, &bell("a")).await;
    for i in 1..=4 {
        let body = project("a", &[circuit("c1", &format!("// {i}"))]);
        browser.put(&path, &format!("\"{i}\""), &body).await;
    }
    let label = json!({ "label": "for class" });
    let named = browser.put(&format!("{path}/versions/1/label"), "*", &label).await;
    assert_eq!(named.status, StatusCode::NO_CONTENT);
    hidden(&browser.put(&format!("{path}/versions/9/label"), "*", &label).await);

    let page: VersionList = browser.get(&format!("{path}/versions?limit=2")).await.json();
    let numbers = |page: &VersionList| page.versions.iter().map(|v| v.version).collect::<Vec<_>>();
    assert_eq!((numbers(&page), page.next.as_deref()), (vec![5, 4], Some("4")));
    let page: VersionList = browser.get(&format!("{path}/versions?cursor=4")).await.json();
    assert_eq!((numbers(&page), page.next.clone()), (vec![3, 2, 1], None));
    assert_eq!(page.versions[2].label, "for class");
    assert!(page.versions[2].author_id.is_some());
    let only: VersionList = browser.get(&format!("{path}/versions?named=true")).await.json();
    assert_eq!(numbers(&only), [1]);

    let restore = format!("{path}/versions/1/restore");
    let stale = browser.send(Method::POST, &restore, &[("if-match", "\"4\"")], None).await;
    stale.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    let answer = browser.send(Method::POST, &restore, &[("if-match", "\"5\"")], None).await;
    let restored: Project = answer.json();
    assert_eq!((restored.version, &restored.content), (6, &first.content));
    assert_eq!(restored.content_hash, first.content_hash);
}

#[tokio::test]
async fn lists_are_paged_searched_and_tagged() {
    let server = Server::new().await;
    let mut browser = server.browser();
    for i in 0..5 {
        let mut body = bell(&format!("Über {i} 50%_"));
        body["tags"] = json!([if i % 2 == 0 { "even%" } else { "odd" }, "all"]);
        save(&mut browser, &body).await;
        server.state.clock().advance(i64::from(i != 2));
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let list: ProjectList = browser.get(&format!("{PROJECTS}{query}")).await.json();
        assert!(list.projects.len() <= 2);
        seen.extend(list.projects.into_iter().map(|project| project.name));
        let Some(next) = list.next else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, (0..5).rev().map(|i| format!("Über {i} 50%_")).collect::<Vec<_>>());

    for (query, expected) in [
        ("?search=%C3%9CBER%203", 1),
        ("?search=50%25_", 5),
        ("?search=5%25", 0),
        ("?search=odd", 2),
        ("?tag=odd", 2),
        ("?tag=even%25", 3),
        ("?tag=even", 0),
        ("?tag=all&search=4", 1),
        ("?shelf=trash", 0),
        ("?shelf=public", 0),
        ("?shelf=shared", 0),
    ] {
        assert_eq!(names(&mut browser, query).await.len(), expected, "{query}");
    }
    for query in
        ["?limit=0", "?limit=101", "?cursor=x", "?cursor=1.x", "?shelf=x", "?x=1", "?tag=%00"]
    {
        let answer = browser.get(&format!("{PROJECTS}{query}")).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
    assert!(names(&mut server.browser(), "").await.is_empty());
}

#[tokio::test]
async fn the_trash_gives_back_and_forgets_after_its_time() {
    let server = Server::new().await;
    let mut browser = server.member("ada@example.org").await;
    let (path, _) = save(&mut browser, &bell("a")).await;
    assert_eq!(browser.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert!(names(&mut browser, "").await.is_empty());
    assert_eq!(names(&mut browser, "?shelf=trash").await, ["a"]);
    assert!(read(&mut browser, &path).await.trashed_at_us.is_some());
    let restore = browser.send(Method::POST, &format!("{path}/restore"), &[], None).await;
    assert_eq!(restore.status, StatusCode::NO_CONTENT);
    assert_eq!(names(&mut browser, "").await, ["a"]);

    browser.delete(&path).await;
    assert_eq!(browser.delete(&path).await.status, StatusCode::NO_CONTENT);
    hidden(&browser.get(&path).await);

    let (path, _) = save(&mut browser, &bell("b")).await;
    browser.delete(&path).await;
    server.state.clock().advance((sweep::TRASH_DAYS + 1) * DAY_US);
    sweep::once(&server.state).await.unwrap();
    assert_eq!(server.number("SELECT count(*) AS n FROM projects").await, 0);
    assert_eq!(server.number("SELECT count(*) AS n FROM blobs").await, 0);
}

#[tokio::test]
async fn the_sweep_leaves_contents_that_something_needs() {
    let server = Server::new().await;
    let mut browser = server.member("ada@example.org").await;
    let (path, saved) = save(&mut browser, &bell("a")).await;
    attach(&mut browser, &path, 1, TEXT).await;
    server.state.clock().advance(2 * DAY_US);
    sweep::once(&server.state).await.unwrap();
    assert_eq!(read(&mut browser, &path).await, saved);
    let runs: RunList = browser.get(&format!("{path}/runs")).await.json();
    let run = browser.get(&format!("{path}/runs/{}", runs.runs[0].id)).await;
    assert_eq!(run.status, StatusCode::OK);
}

fn sharing(visibility: &str, access: &str, grants: &Value) -> Value {
    json!({ "visibility": visibility, "access": access, "grants": grants })
}

#[tokio::test]
async fn a_project_is_shared_by_link_by_name_and_with_everyone() {
    let server = Server::new().await;
    let mut owner = server.member("ada@example.org").await;
    let mut bob = server.member("bob@example.org").await;
    let mut stranger = server.browser();
    let bob_id = bob.get("/api/v1/me").await.json::<Value>()["account"]["id"].clone();
    let (path, _) = save(&mut owner, &bell("a")).await;
    let share = format!("{path}/sharing");
    for other in [&mut bob, &mut stranger] {
        hidden(&other.get(&path).await);
        hidden(&other.get(&share).await);
    }

    // By link: only with its secret, and only so far as it reaches.
    let shared: Sharing = owner.put(&share, "*", &sharing("link", "copy", &json!([]))).await.json();
    let link = shared.link.unwrap();
    hidden(&stranger.get(&path).await);
    let found: Project = stranger.get(&format!("/api/v1/shared/{link}")).await.json();
    assert_eq!((found.access, found.visibility), (Access::Copy, Visibility::Link));
    let with = [("ketlab-link", link.as_str()), ("if-match", "\"1\"")];
    assert_eq!(stranger.send(Method::GET, &path, &with, None).await.status, StatusCode::OK);
    let edit = stranger.send(Method::PUT, &path, &with, Some(&bell("b"))).await;
    edit.problem(StatusCode::FORBIDDEN, "forbidden");
    let fork = json!({ "name": "mine" });
    let fork = stranger.send(Method::POST, &format!("{path}/fork"), &with, Some(&fork)).await;
    let fork: Project = fork.json();
    let origin = fork.origin.unwrap();
    assert!(path.ends_with(&origin.project_id) && origin.version == 1);
    assert_eq!((fork.access, fork.content), (Access::Own, found.content));

    // The link changes on demand and ends with the sharing.
    let mut renew = sharing("link", "read", &json!([]));
    renew["new_link"] = json!(true);
    let renewed: Sharing = owner.put(&share, "*", &renew).await.json();
    hidden(&stranger.get(&format!("/api/v1/shared/{link}")).await);
    let link = renewed.link.unwrap();
    let kept: Sharing = owner.put(&share, "*", &sharing("link", "read", &json!([]))).await.json();
    assert_eq!(kept.link.as_ref(), Some(&link));
    let with = [("ketlab-link", link.as_str())];
    let name = json!({ "name": "x" });
    let fork = stranger.send(Method::POST, &format!("{path}/fork"), &with, Some(&name)).await;
    fork.problem(StatusCode::FORBIDDEN, "forbidden");

    // By name: bob edits, and does not manage.
    let grants = json!([{ "to": { "user": bob_id }, "access": "edit" }]);
    owner.put(&share, "*", &sharing("private", "read", &grants)).await;
    hidden(&stranger.send(Method::GET, &path, &with, None).await);
    assert_eq!(names(&mut bob, "?shelf=shared").await, ["a"]);
    assert_eq!(read(&mut bob, &path).await.access, Access::Edit);
    assert_eq!(bob.put(&path, "\"1\"", &bell("by bob")).await.status, StatusCode::OK);
    bob.get(&share).await.problem(StatusCode::FORBIDDEN, "forbidden");
    bob.delete(&path).await.problem(StatusCode::FORBIDDEN, "forbidden");
    let versions: VersionList = owner.get(&format!("{path}/versions")).await.json();
    assert_eq!(json!(versions.versions[0].author_id), bob_id);

    // With everyone: listed, read only.
    owner.put(&share, "*", &sharing("public", "read", &json!([]))).await;
    assert_eq!(names(&mut stranger, "?shelf=public").await, ["by bob"]);
    assert_eq!(read(&mut stranger, &path).await.access, Access::Read);
    let edit = stranger.put(&path, "\"2\"", &bell("b")).await;
    edit.problem(StatusCode::FORBIDDEN, "forbidden");

    // What is in the trash is the owner's alone.
    owner.put(&share, "*", &sharing("public", "read", &grants)).await;
    owner.delete(&path).await;
    for other in [&mut bob, &mut stranger] {
        hidden(&other.get(&path).await);
    }
    assert!(names(&mut stranger, "?shelf=public").await.is_empty());
}

#[tokio::test]
async fn a_broken_sharing_changes_nothing() {
    let server = Server::new().await;
    let mut owner = server.member("ada@example.org").await;
    let own = owner.get("/api/v1/me").await.json::<Value>()["account"]["id"].clone();
    let (path, project) = save(&mut owner, &bell("a")).await;
    let share = format!("{path}/sharing");
    let grant = |id: &Value| json!([{ "to": { "user": id }, "access": "read" }]);
    for body in [
        sharing("public", "edit", &json!([])),
        sharing("public", "own", &json!([])),
        sharing("public", "read", &grant(&json!("x"))),
        sharing("public", "read", &grant(&json!(project.id))),
        sharing("public", "read", &grant(&own)),
        sharing("public", "read", &json!([{ "to": { "group": project.id }, "access": "read" }])),
    ] {
        let answer = owner.put(&share, "*", &body).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
    let sharing: Sharing = owner.get(&share).await.json();
    assert_eq!((sharing.visibility, sharing.link), (Visibility::Private, None));
}

fn run(version: i64, text: &str) -> Value {
    json!({ "circuit_id": "c1", "version": version, "program_hash": sha256(text.as_bytes()),
            "seed": u64::MAX, "shots": 1024, "method": "statevector", "backend": "browser",
            "engine": "0.1.0", "duration_us": 1500, "result": { "counts": { "00": 500, "11": 524 } } })
}

async fn attach(browser: &mut Browser<'_>, path: &str, version: i64, text: &str) -> Run {
    let answer = browser.post(&format!("{path}/runs"), &run(version, text)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_run_keeps_what_is_needed_to_repeat_it_and_says_if_it_cannot_be() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, _) = save(&mut browser, &bell("a")).await;
    let same = attach(&mut browser, &path, 1, TEXT).await;
    let other = attach(&mut browser, &path, 1, "edited and not saved").await;
    assert!(same.repeatable && !other.repeatable);
    assert_eq!(same.run.seed, u64::MAX);
    assert_eq!(same.result_hash, other.result_hash);
    let read: Run = browser.get(&format!("{path}/runs/{}", same.id)).await.json();
    assert_eq!(read, same);

    let page: RunList = browser.get(&format!("{path}/runs?limit=1")).await.json();
    assert_eq!((&page.runs[0].id, &page.next), (&other.id, &Some(other.id.clone())));
    let page: RunList = browser.get(&format!("{path}/runs?cursor={}", other.id)).await.json();
    assert_eq!((&page.runs[0].id, page.runs[0].seed, page.next), (&same.id, u64::MAX, None));

    let bytes = "SELECT stored_bytes AS n FROM projects";
    let before = server.number(bytes).await;
    assert_eq!(
        browser.delete(&format!("{path}/runs/{}", same.id)).await.status,
        StatusCode::NO_CONTENT
    );
    let freed = before - server.number(bytes).await;
    assert!(freed > 100, "{freed}");
    hidden(&browser.get(&format!("{path}/runs/{}", same.id)).await);

    let mut unknown = run(1, TEXT);
    unknown["circuit_id"] = json!("c9");
    let mut large = run(1, TEXT);
    large["result"] = json!("x".repeat(1 << 20));
    for (body, status, code) in [
        (run(2, TEXT), StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (unknown, StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        (large, StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    ] {
        browser.post(&format!("{path}/runs"), &body).await.problem(status, code);
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_not_done_again() {
    let server = Server::new().await;
    let mut browser = server.member("ada@example.org").await;
    let key = [("idempotency-key", "save-1")];
    let first = browser.send(Method::POST, PROJECTS, &key, Some(&bell("a"))).await;
    let again = browser.send(Method::POST, PROJECTS, &key, Some(&bell("a"))).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.header("location"), again.header("location"));
    let other = browser.send(Method::POST, PROJECTS, &key, Some(&bell("b"))).await;
    other.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let odd = [("idempotency-key", "a b")];
    let odd = browser.send(Method::POST, PROJECTS, &odd, Some(&bell("a"))).await;
    odd.problem(StatusCode::BAD_REQUEST, "bad_request");
    assert_eq!(names(&mut browser, "").await, ["a"]);
    let mut bob = server.member("bob@example.org").await;
    let bobs = bob.send(Method::POST, PROJECTS, &key, Some(&bell("a"))).await;
    assert_ne!(bobs.header("location"), first.header("location"));
}

#[tokio::test]
async fn projects_have_bounds() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let many: Vec<_> = (0..=MAX_CIRCUITS).map(|i| circuit(&format!("c{i}"), "")).collect();
    let mut tags = bell("a");
    tags["tags"] = json!((0..21).map(|i| i.to_string()).collect::<Vec<_>>());
    let mut tag = bell("a");
    tag["tags"] = json!(["a\nb"]);
    for body in [
        project("a", &many),
        project("a", &[circuit("c", ""), circuit("c", "")]),
        project("a", &[circuit("", "")]),
        project("a", &[circuit("a/b", "")]),
        bell(" "),
        tags,
        tag,
    ] {
        let answer = browser.post(PROJECTS, &body).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
    let mut notes = bell("a");
    notes["content"]["notes"] = json!("x".repeat((256 << 10) + 1));
    for body in [notes, project("a", &[circuit("c", &"x".repeat((2 << 20) + 1))])] {
        browser.post(PROJECTS, &body).await.problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    }
    assert_eq!(browser.cookie, None);
    for i in 0..50 {
        save(&mut browser, &bell(&i.to_string())).await;
    }
    let full = browser.post(PROJECTS, &bell("one more")).await;
    full.problem(StatusCode::CONFLICT, "limit_reached");
}

#[tokio::test]
async fn the_owners_storage_bounds_all_versions_together() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, _) = save(&mut browser, &bell("a")).await;
    let mut version = 1;
    let refused = loop {
        let text = format!("// {version}{}", "x".repeat((2 << 20) - 1000));
        let body = project("a", &[circuit("c1", &text)]);
        let answer = browser.put(&path, &format!("\"{version}\""), &body).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        version += 1;
    };
    refused.problem(StatusCode::CONFLICT, "limit_reached");
    // 64 MiB hold 32 versions of 2 MiB; the one that was refused left nothing behind.
    assert_eq!(version, 33);
    assert_eq!(read(&mut browser, &path).await.version, 33);
    let kept = server.number("SELECT CAST(sum(size_bytes) AS BIGINT) AS n FROM blobs").await;
    assert!(kept <= 64 << 20, "{kept}");
}

#[tokio::test]
async fn a_content_that_was_changed_on_disk_is_not_handed_out() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let (path, _) = save(&mut browser, &bell("a")).await;
    let mut tx = server.state.db().write().await.unwrap();
    sql("UPDATE blobs SET bytes = $1").bind(b"{}".as_slice()).run(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    browser.get(&path).await.problem(StatusCode::INTERNAL_SERVER_ERROR, "internal");
}

#[tokio::test]
async fn a_guests_projects_move_into_the_account_if_asked() {
    let server = Server::new().await;
    let mut owner = server.member("ada@example.org").await;
    let mut browser = server.browser();
    save(&mut browser, &bell("drawn before")).await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "keep_guest_work": true });
    assert_eq!(browser.post("/api/v1/session", &body).await.status, StatusCode::OK);
    assert_eq!(names(&mut owner, "").await, ["drawn before"]);
}

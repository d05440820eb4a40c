use api::http::circuits::{
    Circuit, CircuitList, MAX_CIRCUITS, MAX_NAME_CHARS, MAX_TEXT_BYTES, MAX_TOTAL_BYTES,
};
use axum::http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use super::{Browser, Server, bell, circuit};

const CIRCUITS: &str = "/api/v1/circuits";

/// Saves a circuit and gives its address.
async fn save(browser: &mut Browser<'_>, name: &str) -> String {
    let answer = browser.post(CIRCUITS, &bell(name)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn a_saved_circuit_is_read_back_as_it_was() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let text = "OPENQASM 3.0;\n// π/2, \"quoted\", tab\t, end\r\nqubit q;\n";
    let answer = browser.post(CIRCUITS, &circuit("Grüße 🐈", text)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let saved: Circuit = answer.json();
    assert_eq!(Uuid::parse_str(&saved.id).unwrap().get_version_num(), 7);
    assert_eq!(answer.header("location"), Some(&*format!("{CIRCUITS}/{}", saved.id)));
    assert_eq!((saved.name.as_str(), saved.program.text.as_str()), ("Grüße 🐈", text));
    assert_eq!(saved.created_at_us, server.state.clock().now_us());

    let read = browser.get(answer.header("location").unwrap()).await;
    assert_eq!((read.status, read.header("etag")), (StatusCode::OK, Some("\"1\"")));
    assert_eq!(read.header("cache-control"), Some("private, no-cache"));
    assert_eq!(read.json::<Circuit>(), saved);
}

#[tokio::test]
async fn the_list_is_newest_first_and_empty_for_a_stranger() {
    let server = Server::new().await;
    let mut browser = server.browser();
    for name in ["a", "b", "c"] {
        save(&mut browser, name).await;
        server.state.clock().advance(1);
    }
    let list: CircuitList = browser.get(CIRCUITS).await.json();
    let first = format!("{CIRCUITS}/{}", list.circuits[2].id);
    let names =
        |list: &CircuitList| list.circuits.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&list), ["c", "b", "a"]);

    browser.put(&first, "\"1\"", &bell("a2")).await;
    let list: CircuitList = browser.get(CIRCUITS).await.json();
    assert_eq!(names(&list), ["a2", "c", "b"]);
    assert_eq!(list.circuits[0].version, 2);

    let answer = server.browser().get(CIRCUITS).await;
    assert_eq!(answer.json::<CircuitList>().circuits, []);
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
}

#[tokio::test]
async fn an_unchanged_circuit_is_not_sent_again() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = save(&mut browser, "a").await;
    let answer = browser.send(Method::GET, &path, &[("if-none-match", "\"1\"")], None).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let answer = browser.send(Method::GET, &path, &[("if-none-match", "\"0\"")], None).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_save_replaces_the_version_that_it_names_and_no_other() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = save(&mut browser, "a").await;
    server.state.clock().advance(5);

    let second = browser.put(&path, "\"1\"", &bell("second")).await;
    assert_eq!((second.status, second.header("etag")), (StatusCode::OK, Some("\"2\"")));
    let second: Circuit = second.json();
    assert_eq!((second.version, second.updated_at_us - second.created_at_us), (2, 5));
    assert_eq!(browser.get(&path).await.json::<Circuit>(), second);

    let late = browser.put(&path, "\"1\"", &bell("late")).await;
    let problem = late.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    assert!(problem.detail.contains("\"2\""), "{problem:?}");
    assert_eq!(late.header("etag"), Some("\"2\""));

    let blind = browser.send(Method::PUT, &path, &[], Some(&bell("blind"))).await;
    blind.problem(StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    assert_eq!(browser.get(&path).await.json::<Circuit>(), second);

    let forced = browser.put(&path, "*", &bell("forced")).await;
    assert_eq!(forced.json::<Circuit>().version, 3);
}

#[tokio::test]
async fn of_two_saves_of_one_version_one_wins() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = save(&mut browser, "a").await;
    let (mut left, mut right) = (browser.clone(), browser.clone());
    let (l, r) = (bell("left"), bell("right"));
    let (l, r) = tokio::join!(left.put(&path, "\"1\"", &l), right.put(&path, "\"1\"", &r));
    let mut statuses = [l.status, r.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::PRECONDITION_FAILED]);
    assert_eq!(browser.get(&path).await.json::<Circuit>().version, 2);
}

#[tokio::test]
async fn a_deleted_circuit_is_gone() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = save(&mut browser, "a").await;
    let stale = browser.send(Method::DELETE, &path, &[("if-match", "\"7\"")], None).await;
    stale.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    let answer = browser.send(Method::DELETE, &path, &[], None).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0));
    for method in [Method::GET, Method::DELETE] {
        let answer = browser.send(method, &path, &[], None).await;
        answer.problem(StatusCode::NOT_FOUND, "not_found");
    }
    assert_eq!(browser.get(CIRCUITS).await.json::<CircuitList>().circuits, []);
}

#[tokio::test]
async fn anothers_circuit_does_not_exist() {
    let server = Server::new().await;
    let (mut owner, mut other) = (server.browser(), server.browser());
    let path = save(&mut owner, "mine").await;
    save(&mut other, "theirs").await;
    let nobody = server.browser();
    for mut stranger in [other, nobody] {
        for (method, body) in
            [(Method::GET, None), (Method::PUT, Some(bell("x"))), (Method::DELETE, None)]
        {
            let answer = stranger.send(method, &path, &[("if-match", "*")], body.as_ref()).await;
            answer.problem(StatusCode::NOT_FOUND, "not_found");
        }
        let list: CircuitList = stranger.get(CIRCUITS).await.json();
        assert!(list.circuits.iter().all(|c| c.name != "mine"));
    }
    assert_eq!(owner.get(&path).await.json::<Circuit>().version, 1);
}

#[tokio::test]
async fn what_is_no_id_names_no_circuit() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let path = save(&mut browser, "a").await;
    let id = path.rsplit_once('/').unwrap().1;
    for id in ["1", "%00", "a'%20OR%20'1'='1", &id.to_uppercase(), &id.replace('-', ""), "..%2f"] {
        let answer = browser.get(&format!("{CIRCUITS}/{id}")).await;
        answer.problem(StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test]
async fn names_and_programs_have_limits() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let longest = "é".repeat(MAX_NAME_CHARS);
    let largest = "\n".repeat(MAX_TEXT_BYTES);
    let largest = browser.post(CIRCUITS, &circuit(&longest, &largest)).await;
    assert_eq!(largest.status, StatusCode::CREATED, "{:?}", largest.headers);

    for (name, text) in [
        ("", "a"),
        (" \t", "a"),
        (&*"x".repeat(MAX_NAME_CHARS + 1), "a"),
        ("a\nb", "a"),
        ("a", "\0"),
    ] {
        let answer = browser.post(CIRCUITS, &circuit(name, text)).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
    let text = "x".repeat(MAX_TEXT_BYTES + 1);
    let problem = browser.post(CIRCUITS, &circuit("a", &text)).await;
    let problem = problem.problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    assert!(problem.detail.contains(&MAX_TEXT_BYTES.to_string()), "{problem:?}");

    for body in [
        json!({ "name": "a", "program": { "language": "fortran", "text": "" } }),
        json!({ "name": "a", "program": { "language": "openqasm" } }),
        json!({ "name": "a", "program": { "language": "openqasm", "text": "" }, "id": "x" }),
        json!({ "name": 1, "program": { "language": "openqasm", "text": "" } }),
    ] {
        let answer = browser.post(CIRCUITS, &body).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
}

#[tokio::test]
async fn an_owner_has_room_for_a_stated_number_of_circuits() {
    let server = Server::new().await;
    let mut browser = server.browser();
    let mut path = String::new();
    for i in 0..MAX_CIRCUITS {
        path = save(&mut browser, &format!("c{i}")).await;
    }
    let problem = browser.post(CIRCUITS, &bell("one more")).await;
    let problem = problem.problem(StatusCode::CONFLICT, "limit_reached");
    assert!(problem.detail.contains("500"), "{problem:?}");

    // Replacing takes no room of its own; another owner has theirs.
    assert_eq!(browser.put(&path, "\"1\"", &bell("again")).await.status, StatusCode::OK);
    save(&mut server.browser(), "other").await;
    browser.send(Method::DELETE, &path, &[], None).await;
    save(&mut browser, "one more").await;
}

#[tokio::test]
async fn an_owner_has_room_for_a_stated_number_of_bytes() {
    let server = Server::new().await;
    let mut browser = server.browser();
    // One byte of name and the rest of text fill each circuit to 2^20 bytes, and 64 all the room.
    let large = circuit("c", &"x".repeat(MAX_TEXT_BYTES - 1));
    let mut path = String::new();
    for _ in 0..MAX_TOTAL_BYTES >> 20 {
        let answer = browser.post(CIRCUITS, &large).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        path = answer.header("location").unwrap().to_owned();
    }
    let problem = browser.post(CIRCUITS, &circuit("d", "")).await;
    let problem = problem.problem(StatusCode::CONFLICT, "limit_reached");
    assert!(problem.detail.contains(&MAX_TOTAL_BYTES.to_string()), "{problem:?}");
    assert_eq!(browser.put(&path, "\"1\"", &large).await.status, StatusCode::OK);
    let grown = circuit("cc", &"x".repeat(MAX_TEXT_BYTES - 1));
    browser.put(&path, "\"2\"", &grown).await.problem(StatusCode::CONFLICT, "limit_reached");
}

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};

use super::{Server, assert_isolated, request};
use crate::page::Page;

const INDEX: &str = "<!doctype html><script type=\"module\">start()</script>";
const PORTAL: &str = "<!doctype html><script type=\"module\">portal()</script>";
const APP: &str = "/app-0123456789abcdef.js";

/// A page with a document, a script that is also there compressed, and a worker's manifest.
async fn server() -> Server {
    let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
    let files = [
        ("index.html", bytes(INDEX), None),
        ("portal/index.html", bytes(PORTAL), None),
        ("app-0123456789abcdef.js", bytes("start = 1"), Some(bytes("compressed"))),
        ("sim/manifest.json", bytes("{}"), None),
    ];
    Server::with_page(Page::in_memory(files.into_iter())).await
}

#[tokio::test]
async fn every_address_in_the_page_answers_with_its_document() {
    let server = server().await;
    let lab = ["/", "/index.html", "/lab", "/projectsx", "/learn/bell-pairs?step=2"];
    let portal = [
        "/account",
        "/account/verify",
        "/projects",
        "/projects/0190b7e2",
        "/groups/0190b7e2",
        "/join",
        "/admin/audit",
        "/privacy",
        "/portal/index.html",
    ];
    let lab = lab.iter().map(|path| (path, INDEX));
    for (path, document) in lab.chain(portal.iter().map(|path| (path, PORTAL))) {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body, document, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("public, no-cache"));
        assert_isolated(&answer);
    }
}

#[tokio::test]
async fn the_policy_allows_the_inline_script_of_the_document_on_every_answer() {
    let server = server().await;
    // printf 'start()' | openssl dgst -sha256 -binary | base64; the same of `portal()`.
    let hash = "'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00=' 'sha256-G7/B2hytkrZBzuN+CfPWteJ8hyv29V7PRlUawOmzNx4='";
    for path in ["/", "/account", APP, "/sim/manifest.json", "/healthz", "/missing.js"] {
        let answer = server.get(path).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {hash};")),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_missing_file_or_api_route_is_not_the_document() {
    let server = server().await;
    for path in [
        "/missing.js",
        "/sim/0123456789ab/worker",
        "/api",
        "/api/v1/nothing",
        "/api/v2/circuits",
        "/.git/config",
    ] {
        server.get(path).await.problem(StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test]
async fn the_page_can_only_be_read() {
    let server = server().await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = server.send(request(method, "/lab").body(Body::empty()).unwrap()).await;
        answer.problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    let answer = server.send(request(Method::HEAD, "/lab").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn compressed_files_go_to_those_who_take_them() {
    let server = server().await;
    let plain = server.get(APP).await;
    assert_eq!((&plain.body[..], plain.header("content-encoding")), (&b"start = 1"[..], None));

    let br = request(Method::GET, APP).header("accept-encoding", "gzip, br");
    let br = server.send(br.body(Body::empty()).unwrap()).await;
    assert_eq!((&br.body[..], br.header("content-encoding")), (&b"compressed"[..], Some("br")));
    assert_eq!(br.header("content-type"), Some("text/javascript; charset=utf-8"));
    for answer in [&plain, &br] {
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    }
    assert_ne!(plain.header("etag"), br.header("etag"), "two forms, two tags");
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let server = server().await;
    for path in ["/", "/sim/manifest.json"] {
        let first = server.get(path).await;
        let again =
            request(Method::GET, path).header("if-none-match", first.header("etag").unwrap());
        let again = server.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_isolated(&again);

        let other = request(Method::GET, path).header("if-none-match", "\"other\"");
        let other = server.send(other.body(Body::empty()).unwrap()).await;
        assert_eq!((other.status, other.body), (StatusCode::OK, first.body));
    }
}

#[tokio::test]
async fn without_a_built_page_the_document_says_how_to_build_it() {
    let server = Server::new().await;
    let answer = server.get("/").await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("cargo xtask run") && text.lines().count() == 1, "{text}");
    assert_isolated(&server.get("/").await);
}

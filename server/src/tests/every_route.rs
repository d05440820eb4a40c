//! What holds for each route, whichever it is: a new one is covered at once.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use uuid::Uuid;

use super::{Answer, Server, assert_isolated, request};
use crate::routes::list;
use crate::{limits, probe_routes};

/// The address of each route, its parameters filled in.
fn paths() -> Vec<String> {
    let id = Uuid::now_v7().to_string();
    let probes = probe_routes().into_iter().map(|(path, _)| path);
    let api = list::api().into_iter().map(|route| route.path);
    let mut paths: Vec<_> = probes.chain(api).map(|path| path.replace("{id}", &id)).collect();
    paths.dedup();
    paths
}

async fn methods(server: &Server, path: &str) -> Vec<Method> {
    let answer = server
        .send(request(Method::from_bytes(b"PROPFIND").unwrap(), path).body(Body::empty()).unwrap())
        .await;
    answer.problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed");
    let allow = answer.header("allow").unwrap_or_else(|| panic!("{path} names no methods"));
    allow.split(',').map(|method| method.trim().parse().unwrap()).collect()
}

/// Method and address of each route that takes a body.
fn that_take_a_body() -> Vec<(Method, String)> {
    let id = Uuid::now_v7().to_string();
    let routes = list::api().into_iter().filter(|route| route.takes.is_some());
    routes.map(|route| (route.method, route.path.replace("{id}", &id))).collect()
}

/// Sends `body` to each route that takes one.
async fn send_to_each(
    server: &Server,
    headers: &[(&str, &str)],
    body: impl Fn() -> Body,
) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (method, path) in that_take_a_body() {
        let mut request = request(method, &path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answers.push(server.send(request.body(body()).unwrap()).await);
    }
    assert!(answers.len() >= 20, "there are routes that take a body");
    answers
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn each_answer_is_isolated_and_named_and_each_error_a_problem() {
    let server = Server::new().await;
    for path in paths() {
        for method in methods(&server, &path).await {
            let answer = server.send(request(method, &path).body(Body::empty()).unwrap()).await;
            assert_isolated(&answer);
            if answer.status.is_client_error() || answer.status.is_server_error() {
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            }
            assert!(answer.header("cache-control").is_some() || !answer.status.is_success());
        }
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let server = Server::new().await;
    for headers in [&[("content-type", "text/plain")][..], &[]] {
        for answer in send_to_each(&server, headers, || Body::from("{}")).await {
            answer.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn garbage_is_refused() {
    let server = Server::new().await;
    for garbage in [&b"{"[..], b"", b"\xff\xfe", b"{\"\xff\":1}", b"nul"] {
        for answer in send_to_each(&server, &[JSON], || Body::from(garbage)).await {
            answer.problem(StatusCode::BAD_REQUEST, "malformed_json");
        }
    }
    let deep = "[".repeat(1 << 20);
    for answer in send_to_each(&server, &[JSON], || Body::from(deep.clone())).await {
        // An array where an object belongs: refused at the first bracket, not after the last.
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    }
}

#[tokio::test]
async fn json_of_another_shape_is_refused() {
    let server = Server::new().await;
    for body in ["[]", "7", "\"text\"", "null"] {
        for answer in send_to_each(&server, &[JSON], || Body::from(body)).await {
            answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        }
    }
    for body in ["{}", "{\"unheard_of\": 1}"] {
        let mut taken = 0;
        for answer in send_to_each(&server, &[JSON], || Body::from(body)).await {
            // Preferences are any object, and of a user nothing need be changed.
            if [StatusCode::PRECONDITION_REQUIRED, StatusCode::UNAUTHORIZED]
                .contains(&answer.status)
            {
                taken += 1;
            } else {
                answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            }
        }
        assert_eq!(taken, if body == "{}" { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_nul_is_refused_however_it_is_written() {
    let server = Server::new().await;
    for body in [r#"{"name": "a\u0000b"}"#, r#"{"a": [{"\u0000": 1}]}"#] {
        for answer in send_to_each(&server, &[JSON], || Body::from(body)).await {
            let problem = answer.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
            assert!(problem.detail.contains("NUL"), "{problem:?}");
        }
    }
    // A backslash, and then letters.
    let harmless = super::bell(r"a\u0000b");
    let answer = server.browser().post("/api/v1/circuits", &harmless).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_a_stated_length() {
    let server = Server::new().await;
    let large = vec![b' '; limits::API_BODY_BYTES + 1];
    for answer in send_to_each(&server, &[JSON], || Body::from(large.clone())).await {
        answer.problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    }
    let stated = (large.len()).to_string();
    for answer in send_to_each(&server, &[JSON, ("content-length", &stated)], Body::empty).await {
        answer.problem(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    }
}

#[tokio::test]
async fn a_request_from_another_site_changes_nothing() {
    let server = Server::new().await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://elsewhere.example"), ("host", "ketlab.example")],
    ] {
        for path in paths() {
            for method in methods(&server, &path).await {
                let reads = method == Method::GET || method == Method::HEAD;
                let mut request = request(method, &path);
                for (name, value) in headers {
                    request = request.header(*name, *value);
                }
                let answer = server.send(request.body(Body::empty()).unwrap()).await;
                if reads {
                    assert_ne!(answer.status, StatusCode::FORBIDDEN, "{path}");
                } else {
                    answer.problem(StatusCode::FORBIDDEN, "cross_site");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_sane_request_id_is_echoed_and_another_replaced() {
    let server = Server::new().await;
    for path in paths() {
        let named = request(Method::GET, &path).header("x-request-id", "trace-1.a_b");
        let named = server.send(named.body(Body::empty()).unwrap()).await;
        assert_eq!(named.header("x-request-id"), Some("trace-1.a_b"));

        for bad in ["", "a b", "<script>", &"x".repeat(65)] {
            let odd = request(Method::GET, &path).header("x-request-id", bad);
            let odd = server.send(odd.body(Body::empty()).unwrap()).await;
            let id: Uuid = odd.header("x-request-id").unwrap().parse().unwrap();
            assert_eq!(id.get_version_num(), 7);
        }
    }
}

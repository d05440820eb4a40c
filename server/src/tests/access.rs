//! Who may do what, for every route there is: each role asks for what is its own, another's and
//! nobody's. The routes come from the router's own list; the expectations do not come from
//! `authorize`. A route that is added without a sample here fails.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Browser, PASSWORD, Server, credentials, request};
use crate::auth::policy::Action;
use crate::routes::list::{self, Route};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Stranger,
    Guest,
    Learner,
    Author,
    Operator,
    Admin,
}

const ROLES: [Role; 6] =
    [Role::Stranger, Role::Guest, Role::Learner, Role::Author, Role::Operator, Role::Admin];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Own,
    Others,
    Nobodys,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Whatever the answer is, it is not that one may not.
    Allowed,
    Refused(StatusCode, &'static str),
}

const SIGN_IN: Expected = Expected::Refused(StatusCode::UNAUTHORIZED, "sign_in_required");
const FORBIDDEN: Expected = Expected::Refused(StatusCode::FORBIDDEN, "forbidden");
const HIDDEN: Expected = Expected::Refused(StatusCode::NOT_FOUND, "not_found");

/// What the documentation promises.
fn expected(route: &Route, role: Role, whose: Whose) -> Expected {
    let thing = route.path.contains('{');
    let of_whom = |allowed: Expected| if thing && whose != Whose::Own { HIDDEN } else { allowed };
    let exists = |allowed: Expected| {
        if thing && whose == Whose::Nobodys { HIDDEN } else { allowed }
    };
    match route.action {
        Action::ChangeSelf if role == Role::Stranger => SIGN_IN,
        Action::Open
        | Action::SeeSelf
        | Action::ChangeSelf
        | Action::ListOwn
        | Action::Create
        | Action::ListGroups
        | Action::JoinGroup => Expected::Allowed,
        // A guest has things to take along and to delete.
        Action::ManageAccount | Action::ChangeCredentials
            if role == Role::Guest
                && ["/api/v1/account", "/api/v1/account/export"].contains(&route.path) =>
        {
            Expected::Allowed
        }
        Action::ManageAccount | Action::ChangeCredentials | Action::CreateGroup
            if role <= Role::Guest =>
        {
            SIGN_IN
        }
        Action::ManageAccount | Action::ChangeCredentials | Action::CreateGroup => {
            of_whom(Expected::Allowed)
        }
        // The secret is what opens it, for everyone.
        Action::Read if route.path.starts_with("/api/v1/shared/") => exists(Expected::Allowed),
        Action::Read
        | Action::Copy
        | Action::Edit
        | Action::Manage
        | Action::SeeGroup
        | Action::TeachGroup
        | Action::OwnGroup => of_whom(Expected::Allowed),
        Action::Oversee | Action::Administer if role <= Role::Guest => SIGN_IN,
        Action::Oversee if role < Role::Operator => FORBIDDEN,
        Action::Administer if role < Role::Admin => FORBIDDEN,
        Action::Oversee | Action::Administer => exists(Expected::Allowed),
    }
}

const CIRCUIT: &str = "OPENQASM 3.0;";

fn project() -> Value {
    let program = json!({ "language": "openqasm", "text": CIRCUIT });
    json!({ "name": "p", "content": { "circuits": [{ "id": "c", "name": "c", "program": program }] } })
}

fn run() -> Value {
    json!({ "circuit_id": "c", "version": 1, "program_hash": "0".repeat(64), "seed": 1, "shots": 1,
            "method": "m", "backend": "b", "engine": "e", "duration_us": 1, "result": {} })
}

/// A body that the route takes.
fn sample(route: &Route, code: &str) -> Option<Value> {
    if [Method::GET, Method::DELETE].contains(&route.method) {
        return None;
    }
    let group = json!({ "kind": "team", "name": "g", "pseudonyms": true });
    let email = json!({ "email": "another@example.org" });
    let token = json!({ "token": "0".repeat(64), "password": "another long phrase" });
    Some(match (route.method.as_str(), route.path.strip_prefix("/api/v1").unwrap()) {
        ("PATCH", "/me") => json!({ "display_name": "x" }),
        ("PUT", "/me/preferences") => json!({}),
        ("POST", "/account") => credentials("new@example.org"),
        ("PUT", "/account/email") | ("POST", "/account/password/reset-mail") => email,
        ("POST", "/account/email/verify") => json!({ "token": "0".repeat(64) }),
        ("PUT", "/account/password") => json!({ "password": "another long phrase" }),
        ("POST", "/account/password/reset") => token,
        ("POST", "/session") => credentials("bystander@example.org"),
        ("POST", "/session/confirm") => json!({ "password": PASSWORD }),
        ("POST", "/tokens") => json!({ "name": "t", "scopes": ["account:read"], "days": 1 }),
        ("POST", "/circuits") | ("PUT", "/circuits/{id}") => super::bell("x"),
        ("POST", "/projects") | ("PUT", "/projects/{id}") => project(),
        ("POST", "/projects/{id}/restore" | "/projects/{id}/versions/{version}/restore") => {
            return None;
        }
        ("POST", "/projects/{id}/fork") => json!({ "name": "f" }),
        ("PUT", "/projects/{id}/versions/{version}/label") => json!({ "label": "l" }),
        ("PUT", "/projects/{id}/sharing") => {
            json!({ "visibility": "private", "access": "read", "grants": [] })
        }
        ("POST", "/projects/{id}/runs") => run(),
        ("POST", "/groups") | ("PUT", "/groups/{id}") => group,
        ("POST", "/groups/join") => json!({ "code": code }),
        ("PUT", "/groups/{id}/code") => json!({ "open": true }),
        ("PUT", "/groups/{id}/members/{user}") => json!({ "role": "member" }),
        ("PATCH", "/admin/users/{id}") => json!({ "plan": "" }),
        ("PATCH", "/admin/groups/{id}") => json!({ "course": true }),
        (method, path) => panic!("add a sample for {method} {path}"),
    })
}

async fn created(browser: &mut Browser<'_>, path: &str, body: &Value) -> String {
    let answer = browser.post(path, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.header("location").expect("an address").to_owned()
}

/// The route's address, leading to something that `owner` has made for it.
async fn address(owner: &mut Browser<'_>, bystander: &mut Browser<'_>, route: &Route) -> String {
    let path = route.path;
    let rest = |prefix: &str| path.strip_prefix(prefix).unwrap().to_owned();
    if path.starts_with("/api/v1/circuits/{id}") {
        created(owner, "/api/v1/circuits", &super::bell("x")).await
    } else if path.starts_with("/api/v1/projects/{id}") {
        let project = created(owner, "/api/v1/projects", &project()).await;
        let mut rest = rest("/api/v1/projects/{id}").replace("{version}", "1");
        if rest.contains("{run}") {
            let run = created(owner, &format!("{project}/runs"), &run()).await;
            rest = rest.replace("{run}", run.rsplit_once('/').unwrap().1);
        }
        project + &rest
    } else if path.starts_with("/api/v1/shared/{link}") {
        let project = created(owner, "/api/v1/projects", &project()).await;
        let body = json!({ "visibility": "link", "access": "read", "grants": [] });
        let sharing = owner.put(&format!("{project}/sharing"), "*", &body).await;
        path.replace("{link}", sharing.json::<Value>()["link"].as_str().unwrap())
    } else if path.starts_with("/api/v1/groups/{id}") {
        let body = json!({ "kind": "team", "name": "g", "pseudonyms": true });
        let group = created(owner, "/api/v1/groups", &body).await;
        let open = owner.put(&format!("{group}/code"), "*", &json!({ "open": true })).await;
        let code = open.json::<Value>()["join_code"].clone();
        let joined = bystander.post("/api/v1/groups/join", &json!({ "code": code })).await;
        assert_eq!(joined.status, StatusCode::OK, "{joined:?}");
        let member = bystander.id().await;
        group + &rest("/api/v1/groups/{id}").replace("{user}", &member)
    } else if path.starts_with("/api/v1/admin/groups/{id}") {
        let body = json!({ "kind": "team", "name": "g", "pseudonyms": true });
        let group = created(bystander, "/api/v1/groups", &body).await;
        group.replace("/v1/groups/", "/v1/admin/groups/")
    } else if path.starts_with("/api/v1/tokens/{id}") {
        let body = json!({ "name": "t", "scopes": ["account:read"], "days": 1 });
        let token: Value = owner.post("/api/v1/tokens", &body).await.json();
        path.replace("{id}", token["info"]["id"].as_str().unwrap())
    } else if path.starts_with("/api/v1/sessions/{id}") {
        let list: Value = owner.get("/api/v1/sessions").await.json();
        path.replace("{id}", list["sessions"][0]["id"].as_str().unwrap())
    } else if path.starts_with("/api/v1/admin/users/{id}") {
        path.replace("{id}", &bystander.id().await)
    } else {
        assert!(!path.contains('{'), "say how something is made for {path}");
        path.to_owned()
    }
}

/// The same address for what nobody has.
fn nobodys(route: &Route) -> String {
    let id = uuid::Uuid::now_v7().to_string();
    let hash = "0".repeat(64);
    let path = if route.path.starts_with("/api/v1/sessions/") {
        route.path.replace("{id}", &hash[..24])
    } else {
        route.path.replace("{id}", &id)
    };
    let path = path.replace("{version}", "1").replace("{run}", &id).replace("{user}", &id);
    path.replace("{link}", &hash)
}

/// A browser of that role, which has just given its password.
async fn browser_of(server: &Server, role: Role, name: String) -> Browser<'_> {
    let mut browser = server.browser();
    match role {
        Role::Stranger => {}
        Role::Guest => {
            browser.post("/api/v1/circuits", &super::bell("x")).await;
        }
        Role::Learner | Role::Author | Role::Operator | Role::Admin => {
            let email = format!("{name}@example.org");
            browser = server.member(&email).await;
            if role > Role::Learner {
                server.promote(&email, &format!("{role:?}").to_lowercase()).await;
            }
        }
    }
    browser
}

fn assert_expected(route: &Route, what: &str, expected: Expected, answer: &Answer) {
    let what = format!("{} {} for {what}", route.method, route.path);
    match expected {
        Expected::Allowed => {
            let refused = [
                StatusCode::UNAUTHORIZED,
                StatusCode::FORBIDDEN,
                StatusCode::NOT_FOUND,
                StatusCode::METHOD_NOT_ALLOWED,
                StatusCode::TOO_MANY_REQUESTS,
            ];
            let bad = refused.contains(&answer.status) || answer.status.is_server_error();
            assert!(!bad, "{what}: {answer:?}");
        }
        Expected::Refused(status, code) => {
            assert_eq!(answer.status, status, "{what}: {answer:?}");
            assert_eq!(answer.problem(status, code).code, code);
        }
    }
}

#[tokio::test]
async fn every_route_lets_each_role_do_what_is_promised_and_no_more() {
    let server = Server::new().await;
    let mut bystander = server.member("bystander@example.org").await;
    let group = json!({ "kind": "team", "name": "open", "pseudonyms": true });
    let group = created(&mut bystander, "/api/v1/groups", &group).await;
    let open = bystander.put(&format!("{group}/code"), "*", &json!({ "open": true })).await;
    let code = open.json::<Value>()["join_code"].as_str().unwrap().to_owned();

    for (number, route) in list::api().iter().enumerate() {
        let whose: &[Whose] = if route.path.contains('{') {
            &[Whose::Own, Whose::Others, Whose::Nobodys]
        } else {
            &[Whose::Own]
        };
        // One who has a thing of this kind, whoever asks.
        let mut owner = browser_of(&server, Role::Author, format!("owner-{number}")).await;
        for role in ROLES {
            // What a stranger makes is a guest's; a guest makes no groups, tokens or lists of sessions.
            let needs_account = matches!(
                route.action,
                Action::SeeGroup | Action::TeachGroup | Action::OwnGroup | Action::ManageAccount
            );
            for &whose in whose {
                let skip = role == Role::Stranger || (role == Role::Guest && needs_account);
                if route.path.contains('{') && whose == Whose::Own && skip {
                    continue;
                }
                let name = format!("{role:?}-{whose:?}-{number}").to_lowercase();
                let mut browser = browser_of(&server, role, name).await;
                let path = match whose {
                    Whose::Own => address(&mut browser, &mut bystander, route).await,
                    Whose::Others => address(&mut owner, &mut bystander, route).await,
                    Whose::Nobodys => nobodys(route),
                };
                let body = sample(route, &code);
                let headers = [("if-match", "*")];
                let answer =
                    browser.send(route.method.clone(), &path, &headers, body.as_ref()).await;
                let expected = expected(route, role, whose);
                assert_expected(route, &format!("{role:?}, {whose:?}"), expected, &answer);
                // Else the limit on new accounts from one address would be met.
                server.state.clock().advance(2_000_000);
            }
        }
        // The bystander of the groups is to be let in anew, and signed in still.
        bystander = server.browser();
        bystander.post("/api/v1/session", &credentials("bystander@example.org")).await;
    }
}

#[tokio::test]
async fn what_is_sensitive_asks_every_role_for_the_password_once_more() {
    let server = Server::new().await;
    let mut bystander = server.member("bystander@example.org").await;
    let mut admin = browser_of(&server, Role::Admin, "admin".to_owned()).await;
    let mut paths = Vec::new();
    for route in list::api() {
        if matches!(route.action, Action::ChangeCredentials | Action::Administer) {
            let path = address(&mut admin, &mut bystander, &route).await;
            paths.push((route, path));
        }
    }
    assert!(paths.len() >= 6);
    server.state.clock().advance(16 * 60 * 1_000_000);
    for (route, path) in paths {
        let body = sample(&route, "");
        let answer =
            admin.send(route.method.clone(), &path, &[("if-match", "*")], body.as_ref()).await;
        let expected = Expected::Refused(StatusCode::FORBIDDEN, "confirmation_required");
        assert_expected(&route, "an administrator", expected, &answer);
    }
}

/// A token of that browser's user.
async fn token(browser: &mut Browser<'_>, scopes: &[&str]) -> String {
    let body = json!({ "name": "t", "scopes": scopes, "days": 1 });
    let token: Value = browser.post("/api/v1/tokens", &body).await.json();
    format!("Bearer {}", token["token"].as_str().unwrap())
}

#[tokio::test]
async fn no_token_reaches_credentials_or_administration_and_none_that_reads_changes() {
    let server = Server::new().await;
    let mut bystander = server.member("bystander@example.org").await;
    let mut admin = browser_of(&server, Role::Admin, "admin".to_owned()).await;
    let all = ["account:read", "projects:read", "projects:write", "groups:read", "groups:write"];
    let all = token(&mut admin, &all).await;
    let reads = token(&mut admin, &["account:read", "projects:read", "groups:read"]).await;
    for route in list::api() {
        let path = address(&mut admin, &mut bystander, &route).await;
        let send = async |token: &str| {
            let mut request = request(route.method.clone(), &path)
                .header("authorization", token)
                .header("if-match", "*");
            let body = match sample(&route, "") {
                Some(body) => {
                    request = request.header("content-type", "application/json");
                    Body::from(body.to_string())
                }
                None => Body::empty(),
            };
            server.send(request.body(body).unwrap()).await
        };
        let refused = Expected::Refused(StatusCode::FORBIDDEN, "scope_missing");
        match route.action {
            Action::Open => {}
            Action::ChangeSelf
            | Action::ManageAccount
            | Action::ChangeCredentials
            | Action::Oversee
            | Action::Administer => {
                assert_expected(&route, "a token", refused, &send(&all).await);
                assert_expected(&route, "a token that reads", refused, &send(&reads).await);
            }
            Action::SeeSelf
            | Action::ListOwn
            | Action::Read
            | Action::ListGroups
            | Action::SeeGroup => {
                assert_eq!(route.method, Method::GET, "{route:?}");
                let answer = send(&reads).await;
                assert_expected(&route, "a token that reads", Expected::Allowed, &answer);
            }
            // A link's secret and who is who are more than reading.
            Action::Create
            | Action::Copy
            | Action::Edit
            | Action::Manage
            | Action::JoinGroup
            | Action::CreateGroup
            | Action::TeachGroup
            | Action::OwnGroup => {
                assert_expected(&route, "a token that reads", refused, &send(&reads).await);
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_suspended_is_nobody_at_once() {
    let server = Server::new().await;
    let mut admin = browser_of(&server, Role::Admin, "admin".to_owned()).await;
    let mut eve = server.member("eve@example.org").await;
    let token = token(&mut eve, &["account:read"]).await;
    let path = format!("/api/v1/admin/users/{}", eve.id().await);
    let suspend = json!({ "suspended": true });
    let answer = admin.send(Method::PATCH, &path, &[], Some(&suspend)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    let me: Value = eve.get("/api/v1/me").await.json();
    assert_eq!(me["account"], Value::Null);
    let asked = request(Method::GET, "/api/v1/me").header("authorization", &token);
    let answer = server.send(asked.body(Body::empty()).unwrap()).await;
    answer.problem(StatusCode::UNAUTHORIZED, "sign_in_required");
    let answer = eve.post("/api/v1/session", &credentials("eve@example.org")).await;
    answer.problem(StatusCode::FORBIDDEN, "suspended");

    let back = json!({ "suspended": false });
    admin.send(Method::PATCH, &path, &[], Some(&back)).await;
    let answer = eve.post("/api/v1/session", &credentials("eve@example.org")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

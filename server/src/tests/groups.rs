use api::http::groups::{Group, GroupList, GroupRole, MemberList};
use api::http::projects::{Access, Project};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Browser, Server};

const GROUPS: &str = "/api/v1/groups";

async fn course(server: &Server) -> (Browser<'_>, String, String) {
    let mut owner = server.member("prof@example.org").await;
    server.promote("prof@example.org", "author").await;
    let body = json!({ "kind": "course", "name": "Quantum 1", "pseudonyms": true });
    let answer = owner.post(GROUPS, &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let path = answer.header("location").unwrap().to_owned();
    let open = owner.put(&format!("{path}/code"), "*", &json!({ "open": true })).await;
    let code = open.json::<Value>()["join_code"].as_str().unwrap().to_owned();
    (owner, path, code)
}

async fn join(browser: &mut Browser<'_>, code: &str, label: &str) -> Group {
    let answer =
        browser.post("/api/v1/groups/join", &json!({ "code": code, "label": label })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_learner_joins_by_code_without_an_address_and_is_seen_by_a_pseudonym() {
    let server = Server::new().await;
    let (mut owner, path, code) = course(&server).await;
    let (mut ada, mut bob) = (server.browser(), server.browser());
    let typed = format!("{}-{}", &code[..5].to_lowercase(), &code[5..]);
    let group = join(&mut ada, &typed, "Ada L.").await;
    assert_eq!((group.role, group.join_code.clone()), (GroupRole::Member, None));
    assert_ne!(group.own_name, "Ada L.");
    join(&mut bob, &code, "=2+3, \"Bob\"").await;
    assert_eq!(join(&mut ada, &code, "again").await.members, 3);
    assert_eq!(ada.get(GROUPS).await.json::<GroupList>().groups.len(), 1);

    let seen: MemberList = bob.get(&format!("{path}/members")).await.json();
    let of_ada = seen.members.iter().find(|member| member.name == group.own_name).unwrap();
    assert_eq!((&of_ada.label, of_ada.guest), (&None, None));
    let known: MemberList = owner.get(&format!("{path}/members?limit=2")).await.json();
    assert!(known.members.iter().any(|member| member.label.as_deref() == Some("Ada L.")));
    let rest = format!("{path}/members?cursor={}", known.next.unwrap());
    assert_eq!(owner.get(&rest).await.json::<MemberList>().members.len(), 1);

    let roster = owner.get(&format!("{path}/roster")).await;
    assert_eq!(roster.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = String::from_utf8(roster.body.to_vec()).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains("\"'=2+3, \"\"Bob\"\"\""), "{text}");
    bob.get(&format!("{path}/roster")).await.problem(StatusCode::FORBIDDEN, "forbidden");
}

#[tokio::test]
async fn a_code_is_void_once_it_was_changed_or_taken_away() {
    let server = Server::new().await;
    let (mut owner, path, code) = course(&server).await;
    for open in [true, false] {
        let answer = owner.put(&format!("{path}/code"), "*", &json!({ "open": open })).await;
        assert_eq!(answer.json::<Value>()["join_code"].is_string(), open);
        let mut late = server.browser();
        let answer = late.post("/api/v1/groups/join", &json!({ "code": code })).await;
        answer.problem(StatusCode::NOT_FOUND, "not_found");
        assert_eq!(late.cookie, None);
    }
}

#[tokio::test]
async fn roles_in_a_group_bound_what_one_does_to_others() {
    let server = Server::new().await;
    let (mut owner, path, code) = course(&server).await;
    let mut teacher = server.member("assistant@example.org").await;
    let mut learner = server.browser();
    join(&mut teacher, &code, "").await;
    join(&mut learner, &code, "").await;
    let (owner_id, teacher_id, learner_id) =
        (owner.id().await, teacher.id().await, learner.id().await);
    let member = |id: &str| format!("{path}/members/{id}");

    let instructor = json!({ "role": "instructor" });
    let early = teacher.put(&member(&teacher_id), "*", &instructor).await;
    early.problem(StatusCode::FORBIDDEN, "forbidden");
    let made = owner.put(&member(&teacher_id), "*", &instructor).await;
    assert_eq!(made.status, StatusCode::NO_CONTENT, "{made:?}");

    let named = json!({ "role": "member", "label": "Grace" });
    assert_eq!(teacher.put(&member(&learner_id), "*", &named).await.status, StatusCode::NO_CONTENT);
    let raised = teacher.put(&member(&learner_id), "*", &instructor).await;
    raised.problem(StatusCode::FORBIDDEN, "forbidden");
    teacher.delete(&member(&owner_id)).await.problem(StatusCode::FORBIDDEN, "forbidden");
    teacher.delete(&path).await.problem(StatusCode::FORBIDDEN, "forbidden");
    owner.delete(&member(&owner_id)).await.problem(StatusCode::CONFLICT, "conflict");
    learner.delete(&member(&teacher_id)).await.problem(StatusCode::FORBIDDEN, "forbidden");

    assert_eq!(teacher.delete(&member(&learner_id)).await.status, StatusCode::NO_CONTENT);
    learner.get(&path).await.problem(StatusCode::NOT_FOUND, "not_found");
    assert_eq!(teacher.delete(&member(&teacher_id)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_group_is_changed_at_the_version_that_is_named_and_keeps_its_kind() {
    let server = Server::new().await;
    let (mut owner, path, _) = course(&server).await;
    let group = owner.get(&path).await;
    let tag = group.header("etag").unwrap().to_owned();
    let body = json!({ "kind": "course", "name": "Quantum 2", "pseudonyms": false });
    let changed: Group = owner.put(&path, &tag, &body).await.json();
    assert_eq!((changed.name.as_str(), changed.pseudonyms), ("Quantum 2", false));
    let late = owner.put(&path, &tag, &body).await;
    late.problem(StatusCode::PRECONDITION_FAILED, "version_conflict");
    let other = json!({ "kind": "team", "name": "x", "pseudonyms": false });
    owner.put(&path, "*", &other).await.problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(owner.delete(&path).await.status, StatusCode::NO_CONTENT);
    owner.get(&path).await.problem(StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn learners_make_teams_and_authors_courses() {
    let server = Server::new().await;
    let mut learner = server.member("ada@example.org").await;
    let team = json!({ "kind": "team", "name": "t", "pseudonyms": false });
    assert_eq!(learner.post(GROUPS, &team).await.status, StatusCode::CREATED);
    let course = json!({ "kind": "course", "name": "c", "pseudonyms": false });
    learner.post(GROUPS, &course).await.problem(StatusCode::FORBIDDEN, "forbidden");
}

#[tokio::test]
async fn a_project_is_shared_with_a_group_while_one_is_in_it() {
    let server = Server::new().await;
    let (mut owner, path, code) = course(&server).await;
    let mut learner = server.browser();
    let group = join(&mut learner, &code, "").await;
    let content = json!({ "circuits": [] });
    let saved = owner.post("/api/v1/projects", &json!({ "name": "p", "content": content })).await;
    let project = saved.header("location").unwrap().to_owned();
    let grants = json!([{ "to": { "group": group.id }, "access": "copy" }]);
    let share = json!({ "visibility": "private", "access": "read", "grants": grants });
    owner.put(&format!("{project}/sharing"), "*", &share).await;

    let seen: Project = learner.get(&project).await.json();
    assert_eq!(seen.access, Access::Copy);
    let shelf: Value = learner.get("/api/v1/projects?shelf=shared").await.json();
    assert_eq!(shelf["projects"].as_array().unwrap().len(), 1);
    let leave = format!("{path}/members/{}", learner.id().await);
    assert_eq!(learner.delete(&leave).await.status, StatusCode::NO_CONTENT);
    learner.get(&project).await.problem(StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn a_courses_plan_widens_its_members_limits() {
    let server = Server::new().await;
    let (mut owner, path, code) = course(&server).await;
    let mut learner = server.browser();
    join(&mut learner, &code, "").await;
    let limits = async |browser: &mut Browser<'_>| -> Value {
        browser.get("/api/v1/me").await.json::<Value>()["account"]["limits"].clone()
    };
    let before = limits(&mut learner).await;
    assert_eq!(before["hardware"], json!(false));
    let owners = limits(&mut owner).await;

    let mut admin = server.member("root@example.org").await;
    server.promote("root@example.org", "admin").await;
    let admin_path = path.replace("/v1/groups/", "/v1/admin/groups/");
    let plan = json!({ "course": true });
    let answer = admin.send(Method::PATCH, &admin_path, &[], Some(&plan)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let after = limits(&mut learner).await;
    assert_eq!(after["hardware"], json!(true));
    assert!(after["server_qubits"].as_i64() > before["server_qubits"].as_i64());
    assert_eq!(limits(&mut owner).await, owners, "an author has more already");
}

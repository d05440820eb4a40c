//! The calls that the portal makes; types are those of [`api::http`].

use api::http::account::{
    ChangeMe, ChangePassword, Confirm, CreatedToken, EmailOnly, Me, NewToken, Preferences,
    ResetPassword, SessionList, SignIn, SignUp, TokenList, VerifyEmail,
};
use api::http::admin::{AdminUser, AdminUserList, AuditList, ChangeGroup, ChangeUser, Health};
use api::http::circuits::{Circuit, CircuitList};
use api::http::groups::{
    ChangeCode, ChangeMember, Code, Group, GroupList, Join, MemberList, SaveGroup,
};
use api::http::projects::{
    ChangeSharing, Fork, Label, Project, ProjectList, Run, RunList, Sharing, VersionList,
};
pub use app::api_client::sign_out;
use app::api_client::{Answer, PROJECTS, body, by_link, escaped, read, send, tag};
use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    read(send(Method::GET, path, &[], None).await?).await
}

/// Sends a body and reads the answer's.
async fn ask<B: Serialize, T: DeserializeOwned>(
    method: Method,
    path: &str,
    value: &B,
) -> Answer<T> {
    read(send(method, path, &[], body(value)).await?).await
}

/// Sends a body; the answer has none.
async fn tell<B: Serialize>(method: Method, path: &str, value: &B) -> Answer<()> {
    send(method, path, &[], body(value)).await.map(drop)
}

/// Asks for something without a body, and gets none.
async fn order(method: Method, path: &str) -> Answer<()> {
    send(method, path, &[], None).await.map(drop)
}

/// `?name=value&…` of those that have a value.
fn query(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(&escaped(value));
    }
    out
}

// who one is

pub async fn me() -> Answer<Me> {
    app::api_client::me().await
}

pub async fn change_me(display_name: String) -> Answer<()> {
    tell(Method::PATCH, "/api/v1/me", &ChangeMe { display_name }).await
}

pub async fn sign_in(email: String, password: String, keep_guest_work: bool) -> Answer<Me> {
    ask(Method::POST, "/api/v1/session", &SignIn { email, password, keep_guest_work }).await
}

pub async fn sign_up(email: String, password: String, display_name: String) -> Answer<Me> {
    ask(Method::POST, "/api/v1/account", &SignUp { email, password, display_name }).await
}

pub async fn confirm(password: String) -> Answer<()> {
    tell(Method::POST, "/api/v1/session/confirm", &Confirm { password }).await
}

pub async fn verify_email(token: String) -> Answer<()> {
    tell(Method::POST, "/api/v1/account/email/verify", &VerifyEmail { token }).await
}

/// Whether a link has to be followed before the address counts.
pub async fn change_email(email: String) -> Answer<bool> {
    let answer =
        send(Method::PUT, "/api/v1/account/email", &[], body(&EmailOnly { email })).await?;
    Ok(answer.status() == 202)
}

pub async fn change_password(password: String) -> Answer<()> {
    tell(Method::PUT, "/api/v1/account/password", &ChangePassword { password }).await
}

pub async fn ask_reset(email: String) -> Answer<()> {
    tell(Method::POST, "/api/v1/account/password/reset-mail", &EmailOnly { email }).await
}

pub async fn reset_password(token: String, password: String) -> Answer<()> {
    tell(Method::POST, "/api/v1/account/password/reset", &ResetPassword { token, password }).await
}

pub async fn delete_account() -> Answer<()> {
    order(Method::DELETE, "/api/v1/account").await
}

/// Preferences, and the tag that a change of them names.
pub async fn preferences() -> Answer<(Preferences, String)> {
    let answer = send(Method::GET, "/api/v1/me/preferences", &[], None).await?;
    let tag = answer.headers().get("etag").unwrap_or_default();
    Ok((read(answer).await?, tag))
}

pub async fn set_preferences(preferences: &Preferences, tag: &str) -> Answer<String> {
    let headers = [("if-match", tag)];
    let answer = send(Method::PUT, "/api/v1/me/preferences", &headers, body(preferences)).await?;
    Ok(answer.headers().get("etag").unwrap_or_default())
}

pub async fn sessions() -> Answer<SessionList> {
    get("/api/v1/sessions").await
}

pub async fn end_session(id: &str) -> Answer<()> {
    order(Method::DELETE, &format!("/api/v1/sessions/{id}")).await
}

pub async fn end_other_sessions() -> Answer<()> {
    order(Method::DELETE, "/api/v1/sessions").await
}

pub async fn tokens() -> Answer<TokenList> {
    get("/api/v1/tokens").await
}

pub async fn create_token(token: NewToken) -> Answer<CreatedToken> {
    ask(Method::POST, "/api/v1/tokens", &token).await
}

pub async fn delete_token(id: &str) -> Answer<()> {
    order(Method::DELETE, &format!("/api/v1/tokens/{id}")).await
}

// projects

pub async fn projects(shelf: &str, search: &str, label: &str, cursor: &str) -> Answer<ProjectList> {
    let query = query(&[("shelf", shelf), ("search", search), ("tag", label), ("cursor", cursor)]);
    get(&format!("{PROJECTS}{query}")).await
}

pub async fn project_by_link(link: &str) -> Answer<Project> {
    get(&format!("/api/v1/shared/{}", escaped(link))).await
}

pub async fn delete_project(id: &str) -> Answer<()> {
    order(Method::DELETE, &format!("{PROJECTS}/{id}")).await
}

pub async fn restore_project(id: &str) -> Answer<()> {
    order(Method::POST, &format!("{PROJECTS}/{id}/restore")).await
}

pub async fn fork(id: &str, link: Option<&str>, fork: &Fork) -> Answer<Project> {
    let path = format!("{PROJECTS}/{id}/fork");
    read(send(Method::POST, &path, &by_link(link), body(fork)).await?).await
}

pub async fn versions(id: &str, link: Option<&str>, cursor: &str) -> Answer<VersionList> {
    let path = format!("{PROJECTS}/{id}/versions{}", query(&[("cursor", cursor)]));
    read(send(Method::GET, &path, &by_link(link), None).await?).await
}

pub async fn version(id: &str, link: Option<&str>, version: i64) -> Answer<Project> {
    app::api_client::project_version(id, link, version).await
}

pub async fn name_version(id: &str, link: Option<&str>, version: i64, label: String) -> Answer<()> {
    let path = format!("{PROJECTS}/{id}/versions/{version}/label");
    send(Method::PUT, &path, &by_link(link), body(&Label { label })).await.map(drop)
}

/// Refused (`version_conflict`) where the project is not at version `newest` any more.
pub async fn restore_version(
    id: &str,
    link: Option<&str>,
    version: i64,
    newest: i64,
) -> Answer<Project> {
    let path = format!("{PROJECTS}/{id}/versions/{version}/restore");
    let tag = tag(newest);
    let mut headers = by_link(link);
    headers.push(("if-match", &tag));
    read(send(Method::POST, &path, &headers, None).await?).await
}

pub async fn sharing(id: &str) -> Answer<Sharing> {
    get(&format!("{PROJECTS}/{id}/sharing")).await
}

pub async fn share(id: &str, change: &ChangeSharing) -> Answer<Sharing> {
    ask(Method::PUT, &format!("{PROJECTS}/{id}/sharing"), change).await
}

pub async fn runs(id: &str, link: Option<&str>, cursor: &str) -> Answer<RunList> {
    let path = format!("{PROJECTS}/{id}/runs{}", query(&[("cursor", cursor)]));
    read(send(Method::GET, &path, &by_link(link), None).await?).await
}

pub async fn run(id: &str, link: Option<&str>, run: &str) -> Answer<Run> {
    let path = format!("{PROJECTS}/{id}/runs/{run}");
    read(send(Method::GET, &path, &by_link(link), None).await?).await
}

pub async fn delete_run(id: &str, run: &str) -> Answer<()> {
    order(Method::DELETE, &format!("{PROJECTS}/{id}/runs/{run}")).await
}

// single circuits, from before there were projects

pub async fn circuits() -> Answer<CircuitList> {
    get("/api/v1/circuits").await
}

pub async fn circuit(id: &str) -> Answer<Circuit> {
    get(&format!("/api/v1/circuits/{id}")).await
}

pub async fn delete_circuit(id: &str) -> Answer<()> {
    order(Method::DELETE, &format!("/api/v1/circuits/{id}")).await
}

/// A project made of a circuit: once, however often it is sent.
pub async fn create_project_once(
    key: &str,
    project: &api::http::projects::SaveProject,
) -> Answer<Project> {
    let headers = [("idempotency-key", key)];
    read(send(Method::POST, PROJECTS, &headers, body(project)).await?).await
}

// groups

pub async fn groups() -> Answer<GroupList> {
    get("/api/v1/groups").await
}

pub async fn group(id: &str) -> Answer<Group> {
    get(&format!("/api/v1/groups/{}", escaped(id))).await
}

pub async fn create_group(group: &SaveGroup) -> Answer<Group> {
    ask(Method::POST, "/api/v1/groups", group).await
}

pub async fn change_group(id: &str, version: i64, group: &SaveGroup) -> Answer<Group> {
    let tag = tag(version);
    let headers = [("if-match", tag.as_str())];
    let path = format!("/api/v1/groups/{id}");
    read(send(Method::PUT, &path, &headers, body(group)).await?).await
}

pub async fn delete_group(id: &str) -> Answer<()> {
    order(Method::DELETE, &format!("/api/v1/groups/{id}")).await
}

pub async fn join(code: String, label: String) -> Answer<Group> {
    ask(Method::POST, "/api/v1/groups/join", &Join { code, label }).await
}

pub async fn change_code(id: &str, open: bool) -> Answer<Code> {
    ask(Method::PUT, &format!("/api/v1/groups/{id}/code"), &ChangeCode { open }).await
}

pub async fn members(id: &str, cursor: &str) -> Answer<MemberList> {
    let query = query(&[("cursor", cursor), ("limit", "100")]);
    get(&format!("/api/v1/groups/{id}/members{query}")).await
}

pub async fn change_member(id: &str, user: &str, change: &ChangeMember) -> Answer<()> {
    tell(Method::PUT, &format!("/api/v1/groups/{id}/members/{user}"), change).await
}

pub async fn remove_member(id: &str, user: &str) -> Answer<()> {
    order(Method::DELETE, &format!("/api/v1/groups/{id}/members/{user}")).await
}

// administration

pub async fn users(search: &str, cursor: &str) -> Answer<AdminUserList> {
    let query = query(&[("search", search), ("cursor", cursor)]);
    get(&format!("/api/v1/admin/users{query}")).await
}

pub async fn user(id: &str) -> Answer<AdminUser> {
    get(&format!("/api/v1/admin/users/{}", escaped(id))).await
}

pub async fn change_user(id: &str, change: &ChangeUser) -> Answer<AdminUser> {
    ask(Method::PATCH, &format!("/api/v1/admin/users/{id}"), change).await
}

pub async fn set_course(group: &str, course: bool) -> Answer<()> {
    let path = format!("/api/v1/admin/groups/{}", escaped(group));
    tell(Method::PATCH, &path, &ChangeGroup { course }).await
}

pub async fn audit(search: &str, cursor: &str) -> Answer<AuditList> {
    let query = query(&[("search", search), ("cursor", cursor)]);
    get(&format!("/api/v1/admin/audit{query}")).await
}

pub async fn health() -> Answer<Health> {
    get("/api/v1/admin/health").await
}

//! The server as async calls. A page on static hosting, or offline, has none: every call then says
//! [`ApiError::Unreachable`], and the page goes on without.

use api::http::Problem;
use api::http::projects::{LINK_HEADER, SaveProject};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// No server, or one that is not ours.
    Unreachable,
    /// The server says no, and why.
    Refused(Box<Problem>),
}

impl ApiError {
    /// Whether the server refused with this code.
    pub fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(problem) if problem.code == code)
    }
}

pub type Answer<T> = Result<T, ApiError>;

/// Sends a request; an answer that is no success is an error.
pub async fn send(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<String>,
) -> Answer<Response> {
    let mut request = RequestBuilder::new(path).method(method).header("accept", "application/json");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let sent = match body {
        Some(body) => {
            let request = request.header("content-type", "application/json").body(body);
            request.map_err(|_| ApiError::Unreachable)?.send().await
        }
        None => request.send().await,
    };
    let response = sent.map_err(|_| ApiError::Unreachable)?;
    if response.ok() {
        return Ok(response);
    }
    Err(match response.json::<Problem>().await {
        Ok(problem) => ApiError::Refused(Box::new(problem)),
        Err(_) => ApiError::Unreachable,
    })
}

/// The body of an answer. A static host answers with its own page: that is no server of ours.
pub async fn read<T: DeserializeOwned>(response: Response) -> Answer<T> {
    response.json().await.map_err(|_| ApiError::Unreachable)
}

/// As JSON, for [`send`].
pub fn body<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

/// An entity tag, for `If-Match`.
pub fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What makes a request be one of who has a link.
pub fn by_link(link: Option<&str>) -> Vec<(&str, &str)> {
    link.map(|link| (LINK_HEADER, link)).into_iter().collect()
}

/// A word within an address.
pub fn escaped(word: &str) -> String {
    js_sys::encode_uri_component(word).into()
}

/// Who is signed in: `api::http::account::Me`, or as much of it as is wanted.
pub async fn me<T: DeserializeOwned>() -> Answer<T> {
    read(send(Method::GET, "/api/v1/me", &[], None).await?).await
}

pub async fn sign_out() -> Answer<()> {
    send(Method::DELETE, "/api/v1/session", &[], None).await.map(drop)
}

pub const PROJECTS: &str = "/api/v1/projects";

/// A project: `api::http::projects::Project`, or as much of it as is wanted.
pub async fn project<T: DeserializeOwned>(id: &str, link: Option<&str>) -> Answer<T> {
    let path = format!("{PROJECTS}/{}", escaped(id));
    read(send(Method::GET, &path, &by_link(link), None).await?).await
}

/// The project as it was.
pub async fn project_version<T: DeserializeOwned>(
    id: &str,
    link: Option<&str>,
    version: i64,
) -> Answer<T> {
    let path = format!("{PROJECTS}/{}/versions/{version}", escaped(id));
    read(send(Method::GET, &path, &by_link(link), None).await?).await
}

/// Makes a project.
pub async fn create_project<T: DeserializeOwned>(project: &SaveProject) -> Answer<T> {
    read(send(Method::POST, PROJECTS, &[], body(project)).await?).await
}

/// Writes the next version of a project; refused (`version_conflict`) if someone else did so since
/// `version`.
pub async fn update_project<T: DeserializeOwned>(
    id: &str,
    link: Option<&str>,
    version: i64,
    project: &SaveProject,
) -> Answer<T> {
    let path = format!("{PROJECTS}/{}", escaped(id));
    let tag = tag(version);
    let mut headers = by_link(link);
    headers.push(("if-match", &tag));
    read(send(Method::PUT, &path, &headers, body(project)).await?).await
}

//! Every error of the server, and its one way to the client: `application/problem+json`
//! (RFC 9457, [`Problem`]).
//!
//! [`ApiError`] travels in the response's extensions to [`render`], the outermost place that sees
//! an answer. There it gets the request's id, is written and logged, once. An error answer without
//! one (a limit, a wrong method, a cross-site request) is described by its status.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use api::http::Problem;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::ProtectionError;

use crate::request_id::RequestId;

/// Media type of every error.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What kind of error it is; with it status, stable code and title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    BadRequest,
    MalformedJson,
    SignInRequired,
    WrongCredentials,
    ConfirmationRequired,
    ScopeMissing,
    Suspended,
    Conflict,
    LinkVoid,
    TooManyRequests,
    Forbidden,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    LimitReached,
    VersionConflict,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    PreconditionRequired,
    Internal,
    Overloaded,
    NotReady,
    StorageFull,
}

impl Kind {
    /// Status, code for programs, title for people.
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => (S::BAD_REQUEST, "bad_request", "The request is malformed"),
            Self::MalformedJson => (S::BAD_REQUEST, "malformed_json", "The body is not JSON"),
            Self::SignInRequired => (S::UNAUTHORIZED, "sign_in_required", "Not signed in"),
            Self::WrongCredentials => {
                (S::UNAUTHORIZED, "wrong_credentials", "Wrong address or password")
            }
            Self::ConfirmationRequired => {
                (S::FORBIDDEN, "confirmation_required", "The password is needed once more")
            }
            Self::ScopeMissing => (S::FORBIDDEN, "scope_missing", "Beyond the token's reach"),
            Self::Suspended => (S::FORBIDDEN, "suspended", "The account is suspended"),
            Self::Conflict => (S::CONFLICT, "conflict", "Not as things stand"),
            Self::LinkVoid => (S::GONE, "link_void", "The link is not valid any more"),
            Self::TooManyRequests => {
                (S::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests")
            }
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Not allowed"),
            Self::CrossSite => (S::FORBIDDEN, "cross_site", "Refused from another site"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "There is no such thing here"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "Not possible with this method")
            }
            Self::RequestTimeout => {
                (S::REQUEST_TIMEOUT, "request_timeout", "The request took too long to arrive")
            }
            Self::LimitReached => (S::CONFLICT, "limit_reached", "A limit is reached"),
            Self::VersionConflict => {
                (S::PRECONDITION_FAILED, "version_conflict", "Changed in the meantime")
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too_large", "Too large"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Not this media type")
            }
            Self::Invalid => (S::UNPROCESSABLE_ENTITY, "invalid", "The content is not valid"),
            Self::PreconditionRequired => {
                (S::PRECONDITION_REQUIRED, "precondition_required", "If-Match is missing")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "The server has a fault"),
            Self::Overloaded => (S::SERVICE_UNAVAILABLE, "overloaded", "Too busy"),
            Self::NotReady => (S::SERVICE_UNAVAILABLE, "not_ready", "Not ready"),
            Self::StorageFull => (S::SERVICE_UNAVAILABLE, "storage_full", "No room left"),
        }
    }

    /// Seconds after which it is worth trying again.
    const fn retry_after_secs(self) -> Option<u32> {
        match self {
            Self::Overloaded => Some(2),
            Self::NotReady => Some(5),
            Self::StorageFull => Some(600),
            _ => None,
        }
    }
}

/// An error on its way to the client.
#[derive(Debug, Clone)]
pub struct ApiError {
    kind: Kind,
    detail: Cow<'static, str>,
    /// For the log alone: it may name what is no client's business.
    cause: Option<Arc<dyn Error + Send + Sync>>,
    /// Apart, since results carry this type everywhere.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    field: Option<&'static str>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// `detail` is a sentence for the person at the other end: what happened, what to do.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), cause: None, header: None, field: None }
    }

    /// Our fault. The cause is logged and not told.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Kind::Internal, INTERNAL_DETAIL).caused_by(cause)
    }

    /// What to log beside the detail.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// Names the field of the body that is meant.
    #[must_use]
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn problem(&self, headers: &HeaderMap, request_id: Option<&RequestId>) -> Problem {
        let retry_after =
            headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let (status, code, title) = self.kind.parts();
        Problem {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: code.to_owned(),
            field: self.field.map(str::to_owned),
            retry_after_secs: retry_after,
            request_id: request_id.map(ToString::to_string),
        }
    }
}

const INTERNAL_DETAIL: &str = "Something went wrong on the server. It has been recorded; please \
                               quote the request id if you report it.";

impl IntoResponse for ApiError {
    /// Status and headers; the body is written by [`render`].
    fn into_response(self) -> Response {
        let mut response = self.kind.parts().0.into_response();
        if let Some(secs) = self.kind.retry_after_secs() {
            response.headers_mut().insert(RETRY_AFTER, secs.into());
        }
        if self.kind.parts().0 == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        if let Some((name, value)) = self.header.as_deref() {
            response.headers_mut().insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        match trouble(&error) {
            Some(Trouble::Busy) => Self::new(
                Kind::Overloaded,
                "The server has too much to write just now. Please try again in a moment.",
            )
            .caused_by(error),
            Some(Trouble::Full) => Self::new(
                Kind::StorageFull,
                "The server's disk is full. Nothing was saved; its operator has to make room.",
            )
            .caused_by(error),
            None => Self::internal(error),
        }
    }
}

/// What a database complains of that is no fault of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Busy,
    Full,
}

fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    let database = match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => return Some(Trouble::Busy),
        sqlx::Error::Database(database) => database,
        _ => return None,
    };
    let code = database.code()?;
    if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        // PostgreSQL's documentation, appendix A.
        return match &*code {
            // Serialization failure, deadlock, lock not available, cancelled by a timeout; too many
            // connections, starting, stopping.
            "40001" | "40P01" | "55P03" | "57014" | "53300" | "57P01" | "57P02" | "57P03" => {
                Some(Trouble::Busy)
            }
            "53100" => Some(Trouble::Full),
            _ => None,
        };
    }
    // SQLite's result codes; the extended ones carry the plain one in their low byte.
    match code.parse::<u32>().ok()? & 0xff {
        5 => Some(Trouble::Busy),
        13 => Some(Trouble::Full),
        _ => None,
    }
}

impl From<tower_sessions::session::Error> for ApiError {
    fn from(error: tower_sessions::session::Error) -> Self {
        use tower_sessions::session::Error::{SerdeJson, Store};
        match error {
            SerdeJson(error) => Self::internal(error),
            Store(error) => Self::new(
                Kind::Overloaded,
                "The server cannot get at its sessions just now. Please try again in a moment.",
            )
            .caused_by(error),
        }
    }
}

/// A panic in a handler. Its message went to the log by the panic hook.
pub fn from_panic(_: Box<dyn Any + Send>) -> Response {
    ApiError::new(Kind::Internal, INTERNAL_DETAIL).into_response()
}

/// Writes the body of every error answer, and logs it.
pub async fn render(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }

    let (mut parts, _) = response.into_parts();
    let error =
        parts.extensions.remove::<ApiError>().unwrap_or_else(|| describe(parts.status, &parts));
    if parts.status.is_server_error() {
        let cause = error.cause.as_deref().map(tracing::field::display);
        let route = route.as_ref().map_or("", MatchedPath::as_str);
        let code = error.kind.parts().1;
        tracing::error!(code, cause, %method, route, "request failed");
    }

    let body = serde_json::to_vec(&error.problem(&parts.headers, request_id.as_ref()))
        .expect("a struct of strings and a number is JSON");
    parts.status = error.kind.parts().0;
    parts.headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(body))
}

/// An error answer that none of our code made.
fn describe(status: StatusCode, parts: &axum::http::response::Parts) -> ApiError {
    if parts.extensions.get::<ProtectionError>().is_some() {
        return ApiError::new(
            Kind::CrossSite,
            "The request came from another site. Send it from the lab's own page, or without the \
             headers `Origin` and `Sec-Fetch-Site`.",
        );
    }
    match status {
        StatusCode::NOT_FOUND => ApiError::new(Kind::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            Kind::MethodNotAllowed,
            "This address does not take this method; the header `Allow` names those it takes.",
        ),
        StatusCode::REQUEST_TIMEOUT => {
            ApiError::new(Kind::RequestTimeout, "The request did not arrive in time.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(Kind::TooLarge, "The body is larger than this address takes.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ApiError::new(Kind::UnsupportedMediaType, "This address does not take this media type.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ApiError::new(Kind::Overloaded, "The server is too busy. Please try again in a moment.")
        }
        StatusCode::FORBIDDEN => ApiError::new(Kind::Forbidden, "This is not allowed."),
        status if status.is_client_error() => {
            ApiError::new(Kind::BadRequest, "The request cannot be understood.")
        }
        _ => ApiError::new(Kind::Internal, INTERNAL_DETAIL),
    }
}

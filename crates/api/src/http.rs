//! Bodies of the HTTP interface, one module per resource. Errors are [`Problem`].

use serde::{Deserialize, Serialize};

pub mod account;
pub mod admin;
pub mod circuits;
pub mod groups;
pub mod limits;
pub mod projects;

/// An error as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `about:blank`, or a page that explains the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short, the same for each occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// Stable, for programs: `not_found`, `too_large`, ….
    pub code: String,
    /// The field of the body that is meant, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds before which the same request is refused again; also the header `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
    /// Quote this when asking the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

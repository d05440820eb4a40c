//! `/api/v1/admin`: for those who run the server.

use serde::{Deserialize, Serialize};

use super::account::Role;
use super::limits::Limits;

/// A user as an operator sees it. Reading this is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminUser {
    pub id: String,
    pub guest: bool,
    pub role: Role,
    pub display_name: String,
    pub email: Option<String>,
    pub email_verified: bool,
    /// Where it is not the role's.
    pub plan: Option<String>,
    pub suspended: bool,
    pub created_at_us: i64,
    pub limits: Limits,
}

/// A page of users, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminUserList {
    pub users: Vec<AdminUser>,
    pub next: Option<String>,
}

/// Body of `PATCH /api/v1/admin/users/{id}`: what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Name of a plan; empty for the role's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Ends all sessions at once; tokens and passwords are void until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
}

/// Body of `PATCH /api/v1/admin/groups/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeGroup {
    /// Whether its members have the limits of the plan `course`, where those are wider than their own.
    pub course: bool,
}

/// A line of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub seq: i64,
    pub at_us: i64,
    /// A user's id; none for a stranger and for the command line.
    pub actor_id: Option<String>,
    pub action: String,
    pub object: String,
    pub request_id: String,
    pub detail: String,
    /// SHA-256 over this line and the hash of the one before.
    pub hash: String,
}

/// A page of the audit, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditList {
    pub entries: Vec<AuditEntry>,
    pub next: Option<String>,
}

/// Answer of `GET /api/v1/admin/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `sqlite` or `postgres`.
    pub database: String,
    pub guests: i64,
    pub users: i64,
    pub suspended: i64,
    pub sessions: i64,
    pub circuits: i64,
    pub projects: i64,
    /// Contents of projects, each counted once.
    pub stored_bytes: i64,
}

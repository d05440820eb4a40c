//! What a user may use.

use serde::{Deserialize, Serialize};

/// Names of the plans that an administrator can give, narrowest first.
pub const PLAN_NAMES: [&str; 4] = ["guest", "learner", "course", "author"];

/// Bounds on one user; the server states those in force in [`super::account::Account`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Single circuits (`/api/v1/circuits`).
    pub circuits: i64,
    /// Projects, those in the trash included.
    pub projects: i64,
    /// Names, texts, all versions and results together.
    pub storage_bytes: i64,
    /// Qubits of a run on the server; 0 where the server runs nothing for this user.
    pub server_qubits: i64,
    /// Minutes of computing on the server per month.
    pub job_minutes: i64,
    /// Shots of one run on the server.
    pub shots: i64,
    /// Submissions to challenges per day.
    pub submissions: i64,
    /// Whether hardware of providers may be used.
    pub hardware: bool,
}

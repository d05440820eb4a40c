//! `/api/v1/circuits`: circuits that a guest or a user keeps on the server.

use serde::{Deserialize, Serialize};

use crate::run::Program;

/// Longest name, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Longest program, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 1 << 20;
/// Most circuits of one owner.
pub const MAX_CIRCUITS: i64 = 500;
/// Most bytes of names and programs of one owner together.
pub const MAX_TOTAL_BYTES: i64 = 64 << 20;

/// Body of `POST /api/v1/circuits` and of `PUT /api/v1/circuits/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveCircuit {
    /// 1 to [`MAX_NAME_CHARS`] characters, not all of them blanks, none a control character.
    pub name: String,
    /// Its text has at most [`MAX_TEXT_BYTES`] and no NUL.
    pub program: Program,
}

/// A kept circuit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Circuit {
    /// UUID version 7.
    pub id: String,
    pub name: String,
    pub program: Program,
    /// Microseconds since 1970-01-01 UTC.
    pub created_at_us: i64,
    pub updated_at_us: i64,
    /// Counts up from 1 with each save; also the entity tag (`"3"`).
    pub version: i64,
}

/// One line of `GET /api/v1/circuits`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CircuitSummary {
    pub id: String,
    pub name: String,
    pub updated_at_us: i64,
    pub version: i64,
}

/// Answer of `GET /api/v1/circuits`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CircuitList {
    pub circuits: Vec<CircuitSummary>,
}

//! `/api/v1/projects`: circuits, notes and results that belong together, with every version kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::project::RunSettings;
use crate::run::Program;

/// Most circuits of one project.
pub const MAX_CIRCUITS: usize = 100;
/// Longest notes, in bytes.
pub const MAX_NOTES_BYTES: usize = 256 << 10;
/// Most bytes of a version: notes, names, texts and inputs together.
pub const MAX_CONTENT_BYTES: usize = 2 << 20;
/// Most tags of one project.
pub const MAX_TAGS: usize = 20;
/// Longest tag, in characters.
pub const MAX_TAG_CHARS: usize = 40;
/// Largest result of a run, in bytes of JSON.
pub const MAX_RESULT_BYTES: usize = 1 << 20;
/// Most runs that one project keeps.
pub const MAX_RUNS: i64 = 1000;
/// Lines of a page of a list: at most, and where nothing is said.
pub const MAX_PAGE: i64 = 100;
pub const PAGE: i64 = 50;
/// Header that carries the secret of a shared link.
pub const LINK_HEADER: &str = "ketlab-link";

/// One circuit of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProjectCircuit {
    /// 1 to 64 letters, digits, `-`, `_`; chosen by the page, one of its kind within the project.
    pub id: String,
    /// At most [`super::circuits::MAX_NAME_CHARS`] characters.
    pub name: String,
    pub program: Program,
    #[serde(default)]
    pub settings: RunSettings,
    /// Values of the program's `input` parameters, as typed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
}

/// What a version holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Markdown.
    #[serde(default)]
    pub notes: String,
    /// In the order of the page.
    pub circuits: Vec<ProjectCircuit>,
}

/// Body of `POST /api/v1/projects` and of `PUT /api/v1/projects/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveProject {
    pub name: String,
    #[serde(default)]
    pub tags: Vec<String>,
    pub content: Content,
}

/// What one may do with a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    Read,
    /// Reads, and makes a copy of one's own.
    Copy,
    /// Saves versions, attaches runs.
    Edit,
    /// Shares, restores, deletes.
    Own,
}

/// Who finds a project besides those who are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Private,
    /// Whoever has the link.
    Link,
    /// Everyone; it is listed.
    Public,
}

/// Where a project was copied from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    pub project_id: String,
    pub version: i64,
}

/// A project at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// UUID version 7.
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
    pub content: Content,
    /// Counts up from 1 with each save; also the entity tag (`"3"`).
    pub version: i64,
    /// SHA-256 of the version's content: the same content has the same one.
    pub content_hash: String,
    pub visibility: Visibility,
    /// What the asker may do.
    pub access: Access,
    pub origin: Option<Origin>,
    pub created_at_us: i64,
    pub updated_at_us: i64,
    /// When it was put into the trash, if it is there.
    pub trashed_at_us: Option<i64>,
}

/// What is needed of a [`Project`] to save it again: read from the same answers.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Stored {
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
    pub content: Content,
    pub version: i64,
    pub access: Access,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectSummary {
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
    pub version: i64,
    pub visibility: Visibility,
    pub access: Access,
    pub circuits: i64,
    pub updated_at_us: i64,
    pub trashed_at_us: Option<i64>,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProjectList {
    pub projects: Vec<ProjectSummary>,
    /// For `?cursor=`; none on the last page.
    pub next: Option<String>,
}

/// One version, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    pub version: i64,
    /// Empty unless it was named.
    pub label: String,
    pub content_hash: String,
    /// Who saved it: a user's id, if the account is still there.
    pub author_id: Option<String>,
    pub created_at_us: i64,
}

/// A page of versions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionList {
    pub versions: Vec<Version>,
    pub next: Option<String>,
}

/// Body of `PUT /api/v1/projects/{id}/versions/{version}/label`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// At most 100 characters; empty takes the name away.
    pub label: String,
}

/// How a project is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sharing {
    pub visibility: Visibility,
    /// For those who come by the link, or to a public project: never [`Access::Own`].
    pub access: Access,
    /// The link's secret, where the project is shared by link.
    pub link: Option<String>,
    /// By address of an account, and by group.
    pub grants: Vec<Grant>,
}

/// Body of `PUT /api/v1/projects/{id}/sharing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeSharing {
    pub visibility: Visibility,
    pub access: Access,
    /// Makes the link that there was void.
    #[serde(default)]
    pub new_link: bool,
    /// Replaces those that there were; at most 100.
    pub grants: Vec<Grant>,
}

/// What one user or one group may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub to: Grantee,
    /// `own` cannot be given.
    pub access: Access,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// A user's id.
    User(String),
    /// A group's id: all who are in it.
    Group(String),
}

/// Body of `POST /api/v1/projects/{id}/fork`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Fork {
    pub name: String,
    /// The newest where none is named.
    #[serde(default)]
    pub version: Option<i64>,
}

/// Everything that is needed to repeat a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// Of the circuit in the project.
    pub circuit_id: String,
    /// Version of the project.
    pub version: i64,
    /// SHA-256 of the program's text, hexadecimal; compared with the version's.
    pub program_hash: String,
    pub seed: u64,
    pub shots: u64,
    /// How it was simulated, such as `statevector`.
    pub method: String,
    /// Noise model, JSON; none for an ideal run.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub noise: Option<serde_json::Value>,
    /// Where: `browser`, `server`, or a backend's name.
    pub backend: String,
    /// Calibration snapshot of hardware, JSON.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub calibration: Option<serde_json::Value>,
    /// Version of the simulator.
    pub engine: String,
    /// How long it took.
    pub duration_us: i64,
    /// Counts and what was asked besides, JSON; at most [`MAX_RESULT_BYTES`].
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub result: serde_json::Value,
}

/// A kept run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    /// UUID version 7.
    pub id: String,
    pub run: NewRun,
    /// Whether `program_hash` is that of the circuit in the named version: then the same seed on the
    /// same engine gives the same counts.
    pub repeatable: bool,
    /// SHA-256 of the result.
    pub result_hash: String,
    pub created_at_us: i64,
}

/// A line of the list of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSummary {
    pub id: String,
    pub circuit_id: String,
    pub version: i64,
    pub seed: u64,
    pub shots: u64,
    pub backend: String,
    pub repeatable: bool,
    pub result_hash: String,
    pub created_at_us: i64,
}

/// A page of runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunList {
    pub runs: Vec<RunSummary>,
    pub next: Option<String>,
}

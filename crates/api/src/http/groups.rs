//! `/api/v1/groups`: organizations, courses, teams.

use serde::{Deserialize, Serialize};

/// Most groups that one user is in.
pub const MAX_GROUPS: i64 = 200;
/// Most members of one group.
pub const MAX_MEMBERS: i64 = 5000;

/// What a group is for. All kinds work alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    Organization,
    Course,
    Team,
}

/// What one is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupRole {
    Member,
    /// Sees who is who, takes members in and out.
    Instructor,
    /// Changes and deletes the group, names instructors.
    Owner,
}

/// Body of `POST /api/v1/groups` and of `PUT /api/v1/groups/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveGroup {
    pub kind: GroupKind,
    /// 1 to 100 characters.
    pub name: String,
    /// Members see each other under made-up names.
    pub pseudonyms: bool,
}

/// A group as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// UUID version 7.
    pub id: String,
    pub kind: GroupKind,
    pub name: String,
    pub pseudonyms: bool,
    /// What the asker is in it.
    pub role: GroupRole,
    /// How others see the asker.
    pub own_name: String,
    pub members: i64,
    /// For instructors and owners; none while nobody may join.
    pub join_code: Option<String>,
    /// Plan of its members, where it gives more than their own; an administrator sets it.
    pub plan: Option<String>,
    /// Counts up with each change; also the entity tag.
    pub version: i64,
    pub created_at_us: i64,
}

/// Answer of `GET /api/v1/groups`: those that the asker is in, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupList {
    pub groups: Vec<Group>,
}

/// Body of `POST /api/v1/groups/join`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// As it was told; case, blanks and hyphens do not count.
    pub code: String,
    /// What the instructors call the person; at most 100 characters.
    #[serde(default)]
    pub label: String,
}

/// Body of `PUT /api/v1/groups/{id}/code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeCode {
    /// `true` makes a new code, and the old one void; `false` takes it away.
    pub open: bool,
}

/// Answer of `PUT /api/v1/groups/{id}/code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Code {
    pub join_code: Option<String>,
}

/// One who is in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    pub user_id: String,
    pub role: GroupRole,
    /// The made-up name where the group has them, else the label or the display name.
    pub name: String,
    /// For instructors and owners: what the person is called.
    pub label: Option<String>,
    /// The same: without an account's address, this browser alone leads to it.
    pub guest: Option<bool>,
    pub joined_at_us: i64,
}

/// A page of members, in the order they joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberList {
    pub members: Vec<Member>,
    pub next: Option<String>,
}

/// Body of `PUT /api/v1/groups/{id}/members/{user}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    pub role: GroupRole,
    #[serde(default)]
    pub label: String,
}

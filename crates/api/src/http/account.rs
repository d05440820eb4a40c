//! Accounts: who one is, signing up and in, sessions, tokens, preferences.

use serde::{Deserialize, Serialize};

use super::limits::Limits;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Longest password, in characters.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less its brackets).
pub const MAX_EMAIL_BYTES: usize = 254;
/// Longest name of a person, a token or a group, in characters.
pub const MAX_LABEL_CHARS: usize = 100;
/// Most personal API tokens of one user.
pub const MAX_TOKENS: i64 = 50;
/// Largest preferences, in bytes of JSON.
pub const MAX_PREFERENCES_BYTES: usize = 64 << 10;

/// What a user may do everywhere; in a group there are [`super::groups::GroupRole`]s besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps projects, joins groups.
    Learner,
    /// Makes groups and public material too.
    Author,
    /// Sees how the server and its users fare.
    Operator,
    /// Changes users: roles, plans, suspensions.
    Admin,
}

/// A user's own view of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// UUID version 7.
    pub id: String,
    /// Without credentials: only this browser's cookie leads to it.
    pub guest: bool,
    pub role: Role,
    /// Empty until it is given.
    pub display_name: String,
    pub email: Option<String>,
    /// The address was proven by a link sent to it.
    pub email_verified: bool,
    /// An address that a link was sent to and that is not in use before the link is followed.
    pub email_pending: Option<String>,
    pub has_password: bool,
    pub created_at_us: i64,
    pub limits: Limits,
}

/// Answer of `GET /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// `None` for one who has saved nothing and not signed in.
    pub account: Option<Account>,
    /// Whether the server sends mail: without it there is no reset of passwords by mail.
    pub mail: bool,
    /// Names of the sign-in providers beside e-mail and password.
    #[serde(default)]
    pub providers: Vec<String>,
}

/// Who is signed in, of [`Me`] what the lab shows: read from the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Who {
    pub account: Option<WhoAccount>,
}

/// The part of [`Account`] that is in [`Who`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WhoAccount {
    pub guest: bool,
    pub display_name: String,
    pub email: Option<String>,
}

/// Body of `PATCH /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    /// At most [`MAX_LABEL_CHARS`].
    pub display_name: String,
}

/// Body of `POST /api/v1/account`: a guest becomes a user, keeping everything; a stranger starts as one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    pub email: String,
    /// [`MIN_PASSWORD_CHARS`] to [`MAX_PASSWORD_CHARS`].
    pub password: String,
    #[serde(default)]
    pub display_name: String,
}

/// Body of `POST /api/v1/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub email: String,
    pub password: String,
    /// Moves what this browser's guest has saved into the account, as far as there is room.
    #[serde(default)]
    pub keep_guest_work: bool,
}

/// Body of `POST /api/v1/session/confirm`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    pub password: String,
}

/// Body of `PUT /api/v1/account/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub password: String,
}

/// Body of `PUT /api/v1/account/email` and of `POST /api/v1/account/password/reset-mail`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EmailOnly {
    pub email: String,
}

/// Body of `POST /api/v1/account/email/verify`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// From the link in the mail.
    pub token: String,
}

/// Body of `POST /api/v1/account/password/reset`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the link in the mail.
    pub token: String,
    pub password: String,
}

/// One browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// Names the session; signs nobody in.
    pub id: String,
    /// The one that asks.
    pub current: bool,
    /// Browser and system, as far as the browser says, such as `Firefox, Linux`.
    pub agent: String,
    pub created_at_us: i64,
    /// Within five minutes.
    pub last_seen_at_us: i64,
    pub expires_at_us: i64,
}

/// Answer of `GET /api/v1/sessions`, last seen first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionList {
    pub sessions: Vec<SessionInfo>,
}

/// What a token may do. No token changes credentials or other users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    #[serde(rename = "account:read")]
    AccountRead,
    #[serde(rename = "projects:read")]
    ProjectsRead,
    #[serde(rename = "projects:write")]
    ProjectsWrite,
    #[serde(rename = "groups:read")]
    GroupsRead,
    #[serde(rename = "groups:write")]
    GroupsWrite,
}

impl Scope {
    /// As it is written in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountRead => "account:read",
            Self::ProjectsRead => "projects:read",
            Self::ProjectsWrite => "projects:write",
            Self::GroupsRead => "groups:read",
            Self::GroupsWrite => "groups:write",
        }
    }

    pub const ALL: [Self; 5] = [
        Self::AccountRead,
        Self::ProjectsRead,
        Self::ProjectsWrite,
        Self::GroupsRead,
        Self::GroupsWrite,
    ];
}

/// Body of `POST /api/v1/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// 1 to [`MAX_LABEL_CHARS`] characters, for its owner.
    pub name: String,
    /// At least one.
    pub scopes: Vec<Scope>,
    /// 1 to 366.
    pub days: u32,
}

/// A token, without itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenInfo {
    pub id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// Its last four characters.
    pub hint: String,
    pub created_at_us: i64,
    pub expires_at_us: i64,
    /// Within an hour.
    pub last_used_at_us: Option<i64>,
}

/// Answer of `POST /api/v1/tokens`: the only time that the token is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// For `Authorization: Bearer …`.
    pub token: String,
    pub info: TokenInfo,
}

/// Answer of `GET /api/v1/tokens`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenList {
    pub tokens: Vec<TokenInfo>,
}

/// Body of `PUT /api/v1/me/preferences` and answer of `GET`: any JSON object of at most
/// [`MAX_PREFERENCES_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = Object))]
#[serde(transparent)]
pub struct Preferences(pub serde_json::Map<String, serde_json::Value>);

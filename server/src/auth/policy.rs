//! What one may do: one function, [`authorize`], for every route. Deny by default.
//!
//! What one must not know of answers as if it were not there ([`Denied::Hidden`]). Ids are hard to
//! guess, but that is never the defence.

use api::http::account::{Role, Scope};
use api::http::groups::GroupRole;
use api::http::projects::Access;
use uuid::Uuid;

use crate::error::{ApiError, Kind};

/// What a route does. Each route names its action in the list of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Signing in, health, what everyone may see.
    Open,
    /// Looks at the own account, which may be none.
    SeeSelf,
    /// Changes a name or preferences; a guest may.
    ChangeSelf,
    /// Sessions, tokens, export: not by token.
    ManageAccount,
    /// Credentials, deletion: not by token, and the password was given a short time ago.
    ChangeCredentials,
    /// Lists the own things, which may be none.
    ListOwn,
    /// Saves something new; a stranger becomes a guest by it.
    Create,
    /// Looks at one thing.
    Read,
    /// Makes a copy of one thing.
    Copy,
    /// Changes one thing.
    Edit,
    /// Shares, names, deletes, restores one thing.
    Manage,
    /// Lists the groups that one is in, which may be none.
    ListGroups,
    /// Joins by a code; a stranger becomes a guest by it.
    JoinGroup,
    /// Makes a group.
    CreateGroup,
    /// Looks at a group, or leaves it.
    SeeGroup,
    /// Sees who is who, takes members in and out.
    TeachGroup,
    /// Changes and deletes a group.
    OwnGroup,
    /// Lists what administers the server: users, audit, figures.
    Oversee,
    /// Changes others: roles, plans, suspensions.
    Administer,
}

impl Action {
    /// The scope that a token needs; `None` where no token is enough.
    const fn scope(self) -> Option<Scope> {
        match self {
            Self::SeeSelf => Some(Scope::AccountRead),
            Self::ListOwn | Self::Read => Some(Scope::ProjectsRead),
            Self::Create | Self::Copy | Self::Edit | Self::Manage => Some(Scope::ProjectsWrite),
            Self::ListGroups | Self::SeeGroup => Some(Scope::GroupsRead),
            Self::JoinGroup | Self::CreateGroup | Self::TeachGroup | Self::OwnGroup => {
                Some(Scope::GroupsWrite)
            }
            Self::Open
            | Self::ChangeSelf
            | Self::ManageAccount
            | Self::ChangeCredentials
            | Self::Oversee
            | Self::Administer => None,
        }
    }
}

/// What the action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The asker's own, or nothing in particular.
    None,
    /// A thing that is its owner's alone.
    Owned(Uuid),
    /// A project, and what the asker was given on it; `None` where it is not to be known of.
    Project(Option<Access>),
    /// A group, and what the asker is in it; `None` for one who is not.
    Group(Option<GroupRole>),
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// Id, role, whether a guest.
    pub user: Option<(Uuid, Role, bool)>,
    /// Of the token, if one asks by token.
    pub scopes: Option<&'a [Scope]>,
    /// The password was given a short time ago.
    pub confirmed: bool,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in.
    SignIn,
    /// The password has to be given once more.
    Confirm,
    /// The token does not reach so far.
    Scope,
    /// It is told that this is not allowed.
    Forbidden,
    /// It is told that there is nothing.
    Hidden,
}

/// Whether `who` may do `action` to `resource`.
pub fn authorize(who: Who<'_>, action: Action, resource: Resource) -> Result<(), Denied> {
    if let Some(scopes) = who.scopes
        && action != Action::Open
    {
        let granted = action.scope().is_some_and(|scope| scopes.contains(&scope));
        if !granted {
            return Err(Denied::Scope);
        }
    }
    let user = who.user;
    match action {
        Action::Open
        | Action::SeeSelf
        | Action::ListOwn
        | Action::Create
        | Action::ListGroups
        | Action::JoinGroup => Ok(()),
        Action::ChangeSelf => user.map(drop).ok_or(Denied::SignIn),
        Action::ManageAccount | Action::CreateGroup => member(user),
        Action::ChangeCredentials => {
            member(user)?;
            if who.confirmed { Ok(()) } else { Err(Denied::Confirm) }
        }
        Action::Read | Action::Copy | Action::Edit | Action::Manage => match resource {
            Resource::Owned(owner) if user.is_some_and(|(id, ..)| id == owner) => Ok(()),
            Resource::Project(Some(access)) if access >= needed(action) => Ok(()),
            Resource::Project(Some(_)) => Err(Denied::Forbidden),
            _ => Err(Denied::Hidden),
        },
        Action::SeeGroup | Action::TeachGroup | Action::OwnGroup => match resource {
            Resource::Group(Some(role)) if role >= role_needed(action) => Ok(()),
            Resource::Group(Some(_)) => Err(Denied::Forbidden),
            _ => Err(Denied::Hidden),
        },
        Action::Oversee => at_least(user, Role::Operator),
        Action::Administer => {
            at_least(user, Role::Admin)?;
            if who.confirmed { Ok(()) } else { Err(Denied::Confirm) }
        }
    }
}

/// On a project.
const fn needed(action: Action) -> Access {
    match action {
        Action::Read => Access::Read,
        Action::Copy => Access::Copy,
        Action::Edit => Access::Edit,
        _ => Access::Own,
    }
}

/// In a group.
const fn role_needed(action: Action) -> GroupRole {
    match action {
        Action::SeeGroup => GroupRole::Member,
        Action::TeachGroup => GroupRole::Instructor,
        _ => GroupRole::Owner,
    }
}

/// Has credentials.
fn member(user: Option<(Uuid, Role, bool)>) -> Result<(), Denied> {
    match user {
        Some((_, _, false)) => Ok(()),
        Some((_, _, true)) | None => Err(Denied::SignIn),
    }
}

fn at_least(user: Option<(Uuid, Role, bool)>, role: Role) -> Result<(), Denied> {
    member(user)?;
    if user.is_some_and(|(_, own, _)| own >= role) { Ok(()) } else { Err(Denied::Forbidden) }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignIn => Self::new(Kind::SignInRequired, "Sign in to do this."),
            Denied::Confirm => Self::new(
                Kind::ConfirmationRequired,
                "Give your password once more to do this: `POST /api/v1/session/confirm`.",
            ),
            Denied::Scope => Self::new(
                Kind::ScopeMissing,
                "The token does not reach so far. Some things no token can do: sign in for them.",
            ),
            Denied::Forbidden => Self::new(Kind::Forbidden, "Your role does not allow this."),
            Denied::Hidden => {
                Self::new(Kind::NotFound, "There is no such thing, or it is not yours to see.")
            }
        }
    }
}

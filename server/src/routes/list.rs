//! Every route of the API, in one list: the router, the description of the interface and the tests
//! of who may do what are made from it.

use api::http::account::{
    ChangeMe, ChangePassword, Confirm, CreatedToken, EmailOnly, Me, NewToken, Preferences,
    ResetPassword, SessionList, SignIn, SignUp, TokenList, VerifyEmail,
};
use api::http::admin::{AdminUser, AdminUserList, AuditList, ChangeGroup, ChangeUser, Health};
use api::http::circuits::{Circuit, CircuitList, SaveCircuit};
use api::http::groups::{
    ChangeCode, ChangeMember, Code, Group, GroupList, Join, MemberList, SaveGroup,
};
use api::http::projects::{
    ChangeSharing, Fork, Label, NewRun, Project, ProjectList, Run, RunList, SaveProject, Sharing,
    VersionList,
};
use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use utoipa::ToSchema;

use super::projects::{runs, sharing, version};
use super::{account, admin, circuits, export, groups, preferences, projects, session, tokens};
use crate::AppState;
use crate::auth::policy::Action;
use crate::openapi::{self, Described};

/// One method of one address, and what is to be known of it.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// What its handler asks [`crate::auth::policy::authorize`] for.
    pub action: Action,
    pub handler: MethodRouter<AppState>,
    pub summary: &'static str,
    /// Names of parameters behind `?`.
    pub query: &'static [&'static str],
    /// The body that it takes.
    pub takes: Option<Described>,
    /// Status of success, and the body that it comes with.
    pub gives: (u16, Option<Given>),
}

/// A body of an answer.
#[derive(Debug, Clone, Copy)]
pub enum Given {
    Json(Described),
    /// Of this media type.
    File(&'static str),
}

fn route(
    method: Method,
    path: &'static str,
    action: Action,
    handler: MethodRouter<AppState>,
) -> Route {
    let (summary, query, takes, gives) = ("", &[][..], None, (200, None));
    Route { method, path, action, handler, summary, query, takes, gives }
}

impl Route {
    fn says(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    fn asks(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(openapi::describe::<T>);
        self
    }

    fn gives<T: ToSchema>(mut self, status: u16) -> Self {
        self.gives = (status, Some(Given::Json(openapi::describe::<T>)));
        self
    }

    fn gives_file(mut self, media_type: &'static str) -> Self {
        self.gives = (200, Some(Given::File(media_type)));
        self
    }

    fn gives_nothing(mut self, status: u16) -> Self {
        self.gives = (status, None);
        self
    }
}

/// Routes that know a session or a token.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn api() -> Vec<Route> {
    use Action as A;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    vec![
        route(GET, "/api/v1/me", A::SeeSelf, get(account::me))
            .says("Who one is, and with which limits").gives::<Me>(200),
        route(PATCH, "/api/v1/me", A::ChangeSelf, patch(account::change))
            .says("Changes the display name").takes::<ChangeMe>().gives_nothing(204),
        route(GET, "/api/v1/me/preferences", A::SeeSelf, get(preferences::read))
            .says("Settings that follow one from device to device").gives::<Preferences>(200),
        route(PUT, "/api/v1/me/preferences", A::Create, put(preferences::replace))
            .says("Replaces the settings").takes::<Preferences>().gives_nothing(204),

        route(POST, "/api/v1/account", A::Open, post(account::sign_up))
            .says("Signs up").takes::<SignUp>().gives::<Me>(201),
        route(DELETE, "/api/v1/account", A::ChangeCredentials, delete(account::delete))
            .says("Deletes the account and everything in it").gives_nothing(204),
        route(PUT, "/api/v1/account/email", A::ChangeCredentials, put(account::change_email))
            .says("Changes the address").takes::<EmailOnly>().gives_nothing(204),
        route(POST, "/api/v1/account/email/verify", A::Open, post(account::verify_email))
            .says("The link in a mail was followed").takes::<VerifyEmail>().gives_nothing(204),
        route(PUT, "/api/v1/account/password", A::ChangeCredentials, put(account::change_password))
            .says("Changes the password; all other sessions end").takes::<ChangePassword>().gives_nothing(204),
        route(POST, "/api/v1/account/password/reset-mail", A::Open, post(account::ask_reset))
            .says("Asks for a mail to set a new password").takes::<EmailOnly>().gives_nothing(202),
        route(POST, "/api/v1/account/password/reset", A::Open, post(account::reset_password))
            .says("Sets the password that a link allows").takes::<ResetPassword>().gives_nothing(204),

        route(POST, "/api/v1/session", A::Open, post(session::sign_in))
            .says("Signs in").takes::<SignIn>().gives::<Me>(200),
        route(DELETE, "/api/v1/session", A::Open, delete(session::sign_out))
            .says("Signs out").gives_nothing(204),
        route(POST, "/api/v1/session/confirm", A::ManageAccount, post(session::confirm))
            .says("Gives the password once more").takes::<Confirm>().gives_nothing(204),
        route(GET, "/api/v1/sessions", A::ManageAccount, get(session::list))
            .says("Where one is signed in").gives::<SessionList>(200),
        route(DELETE, "/api/v1/sessions", A::ManageAccount, delete(session::end_others))
            .says("Ends all other sessions").gives_nothing(204),
        route(DELETE, "/api/v1/sessions/{id}", A::ManageAccount, delete(session::end))
            .says("Ends one session").gives_nothing(204),

        route(GET, "/api/v1/tokens", A::ManageAccount, get(tokens::list))
            .says("Personal tokens").gives::<TokenList>(200),
        route(POST, "/api/v1/tokens", A::ChangeCredentials, post(tokens::create))
            .says("Makes a token").takes::<NewToken>().gives::<CreatedToken>(201),
        route(DELETE, "/api/v1/tokens/{id}", A::ManageAccount, delete(tokens::delete))
            .says("Ends a token").gives_nothing(204),

        route(GET, "/api/v1/circuits", A::ListOwn, get(circuits::list))
            .says("Single circuits").gives::<CircuitList>(200),
        route(POST, "/api/v1/circuits", A::Create, post(circuits::create))
            .says("Saves a circuit").takes::<SaveCircuit>().gives::<Circuit>(201),
        route(GET, "/api/v1/circuits/{id}", A::Read, get(circuits::read))
            .says("One circuit").gives::<Circuit>(200),
        route(PUT, "/api/v1/circuits/{id}", A::Edit, put(circuits::replace))
            .says("Replaces a circuit at the version that If-Match names").takes::<SaveCircuit>().gives::<Circuit>(200),
        route(DELETE, "/api/v1/circuits/{id}", A::Manage, delete(circuits::delete))
            .says("Deletes a circuit").gives_nothing(204),

        route(GET, "/api/v1/projects", A::ListOwn, get(projects::list))
            .says("Projects, newest first").asks(&["shelf", "search", "tag", "cursor", "limit"]).gives::<ProjectList>(200),
        route(POST, "/api/v1/projects", A::Create, post(projects::create))
            .says("Saves a project").takes::<SaveProject>().gives::<Project>(201),
        route(GET, "/api/v1/projects/{id}", A::Read, get(projects::read))
            .says("One project at its newest version").gives::<Project>(200),
        route(PUT, "/api/v1/projects/{id}", A::Edit, put(projects::replace))
            .says("Writes the next version of the one that If-Match names").takes::<SaveProject>().gives::<Project>(200),
        route(DELETE, "/api/v1/projects/{id}", A::Manage, delete(projects::delete))
            .says("Into the trash; from there, for good").gives_nothing(204),
        route(POST, "/api/v1/projects/{id}/restore", A::Manage, post(projects::restore))
            .says("Out of the trash").gives_nothing(204),
        route(POST, "/api/v1/projects/{id}/fork", A::Copy, post(projects::fork))
            .says("Makes a copy of one's own").takes::<Fork>().gives::<Project>(201),
        route(GET, "/api/v1/projects/{id}/versions", A::Read, get(version::list))
            .says("All versions, newest first").asks(&["named", "cursor", "limit"]).gives::<VersionList>(200),
        route(GET, "/api/v1/projects/{id}/versions/{version}", A::Read, get(version::read))
            .says("What the project was").gives::<Project>(200),
        route(PUT, "/api/v1/projects/{id}/versions/{version}/label", A::Edit, put(version::name))
            .says("Names a version").takes::<Label>().gives_nothing(204),
        route(POST, "/api/v1/projects/{id}/versions/{version}/restore", A::Edit, post(version::restore))
            .says("An old version becomes the next one").gives::<Project>(200),
        route(GET, "/api/v1/projects/{id}/sharing", A::Manage, get(sharing::read))
            .says("Who else may see or change it").gives::<Sharing>(200),
        route(PUT, "/api/v1/projects/{id}/sharing", A::Manage, put(sharing::change))
            .says("Shares it").takes::<ChangeSharing>().gives::<Sharing>(200),
        route(GET, "/api/v1/projects/{id}/runs", A::Read, get(runs::list))
            .says("Runs, newest first").asks(&["cursor", "limit"]).gives::<RunList>(200),
        route(POST, "/api/v1/projects/{id}/runs", A::Edit, post(runs::create))
            .says("Attaches a run").takes::<NewRun>().gives::<Run>(201),
        route(GET, "/api/v1/projects/{id}/runs/{run}", A::Read, get(runs::read))
            .says("A run with its result").gives::<Run>(200),
        route(DELETE, "/api/v1/projects/{id}/runs/{run}", A::Edit, delete(runs::delete))
            .says("Deletes a run").gives_nothing(204),
        route(GET, "/api/v1/shared/{link}", A::Read, get(projects::by_link))
            .says("The project that a link leads to").gives::<Project>(200),

        route(GET, "/api/v1/openapi.json", A::Open, get(openapi::serve))
            .says("This description").gives_file("application/json"),

        route(GET, "/api/v1/account/export", A::ManageAccount, get(export::download))
            .says("Everything that one owns, as a ZIP archive").gives_file("application/zip"),

        route(GET, "/api/v1/groups", A::ListGroups, get(groups::list))
            .says("Groups that one is in").gives::<GroupList>(200),
        route(POST, "/api/v1/groups", A::CreateGroup, post(groups::create))
            .says("Makes a group").takes::<SaveGroup>().gives::<Group>(201),
        route(POST, "/api/v1/groups/join", A::JoinGroup, post(groups::join))
            .says("Joins by a code").takes::<Join>().gives::<Group>(200),
        route(GET, "/api/v1/groups/{id}", A::SeeGroup, get(groups::read))
            .says("One group").gives::<Group>(200),
        route(PUT, "/api/v1/groups/{id}", A::OwnGroup, put(groups::replace))
            .says("Changes a group at the version that If-Match names").takes::<SaveGroup>().gives::<Group>(200),
        route(DELETE, "/api/v1/groups/{id}", A::OwnGroup, delete(groups::delete))
            .says("Deletes a group; its members' work stays theirs").gives_nothing(204),
        route(PUT, "/api/v1/groups/{id}/code", A::TeachGroup, put(groups::change_code))
            .says("Makes a new code to join, or takes it away").takes::<ChangeCode>().gives::<Code>(200),
        route(GET, "/api/v1/groups/{id}/members", A::SeeGroup, get(groups::members))
            .says("Members, in the order they joined").asks(&["cursor", "limit"]).gives::<MemberList>(200),
        route(PUT, "/api/v1/groups/{id}/members/{user}", A::TeachGroup, put(groups::change_member))
            .says("Changes a member's role and label").takes::<ChangeMember>().gives_nothing(204),
        route(DELETE, "/api/v1/groups/{id}/members/{user}", A::TeachGroup, delete(groups::remove_member))
            .says("Takes a member out, or leaves").gives_nothing(204),
        route(GET, "/api/v1/groups/{id}/roster", A::TeachGroup, get(groups::roster))
            .says("All members as CSV").gives_file("text/csv"),

        route(GET, "/api/v1/admin/users", A::Oversee, get(admin::list))
            .says("Users, newest first").asks(&["search", "cursor", "limit"]).gives::<AdminUserList>(200),
        route(GET, "/api/v1/admin/users/{id}", A::Oversee, get(admin::read))
            .says("One user").gives::<AdminUser>(200),
        route(PATCH, "/api/v1/admin/users/{id}", A::Administer, patch(admin::change))
            .says("Changes role, plan or suspension").takes::<ChangeUser>().gives::<AdminUser>(200),
        route(PATCH, "/api/v1/admin/groups/{id}", A::Administer, patch(admin::change_group))
            .says("Gives a group's members the limits of a course").takes::<ChangeGroup>().gives_nothing(204),
        route(GET, "/api/v1/admin/audit", A::Oversee, get(admin::audit_list))
            .says("The audit, newest first").asks(&["search", "cursor", "limit"]).gives::<AuditList>(200),
        route(GET, "/api/v1/admin/health", A::Oversee, get(admin::health))
            .says("Figures of the server").gives::<Health>(200),
    ]
}

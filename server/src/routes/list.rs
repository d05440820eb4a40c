//! Every route of the API, in one list: the router, the description of the interface and the tests
//! of who may do what are made from it.

use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, patch, post, put};

use super::{account, circuits, preferences, session, tokens};
use crate::AppState;
use crate::auth::policy::Action;

/// One method of one address.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// What its handler asks [`crate::auth::policy::authorize`] for.
    pub action: Action,
    pub handler: MethodRouter<AppState>,
}

fn route(
    method: Method,
    path: &'static str,
    action: Action,
    handler: MethodRouter<AppState>,
) -> Route {
    Route { method, path, action, handler }
}

/// Routes that know a session or a token.
#[rustfmt::skip]
pub fn api() -> Vec<Route> {
    use Action as A;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    vec![
        route(GET, "/api/v1/me", A::SeeSelf, get(account::me)),
        route(PATCH, "/api/v1/me", A::ChangeSelf, patch(account::change)),
        route(GET, "/api/v1/me/preferences", A::SeeSelf, get(preferences::read)),
        route(PUT, "/api/v1/me/preferences", A::Create, put(preferences::replace)),

        route(POST, "/api/v1/account", A::Open, post(account::sign_up)),
        route(DELETE, "/api/v1/account", A::ChangeCredentials, delete(account::delete)),
        route(PUT, "/api/v1/account/email", A::ChangeCredentials, put(account::change_email)),
        route(POST, "/api/v1/account/email/verify", A::Open, post(account::verify_email)),
        route(PUT, "/api/v1/account/password", A::ChangeCredentials, put(account::change_password)),
        route(POST, "/api/v1/account/password/reset-mail", A::Open, post(account::ask_reset)),
        route(POST, "/api/v1/account/password/reset", A::Open, post(account::reset_password)),

        route(POST, "/api/v1/session", A::Open, post(session::sign_in)),
        route(DELETE, "/api/v1/session", A::Open, delete(session::sign_out)),
        route(POST, "/api/v1/session/confirm", A::ManageAccount, post(session::confirm)),
        route(GET, "/api/v1/sessions", A::ManageAccount, get(session::list)),
        route(DELETE, "/api/v1/sessions", A::ManageAccount, delete(session::end_others)),
        route(DELETE, "/api/v1/sessions/{id}", A::ManageAccount, delete(session::end)),

        route(GET, "/api/v1/tokens", A::ManageAccount, get(tokens::list)),
        route(POST, "/api/v1/tokens", A::ChangeCredentials, post(tokens::create)),
        route(DELETE, "/api/v1/tokens/{id}", A::ManageAccount, delete(tokens::delete)),

        route(GET, "/api/v1/circuits", A::ListOwn, get(circuits::list)),
        route(POST, "/api/v1/circuits", A::Create, post(circuits::create)),
        route(GET, "/api/v1/circuits/{id}", A::Read, get(circuits::read)),
        route(PUT, "/api/v1/circuits/{id}", A::Edit, put(circuits::replace)),
        route(DELETE, "/api/v1/circuits/{id}", A::Manage, delete(circuits::delete)),
    ]
}

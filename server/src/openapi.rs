//! The description of the interface (`OpenAPI` 3.1), made from the list of routes and the types in
//! `crates/api`: it cannot say what is not there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use api::http::Problem;
use api::http::projects::LINK_HEADER;
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::policy::Action;
use crate::auth::session::COOKIE;
use crate::error::ApiResult;
use crate::routes::list::{self, Given, Route};

/// Schemas by name.
pub type Schemas = BTreeMap<String, Value>;

/// Adds a type, and those that it is made of, to the schemas. Returns how it is referred to.
pub type Described = fn(&mut Schemas) -> Value;

/// The description of `T`.
pub fn describe<T: ToSchema>(schemas: &mut Schemas) -> Value {
    let name = T::name().into_owned();
    let mut parts = vec![(name.clone(), T::schema())];
    T::schemas(&mut parts);
    for (name, schema) in parts {
        schemas.entry(name).or_insert_with(|| serde_json::to_value(schema).unwrap_or_default());
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// `GET /api/v1/openapi.json`
pub async fn serve(actor: crate::auth::actor::Actor) -> ApiResult<Response> {
    static TEXT: OnceLock<String> = OnceLock::new();
    actor.may(Action::Open, crate::auth::policy::Resource::None)?;
    let text = TEXT.get_or_init(|| document().to_string()).as_str();
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")];
    Ok((headers, text).into_response())
}

/// The whole description.
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let problem = describe::<Problem>(&mut schemas);
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in list::api() {
        let operation = operation(&route, &problem, &mut schemas);
        let method = route.method.as_str().to_ascii_lowercase();
        paths.entry(route.path).or_default().insert(method, operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Ketlab", "version": "1", "license": { "name": "MIT OR Apache-2.0" } },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": COOKIE },
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

fn operation(route: &Route, problem: &Value, schemas: &mut Schemas) -> Value {
    let mut parameters = Vec::new();
    for segment in route.path.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            parameters.push(parameter(name, "path", true));
        }
    }
    parameters.extend(route.query.iter().map(|name| parameter(name, "query", false)));
    if matches!(route.action, Action::Edit | Action::Manage | Action::OwnGroup)
        && route.method != Method::GET
    {
        parameters.push(parameter("If-Match", "header", false));
    }
    if route.path.starts_with("/api/v1/projects/") {
        parameters.push(parameter(LINK_HEADER, "header", false));
    }

    let (status, given) = route.gives;
    let mut success = json!({ "description": "done" });
    match given {
        Some(Given::Json(describe)) => {
            success["content"] = json!({ "application/json": { "schema": describe(schemas) } });
        }
        Some(Given::File(media_type)) => success["content"] = json!({ media_type: {} }),
        None => {}
    }
    let refused = json!({
        "description": "refused",
        "content": { "application/problem+json": { "schema": problem } },
    });
    let mut responses = Map::new();
    responses.insert(status.to_string(), success);
    if route.path == "/api/v1/account/email" {
        responses.insert("202".to_owned(), json!({ "description": "a link was sent" }));
    }
    if route.action == Action::Read {
        responses.insert("304".to_owned(), json!({ "description": "not changed" }));
    }
    responses.insert("4XX".to_owned(), refused.clone());
    responses.insert("5XX".to_owned(), refused);

    let mut operation = json!({
        "summary": route.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(describe) = route.takes {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": describe(schemas) } },
        });
    }
    // An empty requirement beside the others: one may ask without either.
    operation["security"] = match route.action {
        Action::Open => json!([]),
        _ => json!([{}, { "session": [] }, { "token": [] }]),
    };
    operation
}

fn parameter(name: &str, place: &str, required: bool) -> Value {
    let schema = match name {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
        "named" => json!({ "type": "boolean" }),
        "version" => json!({ "type": "integer", "minimum": 1 }),
        "shelf" => json!({ "type": "string", "enum": ["own", "trash", "shared", "public"] }),
        _ => json!({ "type": "string" }),
    };
    json!({ "name": name, "in": place, "required": required, "schema": schema })
}

/// `get_projects_id_versions`: the address in words.
fn operation_id(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1/").replace(['{', '}'], "");
    let words = path.replace(['/', '.', '-'], "_");
    format!("{}_{words}", route.method.as_str().to_ascii_lowercase())
}

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::Value;

use super::Server;
use crate::routes::list;

/// All values below `value` that stand at a key of that name.
fn at_key<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == key => found.push(text),
                    _ => at_key(value, key, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| at_key(item, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_has_every_route_and_refers_to_nothing_that_is_missing() {
    let server = Server::new().await;
    let answer = server.get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    let document: Value = answer.json();
    assert_eq!(document["openapi"], "3.1.0");

    let routes = list::api();
    let mut operations = 0;
    for route in &routes {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.path][&method];
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{route:?}");
        assert_eq!(operation["requestBody"].is_object(), route.takes.is_some(), "{route:?}");
        let named = operation["parameters"].as_array().unwrap();
        let in_path = named.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, route.path.matches('{').count(), "{route:?}");
        operations += 1;
    }
    let described = document["paths"].as_object().unwrap().values();
    assert_eq!(described.map(|path| path.as_object().unwrap().len()).sum::<usize>(), operations);
    assert!(document["paths"].as_object().unwrap().len() > 20);

    let mut references = Vec::new();
    at_key(&document, "$ref", &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let name = reference.strip_prefix("#/components/schemas/").expect(reference);
        assert!(document["components"]["schemas"][name].is_object(), "{name} is missing");
    }
    let mut ids = Vec::new();
    at_key(&document["paths"], "operationId", &mut ids);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

#[tokio::test]
async fn what_a_route_answers_has_the_fields_that_are_described() {
    let server = Server::new().await;
    let document: Value = server.get("/api/v1/openapi.json").await.json();
    let me = server.member("ada@example.org").await.get("/api/v1/me").await.json::<Value>();
    let schema = &document["components"]["schemas"]["Account"];
    for (field, _) in me["account"].as_object().unwrap() {
        assert!(schema["properties"][field].is_object(), "{field} is not described");
    }
    for field in schema["required"].as_array().unwrap() {
        assert!(!me["account"][field.as_str().unwrap()].is_null(), "{field} is missing");
    }
}

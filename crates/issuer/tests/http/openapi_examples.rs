//! The examples of the document: every body has one, and it fits the schema.

use serde_json::Value;

use crate::support::TestApp;

#[tokio::test]
async fn every_request_and_every_success_has_an_example_that_fits_its_schema() {
    let app = TestApp::start().await;
    let public = app.get("/openapi.json").await.json();
    let operations = app.operate("/openapi.json").await.json();
    let mut faults = Vec::new();
    for document in [public, operations] {
        let schemas = &document["components"]["schemas"];
        for (place, content) in bodies(&document) {
            let example = &content["example"];
            check(&place, (&content["schema"], example), schemas, &mut faults);
        }
    }
    // A body without an example has null there, which fits no schema of a body.
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Every request and every success that is not a text or a picture: where it is, and its content.
fn bodies(document: &Value) -> Vec<(String, &Value)> {
    let operations = members(&document["paths"]).flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    let bodies = operations.flat_map(|(place, operation)| {
        let answers = members(&operation["responses"]);
        let answers = answers.filter(|(status, _)| status.starts_with('2'));
        let all = answers.chain([("request", &operation["requestBody"])]);
        all.flat_map(move |(name, holder)| contents(&format!("{place} {name}"), holder))
    });
    bodies.collect()
}

fn contents<'a>(place: &str, holder: &'a Value) -> Vec<(String, &'a Value)> {
    let contents = members(&holder["content"]);
    let others = contents.filter(|(media_type, _)| {
        !media_type.starts_with("text/") && !media_type.starts_with("image/")
    });
    others
        .map(|(media_type, content)| (format!("{place} {media_type}"), content))
        .collect()
}

/// The keywords of JSON Schema that the document uses.
fn check(
    place: &str,
    (schema, value): (&Value, &Value),
    schemas: &Value,
    faults: &mut Vec<String>,
) {
    let mut refuse = |reason: &str| faults.push(format!("{place} {reason}: {value}"));
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(place, (&schemas[name], value), schemas, faults);
    }
    if let Some(known) = schema["enum"].as_array()
        && !known.contains(value)
    {
        refuse("is not a known value");
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as u64;
        let bounds = schema["minLength"].as_u64().unwrap_or(0)
            ..=schema["maxLength"].as_u64().unwrap_or(u64::MAX);
        if !bounds.contains(&length) {
            refuse("has another length");
        }
    }
    if let Some(number) = value.as_i64() {
        let bounds = schema["minimum"].as_i64().unwrap_or(i64::MIN)
            ..=schema["maximum"].as_i64().unwrap_or(i64::MAX);
        if !bounds.contains(&number) {
            refuse("is out of bounds");
        }
    }
    if !has_type(&schema["type"], value) {
        refuse("has another type");
    }
    for name in elements(&schema["required"]) {
        if value.get(name.as_str().unwrap()).is_none() {
            refuse(&format!("lacks {name}"));
        }
    }
    check_parts(place, (schema, value), schemas, faults);
}

fn check_parts(
    place: &str,
    (schema, value): (&Value, &Value),
    schemas: &Value,
    faults: &mut Vec<String>,
) {
    for part in elements(&schema["allOf"]) {
        check(place, (part, value), schemas, faults);
    }
    let fits = |one: &Value| {
        let mut refused = Vec::new();
        check(place, (one, value), schemas, &mut refused);
        refused.is_empty()
    };
    if schema["oneOf"].is_array() && !elements(&schema["oneOf"]).any(fits) {
        faults.push(format!("{place} fits no alternative: {value}"));
    }
    for item in elements(value) {
        check(place, (&schema["items"], item), schemas, faults);
    }
    for (name, property) in members(&schema["properties"]) {
        if let Some(value) = value.get(name) {
            let place = format!("{place} {name}");
            check(&place, (property, value), schemas, faults);
        }
    }
}

fn has_type(kind: &Value, value: &Value) -> bool {
    let is_one = |kind: &Value| match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    match kind {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is_one),
        one => is_one(one),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let object = value.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.as_str(), value))
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

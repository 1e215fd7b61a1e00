//! Every answer that a test gets is one that the document describes.

use axum::http::Method;
use serde_json::Value;

use crate::support::Answer;

/// Fails when the operation is described and this answer of it is not.
pub(crate) fn assert_described(document: &Value, method: &Method, path: &str, answer: &Answer) {
    let paths = document["paths"].as_object().unwrap();
    let item = paths.iter().find(|(template, _)| fits(template, path));
    let method = method.as_str().to_lowercase();
    let Some(operation) = item.and_then(|(_, item)| item.get(&method)) else {
        return;
    };
    let place = format!("{method} {path}: {}", answer.status);
    let response = &operation["responses"][answer.status.as_str()];
    assert!(response.is_object(), "{place} is not described");
    let described = response["content"].as_object();
    match answer.header("content-type") {
        None => assert!(described.is_none(), "{place} has no body"),
        Some(media_type) => {
            let essence = media_type.split(';').next().unwrap_or_default();
            let is_described = described.is_some_and(|content| content.contains_key(essence));
            assert!(is_described, "{place} is {media_type}");
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, parts): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let is_wanted = |(wanted, part): (&&str, &&str)| wanted.starts_with('{') || wanted == part;
    wanted.len() == parts.len() && wanted.iter().zip(&parts).all(is_wanted)
}

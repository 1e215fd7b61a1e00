//! The document that describes the interface: it tells the truth, and all of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Answer, TestApp, request};

#[tokio::test]
async fn the_document_is_openapi_3_1_for_any_page_to_read() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Signet");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:8080");
}

#[tokio::test]
async fn every_described_operation_is_there_and_no_other_method() {
    let app = TestApp::with(&[("SIGNET_STATUS_LIST_ENABLED", "true")]).await;
    let [public, operations] = documents(&app).await;
    for (path, item) in members(&public["paths"]) {
        for method in METHODS {
            let answer = app.send(request(method, &filled(path), &[], "")).await;
            check_method(method, path, item, &answer);
        }
    }
    for (path, item) in members(&operations["paths"]) {
        for method in METHODS {
            let asked = request(method, &filled(path), &[("host", "localhost")], "");
            let answer = app.send_to_operations(asked).await;
            check_method(method, path, item, &answer);
        }
    }
}

fn check_method(method: &str, path: &str, item: &Value, answer: &Answer) {
    let is_described =
        !item[method.to_lowercase()].is_null() || item["get"]["x-any-method"] == true;
    let is_there = answer.status != 405;
    assert_eq!(is_there, is_described, "{method} {path}: {}", answer.text);
    // Every other path with a value asks for a credential first.
    if path != "/status/{list}" {
        assert_ne!(answer.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_a_summary_and_a_known_tag() {
    let app = TestApp::start().await;
    for document in documents(&app).await {
        let tags = elements(&document["tags"]).map(|tag| text(&tag["name"]));
        let tags: BTreeSet<_> = tags.collect();
        let mut names = BTreeSet::new();
        for (place, operation) in operations(&document) {
            assert!(names.insert(text(&operation["operationId"])), "{place}");
            assert!(text(&operation["summary"]).ends_with('.'), "{place}");
            assert_eq!(elements(&operation["tags"]).count(), 1, "{place}");
            assert!(tags.contains(text(&operation["tags"][0])), "{place}");
        }
    }
}

#[tokio::test]
async fn every_error_has_a_body_and_examples_that_fit_it() {
    let app = TestApp::start().await;
    for document in documents(&app).await {
        for (place, status, response) in errors(&document) {
            let contents = members(&response["content"]);
            let check = |(_, content)| check_examples(&place, status, content);
            assert!(contents.map(check).count() > 0, "{place} {status}");
        }
    }
}

/// Every error response: which operation answers it, its status and what is said of it.
fn errors(document: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    operations(document).flat_map(|(place, operation)| {
        let responses = members(&operation["responses"]);
        let errors = responses.filter(|(status, _)| status.starts_with(['4', '5']));
        errors.map(move |(status, response)| (place.clone(), status, response))
    })
}

fn check_examples(place: &str, status: &str, content: &Value) {
    let schema = text(&content["schema"]["$ref"]).rsplit('/').next().unwrap();
    let member = match schema {
        "Problem" => "code",
        "OAuthError" => "error",
        _ => return,
    };
    assert!(members(&content["examples"]).next().is_some(), "{place}");
    for (name, example) in members(&content["examples"]) {
        let example = &example["value"];
        assert!(example[member].is_string(), "{place} {name}");
        if schema == "Problem" {
            assert_eq!(example["status"].to_string(), status, "{place} {name}");
        }
    }
}

#[tokio::test]
async fn a_body_has_one_shape_and_is_never_null() {
    let app = TestApp::start().await;
    for document in documents(&app).await {
        for (place, operation) in operations(&document) {
            let mut contents = members(&operation["requestBody"]["content"]);
            let has_one_shape = |(_, content): (_, &Value)| content["schema"]["$ref"].is_string();
            assert!(contents.all(has_one_shape), "{place}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let app = TestApp::start().await;
    for document in documents(&app).await {
        let mut references = BTreeSet::new();
        collect_references(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let schemes = &document["components"]["securitySchemes"];
        for (place, operation) in operations(&document) {
            let mut ways = elements(&operation["security"]).flat_map(members);
            assert!(ways.all(|(name, _)| schemes[name].is_object()), "{place}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_loads_nothing() {
    let app = TestApp::start().await;
    let pages = [app.get("/docs").await, app.operate("/docs").await];
    for (document, page) in documents(&app).await.into_iter().zip(pages) {
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(policy.ends_with("; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
        for (place, operation) in operations(&document) {
            let id = format!("<details id=\"{}\">", text(&operation["operationId"]));
            assert!(page.text.contains(&id), "{place}");
        }
        for loading in ["<script src", "<link", "<img", "src=", "url(", "@import"] {
            assert!(!page.text.contains(loading), "{loading}");
        }
    }
}

#[tokio::test]
async fn the_fields_of_a_registration_are_in_the_order_of_use_and_say_what_is_required() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text;
    let operation = part(&page, "<details id=\"register\">", "</details>");
    let request = part(operation, "<h4>Request</h4>", "</table>");
    let names = request.split("<tr><td><code>").skip(1);
    let names: Vec<_> = names.map(|row| row.split('<').next().unwrap()).collect();
    let used = [
        "email",
        "password",
        "name",
        "invitation",
        "client_id",
        "token_delivery",
        "captcha",
        "proof_of_work",
    ];
    assert_eq!(names, used);
    for (name, is_optional) in [("email", false), ("password", false), ("name", true)] {
        let mark = format!("<code>{name}</code> <i>optional</i>");
        assert_eq!(request.contains(&mark), is_optional, "{name}");
    }
    assert!(request.contains("string, 8 to 256 characters"), "{request}");
    let answer = part(operation, "<h4>Response</h4>", "</details>");
    for unlike_a_new_account in ["admin", "totp", "recovery_codes", "sgr_"] {
        assert!(!answer.contains(unlike_a_new_account), "{answer}");
    }
}

#[tokio::test]
async fn printed_commands_keep_the_cookie_and_name_the_client_once() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text;
    let command = |id: &str| {
        let operation = part(&page, &format!("<details id=\"{id}\">"), "</details>");
        part(operation, "<pre class=\"command\"", "</pre>").to_owned()
    };
    assert!(command("login").contains("--cookie-jar cookies.txt"));
    let refresh = command("refresh");
    assert!(refresh.contains("--cookie cookies.txt --cookie-jar cookies.txt"));
    assert!(!refresh.contains("-d "), "a cookie and a body are refused");
    let token = command("token");
    assert!(token.contains("grant_type=client_credentials"), "{token}");
    assert!(token.contains("-u ") && !token.contains("client_id="));
    let device = command("authorize_device");
    assert!(!device.contains("-u ") && device.contains("client_id="));
}

#[tokio::test]
async fn an_error_that_many_operations_share_is_explained_once() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text;
    let errors = part(&page, "<h2 id=\"errors\">", "</table>");
    let texts = errors.split("<tr><td><code>").skip(1);
    let texts: Vec<_> = texts
        .map(|row| row.split("<td>").nth(1).unwrap().trim_end())
        .collect();
    assert!(texts.len() > 5, "{texts:?}");
    for text in texts {
        assert_eq!(page.matches(text).count(), 1, "{text}");
    }
}

/// What is between two texts.
fn part<'a>(page: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(begin).unwrap();
    rest.split(end).next().unwrap_or(rest)
}

/// The documents of both listeners, the public one first.
pub(crate) async fn documents(app: &TestApp) -> [Value; 2] {
    let public = app.get("/openapi.json").await;
    [public.json(), app.operate("/openapi.json").await.json()]
}

/// A path with its parameters filled in.
pub(crate) fn filled(path: &str) -> String {
    let parts = path.split('/');
    let parts = parts.map(|part| match part {
        "{page}" => "reset",
        "{guide}" => "mfa",
        "{diagram}" => "tokens.svg",
        "{file}" => "BENCHMARKS.md",
        part if part.starts_with('{') => "x",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    members(&document["paths"]).flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    for (name, value) in members(value) {
        match value {
            Value::String(reference) if name == "$ref" => {
                found.insert(reference.clone());
            }
            value => collect_references(value, found),
        }
    }
    for value in elements(value) {
        collect_references(value, found);
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

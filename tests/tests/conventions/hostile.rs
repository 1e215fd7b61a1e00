//! Bad bodies on every route that reads one: exactly one refusal each, never a 5xx, a hang or a
//! panic.

use http::Method;
use signet_tests::{Account, PASSWORD, Reply, Server, StoreChoice};

use crate::body_routes::{BodyRoute, Field, TAKEN, body_routes};

pub(crate) async fn no_value_of_any_field_is_more_than_refused(stores: StoreChoice) {
    let server = stores.serve();
    let account = with_taken_address(&server).await;
    for route in body_routes() {
        for field in &route.fields {
            // Some values are wrong passwords, and five of those in a row end a session.
            let caller = server.api().login(&account.email).await;
            for spelling in bad_values() {
                let body = route.body_with(field.name, &spelling);
                println!("{} {}: {}", route.path, field.name, beginning(&body));
                let reply = route.send(server.api(), &caller, body.into()).await;
                match spelling.as_str() {
                    "null" => answered_without(&route, field, &reply),
                    _ if takes(&route, field, &spelling) => answered(&reply, route.answer),
                    _ => field_refused(field, &reply),
                }
            }
        }
    }
    still_well(server, &account).await;
}

pub(crate) async fn a_field_may_be_left_out_only_if_it_is_optional(stores: StoreChoice) {
    let server = stores.serve();
    let account = with_taken_address(&server).await;
    for route in body_routes() {
        let reply = route
            .send(server.api(), &account, route.body().into())
            .await;
        answered(&reply, route.answer);
        for field in &route.fields {
            let body = route.body_without(field.name);
            let reply = route.send(server.api(), &account, body.into()).await;
            println!("{} without {}", route.path, field.name);
            answered_without(&route, field, &reply);
        }
    }
    still_well(server, &account).await;
}

pub(crate) async fn no_body_whatever_is_more_than_refused(stores: StoreChoice) {
    let server = stores.serve();
    let account = server.api().register().await;
    for route in body_routes() {
        for body in bad_bodies(&route) {
            println!("{}: {:?}", route.path, String::from_utf8_lossy(&body));
            let reply = route.send(server.api(), &account, body).await;
            reply.problem(400, "invalid_request");
        }
    }
    still_well(server, &account).await;
}

pub(crate) async fn a_field_given_twice_is_refused(stores: StoreChoice) {
    let server = stores.serve();
    let account = server.api().register().await;
    for route in body_routes() {
        for field in &route.fields {
            let body = route.body_twice(field.name);
            let reply = route.send(server.api(), &account, body.into()).await;
            field_refused(field, &reply);
        }
    }
}

pub(crate) async fn unknown_fields_are_skipped_whatever_they_hold(stores: StoreChoice) {
    let server = stores.serve();
    for (number, unknown) in bad_values().into_iter().enumerate() {
        let body = format!(
            r#"{{"unknown":{unknown},"email":"u{number}@example.com","password":"{PASSWORD}"}}"#
        );
        if body.len() > 16 * 1024 {
            continue;
        }
        let request = server.api().request(Method::POST, "/auth/register");
        let request = request
            .header("content-type", "application/json")
            .body(body.clone());
        let reply = server.api().send(request).await;
        assert_eq!(reply.status, 201, "{}: {}", reply.text(), beginning(&body));
    }
}

/// Spellings of values that few fields take.
fn bad_values() -> Vec<String> {
    let deep = |open: &str, close: &str, levels: usize| open.repeat(levels) + &close.repeat(levels);
    vec![
        "null".to_owned(),
        "7".to_owned(),
        "-1e400".to_owned(),
        "true".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"["a"]"#.to_owned(),
        r#"{"$gt":""}"#.to_owned(),
        deep("[", "]", 100),
        deep("[", "]", 5_000),
        format!("{}1{}", r#"{"a":"#.repeat(2_000), "}".repeat(2_000)),
        r#""\u0000""#.to_owned(),
        r#""a\u0000b@example.com""#.to_owned(),
        r#""\ud800""#.to_owned(),
        r#""""#.to_owned(),
        BLANKS.to_owned(),
        format!("\"{}\"", "x".repeat(12_000)),
        format!("\"{}\"", "\u{202e}".repeat(3_000)),
        LONG_TEXTS[0].to_owned(),
        LONG_TEXTS[1].to_owned(),
    ]
}

/// Bodies that are not the object that was expected.
fn bad_bodies(route: &BodyRoute) -> Vec<Vec<u8>> {
    let field = route.fields[0].name;
    let good = route.body();
    let mut bodies: Vec<Vec<u8>> = [
        "{",
        "}",
        "[]",
        "\"x\"",
        "7",
        "tru",
        "\0",
        "{}{}",
        "{,}",
        "{\"a\":}",
        "\u{feff}{}",
        "NaN",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(good.as_bytes()[..good.len() - 1].to_vec());
    bodies.push([good.as_bytes(), b"x"].concat());
    bodies.push(
        format!("{{\"{field}\":\"")
            .into_bytes()
            .into_iter()
            .chain(*b"\xff\xfe\"}")
            .collect(),
    );
    bodies.push([b"{\"\xc3\x28\":1,".as_slice(), &good.as_bytes()[1..]].concat());
    bodies
}

/// The few bad values that are fine in some field.
fn takes(route: &BodyRoute, field: &Field, spelling: &str) -> bool {
    let long = LONG_TEXTS.contains(&spelling);
    // A password that is only tried may be any text that could be one.
    let tried = route.path != "/auth/register" && field.name != "new_password";
    match field.name {
        "name" => long,
        "password" | "current_password" | "new_password" => long || tried && spelling == BLANKS,
        // Any text may be presented as a token.
        "refresh_token" | "mfa_token" => {
            serde_json::from_str::<String>(spelling).is_ok_and(|text| !text.contains('\0'))
        }
        _ => false,
    }
}

/// A field that is null counts as left out.
#[track_caller]
fn answered_without(route: &BodyRoute, field: &Field, reply: &Reply) {
    match (field.required, route.path) {
        (true, _) => field_refused(field, reply),
        (false, "/auth/refresh") => answered(reply, (401, "token_missing")),
        (false, _) => answered(reply, route.answer),
    }
}

#[track_caller]
fn answered(reply: &Reply, (status, code): (u16, &str)) {
    if code.is_empty() {
        assert_eq!(reply.status, status, "{}", reply.text());
    } else {
        reply.problem(status, code);
    }
}

/// This field and no other is what is wrong.
#[track_caller]
fn field_refused(field: &Field, reply: &Reply) {
    let problem = reply.problem(400, "validation_failed");
    let errors = problem["errors"].as_array().expect("a list of errors");
    let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, [field.name], "{problem}");
}

/// Enough of a body to know which it was.
fn beginning(body: &str) -> String {
    body.chars().take(200).collect()
}

/// Registers the account that sends the requests. Another account has the address in them.
async fn with_taken_address(server: &Server) -> Account {
    let body = serde_json::json!({"email": TAKEN, "password": "engine no. 7 steams"});
    server.api().post("/auth/register", &body).await.expect(201);
    server.api().register().await
}

/// It still serves, no person was signed out, and nothing failed inside.
pub(crate) async fn still_well(server: Server, account: &Account) {
    server.api().me(&account.access_token).await.expect(200);
    server
        .api()
        .refresh(&account.refresh_token)
        .await
        .expect(200);
    let logs = server.stop().logs;
    assert!(!logs.contains("panic"), "{logs}");
    assert!(!logs.contains("\"ERROR\""), "{logs}");
}

/// Shorter than any password may be.
const BLANKS: &str = r#""   ""#;
/// Long enough for a password, and nothing wrong with them as text.
const LONG_TEXTS: [&str; 2] = [r#""' OR 1=1; --""#, r#""../../etc/passwd""#];

//! Bad input on every route: always a refusal with its code, never a 5xx, a hang or a panic.

use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use signet_tests::{Account, Api, PASSWORD, Reply, Server};

/// A route that reads a JSON body, and a body that is fine.
struct Route {
    method: Method,
    path: &'static str,
    bearer: bool,
    fields: Vec<(&'static str, Value)>,
}

fn routes() -> Vec<Route> {
    let route = |method, path, bearer, fields: &[(&'static str, &str)]| Route {
        method,
        path,
        bearer,
        fields: fields
            .iter()
            .map(|(name, value)| (*name, json!(value)))
            .collect(),
    };
    // Nobody has this address, so no password is right.
    let sign_in = [
        ("email", "mallory@example.com"),
        ("password", PASSWORD),
        ("token_delivery", "body"),
        ("client_id", "signet"),
    ];
    vec![
        route(
            Method::POST,
            "/auth/register",
            false,
            &[
                &sign_in[1..],
                &[("email", "new@example.com"), ("name", "Mallory")],
            ]
            .concat(),
        ),
        route(Method::POST, "/auth/login", false, &sign_in),
        route(
            Method::POST,
            "/auth/refresh",
            false,
            &[("refresh_token", "sgr_x")],
        ),
        route(
            Method::POST,
            "/auth/logout",
            false,
            &[("refresh_token", "sgr_x")],
        ),
        route(
            Method::POST,
            "/auth/password",
            true,
            &[
                ("current_password", "not this one"),
                ("new_password", "engine no. 11 hums"),
            ],
        ),
        route(
            Method::DELETE,
            "/auth/account",
            true,
            &[("password", "not this one")],
        ),
    ]
}

#[tokio::test]
async fn no_value_of_any_field_is_more_than_refused() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    for route in routes() {
        let fields = route.fields.iter().map(|(name, _)| *name);
        let cases =
            fields.flat_map(|field| bad_values().into_iter().map(move |value| (field, value)));
        for (field, value) in cases {
            let body = body_with(&route, field, &value);
            let reply = send(api, &route, &account, body.clone().into_bytes()).await;
            let what = format!("{} {field}: {}", route.path, beginning(&body));
            refused_or_empty(&route, &reply, &what);
        }
    }
    still_well(server, &account).await;
}

#[tokio::test]
async fn no_body_whatever_is_more_than_refused() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    for route in routes() {
        for body in bad_bodies(&route) {
            let what = format!("{}: {:?}", route.path, String::from_utf8_lossy(&body));
            let reply = send(api, &route, &account, body).await;
            refused(&reply, &what);
        }
    }
    still_well(server, &account).await;
}

#[tokio::test]
async fn a_field_given_twice_is_refused() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    for route in routes() {
        for (field, value) in &route.fields {
            let mut body = body_with(&route, field, &value.to_string());
            body.insert_str(1, &format!("\"{field}\":{value},"));
            let reply = send(api, &route, &account, body.into_bytes()).await;
            reply.problem(400, "validation_failed");
        }
    }
}

#[tokio::test]
async fn unknown_fields_are_skipped_whatever_they_hold() {
    let server = Server::start();
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

#[tokio::test]
async fn no_header_whatever_is_more_than_refused() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    let values: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\xff\xfe".to_vec(),
        b"a=b; c; ;;; =; signet_refresh".to_vec(),
        b"signet_refresh=\"sgr_x".to_vec(),
        b"signet_refresh=%00%ff".to_vec(),
        vec![b'x'; 20_000],
        [&b"signet_refresh="[..], &[b'y'; 20_000]].concat(),
        [&b"Bearer "[..], &[b'z'; 20_000]].concat(),
        "signet_refresh=a; ".repeat(1_500).into_bytes(),
    ];
    let names = [
        "cookie",
        "authorization",
        "origin",
        "sec-fetch-site",
        "content-type",
        "user-agent",
        "x-forwarded-for",
        "accept",
    ];
    let cases = names
        .iter()
        .flat_map(|name| values.iter().map(move |value| (*name, value)));
    for (name, value) in cases {
        let value = http::HeaderValue::from_bytes(value).expect("a header value");
        for path in ["/auth/refresh", "/auth/login", "/auth/password"] {
            let request = api.request(Method::POST, path).header(name, value.clone());
            let reply = api.send(request).await;
            assert!(
                (400..500).contains(&reply.status),
                "{name} {path}: {}",
                reply.text()
            );
        }
    }
    still_well(server, &account).await;
}

#[tokio::test]
async fn a_long_user_agent_is_no_harm() {
    let server = Server::start();
    let api = server.api();
    let body = json!({"email": "long@example.com", "password": PASSWORD});
    for agent in [
        "x".repeat(4_000).into_bytes(),
        vec![0xff; 300],
        b"\"quoted\" {\"a\":1}".to_vec(),
    ] {
        let agent = http::HeaderValue::from_bytes(&agent).expect("a header value");
        let path = if agent.len() == 4_000 {
            "/auth/register"
        } else {
            "/auth/login"
        };
        let reply = api.send(
            api.request(Method::POST, path)
                .header("user-agent", agent)
                .json(&body),
        );
        let access_token = reply.await.member("access_token");
        api.get_as("/auth/sessions", &access_token)
            .await
            .expect(200);
    }
}

/// Spellings of values that no field takes.
fn bad_values() -> Vec<String> {
    let deep = |open: &str, close: &str, levels: usize| open.repeat(levels) + &close.repeat(levels);
    vec![
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
        r#""   ""#.to_owned(),
        format!("\"{}\"", "x".repeat(12_000)),
        format!("\"{}\"", "\u{202e}".repeat(3_000)),
        r#""' OR 1=1; --""#.to_owned(),
        r#""../../etc/passwd""#.to_owned(),
    ]
}

/// Bodies that are not the object that was expected.
fn bad_bodies(route: &Route) -> Vec<Vec<u8>> {
    let (field, _) = route.fields[0];
    let good = body_with(route, field, "\"x\"");
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

/// The route's good body with this field spelled otherwise.
fn body_with(route: &Route, field: &str, spelling: &str) -> String {
    let members = route.fields.iter().map(|(name, value)| {
        let value = if *name == field {
            spelling.to_owned()
        } else {
            value.to_string()
        };
        format!("\"{name}\":{value}")
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

async fn send(api: &Api, route: &Route, account: &Account, body: Vec<u8>) -> Reply {
    let request: RequestBuilder = api.request(route.method.clone(), route.path);
    let request = request
        .header("content-type", "application/json")
        .body(body);
    let request = if route.bearer {
        request.bearer_auth(&account.access_token)
    } else {
        request
    };
    api.send(request).await
}

/// Some texts are fine in some fields; whatever is not is refused.
fn refused_or_empty(route: &Route, reply: &Reply, what: &str) {
    match (route.path, reply.status) {
        // Whatever the token, logging out is done; a name may be any text.
        ("/auth/logout", 204) | ("/auth/register", 201 | 409) => {}
        _ => refused(reply, what),
    }
}

#[track_caller]
fn refused(reply: &Reply, what: &str) {
    assert!(
        (400..500).contains(&reply.status),
        "{what}: {} {}",
        reply.status,
        reply.text()
    );
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    reply.problem(reply.status, &code);
    let codes = [
        "invalid_request",
        "validation_failed",
        "invalid_credentials",
        "session_ended",
        "token_missing",
        "email_taken",
        "body_too_large",
    ];
    assert!(codes.contains(&code.as_str()), "{what}: {code}");
}

/// Enough of a body to know which it was.
fn beginning(body: &str) -> String {
    body.chars().take(200).collect()
}

/// It still serves, nobody was signed out, and nothing went wrong inside.
async fn still_well(server: Server, account: &Account) {
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

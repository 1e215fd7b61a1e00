//! Bad headers on every route: a refusal with its code, never a 5xx, a hang or a panic.

use http::{HeaderValue, Method};
use serde_json::json;
use signet_tests::{PASSWORD, Reply, StoreChoice};

use crate::hostile::still_well;

pub(crate) async fn no_header_whatever_is_more_than_refused(stores: StoreChoice) {
    let server = stores.serve();
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
        let header = HeaderValue::from_bytes(value).expect("a header value");
        for (method, path, bearer) in routes() {
            let request = api.request(method, path).header(name, header.clone());
            let reply = api.send(request).await;
            println!("{name} {path}: {} bytes, {}", value.len(), reply.status);
            let is_long = value.len() >= 20_000;
            match reply.status {
                431 => assert!(is_long && reply.body.is_empty()),
                _ if bearer && name != "authorization" => drop(reply.problem(401, "token_missing")),
                _ => refused(&reply),
            }
        }
    }
    still_well(server, &account).await;
}

pub(crate) async fn a_long_user_agent_is_no_harm(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let body = json!({"email": "long@example.com", "password": PASSWORD});
    for agent in [
        "x".repeat(4_000).into_bytes(),
        vec![0xff; 300],
        b"\"quoted\" {\"a\":1}".to_vec(),
    ] {
        let agent = HeaderValue::from_bytes(&agent).expect("a header value");
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

/// Routes that refuse a request without a body and without credentials, and whether they want a
/// bearer.
fn routes() -> [(Method, &'static str, bool); 9] {
    [
        (Method::POST, "/auth/register", false),
        (Method::POST, "/auth/login", false),
        (Method::POST, "/auth/refresh", false),
        (Method::POST, "/auth/logout-all", true),
        (Method::GET, "/auth/me", true),
        (Method::POST, "/auth/password", true),
        (Method::GET, "/auth/sessions", true),
        (
            Method::DELETE,
            "/auth/sessions/AAAAAAAAAAAAAAAAAAAAAA",
            true,
        ),
        (Method::DELETE, "/auth/account", true),
    ]
}

#[track_caller]
fn refused(reply: &Reply) {
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    let status = match code.as_str() {
        "invalid_request" => 400,
        "token_missing" | "token_invalid" | "session_ended" => 401,
        "csrf_rejected" => 403,
        "unsupported_media_type" => 415,
        _ => panic!("{} {}", reply.status, reply.text()),
    };
    reply.problem(status, &code);
}

//! Identities that clients make up, and requests that mean one thing to the gateway and another to
//! the service or to the issuer.

use std::slice;

use signet_tests::Received;
use signet_tests::gateway::Asks;

use crate::rig::{Rig, bearer};
use crate::tokens::check_challenge;

/// Tries everything on one gateway.
pub async fn check(name: &str) {
    let rig = Rig::start(name).await;
    forged_identities(&rig);
    questions_meant_for_the_issuer(&rig);
    ambiguous_paths(&rig);
    large_headers(&rig);
    preflights(&rig);
}

/// In every spelling and company, with and without a token, wherever the way leads.
fn forged_identities(rig: &Rig) {
    let forged = attempts();
    let token = bearer(&rig.account.access_token);
    for line in [
        "GET /orders/7",
        "POST /orders",
        "GET /public/prices",
        "OPTIONS /orders/7",
    ] {
        for header in &forged {
            let (_, received) = rig.send(line, slice::from_ref(header));
            assert_nobody(line, header, &received);
            let headers = [header.clone(), token.clone()];
            let (reply, received) = rig.send(line, &headers);
            let status = reply.map_or(0, |reply| reply.status);
            // A gateway that cannot strip by prefix may refuse such requests, and large ones.
            let is_refused = matches!(status, 400 | 403 | 431) && received.is_empty();
            if is_refused {
                continue;
            }
            if line.contains(" /orders") && !line.starts_with("OPTIONS") {
                assert_is_account(rig, header, &received);
                assert_eq!(status, 200, "{header}");
            } else {
                assert_nobody(line, header, &received);
            }
        }
    }
}

/// The client's method, query, body and headers must not choose what the issuer is asked.
fn questions_meant_for_the_issuer(rig: &Rig) {
    let token = bearer(&rig.account.access_token);
    let tricks = [
        "X-Original-URL: /public/prices",
        "X-Original-URI: /healthz",
        "X-Original-Method: OPTIONS",
        "X-Rewrite-URL: /public/prices",
        "X-Forwarded-Uri: /public/prices",
        "X-Forwarded-Method: OPTIONS",
        "X-Forwarded-Prefix: /public",
        "X-HTTP-Method-Override: OPTIONS",
        "X-Envoy-Original-Path: /public/prices",
        "Forwarded: for=127.0.0.1;host=signet",
        "Connection: close, Authorization",
        "Connection: X-Auth-Subject",
        "Transfer-Encoding: identity",
    ];
    for trick in tricks {
        let (reply, received) = rig.send("GET /orders/7", &[trick.to_owned()]);
        let status = reply.map_or(0, |reply| reply.status);
        assert!(received.is_empty() && status != 200, "{trick}: {status}");
    }
    let body = "access_token=x&profile=open";
    let length = format!("Content-Length: {}", body.len());
    let form = "Content-Type: application/x-www-form-urlencoded".to_owned();
    let line = "POST /orders?profile=open&url=/healthz&access_token=x";
    for headers in [
        vec![length.clone(), form.clone()],
        vec![length, form, token],
    ] {
        let has_token = headers.len() == 3;
        let request = crate::rig::request(line, &headers) + body;
        let reply = signet_tests::exchange(rig.gateway.address(), request.as_bytes());
        let received = rig.service.received();
        let status = reply.expect("an answer").status;
        assert_eq!(status, if has_token { 200 } else { 401 });
        if has_token {
            assert_is_account(rig, line, &received);
            assert_eq!(received[0].body, body.as_bytes());
            assert!(
                received[0]
                    .target
                    .ends_with("?profile=open&url=/healthz&access_token=x")
            );
        }
    }
}

/// What the service might take for a protected path never reaches it without an identity.
fn ambiguous_paths(rig: &Rig) {
    for path in [
        "/public/../orders/7",
        "/public/%2e%2e/orders/7",
        "/public/%2E./orders/7",
        "/public/..%2forders/7",
        "/public%2f..%2forders/7",
        "/public/..%5corders/7",
        "/public/..\\orders/7",
        "/public/x/../../orders/7",
        "/public//../orders/7",
        "/public/./../orders/7",
        "/public/%252e%252e/orders/7",
        "//orders/7",
        "/./orders/7",
        "/orders/7/..;/public/",
        "/public/..;/orders/7",
        "/public/..;version=1/orders/7",
        "/public/%2e%2e;/orders/7",
        "/public/.%2E;/orders/7",
        "/PUBLIC/../orders/7",
        "/orders/../public/../orders/7",
        "/public/..%00/orders/7",
        "http://gateway.example/public/../orders/7",
        "http://evil.example/orders/7",
        "/public?/../orders/7",
        "/public/#/../../orders/7",
        "/auth/../orders/7",
        "/.well-known/../orders/7",
    ] {
        let line = format!("GET {path}");
        // Who brings an identity along may be refused for that alone.
        let (_, mut received) = rig.send(&line, &["X-Auth-Subject: admin".to_owned()]);
        received.extend(rig.send(&line, &[]).1);
        assert_nobody(&line, path, &received);
        for request in &received {
            let meant = as_a_lenient_service_reads(&request.target);
            assert!(
                meant.starts_with("/public"),
                "{path} arrived as {}",
                request.target
            );
        }
    }
}

/// Too much is refused, never cut.
fn large_headers(rig: &Rig) {
    let token = bearer(&rig.account.access_token);
    let large = |length: usize| format!("X-Large: {}", "x".repeat(length));
    let many: Vec<_> = (0..2_000)
        .map(|number| format!("X-Many-{number}: x"))
        .collect();
    for headers in [
        vec![large(4 * 1_024)],
        vec![large(64 * 1_024)],
        vec![large(1_024 * 1_024)],
        many,
        vec![format!("{token}{}", "x".repeat(64 * 1_024))],
    ] {
        let (reply, received) = rig.send("GET /orders/7", &headers);
        let status = reply.map_or(0, |reply| reply.status);
        assert!(received.is_empty() && status != 200, "{status}");
        let behind = [headers.as_slice(), slice::from_ref(&token)].concat();
        let (_, received) = rig.send("GET /orders/7", &behind);
        if !received.is_empty() {
            assert_is_account(rig, "large", &received);
        }
    }
}

/// A preflight carries no token; the service answers it, and learns nothing about anybody.
fn preflights(rig: &Rig) {
    let headers = [
        "Origin: https://app.example.com".to_owned(),
        "Access-Control-Request-Method: POST".to_owned(),
        "Access-Control-Request-Headers: authorization".to_owned(),
    ];
    let (reply, received) = rig.send("OPTIONS /orders/7", &headers);
    assert_eq!(reply.expect("an answer").status, 200);
    assert_nobody("preflight", "", &received);
    let asked = received[0].headers.iter();
    let asked = asked.filter(|(name, _)| name.to_lowercase().starts_with("access-control-request"));
    assert_eq!(asked.count(), 2);
    // It does not help a client that is no browser.
    let (reply, received) = rig.send("GET /orders/7", &headers);
    let reply = reply.expect("an answer");
    assert_eq!((reply.status, received.len()), (401, 0));
    check_challenge("preflight by GET", &reply);
}

/// Every spelling alone, before and behind a header that says nothing, all at once, and between more
/// headers than some gateways look at.
fn attempts() -> Vec<String> {
    let spellings = spellings();
    let empty = "X-Auth-Roles:";
    let mut attempts = spellings.clone();
    for header in &spellings {
        attempts.push(format!("{header}\r\n{empty}"));
        attempts.push(format!("{empty}\r\n{header}"));
    }
    let all = spellings.join("\r\n");
    let crowd = "\r\na: x".repeat(1_500);
    attempts.push(format!("a: x{crowd}\r\n{all}{crowd}"));
    attempts.push(all);
    attempts
}

/// Header lines that claim an identity.
fn spellings() -> Vec<String> {
    let names = [
        "X-Auth-Subject",
        "x-auth-subject",
        "X-AUTH-SUBJECT",
        "X_Auth_Subject",
        "x_auth_subject",
        "X_AUTH_SUBJECT",
        "X-Auth_Subject",
        "X_Auth-Subject",
        "x-auth_subject",
        "X-Auth-Roles",
        "X_Auth_Roles",
        "X-Auth-Scope",
        "X-Auth-Session",
        "X-Auth-Client",
        "X-Auth-Audience",
        "X-Auth-Issuer",
        "X-Auth-Expires",
        "X-Auth-Token-Id",
        "X-Auth_Token-Id",
        "X-Auth-Token_Id",
        "X_Auth_Token_Id",
    ];
    names.map(|name| format!("{name}: admin")).to_vec()
}

#[track_caller]
fn assert_nobody(line: &str, header: &str, received: &[Received]) {
    for request in received {
        assert_eq!(request.identity(), [], "{line} with {header}");
    }
}

/// The service learns who asks from the token, once and from nothing else.
#[track_caller]
fn assert_is_account(rig: &Rig, what: &str, received: &[Received]) {
    assert_eq!(received.len(), 1, "{what}");
    let identity = received[0].identity();
    let mut names: Vec<_> = identity.iter().map(|(name, _)| name.as_str()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "{what}: {identity:?}");
    let value = |name: &str| {
        let found = identity.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| *value)
    };
    assert_eq!(
        value("x-auth-subject"),
        Some(rig.account.id.as_str()),
        "{what}"
    );
    assert_eq!(
        value("x-auth-session"),
        Some(rig.account.session_id.as_str()),
        "{what}"
    );
    assert!(
        !identity.iter().any(|(_, value)| value.contains("admin")),
        "{what}: {identity:?}"
    );
    if rig.shipped.asks == Asks::Issuer {
        assert_eq!(all, 9, "{what}: {identity:?}");
    }
}

/// Decodes once, takes `\` for `/` and `..;` for `..`, and cleans the path.
fn as_a_lenient_service_reads(target: &str) -> String {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_prefix("http://").map_or(path, |rest| {
        rest.find('/').map_or("/", |slash| &rest[slash..])
    });
    let mut path = path.to_lowercase();
    for (encoded, meant) in [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("\\", "/")] {
        path = path.replace(encoded, meant);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

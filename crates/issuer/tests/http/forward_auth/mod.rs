//! `/forward-auth`: what a gateway is told, header by header.

mod hostile;
mod profiles;

use serde_json::{Value, json};
use signet_verifier::GatewayIdentity;

use crate::oauth::{Program, sign_in};
use crate::support::{Answer, TestApp, request};

const DEFAULT: &str = "/forward-auth/default";

async fn ask(app: &TestApp, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    app.send(request("GET", path, &[("authorization", &bearer)], ""))
        .await
}

/// The token of a person who has signed in.
async fn signed_in(app: &TestApp) -> Answer {
    sign_in(app, "signet").await
}

/// Status and body of a refusal, whose other headers go with its status.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, Value) {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(
        !answer
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("x-auth"))
    );
    let status = answer.status.as_u16();
    let challenge = answer.header("www-authenticate").unwrap_or("none");
    assert_eq!(
        challenge.starts_with("Bearer realm=\"signet\""),
        status != 503,
        "{challenge}"
    );
    assert_eq!(answer.header("retry-after").is_some(), status == 503);
    (status, answer.json())
}

fn invalid_token(reason: &str) -> (u16, Value) {
    (401, json!({"error": "invalid_token", "reason": reason}))
}

fn unavailable(reason: &str) -> (u16, Value) {
    (
        503,
        json!({"error": "temporarily_unavailable", "reason": reason}),
    )
}

/// The headers of an identity, in the order of their names.
fn identity(answer: &Answer) -> Vec<(String, String)> {
    let headers = answer.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut identity: Vec<_> = headers
        .filter(|(name, _)| name.starts_with("x-auth-"))
        .collect();
    identity.sort();
    identity
}

#[tokio::test]
async fn a_person_s_token_becomes_headers() {
    let app = TestApp::start().await;
    let person = signed_in(&app).await;
    let claims = person.claims();
    let answer = ask(&app, DEFAULT, &person.member("access_token")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    let expected = [
        ("x-auth-audience", "api".to_owned()),
        ("x-auth-client", "signet".to_owned()),
        ("x-auth-expires", claims["exp"].to_string()),
        ("x-auth-issuer", "http://127.0.0.1:8080".to_owned()),
        ("x-auth-roles", "-".to_owned()),
        ("x-auth-scope", "account".to_owned()),
        ("x-auth-session", text("sid")),
        ("x-auth-subject", text("sub")),
        ("x-auth-token-id", text("jti")),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(identity(&answer), expected);
}

#[tokio::test]
async fn a_program_s_token_has_no_session_and_still_every_header() {
    let app = TestApp::start().await;
    let may = ["orders:read orders:read,write", "api orders", ""];
    let program = Program::that_may(&app, "billing", may).await;
    let form = "grant_type=client_credentials&audience=api&audience=orders";
    let token = program
        .ask(&app, "/oauth/token", form)
        .await
        .member("access_token");
    let answer = ask(&app, DEFAULT, &token).await;
    assert_eq!(answer.status, 200);
    assert_eq!(identity(&answer).len(), 9);
    assert_eq!(answer.header("x-auth-subject"), Some("billing"));
    assert_eq!(answer.header("x-auth-session"), Some("-"));
    assert_eq!(
        answer.header("x-auth-scope"),
        Some("orders:read orders:read%2Cwrite")
    );
    assert_eq!(answer.header("x-auth-audience"), Some("api,orders"));
    // What a service behind the gateway reads is what the token said.
    let read = GatewayIdentity::from_headers(&answer.headers).unwrap();
    assert_eq!(read.subject, "billing");
    assert_eq!(read.session_id, None);
    assert_eq!(read.scopes, ["orders:read", "orders:read,write"]);
}

#[tokio::test]
async fn a_token_is_refused_from_the_moment_its_session_ends() {
    let app = TestApp::start().await;
    let person = signed_in(&app).await;
    let token = person.member("access_token");
    assert_eq!(ask(&app, DEFAULT, &token).await.status, 200);
    let refresh = json!({"refresh_token": person.member("refresh_token")});
    assert_eq!(
        app.post("/auth/logout", &refresh.to_string()).await.status,
        204
    );
    let refused = ask(&app, DEFAULT, &token).await;
    assert_eq!(refusal(&refused), invalid_token("session_ended"));
    assert_eq!(
        refused.header("www-authenticate"),
        Some(
            "Bearer realm=\"signet\", error=\"invalid_token\", \
             error_description=\"the session has ended; sign in again\""
        )
    );
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let app = TestApp::start().await;
    let token = signed_in(&app).await.member("access_token");
    app.clock.advance(std::time::Duration::from_secs(605));
    let refused = ask(&app, DEFAULT, &token).await;
    assert_eq!(refusal(&refused), invalid_token("expired"));
    assert_eq!(
        refused.header("www-authenticate"),
        Some(
            "Bearer realm=\"signet\", error=\"invalid_token\", \
             error_description=\"the token has expired\""
        )
    );
}

#[tokio::test]
async fn a_header_that_would_be_too_long_is_a_403_and_never_cut() {
    let app = TestApp::start().await;
    let long = |length: usize| {
        // Eleven scopes and the spaces between them, so long together.
        let last = format!("z{}", "z".repeat(length - 10 * 91 - 1));
        let scopes = (0..10).map(|number| format!("{number}{}", "s".repeat(89)));
        scopes.chain([last]).collect::<Vec<_>>().join(" ")
    };
    for (id, length, status) in [("fits", 1_000, 200), ("full", 1_010, 200)] {
        let scope = long(length);
        assert_eq!(scope.len(), length);
        let program = Program::that_may(&app, id, [&scope, "api", ""]).await;
        let answer = program
            .ask(&app, "/oauth/token", "grant_type=client_credentials")
            .await;
        let answer = ask(&app, DEFAULT, &answer.member("access_token")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-auth-scope"), Some(scope.as_str()));
    }
    // A comma is encoded as three bytes, and it is those that count.
    let commas = [long(1_000), ",".repeat(9)].join(" ");
    let program = Program::that_may(&app, "too-long", [&commas, "api", ""]).await;
    let answer = program
        .ask(&app, "/oauth/token", "grant_type=client_credentials")
        .await;
    let refused = ask(&app, DEFAULT, &answer.member("access_token")).await;
    let body = json!({"error": "insufficient_scope", "reason": "identity_too_long"});
    assert_eq!(refusal(&refused), (403, body));
}

//! Clients are told when a session of theirs ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use signet_verifier::{Error, Keys, Policy, Verifier};
use tokio::net::TcpListener;
use url::form_urlencoded::parse;

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, Web, claims, header};
use crate::support::{TestApp, request};

const ADA: &str = "ada@example.com";

/// A client that listens: the tokens that it got, and what it answers.
#[derive(Clone)]
struct Listening {
    tokens: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Listening {
    /// Answers with these statuses, then with 200.
    async fn start(answers: &[u16]) -> (Self, String) {
        let listening = Self {
            tokens: Arc::default(),
            answers: Arc::new(Mutex::new(answers.to_vec())),
        };
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let router = Router::new().route("/out", post(take));
        let router = router.with_state(listening.clone());
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        (listening, format!("http://{address}/out"))
    }

    fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().clone()
    }
}

async fn take(State(listening): State<Listening>, body: String) -> StatusCode {
    let (name, token) = parse(body.as_bytes()).next().unwrap();
    assert_eq!(name, "logout_token");
    listening.tokens.lock().unwrap().push(token.into_owned());
    let next = listening.answers.lock().unwrap().pop();
    StatusCode::from_u16(next.unwrap_or(200)).unwrap()
}

async fn deliver(app: &TestApp) {
    while app.app.flows.deliver_mail().await.unwrap() > 0 {}
}

/// Registers a client and signs in with it; returns the browser and the claims of the ID token.
async fn signed_in(app: &TestApp, uri: &str) -> (Web, Browser, Value) {
    let fields = json!({"first_party": true, "backchannel_logout_uri": uri});
    let wiki = Web::register(app, "wiki", &fields).await;
    register(app, ADA).await;
    let mut browser = Browser::default();
    let page = browser.visit(app, &wiki.authorize(&[])).await;
    let sent = browser.sign_in(app, &page, ADA).await.to_client(CALLBACK);
    let tokens = wiki.redeem(app, &sent["code"]).await;
    let identity = claims(&tokens.member("id_token"));
    (wiki, browser, identity)
}

#[tokio::test]
async fn a_client_is_told_by_a_token_that_only_logs_out() {
    let app = TestApp::start().await;
    let (listening, uri) = Listening::start(&[]).await;
    let (_, mut browser, identity) = signed_in(&app, &uri).await;
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    assert_eq!(listening.tokens(), Vec::<String>::new());
    deliver(&app).await;
    let tokens = listening.tokens();
    assert_eq!(tokens.len(), 1);
    assert_eq!(header(&tokens[0])["typ"], "logout+jwt");
    let told = claims(&tokens[0]);
    for name in ["iss", "sub", "aud", "sid"] {
        assert_eq!(told[name], identity[name], "{name}");
    }
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(told["events"], json!({event: {}}));
    assert_eq!(told["nonce"], Value::Null);
    let lifetime = told["exp"].as_u64().unwrap() - told["iat"].as_u64().unwrap();
    assert_eq!(lifetime, 120);
    let keys = Keys::from_jwks(&app.get("/.well-known/jwks.json").await.text).unwrap();
    let policy = Policy::new("http://127.0.0.1:8080", "wiki");
    let verifier = Verifier::with_clock(policy, keys, Arc::clone(&app.clock) as _);
    assert_eq!(verifier.verify(&tokens[0]).unwrap_err(), Error::TypeRefused);
    deliver(&app).await;
    assert_eq!(listening.tokens().len(), 1);
}

#[tokio::test]
async fn a_client_that_is_down_for_a_while_is_told_again_with_another_token() {
    let app = TestApp::start().await;
    let (listening, uri) = Listening::start(&[503, 500]).await;
    let (_, mut browser, _) = signed_in(&app, &uri).await;
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    for (pause, told) in [(0, 1), (29, 1), (1, 2), (59, 2), (1, 3), (3_600, 3)] {
        app.clock.advance(Duration::from_secs(pause));
        deliver(&app).await;
        assert_eq!(listening.tokens().len(), told, "after {pause} s");
    }
    let ids: Vec<_> = listening
        .tokens()
        .iter()
        .map(|token| claims(token)["jti"].clone())
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[tokio::test]
async fn a_client_that_refuses_a_token_is_not_told_again() {
    let app = TestApp::start().await;
    let (listening, uri) = Listening::start(&[400]).await;
    let (_, mut browser, _) = signed_in(&app, &uri).await;
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    deliver(&app).await;
    app.clock.advance(Duration::from_hours(2));
    deliver(&app).await;
    assert_eq!(listening.tokens().len(), 1);
}

#[tokio::test]
async fn clients_are_told_when_a_person_logs_out_everywhere_or_deletes_the_account() {
    for (method, path, body) in [
        ("POST", "/auth/logout-all", "{}".to_owned()),
        (
            "DELETE",
            "/auth/account",
            json!({"password": PASSWORD}).to_string(),
        ),
    ] {
        let app = TestApp::start().await;
        let (listening, uri) = Listening::start(&[]).await;
        let (_, _, identity) = signed_in(&app, &uri).await;
        let login = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
        let bearer = app.post("/auth/login", &login.to_string()).await;
        let bearer = format!("Bearer {}", bearer.member("access_token"));
        let headers = [("authorization", bearer.as_str()), crate::support::JSON];
        let ended = app.send(request(method, path, &headers, &body)).await;
        assert_eq!(ended.status, 204, "{}", ended.text);
        deliver(&app).await;
        let tokens = listening.tokens();
        assert_eq!(tokens.len(), 1, "{path}");
        assert_eq!(claims(&tokens[0])["sid"], identity["sid"], "{path}");
    }
}

#[tokio::test]
async fn a_client_that_ends_a_session_itself_is_not_told() {
    let app = TestApp::start().await;
    let (listening, uri) = Listening::start(&[]).await;
    let (wiki, mut browser, _) = signed_in(&app, &uri).await;
    let sent = browser
        .visit(&app, &wiki.authorize(&[]))
        .await
        .to_client(CALLBACK);
    let refresh = wiki
        .redeem(&app, &sent["code"])
        .await
        .member("refresh_token");
    let revoked = wiki
        .ask(&app, "/oauth/revoke", &[("token", &refresh)])
        .await;
    assert_eq!(revoked.status, 200);
    deliver(&app).await;
    assert_eq!(listening.tokens().len(), 0);
}

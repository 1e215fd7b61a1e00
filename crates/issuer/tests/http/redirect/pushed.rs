//! Requests that a client pushes before it sends the browser.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use url::form_urlencoded::{byte_serialize, parse};

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, Web};
use crate::admin::Admin;
use crate::oauth::{FORM, Signer, ask_by_assertion};
use crate::support::{Answer, TestApp, request};

const PUSHED_BEFORE: &str = "urn:ietf:params:oauth:request_uri:x";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) async fn push(app: &TestApp, wiki: &Web, changes: &[(&str, &str)]) -> Answer {
    let url = wiki.authorize(changes);
    let (_, query) = url.split_once('?').unwrap();
    let pairs: Vec<_> = parse(query.as_bytes()).into_owned().collect();
    let pairs = pairs.iter().filter(|(name, _)| name != "client_id");
    let form: Vec<_> = pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    wiki.ask(app, "/oauth/par", &form).await
}

pub(crate) fn start(client_id: &str, pushed: &Answer) -> String {
    let name = pushed.member("request_uri");
    let name: String = byte_serialize(name.as_bytes()).collect();
    format!("/oauth/authorize?client_id={client_id}&request_uri={name}")
}

#[tokio::test]
async fn a_pushed_request_begins_one_sign_in_and_nothing_beside_it_counts() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "token_delivery": "body"});
    app.post("/auth/register", &body.to_string()).await;
    let pushed = push(&app, &wiki, &[]).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text);
    assert_eq!(pushed.json()["expires_in"], 60);
    let path = format!(
        "{}&state=other&redirect_uri=https://evil.test",
        start("wiki", &pushed)
    );
    let mut browser = Browser::default();
    let page = browser.visit(&app, &path).await;
    let sent = browser
        .sign_in(&app, &page, "ada@example.com")
        .await
        .to_client(CALLBACK);
    assert_eq!(sent["state"], "st&te=1");
    assert_eq!(wiki.redeem(&app, &sent["code"]).await.status, 200);
    let again = browser.visit(&app, &path).await;
    assert_eq!(
        (again.status.as_u16(), again.header("location")),
        (400, None)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_browsers_with_one_pushed_request_one_gets_a_code() {
    let app = TestApp::with(&[("SIGNET_LIMITS_ENABLED", "false")]).await;
    let replica = app.replica().await;
    let wiki = Web::own(&app).await;
    register(&app, "ada@example.com").await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    browser.sign_in(&app, &page, "ada@example.com").await;
    let pushed = push(&app, &wiki, &[]).await;
    let path = &start("wiki", &pushed);
    let visits = (0..10).map(|turn| {
        let (mut tab, at) = (browser.clone(), [&app, &replica][turn % 2]);
        async move { tab.get(at, path).await }
    });
    let answers = join_all(visits).await;
    let sent: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 303)
        .collect();
    assert_eq!(sent.len(), 1);
    let code = &sent[0].to_client(CALLBACK)["code"];
    assert_eq!(wiki.redeem(&app, code).await.status, 200);
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 400).count(),
        9
    );
}

#[tokio::test]
async fn a_pushed_request_is_for_its_client_and_for_a_minute() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    Web::register(&app, "blog", &json!({"first_party": true})).await;
    let mut browser = Browser::default();
    for (client, seconds) in [("blog", 0), ("", 0), ("wiki", 60)] {
        let pushed = push(&app, &wiki, &[]).await;
        app.clock.advance(Duration::from_secs(seconds));
        let page = browser.visit(&app, &start(client, &pushed)).await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (400, None),
            "{client}"
        );
    }
    let unknown = "/oauth/authorize?client_id=wiki&request_uri=https://evil.test/request";
    assert_eq!(browser.visit(&app, unknown).await.status, 400);
}

#[tokio::test]
async fn a_request_that_is_not_possible_is_refused_when_it_is_pushed() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    for (change, error) in [
        (("redirect_uri", "https://evil.test"), "invalid_request"),
        (("redirect_uri", "-"), "invalid_request"),
        (("code_challenge", "-"), "invalid_request"),
        (("code_challenge", "AAAA"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "-"), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (("scope", "openid account"), "invalid_scope"),
        (("resource", "https://other.example"), "invalid_target"),
        (("resource", "wiki"), "invalid_target"),
        (("audience", "other"), "invalid_target"),
        (("request", "e30."), "request_not_supported"),
        (("request_uri", "urn:x"), "invalid_request"),
        (("request_uri", PUSHED_BEFORE), "invalid_request"),
    ] {
        let refused = push(&app, &wiki, &[change]).await;
        assert_eq!(refused.oauth_error(), (400, error.to_owned()), "{change:?}");
    }
    let stranger = "client_id=wiki&client_secret=guessed";
    let refused = app
        .send(request("POST", "/oauth/par", &[FORM], stranger))
        .await;
    assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_pushed_request_has_each_parameter_once_and_is_for_the_client_that_pushes_it() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let blog = Web::register(&app, "blog", &json!({"first_party": true})).await;
    let url = wiki.authorize(&[]);
    let (_, usual) = url.split_once('?').unwrap();
    let (secret, other) = (&wiki.secret, &blog.secret);
    for (body, refusal) in [
        (
            format!("{usual}&client_secret={secret}&redirect_uri=https://evil.test"),
            (400, "invalid_request"),
        ),
        (
            format!("{usual}&client_secret={secret}&state=other"),
            (400, "invalid_request"),
        ),
        (
            format!("{usual}&client_secret={secret}&client_id=blog"),
            (400, "invalid_request"),
        ),
        (
            format!("{usual}&client_secret={other}"),
            (401, "invalid_client"),
        ),
    ] {
        let refused = app.send(request("POST", "/oauth/par", &[FORM], &body));
        let (status, code) = refused.await.oauth_error();
        assert_eq!((status, code.as_str()), refusal, "{body}");
    }
}

#[tokio::test]
async fn an_assertion_for_the_endpoint_that_takes_requests_is_accepted_there_and_only_there() {
    const ISSUER: &str = "http://127.0.0.1:8080";
    let app = TestApp::start().await;
    let signer = Signer::register(&app, "billing").await;
    let change = json!({"redirect_uris": [CALLBACK]}).to_string();
    let admin = Admin::of(&app);
    let changed = admin.ask("PATCH", "/admin/clients/billing", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let billing = Web {
        id: signer.id.to_owned(),
        secret: String::new(),
    };
    let [token, par, revoke] =
        ["token", "par", "revoke"].map(|name| format!("{ISSUER}/oauth/{name}"));
    for (number, (aud, status)) in [
        (json!(ISSUER), 201),
        (json!(token), 201),
        (json!(par), 201),
        (json!([par]), 201),
        (json!([par, ISSUER]), 401),
        (json!(format!("{par}/")), 401),
        (json!(revoke), 401),
    ]
    .into_iter()
    .enumerate()
    {
        let assertion = signer.assertion_to(&aud, &number.to_string());
        let form = [
            ("scope", "openid"),
            ("client_assertion", &assertion),
            ("client_assertion_type", ASSERTION_TYPE),
        ];
        let pushed = push(&app, &billing, &form).await;
        assert_eq!(pushed.status, status, "{aud}: {}", pushed.text);
    }
    let elsewhere = ask_by_assertion(&app, &signer.assertion_to(&json!(par), "other"), "").await;
    assert_eq!(elsewhere.oauth_error(), (401, "invalid_client".to_owned()));
}

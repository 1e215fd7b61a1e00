//! From the client to the page, back with a code, and to the tokens.

use std::time::Duration;

use serde_json::json;
use signet_verifier::{Error, Keys, Policy, Verifier};

use super::browser::{Browser, PASSWORD};
use super::client::{CALLBACK, VERIFIER, Web, claims, header, userinfo};
use crate::mfa::Enrolled;
use crate::support::TestApp;

const ADA: &str = "ada@example.com";

async fn register(app: &TestApp) {
    let body = json!({"email": ADA, "password": PASSWORD, "name": "Ada", "token_delivery": "body"});
    assert_eq!(
        app.post("/auth/register", &body.to_string()).await.status,
        201
    );
}

#[tokio::test]
async fn a_person_signs_in_and_the_client_gets_tokens() {
    let app = TestApp::start().await;
    register(&app).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    assert_eq!((page.status.as_u16(), page.heading()), (200, "Sign in"));
    assert!(
        page.text.contains("<strong>The &lt;Wiki&gt;</strong>"),
        "{}",
        page.text
    );
    let answer = browser.sign_in(&app, &page, ADA).await;
    let sent = answer.to_client(CALLBACK);
    assert_eq!(sent["state"], "st&te=1");
    assert_eq!(sent["iss"], "http://127.0.0.1:8080");
    assert_eq!(sent.len(), 3);

    let tokens = wiki.redeem(&app, &sent["code"]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    let access = tokens.member("access_token");
    let said = claims(&access);
    assert_eq!(said["client_id"], "wiki");
    assert_eq!(said["scope"], "openid profile email pages:read");
    assert_eq!(said["aud"], json!(["wiki", "https://files.example"]));
    assert_eq!(said["amr"], json!(["pwd"]));
    let id_token = tokens.member("id_token");
    assert_eq!(header(&id_token)["typ"], "JWT");
    let identity = claims(&id_token);
    for (name, value) in [
        ("iss", json!("http://127.0.0.1:8080")),
        ("sub", said["sub"].clone()),
        ("aud", json!("wiki")),
        ("nonce", json!("n-1")),
        ("sid", said["sid"].clone()),
        ("auth_time", said["auth_time"].clone()),
        ("amr", json!(["pwd"])),
        ("acr", json!("urn:signet:acr:single")),
        ("name", json!("Ada")),
        ("email", json!(ADA)),
        ("email_verified", json!(false)),
    ] {
        assert_eq!(identity[name], value, "{name}");
    }
    assert_eq!(identity["at_hash"].as_str().unwrap().len(), 22);
    let shown = userinfo(&app, &access).await.json();
    let expected = json!({
        "sub": said["sub"], "name": "Ada", "email": ADA, "email_verified": false,
    });
    assert_eq!(shown, expected);

    let refresh = tokens.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let next = wiki.ask(&app, "/oauth/token", &form).await;
    assert_eq!(claims(&next.member("access_token"))["sid"], said["sid"]);
}

#[tokio::test]
async fn an_id_token_is_not_an_access_token() {
    let app = TestApp::start().await;
    register(&app).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let code = browser.sign_in(&app, &page, ADA).await.to_client(CALLBACK);
    let id_token = wiki.redeem(&app, &code["code"]).await.member("id_token");
    let jwks = app.get("/.well-known/jwks.json").await.text;
    let keys = Keys::from_jwks(&jwks).unwrap();
    let policy = Policy::new("http://127.0.0.1:8080", "wiki");
    let clock = std::sync::Arc::clone(&app.clock);
    let verifier = Verifier::with_clock(policy, keys, clock as _);
    assert_eq!(verifier.verify(&id_token).unwrap_err(), Error::TypeRefused);
    assert_eq!(userinfo(&app, &id_token).await.status, 401);
}

#[tokio::test]
async fn the_second_client_of_a_browser_asks_for_no_password() {
    let app = TestApp::start().await;
    register(&app).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    browser.sign_in(&app, &page, ADA).await;
    let blog = Web::register(&app, "blog", &json!({"first_party": true})).await;
    app.clock.advance(Duration::from_mins(5));
    let sent = browser
        .visit(&app, &blog.authorize(&[]))
        .await
        .to_client(CALLBACK);
    let tokens = blog.redeem(&app, &sent["code"]).await;
    let said = claims(&tokens.member("id_token"));
    let age = said["iat"].as_u64().unwrap() - said["auth_time"].as_u64().unwrap();
    assert_eq!(age, 300);

    // A client may want a fresh sign-in, and gets it once.
    for wish in [("prompt", "login"), ("max_age", "60")] {
        app.clock.advance(Duration::from_mins(2));
        let page = browser.visit(&app, &blog.authorize(&[wish])).await;
        assert_eq!(page.heading(), "Sign in", "{wish:?}");
        let sent = browser.sign_in(&app, &page, ADA).await.to_client(CALLBACK);
        let said = claims(&blog.redeem(&app, &sent["code"]).await.member("id_token"));
        assert_eq!(said["iat"], said["auth_time"], "{wish:?}");
    }
}

#[tokio::test]
async fn without_a_page_a_client_learns_what_is_missing() {
    let app = TestApp::start().await;
    register(&app).await;
    let wiki = Web::foreign(&app).await;
    let quiet = wiki.authorize(&[("prompt", "none")]);
    let mut browser = Browser::default();
    let error = browser.get(&app, &quiet).await.to_client(CALLBACK);
    assert_eq!(error["error"], "login_required");
    assert_eq!(error["state"], "st&te=1");
    assert_eq!(error["iss"], "http://127.0.0.1:8080");
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    browser.sign_in(&app, &page, ADA).await;
    let error = browser.get(&app, &quiet).await.to_client(CALLBACK);
    assert_eq!(error["error"], "consent_required");
}

#[tokio::test]
async fn another_companys_client_gets_what_the_person_allows_and_is_remembered() {
    let app = TestApp::start().await;
    register(&app).await;
    let (wiki, mut browser) = (Web::foreign(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Allow access?");
    for text in [
        "see your name",
        "see your email address",
        "pages:read",
        ADA,
        "https://wiki.example",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    let denied = browser.submit(&app, &page, &[("decision", "deny")]).await;
    assert_eq!(denied.to_client(CALLBACK)["error"], "access_denied");

    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let sent = browser.submit(&app, &page, &[("decision", "allow")]).await;
    let tokens = wiki
        .redeem(&app, &sent.to_client(CALLBACK)["code"])
        .await
        .json();
    assert!(tokens["id_token"].is_string());
    assert_eq!(tokens["refresh_token"], json!(null));

    let again = browser.visit(&app, &wiki.authorize(&[])).await;
    assert!(again.to_client(CALLBACK).contains_key("code"));
    let more = [("scope", "openid offline_access")];
    let page = browser.visit(&app, &wiki.authorize(&more)).await;
    assert!(
        page.text.contains("keep this access while you are away"),
        "{}",
        page.text
    );
    let sent = browser.submit(&app, &page, &[("decision", "allow")]).await;
    let tokens = wiki
        .redeem(&app, &sent.to_client(CALLBACK)["code"])
        .await
        .json();
    assert!(tokens["refresh_token"].is_string());
    app.clock.advance(Duration::from_hours(24 * 13));
    browser.visit(&app, &wiki.authorize(&[])).await;
    let prompt = [("prompt", "consent")];
    let page = browser.visit(&app, &wiki.authorize(&prompt)).await;
    assert_eq!(page.heading(), "Allow access?");
}

#[tokio::test]
async fn a_person_registers_or_chooses_another_account() {
    let app = TestApp::start().await;
    register(&app).await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let (_, link) = page.text.split_once("href=\"/signin/register").unwrap();
    let path = format!("/signin/register{}", link.split('"').next().unwrap());
    let page = browser.visit(&app, &path).await;
    let filled = [
        ("email", "eve@example.com"),
        ("password", PASSWORD),
        ("name", ""),
    ];
    let sent = browser
        .submit(&app, &page, &filled)
        .await
        .to_client(CALLBACK);
    let eve = claims(&wiki.redeem(&app, &sent["code"]).await.member("id_token"));
    assert_eq!(eve["email"], "eve@example.com");

    app.clock.advance(Duration::from_secs(1));
    let choose = [("prompt", "select_account")];
    let page = browser.visit(&app, &wiki.authorize(&choose)).await;
    assert_eq!(page.heading(), "Choose an account");
    let same = browser.submit(&app, &page, &[("choice", "continue")]).await;
    assert!(same.to_client(CALLBACK).contains_key("code"));
    let page = browser.visit(&app, &wiki.authorize(&choose)).await;
    let page = browser.submit(&app, &page, &[("choice", "other")]).await;
    assert_eq!(page.heading(), "Sign in");
    let sent = browser.sign_in(&app, &page, ADA).await.to_client(CALLBACK);
    let ada = claims(&wiki.redeem(&app, &sent["code"]).await.member("id_token"));
    assert_eq!(ada["email"], ADA);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_told_of() {
    let app = TestApp::start().await;
    let authenticator = Enrolled::new(&app).await.app;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Confirm that it is you");
    app.clock.advance(Duration::from_mins(1));
    let wrong = authenticator.wrong_code(&app);
    let page = browser.submit(&app, &page, &[("code", &wrong)]).await;
    assert!(page.text.contains("The code is wrong"), "{}", page.text);
    let code = authenticator.code(&app);
    let sent = browser
        .submit(&app, &page, &[("code", &code)])
        .await
        .to_client(CALLBACK);
    let said = claims(&wiki.redeem(&app, &sent["code"]).await.member("id_token"));
    assert_eq!(said["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(said["acr"], "urn:signet:acr:mfa");
}

#[tokio::test]
async fn an_app_on_the_machine_uses_any_port_and_no_secret() {
    let app = TestApp::start().await;
    register(&app).await;
    let fields = json!({
        "authentication": "none",
        "first_party": true,
        "redirect_uris": ["http://127.0.0.1/cb"],
    });
    let (tool, mut browser) = (
        Web::register(&app, "tool", &fields).await,
        Browser::default(),
    );
    let uri = "http://127.0.0.1:49152/cb";
    let page = browser
        .visit(&app, &tool.authorize(&[("redirect_uri", uri)]))
        .await;
    let sent = browser.sign_in(&app, &page, ADA).await.to_client(uri);
    let other = tool
        .redeem_with(&app, &sent["code"], "http://127.0.0.1:1/cb", VERIFIER)
        .await;
    assert_eq!(other.oauth_error(), (400, "invalid_grant".to_owned()));
    let page = browser
        .visit(&app, &tool.authorize(&[("redirect_uri", uri)]))
        .await;
    let sent = page.to_client(uri);
    let tokens = tool.redeem_with(&app, &sent["code"], uri, VERIFIER).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
}

//! What must not work.

use std::time::Duration;

use serde_json::json;

use super::browser::{Browser, PASSWORD, register};
use super::client::{CALLBACK, VERIFIER, Web, userinfo};
use crate::oauth::FORM;
use crate::support::{TestApp, request};

const ADA: &str = "ada@example.com";

async fn signed_in(app: &TestApp, wiki: &Web) -> Browser {
    register(app, ADA).await;
    let mut browser = Browser::default();
    let page = browser.visit(app, &wiki.authorize(&[])).await;
    browser.sign_in(app, &page, ADA).await;
    browser
}

async fn code(app: &TestApp, wiki: &Web, browser: &mut Browser) -> String {
    let sent = browser.visit(app, &wiki.authorize(&[])).await;
    sent.to_client(CALLBACK)["code"].clone()
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_registered() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    for uri in [
        "-",
        "",
        "https://wiki.example/cb/",
        "https://wiki.example/CB",
        "https://wiki.example/cb?x=1",
        "https://wiki.example/cb#x",
        "https://wiki.example/./cb",
        "https://wiki.example/%63b",
        "https://wiki.example:443/cb",
        "https://WIKI.example/cb",
        "http://wiki.example/cb",
        "https://wiki.example.evil.test/cb",
        "https://evil.test/https://wiki.example/cb",
        "https://me@wiki.example/cb",
        "https://wiki.example@evil.test/cb",
        "https://wiki.example\\@evil.test/cb",
        "//wiki.example/cb",
        "/cb",
        "javascript:alert(1)",
    ] {
        let page = browser
            .get(&app, &wiki.authorize(&[("redirect_uri", uri)]))
            .await;
        assert_eq!(page.status, 400, "{uri}");
        assert_eq!(page.header("location"), None, "{uri}");
        assert!(
            page.text
                .contains("redirect_uri is missing or not registered"),
            "{uri}"
        );
    }
    for id in ["nobody", "signet", "-"] {
        let page = browser
            .get(&app, &wiki.authorize(&[("client_id", id)]))
            .await;
        assert_eq!(
            (page.status.as_u16(), page.header("location")),
            (400, None),
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_told_to_the_client_and_two_clients_or_addresses_to_nobody() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    for (more, state) in [
        ("nonce=n-2", Some("st&te=1")),
        ("scope=openid", Some("st&te=1")),
        ("utm=1&utm=2", Some("st&te=1")),
        ("prompt=none&prompt=none", Some("st&te=1")),
        ("state=2", None),
    ] {
        let address = format!("{}&{more}", wiki.authorize(&[]));
        let sent = browser.get(&app, &address).await.to_client(CALLBACK);
        assert_eq!(sent["error"], "invalid_request", "{more}");
        let told = "a parameter appears more than once; send it once";
        assert_eq!(sent["error_description"], told, "{more}");
        assert_eq!(sent.get("state").map(String::as_str), state, "{more}");
    }
    for more in [
        "redirect_uri=https://evil.test",
        "redirect_uri=https://wiki.example/cb",
        "client_id=wiki",
        "request_uri=a&request_uri=b",
        &"x=&".repeat(65),
    ] {
        let address = format!("{}&{more}", wiki.authorize(&[]));
        let page = browser.get(&app, &address).await;
        let answer = (page.status.as_u16(), page.header("location"));
        assert_eq!(answer, (400, None), "{more}");
        let told = "client_id, redirect_uri or request_uri appears more than once";
        assert!(page.text.contains(told), "{more}: {}", page.text);
    }
    let twice = "resource=https://files.example&resource=https://files.example";
    let address = format!("{}&{twice}", wiki.authorize(&[]));
    let sent = browser.get(&app, &address).await.to_client(CALLBACK);
    assert!(sent.contains_key("code"));
}

#[tokio::test]
async fn requests_without_a_challenge_or_with_too_much_are_refused_at_the_client() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    for (change, error) in [
        (("code_challenge", "-"), "invalid_request"),
        (("code_challenge", "AAAA"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", "-"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "-"), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (
            ("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (("response_mode", "form_post"), "invalid_request"),
        (("request", "e30."), "request_not_supported"),
        (
            ("request_uri", "https://wiki.example/request"),
            "request_uri_not_supported",
        ),
        (
            ("request_uri", "urn:ietf:params:oauth:request"),
            "request_uri_not_supported",
        ),
        (("scope", "openid account"), "invalid_scope"),
        (("resource", "https://other.example"), "invalid_target"),
        (("resource", "wiki"), "invalid_target"),
        (("audience", "other"), "invalid_target"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "x"), "invalid_request"),
    ] {
        let answer = browser.get(&app, &wiki.authorize(&[change])).await;
        let sent = answer.to_client(CALLBACK);
        assert_eq!(sent["error"], error, "{change:?}");
        assert_eq!(sent["iss"], "http://127.0.0.1:8080", "{change:?}");
        assert_eq!(sent["state"], "st&te=1", "{change:?}");
        assert!(!sent.contains_key("code"));
    }
    for (challenge, says) in [
        ("-", "code_challenge is required"),
        ("AAAA", "code_challenge is invalid: with S256 it must be 43"),
    ] {
        let asked = wiki.authorize(&[("code_challenge", challenge)]);
        let sent = browser.get(&app, &asked).await.to_client(CALLBACK);
        let said = &sent["error_description"];
        assert!(said.starts_with(says), "{said}");
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_others() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    let blog = Web::register(&app, "blog", &json!({"first_party": true})).await;
    let wrong = "X".repeat(43);
    for (client, uri, verifier) in [
        (&blog, CALLBACK, VERIFIER),
        (&wiki, "https://wiki.example/bye", VERIFIER),
        (&wiki, CALLBACK, &wrong),
        (&wiki, CALLBACK, "short"),
    ] {
        let code = code(&app, &wiki, &mut browser).await;
        let refused = client.redeem_with(&app, &code, uri, verifier).await;
        assert_eq!(
            refused.oauth_error(),
            (400, "invalid_grant".to_owned()),
            "{uri} {verifier}"
        );
        let used_up = wiki.redeem(&app, &code).await;
        assert_eq!(used_up.oauth_error(), (400, "invalid_grant".to_owned()));
    }
    let late = code(&app, &wiki, &mut browser).await;
    app.clock.advance(Duration::from_mins(1));
    let refused = wiki.redeem(&app, &late).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
    let without = [
        ("grant_type", "authorization_code"),
        ("code", "code_x"),
        ("redirect_uri", CALLBACK),
    ];
    let refused = wiki.ask(&app, "/oauth/token", &without).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_code_that_is_shown_twice_ends_the_session_that_it_made() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    let code = code(&app, &wiki, &mut browser).await;
    let tokens = wiki.redeem(&app, &code).await;
    let (access, refresh) = (
        tokens.member("access_token"),
        tokens.member("refresh_token"),
    );
    assert_eq!(userinfo(&app, &access).await.status, 200);
    app.clock.advance(Duration::from_mins(5));
    let again = wiki.redeem(&app, &code).await;
    assert_eq!(again.oauth_error(), (400, "invalid_grant".to_owned()));
    assert_eq!(userinfo(&app, &access).await.status, 401);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let refused = wiki.ask(&app, "/oauth/token", &form).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_code_of_a_sign_in_that_has_ended_is_worth_nothing() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    let first = code(&app, &wiki, &mut browser).await;
    let page = browser.visit(&app, "/signin").await;
    assert_eq!(page.heading(), "You are signed in");
    browser.submit(&app, &page, &[]).await;
    let refused = wiki.redeem(&app, &first).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));

    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let sent = browser.sign_in(&app, &page, ADA).await.to_client(CALLBACK);
    let login = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    let bearer = app
        .post("/auth/login", &login.to_string())
        .await
        .member("access_token");
    let bearer = format!("Bearer {bearer}");
    let everywhere = request(
        "POST",
        "/auth/logout-all",
        &[("authorization", &bearer)],
        "",
    );
    assert_eq!(app.send(everywhere).await.status, 204);
    let refused = wiki.redeem(&app, &sent["code"]).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_grant".to_owned()));
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    assert_eq!(page.heading(), "Sign in");
}

#[tokio::test]
async fn a_form_that_another_site_sends_changes_nothing() {
    let app = TestApp::start().await;
    let wiki = Web::foreign(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    let (action, body) = page.form(&[("decision", "allow")]);
    let cookies: Vec<_> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let cookies = cookies.join("; ");
    let foreign = [
        ("cookie", cookies.as_str()),
        ("origin", "https://evil.test"),
        FORM,
    ];
    let refused = app.send(request("POST", &action, &foreign, &body)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.heading()),
        (403, "That did not work")
    );
    let site = [
        ("cookie", cookies.as_str()),
        ("sec-fetch-site", "cross-site"),
        FORM,
    ];
    assert_eq!(
        app.send(request("POST", &action, &site, &body))
            .await
            .status,
        403
    );

    // The right origin, but the form of another browser: a sign-in that an attacker prepared.
    let mut other = Browser::default();
    other.visit(&app, "/signin").await;
    for path in [
        "/signin/consent",
        "/signin/password",
        "/signin/register",
        "/signin/factor",
        "/signin/enrol/totp",
        "/signin/enrol/totp/confirm",
        "/signin/enrol/passkey",
        "/signin/account",
        "/device",
        "/oauth/logout",
    ] {
        let forged = other.post(&app, path, &body).await;
        assert_eq!(forged.status, 403, "{path}");
        let bare = Browser::default()
            .post(&app, path, "email=a&password=b&form=")
            .await;
        assert_eq!(bare.status, 403, "{path}");
    }
    let again = browser.visit(&app, &wiki.authorize(&[])).await;
    assert_eq!(again.heading(), "Allow access?");
}

#[tokio::test]
async fn each_sign_in_has_a_new_secret_and_ends_the_one_before() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let mut browser = signed_in(&app, &wiki).await;
    app.clock.advance(Duration::from_secs(1));
    let before = browser.clone();
    let page = browser
        .visit(&app, &wiki.authorize(&[("prompt", "login")]))
        .await;
    browser.sign_in(&app, &page, ADA).await;
    assert_ne!(before.cookies["signet_sso"], browser.cookies["signet_sso"]);
    let page = before.clone().visit(&app, &wiki.authorize(&[])).await;
    assert_eq!(page.heading(), "Sign in");
    for planted in ["", "x", "sgr_x", "sgb_AAAA.BBBB"] {
        let mut browser = Browser::default();
        browser
            .cookies
            .insert("signet_sso".to_owned(), planted.to_owned());
        let page = browser.visit(&app, &wiki.authorize(&[])).await;
        assert_eq!(page.heading(), "Sign in", "{planted}");
    }
}

#[tokio::test]
async fn the_cookie_of_a_browser_opens_nothing_else() {
    let app = TestApp::start().await;
    let wiki = Web::own(&app).await;
    let browser = signed_in(&app, &wiki).await;
    let token = &browser.cookies["signet_sso"];
    let body = json!({"refresh_token": token}).to_string();
    let refused = app.post("/auth/refresh", &body).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    assert_eq!(userinfo(&app, token).await.status, 401);
}

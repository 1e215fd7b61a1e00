//! The pages themselves: their headers, their words, and what outsiders can write into them.

use serde_json::json;

use super::browser::Browser;
use super::client::{CALLBACK, Web};
use crate::support::{TestApp, request};

#[tokio::test]
async fn pages_run_nothing_are_framed_by_nobody_and_lead_only_to_the_client() {
    let app = TestApp::start().await;
    let (wiki, mut browser) = (Web::own(&app).await, Browser::default());
    let page = browser.visit(&app, &wiki.authorize(&[])).await;
    assert_eq!(
        page.header("content-security-policy"),
        Some(
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self' https://wiki.example"
        )
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert!(!page.text.contains("<script"));
    assert!(!page.text.contains(CALLBACK));
    let alone = browser.visit(&app, "/signin").await;
    let policy = alone.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self'"), "{policy}");
    let css = app.get("/signin/style.css").await;
    assert_eq!(css.header("content-type"), Some("text/css; charset=utf-8"));
}

#[tokio::test]
async fn a_request_as_a_form_may_be_as_long_as_other_bodies() {
    let app = TestApp::start().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (length, status) in [(16 * 1024, 303), (16 * 1024 + 1, 413)] {
        let body = format!("state={}", "x".repeat(length - "state=".len()));
        let asked = request("POST", "/oauth/authorize", &[form], &body);
        assert_eq!(app.send(asked).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn cookies_are_as_narrow_as_they_can_be() {
    let proxies = ("SIGNET_TRUSTED_PROXIES", "none");
    let https = [("SIGNET_PUBLIC_URL", "https://id.example"), proxies];
    for (variables, name, secure) in [
        (&[][..], "signet_form", ""),
        (&https[..], "__Host-signet_form", " Secure;"),
    ] {
        let app = TestApp::with(variables).await;
        let page = app.get("/signin").await;
        let cookie = page.header("set-cookie").unwrap();
        let (pair, rest) = cookie.split_once("; ").unwrap();
        assert!(pair.starts_with(&format!("{name}=")), "{cookie}");
        assert_eq!(rest, format!("HttpOnly; SameSite=Lax;{secure} Path=/"));
    }
}

#[tokio::test]
async fn what_outsiders_write_is_shown_as_text() {
    let app = TestApp::start().await;
    let attack = "\"><img src=x onerror=alert(1)>";
    let fields = json!({"name": attack, "scopes": ["<b>"]});
    let (wiki, mut browser) = (
        Web::register(&app, "wiki", &fields).await,
        Browser::default(),
    );
    let hints = [
        ("login_hint", attack),
        ("state", attack),
        ("scope", "openid <b>"),
    ];
    let page = browser.visit(&app, &wiki.authorize(&hints)).await;
    assert!(
        page.text
            .contains("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"),
        "{}",
        page.text
    );
    let mut shown = vec![page];
    for (field, value) in [("email", attack), ("password", attack)] {
        let filled = [
            ("email", "a@example.com"),
            ("password", "wrong password"),
            (field, value),
        ];
        shown.push(browser.submit(&app, &shown[0], &filled[1..]).await);
    }
    let register = shown[0].text.split_once("/signin/register").unwrap().1;
    let register = format!("/signin/register{}", register.split('"').next().unwrap());
    let form = browser.visit(&app, &register).await;
    let filled = [
        ("email", "eve@example.com"),
        ("name", attack),
        ("password", "short"),
    ];
    shown.push(browser.submit(&app, &form, &filled).await);
    let filled = [
        ("email", "eve@example.com"),
        ("name", "Eve"),
        ("password", "engine no. 9 steams"),
    ];
    let consent = browser.submit(&app, &form, &filled).await;
    assert_eq!(consent.heading(), "Allow access?");
    assert!(
        consent.text.contains("<li>&lt;b&gt;</li>"),
        "{}",
        consent.text
    );
    shown.push(consent);
    for page in shown {
        assert!(!page.text.contains("<img"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_wrong_password_says_the_same_for_every_address() {
    let app = TestApp::start().await;
    let body = json!({"email": "ada@example.com", "password": "engine no. 9 steams"});
    app.post("/auth/register", &body.to_string()).await;
    let mut browser = Browser::default();
    let page = browser.visit(&app, "/signin").await;
    let mut answers = Vec::new();
    for email in ["ada@example.com", "eve@example.com"] {
        let filled = [("email", email), ("password", "not the password")];
        let refused = browser.submit(&app, &page, &filled).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("role=\"alert\""));
        assert!(!refused.text.contains("not the password"));
        answers.push(refused.text.replace(email, ""));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn pages_and_their_errors_speak_the_language_of_the_browser() {
    let app = TestApp::start().await;
    let german = [("accept-language", "de-AT,de;q=0.9")];
    let page = app.send(request("GET", "/signin", &german, "")).await;
    assert_eq!(page.heading(), "Anmelden");
    assert!(page.text.contains("<html lang=\"de\">"));
    let lost = app
        .send(request("GET", "/signin?request=ask_x", &german, ""))
        .await;
    assert_eq!(
        (lost.status.as_u16(), lost.heading()),
        (400, "Das hat nicht geklappt")
    );
    let page = app.get("/signin?request=ask_x").await;
    assert_eq!(
        (page.status.as_u16(), page.heading()),
        (400, "That did not work")
    );
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let app = TestApp::with(&[("SIGNET_REGISTRATION", "closed")]).await;
    let page = app.get("/signin").await;
    assert!(!page.text.contains("/signin/register"));
    assert_eq!(app.get("/signin/register").await.status, 403);
}

#[tokio::test]
async fn the_operator_gives_the_pages_a_name_and_a_style() {
    let folder = tempfile::tempdir().unwrap();
    let css = folder.path().join("own.css");
    std::fs::write(&css, "h1 { color: teal }").unwrap();
    let app = TestApp::with(&[
        ("SIGNET_PAGES_NAME", "Acme <Inc>"),
        ("SIGNET_PAGES_CSS", css.to_str().unwrap()),
    ])
    .await;
    let page = app.get("/signin").await;
    assert!(
        page.text
            .contains("<p class=\"brand\">Acme &lt;Inc&gt;</p>")
    );
    let style = app.get("/signin/style.css").await;
    assert!(style.text.ends_with("h1 { color: teal }"));
}

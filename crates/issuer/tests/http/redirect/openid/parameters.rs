//! The basic plan: what each parameter of a request does.

use std::time::Duration;

use super::super::browser::{Browser, register};
use super::super::client::{CALLBACK, claims};
use super::{ADA, Plan, identity};

/// Asks with a parameter that changes nothing.
async fn succeeds_with(name: &str, value: &str) {
    let mut plan = Plan::begin().await;
    let identity = plan.identity(&[(name, value)]).await;
    assert_eq!(identity["email"], ADA, "{name}");
}

#[tokio::test]
async fn oidcc_display_page_and_display_popup() {
    succeeds_with("display", "page").await;
    succeeds_with("display", "popup").await;
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let mut plan = Plan::begin().await;
    let first = plan.identity(&[]).await;
    plan.app.clock.advance(Duration::from_secs(1));
    let page = plan.ask(&[("prompt", "login")]).await;
    assert_eq!(page.heading(), "Sign in");
    let second = plan.identity(&[("prompt", "login")]).await;
    assert_eq!(first["sub"], second["sub"]);
    assert!(first["auth_time"].as_u64() < second["auth_time"].as_u64());
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let mut plan = Plan::begin().await;
    assert_eq!(plan.error(&[("prompt", "none")]).await, "login_required");
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let mut plan = Plan::begin().await;
    let first = plan.identity(&[]).await;
    plan.app.clock.advance(Duration::from_secs(1));
    let start = plan.client.authorize(&[("prompt", "none")]);
    let answer = plan.browser.get(&plan.app, &start).await;
    let code = answer.to_client(CALLBACK)["code"].clone();
    let tokens = plan.client.redeem(&plan.app, &code).await;
    let second = claims(&tokens.member("id_token"));
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(first["auth_time"], second["auth_time"]);
}

#[tokio::test]
async fn oidcc_max_age_1_and_max_age_10000() {
    let mut plan = Plan::begin().await;
    let first = plan.identity(&[]).await;
    plan.app.clock.advance(Duration::from_secs(2));
    let kept = plan.identity(&[("max_age", "10000")]).await;
    assert_eq!(first["auth_time"], kept["auth_time"]);
    let page = plan.ask(&[("max_age", "1")]).await;
    assert_eq!(page.heading(), "Sign in");
    let second = plan.identity(&[("max_age", "1")]).await;
    assert!(first["auth_time"].as_u64() < second["auth_time"].as_u64());
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    succeeds_with("extra", "foobar").await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let mut plan = Plan::begin().await;
    let tokens = plan.tokens(&[]).await;
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    plan.app.clock.advance(Duration::from_hours(1));
    let quiet = [("prompt", "none"), ("id_token_hint", hint.as_str())];
    let start = plan.client.authorize(&quiet);
    let answer = plan.browser.get(&plan.app, &start).await;
    let code = answer.to_client(CALLBACK)["code"].clone();
    let again = plan.client.redeem(&plan.app, &code).await;
    assert_eq!(
        claims(&again.member("id_token"))["sub"],
        identity(&tokens)["sub"]
    );

    // Another person at another browser.
    register(&plan.app, "eve@example.com").await;
    plan.browser = Browser::default();
    let page = plan.ask(&[]).await;
    plan.browser
        .sign_in(&plan.app, &page, "eve@example.com")
        .await;
    assert_eq!(plan.error(&quiet).await, "login_required");
    for hint in [
        "x",
        &format!("{hint}x"),
        tokens["access_token"].as_str().unwrap(),
    ] {
        let unreadable = [("prompt", "none"), ("id_token_hint", hint)];
        assert_eq!(plan.error(&unreadable).await, "login_required", "{hint}");
    }
    plan.app.clock.advance(Duration::from_secs(1));
    let asked = [("id_token_hint", hint.as_str())];
    let page = plan.ask(&asked).await;
    assert_eq!(page.heading(), "Sign in");
    let wrong = plan
        .browser
        .sign_in(&plan.app, &page, "eve@example.com")
        .await;
    assert_eq!(wrong.to_client(CALLBACK)["error"], "login_required");
    plan.app.clock.advance(Duration::from_secs(1));
    let page = plan.ask(&asked).await;
    let right = plan.browser.sign_in(&plan.app, &page, ADA).await;
    assert!(right.to_client(CALLBACK).contains_key("code"));
}

#[tokio::test]
async fn oidcc_login_hint() {
    let mut plan = Plan::begin().await;
    let page = plan.ask(&[("login_hint", ADA)]).await;
    assert!(
        page.text.contains(&format!("value=\"{ADA}\"")),
        "{}",
        page.text
    );
    let page = plan.ask(&[("login_hint", "no address\"><b>")]).await;
    assert!(!page.text.contains("no address"), "{}", page.text);
}

#[tokio::test]
async fn oidcc_ui_locales() {
    let mut plan = Plan::begin().await;
    for (asked, language) in [
        ("de-CH en", "de"),
        ("fr se de", "de"),
        ("en de", "en"),
        ("tlh", "en"),
        ("\u{e4}", "en"),
    ] {
        let page = plan.ask(&[("ui_locales", asked)]).await;
        let tag = format!("<html lang=\"{language}\">");
        assert!(page.text.contains(&tag), "{asked}: {}", page.text);
    }
    // A refused form speaks the same language.
    let page = plan.ask(&[("ui_locales", "de")]).await;
    let filled = [("email", ADA), ("password", "wrong")];
    let page = plan.browser.submit(&plan.app, &page, &filled).await;
    assert_eq!(page.heading(), "Anmelden");
    assert!(page.text.contains("lang=\"de\""), "{}", page.text);
}

#[tokio::test]
async fn oidcc_claims_locales() {
    succeeds_with("claims_locales", "se").await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    succeeds_with("acr_values", "1 2").await;
}

/// The parameter may be ignored, and the metadata does not announce it.
#[tokio::test]
async fn oidcc_claims_essential() {
    let wanted = r#"{"userinfo":{"name":{"essential":true}}}"#;
    succeeds_with("claims", wanted).await;
}

#[tokio::test]
async fn oidcc_unsigned_request_objects_are_rejected_as_unsupported() {
    let mut plan = Plan::begin().await;
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    let told = plan.error(&[("request", unsigned)]).await;
    assert_eq!(told, "request_not_supported");
}

/// Nothing is fetched.
#[tokio::test]
async fn oidcc_request_uri_unsigned() {
    let mut plan = Plan::begin().await;
    let address = ("request_uri", "https://wiki.example/request");
    assert_eq!(plan.error(&[address]).await, "request_uri_not_supported");
    let elsewhere = [address, ("redirect_uri", "https://evil.test/")];
    let page = plan.ask(&elsewhere).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, None));
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let mut plan = Plan::begin().await;
    let changes = [
        ("request", "eyJhbGciOiJub25lIn0.e30."),
        ("redirect_uri", "https://evil.test/"),
    ];
    let page = plan.ask(&changes).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, None));
}

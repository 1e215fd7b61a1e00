//! The passkey button of the pages, without a browser.

use super::browser::Browser;
use crate::support::TestApp;

const WITH_A_DOMAIN: [(&str, &str); 1] = [("SIGNET_PUBLIC_URL", "https://auth.example.com")];

#[tokio::test]
async fn a_page_with_a_passkey_runs_our_script_and_asks_us_alone() {
    let app = TestApp::with(&WITH_A_DOMAIN).await;
    let page = Browser::default().visit(&app, "/signin").await;
    assert_eq!(
        page.header("content-security-policy"),
        Some(
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             script-src 'self'; connect-src 'self'; form-action 'self'"
        )
    );
    let script = r#"<script type="module" src="/signin/passkey.js"></script>"#;
    assert_eq!(page.text.matches("<script").count(), 1);
    assert!(page.text.contains(script), "{}", page.text);
    let script = app.get("/signin/passkey.js").await;
    let kind = script.header("content-type");
    assert_eq!(kind, Some("text/javascript; charset=utf-8"));
    assert!(script.text.contains("/auth/login/passkey/options"));
}

#[tokio::test]
async fn pages_of_another_domain_than_the_passkeys_have_no_script() {
    let elsewhere = [
        ("SIGNET_PUBLIC_URL", "https://auth.example.com"),
        ("SIGNET_WEBAUTHN_RP_ID", "example.org"),
        ("SIGNET_WEBAUTHN_ORIGINS", "https://app.example.org"),
    ];
    let app = TestApp::with(&elsewhere).await;
    let page = Browser::default().visit(&app, "/signin").await;
    assert!(!page.text.contains("passkey"), "{}", page.text);
}

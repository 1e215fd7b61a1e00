//! Changes that a thief of the browser must not make ask for a proof first.

use std::time::Duration;

use super::{ADA, register, signed_in};
use crate::audit::{audited, lines};
use crate::redirect::PASSWORD;
use crate::support::TestApp;

const STALE: Duration = Duration::from_secs(301);
const CONFIRM: &str = "Confirm that it is you";

#[tokio::test]
async fn five_minutes_after_the_sign_in_a_password_is_asked_for() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    app.clock.advance(STALE);
    for (path, heading) in [
        ("password", "Password"),
        ("totp", "Authenticator app"),
        ("passkeys", "Passkeys"),
        ("delete", "Delete the account"),
    ] {
        let asked = browser.visit(&app, &format!("/account/{path}")).await;
        assert_eq!(asked.heading(), CONFIRM, "{path}");
        for wrong in ["not the password", ""] {
            let refused = browser.submit(&app, &asked, &[("password", wrong)]).await;
            assert_eq!((refused.status.as_u16(), refused.heading()), (400, CONFIRM));
            assert!(refused.text.contains("role=\"alert\""));
            assert!(!refused.text.contains("not the password"));
        }
        let page = browser
            .submit(&app, &asked, &[("password", PASSWORD)])
            .await;
        assert_eq!(page.heading(), heading);
        app.clock.advance(STALE);
    }
    for path in ["", "/profile", "/sessions", "/applications"] {
        let page = browser.visit(&app, &format!("/account{path}")).await;
        assert_ne!(page.heading(), CONFIRM, "{path}");
    }
}

#[tokio::test]
async fn a_form_that_waited_too_long_asks_for_the_proof_and_changes_nothing() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let password = browser.visit(&app, "/account/password").await;
    let delete = browser.visit(&app, "/account/delete").await;
    let totp = browser.visit(&app, "/account/totp").await;
    app.clock.advance(STALE);
    let filled = [("new_password", "engine no. 10 whistles")];
    for asked in [
        browser.submit(&app, &password, &filled).await,
        browser.submit(&app, &delete, &[("sure", "yes")]).await,
        browser.submit(&app, &totp, &[]).await,
    ] {
        assert_eq!(asked.heading(), CONFIRM, "{}", asked.text);
    }
    assert_eq!(super::login(&app, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn five_wrong_passwords_end_the_sign_in() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    app.clock.advance(STALE);
    let asked = browser.visit(&app, "/account/delete").await;
    for _ in 0..5 {
        browser
            .submit(&app, &asked, &[("password", "wrong one")])
            .await;
    }
    let out = browser
        .submit(&app, &asked, &[("password", PASSWORD)])
        .await;
    assert_eq!(out.heading(), "Sign in");
}

#[tokio::test]
async fn the_page_leads_on_only_to_pages_of_the_account() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    for to in [
        "",
        "sessions",
        "//evil.test",
        "https://evil.test",
        "email&to=x",
    ] {
        let answer = browser
            .get(&app, &format!("/account/confirm?to={to}"))
            .await;
        assert_eq!(answer.location(), "/account", "{to}");
    }
    let asked = browser.visit(&app, "/account/confirm?to=delete").await;
    let filled = [("to", "//evil.test"), ("password", PASSWORD)];
    let (action, body) = asked.form(&filled);
    let answer = browser.post(&app, &action, &body).await;
    assert_eq!(answer.location(), "/account");
}

#[tokio::test]
async fn the_event_of_a_proof_names_the_client_of_browser_sign_ins() {
    let (app, _folder, path) = audited().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    app.clock.advance(STALE);
    let asked = browser.visit(&app, "/account/password").await;
    let page = browser
        .submit(&app, &asked, &[("password", PASSWORD)])
        .await;
    assert_eq!(page.heading(), "Password");
    let events = lines(&path);
    let mut events = events.iter();
    let proof = events.find(|line| line["type"] == "session.stepped_up");
    assert_eq!(proof.unwrap()["client"], "signet:browser");
}

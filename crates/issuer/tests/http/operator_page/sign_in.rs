//! Who gets in, and for how long.

use std::time::Duration;

use serde_json::json;

use super::{ADA, administrator, browser, id_of, sign_in, signed_in};
use crate::admin::Admin;
use crate::mfa::{EMAIL, Enrolled};
use crate::redirect::{PASSWORD, register};
use crate::support::TestApp;

#[tokio::test]
async fn an_account_with_a_role_that_administers_signs_in_and_out() {
    let app = TestApp::start().await;
    administrator(&app, ADA, "signet:admin").await;
    let mut browser = browser();
    let page = sign_in(&app, &mut browser, ADA).await;
    assert_eq!(page.heading(), "Overview");
    for text in [ADA, "signing key", "database", "http://127.0.0.1:8080"] {
        assert!(page.text.contains(text), "{text}");
    }
    let out = (&page, "/console/sign-out");
    let page = browser.submit_to(&app, out, &[]).await;
    assert_eq!(page.heading(), "Operator sign-in");
    assert!(!browser.cookies.contains_key("signet_operator"));
}

#[tokio::test]
async fn a_person_without_such_a_role_and_a_wrong_password_do_not_get_in() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let mut browser = browser();
    let refused = sign_in(&app, &mut browser, ADA).await;
    assert_eq!(refused.status, 400);
    let text = "This account has no role that opens the operator page.";
    assert!(refused.text.contains(text), "{}", refused.text);
    let wrong = [("email", ADA), ("password", "not the password")];
    let refused = browser.submit(&app, &refused, &wrong).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .text
            .contains("The email address or the password is wrong.")
    );
    assert!(!browser.cookies.contains_key("signet_operator"));
    assert_eq!(
        browser.visit(&app, "/console/accounts").await.heading(),
        "Operator sign-in"
    );
}

#[tokio::test]
async fn an_account_with_an_authenticator_app_needs_its_code() {
    let app = TestApp::start().await;
    let enrolled = Enrolled::new(&app).await;
    let id = id_of(&app, EMAIL).await;
    let roles = json!({"roles": ["signet:admin:read"]}).to_string();
    let path = format!("/admin/accounts/{id}");
    assert_eq!(
        Admin::of(&app).ask("PATCH", &path, &roles).await.status,
        200
    );
    let mut browser = browser();
    let refused = sign_in(&app, &mut browser, EMAIL).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("This account has a second factor."));
    for (code, heading) in [
        ("000000".to_owned(), "Operator sign-in"),
        (enrolled.next_code(&app), "Overview"),
    ] {
        let filled = [("email", EMAIL), ("password", PASSWORD), ("code", &code)];
        let page = browser.submit(&app, &refused, &filled).await;
        assert_eq!(page.heading(), heading, "{}", page.text);
    }
}

#[tokio::test]
async fn a_sign_in_ends_after_eight_hours_and_with_the_role() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin").await;
    app.clock
        .advance(Duration::from_hours(8) - Duration::from_secs(1));
    assert_eq!(browser.visit(&app, "/console").await.heading(), "Overview");
    app.clock.advance(Duration::from_secs(1));
    let page = browser.visit(&app, "/console").await;
    assert_eq!(page.heading(), "Operator sign-in");

    let page = sign_in(&app, &mut browser, ADA).await;
    assert_eq!(page.heading(), "Overview");
    let path = format!("/admin/accounts/{}", id_of(&app, ADA).await);
    let none = json!({"roles": []}).to_string();
    assert_eq!(Admin::of(&app).ask("PATCH", &path, &none).await.status, 200);
    let page = browser.visit(&app, "/console").await;
    assert_eq!(page.heading(), "Operator sign-in");
}

//! What must not work on the pages of the account.

use serde_json::json;

use super::{ADA, goes_on, login, register, signed_in};
use crate::oauth::FORM;
use crate::redirect::{Browser, PASSWORD, Web};
use crate::support::{TestApp, request};

const PAGES: [&str; 9] = [
    "/account",
    "/account/profile",
    "/account/password",
    "/account/totp",
    "/account/passkeys",
    "/account/sessions",
    "/account/applications",
    "/account/delete",
    "/account/confirm?to=delete",
];

const FORMS: [&str; 14] = [
    "/account/profile",
    "/account/email",
    "/account/password",
    "/account/totp",
    "/account/totp/confirm",
    "/account/totp/remove",
    "/account/recovery-codes",
    "/account/passkeys",
    "/account/passkeys/rename",
    "/account/passkeys/remove",
    "/account/sessions/end-others",
    "/account/applications/withdraw",
    "/account/delete",
    "/account/confirm",
];

#[tokio::test]
async fn only_forms_of_our_own_pages_change_anything() {
    let app = TestApp::start().await;
    let tokens = register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let page = browser.visit(&app, "/account/delete").await;
    let good = page.form_to("/account/delete", &[("sure", "yes"), ("name", "Eve")]);
    let cookie = |name: &str| format!("{name}={}", browser.cookies[name]);
    let (sign_in, form) = (cookie("signet_sso"), cookie("signet_form"));
    let both = format!("{sign_in}; {form}");
    let other = format!("{sign_in}; signet_form=AAAAAAAAAAAAAAAAAAAAAA");
    let (own, foreign) = ("http://127.0.0.1:8080", "https://evil.test");
    let blank = "sure=yes&name=Eve&form=";
    for path in FORMS {
        for (cookies, origin, body) in [
            (&both, foreign, good.as_str()),
            (&both, "null", good.as_str()),
            (&sign_in, own, good.as_str()),
            (&sign_in, own, blank),
            (&other, own, good.as_str()),
        ] {
            let headers = [("cookie", cookies.as_str()), ("origin", origin), FORM];
            let answer = app.send(request("POST", path, &headers, body)).await;
            assert_eq!(answer.status, 403, "{path} {origin}");
            assert_eq!(answer.heading(), "That did not work");
        }
    }
    assert!(goes_on(&app, &tokens).await);
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn no_page_of_the_account_is_framed_cached_or_runs_anything() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    for path in PAGES {
        let page = browser.get(&app, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(
            page.header("content-security-policy"),
            Some(
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                 form-action 'self'"
            ),
            "{path}"
        );
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert!(!page.text.contains("<script"), "{path}");
        assert!(!page.text.contains("style=\""), "{path}");
    }
}

#[tokio::test]
async fn what_outsiders_write_is_shown_as_text_in_the_account() {
    let app = TestApp::start().await;
    let attack = "\"><img src=x onerror=alert(1)>";
    register(&app, ADA).await;
    let wiki = Web::register(&app, "wiki", &json!({"name": attack, "scopes": ["<b>"]})).await;
    let mut browser = Browser {
        user_agent: attack.to_owned(),
        ..Browser::default()
    };
    let page = browser.visit(&app, "/account").await;
    browser.sign_in(&app, &page, ADA).await;
    let profile = browser.visit(&app, "/account/profile").await;
    browser.submit(&app, &profile, &[("name", attack)]).await;
    let scope = [("scope", "openid <b>")];
    let consent = browser.visit(&app, &wiki.authorize(&scope)).await;
    browser
        .submit(&app, &consent, &[("decision", "allow")])
        .await;
    let escaped = "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;";
    for (path, times) in [
        ("", 1),
        ("/profile", 1),
        ("/sessions", 1),
        ("/applications", 2),
        ("?done=%3Cimg%3E", 1),
    ] {
        let page = browser.visit(&app, &format!("/account{path}")).await;
        assert!(!page.text.contains("<img"), "{}", page.text);
        assert_eq!(
            page.text.matches(escaped).count(),
            times,
            "{path}: {}",
            page.text
        );
    }
}

#[tokio::test]
async fn a_form_of_one_account_changes_no_other_one() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    register(&app, "eve@example.com").await;
    let (mut browser, _) = signed_in(&app, ADA).await;
    let delete = browser.visit(&app, "/account/delete").await;
    let confirm = browser.visit(&app, "/account/confirm?to=delete").await;
    // Another tab signs in with another account.
    let page = browser.visit(&app, "/signin?other=1").await;
    browser.sign_in(&app, &page, "eve@example.com").await;
    for (page, filled) in [
        (&delete, ("sure", "yes")),
        (&confirm, ("password", PASSWORD)),
    ] {
        let shown = browser.submit(&app, page, &[filled]).await;
        assert_eq!(shown.heading(), "Your account");
        assert!(shown.text.contains("Signed in as eve@example.com"));
    }
    assert_eq!(login(&app, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_sign_in_never_takes_over_a_cookie_that_was_there_before() {
    let app = TestApp::start().await;
    register(&app, ADA).await;
    register(&app, "eve@example.com").await;
    let (planted, _) = signed_in(&app, "eve@example.com").await;
    // Eve has put her cookie into the browser of Ada, who signs in.
    let mut browser = planted.clone();
    let page = browser.visit(&app, "/signin?other=1").await;
    let account = browser.sign_in(&app, &page, ADA).await;
    assert!(account.text.contains("Signed in as ada@example.com"));
    assert_ne!(browser.cookies["signet_sso"], planted.cookies["signet_sso"]);
    let mut eve = planted;
    assert_eq!(eve.get(&app, "/account").await.location(), "/signin");
    // The same person again gets another cookie too.
    let before = browser.clone();
    let page = browser.visit(&app, "/signin?other=1").await;
    browser.sign_in(&app, &page, ADA).await;
    assert_ne!(browser.cookies["signet_sso"], before.cookies["signet_sso"]);
    let mut earlier = before;
    assert_eq!(earlier.get(&app, "/account").await.location(), "/signin");
}

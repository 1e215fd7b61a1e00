//! Forms of other pages, other hosts, and the headers of each page.

use super::{ADA, administrator, browser, sign_in, signed_in};
use crate::oauth::FORM;
use crate::support::{LOCAL, TestApp, request};

const PAGES: [&str; 5] = ["", "/accounts", "/clients", "/keys", "/confirm?to=clients"];

#[tokio::test]
async fn each_page_refuses_frames_scripts_and_caches_and_no_page_is_on_the_public_listener() {
    let app = TestApp::start().await;
    let mut browser = signed_in(&app, "signet:admin").await;
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                  form-action 'self'";
    for path in PAGES {
        let path = format!("/console{path}");
        let page = browser.visit(&app, &path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-security-policy"), Some(policy));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(app.get(&path).await.status, 404, "{path}");
    }
    let style = browser.get(&app, "/signin/style.css").await;
    assert_eq!(style.status, 200);
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let app = TestApp::start().await;
    administrator(&app, ADA, "signet:admin").await;
    let mut browser = browser();
    browser.origin = Some("http://127.0.0.1:8080");
    let page = browser.visit(&app, "/console/sign-in").await;
    let filled = [("email", ADA), ("password", crate::redirect::PASSWORD)];
    let refused = browser.submit(&app, &page, &filled).await;
    assert_eq!(refused.status, 403, "an origin of the public listener");

    browser.origin = None;
    let (action, body) = page.form(&filled);
    let cookie = format!(
        "signet_operator_form={}",
        browser.cookies["signet_operator_form"]
    );
    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("none", 403),
        ("same-origin", 303),
    ] {
        let headers = [LOCAL, FORM, ("cookie", &cookie), ("sec-fetch-site", site)];
        let sent = request("POST", &action, &headers, &body);
        assert_eq!(app.send_to_operations(sent).await.status, status, "{site}");
    }
    let headers = [LOCAL, FORM, ("sec-fetch-site", "same-origin")];
    let without = request("POST", &action, &headers, &body);
    assert_eq!(
        app.send_to_operations(without).await.status,
        403,
        "no cookie"
    );
    let headers = [("host", "evil.example"), FORM, ("cookie", &cookie)];
    let rebound = request("POST", &action, &headers, &body);
    assert_eq!(
        app.send_to_operations(rebound).await.status,
        403,
        "another host"
    );
    assert_eq!(sign_in(&app, &mut browser, ADA).await.heading(), "Overview");
}

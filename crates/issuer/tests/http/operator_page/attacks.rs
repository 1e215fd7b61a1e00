//! Forms of other pages, other hosts, and the headers of each page.

use std::time::Duration;

use super::{ADA, administrator, browser, id_of, sign_in, signed_in};
use crate::admin::Admin;
use crate::oauth::FORM;
use crate::redirect::{Browser, CALLBACK, Web};
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

#[tokio::test]
async fn a_cookie_of_the_sign_in_pages_opens_no_operator_page_and_the_other_way_round() {
    let app = TestApp::start().await;
    administrator(&app, ADA, "signet:admin").await;
    let mut at_pages = Browser::default();
    let page = at_pages.visit(&app, "/signin").await;
    let page = at_pages.sign_in(&app, &page, ADA).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let mut operator = browser();
    assert_eq!(
        sign_in(&app, &mut operator, ADA).await.heading(),
        "Overview"
    );

    let (theirs, ours) = ("signet_sso", "signet_operator");
    let mut thief = browser();
    let cookie = at_pages.cookies[theirs].clone();
    thief.cookies.insert(ours.to_owned(), cookie);
    for path in ["/console", "/console/accounts"] {
        let page = thief.visit(&app, path).await;
        assert_eq!(page.heading(), "Operator sign-in", "{path}");
    }
    let mut thief = Browser::default();
    let cookie = operator.cookies[ours].clone();
    thief.cookies.insert(theirs.to_owned(), cookie);
    let wiki = Web::own(&app).await;
    let sent = thief
        .visit(&app, &wiki.authorize(&[("prompt", "none")]))
        .await;
    assert_eq!(sent.to_client(CALLBACK)["error"], "login_required");
    let account = thief.get(&app, "/account").await;
    assert_eq!(
        account.header("location"),
        Some("/signin"),
        "{}",
        account.text
    );
}

#[tokio::test]
async fn a_sign_in_at_the_operator_page_is_listed_as_such_and_ends_like_others() {
    let app = TestApp::start().await;
    signed_in(&app, "signet:admin").await;
    let mut own = Browser::default();
    let page = own.visit(&app, "/signin").await;
    own.sign_in(&app, &page, ADA).await;
    let is_listed = async |own: &mut Browser| {
        let page = own.visit(&app, "/account/sessions").await;
        page.text.contains("Sign-in at the operator page")
    };
    assert!(is_listed(&mut own).await);
    // It is over after a working day, and no longer listed.
    app.clock.advance(Duration::from_hours(8));
    assert!(!is_listed(&mut own).await);
    let mut operator = browser();
    let page = sign_in(&app, &mut operator, ADA).await;
    assert_eq!(page.heading(), "Overview");
    let admin = Admin::of(&app);
    let path = format!("/admin/accounts/{}/sessions", id_of(&app, ADA).await);
    let sessions = admin.get(&path).await;
    let sessions = sessions["sessions"].as_array().unwrap();
    let mut at_console = sessions
        .iter()
        .filter(|session| session["client_id"] == "signet:operator");
    let id = at_console.next().unwrap()["id"].as_str().unwrap();
    let ended = admin.ask("DELETE", &format!("{path}/{id}"), "").await;
    assert_eq!(ended.status, 204, "{}", ended.text);
    let page = operator.visit(&app, "/console").await;
    assert_eq!(page.heading(), "Operator sign-in");
}

//! `GET /`: a page for browsers, JSON for programs.

use serde_json::json;

use crate::support::{Answer, TestApp, request};

#[tokio::test]
async fn programs_get_the_addresses_of_the_public_listener() {
    let app = TestApp::start().await;
    for accept in ["*/*", "application/json", "text/html;q=0, */*", "text/*"] {
        let answer = app
            .send(request("GET", "/", &[("accept", accept)], ""))
            .await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Language"));
        assert_eq!(
            answer.json(),
            json!({
                "name": "Signet",
                "description": "This server signs in people and programs for other services.",
                "links": [
                    {"name": "sign_in", "path": "/signin"},
                    {"name": "account", "path": "/account"},
                    {"name": "documentation", "path": "/docs/"},
                    {"name": "api", "path": "/docs"},
                    {"name": "openapi", "path": "/openapi.json"},
                    {"name": "metadata", "path": "/.well-known/openid-configuration"},
                    {"name": "jwks", "path": "/.well-known/jwks.json"},
                ],
            }),
            "{accept}"
        );
    }
}

#[tokio::test]
async fn browsers_get_a_page_with_the_same_addresses_in_their_language() {
    let app = TestApp::start().await;
    for (language, lead) in [
        (
            "en",
            "This server signs in people and programs for other services.",
        ),
        (
            "de",
            "Dieser Server meldet Personen und Programme bei anderen Diensten an.",
        ),
    ] {
        let headers = [("accept", BROWSER), ("accept-language", language)];
        let page = app.send(request("GET", "/", &headers, "")).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.heading(), "Signet");
        assert!(page.text.contains(lead), "{}", page.text);
        check_links(&app, &page, false).await;
    }
}

#[tokio::test]
async fn the_operations_listener_shows_its_own_addresses() {
    let app = TestApp::start().await;
    let host = ("host", "localhost");
    let listed = app.operate("/").await.json();
    assert_eq!(
        listed["links"],
        json!([
            {"name": "console", "path": "/console"},
            {"name": "readiness", "path": "/readyz"},
            {"name": "metrics", "path": "/metrics"},
            {"name": "documentation", "path": "/docs/"},
            {"name": "api", "path": "/docs"},
            {"name": "openapi", "path": "/openapi.json"},
        ])
    );
    let asked = request("GET", "/", &[host, ("accept", BROWSER)], "");
    let page = app.send_to_operations(asked).await;
    assert_eq!(page.heading(), "Signet, for operators");
    check_links(&app, &page, true).await;
    let elsewhere = request("GET", "/", &[("host", "evil.example")], "");
    assert_eq!(app.send_to_operations(elsewhere).await.status, 403);
}

/// Follows every link of a page. A page for people who are not signed in leads to the sign-in.
async fn check_links(app: &TestApp, page: &Answer, operates: bool) {
    let links: Vec<_> = page.text.split("<a href=\"").skip(1).collect();
    assert!(links.len() >= 5, "{}", page.text);
    for link in links {
        let path = link.split('"').next().unwrap();
        let answer = if operates {
            app.operate(path).await
        } else {
            app.get(path).await
        };
        assert!([200, 303].contains(&answer.status.as_u16()), "{path}");
    }
}

/// What Chromium sends.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

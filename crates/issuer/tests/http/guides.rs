//! The documentation that the server shows.

use crate::support::TestApp;

#[tokio::test]
async fn both_listeners_show_the_documentation() {
    let app = TestApp::start().await;
    for (path, heading) in [
        ("/docs/", "<h1>Documentation</h1>"),
        ("/docs/mfa", "<h1 id=\"second-factors-and-step-up\">"),
        ("/docs/security", "<h1 id=\"security\">"),
    ] {
        for page in [app.get(path).await, app.operate(path).await] {
            assert_eq!(page.status, 200, "{path}");
            assert!(page.text.contains(heading), "{path}: {}", page.text);
            let kind = page.header("content-type");
            assert_eq!(kind, Some("text/html; charset=utf-8"));
            let policy = page.header("content-security-policy").unwrap();
            let allowed = "default-src 'none'; img-src 'self'; style-src 'sha256-";
            assert!(policy.starts_with(allowed), "{policy}");
            assert!(!page.text.contains("<script"), "{path}");
        }
    }
    let diagram = app.get("/docs/diagrams/tokens.svg").await;
    assert_eq!(diagram.header("content-type"), Some("image/svg+xml"));
    assert!(diagram.text.starts_with("<svg"));
}

#[tokio::test]
async fn the_files_that_pages_link_to_are_shown_and_never_run() {
    let app = TestApp::start().await;
    for (path, content_type, text) in [
        (
            "docs/examples/verify/node/orders.mjs",
            "text/plain; charset=utf-8",
            "import { createServer }",
        ),
        (
            "docs/examples/spa/index.html",
            "text/plain; charset=utf-8",
            "<!doctype html>",
        ),
        (
            "keys/README.md",
            "text/html; charset=utf-8",
            "<h2 id=\"backup-and-restore\">",
        ),
        (
            "docs/examples/verify/go",
            "text/html; charset=utf-8",
            "<a href=\"/docs/files/docs/examples/verify/go/keys.go\">keys.go</a>",
        ),
        ("docs/benchmarks/peers.svg", "image/svg+xml", "<svg"),
    ] {
        let path = format!("/docs/files/{path}");
        for answer in [app.get(&path).await, app.operate(&path).await] {
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
            let nosniff = answer.header("x-content-type-options");
            assert_eq!(nosniff, Some("nosniff"), "{path}");
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
            assert!(answer.text.contains(text), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_api_reference_and_the_pages_lead_to_each_other() {
    let app = TestApp::start().await;
    for [pages, api, same_api] in [
        [
            app.get("/docs/").await,
            app.get("/docs").await,
            app.get("/docs/api").await,
        ],
        [
            app.operate("/docs/").await,
            app.operate("/docs").await,
            app.operate("/docs/api").await,
        ],
    ] {
        assert!(pages.text.contains("<a href=\"/docs\">API reference</a>"));
        assert!(api.text.contains("<a href=\"/docs/\">All pages</a>"));
        assert_eq!(api.text, same_api.text);
    }
}

#[tokio::test]
async fn a_page_that_does_not_exist_is_not_found() {
    let app = TestApp::start().await;
    for path in [
        "/docs/nothing",
        "/docs/mfa.md",
        "/docs/diagrams/nothing.svg",
        "/docs/diagrams/",
        "/docs/files/",
        "/docs/files/Cargo.toml",
        "/docs/files/docs/examples/../../keys/README.md",
        "/docs/files/docs/nothing/at/all",
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.member("code")),
            (404, "not_found".to_owned()),
            "{path}"
        );
    }
}

//! What holds for every route: names of requests, problems, origins.

use crate::support::{Answer, JSON, TestApp, request};

#[tokio::test]
async fn nothing_there_is_a_problem_document() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/auth",
        "/auth/me/",
        "/metrics",
        "/readyz",
        "/auth/%ff",
    ] {
        assert_eq!(
            app.get(path).await.problem(),
            (404, "not_found".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;
    for (path, allowed) in [
        ("/auth/me", "GET,HEAD"),
        ("/auth/login", "POST"),
        ("/healthz", "GET,HEAD"),
        ("/.well-known/jwks.json", "GET,HEAD"),
    ] {
        let answer = app.send(request("PATCH", path, &[], "")).await;
        assert_eq!(
            answer.problem(),
            (405, "method_not_allowed".to_owned()),
            "{path}"
        );
        assert_eq!(answer.header("allow"), Some(allowed), "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_the_name_of_its_request() {
    let app = TestApp::start().await;
    let named = request("GET", "/healthz", &[("x-request-id", "trace-1")], "");
    assert_eq!(
        app.send(named).await.header("x-request-id"),
        Some("trace-1")
    );
    let foreign = request("GET", "/nowhere", &[("x-request-id", "a b")], "");
    assert_eq!(
        app.send(foreign)
            .await
            .header("x-request-id")
            .unwrap()
            .len(),
        32
    );
    assert_eq!(
        app.get("/healthz").await.header("x-content-type-options"),
        Some("nosniff")
    );
}

#[tokio::test]
async fn two_credentials_are_refused_on_every_route_for_people() {
    let app = TestApp::start().await;
    let twice = [
        ("authorization", "Bearer a"),
        ("authorization", "Bearer b"),
        JSON,
    ];
    for (method, path) in [
        ("GET", "/auth/me"),
        ("POST", "/auth/login"),
        ("POST", "/auth/logout"),
    ] {
        let answer = app.send(request(method, path, &twice, "{}")).await;
        assert_eq!(
            answer.problem(),
            (400, "invalid_request".to_owned()),
            "{path}"
        );
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .contains("invalid_request"),
            "{path}"
        );
    }
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    app.send(request("OPTIONS", path, &headers, "")).await
}

#[tokio::test]
async fn listed_origins_may_send_credentials() {
    let listed = ("SIGNET_ALLOWED_ORIGINS", "https://app.example.com");
    let app = TestApp::with(&[listed]).await;
    let answer = preflight(&app, "/auth/login", "https://app.example.com").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(
        answer.header("access-control-allow-credentials"),
        Some("true")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .unwrap()
            .contains("content-type")
    );

    let headers = [("origin", "https://app.example.com")];
    let refused = app.send(request("GET", "/auth/me", &headers, "")).await;
    assert_eq!(refused.status, 401);
    let readable = refused.header("access-control-allow-origin");
    assert_eq!(readable, Some("https://app.example.com"));
    assert!(refused.header("vary").unwrap().contains("origin"));
}

#[tokio::test]
async fn other_origins_may_not() {
    let listed = ("SIGNET_ALLOWED_ORIGINS", "https://app.example.com");
    for app in [TestApp::with(&[listed]).await, TestApp::start().await] {
        for origin in [
            "https://evil.example",
            "null",
            "https://app.example.com.evil.example",
        ] {
            let answer = preflight(&app, "/auth/login", origin).await;
            assert_eq!(
                answer.header("access-control-allow-origin"),
                None,
                "{origin}"
            );
        }
    }
}

#[tokio::test]
async fn any_page_may_read_discovery_documents_without_credentials() {
    let app = TestApp::start().await;
    let headers = [("origin", "https://anywhere.example")];
    let answer = app
        .send(request("GET", "/.well-known/jwks.json", &headers, ""))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn bodies_are_json_of_sixteen_kibibytes() {
    let app = TestApp::start().await;
    let text = app.send(request(
        "POST",
        "/auth/login",
        &[("content-type", "text/plain")],
        "{}",
    ));
    assert_eq!(
        text.await.problem(),
        (415, "unsupported_media_type".to_owned())
    );
    let long = format!(r#"{{"email":"{}"}}"#, "x".repeat(16 * 1024));
    let long = app.post("/auth/login", &long).await;
    assert_eq!(long.problem(), (413, "body_too_large".to_owned()));
    let broken = app.post("/auth/login", "{").await;
    assert_eq!(broken.problem(), (400, "invalid_request".to_owned()));
    let empty = app.post("/auth/login", "{}").await;
    assert_eq!(empty.problem(), (400, "validation_failed".to_owned()));
    let fields = empty.json()["errors"].clone();
    assert_eq!(
        (&fields[0]["field"], &fields[1]["field"]),
        (&"email".into(), &"password".into())
    );
}

//! What bodies are refused with, as the API description says. The conventions themselves are
//! tested in `tests/tests/conventions`.

use crate::support::{TestApp, request};

#[tokio::test]
async fn every_refusal_of_a_body_is_described() {
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

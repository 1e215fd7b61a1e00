//! The extractors, through a real router.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::get;
use signet_verifier::{Authenticated, Error, Verifier};
use tower::ServiceExt;

use crate::support::{Token, verifier};

async fn whoami(claims: Authenticated) -> String {
    claims.sub.clone()
}

async fn maybe(claims: Option<Authenticated>) -> String {
    claims.map_or_else(|| "nobody".to_owned(), |claims| claims.sub.clone())
}

async fn write(claims: Authenticated) -> Result<&'static str, Error> {
    claims.require_scope("orders:write")?;
    Ok("written")
}

/// A state with more in it than the verifier.
#[derive(Clone)]
struct App {
    verifier: Arc<Verifier>,
}

impl FromRef<App> for Arc<Verifier> {
    fn from_ref(app: &App) -> Self {
        Self::clone(&app.verifier)
    }
}

fn app() -> Router {
    Router::new()
        .route("/whoami", get(whoami))
        .route("/maybe", get(maybe))
        .route("/write", get(write))
        .with_state(App {
            verifier: Arc::new(verifier()),
        })
}

async fn call(path: &str, authorization: &[&str]) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(AUTHORIZATION, *value);
    }
    let response = app()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1_000).await.unwrap();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn a_valid_token_reaches_the_handler() {
    let token = Token::good().sign();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let (status, _, body) = call("/whoami", &[&format!("{scheme} {token}")]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body, "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11");
    }
}

#[tokio::test]
async fn no_token_is_challenged_without_an_error() {
    for authorization in [&[][..], &["Basic YTpi"], &["Bearer"], &["Bearertoken"]] {
        let (status, headers, body) = call("/whoami", authorization).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(headers[WWW_AUTHENTICATE], r#"Bearer realm="signet""#);
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(
            body,
            r#"{"error":"token_missing","reason":"token_missing"}"#
        );
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_with_its_reason_even_where_none_is_needed() {
    let expired = format!("Bearer {}", Token::good().claim("exp", 1).sign());
    for path in ["/whoami", "/maybe"] {
        let (status, headers, body) = call(path, &[&expired]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let challenge = headers[WWW_AUTHENTICATE].to_str().unwrap();
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
        assert_eq!(body, r#"{"error":"invalid_token","reason":"expired"}"#);
    }
}

#[tokio::test]
async fn optional_authentication_lets_the_anonymous_in() {
    assert_eq!(call("/maybe", &[]).await.2, "nobody");
    let token = format!("Bearer {}", Token::good().sign());
    assert_eq!(
        call("/maybe", &[&token]).await.2,
        "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11"
    );
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let token = format!("Bearer {}", Token::good().sign());
    for other in [token.as_str(), "Basic YTpi", "Bearer x", ""] {
        for pair in [[token.as_str(), other], [other, token.as_str()]] {
            let (status, headers, _) = call("/maybe", &pair).await;
            assert_eq!(status, StatusCode::BAD_REQUEST);
            assert!(
                headers[WWW_AUTHENTICATE]
                    .to_str()
                    .unwrap()
                    .contains("invalid_request")
            );
        }
    }
}

#[tokio::test]
async fn a_missing_scope_is_403_and_named() {
    let token = format!("Bearer {}", Token::good().sign());
    let (status, headers, _) = call("/write", &[&token]).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let challenge = headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(
        challenge.contains(r#"error="insufficient_scope""#),
        "{challenge}"
    );
    assert!(challenge.contains(r#"scope="orders:write""#), "{challenge}");
}

//! The tower layer, around a plain service.

use std::convert::Infallible;
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{Request, Response};
use signet_verifier::{Claims, RequireToken};
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Token, verifier};

/// Says whose request it is, or nothing.
async fn whose(request: Request<()>) -> Result<Response<String>, Infallible> {
    let claims = request.extensions().get::<Claims>();
    Ok(Response::new(
        claims.map(|claims| claims.sub.clone()).unwrap_or_default(),
    ))
}

fn layer() -> RequireToken {
    RequireToken::new(Arc::new(verifier()))
}

fn request(token: Option<&str>) -> Request<()> {
    let mut request = Request::new(());
    if let Some(token) = token {
        request
            .headers_mut()
            .insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    }
    request
}

async fn call(layer: RequireToken, request: Request<()>) -> Response<String> {
    layer
        .layer(service_fn(whose))
        .oneshot(request)
        .await
        .unwrap()
}

#[tokio::test]
async fn claims_travel_with_the_request() {
    let response = call(layer(), request(Some(&Token::good().sign()))).await;
    assert_eq!(response.body(), "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11");
}

#[tokio::test]
async fn without_a_token_nothing_passes_unless_it_is_optional() {
    let refused = call(layer(), request(None)).await;
    assert_eq!(
        (refused.status().as_u16(), refused.body().as_str()),
        (401, "")
    );
    assert_eq!(
        refused.headers()[WWW_AUTHENTICATE],
        r#"Bearer realm="signet""#
    );
    let passed = call(layer().optional(), request(None)).await;
    assert_eq!(
        (passed.status().as_u16(), passed.body().as_str()),
        (200, "")
    );
    let bad = call(layer().optional(), request(Some("bad"))).await;
    assert_eq!(bad.status(), 401);
}

#[tokio::test]
async fn claims_of_another_layer_do_not_pass_as_ours() {
    let mut forged = request(None);
    let claims = verifier().verify(&Token::good().sign()).unwrap();
    forged.extensions_mut().insert(claims);
    assert_eq!(call(layer().optional(), forged).await.body(), "");
}

#[tokio::test]
async fn scopes_and_roles_are_demanded() {
    let token = Token::good().sign();
    for (layer, status) in [
        (layer().scope("account").scope("orders:read"), 200),
        (layer().scope("account").scope("orders:write"), 403),
        (layer().any_role(["admin", "staff"]), 200),
        (layer().any_role(["admin"]), 403),
    ] {
        assert_eq!(call(layer, request(Some(&token))).await.status(), status);
    }
}

#[tokio::test]
async fn grpc_is_refused_in_its_own_words() {
    let expired = Token::good().claim("exp", 1).sign();
    let good = Token::good().sign();
    for (layer, token, status, message) in [
        (layer(), expired.as_str(), "16", "expired"),
        (layer().scope("x"), good.as_str(), "7", "scope_missing"),
    ] {
        let mut request = request(Some(token));
        request
            .headers_mut()
            .insert(CONTENT_TYPE, "application/grpc+proto".parse().unwrap());
        let response = call(layer, request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["grpc-status"], status);
        assert_eq!(response.headers()["grpc-message"], message);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/grpc");
    }
}

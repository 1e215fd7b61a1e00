//! What never happens, made to happen.

use axum::body::{Body, to_bytes};
use axum::routing::get;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::error::OAuthError;

/// Status, media type, and the name of the error, of a route that never answers and of one
/// that panics.
async fn answers<E>(name: &str) -> [(u16, String, Value); 2]
where
    E: From<ApiError> + IntoResponse + 'static,
{
    let never = get(std::future::pending::<()>);
    let routes = Router::new()
        .route("/never", never)
        .route("/panic", get(panics));
    let routes = guarded::<E, ()>(routes);
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body: Value = serde_json::from_slice(&to_bytes(body, 1_000).await.unwrap()).unwrap();
        let media_type = parts.headers["content-type"].to_str().unwrap().to_owned();
        (parts.status.as_u16(), media_type, body[name].clone())
    };
    [ask("/never").await, ask("/panic").await]
}

async fn panics() {
    panic!("a fault of ours");
}

#[tokio::test(start_paused = true)]
async fn what_never_happens_is_a_problem() {
    let json = "application/problem+json".to_owned();
    let expected = [
        (503, json.clone(), "unavailable".into()),
        (500, json, "internal_error".into()),
    ];
    assert_eq!(answers::<ApiError>("code").await, expected);
}

#[tokio::test(start_paused = true)]
async fn what_never_happens_under_oauth_is_said_in_its_words() {
    let json = "application/json".to_owned();
    let expected = [
        (503, json.clone(), "temporarily_unavailable".into()),
        (500, json, "server_error".into()),
    ];
    assert_eq!(answers::<OAuthError>("error").await, expected);
}

//! What never happens, made to happen.

use axum::body::to_bytes;
use serde_json::Value;

use super::*;

/// Status, media type, and the name of the error, of a handler that never answers and of one
/// that panics.
async fn answers(guard: Guard, name: &str) -> [(u16, String, Value); 2] {
    let told = async |response: Response| {
        let (parts, body) = response.into_parts();
        let body: Value = serde_json::from_slice(&to_bytes(body, 1_000).await.unwrap()).unwrap();
        let media_type = parts.headers["content-type"].to_str().unwrap().to_owned();
        (parts.status.as_u16(), media_type, body[name].clone())
    };
    let never = guard.around(std::future::pending()).await;
    let panicked = guard.around(async { panics() }).await;
    [told(never).await, told(panicked).await]
}

fn panics() -> Response {
    panic!("a fault of ours");
}

#[tokio::test(start_paused = true)]
async fn what_never_happens_is_a_problem() {
    let json = "application/problem+json".to_owned();
    let expected = [
        (503, json.clone(), "unavailable".into()),
        (500, json, "internal_error".into()),
    ];
    assert_eq!(answers(Guard::Problem, "code").await, expected);
}

#[tokio::test(start_paused = true)]
async fn what_never_happens_under_oauth_is_said_in_its_words() {
    let json = "application/json".to_owned();
    let expected = [
        (503, json.clone(), "temporarily_unavailable".into()),
        (500, json, "server_error".into()),
    ];
    assert_eq!(answers(Guard::OAuth, "error").await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_ours_is_a_503_for_a_gateway_like_any_other() {
    let json = "application/json".to_owned();
    let expected = (503, json, "temporarily_unavailable".into());
    let answers = answers(Guard::Gateway, "error").await;
    assert_eq!(answers, [expected.clone(), expected]);
    let answer = Guard::Gateway.around(async { panics() }).await;
    assert_eq!(answer.headers()["retry-after"], "5");
}

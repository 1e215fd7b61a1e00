//! What an error looks like on the wire.

use axum::body::to_bytes;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use signet_store::StoreError;

use super::*;

async fn body(response: Response) -> Value {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn a_validation_error_names_its_fields() {
    let error = ApiError::validation(vec![FieldError {
        field: "email",
        code: "required",
        message: "is required".into(),
    }]);
    let response = error.into_response();
    assert_eq!(response.status(), 400);
    assert_eq!(
        header(&response, "content-type"),
        Some("application/problem+json")
    );
    assert_eq!(header(&response, "cache-control"), Some("no-store"));
    assert_eq!(
        body(response).await,
        json!({
            "type": "urn:signet:problem:validation_failed",
            "title": "Validation failed",
            "status": 400,
            "detail": "some fields are invalid",
            "code": "validation_failed",
            "errors": [{"field": "email", "code": "required", "message": "is required"}],
        })
    );
}

#[tokio::test]
async fn the_cause_goes_to_the_log_and_not_to_the_client() {
    let error = ApiError::from(StoreError::Unavailable {
        store: "accounts",
        cause: "disk full at /secret/path".into(),
    });
    let response = error.into_response();
    assert_eq!(response.status(), 503);
    assert_eq!(header(&response, "retry-after"), Some("5"));
    let failure = response.extensions().get::<Failure>().unwrap();
    assert_eq!(
        failure.cause.as_ref().unwrap().to_string(),
        "the accounts store is unavailable"
    );
    let body = body(response).await;
    assert_eq!(body["code"], "unavailable");
    assert!(!body.to_string().contains("disk"));
}

#[test]
fn every_401_has_a_challenge_and_only_a_shown_token_is_called_invalid() {
    let challenge = |code: Code| {
        let response = ApiError::from(code).into_response();
        header(&response, "www-authenticate").map(str::to_owned)
    };
    let bare = Some("Bearer realm=\"signet\"".to_owned());
    assert_eq!(challenge(Code::TokenMissing), bare);
    assert_eq!(challenge(Code::InvalidCredentials), bare);
    assert_eq!(
        challenge(Code::TokenExpired).unwrap(),
        "Bearer realm=\"signet\", error=\"invalid_token\", \
         error_description=\"the access token has expired\""
    );
    assert_eq!(challenge(Code::Forbidden), None);
}

#[test]
fn waits_are_whole_seconds_and_never_zero() {
    for (millis, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2")] {
        let error = ApiError::from(Code::RateLimited).retry_after(Duration::from_millis(millis));
        assert_eq!(header(&error.into_response(), "retry-after"), Some(seconds));
    }
}

#[test]
fn the_verifier_s_refusals_keep_their_challenge() {
    use signet_verifier::Error;

    let answer = |error: Error| {
        let response = ApiError::from(error).into_response();
        let challenge = header(&response, "www-authenticate").map(str::to_owned);
        let code = response.extensions().get::<Failure>().unwrap().code;
        (
            response.status().as_u16(),
            code,
            challenge.unwrap_or_default(),
        )
    };
    let bare = "Bearer realm=\"signet\"";
    assert_eq!(
        answer(Error::TokenMissing),
        (401, Code::TokenMissing, bare.to_owned())
    );
    let (status, code, challenge) = answer(Error::Expired);
    assert_eq!((status, code), (401, Code::TokenExpired));
    assert!(challenge.contains("error=\"invalid_token\""));
    for from_ahead in [Error::IssuedInFuture, Error::NotYetValid] {
        assert_eq!(answer(from_ahead).1, Code::TokenExpired);
    }
    let (status, code, challenge) = answer(Error::SeveralCredentials);
    assert_eq!((status, code), (400, Code::InvalidRequest));
    assert!(challenge.contains("error=\"invalid_request\""));
    let (status, code, challenge) = answer(Error::ScopeMissing {
        required: "account".into(),
    });
    assert_eq!((status, code), (403, Code::Forbidden));
    assert!(challenge.contains("error=\"insufficient_scope\""));
    assert_eq!(answer(Error::UnknownKey).1, Code::TokenInvalid);
}

//! Routes whose answers hold tokens or personal data.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use signet_verifier::Error;

use crate::error::ApiError;

/// Forbids caches to keep an answer that says nothing of caches.
///
/// Refuses two `Authorization` headers, also on routes that read none: a proxy in front may have
/// checked the other one.
pub(crate) async fn private(request: Request, next: Next) -> Response {
    let mut credentials = request.headers().get_all(AUTHORIZATION).iter();
    let mut response = if credentials.nth(1).is_some() {
        ApiError::from(Error::SeveralCredentials).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    response
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

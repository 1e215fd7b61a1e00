//! The HTTP response to a refused token, for every framework: status and headers.

use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use crate::error::Error;

/// Returns an empty response with the status and the RFC 6750 challenge or `Retry-After`. Caches
/// must not store it.
pub(crate) fn refuse<Body: Default>(error: &Error) -> Response<Body> {
    let mut response = Response::new(Body::default());
    let status = StatusCode::from_u16(error.http_status());
    *response.status_mut() = status.unwrap_or(StatusCode::UNAUTHORIZED);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let challenge = error.www_authenticate(REALM).map(HeaderValue::try_from);
    if let Some(Ok(challenge)) = challenge {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(seconds) = error.retry_after_seconds() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// RFC 6750 section 3 requires at least one parameter in a challenge, even without an error.
const REALM: &str = "signet";

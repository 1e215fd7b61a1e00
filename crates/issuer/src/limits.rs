//! Rate limits in HTTP: 429, and headers that tell clients how many requests are left.
//!
//! This module must not know how requests are counted, nor what the limited routes do.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use signet_core::limits::{Limit, Verdict};
use signet_flows::rate_limits::{Counted, note_refusal};
use signet_verifier::seconds_rounded_up;

use crate::app::App;
use crate::error::OAuthError;
use crate::error::{ApiError, Code};
use crate::extract::ClientAddress;

/// Counts the request, and answers 429 if there were too many.
pub(crate) async fn rate_limit(
    State((app, limit)): State<(App, Limit)>,
    request: Request,
    next: Next,
) -> Response {
    let ClientAddress(address) =
        ClientAddress::of(request.extensions(), request.headers(), &app.settings);
    let counted = Counted::from_address(address);
    let Some(verdict) = app.flows.rate_limits.count(limit, counted) else {
        return next.run(request).await;
    };
    let mut response = if verdict.allowed {
        next.run(request).await
    } else {
        note_refusal(limit);
        let error = ApiError::from(Code::RateLimited).retry_after(verdict.reset);
        refuse(limit, error)
    };
    write(&verdict, response.headers_mut());
    response
}

/// The refusal, in the form of errors of the limited route.
pub(crate) fn refuse(limit: Limit, error: ApiError) -> Response {
    match limit {
        Limit::Token | Limit::Revoke | Limit::Introspect => OAuthError::from(error).into_response(),
        _ => error.into_response(),
    }
}

/// Writes the three headers of draft-ietf-httpapi-ratelimit-headers-05, which clients know.
fn write(verdict: &Verdict, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(verdict.limit));
    headers.insert(REMAINING, HeaderValue::from(verdict.remaining));
    headers.insert(RESET, HeaderValue::from(seconds_rounded_up(verdict.reset)));
}

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

//! Rate limits in HTTP: 429, and headers that tell clients how many requests are left.
//!
//! This module must not know how requests are counted, nor what the limited routes do.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use signet_core::device_token::DeviceToken;
use signet_core::limits::{Limit, Quota, Verdict};
use signet_flows::rate_limits::{Counted, note_refusal};
use signet_verifier::seconds_rounded_up;

use crate::app::App;
use crate::error::OAuthError;
use crate::error::{ApiError, Code};
use crate::extract::{ClientAddress, known_device};

/// Counts the request, and answers 429 if there were too many.
pub(crate) async fn rate_limit(
    State((app, limit)): State<(App, Limit)>,
    request: Request,
    next: Next,
) -> Response {
    limited(&app, limit, request, async |request| {
        next.run(request).await
    })
    .await
}

/// The same. It also answers 503 before the handler runs if other replicas have newer keys: they may
/// have revoked the key that would sign here.
pub(crate) async fn rate_limit_issuing(
    State((app, limit)): State<(App, Limit)>,
    request: Request,
    next: Next,
) -> Response {
    let run = async |request| match app.flows.ring_lag() {
        None => next.run(request).await,
        Some(lag) => refuse(
            limit,
            ApiError::from(Code::Unavailable)
                .detail("this replica does not have the newest signing keys; try again later")
                .because(lag.to_string()),
        ),
    };
    limited(&app, limit, request, run).await
}

async fn limited(
    app: &App,
    limit: Limit,
    request: Request,
    run: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let ClientAddress(address) =
        ClientAddress::of(request.extensions(), request.headers(), &app.settings);
    let device = known_device(request.headers(), app);
    let counted = Counted {
        device: device.as_ref().map(DeviceToken::name),
        ..Counted::from_address(address)
    };
    let Some(verdict) = app.flows.count_arrival(limit, counted).await else {
        return run(request).await;
    };
    let mut response = if verdict.allowed {
        run(request).await
    } else {
        note_refusal(limit);
        let error = ApiError::from(Code::RateLimited).retry_after(verdict.reset);
        refuse(limit, error)
    };
    let quota = app.flows.rate_limits.quota(limit);
    write((limit, quota), &verdict, response.headers_mut());
    response
}

/// The refusal, in the form of errors of the limited route.
fn refuse(limit: Limit, error: ApiError) -> Response {
    match limit {
        Limit::Token | Limit::Revoke | Limit::Introspect => OAuthError::from(error).into_response(),
        _ => error.into_response(),
    }
}

/// Writes the two fields of draft-ietf-httpapi-ratelimit-headers-10, and the three of its version
/// 05, which many clients know.
fn write((limit, quota): (Limit, Quota), verdict: &Verdict, headers: &mut HeaderMap) {
    let reset = seconds_rounded_up(verdict.reset);
    headers.insert(LIMIT, HeaderValue::from(verdict.limit));
    headers.insert(REMAINING, HeaderValue::from(verdict.remaining));
    headers.insert(RESET, HeaderValue::from(reset));
    let (name, remaining) = (limit.rule().name, verdict.remaining);
    // A wider network has a larger burst in the same window.
    let window = seconds_rounded_up(quota.capacity());
    insert(
        headers,
        RATE_LIMIT,
        &format!("\"{name}\";r={remaining};t={reset}"),
    );
    let policy = format!("\"{name}\";q={};w={window}", verdict.limit);
    insert(headers, POLICY, &policy);
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

//! The web pages that may read answers: listed ones with credentials, every page for discovery.

use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowCredentials, AllowOrigin, Any, CorsLayer};

use super::request_id::X_REQUEST_ID;
use crate::config::WebOrigin;
use crate::extract::DEVICE_HEADER;
use crate::limits::{LIMIT, POLICY, RATE_LIMIT, REMAINING, RESET};

/// Lets the listed origins send credentials and read answers, preflights included.
pub(crate) fn credentialed(origins: &[WebOrigin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let values = origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    let listed: Vec<_> = values.collect();
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(listed.clone()))
        .allow_credentials(AllowCredentials::predicate(move |origin, _| {
            listed.contains(origin)
        }))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            X_REQUEST_ID,
            DEVICE_HEADER,
        ])
        .expose_headers([
            X_REQUEST_ID,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            LIMIT,
            REMAINING,
            RESET,
            RATE_LIMIT,
            POLICY,
            DEVICE_HEADER,
        ])
        .max_age(PREFLIGHT_MAX_AGE);
    Some(layer)
}

/// Lets every page read, without credentials: discovery documents are public.
pub(crate) fn public() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
}

/// Browsers reduce it to between 10 minutes and 2 hours.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_mins(10);

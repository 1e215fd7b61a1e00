//! Responses that caches may keep: with an `ETag`, and 304 if the caller has the current copy.
//!
//! This module must not know what is cached.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// How caches may keep a body.
pub(crate) struct Caching {
    /// The version of the body, in quotes.
    pub(crate) etag: HeaderValue,
    /// The value of `Cache-Control`.
    pub(crate) cache_control: HeaderValue,
}

/// Returns the body, or 304 if `request` names its version.
pub(crate) fn cached(
    request: &HeaderMap,
    caching: Caching,
    content_type: HeaderValue,
    body: impl IntoResponse,
) -> Response {
    let is_known = is_known(request, &caching.etag);
    let headers = [(ETAG, caching.etag), (CACHE_CONTROL, caching.cache_control)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// Returns a text that is part of the program.
pub(crate) fn built_in(content_type: &'static str, text: &'static str) -> Response {
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (BUILT_IN, content_type, text).into_response()
}

/// RFC 9110 section 13.1.2: a list of tags, compared weakly, or `*`.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter();
    let mut tags = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    tags.any(|tag| {
        let tag = tag.trim_ascii();
        tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes()
    })
}

/// How long caches may keep what changes only after a new start of the server.
pub(crate) const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// The header of what changes only with a new version of the server.
pub(crate) const BUILT_IN: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, FIVE_MINUTES)];

//! `/client.js`: the module that signs people in from a web page.
//!
//! This module must not know what the module in `web/` does.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::cached::{Caching, cached};

/// Serves the browser client.
///
/// An ES module without dependencies: sign-in, an access token that is renewed in time, sign-out in
/// all tabs.
#[utoipa::path(
    get,
    path = "/client.js",
    tag = "Discovery",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the copy that the caller has")),
    responses(
        (
            status = 200,
            description = "The module",
            body = String,
            content_type = "text/javascript",
            headers(
                ("ETag" = String, description = "The version of the module"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
        (
            status = 304,
            description = "The copy is still current",
            headers(
                ("ETag" = String, description = "The version of the module"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
    )
)]
pub(crate) async fn client_js(headers: HeaderMap) -> Response {
    let tag = format!("\"{HASH:016x}\"");
    let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
    let caching = Caching {
        etag: tag,
        cache_control: CACHE_CONTROL,
    };
    cached(&headers, caching, MODULE, SOURCE)
}

/// FNV-1a: tells versions of our own module apart; it does not protect against forgery.
const fn fnv1a(mut bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    while let [first, rest @ ..] = bytes {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01b3);
        bytes = rest;
    }
    hash
}

const SOURCE: &str = include_str!("../web/client.js");
const HASH: u64 = fnv1a(SOURCE.as_bytes());
/// It changes only with a new version of the server.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
const MODULE: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

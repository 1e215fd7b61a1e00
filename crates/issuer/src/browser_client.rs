//! `/client.js` and `/redirect.js`: the modules that sign people in from a web page.
//!
//! This module must not know what the modules in `web/` do.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use utoipa::IntoResponses;

use crate::cached::{Caching, FIVE_MINUTES, cached};

/// Serves the browser client.
///
/// An ES module without dependencies: sign-in, an access token that is renewed in time, sign-out in
/// all tabs.
#[utoipa::path(
    get,
    path = "/client.js",
    tag = "Discovery",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the copy that the caller has")),
    responses(ModuleAnswers)
)]
pub(crate) async fn client_js(headers: HeaderMap) -> Response {
    module(&headers, CLIENT, CLIENT_HASH)
}

/// Serves the module for sign-in by redirect.
///
/// An ES module without dependencies, for pages without a server: authorization code with PKCE.
#[utoipa::path(
    get,
    path = "/redirect.js",
    tag = "Discovery",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the copy that the caller has")),
    responses(ModuleAnswers)
)]
pub(crate) async fn redirect_js(headers: HeaderMap) -> Response {
    module(&headers, REDIRECT, REDIRECT_HASH)
}

/// What the address of a module can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it says which answers exist")]
enum ModuleAnswers {
    #[response(
        status = 200,
        description = "The module",
        content_type = "text/javascript",
        headers(
            ("ETag" = String, description = "The version of the module"),
            ("Cache-Control" = String, description = "How long caches may keep it")
        )
    )]
    Module(String),
    #[response(
        status = 304,
        description = "The copy is still current",
        headers(
            ("ETag" = String, description = "The version of the module"),
            ("Cache-Control" = String, description = "How long caches may keep it")
        )
    )]
    Current,
}

fn module(headers: &HeaderMap, source: &'static str, hash: u64) -> Response {
    let tag = HeaderValue::try_from(format!("\"{hash:016x}\""));
    let caching = Caching {
        etag: tag.unwrap_or(HeaderValue::from_static("\"\"")),
        cache_control: FIVE_MINUTES,
    };
    cached(headers, caching, MODULE, source)
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

const CLIENT: &str = include_str!("../web/client.js");
const CLIENT_HASH: u64 = fnv1a(CLIENT.as_bytes());
const REDIRECT: &str = include_str!("../web/redirect.js");
const REDIRECT_HASH: u64 = fnv1a(REDIRECT.as_bytes());
const MODULE: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

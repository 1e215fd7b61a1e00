//! The HTTP interface described by OpenAPI 3.1, made of the same table that the router is made of.
//!
//! What an operation takes and gives stands beside its handler; what every operation of a kind can
//! answer besides is added here, once. This module must not know what any handler does.

mod faults;
mod outline;
mod page;
mod routes;
pub(crate) mod shapes;

use axum::Extension;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;
use utoipa::openapi::OpenApi;

pub(crate) use faults::ErrorStyle;
pub(crate) use outline::{Listener, outline};
pub(crate) use routes::{Routes, can_answer};

/// The document of one listener, as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    json: Bytes,
    html: Bytes,
}

impl Pages {
    /// Writes both pages; done once, at the start.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let value = serde_json::to_value(document).unwrap_or_default();
        Self {
            json: value.to_string().into(),
            html: page::html(&value).into(),
        }
    }
}

/// Describes this interface.
///
/// The document is `OpenAPI` 3.1.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Discovery",
    responses((status = 200, description = "This document", body = serde_json::Value))
)]
pub(crate) async fn openapi_json(Extension(pages): Extension<Pages>) -> impl IntoResponse {
    (CACHING, [(CONTENT_TYPE, JSON)], pages.json)
}

/// Describes this interface to people.
///
/// The page needs nothing from another host, and no scripts.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "Discovery",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs(Extension(pages): Extension<Pages>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, POLICY)];
    (CACHING, headers, pages.html)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const POLICY: HeaderValue = HeaderValue::from_static(page::POLICY);
/// It changes with a new version of the server only.
const CACHING: [(HeaderName, HeaderValue); 1] = [(
    CACHE_CONTROL,
    HeaderValue::from_static("public, max-age=300"),
)];

//! The OpenAPI 3.1 description of the HTTP interface, made from the same table as the router.
//!
//! The request and the responses of an operation are declared beside its handler; the errors that all
//! operations of a kind share are added here, once. This module must not know what handlers do.

mod common;
mod curl;
mod examples;
mod faults;
mod fields;
mod outline;
mod page;
mod routes;
pub(crate) mod shapes;
mod text;

use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use utoipa::openapi::OpenApi;

use crate::cached::BUILT_IN;

pub(crate) use faults::ErrorStyle;
pub(crate) use outline::{Listener, outline};
pub(crate) use routes::{Routes, can_answer, demand_one_scope};

/// The document of one listener, ready to send. Cheap to clone. Handlers have it before it is written,
/// because it describes them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pages(Arc<OnceLock<Written>>);

#[derive(Clone, Default, Debug)]
struct Written {
    json: Bytes,
    html: Bytes,
}

impl Pages {
    /// Writes the document and the page, once at the start.
    pub(crate) fn write(&self, document: &OpenApi) {
        let mut value = serde_json::to_value(document).unwrap_or_default();
        examples::add(&mut value);
        self.0.get_or_init(|| Written {
            json: value.to_string().into(),
            html: page::html(&value).into(),
        });
    }

    fn written(&self) -> Written {
        self.0.get().cloned().unwrap_or_default()
    }
}

/// Returns this document.
///
/// The document is `OpenAPI` 3.1.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Discovery",
    responses((status = 200, description = "This document", body = serde_json::Value))
)]
pub(crate) async fn openapi_json(Extension(pages): Extension<Pages>) -> impl IntoResponse {
    (BUILT_IN, [(CONTENT_TYPE, JSON)], pages.written().json)
}

/// Returns this document as a page for people.
///
/// The page loads nothing. Its only script searches it.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "Discovery",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs(Extension(pages): Extension<Pages>) -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, POLICY)];
    (BUILT_IN, headers, pages.written().html)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const POLICY: HeaderValue = HeaderValue::from_static(page::POLICY);

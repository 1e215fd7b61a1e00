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
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use tokio::task::spawn_blocking;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::cached::BUILT_IN;
use crate::error::{ApiError, ApiResult, Code};

pub(crate) use faults::ErrorStyle;
pub(crate) use outline::{Listener, outline};
pub(crate) use routes::{Routes, can_answer, demand_one_scope};
pub(crate) use text::escaped;

/// The document of one listener, written when it is first asked for: most servers never need it,
/// and it takes as long as the rest of a start. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    describe: fn(&App) -> OpenApi,
    written: Arc<OnceLock<Written>>,
}

#[derive(Clone, Debug)]
struct Written {
    json: Bytes,
    html: Bytes,
}

impl Pages {
    /// The pages of the document that `describe` returns.
    pub(crate) fn of(describe: fn(&App) -> OpenApi) -> Self {
        Self {
            describe,
            written: Arc::default(),
        }
    }

    async fn written(self, app: App) -> ApiResult<Written> {
        if let Some(written) = self.written.get() {
            return Ok(written.clone());
        }
        let write = move || {
            let written = || Written::of(&(self.describe)(&app));
            self.written.get_or_init(written).clone()
        };
        // On a thread of its own, because other requests would wait for it.
        let written = spawn_blocking(write).await;
        written.map_err(|stopped| ApiError::from(Code::InternalError).because(stopped.to_string()))
    }
}

impl Written {
    fn of(document: &OpenApi) -> Self {
        let mut value = serde_json::to_value(document).unwrap_or_default();
        examples::add(&mut value);
        Self {
            json: value.to_string().into(),
            html: page::html(&value).into(),
        }
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
pub(crate) async fn openapi_json(
    State(app): State<App>,
    Extension(pages): Extension<Pages>,
) -> ApiResult<impl IntoResponse> {
    let Written { json, .. } = pages.written(app).await?;
    Ok((BUILT_IN, [(CONTENT_TYPE, JSON)], json))
}

/// Returns this document as a page for people.
///
/// The page loads nothing. Its only script searches it and copies commands.
#[utoipa::path(
    get,
    path = "/docs",
    tag = "Discovery",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn docs(
    State(app): State<App>,
    Extension(pages): Extension<Pages>,
) -> ApiResult<impl IntoResponse> {
    let Written { html, .. } = pages.written(app).await?;
    let headers = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, POLICY)];
    Ok((BUILT_IN, headers, html))
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const POLICY: HeaderValue = HeaderValue::from_static(page::POLICY);

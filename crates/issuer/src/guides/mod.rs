//! `/docs/...`: the pages of the folder `docs`, as they were when the server was built.
//!
//! This module must not know what the pages say.

mod catalogue;
mod frame;
mod render;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;

use crate::cached::BUILT_IN;
use crate::error::{ApiError, Code};
use crate::extract::PathValue;

/// Returns the list of all pages of the documentation.
#[utoipa::path(
    get,
    path = "/docs/",
    tag = "Discovery",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn guide_list() -> impl IntoResponse {
    (BUILT_IN, PAGE, frame::list())
}

/// Returns a page of the documentation.
///
/// Answers 200 with the page, or `not_found`.
#[utoipa::path(
    get,
    path = "/docs/{guide}",
    tag = "Discovery",
    params(("guide" = String, Path, description = "The name of the page, such as `mfa`")),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn guide(
    PathValue(name): PathValue<String>,
) -> Result<impl IntoResponse, ApiError> {
    let guide = catalogue::guide(&name).ok_or(Code::NotFound)?;
    Ok((BUILT_IN, PAGE, frame::page(guide)))
}

/// Returns a diagram of the documentation.
///
/// Answers 200 with the diagram, or `not_found`.
#[utoipa::path(
    get,
    path = "/docs/diagrams/{diagram}",
    tag = "Discovery",
    params(("diagram" = String, Path, description = "The name of the file, such as `tokens.svg`")),
    responses(
        (status = 200, description = "A diagram", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn diagram(
    PathValue(name): PathValue<String>,
) -> Result<impl IntoResponse, ApiError> {
    let svg = catalogue::diagram(&name).ok_or(Code::NotFound)?;
    Ok((BUILT_IN, DIAGRAM, svg))
}

type Headers = [(HeaderName, HeaderValue); 2];

const PAGE: Headers = [
    (
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(frame::POLICY),
    ),
];
const DIAGRAM: Headers = [
    (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    ),
];

//! `/docs/...`: the pages of the folder `docs`, as they were when the server was built.
//!
//! This module must not know what the pages say.

mod catalogue;
mod files;
mod frame;
mod links;
mod render;
mod tables;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};

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

/// Returns a file of the repository that the documentation links to, or the list of a folder.
///
/// The path has as many parts as in the repository, such as
/// `/docs/files/docs/examples/device/login.py`. Answers 200 with a page for Markdown and for a folder,
/// and with the text of any other file, or `not_found`.
#[utoipa::path(
    get,
    path = "/docs/files/{file}",
    operation_id = "file",
    tag = "Discovery",
    params(("file" = String, Path, description = "The path of the file, such as `BENCHMARKS.md`")),
    responses(
        (status = 200, description = "A page, a text or a picture", content(
            (String = "text/html"),
            (String = "text/plain"),
            (String = "image/svg+xml"),
        )),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn file(uri: Uri) -> Result<Response, ApiError> {
    let path = uri.path().strip_prefix(FILES).ok_or(Code::NotFound)?;
    let extension = path.rsplit('.').next();
    let Some(text) = files::file(path) else {
        let path = path.trim_end_matches('/');
        let names = files::folder(path);
        if names.is_empty() {
            return Err(Code::NotFound.into());
        }
        return Ok((BUILT_IN, PAGE, frame::folder(path, &names)).into_response());
    };
    Ok(match extension {
        Some("md") => (BUILT_IN, PAGE, frame::document(path, text)).into_response(),
        Some("svg") => (BUILT_IN, DIAGRAM, text).into_response(),
        _ => (BUILT_IN, TEXT, text).into_response(),
    })
}

const FILES: &str = "/docs/files/";

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
/// Programs and configurations are shown, never run.
const TEXT: Headers = [
    (
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    ),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'"),
    ),
];

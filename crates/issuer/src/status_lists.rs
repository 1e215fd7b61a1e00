//! `/status`: the revocation lists that verifiers fetch.
//!
//! This module must not know how bits are set.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use signet_core::status_list::{ListId, RenderedList};
use signet_flows::status_lists::PublishListError;
use utoipa::ToSchema;

use crate::app::App;
use crate::cached::{Caching, cached};
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::PathValue;

/// Publishes a revocation list.
///
/// One bit for each access token that names this list in its claim `status`.
/// A bit that is set revokes its tokens. The lists exist if `status_list.enabled` is set.
#[utoipa::path(
    get,
    path = "/status/{list}",
    tag = "Discovery",
    params(
        ("list" = String, Path, description = "The id of the list"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the copy that the caller has")
    ),
    responses(
        (
            status = 200,
            description = "The list, a signed JWT of the type `statuslist+jwt`",
            body = String,
            content_type = "application/statuslist+jwt",
            headers(
                ("ETag" = String, description = "The version of the list"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
        (
            status = 304,
            description = "The copy is still current",
            headers(
                ("ETag" = String, description = "The version of the list"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
        (status = 404, description = "not_found"),
        (status = 503, description = "unavailable"),
    )
)]
pub(crate) async fn status_list(
    State(app): State<App>,
    PathValue(list): PathValue<ListId>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let list = app.flows.status_list(list).await?;
    let etag = HeaderValue::from_str(&format!("\"{}\"", list.tag));
    let caching = Caching {
        etag: etag.map_err(|error| ApiError::from(Code::Unavailable).because(error))?,
        cache_control: FOR_FIVE_SECONDS,
    };
    let body = Bytes::from_owner(ListBody(list));
    Ok(cached(&headers, caching, STATUS_LIST, body))
}

/// A signed list as a body that copies nothing.
struct ListBody(Arc<RenderedList>);

impl AsRef<[u8]> for ListBody {
    fn as_ref(&self) -> &[u8] {
        self.0.text.as_bytes()
    }
}

/// Lists the revocation lists.
///
/// The URI of every list whose tokens may still be valid.
#[utoipa::path(
    get,
    path = "/status",
    tag = "Discovery",
    responses(
        (status = 200, description = "The URIs", body = StatusListUris),
        (status = 404, description = "not_found"),
        (status = 503, description = "unavailable"),
    )
)]
pub(crate) async fn status_lists(State(app): State<App>) -> ApiResult<Response> {
    let status_lists = app.flows.status_list_uris().await?;
    let headers = [(CACHE_CONTROL, FOR_FIVE_SECONDS)];
    Ok((headers, Json(StatusListUris { status_lists })).into_response())
}

/// The revocation lists of this server.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusListUris {
    /// Where each list is.
    status_lists: Vec<String>,
}

impl From<PublishListError> for ApiError {
    fn from(error: PublishListError) -> Self {
        match error {
            PublishListError::Unknown => Code::NotFound.into(),
            PublishListError::Store(error) => error.into(),
            PublishListError::RingLag | PublishListError::Signing(_) => {
                Self::from(Code::Unavailable).because(error)
            }
        }
    }
}

/// The type of a list (draft-ietf-oauth-status-list section 8.2).
const STATUS_LIST: HeaderValue = HeaderValue::from_static("application/statuslist+jwt");

/// As long as the `ttl` of a list.
const FOR_FIVE_SECONDS: HeaderValue = HeaderValue::from_static("public, max-age=5");

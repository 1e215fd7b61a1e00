//! The routes of the documentation, on one screen. Both listeners have it.

use axum::routing::get;
use utoipa_axum::routes;

use super::{Handlers, documenting};
use crate::openapi::{ErrorStyle, Pages, Routes};
use crate::{guides, openapi};

/// The routes with what a listener does around each of them.
pub(super) fn routes(pages: &Pages, around: fn(Handlers) -> Handlers) -> Routes {
    let api = documenting(pages, routes!(openapi::docs));
    let (_, _, same_api) = documenting(pages, routes!(openapi::docs));
    Routes::answering(ErrorStyle::Problem)
        .routes(around(documenting(pages, routes!(openapi::openapi_json))))
        .routes(around(api))
        .also_at("/docs/api", same_api)
        .routes(around(routes!(guides::guide_list)))
        .routes(around(routes!(guides::guide)))
        .routes(around(routes!(guides::diagram)))
        .routes(around(routes!(guides::file)))
        .also_at("/docs/files/{folder}/{*file}", get(guides::file))
}

//! `/admin/keys`: lists the keys of this server as `signet keys list` does.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::extract::AdminRequest;
use crate::key_listing::Listing;

/// Lists every key: its state, since when and until when.
#[utoipa::path(
    get,
    path = "/admin/keys",
    tag = "Keys",
    security(("bearer" = [])),
    responses((status = 200, description = "The key ring, without secrets", body = Listing<'_>))
)]
pub(crate) async fn list_keys(State(app): State<App>, _: AdminRequest) -> Response {
    let keys = app.flows.keys();
    let listing = Listing::of(&keys.ring, app.flows.clock.now());
    Json(listing).into_response()
}

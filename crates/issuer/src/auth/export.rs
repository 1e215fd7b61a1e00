//! `GET /auth/export`: everything that is stored about the caller.

use axum::Json;
use axum::extract::State;
use signet_flows::bearer::SessionBearer;

use crate::app::App;
use crate::error::ApiResult;
use crate::views::Export;

/// Shows everything that is stored about the caller.
///
/// Answers 200 with the account, what it signs in with, its sessions and its consents.
#[utoipa::path(
    get,
    path = "/auth/export",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "Everything that is stored", body = Export))
)]
pub(crate) async fn export(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<Export>> {
    let data = app.flows.own_data(bearer).await?;
    Ok(Json(Export::of(data, bearer.session_id())))
}

//! `GET /auth/me`: the caller's account.

use axum::Json;
use axum::extract::State;
use signet_flows::bearer::SessionBearer;

use super::account_view::AccountView;
use crate::app::App;
use crate::error::ApiResult;

/// Shows the caller's account.
///
/// 200 with the account.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = AccountView))
)]
pub(crate) async fn me(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<AccountView>> {
    let account = app.flows.own_account(bearer).await?;
    Ok(Json(account.into()))
}

//! `GET /auth/me`: the caller's account.

use axum::Json;
use axum::extract::State;

use super::account_view::AccountView;
use super::bearer::SessionBearer;
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
    let credentials = bearer.account(&app).await?;
    Ok(Json(credentials.account.into()))
}

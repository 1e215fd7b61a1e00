//! `POST /auth/logout-all`: ends every session of the caller's account.

use axum::extract::State;
use axum::http::StatusCode;

use super::bearer::SessionBearer;
use super::ending;
use crate::app::App;
use crate::error::ApiResult;
use signet_store::Change;

/// Ends every session of the account.
///
/// 204 when the ending is durable and done.
#[utoipa::path(
    post,
    path = "/auth/logout-all",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out everywhere"))
)]
pub(crate) async fn logout_all(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<StatusCode> {
    let credentials = bearer.account(&app).await?;
    let pending = ending::change(&app, &credentials, &Change::LogOutEverywhere).await?;
    ending::finish(&app, pending).await?;
    tracing::info!(
        event.name = "account.logged_out_everywhere", account.id = %pending.account_id,
        "every session of an account was ended"
    );
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /auth/logout-all`: ends every session of the caller's account.

use axum::extract::State;
use axum::http::StatusCode;
use signet_flows::bearer::EndingBearer;
use signet_flows::origin::RequestOrigin;

use crate::app::App;
use crate::error::ApiResult;

/// Ends every session of the account.
///
/// Answers 204 once the ending is durable.
#[utoipa::path(
    post,
    path = "/auth/logout-all",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out everywhere"))
)]
pub(crate) async fn logout_all(
    State(app): State<App>,
    bearer: EndingBearer,
    origin: RequestOrigin,
) -> ApiResult<StatusCode> {
    app.flows.log_out_everywhere(bearer, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

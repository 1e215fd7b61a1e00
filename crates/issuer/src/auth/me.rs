//! `GET` and `PATCH /auth/me`: the caller's account.

use axum::Json;
use axum::extract::State;
use signet_flows::accounts::NameChange;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody, name_change};
use crate::openapi::shapes;
use crate::views::AccountView;

/// Shows the caller's account.
///
/// Answers 200 with the account.
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

/// `{name?}`
#[derive(Debug, ToSchema)]
pub(crate) struct RenameRequest {
    /// Null removes the name.
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: NameChange,
}

impl FromFields for RenameRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let name = name_change(fields)?;
        Some(Self { name })
    }
}

/// Changes the caller's account.
///
/// Fields that are left out stay as they are.
#[utoipa::path(
    patch,
    path = "/auth/me",
    tag = "Accounts",
    request_body = RenameRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = AccountView))
)]
pub(crate) async fn change_me(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<RenameRequest>,
) -> ApiResult<Json<AccountView>> {
    let account = app.flows.rename(bearer, &request.name, &origin).await?;
    Ok(Json(account.into()))
}

//! `DELETE /auth/account`: the account goes away, and every session with it.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::password::Password;
use signet_flows::end;
use signet_store::Change;
use utoipa::ToSchema;

use super::bearer::EndingBearer;
use super::ending;
use super::fields::typed_password;
use super::password_check::check_password;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{password}`
#[derive(Debug, ToSchema)]
pub(crate) struct DeleteAccountRequest {
    #[schema(value_type = shapes::Password)]
    password: Password,
}

impl FromFields for DeleteAccountRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            password: typed_password(fields, "password")?,
        })
    }
}

/// Removes the account and ends its sessions.
///
/// 204, or `invalid_credentials` when the password is wrong.
#[utoipa::path(
    delete,
    path = "/auth/account",
    tag = "Accounts",
    request_body = DeleteAccountRequest,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "invalid_credentials"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn delete_account(
    State(app): State<App>,
    EndingBearer(bearer): EndingBearer,
    JsonBody(request): JsonBody<DeleteAccountRequest>,
) -> ApiResult<StatusCode> {
    let found = bearer.account(&app).await?;
    let credentials = check_password(&app, Some(found), request.password).await?;
    let pending = ending::change_by_password(&app, bearer, &credentials, &Change::Delete).await?;
    end::finish_or_leave(&app.flows, pending).await;
    tracing::info!(
        event.name = "account.deleted", account.id = %bearer.account_id,
        "an account was deleted by its owner"
    );
    Ok(StatusCode::NO_CONTENT)
}

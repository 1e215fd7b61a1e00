//! `DELETE /auth/account`: deletes the account and ends its sessions.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::password::Password;
use signet_flows::bearer::EndingBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::fields::typed_password;
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

/// Deletes the account and ends its sessions.
///
/// 204, or `invalid_credentials` if the password is wrong.
#[utoipa::path(
    delete,
    path = "/auth/account",
    tag = "Accounts",
    request_body = DeleteAccountRequest,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "invalid_credentials"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn delete_account(
    State(app): State<App>,
    bearer: EndingBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<DeleteAccountRequest>,
) -> ApiResult<StatusCode> {
    let deleted = app.flows.delete_account(bearer, request.password, &origin);
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /auth/password`: changes the password and ends every other session. The write that sets
//! the password also keeps the caller's own session.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::password::{Password, check_new_password};
use signet_flows::bearer::EndingBearer;
use signet_flows::origin::RequestOrigin;
use signet_flows::own_account::PasswordChange;
use utoipa::ToSchema;

use super::fields::typed_password;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{current_password, new_password}`
#[derive(Debug, ToSchema)]
pub(crate) struct ChangePasswordRequest {
    #[schema(value_type = shapes::Password)]
    current_password: Password,
    #[schema(value_type = shapes::NewPassword)]
    new_password: Password,
}

impl FromFields for ChangePasswordRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let current_password = typed_password(fields, "current_password");
        let new_password = typed_password(fields, "new_password");
        if let Some(Err(problem)) = new_password.as_ref().map(|p| check_new_password(p, None)) {
            fields.reject::<()>("new_password", problem.into());
        }
        Some(Self {
            current_password: current_password?,
            new_password: new_password?,
        })
    }
}

/// Changes the password and ends every other session.
///
/// 204, or `invalid_credentials` if the current password is wrong.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "Accounts",
    request_body = ChangePasswordRequest,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "invalid_credentials"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn change_password(
    State(app): State<App>,
    bearer: EndingBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<ChangePasswordRequest>,
) -> ApiResult<StatusCode> {
    let passwords = PasswordChange {
        current: request.current_password,
        new: request.new_password,
    };
    let changed = app.flows.change_password(bearer, passwords, &origin);
    changed.await?;
    Ok(StatusCode::NO_CONTENT)
}

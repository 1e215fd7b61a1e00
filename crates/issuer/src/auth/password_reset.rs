//! `POST /auth/password/reset` and `POST /auth/password/reset/confirm`: a new password without the
//! old one, by a link that is mailed.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::account::Email;
use signet_core::password::{Password, check_new_password};
use signet_core::secret::SecretText;
use signet_flows::links::LinkError;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::fields::typed_password;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody, secret};
use crate::openapi::shapes;

/// `{email}`
#[derive(Debug, ToSchema)]
pub(crate) struct ResetRequest {
    #[schema(value_type = shapes::Email)]
    email: Email,
}

impl FromFields for ResetRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            email: fields.required("email", str::parse::<Email>)?,
        })
    }
}

/// Mails a link to set a new password, if an account has the address.
///
/// Answers 202 for every address, after the same work. A server that sends no mail answers 202 too.
#[utoipa::path(
    post,
    path = "/auth/password/reset",
    tag = "Accounts",
    request_body = ResetRequest,
    responses(
        (status = 202, description = "Accepted, whether there is such an account or not"),
        (status = 429, description = "rate_limited"),
    )
)]
pub(crate) async fn request_reset(
    State(app): State<App>,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<ResetRequest>,
) -> ApiResult<StatusCode> {
    let requested = app.flows.request_password_reset(&request.email, &origin);
    match requested.await {
        // Clients rely on this answer. The operator is told in the log.
        Ok(()) | Err(LinkError::NoMail) => Ok(StatusCode::ACCEPTED),
        Err(error) => Err(error.into()),
    }
}

/// `{token, new_password}`
#[derive(Debug, ToSchema)]
pub(crate) struct ConfirmResetRequest {
    #[schema(value_type = shapes::LinkToken)]
    token: SecretText,
    #[schema(value_type = shapes::NewPassword)]
    new_password: Password,
}

impl FromFields for ConfirmResetRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token", secret);
        let new_password = typed_password(fields, "new_password");
        if let Some(Err(problem)) = new_password.as_ref().map(|p| check_new_password(p, None)) {
            fields.reject::<()>("new_password", problem.into());
        }
        Some(Self {
            token: token?,
            new_password: new_password?,
        })
    }
}

/// Sets the password that goes with a link, and ends every session.
///
/// Answers 204, or `invalid_token` when the link is unknown, used, expired or void.
#[utoipa::path(
    post,
    path = "/auth/password/reset/confirm",
    tag = "Accounts",
    request_body = ConfirmResetRequest,
    responses(
        (status = 204, description = "Set; every session has ended"),
        (status = 400, description = "invalid_token"),
        (status = 429, description = "rate_limited"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn confirm_reset(
    State(app): State<App>,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<ConfirmResetRequest>,
) -> ApiResult<StatusCode> {
    let ConfirmResetRequest {
        token,
        new_password,
    } = request;
    let reset = app.flows.reset_password(&token, new_password, &origin);
    reset.await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /auth/email/verify` and `POST /auth/email/verify/resend`: confirming the address of an
//! account.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::secret::SecretText;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody, secret};
use crate::openapi::shapes;

/// `{token}`
#[derive(Debug, ToSchema)]
pub(crate) struct LinkTokenRequest {
    #[schema(value_type = shapes::LinkToken)]
    token: SecretText,
}

impl LinkTokenRequest {
    /// The token.
    pub(super) fn token(&self) -> &SecretText {
        &self.token
    }
}

impl FromFields for LinkTokenRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            token: fields.required("token", secret)?,
        })
    }
}

/// Confirms the address that a link was mailed to.
///
/// Answers 204, or `invalid_token` when the link is unknown, used, expired or void.
#[utoipa::path(
    post,
    path = "/auth/email/verify",
    tag = "Accounts",
    request_body = LinkTokenRequest,
    responses(
        (status = 204, description = "Confirmed"),
        (status = 400, description = "invalid_token"),
    )
)]
pub(crate) async fn verify_email(
    State(app): State<App>,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<LinkTokenRequest>,
) -> ApiResult<StatusCode> {
    app.flows.verify_email(request.token(), &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails another link to confirm the address of the account.
///
/// Answers 202, also if the address is confirmed already.
#[utoipa::path(
    post,
    path = "/auth/email/verify/resend",
    tag = "Accounts",
    security(("bearer" = [])),
    responses(
        (status = 202, description = "Accepted"),
        (status = 404, description = "not_found"),
        (status = 429, description = "rate_limited"),
    )
)]
pub(crate) async fn resend_verification(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
) -> ApiResult<StatusCode> {
    app.flows.request_verification(bearer, &origin).await?;
    Ok(StatusCode::ACCEPTED)
}

//! `POST /auth/email` and `POST /auth/email/confirm`: another address, confirmed by a link that is
//! mailed there.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::account::Email;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use signet_flows::step_up::Proof;
use utoipa::ToSchema;

use super::proof::{ProofFields, proof};
use super::verify_email::LinkTokenRequest;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{email, proof?}`
#[derive(Debug)]
pub(crate) struct ChangeEmailRequest {
    email: Email,
    proof: Proof,
}

/// A change of the address.
// What `ChangeEmailRequest` is in the document.
#[derive(ToSchema)]
#[schema(as = ChangeEmailRequest)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct ChangeEmailFields {
    #[schema(value_type = shapes::Email)]
    email: String,
    #[serde(flatten)]
    proof: ProofFields,
}

impl FromFields for ChangeEmailRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let proof = proof(fields, "password");
        Some(Self {
            email: email?,
            proof: proof?,
        })
    }
}

/// Mails a link to a new address of the account, and a notice to the present one.
///
/// Answers 202 for every address, also for one that another account has.
#[utoipa::path(
    post,
    path = "/auth/email",
    tag = "Accounts",
    request_body = ChangeEmailFields,
    security(("bearer" = [])),
    responses(
        (status = 202, description = "Accepted"),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
        (status = 404, description = "not_found"),
        (status = 429, description = "rate_limited"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn request_email_change(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<ChangeEmailRequest>,
) -> ApiResult<StatusCode> {
    let change = (request.email, request.proof);
    let requested = app.flows.request_email_change(bearer, change, &origin);
    requested.await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets the address that a link was mailed to.
///
/// Answers 204, or `invalid_token` when the link is unknown, used, expired or void. The error is
/// `email_taken` if another account has the address by now. The sessions of the account continue.
#[utoipa::path(
    post,
    path = "/auth/email/confirm",
    tag = "Accounts",
    request_body = LinkTokenRequest,
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "invalid_token"),
        (status = 409, description = "email_taken"),
    )
)]
pub(crate) async fn confirm_email_change(
    State(app): State<App>,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<LinkTokenRequest>,
) -> ApiResult<StatusCode> {
    app.flows.change_email(request.token(), &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

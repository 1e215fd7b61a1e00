//! `POST /auth/password`: changes the password and ends every other session. The write that sets
//! the password also keeps the caller's own session.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::password::{Password, check_new_password};
use signet_flows::bearer::EndingBearer;
use signet_flows::origin::RequestOrigin;
use signet_flows::own_account::PasswordChange;
use signet_flows::step_up::Proof;
use utoipa::ToSchema;

use super::fields::typed_password;
use super::proof::{ProofFields, proof};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{new_password, current_password? | proof?}`
#[derive(Debug)]
pub(crate) struct ChangePasswordRequest {
    proof: Proof,
    new_password: Password,
}

/// `{new_password, current_password? | proof?}`
#[derive(ToSchema)]
#[schema(as = ChangePasswordRequest)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct ChangePasswordFields {
    /// Proves who the caller is if the account has no second factor.
    #[schema(value_type = Option<shapes::Password>)]
    current_password: Option<String>,
    /// Another proof, instead of `current_password`.
    proof: Option<ProofFields>,
    #[schema(value_type = shapes::NewPassword)]
    new_password: String,
}

impl FromFields for ChangePasswordRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let proof = proof(fields, "current_password");
        let new_password = typed_password(fields, "new_password");
        if let Some(Err(problem)) = new_password.as_ref().map(|p| check_new_password(p, None)) {
            fields.reject::<()>("new_password", problem.into());
        }
        Some(Self {
            proof: proof?,
            new_password: new_password?,
        })
    }
}

/// Changes the password and ends every other session.
///
/// Answers 204, or `invalid_credentials` if the current password is wrong. The error is
/// `step_up_required` without a sufficient proof.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "Accounts",
    request_body = ChangePasswordFields,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
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
        proof: request.proof,
        new: request.new_password,
    };
    let changed = app.flows.change_password(bearer, passwords, &origin);
    changed.await?;
    Ok(StatusCode::NO_CONTENT)
}

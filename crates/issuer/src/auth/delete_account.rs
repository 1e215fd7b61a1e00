//! `DELETE /auth/account`: deletes the account and ends its sessions.

use axum::extract::State;
use axum::http::StatusCode;
use signet_flows::bearer::EndingBearer;
use signet_flows::origin::RequestOrigin;

use super::proof::{ProofFields, ProofRequest};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::JsonBody;

/// Deletes the account and ends its sessions.
///
/// Answers 204, or `invalid_credentials` if the password is wrong. The error is
/// `step_up_required` without a sufficient proof.
#[utoipa::path(
    delete,
    path = "/auth/account",
    tag = "Accounts",
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn delete_account(
    State(app): State<App>,
    bearer: EndingBearer,
    origin: RequestOrigin,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<StatusCode> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    app.flows.delete_account(bearer, proof, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `POST /auth/mfa/recovery-codes`: ten new recovery codes instead of the old ones.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use signet_core::second_factor::RecoveryCode;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::proof::{ProofFields, ProofRequest};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::JsonBody;

/// `{recovery_codes}`
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodeList {
    /// Ten codes. Each signs in once instead of the second factor.
    recovery_codes: Vec<String>,
}

impl RecoveryCodeList {
    pub(super) fn of(codes: &[RecoveryCode]) -> Self {
        Self {
            recovery_codes: codes.iter().map(RecoveryCode::expose).collect(),
        }
    }
}

/// Replaces the recovery codes.
///
/// Answers 200 with ten new codes, which are shown this once; the old ones are void. The error is
/// `conflict` if the account has no second factor.
#[utoipa::path(
    post,
    path = "/auth/mfa/recovery-codes",
    tag = "Second factors",
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The new codes", body = RecoveryCodeList),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
        (status = 409, description = "conflict"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn replace_recovery_codes(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<Json<RecoveryCodeList>> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    let replaced = app.flows.replace_own_recovery_codes(bearer, proof, &origin);
    Ok(Json(RecoveryCodeList::of(&replaced.await?)))
}

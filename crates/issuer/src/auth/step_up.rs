//! `POST /auth/step-up` and `POST /auth/step-up/options`: the caller proves once more who they are.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use signet_core::authenticators::ProofMethod;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::proof::{ProofFields, ProofRequest};
use super::token_response::{TokenResponse, render_stepped_up};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::JsonBody;

/// `{methods}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepUpOptions {
    /// The methods that step up this account: `totp`, `recovery_code`, `passkey`; `password` if
    /// the account has no second factor.
    #[schema(value_type = Vec<String>, examples(json!(["totp", "recovery_code"])))]
    methods: Vec<&'static str>,
}

/// Proves once more who the caller is.
///
/// 200 with a token response without a refresh token: the access token has the new `auth_time` and
/// `amr`, and so has every later one of the session. `step_up_required` when the proof is of a
/// weaker kind than the account has.
#[utoipa::path(
    post,
    path = "/auth/step-up",
    tag = "Accounts",
    request_body = ProofFields,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Stepped up", body = TokenResponse<'_>),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required, role_required"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn step_up(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    JsonBody(ProofRequest(proof)): JsonBody<ProofRequest>,
) -> ApiResult<Response> {
    let stepped_up = app.flows.step_up(bearer, proof, &origin).await?;
    Ok(render_stepped_up(stepped_up))
}

/// Lists the methods by which the caller can step up.
///
/// 200 with the methods.
#[utoipa::path(
    post,
    path = "/auth/step-up/options",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "The methods", body = StepUpOptions))
)]
pub(crate) async fn step_up_options(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<StepUpOptions>> {
    let methods = app.flows.step_up_methods(bearer).await?;
    let methods = methods.into_iter().map(ProofMethod::as_str).collect();
    Ok(Json(StepUpOptions { methods }))
}

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
use crate::passkey_options::PasskeyRequestView;

/// `{methods, passkey?}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepUpOptions {
    /// The methods that step up this account: `totp`, `recovery_code`, `passkey`; `password` if
    /// the account has no second factor.
    #[schema(value_type = Vec<String>, examples("totp"))]
    methods: Vec<&'static str>,
    /// The request for a passkey, if the account has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    passkey: Option<PasskeyRequestView>,
}

/// Proves once more who the caller is.
///
/// Answers 200 with a token response without a refresh token: the access token has the new
/// `auth_time` and `amr`, and so has every later one of the session. The error is
/// `step_up_required` when the proof is of a weaker kind than the account has.
#[utoipa::path(
    post,
    path = "/auth/step-up",
    tag = "Accounts",
    request_body = ProofFields,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Stepped up", body = TokenResponse<'_>),
        (status = 401, description = "invalid_credentials, challenge_failed"),
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
/// Answers 200 with the methods and, with passkeys, a challenge for one of them.
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
    let options = app.flows.step_up_options(bearer).await?;
    let methods = options.methods.into_iter().map(ProofMethod::as_str);
    Ok(Json(StepUpOptions {
        methods: methods.collect(),
        passkey: options.passkey.map(PasskeyRequestView::from),
    }))
}

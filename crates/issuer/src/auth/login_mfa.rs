//! `POST /auth/login/mfa`: the second step of a sign-in.

use axum::extract::State;
use axum::response::Response;
use signet_core::secret::SecretText;
use signet_flows::second_factor::GivenFactor;
use utoipa::ToSchema;

use super::fields::{TokenDelivery, factor};
use super::passkey_answer::{one_factor, passkey_answer};
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, Invalid, JsonBody, secret};
use crate::openapi::shapes;

/// `{mfa_token, code | recovery_code | challenge_id and credential, token_delivery?}`
#[derive(Debug)]
pub(crate) struct LoginMfaRequest {
    mfa_token: SecretText,
    factor: GivenFactor,
    delivery: TokenDelivery,
}

/// `{mfa_token, code | recovery_code | challenge_id and credential, token_delivery?}`
#[derive(ToSchema)]
#[schema(as = LoginMfaRequest)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct LoginMfaFields {
    /// The token of the answer `mfa_required`. It is valid for 5 minutes, 5 tries and one sign-in.
    mfa_token: String,
    /// A code of the authenticator app.
    code: Option<String>,
    /// A recovery code, instead of `code`.
    recovery_code: Option<String>,
    /// With `credential`, instead of `code`: the `challenge_id` of the answer `mfa_required`.
    challenge_id: Option<String>,
    credential: Option<shapes::AuthenticationCredential>,
    token_delivery: Option<TokenDelivery>,
}

impl FromFields for LoginMfaRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let mfa_token = fields.required("mfa_token", secret);
        let delivery = TokenDelivery::from_fields(fields);
        let (code, passkey) = (factor(fields), passkey_answer(fields));
        let factor = one_factor(fields, "credential", code?, passkey?)?.or_else(|| {
            let missing = Invalid::new("required", "or recovery_code or credential is required");
            fields.reject("code", missing)
        });
        Some(Self {
            mfa_token: mfa_token?,
            factor: factor?,
            delivery: delivery?,
        })
    }
}

/// Finishes a sign-in with a second factor.
///
/// Answers 200 with a token response. The error is `invalid_credentials` for a wrong code: the
/// token can be tried again. If the sign-in had to enrol an authenticator app, `code` is its first
/// code, and the response has `recovery_codes`. The error is `challenge_failed` when the passkey is
/// refused or the sign-in must begin again.
#[utoipa::path(
    post,
    path = "/auth/login/mfa",
    tag = "Accounts",
    request_body = LoginMfaFields,
    responses(
        (
            status = 200,
            description = "Signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it travels so"))
        ),
        (status = 401, description = "invalid_credentials, challenge_failed"),
        (status = 403, description = "csrf_rejected, role_required"),
    )
)]
pub(crate) async fn login_mfa(
    State(app): State<App>,
    sign_in: SignInRequest,
    JsonBody(request): JsonBody<LoginMfaRequest>,
) -> ApiResult<Response> {
    let answer = sign_in.deliver(&app, request.delivery)?;
    let LoginMfaRequest {
        mfa_token, factor, ..
    } = &request;
    let flows = &app.flows;
    let finished = flows.authenticate_second_factor(mfa_token, factor, &answer.origin);
    let finished = finished.await?;
    answer.finish(&app, finished).await
}

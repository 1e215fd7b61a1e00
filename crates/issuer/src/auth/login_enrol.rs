//! `/auth/login/mfa/totp` and `/auth/login/mfa/passkey`: enrol a second factor during a sign-in that
//! requires one.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use signet_core::secret::SecretText;
use utoipa::ToSchema;

use super::fields::TokenDelivery;
use super::passkeys::AddPasskeyRequest;
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use super::totp::TotpOfferView;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody, secret};
use crate::openapi::shapes;
use crate::passkey_options::PasskeyCreationView;

/// `{mfa_token}`
#[derive(Debug, ToSchema)]
pub(crate) struct EnrolmentRequest {
    /// The token of an answer `mfa_required` whose `methods` are `enrol_totp` and `enrol_passkey`.
    #[schema(value_type = String)]
    mfa_token: SecretText,
}

impl FromFields for EnrolmentRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            mfa_token: fields.required("mfa_token", secret)?,
        })
    }
}

/// Begins to enrol an authenticator app during a sign-in that requires one.
///
/// Answers 200 with a new secret. `/auth/login/mfa` with a code of the app activates it and
/// finishes the sign-in. Another request replaces the secret; the token is valid for 25 requests.
#[utoipa::path(
    post,
    path = "/auth/login/mfa/totp",
    tag = "Accounts",
    request_body = EnrolmentRequest,
    responses(
        (status = 200, description = "The secret, not active yet", body = TotpOfferView),
        (status = 401, description = "challenge_failed"),
    )
)]
pub(crate) async fn enrol_totp_at_sign_in(
    State(app): State<App>,
    JsonBody(request): JsonBody<EnrolmentRequest>,
) -> ApiResult<Json<TotpOfferView>> {
    let offer = app.flows.offer_totp_at_sign_in(&request.mfa_token).await?;
    TotpOfferView::of(&offer).map(Json)
}

/// Asks for a passkey during a sign-in that requires a second factor.
///
/// Answers 200 with a challenge and the options for `navigator.credentials.create()`. The token is
/// valid for 25 requests.
#[utoipa::path(
    post,
    path = "/auth/login/mfa/passkey/options",
    tag = "Accounts",
    request_body = EnrolmentRequest,
    responses(
        (status = 200, description = "The request for a passkey", body = PasskeyCreationView),
        (status = 401, description = "challenge_failed"),
    )
)]
pub(crate) async fn passkey_options_at_sign_in(
    State(app): State<App>,
    JsonBody(request): JsonBody<EnrolmentRequest>,
) -> ApiResult<Json<PasskeyCreationView>> {
    let creation = app.flows.ask_new_passkey_at_sign_in(&request.mfa_token);
    Ok(Json(creation.await?.into()))
}

/// `{mfa_token, challenge_id, credential, name?, token_delivery?}`
#[derive(Debug)]
pub(crate) struct EnrolPasskeyRequest {
    mfa_token: SecretText,
    passkey: AddPasskeyRequest,
    delivery: TokenDelivery,
}

/// `{mfa_token, challenge_id, credential, name?, token_delivery?}`
#[derive(ToSchema)]
#[schema(as = EnrolPasskeyRequest)]
#[expect(dead_code, reason = "it describes the fields of the request")]
pub(crate) struct EnrolPasskeyFields {
    /// The token of an answer `mfa_required` whose `methods` are `enrol_totp` and `enrol_passkey`.
    mfa_token: String,
    /// The id of the challenge.
    challenge_id: String,
    credential: shapes::RegistrationCredential,
    name: Option<shapes::DisplayName>,
    token_delivery: Option<TokenDelivery>,
}

impl FromFields for EnrolPasskeyRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let mfa_token = fields.required("mfa_token", secret);
        let delivery = TokenDelivery::from_fields(fields);
        let passkey = AddPasskeyRequest::from_fields(fields);
        Some(Self {
            mfa_token: mfa_token?,
            passkey: passkey?,
            delivery: delivery?,
        })
    }
}

/// Adds a passkey to an account that needs a second factor, and finishes the sign-in.
///
/// Answers 200 with a token response that has `recovery_codes`. The error is `challenge_failed`
/// when the passkey is refused or the sign-in must begin again. The error is `conflict` if the
/// passkey is registered already.
#[utoipa::path(
    post,
    path = "/auth/login/mfa/passkey",
    tag = "Accounts",
    request_body = EnrolPasskeyFields,
    responses(
        (
            status = 200,
            description = "Signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it travels so"))
        ),
        (status = 401, description = "challenge_failed"),
        (status = 403, description = "csrf_rejected, role_required"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn enrol_passkey_at_sign_in(
    State(app): State<App>,
    sign_in: SignInRequest,
    JsonBody(request): JsonBody<EnrolPasskeyRequest>,
) -> ApiResult<Response> {
    let answer = sign_in.deliver(&app, request.delivery)?;
    let (flows, token) = (&app.flows, &request.mfa_token);
    let new = request.passkey.into();
    let enrolled = flows.enrol_passkey_at_sign_in(token, &new, &answer.origin);
    let enrolled = enrolled.await?;
    answer.finish(&app, enrolled).await
}

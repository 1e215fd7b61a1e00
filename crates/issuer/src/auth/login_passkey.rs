//! `POST /auth/login/passkey` and `POST /auth/login/passkey/options`: signs in with a passkey.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::Email;
use signet_flows::passkeys::PasskeyAnswer;
use utoipa::ToSchema;

use super::fields::SignInChoice;
use super::passkey_answer::{PasskeyAnswerFields, passkey_answer};
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, Invalid, JsonBody};
use crate::openapi::shapes;
use crate::passkey_options::PasskeyRequestView;

/// `{email?}`
#[derive(Debug, Default, ToSchema)]
pub(crate) struct LoginPasskeyOptionsRequest {
    /// If it is given, only a passkey of this account signs in. The answer does not tell whether
    /// there is such an account.
    #[schema(value_type = Option<shapes::Email>)]
    email: Option<Email>,
}

impl FromFields for LoginPasskeyOptionsRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            email: fields.optional("email", str::parse::<Email>)?,
        })
    }
}

/// `{challenge_id, credential, token_delivery?, client_id?}`
#[derive(Debug, ToSchema)]
pub(crate) struct LoginPasskeyRequest {
    #[serde(flatten)]
    #[schema(value_type = PasskeyAnswerFields)]
    answer: PasskeyAnswer,
    #[serde(flatten)]
    choice: SignInChoice,
}

impl FromFields for LoginPasskeyRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let choice = SignInChoice::from_fields(fields);
        let answer = passkey_answer(fields)?
            .or_else(|| fields.reject("challenge_id", Invalid::new("required", "is required")));
        Some(Self {
            answer: answer?,
            choice: choice?,
        })
    }
}

/// Asks for a passkey to sign in with.
///
/// Answers 200 with a challenge and the options for `navigator.credentials.get()`, whatever
/// accounts there are.
#[utoipa::path(
    post,
    path = "/auth/login/passkey/options",
    tag = "Accounts",
    request_body = Option<LoginPasskeyOptionsRequest>,
    responses((status = 200, description = "The request for a passkey", body = PasskeyRequestView))
)]
pub(crate) async fn login_passkey_options(
    State(app): State<App>,
    body: Option<JsonBody<LoginPasskeyOptionsRequest>>,
) -> ApiResult<Json<PasskeyRequestView>> {
    let request = body.map(|JsonBody(body)| body).unwrap_or_default();
    let asked = app.flows.ask_passkey_to_sign_in(request.email.as_ref());
    Ok(Json(asked.await?.into()))
}

/// Signs in with a passkey. No second factor is needed.
///
/// Answers 200 with a token response. The error is `challenge_failed` if the passkey is refused or
/// the challenge is used or expired: ask for a new challenge.
#[utoipa::path(
    post,
    path = "/auth/login/passkey",
    tag = "Accounts",
    request_body = LoginPasskeyRequest,
    responses(
        (
            status = 200,
            description = "Signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it is delivered in the cookie"))
        ),
        (status = 401, description = "challenge_failed, invalid_credentials"),
        (status = 403, description = "csrf_rejected, role_required"),
    )
)]
pub(crate) async fn login_passkey(
    State(app): State<App>,
    sign_in: SignInRequest,
    JsonBody(request): JsonBody<LoginPasskeyRequest>,
) -> ApiResult<Response> {
    let LoginPasskeyRequest { answer, choice } = request;
    let pending = sign_in.choose(&app, choice).await?;
    let checked = app
        .flows
        .authenticate_passkey(&answer, &pending.answer.origin);
    let authenticated = checked.await?;
    pending.begin(&app, authenticated, StatusCode::OK).await
}

//! `POST /auth/login`: signs in with an email address and a password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::Email;
use signet_core::password::Password;
use signet_flows::authenticate::PasswordSignIn;
use signet_flows::origin::ShownWork;
use utoipa::ToSchema;

use super::fields::{SignInChoice, WorkFields, shown_work, typed_password};
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// A sign-in with a password.
#[derive(Debug, ToSchema)]
pub(crate) struct LoginRequest {
    #[schema(value_type = shapes::Email)]
    email: Email,
    #[schema(value_type = shapes::Password)]
    password: Password,
    #[serde(flatten)]
    #[schema(value_type = WorkFields)]
    work: ShownWork,
    #[serde(flatten)]
    choice: SignInChoice,
}

impl FromFields for LoginRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let password = typed_password(fields, "password");
        let work = shown_work(fields);
        let choice = SignInChoice::from_fields(fields);
        Some(Self {
            email: email?,
            password: password?,
            work: work?,
            choice: choice?,
        })
    }
}

/// Signs in.
///
/// Answers 200 with a token response, or `invalid_credentials`. If the account has a second factor,
/// the error is `mfa_required`, with an `mfa_token` for `/auth/login/mfa`. If a proof of work is
/// configured and the sign-in is under attack, the error is `proof_of_work_required`, before the
/// password is checked.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "Accounts",
    request_body = LoginRequest,
    responses(
        (
            status = 200,
            description = "Signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it is delivered in the cookie"))
        ),
        (status = 401, description = "invalid_credentials, mfa_required"),
        (status = 403, description = "csrf_rejected, role_required, proof_of_work_required"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn login(
    State(app): State<App>,
    sign_in: SignInRequest,
    JsonBody(request): JsonBody<LoginRequest>,
) -> ApiResult<Response> {
    let LoginRequest {
        email,
        password,
        work,
        choice,
    } = request;
    let mut pending = sign_in.choose(&app, choice).await?;
    pending.answer.origin.proof_of_work = work;
    let (client, origin) = (&pending.client, &pending.answer.origin);
    let flows = &app.flows;
    let checked = flows.authenticate_password(&email, password, client, origin);
    match checked.await? {
        PasswordSignIn::Done(authenticated) => {
            pending.begin(&app, authenticated, StatusCode::OK).await
        }
        PasswordSignIn::SecondFactor(required) => Err(required.into()),
        PasswordSignIn::Enrolment(required) => Err(required.into()),
    }
}

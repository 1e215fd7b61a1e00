//! `POST /auth/register`: registers an account and signs in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::{DisplayName, Email};
use signet_core::password::{Password, check_new_password};
use signet_flows::authenticate::NewAccount;
use utoipa::ToSchema;

use super::fields::{SignInChoice, typed_password};
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{email, password, name?, token_delivery?, client_id?}`
#[derive(Debug, ToSchema)]
pub(crate) struct RegisterRequest {
    #[schema(value_type = shapes::Email)]
    email: Email,
    #[schema(value_type = shapes::NewPassword)]
    password: Password,
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: Option<DisplayName>,
    #[serde(flatten)]
    choice: SignInChoice,
}

impl FromFields for RegisterRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let password = typed_password(fields, "password");
        if let Some(Err(problem)) = password
            .as_ref()
            .map(|p| check_new_password(p, email.as_ref()))
        {
            fields.reject::<()>("password", problem.into());
        }
        let name = fields.optional("name", str::parse::<DisplayName>);
        let choice = SignInChoice::from_fields(fields);
        Some(Self {
            email: email?,
            password: password?,
            name: name?,
            choice: choice?,
        })
    }
}

/// Registers an account and signs in.
///
/// 201 with a token response, or `email_taken`.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "Accounts",
    request_body = RegisterRequest,
    responses(
        (
            status = 201,
            description = "Registered and signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it is delivered in the cookie"))
        ),
        (status = 401, description = "invalid_credentials"),
        (
            status = 403,
            description = "csrf_rejected, registration_closed, role_required"
        ),
        (status = 409, description = "email_taken"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn register(
    State(app): State<App>,
    sign_in: SignInRequest,
    JsonBody(request): JsonBody<RegisterRequest>,
) -> ApiResult<Response> {
    let pending = sign_in.choose(&app, request.choice).await?;
    let new = NewAccount {
        client: &pending.client,
        email: request.email,
        password: request.password,
        name: request.name,
    };
    let authenticated = app.flows.register(new, &pending.answer.origin).await?;
    pending
        .begin(&app, authenticated, StatusCode::CREATED)
        .await
}

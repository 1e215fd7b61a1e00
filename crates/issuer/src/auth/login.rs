//! `POST /auth/login`: a session for an email address and its password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::Email;
use signet_core::password::Password;

use super::fields::{SignInChoice, typed_password};
use super::password_check::check_password;
use super::sign_in::Visitor;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, JsonBody};

/// `{email, password, token_delivery?, client_id?}`
#[derive(Debug)]
pub(crate) struct LoginRequest {
    email: Email,
    password: Password,
    choice: SignInChoice,
}

impl FromFields for LoginRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", str::parse::<Email>);
        let password = typed_password(fields, "password");
        let choice = SignInChoice::from_fields(fields);
        Some(Self {
            email: email?,
            password: password?,
            choice: choice?,
        })
    }
}

/// 200 with a token response, or `invalid_credentials`.
pub(crate) async fn login(
    State(app): State<App>,
    visitor: Visitor,
    JsonBody(request): JsonBody<LoginRequest>,
) -> ApiResult<Response> {
    let reception = visitor.receive(&app, request.choice).await?;
    let found = app.stores.accounts.by_email(&request.email).await?;
    let credentials = check_password(&app, found, request.password).await?;
    reception
        .sign_in(&app, credentials.account, StatusCode::OK)
        .await
}

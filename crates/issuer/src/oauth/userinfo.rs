//! `GET` or `POST /oauth/userinfo`: the claims about the account of an access token,
//! OpenID Connect Core 1.0 section 5.3.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use signet_core::account::{DisplayName, Email};
use signet_core::ids::AccountId;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::BearerToken;
use crate::openapi::shapes;

/// The standard claims of the account; OpenID Connect Core 1.0 section 5.1.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserInfo {
    #[schema(value_type = shapes::AccountId)]
    sub: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: Option<DisplayName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::Email>, nullable = false)]
    email: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email_verified: Option<bool>,
}

/// Shows the account of the access token, OpenID Connect Core 1.0 section 5.3.
///
/// Answers 200 for a token with the scope `openid`, or one that opens `/auth`; or the errors of RFC
/// 6750 section 3.1. The scopes `profile` and `email` decide which claims there are.
#[utoipa::path(
    get,
    path = "/oauth/userinfo",
    tag = "OAuth 2.0",
    security(("bearer" = [])),
    responses((status = 200, description = "The standard claims", body = UserInfo))
)]
pub(crate) async fn userinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> OAuthResult<Json<UserInfo>> {
    let BearerToken(token) = BearerToken::demand(&headers)?;
    let flows = &app.flows;
    let reader = flows.authenticate_profile_bearer(token.expose()).await?;
    let account = flows.own_account(reader.bearer).await?;
    let is_verified = account.email_verified_at.is_some();
    Ok(Json(UserInfo {
        sub: account.id,
        name: account.name.filter(|_| reader.profile),
        email: reader.email.then_some(account.email),
        email_verified: reader.email.then_some(is_verified),
    }))
}

/// Shows the account of the access token; OpenID Connect requires both methods.
#[utoipa::path(
    post,
    path = "/oauth/userinfo",
    tag = "OAuth 2.0",
    security(("bearer" = [])),
    responses((status = 200, description = "The standard claims", body = UserInfo))
)]
pub(crate) async fn post_userinfo(
    state: State<App>,
    headers: HeaderMap,
) -> OAuthResult<Json<UserInfo>> {
    userinfo(state, headers).await
}

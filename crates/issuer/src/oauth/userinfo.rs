//! `GET` or `POST /oauth/userinfo`: who the bearer is, OpenID Connect Core 1.0 section 5.3.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use signet_core::account::{DisplayName, Email};
use signet_core::ids::AccountId;

use super::error::OAuthResult;
use crate::app::App;
use crate::auth::SessionBearer;
use crate::error::Code;
use crate::extract::BearerToken;

/// The standard claims that are known; OpenID Connect Core 1.0 section 5.1.
#[derive(Debug, Serialize)]
pub(crate) struct UserInfo {
    sub: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<DisplayName>,
    email: Email,
    email_verified: bool,
}

/// 200 for a token that opens `/auth`, or the errors of RFC 6750 section 3.1.
pub(crate) async fn userinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> OAuthResult<Json<UserInfo>> {
    let token = BearerToken::read(&headers)?.ok_or(Code::TokenMissing)?;
    let bearer = SessionBearer::verify(&app, &token).await?;
    let account = bearer.account(&app).await?.account;
    Ok(Json(UserInfo {
        sub: account.id,
        name: account.name,
        email: account.email,
        email_verified: account.email_verified,
    }))
}

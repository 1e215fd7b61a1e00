//! The answer of the token endpoint, RFC 6749 section 5.1.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::access_token::AccessToken;
use signet_core::names::Scope;
use signet_core::secret::SecretText;
use signet_flows::grants::CodeTokens;
use utoipa::ToSchema;

use crate::openapi::shapes;

/// The body of the answer.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer<'a> {
    #[schema(value_type = shapes::AccessToken)]
    access_token: &'a str,
    /// `Bearer`
    token_type: &'static str,
    /// Lifetime of the access token, in seconds.
    expires_in: u64,
    /// The granted scopes, separated by spaces; left out if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<shapes::RefreshToken>, nullable = false)]
    refresh_token: Option<&'a str>,
    /// With the scope `openid`: what the client learns about the sign-in, OpenID Connect Core 1.0
    /// section 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id_token: Option<&'a str>,
    /// With token exchange: the type of the token, RFC 8693 section 2.2.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    issued_token_type: Option<&'static str>,
}

/// What the answer holds besides the access token.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The next refresh token of the session.
    pub(super) refresh_token: Option<SecretText>,
    /// The ID token.
    pub(super) id_token: Option<SecretText>,
    /// The type of the token that was issued in exchange.
    pub(super) issued_token_type: Option<&'static str>,
}

/// Renders the first tokens of a session.
pub(super) fn first_tokens(redeemed: CodeTokens) -> Response {
    let tokens = redeemed.tokens;
    let beside = Beside {
        refresh_token: redeemed.refresh.then_some(tokens.refresh),
        id_token: redeemed.id_token,
        issued_token_type: None,
    };
    answer(&tokens.access, &tokens.scope, &beside)
}

/// Renders an access token and what the grant adds to it.
pub(super) fn answer(token: &AccessToken, scope: &[Scope], beside: &Beside) -> Response {
    let names: Vec<_> = scope.iter().map(Scope::as_str).collect();
    let body = TokenAnswer {
        access_token: token.text.expose(),
        token_type: "Bearer",
        expires_in: token.expires_in_seconds,
        scope: (!names.is_empty()).then(|| names.join(" ")),
        refresh_token: beside.refresh_token.as_ref().map(SecretText::expose),
        id_token: beside.id_token.as_ref().map(SecretText::expose),
        issued_token_type: beside.issued_token_type,
    };
    Json(body).into_response()
}

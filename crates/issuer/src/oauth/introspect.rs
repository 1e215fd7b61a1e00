//! `POST /oauth/introspect`: the claims of an active token, RFC 7662.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use signet_core::access_token::CustomClaims;
use signet_core::limits::Limit;
use signet_flows::authenticate_client::Admit;
use signet_flows::origin::RequestOrigin;
use signet_verifier::{Actor, Claims, Timestamp};
use utoipa::ToSchema;

use super::client_proof::credentials;
use super::described::TokenToIntrospect;
use crate::app::App;
use crate::error::OAuthResult;
use crate::extract::Form;

/// `{"active": false}` alone if the token is invalid or no longer valid, or if the caller may not
/// know about it (RFC 7662 section 2.2).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Introspection {
    active: bool,
    #[serde(flatten)]
    #[schema(value_type = TokenView)]
    token: Option<TokenView>,
}

/// The claims, named as in the token; all are left out if the token is not active.
#[derive(Debug, Serialize, ToSchema)]
struct TokenView {
    /// `Bearer`
    #[schema(required = false)]
    token_type: &'static str,
    #[schema(required = false)]
    iss: String,
    #[schema(required = false)]
    sub: String,
    #[schema(required = false)]
    aud: Audiences,
    client_id: Option<String>,
    /// In seconds since 1970.
    #[schema(required = false)]
    exp: u64,
    /// In seconds since 1970.
    #[schema(required = false)]
    iat: u64,
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Separated by spaces.
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// When the person signed in, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<u64>,
    /// How the person signed in (RFC 8176).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<ActorView>,
    /// The custom claims of the account.
    #[serde(flatten)]
    #[schema(ignore)]
    custom: CustomClaims,
}

/// A string if there is one audience, as in the token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Several(Vec<String>),
}

/// The client that acts for the subject; `act` inside it is the client that acted before.
#[derive(Debug, Serialize, ToSchema)]
struct ActorView {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    act: Option<Box<ActorView>>,
}

/// Says whether a token is active, RFC 7662.
///
/// Answers 200 for every authenticated client, for any token.
#[utoipa::path(
    post,
    path = "/oauth/introspect",
    tag = "OAuth 2.0",
    request_body(content = TokenToIntrospect, content_type = "application/x-www-form-urlencoded"),
    security(("client_secret_basic" = []), ()),
    responses(
        (status = 200, description = "The claims of the token, if it is active", body = Introspection),
        (status = 401, description = "invalid_client"),
    )
)]
pub(crate) async fn introspect(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    form: Form,
) -> OAuthResult<Json<Introspection>> {
    let shown = credentials(&headers, &form)?;
    let client = app.flows.authenticate_client_within(
        Limit::Introspect,
        &shown,
        Admit::Confidential,
        &origin,
    );
    let client = client.await?;
    let claims = app
        .flows
        .introspect(&client, form.require("token")?)
        .await?;
    Ok(Json(Introspection {
        active: claims.is_some(),
        token: claims.map(TokenView::from),
    }))
}

impl From<Claims<CustomClaims>> for TokenView {
    fn from(mut claims: Claims<CustomClaims>) -> Self {
        let aud = match claims.aud.pop() {
            Some(one) if claims.aud.is_empty() => Audiences::One(one),
            last => {
                claims.aud.extend(last);
                Audiences::Several(claims.aud)
            }
        };
        Self {
            token_type: "Bearer",
            iss: claims.iss,
            sub: claims.sub,
            aud,
            client_id: claims.client_id,
            exp: claims.exp.as_seconds(),
            iat: claims.iat.as_seconds(),
            jti: claims.jti,
            sid: claims.sid,
            scope: claims.scope,
            roles: claims.roles,
            auth_time: claims.auth_time.map(Timestamp::as_seconds),
            amr: claims.amr,
            act: claims.act.map(ActorView::from),
            custom: claims.extra,
        }
    }
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        Self {
            sub: actor.sub,
            act: actor.act.map(|act| Box::new(Self::from(*act))),
        }
    }
}

//! `POST /auth/refresh`: exchanges a refresh token for the newest tokens of its session.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::client::Targets;
use signet_core::secret::SecretText;
use signet_flows::grants::TokenRequest;
use signet_flows::origin::RequestOrigin;
use signet_flows::presented_cookies::{Possession, PresentedToken};
use signet_flows::refresh::RefreshAs;
use utoipa::ToSchema;

use super::delivery::{Delivery, clearing_cookie, cookie, cookie_token};
use super::token_response::{self, TokenResponse};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Fields, FromFields, Invalid, JsonBody, TrustedOrigin, secret};
use crate::openapi::shapes;

/// `{refresh_token?, audience?, scope?}`: the token, unless it is in the cookie, and the audiences
/// and scopes of the access token.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct RefreshRequest {
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretText>,
    /// The services that the access token is for, one text or a list; all of the session's if
    /// nothing is said.
    #[schema(value_type = Option<Vec<shapes::Audience>>)]
    audience: Vec<String>,
    /// The scopes of the access token, separated by spaces.
    #[schema(value_type = Option<String>)]
    scope: Option<String>,
}

impl FromFields for RefreshRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let refresh_token = fields.optional("refresh_token", secret);
        let audience = fields.json("audience", audiences);
        let scope = fields.optional("scope", |text| Ok::<_, Invalid>(text.to_owned()));
        Some(Self {
            refresh_token: refresh_token?,
            audience: audience?.unwrap_or_default(),
            scope: scope?,
        })
    }
}

/// Parses one text or a list of texts.
fn audiences(json: &str) -> Result<Vec<String>, Invalid> {
    let one = || serde_json::from_str(json).map(|text: String| vec![text]);
    let list = serde_json::from_str(json).or_else(|_| one());
    list.map_err(|_| Invalid::new("wrong_type", "must be text or a list of texts"))
}

/// Exchanges a refresh token for the newest tokens of its session.
///
/// Answers 200 with a token response, delivered as the refresh token was sent, or `session_ended`.
///
/// With `scope` and `audience`, the access token has fewer scopes and audiences than the session.
/// Without the scope `account` it opens no route under `/auth`.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "Accounts",
    request_body = Option<RefreshRequest>,
    security((), ("refresh_cookie" = [])),
    responses(
        (
            status = 200,
            description = "The newest tokens",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it is delivered in the cookie"))
        ),
        (status = 401, description = "token_missing, session_ended"),
        (status = 403, description = "csrf_rejected, role_required"),
    )
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    origin: RequestOrigin,
    headers: HeaderMap,
    body: Option<JsonBody<RefreshRequest>>,
) -> ApiResult<Response> {
    let request = body.map(|JsonBody(request)| request).unwrap_or_default();
    let (token, delivery) = presented(&app, &headers, request.refresh_token)?;
    let audiences: Vec<_> = request.audience.iter().map(String::as_str).collect();
    let asked = TokenRequest {
        scope: request.scope.as_deref(),
        targets: Targets {
            resources: &[],
            audiences: &audiences,
        },
    };
    let refresh_as = RefreshAs::FirstParty(asked, token.possession);
    let refreshed = app.flows.refresh(&token.text, refresh_as, &origin);
    match (refreshed.await.map_err(ApiError::from), delivery) {
        (Ok(tokens), _) => Ok(token_response::render(
            tokens,
            StatusCode::OK,
            delivery,
            &app,
        )),
        (Err(error), Delivery::Cookie(_)) if error.code() == Code::SessionEnded => {
            Ok(clearing_cookie(&app.settings, error.into_response()))
        }
        (Err(error), _) => Err(error),
    }
}

/// The one refresh token of the request, and how the next one is delivered.
fn presented(
    app: &App,
    headers: &HeaderMap,
    in_body: Option<SecretText>,
) -> ApiResult<(PresentedToken, Delivery)> {
    let origin = match &in_body {
        Some(_) if !cookie(&app.settings).is_sent(headers) => None,
        _ => Some(TrustedOrigin::check(headers, &app.settings)?),
    };
    let in_cookie = match origin {
        Some(origin) => cookie_token(app, headers, origin)?.map(|token| (token, origin)),
        None => None,
    };
    match (in_body, in_cookie) {
        (Some(text), None) => {
            let possession = Possession::Settled;
            Ok((PresentedToken { text, possession }, Delivery::Body))
        }
        (None, Some((token, origin))) => Ok((token, Delivery::Cookie(origin))),
        (None, None) => Err(ApiError::from(Code::TokenMissing)
            .detail("a refresh token is required, in the cookie or as refresh_token")),
        (Some(_), Some(_)) => Err(ApiError::from(Code::InvalidRequest)
            .detail("the request has two refresh tokens; send one, in the cookie or in the body")),
    }
}

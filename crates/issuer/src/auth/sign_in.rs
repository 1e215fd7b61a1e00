//! The steps that every sign-in shares. Before the proof it decides the delivery of the tokens and
//! the client; after the proof a session begins.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use signet_core::client::Client;
use signet_core::names::ClientId;
use signet_core::second_factor::RecoveryCode;
use signet_core::secret::SecretText;
use signet_flows::authenticate::{Authenticated, SecondFactorSignIn};
use signet_flows::begin_session::NewSession;
use signet_flows::origin::RequestOrigin;

use super::delivery::{Delivery, clearing_cookie, cookie_token};
use super::fields::{SignInChoice, TokenDelivery};
use super::token_response::{self, BegunSession};
use crate::app::App;
use crate::error::{ApiError, ApiResult, FieldError};
use crate::extract::TrustedOrigin;

/// The parts of a sign-in request that are read before its body.
#[derive(Debug)]
pub(crate) struct SignInRequest {
    headers: HeaderMap,
    origin: RequestOrigin,
}

/// A sign-in whose client and delivery are decided, and whose proof has not been checked yet.
#[derive(Debug)]
pub(super) struct UnprovenSignIn {
    pub(super) client: Arc<Client>,
    pub(super) answer: SignInAnswer,
}

/// How a sign-in is answered.
#[derive(Debug)]
pub(super) struct SignInAnswer {
    pub(super) origin: RequestOrigin,
    delivery: Delivery,
    /// The refresh token that the browser already holds. Its session ends with this sign-in.
    replaced: Option<SecretText>,
    /// The recovery codes of an account that has enrolled its first second factor here.
    recovery_codes: Option<Vec<RecoveryCode>>,
}

impl SignInRequest {
    /// Checks that the request may use the delivery and the client that it names.
    pub(super) async fn choose(self, app: &App, choice: SignInChoice) -> ApiResult<UnprovenSignIn> {
        Ok(UnprovenSignIn {
            answer: self.deliver(app, choice.delivery)?,
            client: sign_in_client(app, &choice.client_id).await?,
        })
    }

    /// Checks that the request may have its tokens the way it chooses.
    pub(super) fn deliver(self, app: &App, delivery: TokenDelivery) -> ApiResult<SignInAnswer> {
        let delivery = Delivery::choose(delivery, &self.headers, &app.settings)?;
        Ok(SignInAnswer {
            replaced: self.replaced(app, delivery)?,
            origin: self.origin,
            delivery,
            recovery_codes: None,
        })
    }

    /// The refresh token that the browser already holds in the cookie.
    fn replaced(&self, app: &App, delivery: Delivery) -> ApiResult<Option<SecretText>> {
        let read = |origin| cookie_token(app, &self.headers, origin);
        let token = match delivery {
            Delivery::Cookie(origin) if !app.flows.binds_browsers() => read(origin)?,
            // A cookie that another host planted must not keep anyone from signing in.
            Delivery::Cookie(origin) => read(origin).ok().flatten(),
            // Nor a cookie that a browser adds where no cookie is wanted.
            Delivery::Body => {
                let trusted = TrustedOrigin::check(&self.headers, &app.settings);
                trusted.and_then(read).ok().flatten()
            }
        };
        Ok(token.map(|token| token.text))
    }
}

impl UnprovenSignIn {
    /// Begins a session and answers with its tokens.
    ///
    /// # Errors
    ///
    /// `invalid_credentials` if every session of the account was ended meanwhile.
    pub(super) async fn begin(
        self,
        app: &App,
        authenticated: Authenticated,
        status: StatusCode,
    ) -> ApiResult<Response> {
        let begun = self.answer.begin(app, authenticated, &self.client, status);
        begun.await
    }
}

impl SignInAnswer {
    /// Begins the session of a sign-in whose second factor was right, or was enrolled with it.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub(super) async fn finish(
        mut self,
        app: &App,
        finished: SecondFactorSignIn,
    ) -> ApiResult<Response> {
        self.recovery_codes = finished.recovery_codes;
        let begun = self.begin(
            app,
            finished.authenticated,
            &finished.client,
            StatusCode::OK,
        );
        begun.await
    }

    /// Begins a session of `client` and answers with its tokens.
    ///
    /// # Errors
    ///
    /// `invalid_credentials` when every session of the account was ended meanwhile.
    pub(super) async fn begin(
        self,
        app: &App,
        authenticated: Authenticated,
        client: &Client,
        status: StatusCode,
    ) -> ApiResult<Response> {
        let new = NewSession {
            client,
            replaced: self.replaced.as_ref(),
            origin: &self.origin,
        };
        let account_id = authenticated.account().id;
        let tokens = app.flows.begin_session(authenticated, new).await?;
        let device = app.flows.device_token(account_id, &self.origin);
        let begun = BegunSession {
            tokens,
            device,
            recovery_codes: self.recovery_codes,
        };
        let response = token_response::render_begun(begun, status, self.delivery, app);
        Ok(match (self.delivery, self.replaced) {
            (Delivery::Body, Some(_)) => clearing_cookie(&app.settings, response),
            _ => response,
        })
    }
}

async fn sign_in_client(app: &App, id: &ClientId) -> ApiResult<Arc<Client>> {
    let found = app.flows.find_sign_in_client(id).await?;
    found.ok_or_else(|| {
        ApiError::validation(vec![FieldError {
            field: "client_id",
            code: "unknown_client",
            message: "is not a client that people sign in with".into(),
        }])
    })
}

impl FromRequestParts<App> for SignInRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self {
            origin: RequestOrigin::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
        })
    }
}

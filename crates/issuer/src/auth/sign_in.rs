//! What follows a password that was right: a session begins.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::names::ClientId;
use signet_core::secret::SecretText;
use signet_core::session::{
    Grant, MAX_SESSIONS_PER_ACCOUNT, RefreshToken, Session, SessionHandle, denied_until,
};
use signet_flows::clients::find_client;
use signet_flows::end::end_session;
use signet_flows::random::system_rng;
use signet_store::Begun;
use signet_verifier::Timestamp;

use super::delivery::{Delivery, cookie};
use super::fields::SignInChoice;
use super::token_response::SignedIn;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code, FieldError};
use crate::extract::ClientAddress;

/// Where a sign-in comes from: taken from the request before its body is read.
#[derive(Debug)]
pub(crate) struct Visitor {
    headers: HeaderMap,
    address: ClientAddress,
}

/// How a sign-in will be answered, settled before any work is done for it.
#[derive(Debug)]
pub(super) struct Reception {
    visitor: Visitor,
    client: Client,
    delivery: Delivery,
    /// The refresh token that the browser already holds; its session ends with this sign-in.
    replaced: Option<SecretText>,
}

impl Visitor {
    /// Checks that the visitor may have the tokens the way it has chosen, from the client it names.
    pub(super) async fn receive(self, app: &App, choice: SignInChoice) -> ApiResult<Reception> {
        let delivery = Delivery::choose(choice.delivery, &self.headers, &app.settings)?;
        let replaced = match delivery {
            Delivery::Cookie(origin) => cookie(&app.settings).read(&self.headers, origin)?,
            Delivery::Body => None,
        };
        Ok(Reception {
            visitor: self,
            client: first_party(app, &choice.client_id).await?,
            delivery,
            replaced,
        })
    }
}

impl Reception {
    /// Begins a session for `account`, whose standing was read before its password was checked,
    /// and answers with its tokens.
    ///
    /// # Errors
    ///
    /// `invalid_credentials` when everything of the account was ended meanwhile.
    pub(super) async fn sign_in(
        self,
        app: &App,
        account: Account,
        status: StatusCode,
    ) -> ApiResult<Response> {
        let now = app.flows.clock.now();
        let handle = SessionHandle::random(&mut system_rng());
        let session = self.new_session(app, &account, &handle, now);
        let begun = app
            .flows
            .stores
            .begin_session(&session, MAX_SESSIONS_PER_ACCOUNT, denied_until(now))
            .await?;
        if begun == Begun::AccountChanged {
            return Err(Code::InvalidCredentials.into());
        }
        self.end_replaced(app).await?;
        tracing::info!(
            event.name = "session.begun", account.id = %account.id, session.id = %session.id,
            "somebody signed in"
        );
        SignedIn {
            session,
            handle,
            account,
            now,
            ttl: self.client.access_token_ttl(app.settings.access_token_ttl),
        }
        .respond(app, status, self.delivery)
    }

    fn new_session(
        &self,
        app: &App,
        account: &Account,
        handle: &SessionHandle,
        now: Timestamp,
    ) -> Session {
        let grant = Grant {
            client_id: self.client.id.clone(),
            scope: self.client.permissions.scopes.clone(),
            audience: self.client.permissions.audiences.clone(),
            amr: vec!["pwd".to_owned()],
            epoch: account.standing.epoch,
            cnf: None,
        };
        let user_agent = self.visitor.headers.get(USER_AGENT);
        let user_agent = user_agent
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Session::begin(
            handle.session_id(),
            account.id,
            grant,
            now,
            &app.settings.session,
        )
        .seen_from(user_agent, self.visitor.address.0)
    }

    /// A browser has one session here: the one whose cookie is about to be replaced is over.
    async fn end_replaced(&self, app: &App) -> ApiResult<()> {
        let Some(text) = &self.replaced else {
            return Ok(());
        };
        let Ok(token) = RefreshToken::read(text.expose(), &app.flows.keys().mac) else {
            return Ok(());
        };
        end_session(&app.flows, token.account_id, token.handle.session_id()).await?;
        Ok(())
    }
}

/// Only public first-party clients sign people in.
async fn first_party(app: &App, id: &ClientId) -> ApiResult<Client> {
    let found = find_client(&app.flows, id).await?;
    found.filter(Client::is_public).ok_or_else(|| {
        ApiError::validation(vec![FieldError {
            field: "client_id",
            code: "unknown_client",
            message: "is not a client that people sign in with".into(),
        }])
    })
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        Ok(Self {
            headers: parts.headers.clone(),
            address,
        })
    }
}

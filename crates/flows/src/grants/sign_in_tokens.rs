//! The first tokens of a session that a client gets after a person has signed in for it, by redirect
//! or for a device.

use signet_core::authorization::{CodeProblem, SignInGrant};
use signet_core::client::{InvalidScope, InvalidTarget};
use signet_core::ids::SessionId;
use signet_core::one_time_token::InvalidOneTimeToken;
use signet_core::secret::SecretText;
use signet_core::session::{Session, SessionHandle};
use signet_store::StoreError;
use signet_verifier::Timestamp;

use super::TokenRequest;
use crate::authenticate_client::AuthenticatedClient;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::id_tokens::IdTokenParts;
use crate::issue::IssueError;
use crate::origin::{Caller, RequestOrigin};
use crate::session_tokens::{Extent, ExtentProblem, Refreshed, SessionTokens};

/// The first tokens of a session.
#[derive(Debug)]
pub struct CodeTokens {
    /// The access token, and the refresh token.
    pub tokens: SessionTokens,
    /// Whether the client gets the refresh token.
    pub refresh: bool,
    /// With the scope `openid`: what the client learns about the sign-in.
    pub id_token: Option<SecretText>,
}

/// Why a code is not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// It is unknown, used or expired.
    #[error("the code is invalid, used or expired")]
    Code(#[from] InvalidOneTimeToken),
    /// The request is not from where the code was sent.
    #[error(transparent)]
    Problem(#[from] CodeProblem),
    /// The person has signed out, or the account has changed.
    #[error("the sign-in that the code came from has ended")]
    SignInEnded,
    /// The client admits people with other roles only.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// The client may no longer call any service that the person allowed it.
    #[error("the client may no longer call any of the services that it asked for")]
    NoAudience,
    /// A scope is named that the person has not allowed.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A service is named that the person has not allowed.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// No token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ExtentProblem> for RedeemError {
    fn from(problem: ExtentProblem) -> Self {
        match problem {
            ExtentProblem::NoAudienceLeft(_) => Self::NoAudience,
            ExtentProblem::Scope(error) => error.into(),
            ExtentProblem::Target(error) => error.into(),
        }
    }
}

/// A session to begin.
pub(super) struct SignInTokens<'a> {
    /// What the client gets.
    pub(super) grant: &'a SignInGrant,
    /// What its first access token is for.
    pub(super) request: TokenRequest<'a>,
    /// The secret of the session.
    pub(super) handle: SessionHandle,
    /// The browser sign-in with which the session ends.
    pub(super) browser: Option<SessionId>,
}

impl Flows {
    /// Begins a session and makes its first tokens, unless the person has since signed out or
    /// withdrawn the consent. `last` is done when nothing else can fail; its result comes with the
    /// tokens.
    pub(super) async fn tokens_of_sign_in<T: Send>(
        &self,
        client: &AuthenticatedClient,
        begins: SignInTokens<'_>,
        origin: &RequestOrigin,
        last: impl Future<Output = Result<T, RedeemError>> + Send,
    ) -> Result<(CodeTokens, T), RedeemError> {
        let (grant, now) = (begins.grant, self.clock.now());
        let found = self.stores.accounts.account(grant.account_id()).await?;
        let account = found.ok_or(RedeemError::SignInEnded)?;
        if !grant.is_for(client) {
            return Err(RedeemError::SignInEnded);
        }
        if !client.sign_in.admit(&account.roles) {
            return Err(RedeemError::RoleRequired);
        }
        let mut session = self.session_of_sign_in(client, &begins, now, origin);
        let asked = (begins.request.scope, begins.request.targets);
        let extent = Extent::narrowed(&session.grant, client, asked)?;
        let assigned = self.assign_status(&mut session, &account, client, now);
        let assigned = assigned.await?;
        self.make_room(&session, Caller::client(&client.id, origin))
            .await?;
        if !self.store_session(&session).await? {
            return Err(RedeemError::SignInEnded);
        }
        let key = (session.account_id, session.id);
        let refreshed = Refreshed {
            session,
            handle: begins.handle,
            account,
            now,
        };
        let made = async {
            self.confirm_status(assigned, &refreshed.session, client, now)
                .await?;
            let tokens = self
                .first_tokens(client, grant, (refreshed, extent))
                .await?;
            Ok((tokens, last.await?))
        };
        match made.await {
            Ok(made) => {
                let caller = Caller::client(&client.id, origin);
                events::emit(Event::SessionBegun(key.0, key.1), caller);
                Ok(made)
            }
            Err(error) => {
                // No token of it was sent.
                self.end_silently(key.0, key.1).await?;
                Err(error)
            }
        }
    }

    /// Ends the sessions that a new one displaces.
    async fn make_room(&self, new: &Session, caller: Caller<'_>) -> Result<(), StoreError> {
        let (account_id, now) = (new.account_id, new.lifetime.created_at);
        let living = self.stores.sessions.list(account_id, now).await?;
        for displaced in new.displaces(living) {
            self.end_with_children(&displaced, SessionEnd::Replaced, caller)
                .await?;
        }
        Ok(())
    }

    async fn first_tokens(
        &self,
        client: &AuthenticatedClient,
        grant: &SignInGrant,
        (refreshed, extent): (Refreshed, Extent),
    ) -> Result<CodeTokens, RedeemError> {
        let account_id = refreshed.account.id;
        let goes_on = self.browser_goes_on(account_id, grant.browser()).await?
            && self.consent_goes_on(&refreshed.session, client).await?;
        if !goes_on {
            return Err(RedeemError::SignInEnded);
        }
        let tokens = self.session_tokens(refreshed, client.recipient(), extent);
        let tokens = tokens.await?;
        let parts = IdTokenParts {
            scope: &tokens.session.grant.scope,
            auth_time: Some(tokens.session.lifetime.authenticated_at),
            nonce: grant.nonce.as_deref(),
        };
        Ok(CodeTokens {
            id_token: self.id_token(client, &tokens, parts)?,
            refresh: grant.gets_refresh_token(client),
            tokens,
        })
    }

    fn session_of_sign_in(
        &self,
        client: &AuthenticatedClient,
        begins: &SignInTokens<'_>,
        now: Timestamp,
        origin: &RequestOrigin,
    ) -> Session {
        let (grant, granted) = (begins.grant, begins.grant.of_session(client));
        let (id, account_id) = (begins.handle.session_id(), grant.account_id());
        let (begins_at, policy) = (client.issues_at(now), &self.settings.session);
        let mut session = Session::begin(id, account_id, granted, begins_at, policy);
        session.lifetime.authenticated_at = grant.authenticated_at;
        session.browser = begins.browser;
        let at_browser = begins.browser.and(grant.seen_from.clone());
        session.seen_from(at_browser.unwrap_or_else(|| origin.seen_from()))
    }
}

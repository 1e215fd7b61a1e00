//! Beginning a session for a person who has proved who they are.

use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::secret::SecretText;
use signet_core::session::{
    Grant, MAX_SESSIONS_PER_ACCOUNT, RefreshToken, Session, SessionHandle, denied_until,
};
use signet_store::{Begun, StoreError};
use signet_verifier::Timestamp;

use crate::authenticate::Authenticated;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::issue::{GrantKind, IssueError, Recipient};
use crate::origin::{Caller, RequestOrigin};
use crate::random::system_rng;
use crate::session_tokens::{Extent, NoAudienceLeft, Refreshed, SessionTokens};

/// Which session begins.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// The client that it is bound to.
    pub client: &'a Client,
    /// The refresh token that the browser already holds; its session ends.
    pub replaced: Option<&'a SecretText>,
    /// Where the person signs in from.
    pub origin: &'a RequestOrigin,
}

/// Why no session began.
#[derive(Debug, thiserror::Error)]
pub enum BeginSessionError {
    /// The account was changed, disabled or deleted after its owner was authenticated.
    #[error("the account has changed since its owner was authenticated")]
    AccountChanged,
    /// The client admits people with other roles only.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// The client may call no service.
    #[error("the client may call no service")]
    NoAudience,
    /// Another request has finished the sign-in.
    #[error("the sign-in can no longer be finished")]
    SignInOver,
    /// No access token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Begins a session, ends the one that it replaces, and makes the first tokens.
    ///
    /// # Errors
    ///
    /// [`BeginSessionError`]
    pub async fn begin_session(
        &self,
        authenticated: Authenticated,
        new: NewSession<'_>,
    ) -> Result<SessionTokens, BeginSessionError> {
        let now = self.clock.now();
        let account = self.account_signing_in(&authenticated, new.client).await?;
        let handle = SessionHandle::random(&mut system_rng());
        let mut session = self.new_session(&authenticated, &new, &handle, now);
        let extent = Extent::of(&session.grant, new.client);
        let extent = extent.map_err(|NoAudienceLeft| BeginSessionError::NoAudience)?;
        let assigned = self.assign_status(&mut session, &account, new.client, now);
        let assigned = assigned.await?;
        let (_, second_step) = authenticated.into_parts();
        if !self.store_session(&session).await? {
            return Err(BeginSessionError::AccountChanged);
        }
        self.confirm_status(assigned, &session, new.client, now)
            .await?;
        let caller = Caller::account(account.id, new.origin);
        self.note_device(&account, new.origin).await;
        self.end_replaced(new.replaced, caller).await?;
        let (account_id, id) = (account.id, session.id);
        let refreshed = Refreshed {
            session,
            handle,
            account,
            now,
        };
        let recipient = Recipient::public(new.client);
        let made = async {
            let tokens = self.session_tokens(refreshed, recipient, extent).await?;
            if self.finish_second_step(second_step.as_ref()).await? {
                Ok(tokens)
            } else {
                Err(BeginSessionError::SignInOver)
            }
        };
        match made.await {
            Ok(tokens) => {
                self.note_first_tokens(&tokens.account).await;
                GrantKind::SignIn.count();
                let caller = caller.in_session_of(&new.client.id);
                events::emit(Event::SessionBegun(account_id, id), caller);
                Ok(tokens)
            }
            Err(error) => {
                // No token of it was sent.
                self.end_silently(account_id, id).await?;
                Err(error)
            }
        }
    }

    /// The account as it is now, if the client admits it. Checking the proof took a while, and a
    /// role that was removed meanwhile must not come into a token: see
    /// `signet_core::account::issue_from`.
    async fn account_signing_in(
        &self,
        authenticated: &Authenticated,
        client: &Client,
    ) -> Result<Account, BeginSessionError> {
        let found = self.stores.accounts.account(authenticated.account().id);
        let account = found.await?.ok_or(BeginSessionError::AccountChanged)?;
        if !client.sign_in.admit(&account.roles) {
            return Err(BeginSessionError::RoleRequired);
        }
        Ok(account)
    }

    /// Stores a session that begins now. Returns `false` if the account has changed since the
    /// session's epoch was read: then there is no session.
    pub(crate) async fn store_session(&self, session: &Session) -> Result<bool, StoreError> {
        let denied_until = denied_until(session.lifetime.created_at);
        let begun = self
            .stores
            .begin_session(session, MAX_SESSIONS_PER_ACCOUNT, denied_until);
        Ok(begun.await? == Begun::Done)
    }

    fn new_session(
        &self,
        authenticated: &Authenticated,
        new: &NewSession<'_>,
        handle: &SessionHandle,
        now: Timestamp,
    ) -> Session {
        let account = authenticated.account();
        let mut grant = Grant {
            client_id: new.client.id.clone(),
            scope: new.client.permissions.scopes.clone(),
            audience: new.client.permissions.audiences.clone(),
            amr: authenticated.amr().map(str::to_owned).collect(),
            epoch: account.standing.epoch,
            cnf: None,
        };
        if self.binds_browsers() {
            grant.require_binding();
        }
        let id = handle.session_id();
        let (begins_at, policy) = (new.client.issues_at(now), &self.settings.session);
        let mut session = Session::begin(id, account.id, grant, begins_at, policy);
        session.lifetime.authenticated_at = authenticated.at();
        session.seen_from(new.origin.seen_from())
    }

    /// A browser has one session here: the one whose cookie is about to be replaced is over.
    async fn end_replaced(
        &self,
        replaced: Option<&SecretText>,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let Some(text) = replaced else {
            return Ok(());
        };
        let Ok(token) = RefreshToken::read(text.expose(), &self.keys().mac) else {
            return Ok(());
        };
        let session = (token.account_id, token.handle.session_id());
        self.end_session(session, SessionEnd::Replaced, caller)
            .await
    }
}

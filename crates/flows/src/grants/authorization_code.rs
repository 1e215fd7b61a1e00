//! Redeeming a code: a client gets the first tokens of a session (RFC 6749 section 4.1.3).
//!
//! The session id is derived from the code, so a second use of a code ends the session that the
//! first use made, at any replica.

use signet_core::account::Account;
use signet_core::authorization::{CodeGrant, CodeProblem, is_openid};
use signet_core::id_token::{self, IdTokenClaims};
use signet_core::ids::AccountId;
use signet_core::one_time_token::{InvalidOneTimeToken, OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_core::session::{Grant, MAX_SESSIONS_PER_ACCOUNT, Session, SessionHandle, denied_until};
use signet_store::{Begun, StoreError};
use signet_verifier::Timestamp;

use crate::authenticate_client::AuthenticatedClient;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::issue::IssueError;
use crate::origin::{Caller, RequestOrigin};
use crate::session_tokens::{Extent, Refreshed, SessionTokens};

/// A code and the proof that the request for it came from the same client.
#[derive(Clone, Copy, Debug)]
pub struct ShownCode<'a> {
    /// The code.
    pub code: &'a str,
    /// The redirect URI of the request.
    pub redirect_uri: &'a str,
    /// The secret of the code challenge.
    pub verifier: &'a str,
}

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
    /// No token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Exchanges a code for the first tokens of a session.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]
    pub async fn redeem_code(
        &self,
        client: &AuthenticatedClient,
        shown: ShownCode<'_>,
        origin: &RequestOrigin,
    ) -> Result<CodeTokens, RedeemError> {
        let code = OneTimeToken::read(OneTimePurpose::AuthorizationCode, shown.code)?;
        let caller = Caller::client(&client.id, origin);
        let now = self.clock.now();
        let challenges = &self.stores.challenges;
        let taken = challenges.take(code.purpose(), code.digest(), now).await?;
        let Some(taken) = taken else {
            self.end_session_of_code(&code, caller).await?;
            return Err(InvalidOneTimeToken.into());
        };
        let grant: CodeGrant = serde_json::from_slice(taken.as_bytes())
            .map_err(|_| RedeemError::Code(InvalidOneTimeToken))?;
        grant.check(client, shown.redirect_uri, shown.verifier)?;
        let found = self.stores.accounts.by_id(grant.account_id()).await?;
        let account = found.ok_or(RedeemError::SignInEnded)?.account;
        if !client.sign_in.admit(&account.roles) {
            return Err(RedeemError::SignInEnded);
        }
        let handle = SessionHandle::of_code(&code);
        let session = self.session_of_code(&grant, &handle, now, origin);
        let denied_until = denied_until(now);
        let begun = self
            .stores
            .begin_session(&session, MAX_SESSIONS_PER_ACCOUNT, denied_until)
            .await?;
        if begun == Begun::AccountChanged {
            return Err(RedeemError::SignInEnded);
        }
        let key = (session.account_id, session.id);
        let made = self.code_tokens(client, grant, (session, handle, account), &code);
        match made.await {
            Ok(tokens) => {
                events::emit(Event::SessionBegun(key.0, key.1), caller);
                Ok(tokens)
            }
            Err(error) => {
                // No token of it was sent.
                self.end_silently(key.0, key.1).await?;
                Err(error)
            }
        }
    }

    /// Makes the tokens of a session that was stored, unless the code was shown again or the person
    /// signed out meanwhile.
    async fn code_tokens(
        &self,
        client: &AuthenticatedClient,
        grant: CodeGrant,
        (session, handle, account): (Session, SessionHandle, Account),
        code: &OneTimeToken,
    ) -> Result<CodeTokens, RedeemError> {
        let is_first = matches!(self.count_use(code).await?, Some((1, _)));
        if !is_first {
            return Err(InvalidOneTimeToken.into());
        }
        if !self.browser_goes_on(account.id, grant.browser()).await? {
            return Err(RedeemError::SignInEnded);
        }
        let now = session.lifetime.created_at;
        let extent = Extent::of(&session, client);
        let refreshed = Refreshed {
            session,
            handle,
            account,
            now,
        };
        let tokens = self.session_tokens(refreshed, client.recipient(), extent);
        let tokens = tokens.await?;
        Ok(CodeTokens {
            id_token: self.id_token(client, &grant, &tokens)?,
            refresh: grant.refresh,
            tokens,
        })
    }

    fn id_token(
        &self,
        client: &AuthenticatedClient,
        grant: &CodeGrant,
        tokens: &SessionTokens,
    ) -> Result<Option<SecretText>, IssueError> {
        if !is_openid(&grant.scope) {
            return Ok(None);
        }
        let claims = IdTokenClaims {
            issuer: &self.settings.issuer,
            session: &tokens.session,
            account: &tokens.account,
            nonce: grant.nonce.as_deref(),
            access_token: tokens.access.text.expose(),
        };
        let now = tokens.session.lifetime.created_at;
        let ttl = client.access_token_ttl(self.settings.access_token_ttl);
        let keys = self.keys();
        let signed = id_token::issue(claims, now, ttl, keys.signing.active_at(now));
        Ok(Some(signed?))
    }

    fn session_of_code(
        &self,
        grant: &CodeGrant,
        handle: &SessionHandle,
        now: Timestamp,
        origin: &RequestOrigin,
    ) -> Session {
        let granted = Grant {
            client_id: grant.client_id.clone(),
            scope: grant.scope.clone(),
            audience: grant.audience.clone(),
            amr: grant.amr.clone(),
            epoch: grant.epoch(),
            cnf: None,
        };
        let (id, account_id) = (handle.session_id(), grant.account_id());
        let policy = &self.settings.session;
        let mut session = Session::begin(id, account_id, granted, now, policy);
        session.lifetime.authenticated_at = grant.authenticated_at;
        session.browser = Some(grant.browser());
        session.seen_from(origin.seen_from())
    }

    /// A code that is not there any more: if it was used, the session of that use ends, because one
    /// of the two has stolen the code (RFC 6749 section 4.1.2).
    async fn end_session_of_code(
        &self,
        code: &OneTimeToken,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let Some((_, account_id)) = self.count_use(code).await? else {
            return Ok(());
        };
        let session = (account_id, SessionHandle::of_code(code).session_id());
        self.end_session(session, SessionEnd::CodeReused, caller)
            .await
    }

    /// Counts one more use of a code that was issued within ten minutes. Of two uses, each sees
    /// the other or is seen by it.
    async fn count_use(&self, code: &OneTimeToken) -> Result<Option<(u64, AccountId)>, StoreError> {
        let purpose = OneTimePurpose::AuthorizationCodeUses;
        let challenges = &self.stores.challenges;
        let counted = challenges.attempt(purpose, code.digest(), self.clock.now());
        let Some(counted) = counted.await? else {
            return Ok(None);
        };
        let owner = <[u8; 16]>::try_from(counted.payload.as_bytes());
        Ok(owner
            .ok()
            .map(|owner| (counted.number, AccountId::from_bytes(owner))))
    }
}

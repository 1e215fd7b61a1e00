//! Ending one session, and finishing what a change of an account has ended.
//!
//! A change that ends everything is one durable write, a higher epoch: no session from before it
//! can be refreshed, except the one that the change keeps. The records and the access tokens that
//! are still valid are ended after it: immediately, or by [`Flows::finish_pending_endings`] within
//! a second after the crash or the outage that came between.

use signet_core::ids::{AccountId, SessionId};
use signet_core::secret::SecretText;
use signet_core::session::{RefreshToken, denied_until};
use signet_store::{PendingEnding, StoreError};

use crate::bearer::BearerError;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Signs out: ends the session of a refresh token, however old the token is. A token that is
    /// not ours ends nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the session may or may not have ended.
    pub async fn sign_out_by_refresh_token(
        &self,
        text: &SecretText,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let Ok(token) = RefreshToken::read(text.expose(), &self.keys().mac) else {
            return Ok(());
        };
        let session = (token.account_id, token.handle.session_id());
        let caller = Caller::account(token.account_id, origin);
        self.end_session(session, SessionEnd::SignedOut, caller)
            .await
    }

    /// Signs out: ends the session of an access token, also of one that has expired. Any other token
    /// that is not valid ends nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the session may or may not have ended.
    pub async fn sign_out_by_access_token(
        &self,
        token: &str,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let bearer = match self.authenticate_sign_out(token).await {
            Ok(bearer) => bearer,
            Err(BearerError::Store(error)) => return Err(error),
            Err(_) => return Ok(()),
        };
        let session = (bearer.account_id(), bearer.session_id());
        let caller = Caller::account(bearer.account_id(), origin);
        self.end_session(session, SessionEnd::SignedOut, caller)
            .await
    }

    /// Ends one session, denies its access tokens, and says so if it had not ended before.
    pub(crate) async fn end_session(
        &self,
        (account_id, id): (AccountId, SessionId),
        end: SessionEnd,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        if self.end_silently(account_id, id).await? {
            events::emit(Event::SessionEnded(account_id, id, end), caller);
        }
        Ok(())
    }

    /// Ends one session and denies its access tokens; `false` when it had ended before.
    pub(crate) async fn end_silently(
        &self,
        account_id: AccountId,
        id: SessionId,
    ) -> Result<bool, StoreError> {
        let denied_until = denied_until(self.clock.now());
        let sessions = &self.stores.sessions;
        sessions.end(account_id, id, denied_until).await
    }

    /// Ends a session if the account has it; `false` when it has no such session.
    pub(crate) async fn end_living_session(
        &self,
        (account_id, id): (AccountId, SessionId),
        caller: Caller<'_>,
    ) -> Result<bool, StoreError> {
        let (sessions, now) = (&self.stores.sessions, self.clock.now());
        let Some(session) = sessions.find(account_id, id, now).await? else {
            return Ok(false);
        };
        self.end_with_children(&session, SessionEnd::ByOwner, caller)
            .await?;
        Ok(true)
    }

    /// Ends the sessions that a change has ended, or leaves that to
    /// [`finish_pending_endings`](Self::finish_pending_endings).
    ///
    /// The change has been made and the pending ending is noted, so the caller is told that it is
    /// done even if the session store cannot be reached. A caller that tried again would learn
    /// that the password is wrong, or that the session has ended.
    pub(crate) async fn finish_or_leave(&self, ending: PendingEnding) {
        if let Err(error) = self.finish(ending).await {
            tracing::warn!(
                %error, account.id = %ending.account_id,
                "sessions have ended whose access tokens cannot be denied yet"
            );
        }
    }

    async fn finish(&self, ending: PendingEnding) -> Result<(), StoreError> {
        self.queue_logouts(ending).await?;
        let denied_until = denied_until(self.clock.now());
        self.stores.finish_ending(ending, denied_until).await?;
        Ok(())
    }

    /// Finishes endings that a crash or an outage has left pending; called periodically.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the next call finds the rest again.
    pub(crate) async fn finish_pending_endings(&self) -> Result<(), StoreError> {
        loop {
            let accounts = &self.stores.accounts;
            let pending = accounts.pending_endings(ENDINGS_AT_ONCE).await?;
            for ending in &pending {
                self.finish(*ending).await?;
            }
            if pending.is_empty() {
                return Ok(());
            }
        }
    }
}

/// How many endings are read at once; each may be a hundred sessions.
const ENDINGS_AT_ONCE: u32 = 100;

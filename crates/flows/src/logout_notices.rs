//! Telling clients that a session of theirs has ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! A notice waits in the outbox until the client has accepted it, for a day at most. This module must
//! not know how a request travels.

use std::time::Duration;

use signet_core::id_token::issue_logout;
use signet_core::ids::TokenId;
use signet_core::session::Session;
use signet_store::{PendingEnding, StoreError};

use crate::flows::Flows;
use crate::logout_sender::{LogoutError, LogoutNotice};
use crate::random::system_rng;

impl Flows {
    /// Stores a notice that a session ends, if its client wants one. It is stored before the session
    /// ends, so a crash in between loses no notice.
    pub(crate) async fn queue_logout(&self, session: &Session) -> Result<(), StoreError> {
        let found = self.find_readable_client(&session.grant.client_id).await?;
        let client = found.filter(|client| {
            let rules = &client.sign_in.by_redirect;
            rules.backchannel_logout_uri.is_some() && session.is_of(client)
        });
        let Some(client) = client else {
            return Ok(());
        };
        match self.sealed_notice(LogoutNotice::of(session, &client), NOTICE_LIFETIME) {
            Some(notice) => self.stores.outbox.put(&notice).await.map(drop),
            None => Ok(()),
        }
    }

    /// Stores notices of the sessions that a change of an account ends.
    pub(crate) async fn queue_logouts(&self, ending: PendingEnding) -> Result<(), StoreError> {
        let now = self.clock.now();
        let sessions = self.stores.sessions.list(ending.account_id, now).await?;
        let is_over = |session: &&Session| ending.ends(session.id, session.grant.epoch);
        for session in sessions.iter().filter(is_over) {
            self.queue_logout(session).await?;
        }
        Ok(())
    }

    /// Sends a notice with a token of its own. A client that is gone or wants none is done.
    pub(crate) async fn send_logout(
        &self,
        notice: &LogoutNotice,
    ) -> Result<Result<(), LogoutError>, StoreError> {
        let Some(ended) = notice.read() else {
            return Ok(Ok(()));
        };
        let client = self.find_readable_client(&ended.client_id).await?;
        let client = client.filter(|client| notice.is_for(client));
        let uri =
            client.and_then(|client| client.sign_in.by_redirect.backchannel_logout_uri.clone());
        let Some(uri) = uri else {
            return Ok(Ok(()));
        };
        let now = self.clock.now();
        let keys = self.keys();
        let id = TokenId::random(&mut system_rng());
        let key = keys.signing.active_at(now);
        match issue_logout(&self.settings.issuer, &ended, (id, now), key) {
            Ok(token) => Ok(self.settings.logout_sender.send(uri.as_str(), &token).await),
            Err(error) => {
                tracing::error!(%error, "a logout token could not be signed");
                Ok(Err(LogoutError::Unreachable))
            }
        }
    }
}

/// A client that was down for a day has lost its own sessions too.
const NOTICE_LIFETIME: Duration = Duration::from_hours(24);

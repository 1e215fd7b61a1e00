//! Revoking: a client gives back a token that was issued to it, RFC 7009.

use signet_core::session::{RefreshToken, denied_until};
use signet_store::{Denied, StoreError};

use crate::authenticate_client::AuthenticatedClient;
use crate::events::SessionEnd;
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::own_token::OwnToken;

/// Why a token was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The token was issued to another client.
    #[error("the token was issued to another client")]
    NotIssuedToClient,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Revokes a token of either kind. A token that is not valid is not an error.
    ///
    /// # Errors
    ///
    /// [`RevokeError`]
    pub async fn revoke(
        &self,
        client: &AuthenticatedClient,
        token: &str,
        origin: &RequestOrigin,
    ) -> Result<(), RevokeError> {
        let caller = Caller::client(&client.id, origin);
        let refresh_token = RefreshToken::read(token, &self.keys().mac);
        match (refresh_token, OwnToken::verify(self, token)) {
            (Ok(token), _) => self.revoke_session(client, &token, caller).await,
            (Err(_), Ok(token)) => self.revoke_access_token(client, &token, caller).await,
            (Err(_), Err(_)) => Ok(()),
        }
    }

    /// Ends the session of a refresh token, however old the token is.
    async fn revoke_session(
        &self,
        client: &AuthenticatedClient,
        token: &RefreshToken,
        caller: Caller<'_>,
    ) -> Result<(), RevokeError> {
        let now = self.clock.now();
        let (account_id, id) = (token.account_id, token.handle.session_id());
        let Some(session) = self.stores.sessions.find(account_id, id, now).await? else {
            return Ok(());
        };
        if session.grant.client_id != client.id {
            return Err(RevokeError::NotIssuedToClient);
        }
        let session = (account_id, id);
        Ok(self
            .end_session(session, SessionEnd::Revoked, caller)
            .await?)
    }

    /// Ends the session that the token was issued for. Denies this token alone when it belongs to
    /// no session or was exchanged for one of another client.
    async fn revoke_access_token(
        &self,
        client: &AuthenticatedClient,
        token: &OwnToken,
        caller: Caller<'_>,
    ) -> Result<(), RevokeError> {
        if token.client_id != client.id {
            return Err(RevokeError::NotIssuedToClient);
        }
        let is_exchanged = token.claims.act.is_some();
        match (token.account_id, token.session_id) {
            (Some(account_id), Some(id)) if !is_exchanged => {
                let session = (account_id, id);
                self.end_session(session, SessionEnd::Revoked, caller)
                    .await?;
            }
            _ => {
                let denied = Denied::Token {
                    id: token.id,
                    status: self.status_in(token),
                };
                let denied_until = denied_until(self.clock.now());
                self.stores.deny_list.deny(&denied, denied_until).await?;
            }
        }
        Ok(())
    }
}

//! The newest tokens of a session, made for one answer.

use std::time::Duration;

use signet_core::access_token::{AccessToken, AccessTokenClaims, Validity};
use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::keys::signing_key::SigningError;
use signet_core::names::{Audience, Scope};
use signet_core::secret::SecretText;
use signet_core::session::{RefreshToken, Session, SessionHandle};
use signet_verifier::Timestamp;

use crate::flows::Flows;

/// The newest tokens of a session, and what they belong to.
#[derive(Debug)]
pub struct SessionTokens {
    /// The session as the store has it.
    pub session: Session,
    /// The account as it was read beside the session.
    pub account: Account,
    /// The access token.
    pub access: AccessToken,
    /// The scopes of the access token.
    pub scope: Vec<Scope>,
    /// The newest refresh token.
    pub refresh: SecretText,
    /// How long the session lasts if nobody refreshes it.
    pub refresh_expires_in: Duration,
}

/// A session whose tokens are to be made.
pub(crate) struct Refreshed {
    pub(crate) session: Session,
    /// The secret that only holders of its tokens know.
    pub(crate) handle: SessionHandle,
    pub(crate) account: Account,
    /// The time at which the session was begun or decided.
    pub(crate) now: Timestamp,
}

/// The scopes and audiences of one access token.
pub(crate) struct Extent {
    pub(crate) scope: Vec<Scope>,
    pub(crate) audience: Vec<Audience>,
}

impl Extent {
    /// What a token says for which the request names nothing.
    pub(crate) fn of(session: &Session, client: &Client) -> Self {
        Self {
            scope: client.sign_in.first_scopes(&session.grant.scope),
            audience: session.grant.audience.clone(),
        }
    }
}

impl Flows {
    /// Signs an access token of this extent for `client`, and writes the refresh token.
    pub(crate) fn session_tokens(
        &self,
        refreshed: Refreshed,
        client: &Client,
        extent: Extent,
    ) -> Result<SessionTokens, SigningError> {
        let Refreshed {
            session,
            handle,
            account,
            now,
        } = refreshed;
        let claims = AccessTokenClaims {
            scope: &extent.scope,
            audience: &extent.audience,
            ..AccessTokenClaims::of_session(&self.settings.issuer, &session, &account.roles)
        };
        let ttl = client.access_token_ttl(self.settings.access_token_ttl);
        // A token that outlived its session could no longer be denied with it.
        let validity = Validity::starting(now, ttl).ending_by(session.lifetime.expires_at());
        let access = self.sign(&claims, validity, now)?;
        let refresh = RefreshToken {
            account_id: session.account_id,
            handle,
            generation: session.rotation.generation,
        };
        let refresh = refresh.write(&self.keys().mac, session.rotation.rotated_at);
        Ok(SessionTokens {
            refresh_expires_in: session.lifetime.expires_at().saturating_since(now),
            session,
            account,
            access,
            scope: extent.scope,
            refresh,
        })
    }
}

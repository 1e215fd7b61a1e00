//! The ID token beside the tokens of a session: at the sign-in and at each refresh.

use signet_core::authorization::is_openid;
use signet_core::client::Client;
use signet_core::id_token::{self, IdTokenClaims};
use signet_core::names::Scope;
use signet_core::secret::SecretText;
use signet_verifier::Timestamp;

use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::issue::IssueError;
use crate::session_tokens::SessionTokens;

/// What the ID tokens of one session do not have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdTokenParts<'a> {
    /// There is an ID token with `openid` only. The other scopes decide which claims it has.
    pub(crate) scope: &'a [Scope],
    /// When the person signed in.
    pub(crate) auth_time: Option<Timestamp>,
    /// The nonce of the authorization request.
    pub(crate) nonce: Option<&'a str>,
}

impl Flows {
    /// Signs the ID token of a client that has refreshed its session (OpenID Connect Core 1.0
    /// section 12.2). There is none without the scope `openid`, nor if the person did not sign in
    /// by redirect.
    ///
    /// # Errors
    ///
    /// [`IssueError::Signing`] if the token cannot be signed.
    pub fn id_token_of_refresh(
        &self,
        client: &AuthenticatedClient,
        tokens: &SessionTokens,
    ) -> Result<Option<SecretText>, IssueError> {
        if tokens.session.browser.is_none() {
            return Ok(None);
        }
        let parts = IdTokenParts {
            scope: &tokens.scope,
            auth_time: tokens.session.lifetime.signed_in_at(),
            nonce: None,
        };
        self.id_token(client, tokens, parts)
    }

    /// Signs an ID token for the client of a session, if the scope asks for one.
    pub(crate) fn id_token(
        &self,
        client: &Client,
        tokens: &SessionTokens,
        parts: IdTokenParts<'_>,
    ) -> Result<Option<SecretText>, IssueError> {
        if !is_openid(parts.scope) {
            return Ok(None);
        }
        let claims = IdTokenClaims {
            issuer: &self.settings.issuer,
            session: &tokens.session,
            account: &tokens.account,
            scope: parts.scope,
            auth_time: parts.auth_time,
            nonce: parts.nonce,
            access_token: tokens.access.text.expose(),
        };
        // Not when the session begins: that may be a few seconds ahead of the clock.
        let now = self.clock.now();
        let ttl = client.access_token_ttl(self.settings.access_token_ttl);
        let keys = self.keys();
        let signed = id_token::issue(claims, now, ttl, keys.signing.active_at(now));
        Ok(Some(signed?))
    }
}

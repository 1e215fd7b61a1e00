//! Introspecting: what a token says and whether it is still active, RFC 7662.

use signet_core::access_token::CustomClaims;
use signet_store::StoreError;
use signet_verifier::Claims;

use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::own_token::OwnToken;

impl Flows {
    /// The claims of a token that is active; none for any other token, and for one that the client
    /// may not know about.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the deny list cannot be read.
    pub async fn introspect(
        &self,
        client: &AuthenticatedClient,
        token: &str,
    ) -> Result<Option<Claims<CustomClaims>>, StoreError> {
        let Ok(token) = OwnToken::verify(self, token) else {
            return Ok(None);
        };
        if !may_know(client, &token) || token.is_denied(self).await? {
            return Ok(None);
        }
        Ok(Some(token.claims))
    }
}

/// The services that a token is meant for may know about it, and the client it was issued to.
fn may_know(client: &AuthenticatedClient, token: &OwnToken) -> bool {
    let mut audiences = token.claims.aud.iter();
    token.client_id == client.id || audiences.any(|audience| client.owns(audience))
}

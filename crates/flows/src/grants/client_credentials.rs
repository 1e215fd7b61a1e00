//! A program asks for a token for itself, RFC 6749 section 4.4.

use signet_core::access_token::{AccessTokenClaims, Subject};
use signet_core::client::{narrow_audience, narrow_scope};
use signet_verifier::Timestamp;

use super::{GrantError, GrantedToken, TokenRequest};
use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::issue::{GrantKind, Period};

impl Flows {
    /// A token for the scopes and services that are asked for, or for all that the client may
    /// have.
    ///
    /// # Errors
    ///
    /// [`GrantError`]
    pub async fn client_credentials(
        &self,
        client: &AuthenticatedClient,
        request: TokenRequest<'_>,
    ) -> Result<GrantedToken, GrantError> {
        let permissions = &client.permissions;
        let scope = narrow_scope(request.scope, &permissions.scopes)?;
        let audience = narrow_audience(request.targets, &permissions.audiences)?;
        let claims = AccessTokenClaims {
            issuer: &self.settings.issuer,
            subject: Subject::Client(&client.id),
            audience: &audience,
            client_id: &client.id,
            session: None,
            scope: &scope,
            roles: &[],
            actors: &[],
            extra: &[],
            status: None,
        };
        let period = Period {
            now: self.clock.now(),
            issue_from: Timestamp::default(),
            end: None,
            status: None,
        };
        let access = self.issue(client.recipient(), &claims, period).await?;
        GrantKind::ClientCredentials.count();
        Ok(GrantedToken { access, scope })
    }
}

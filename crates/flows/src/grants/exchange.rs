//! Token exchange: a service that was called with a token gets one for the service behind it,
//! RFC 8693.

use signet_core::access_token::{AccessTokenClaims, SessionClaims, Subject, Validity};
use signet_core::client::{Exchanged, exchange};
use signet_core::names::{ClientId, Role};

use super::{GrantError, GrantedToken, TokenRequest};
use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::own_token::OwnToken;

impl Flows {
    /// A token for the subject of `subject_token` with less scope, other audiences, and the client
    /// as its actor.
    ///
    /// # Errors
    ///
    /// [`GrantError`]
    pub async fn exchange(
        &self,
        client: &AuthenticatedClient,
        subject_token: &str,
        request: TokenRequest<'_>,
    ) -> Result<GrantedToken, GrantError> {
        let subject = OwnToken::verify(self, subject_token);
        let subject = subject.map_err(|_| GrantError::BadSubject)?;
        if subject.is_denied(self).await? {
            return Err(GrantError::BadSubject);
        }
        let exchanged = exchange(client, &subject.claims, request.scope, request.targets)?;
        self.issue_exchanged(client, &subject, exchanged)
    }

    fn issue_exchanged(
        &self,
        client: &AuthenticatedClient,
        subject: &OwnToken,
        exchanged: Exchanged,
    ) -> Result<GrantedToken, GrantError> {
        let now = self.clock.now();
        let claims = &subject.claims;
        let roles: Vec<Role> = claims.roles.iter().flat_map(|role| role.parse()).collect();
        let subject_client = claims.sub.parse::<ClientId>().ok();
        let named = match (subject.account_id, &subject_client) {
            (Some(account_id), _) => Subject::Account(account_id),
            (None, Some(client_id)) => Subject::Client(client_id),
            (None, None) => return Err(GrantError::BadSubject),
        };
        let session = subject.session_id.map(|id| SessionClaims {
            id,
            authenticated_at: claims.auth_time.unwrap_or_default(),
            amr: &claims.amr,
        });
        let issued = AccessTokenClaims {
            issuer: &self.settings.issuer,
            subject: named,
            audience: &exchanged.audience,
            client_id: &client.id,
            session,
            scope: &exchanged.scope,
            roles: &roles,
            actors: &exchanged.actors,
            extra: &[],
        };
        let ttl = client.access_token_ttl(self.settings.access_token_ttl);
        let validity = Validity::starting(now, ttl).ending_by(claims.exp);
        Ok(GrantedToken {
            access: self.sign(&issued, validity, now)?,
            scope: exchanged.scope,
        })
    }
}

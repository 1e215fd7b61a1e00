//! Token exchange: a service that was called with a token gets one for the service behind it,
//! RFC 8693.

use signet_core::access_token::{AccessTokenClaims, SessionClaims, Subject};
use signet_core::account::Account;
use signet_core::client::{Exchanged, exchange};
use signet_core::names::{ClientId, Role};

use super::{GrantError, GrantedToken, TokenRequest};
use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::issue::{GrantKind, Period};
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
        let exchanged = exchange(client, &subject.claims, request.scope, request.targets)?;
        let granted = self.issue_exchanged(client, &subject, exchanged).await?;
        // After the new token has its `iat`: a later denial of the subject, its clients or its
        // account reads the clock after that `iat`, so it covers the new token too.
        if subject.is_denied(self).await? {
            return Err(GrantError::BadSubject);
        }
        GrantKind::TokenExchange.count();
        Ok(granted)
    }

    async fn issue_exchanged(
        &self,
        client: &AuthenticatedClient,
        subject: &OwnToken,
        exchanged: Exchanged,
    ) -> Result<GrantedToken, GrantError> {
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
        // Before the account is read: see `signet_core::account::issue_from`.
        let now = self.clock.now();
        let account = self.account_of_subject(subject).await?;
        let issue_from = account.as_ref().map(|account| account.issue_from);
        let account_claims = account.map(|account| account.claims).unwrap_or_default();
        let issued = AccessTokenClaims {
            issuer: &self.settings.issuer,
            subject: named,
            audience: &exchanged.audience,
            client_id: &client.id,
            session,
            scope: &exchanged.scope,
            roles: &roles,
            actors: &exchanged.actors,
            extra: &account_claims.select(&client.permissions.account_claims),
            status: None,
        };
        let period = Period {
            now,
            issue_from: claims.iat.max(issue_from.unwrap_or_default()),
            end: Some(claims.exp),
            status: None,
        };
        Ok(GrantedToken {
            access: self.issue(client.recipient(), &issued, period).await?,
            scope: exchanged.scope,
        })
    }

    /// The subject as it is now, if it is an account. It has the current custom claims; the token to
    /// exchange has only those that its own client asks for.
    async fn account_of_subject(&self, subject: &OwnToken) -> Result<Option<Account>, GrantError> {
        let Some(account_id) = subject.account_id else {
            return Ok(None);
        };
        let found = self.stores.accounts.account(account_id).await?;
        let account = found.ok_or(GrantError::BadSubject)?;
        // The token may have a role that was removed, and its denial may not be written yet.
        if subject.claims.iat < account.issue_from {
            return Err(GrantError::BadSubject);
        }
        Ok(Some(account))
    }
}

//! Issuing access tokens: the one place that signs them.

use signet_core::access_token::{self, AccessToken, AccessTokenClaims, Validity};
use signet_core::client::{Client, SecretDigest};
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::keys::signing_key::SigningError;
use signet_core::names::ClientId;
use signet_core::status_list::{StatusClaim, StatusIndex, StatusReference, list_uri};
use signet_store::{StoreError, TRACE_TARGET, TokenFacts};
use signet_verifier::Timestamp;

use crate::flows::Flows;
use crate::random::system_rng;

/// The client that gets a token, as it was when its request was admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipient<'a> {
    pub(crate) client: &'a Client,
    /// The secret that the request showed, if it showed one.
    pub(crate) secret: Option<SecretDigest>,
}

/// The time at which a token is issued, and the latest time at which it may expire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Period {
    pub(crate) now: Timestamp,
    /// The earliest `iat` that the token may have.
    pub(crate) issue_from: Timestamp,
    /// None if only the lifetime of access tokens limits it.
    pub(crate) end: Option<Timestamp>,
    /// The bit of a revocation list that the session of the token has.
    pub(crate) status: Option<StatusIndex>,
}

impl Period {
    /// Returns the `iat` of a token for a client.
    pub(crate) fn issued_at(&self, client: &Client) -> Timestamp {
        client.issues_at(self.now).max(self.issue_from)
    }
}

/// What the deny list would say of a new token: its id is on no list, so it is refused only with
/// what it belongs to.
pub(crate) fn facts_of_new_token(
    (account_id, session_id): (Option<AccountId>, Option<SessionId>),
    clients: &[ClientId],
    issued_at: Timestamp,
) -> TokenFacts<'_> {
    TokenFacts {
        account_id,
        session_id,
        clients,
        id: TokenId::random(&mut system_rng()),
        issued_at,
    }
}

/// Why no access token was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The client was disabled, deleted or given another secret after its request was admitted.
    #[error("the client has changed since its request was admitted")]
    ClientChanged,
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The way by which a client got an access token.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GrantKind {
    /// Sign-in at the server itself.
    SignIn,
    RefreshToken,
    AuthorizationCode,
    DeviceCode,
    ClientCredentials,
    TokenExchange,
}

impl GrantKind {
    /// Counts a token that its client gets.
    pub(crate) fn count(self) {
        let name = match self {
            Self::SignIn => "sign_in",
            Self::RefreshToken => "refresh_token",
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "token_exchange",
        };
        metrics::counter!("signet_tokens_issued_total", "grant" => name).increment(1);
    }
}

impl Flows {
    /// Signs an access token with the key that is active now.
    ///
    /// The client is read again after the `iat` was chosen. If it is unchanged, a later change
    /// reads the clock after that `iat`, so it denies this token too. Otherwise there is no token.
    pub(crate) async fn issue(
        &self,
        recipient: Recipient<'_>,
        claims: &AccessTokenClaims<'_>,
        period: Period,
    ) -> Result<AccessToken, IssueError> {
        let Recipient { client, secret } = recipient;
        let ttl = client.access_token_ttl(self.settings.access_token_ttl);
        let validity = Validity::starting(period.issued_at(client), ttl);
        let validity = period.end.map_or(validity, |end| validity.ending_by(end));
        let status = self.status_of_token(client, claims, period).await?;
        let validity = status.map_or(validity, |(_, end)| validity.ending_by(end));
        let uri = status.map(|(index, _)| list_uri(&self.settings.issuer, index.list));
        let claims = AccessTokenClaims {
            status: status
                .zip(uri.as_deref())
                .map(|((index, _), uri)| claim(index, uri)),
            ..*claims
        };
        let keys = self.keys();
        let id = TokenId::random(&mut system_rng());
        let key = keys.signing.active_at(period.now);
        let signing = tracing::info_span!(target: TRACE_TARGET, "sign access token");
        let token = signing.in_scope(|| access_token::issue(&claims, validity, id, key))?;
        match self.find_client(&client.id).await? {
            Some(newest) if newest.still_admits(client, secret) => Ok(token),
            _ => Err(IssueError::ClientChanged),
        }
    }
}

fn claim(index: StatusIndex, uri: &str) -> StatusClaim<'_> {
    let idx = index.index;
    StatusClaim {
        status_list: StatusReference { idx, uri },
    }
}

impl<'a> Recipient<'a> {
    /// A client that has shown no secret.
    pub(crate) fn public(client: &'a Client) -> Self {
        let secret = None;
        Self { client, secret }
    }
}

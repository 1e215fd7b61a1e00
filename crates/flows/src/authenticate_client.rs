//! How clients prove who they are: by a secret, by a signed assertion, or not at all.
//!
//! Whatever is wrong with a proof, the reason is the same: the client is not authenticated. This
//! module must not know where a request carries its proof.

use std::ops::Deref;
use std::sync::Arc;

use signet_core::client::{
    Assertion, Authentication, Client, ClientKeys, GrantType, SecretDigest, SingleUse,
};
use signet_core::limits::Limit;
use signet_core::names::ClientId;
use signet_core::secret::SecretText;
use signet_store::{Claimed, StoreError};

use crate::client_documents::DocumentError;
use crate::clients::LearnError;
use crate::flows::Flows;
use crate::issue::Recipient;
use crate::origin::RequestOrigin;
use crate::rate_limits::{Counted, TooMany};

/// A client that has proved who it is, or a public one where that is enough. Only the check makes
/// one.
#[derive(Debug)]
pub struct AuthenticatedClient {
    client: Arc<Client>,
    /// The secret that it showed, if that was its proof.
    secret: Option<SecretDigest>,
}

/// What a request shows of the client that sends it.
#[derive(Debug)]
pub struct ClientCredentials {
    /// The client that it claims to be from.
    pub client_id: ClientId,
    /// The proof.
    pub proof: ClientProof,
}

/// The proof of a client.
#[derive(Debug)]
pub enum ClientProof {
    /// None: the client says that it is public.
    Nothing,
    /// A secret.
    Secret(SecretText),
    /// An assertion that the client signed.
    Assertion(SecretText),
}

/// Which clients may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admit {
    /// Clients that prove who they are.
    Confidential,
    /// Public clients too: the token that they show is their proof.
    Public,
    /// Clients that push an authorization request: public and unregistered ones too, because they
    /// only ask a person for something.
    Pushing,
}

/// Why a client is refused.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateClientError {
    /// There is no such client, it is switched off, or its proof is not good.
    #[error("client authentication failed")]
    NotAuthenticated,
    /// The client is not registered, and its metadata document cannot be used.
    #[error("the metadata document of the client cannot be used: {}", .0.told())]
    Document(DocumentError),
    /// The client may not use this grant.
    #[error("the client may not use this grant type")]
    GrantNotAllowed,
    /// Too many proofs of this client were wrong from this network. This one was not checked.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Authenticates a client that asks for a token by `grant`. The client must be allowed to use that grant.
    ///
    /// # Errors
    ///
    /// [`AuthenticateClientError`]
    pub async fn authenticate_client_for(
        &self,
        grant: GrantType,
        shown: &ClientCredentials,
        origin: &RequestOrigin,
    ) -> Result<AuthenticatedClient, AuthenticateClientError> {
        let admit = match grant {
            GrantType::AuthorizationCode | GrantType::DeviceCode | GrantType::RefreshToken => {
                Admit::Public
            }
            GrantType::ClientCredentials | GrantType::TokenExchange => Admit::Confidential,
        };
        let client = self
            .authenticate_client_within(Limit::Token, shown, admit, origin)
            .await?;
        if client.may(grant) {
            Ok(client)
        } else {
            Err(AuthenticateClientError::GrantNotAllowed)
        }
    }

    /// Authenticates a client, and then counts the request against `limit` where all replicas count
    /// together.
    ///
    /// # Errors
    ///
    /// [`AuthenticateClientError`]
    pub async fn authenticate_client_within(
        &self,
        limit: Limit,
        shown: &ClientCredentials,
        admit: Admit,
        origin: &RequestOrigin,
    ) -> Result<AuthenticatedClient, AuthenticateClientError> {
        let client = self.authenticate_client(shown, admit, origin).await?;
        let counted = Counted::from_address(origin.address);
        self.count_genuine(limit, counted).await?;
        Ok(client)
    }

    /// Authenticates a client. Only wrong proofs count against its budget.
    ///
    /// # Errors
    ///
    /// [`AuthenticateClientError`]
    pub async fn authenticate_client(
        &self,
        shown: &ClientCredentials,
        admit: Admit,
        origin: &RequestOrigin,
    ) -> Result<AuthenticatedClient, AuthenticateClientError> {
        let counted = origin.counted_for(shown.client_id.as_str());
        self.rate_limits.check_client(counted)?;
        let authenticated = self.check_proof(shown, admit).await;
        if matches!(
            authenticated,
            Err(AuthenticateClientError::NotAuthenticated)
        ) {
            self.count_wrong_proof(counted).await;
        }
        authenticated
    }

    async fn check_proof(
        &self,
        shown: &ClientCredentials,
        admit: Admit,
    ) -> Result<AuthenticatedClient, AuthenticateClientError> {
        let client = match admit {
            Admit::Pushing => self.find_asking_client(&shown.client_id).await?,
            Admit::Confidential | Admit::Public => self.find_client(&shown.client_id).await?,
        };
        let client = client.ok_or(AuthenticateClientError::NotAuthenticated)?;
        let is_proven = match (&shown.proof, &client.authentication) {
            (ClientProof::Nothing, Authentication::Nothing) => admit != Admit::Confidential,
            (ClientProof::Secret(secret), Authentication::Secret(secrets)) => {
                secrets.accept(secret)
            }
            (ClientProof::Assertion(text), Authentication::PrivateKey(keys)) => {
                self.is_good_once(text.expose(), keys, admit).await?
            }
            _ => false,
        };
        if !is_proven {
            return Err(AuthenticateClientError::NotAuthenticated);
        }
        let secret = match &shown.proof {
            ClientProof::Secret(secret) => Some(SecretDigest::of(secret.expose())),
            ClientProof::Nothing | ClientProof::Assertion(_) => None,
        };
        Ok(AuthenticatedClient { client, secret })
    }

    /// Whether an assertion is good and has not been used, at any replica.
    async fn is_good_once(
        &self,
        text: &str,
        keys: &ClientKeys,
        admit: Admit,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let issuer = self.settings.issuer.as_str();
        let token_endpoint = format!("{issuer}/oauth/token");
        let par_endpoint = format!("{issuer}/oauth/par");
        let expected: &[&str] = match admit {
            // RFC 9126 section 2.
            Admit::Pushing => &[issuer, &token_endpoint, &par_endpoint],
            Admit::Confidential | Admit::Public => &[issuer, &token_endpoint],
        };
        let checked =
            Assertion::read(text).and_then(|assertion| assertion.check(keys, expected, now));
        let Ok(SingleUse { value, until }) = checked else {
            return Ok(false);
        };
        let used = &self.stores.one_time_values;
        Ok(used.claim(&value, until, now).await? == Claimed::First)
    }
}

impl From<LearnError> for AuthenticateClientError {
    fn from(error: LearnError) -> Self {
        match error {
            LearnError::Document(error) => Self::Document(error),
            LearnError::Store(error) => Self::Store(error),
        }
    }
}

impl AuthenticatedClient {
    /// The client, shared.
    pub(crate) fn share(&self) -> Arc<Client> {
        Arc::clone(&self.client)
    }

    /// The client as one that gets a token.
    pub(crate) fn recipient(&self) -> Recipient<'_> {
        Recipient {
            client: &self.client,
            secret: self.secret,
        }
    }
}

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

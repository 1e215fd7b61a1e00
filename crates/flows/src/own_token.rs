//! An access token that this issuer signed, for whatever audience.
//!
//! A service requires its own audience. The issuer answers questions about the tokens of every
//! service, so it accepts any audience; it checks everything else as a service does. This module
//! must not know what a token opens.

use signet_core::access_token::CustomClaims;
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::ClientId;
use signet_store::{StoreError, TokenFacts};
use signet_verifier::{Claims, Error, Policy};

use crate::flows::Flows;

pub use crate::keys::LEEWAY;

/// A token that we have issued and that has not expired. It may have been denied since.
#[derive(Clone, Debug)]
pub struct OwnToken {
    /// What it says.
    pub claims: Claims<CustomClaims>,
    /// The client that it was issued to.
    pub client_id: ClientId,
    /// Its `jti`.
    pub id: TokenId,
    /// Every client that it names: the one it was issued to, its `sub` if that is a client, and
    /// those that act for the subject. Disabling one of them denies the token.
    pub clients: Vec<ClientId>,
    /// Its `sub`, when that is an account.
    pub account_id: Option<AccountId>,
    /// Its `sid`, when it belongs to a session.
    pub session_id: Option<SessionId>,
}

impl OwnToken {
    /// Verifies a token, for whatever audience.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify(flows: &Flows, token: &str) -> Result<Self, Error> {
        Self::read(flows.keys.verify(token, flows.clock.now())?)
    }

    /// Verifies a token by a policy of its own.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify_by(flows: &Flows, token: &str, policy: &Policy) -> Result<Self, Error> {
        let now = flows.clock.now();
        Self::read(flows.keys.verify_by(token, policy, now)?)
    }

    fn read(claims: Claims<CustomClaims>) -> Result<Self, Error> {
        let parsed = |text: &Option<String>| text.as_deref()?.parse().ok();
        let id = claims.jti.as_deref().and_then(|jti| jti.parse().ok());
        let client_id: ClientId = parsed(&claims.client_id).ok_or(Error::ClaimsMalformed)?;
        let account_id = claims.sub.parse().ok();
        Ok(Self {
            clients: clients(&client_id, account_id, &claims)?,
            client_id,
            id: id.ok_or(Error::ClaimsMalformed)?,
            account_id,
            session_id: claims.sid.as_deref().and_then(|sid| sid.parse().ok()),
            claims,
        })
    }

    /// Whether the token, its session, its client or its account is on the deny list.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot answer.
    pub async fn is_denied(&self, flows: &Flows) -> Result<bool, StoreError> {
        let facts = TokenFacts {
            account_id: self.account_id,
            session_id: self.session_id,
            clients: &self.clients,
            id: self.id,
            issued_at: self.claims.iat,
        };
        let deny_list = &flows.stores.deny_list;
        let denied = deny_list.is_denied(facts, flows.clock.now()).await;
        let outcome = match denied {
            Ok(false) => "not_denied",
            Ok(true) => "denied",
            Err(_) => "unavailable",
        };
        metrics::counter!("signet_deny_list_checks_total", "outcome" => outcome).increment(1);
        denied
    }
}

/// The clients that a token names, each once.
fn clients(
    issued_to: &ClientId,
    account_id: Option<AccountId>,
    claims: &Claims<CustomClaims>,
) -> Result<Vec<ClientId>, Error> {
    let mut clients = vec![issued_to.clone()];
    let subject = account_id.is_none().then_some(claims.sub.as_str());
    let newest = claims.act.as_ref();
    let actors = std::iter::successors(newest, |actor| actor.act.as_deref());
    for name in subject
        .into_iter()
        .chain(actors.map(|actor| actor.sub.as_str()))
    {
        let client = name.parse().map_err(|_| Error::ClaimsMalformed)?;
        if !clients.contains(&client) {
            clients.push(client);
        }
    }
    Ok(clients)
}

//! An access token of ours, whoever it is meant for: what the issuer itself checks of it.
//!
//! Services demand their own audience. The issuer is asked about tokens for all of them, so here
//! the token's own audiences are the ones that are expected; everything else is checked as any
//! service does. This module must not know what a token opens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::ClientId;
use signet_store::{StoreError, TokenFacts};
use signet_verifier::{Claims, Error, Policy};

use crate::flows::Flows;

/// A token that we have issued and that has not expired. It may have been denied since.
#[derive(Clone, Debug)]
pub struct OwnToken {
    /// What it says.
    pub claims: Claims,
    /// The client that it was issued to.
    pub client_id: ClientId,
    /// Its `jti`.
    pub id: TokenId,
    /// Its `sub`, when that is an account.
    pub account_id: Option<AccountId>,
    /// Its `sid`, when it belongs to a session.
    pub session_id: Option<SessionId>,
}

impl OwnToken {
    /// Verifies a token, whoever it is for.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify(flows: &Flows, token: &str) -> Result<Self, Error> {
        Self::verify_by(flows, token, policy(flows, token)?)
    }

    /// Verifies a token by a policy of its own.
    ///
    /// # Errors
    ///
    /// [`Error`] names the first check that failed.
    pub fn verify_by(flows: &Flows, token: &str, policy: Policy) -> Result<Self, Error> {
        let claims = flows.keys.verify(token, policy, flows.clock.now())?;
        let parsed = |text: &Option<String>| text.as_deref()?.parse().ok();
        let id = claims.jti.as_deref().and_then(|jti| jti.parse().ok());
        Ok(Self {
            client_id: parsed(&claims.client_id).ok_or(Error::ClaimsMalformed)?,
            id: id.ok_or(Error::ClaimsMalformed)?,
            account_id: claims.sub.parse().ok(),
            session_id: claims.sid.as_deref().and_then(|sid| sid.parse().ok()),
            claims,
        })
    }

    /// Whether the token, its session, its client or its account is on the deny list.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nobody can say.
    pub async fn is_denied(&self, flows: &Flows) -> Result<bool, StoreError> {
        let facts = TokenFacts {
            account_id: self.account_id,
            session_id: self.session_id,
            client_id: &self.client_id,
            id: self.id,
            issued_at: self.claims.iat,
        };
        flows
            .stores
            .deny_list
            .is_denied(facts, flows.clock.now())
            .await
    }
}

/// The policy of a service that is every audience that the token names.
fn policy(flows: &Flows, token: &str) -> Result<Policy, Error> {
    let payload = token.split('.').nth(1).ok_or(Error::NotThreeParts)?;
    let payload = URL_SAFE_NO_PAD.decode(payload);
    let payload = payload.map_err(|_| Error::NotBase64url)?;
    let named: Named = serde_json::from_slice(&payload).map_err(|_| Error::ClaimsMalformed)?;
    let mut audiences = match named.aud {
        OneOrMore::One(audience) => vec![audience],
        OneOrMore::More(audiences) => audiences,
    }
    .into_iter();
    let first = audiences.next().ok_or(Error::AudienceMismatch)?;
    let policy = Policy::new(flows.settings.issuer.as_str(), first).leeway(LEEWAY);
    Ok(audiences.fold(policy, Policy::accept_audience))
}

#[derive(Deserialize)]
struct Named {
    aud: OneOrMore,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Replicas keep their clocks within 2 s of each other; what we sign, we check by the same ones.
pub const LEEWAY: Duration = Duration::from_secs(5);

//! Several issuers in one service: the verifier of the issuer that a token names checks it.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::claims::Claims;
use crate::error::Error;
use crate::jws::{TokenParts, read_claims};
use crate::verifier::Verifier;

/// Verifiers of several issuers, each with its own keys and policy.
///
/// The unverified `iss` of a token only chooses the verifier. That verifier checks everything,
/// `iss` included, so a token with a false `iss` is refused.
///
/// ```
/// # use signet_verifier::{Keys, KeysError, Policy, Verifier, Verifiers};
/// # fn example(ours: Keys, theirs: Keys) -> Verifiers {
/// Verifiers::new([
///     Verifier::new(Policy::new("https://auth.example.com", "orders"), ours),
///     Verifier::new(Policy::new("https://partner.example", "orders").accept_typ("JWT"), theirs),
/// ])
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifiers {
    verifiers: Arc<[Arc<Verifier>]>,
}

impl Verifiers {
    /// Uses these verifiers. If two have the same issuer, the first one is used.
    pub fn new<V: Into<Arc<Verifier>>>(verifiers: impl IntoIterator<Item = V>) -> Self {
        Self {
            verifiers: verifiers.into_iter().map(Into::into).collect(),
        }
    }

    /// Calls [`Verifier::verify`] of the token's issuer.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`] if no verifier has that issuer; otherwise the error of the
    /// verifier.
    pub fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.verifier_of(token)?.verify(token)
    }

    /// Calls [`Verifier::verify_async_as`] of the token's issuer.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`] if no verifier has that issuer; otherwise the error of the
    /// verifier.
    pub async fn verify_async_as<Extra: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<Claims<Extra>, Error> {
        self.verifier_of(token)?.verify_async_as(token).await
    }

    fn verifier_of(&self, token: &str) -> Result<&Verifier, Error> {
        if let [only] = &*self.verifiers {
            return Ok(only);
        }
        let issuer = unverified_issuer(token)?.ok_or(Error::IssuerMismatch)?;
        let is_of_issuer = |verifier: &&Arc<Verifier>| verifier.policy().issuer == issuer;
        let found = self.verifiers.iter().find(is_of_issuer);
        found
            .map(|verifier| &**verifier)
            .ok_or(Error::IssuerMismatch)
    }
}

/// Returns the issuer that the token names, unverified. Use it only to choose a verifier.
fn unverified_issuer(token: &str) -> Result<Option<String>, Error> {
    let parts = TokenParts::split(token)?;
    let mut claims = read_claims(&parts.payload)?;
    Ok(claims.take("iss").ok().flatten())
}

impl From<Arc<Verifier>> for Verifiers {
    fn from(verifier: Arc<Verifier>) -> Self {
        Self::new([verifier])
    }
}

impl From<Verifier> for Verifiers {
    fn from(verifier: Verifier) -> Self {
        Self::new([verifier])
    }
}

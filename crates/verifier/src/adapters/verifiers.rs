//! Several issuers in one service: each token goes to the verifier of the issuer it claims.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::claims::Claims;
use crate::error::Error;
use crate::json::Object;
use crate::jws::Parts;
use crate::verifier::Verifier;

/// Verifiers of several issuers, each with its own keys and policy.
///
/// The `iss` of a token chooses its verifier before anything is verified; that verifier then
/// checks everything, `iss` included, so a token can lie about its issuer but gain nothing by it.
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
    /// These verifiers; of two for one issuer the first counts.
    pub fn new<V: Into<Arc<Verifier>>>(verifiers: impl IntoIterator<Item = V>) -> Self {
        Self {
            verifiers: verifiers.into_iter().map(Into::into).collect(),
        }
    }

    /// [`Verifier::verify`] by the verifier of the token's issuer.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`] if there is none; else what that verifier says.
    pub fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.verifier_of(token)?.verify(token)
    }

    /// [`Verifier::verify_async_as`] by the verifier of the token's issuer.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`] if there is none; else what that verifier says.
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

/// Who the token says its issuer is. Good only for choosing who checks it.
fn unverified_issuer(token: &str) -> Result<Option<String>, Error> {
    let parts = Parts::split(token)?;
    let mut claims = Object::parse(&parts.payload).map_err(|_| Error::ClaimsMalformed)?;
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

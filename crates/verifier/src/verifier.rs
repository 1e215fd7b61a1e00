//! The verifier: a policy, keys and a clock brought together.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::de::DeserializeOwned;

use crate::check::check_claims;
use crate::claims::Claims;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::jws::UnverifiedToken;
use crate::keys::Keys;
use crate::policy::Policy;

/// Verifies access tokens. Build it once, share it in an `Arc`; verifying takes no lock.
///
/// ```no_run
/// use signet_verifier::{Keys, Policy, Verifier};
///
/// let keys = Keys::from_jwks(std::fs::read("jwks.json")?)?;
/// let verifier = Verifier::new(Policy::new("https://auth.example.com", "orders"), keys);
/// # let token = "";
/// let claims = verifier.verify(token)?;
/// println!("{} may {}", claims.sub, claims.scope);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Verifier {
    policy: Policy,
    keys: ArcSwap<Keys>,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier with keys at hand, on the machine's clock.
    pub fn new(policy: Policy, keys: Keys) -> Self {
        Self::with_clock(policy, keys, Arc::new(SystemClock::new()))
    }

    /// The same on another clock, for tests that own time.
    pub fn with_clock(policy: Policy, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            keys: ArcSwap::from_pointee(keys),
            clock,
        }
    }

    /// Checks a token and returns what it says.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.verify_as(token)
    }

    /// Checks a token that has more claims than [`Claims`] has fields: `Extra` is read from the
    /// others.
    ///
    /// ```
    /// # use signet_verifier::{Claims, Error, Verifier};
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     tenant: String,
    /// }
    ///
    /// fn tenant_of(verifier: &Verifier, token: &str) -> Result<String, Error> {
    ///     let claims: Claims<Tenant> = verifier.verify_as(token)?;
    ///     Ok(claims.extra.tenant)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error`] names the first check that failed; [`Error::ClaimsMalformed`] if `Extra` cannot
    /// be read.
    pub fn verify_as<Extra: DeserializeOwned>(&self, token: &str) -> Result<Claims<Extra>, Error> {
        let now = self.clock.now();
        let token = UnverifiedToken::parse(token, &self.policy)?;
        token.verify_signature(&self.keys.load())?;
        check_claims(token.payload(), &self.policy, now)
    }

    /// Puts other keys in the place of the present ones, at once and for all threads. A token
    /// signed by a key that is gone is refused from then on.
    pub fn replace_keys(&self, keys: Keys) {
        self.keys.store(Arc::new(keys));
    }

    /// What this verifier demands.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

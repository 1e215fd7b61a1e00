//! The verifier: a policy, keys and a clock brought together.

use std::sync::Arc;
#[cfg(feature = "remote")]
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::check::check_claims;
use crate::claims::Claims;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::error::Error;
use crate::jws::UnverifiedToken;
use crate::keys::Keys;
use crate::observer::Observer;
use crate::policy::Policy;
use crate::source::{KeySource, Source};

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
    source: Source,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
}

impl Verifier {
    /// A verifier with [`Keys`] at hand or with `RemoteKeys`, on the machine's clock.
    pub fn new(policy: Policy, keys: impl Into<KeySource>) -> Self {
        Self::with_clock(policy, keys, Arc::new(SystemClock::new()))
    }

    /// The same on another clock, for tests that own time.
    pub fn with_clock(policy: Policy, keys: impl Into<KeySource>, clock: Arc<dyn Clock>) -> Self {
        let KeySource(source) = keys.into();
        Self {
            policy,
            source,
            clock,
            observer: None,
        }
    }

    /// A verifier with the keys of the policy's issuer, at the URL that its metadata names. The
    /// metadata must be that issuer's own. For `kid`s that are no thumbprints, see
    /// [`RemoteKeysBuilder::discover`](crate::RemoteKeysBuilder::discover).
    ///
    /// # Errors
    /// [`SetupError`](crate::SetupError) if the metadata is not to be had or not to be trusted.
    #[cfg(feature = "remote")]
    pub async fn discover(policy: Policy) -> Result<Self, crate::SetupError> {
        let keys = crate::RemoteKeys::builder()
            .discover(&policy.issuer)
            .await?;
        Ok(Self::new(policy, keys))
    }

    /// Tells `observer` of every verification.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks a token and returns what it says.
    ///
    /// This never waits. With `RemoteKeys`, prefer [`verify_async`](Self::verify_async), which
    /// waits for the first keys, and for a key that is new.
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
        let outcome = self.parse(token).and_then(|token| {
            let outcome = self.check(&token, now);
            #[cfg(feature = "remote")]
            self.ask_for_key(&token, outcome.as_ref().err(), now);
            outcome
        });
        self.observe(outcome)
    }

    /// Checks a token as [`verify`](Self::verify) does. With `RemoteKeys` it waits for the very
    /// first keys (at most 3 s), and for a key that is new (at most 1 s, and only for tokens that
    /// would pass with it); with [`Keys`] at hand it never waits.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub async fn verify_async(&self, token: &str) -> Result<Claims, Error> {
        self.verify_async_as(token).await
    }

    /// [`verify_as`](Self::verify_as), waiting as [`verify_async`](Self::verify_async) does.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub async fn verify_async_as<Extra: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<Claims<Extra>, Error> {
        let now = self.clock.now();
        let outcome = match self.parse(token) {
            Ok(token) => self.check_waiting(&token, now).await,
            Err(error) => Err(error),
        };
        self.observe(outcome)
    }

    /// Puts other keys in the place of the present ones, at once and for all threads. A token
    /// signed by a key that is gone is refused from then on. (Of `RemoteKeys`, until the next
    /// fetch.)
    pub fn replace_keys(&self, keys: Keys) {
        self.source.replace(keys);
    }

    /// What this verifier demands.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    #[cfg(feature = "cache")]
    pub(crate) fn keys_fingerprint(&self) -> Option<u128> {
        self.source.fingerprint()
    }

    /// Whether claims that this verifier accepted before still pass.
    #[cfg(feature = "cache")]
    pub(crate) fn is_still_valid(&self, claims: &Claims) -> bool {
        let is_valid = crate::check::are_still_valid(claims, &self.policy, self.clock.now());
        if let (true, Some(observer)) = (is_valid, &self.observer) {
            observer.verified(Ok(()));
        }
        is_valid
    }

    fn parse<'a>(&self, token: &'a str) -> Result<UnverifiedToken<'a>, Error> {
        UnverifiedToken::parse(token, &self.policy)
    }

    fn check<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Result<Claims<Extra>, Error> {
        self.source.verify_signature(token)?;
        check_claims(token.payload(), &self.policy, now)
    }

    fn observe<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Some(observer) = &self.observer {
            observer.verified(outcome.as_ref().map(|_| ()));
        }
        outcome
    }

    #[cfg(not(feature = "remote"))]
    #[expect(clippy::unused_async, reason = "with remote keys it waits")]
    async fn check_waiting<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Result<Claims<Extra>, Error> {
        self.check(token, now)
    }
}

/// What remote keys add: waiting for a key, for a token that may deserve it.
#[cfg(feature = "remote")]
impl Verifier {
    async fn check_waiting<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Result<Claims<Extra>, Error> {
        let error = match self.check(token, now) {
            Ok(claims) => return Ok(claims),
            Err(error) => error,
        };
        if self.wait_for_key(token, &error, now).await {
            return self.check(token, self.clock.now());
        }
        Err(error)
    }

    /// Whether there may be a key now that was missing before.
    async fn wait_for_key(
        &self,
        token: &UnverifiedToken<'_>,
        error: &Error,
        now: Timestamp,
    ) -> bool {
        let Source::Remote(keys) = &self.source else {
            return false;
        };
        match error {
            Error::KeysUnavailable { .. } => keys.wait_for_first().await,
            Error::UnknownKey => match self.age_if_it_would_pass(token, now) {
                Some(age) => keys.wait_for_kid(token.kid(), age).await,
                None => false,
            },
            _ => false,
        }
    }

    fn ask_for_key(&self, token: &UnverifiedToken<'_>, error: Option<&Error>, now: Timestamp) {
        let Source::Remote(keys) = &self.source else {
            return;
        };
        match error {
            Some(Error::UnknownKey) => {
                if let Some(age) = self.age_if_it_would_pass(token, now) {
                    keys.ask_for_kid(token.kid(), age);
                }
            }
            Some(Error::KeysUnavailable { .. }) => keys.ask_for_first(),
            _ => {}
        }
    }

    /// How long ago the token was issued, if everything but its signature would pass.
    fn age_if_it_would_pass(
        &self,
        token: &UnverifiedToken<'_>,
        now: Timestamp,
    ) -> Option<Duration> {
        let claims = check_claims::<()>(token.payload(), &self.policy, now).ok()?;
        Some(now.saturating_since(claims.iat))
    }
}

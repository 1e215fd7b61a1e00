//! The verifier: a policy, keys and a clock brought together.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::check::check_claims;
use crate::claims::Claims;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::jws::{KnownHeader, UnverifiedToken};
use crate::keys::{Keys, Wait};
use crate::observer::Observer;
use crate::policy::Policy;
use crate::source::KeySource;

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
    pub(crate) policy: Policy,
    pub(crate) source: KeySource,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    known_header: KnownHeader,
}

impl Verifier {
    /// A verifier with [`Keys`] at hand or with `RemoteKeys`, on the machine's clock.
    pub fn new(policy: Policy, keys: impl Into<KeySource>) -> Self {
        Self::with_clock(policy, keys, Arc::new(SystemClock::new()))
    }

    /// The same on another clock, for tests that own time.
    pub fn with_clock(policy: Policy, keys: impl Into<KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            source: keys.into(),
            clock,
            observer: None,
            known_header: KnownHeader::default(),
        }
    }

    /// A verifier with the keys of the policy's issuer, at the URL that its metadata names. The
    /// metadata must be that issuer's own. For `kid`s that are no thumbprints, see
    /// [`RemoteKeysBuilder::discover`](crate::RemoteKeysBuilder::discover).
    ///
    /// # Errors
    /// [`SetupError`](crate::SetupError) if the metadata cannot be fetched or cannot be trusted.
    #[cfg(feature = "remote")]
    pub async fn discover(policy: Policy) -> Result<Self, crate::SetupError> {
        let builder = crate::RemoteKeys::builder();
        let keys = builder.discover(&policy.issuer).await?;
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
        let outcome = self.parse(token).and_then(|token| {
            self.check(&token).inspect_err(|refusal| {
                drop(self.ask_for_key(&token, refusal));
            })
        });
        self.observe(outcome)
    }

    /// Checks a token by another policy, with the same keys, clock and observer. Like
    /// [`verify`](Self::verify), it never waits.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify_by(&self, token: &str, policy: &Policy) -> Result<Claims, Error> {
        // What is known of headers is known for this verifier's own policy.
        let token = UnverifiedToken::parse(token, policy, &KnownHeader::default());
        let outcome = token.and_then(|token| self.check_by(&token, policy));
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
        let outcome = match self.parse(token) {
            Ok(token) => self.check_waiting(&token).await,
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

    fn parse<'a>(&self, token: &'a str) -> Result<UnverifiedToken<'a>, Error> {
        UnverifiedToken::parse(token, &self.policy, &self.known_header)
    }

    fn check<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
    ) -> Result<Claims<Extra>, Error> {
        let claims = self.check_by(token, &self.policy)?;
        token.make_header_known(&self.known_header);
        Ok(claims)
    }

    fn check_by<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        policy: &Policy,
    ) -> Result<Claims<Extra>, Error> {
        let verify = |keys: &Keys| token.verify_signature(keys);
        self.source.with_keys(verify)??;
        check_claims(token.payload(), policy, self.clock.now())
    }

    async fn check_waiting<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
    ) -> Result<Claims<Extra>, Error> {
        let refusal = match self.check(token) {
            Ok(claims) => return Ok(claims),
            Err(refusal) => refusal,
        };
        match self.ask_for_key(token, &refusal) {
            Some(wait) => wait.await,
            None => return Err(refusal),
        }
        self.check(token)
    }

    /// After a refusal for want of a key: has it fetched where a fetch may help.
    fn ask_for_key(&self, token: &UnverifiedToken<'_>, refusal: &Error) -> Option<Wait> {
        self.source.ask(refusal, token.kid(), || {
            // How long ago it was issued, if everything but its signature would pass.
            let now = self.clock.now();
            let claims = check_claims::<()>(token.payload(), &self.policy, now).ok()?;
            Some(now.saturating_since(claims.iat))
        })
    }

    fn observe<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Some(observer) = &self.observer {
            observer.verified(outcome.as_ref().map(|_| ()));
        }
        outcome
    }
}

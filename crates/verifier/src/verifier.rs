//! The verifier: combines a policy, keys and a clock. Must not know HTTP.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::check::check_claims;
use crate::claims::Claims;
#[cfg(feature = "status")]
use crate::clock::Timestamp;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::jws::{KnownHeader, UnverifiedToken};
use crate::key_set::{Keys, Wait};
use crate::observer::Observer;
use crate::policy::Policy;
use crate::source::KeySource;

/// Verifies access tokens. Build it once and share it in an `Arc`. Verifying takes no lock.
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
    /// Returns a verifier with local [`Keys`] or with `RemoteKeys`, on the machine's clock.
    pub fn new(policy: Policy, keys: impl Into<KeySource>) -> Self {
        Self::with_clock(policy, keys, Arc::new(SystemClock::new()))
    }

    /// Returns a verifier with its own clock, for tests that control time.
    pub fn with_clock(policy: Policy, keys: impl Into<KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            policy,
            source: keys.into(),
            clock,
            observer: None,
            known_header: KnownHeader::default(),
        }
    }

    /// Returns a verifier with the keys of the policy's issuer, from the URL in the issuer's
    /// metadata. The metadata must name the same issuer. If the `kid`s are not thumbprints, use
    /// [`RemoteKeysBuilder::discover`](crate::RemoteKeysBuilder::discover) with a `kid_rule`.
    ///
    /// # Errors
    /// [`SetupError`](crate::SetupError) if the metadata cannot be fetched or cannot be trusted.
    #[cfg(feature = "remote")]
    pub async fn discover(policy: Policy) -> Result<Self, crate::SetupError> {
        let builder = crate::RemoteKeys::builder();
        let keys = builder.discover(&policy.issuer).await?;
        Ok(Self::new(policy, keys))
    }

    /// Reports every verification to `observer`.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks a token and returns its claims.
    ///
    /// This never waits. With `RemoteKeys`, prefer [`verify_async`](Self::verify_async), which
    /// waits for the first keys and for new keys.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.verify_as(token)
    }

    /// Checks a token and parses the claims that have no field in [`Claims`] as `Extra`.
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
    /// [`Error`] names the first check that failed: [`Error::ClaimsMalformed`] if `Extra` does not
    /// match the claims.
    pub fn verify_as<Extra: DeserializeOwned>(&self, token: &str) -> Result<Claims<Extra>, Error> {
        let outcome = self.parse(token).and_then(|token| {
            self.check(&token).inspect_err(|refusal| {
                drop(self.ask(&token, refusal));
            })
        });
        self.observe(outcome)
    }

    /// Checks a token against another policy, with the same keys, clock and observer. Like
    /// [`verify`](Self::verify), it never waits. `E` is `()` or the `Extra` of
    /// [`verify_as`](Self::verify_as).
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify_by<E: DeserializeOwned>(&self, token: &str, policy: &Policy) -> Outcome<E> {
        // The cached header was checked against this verifier's own policy.
        let token = UnverifiedToken::parse(token, policy, &KnownHeader::default());
        let outcome = token.and_then(|token| self.check_by(&token, policy));
        self.observe(outcome)
    }

    /// Checks a token as [`verify`](Self::verify) does, and waits for keys if that may help. With
    /// `RemoteKeys`, it waits at most 3 s for the first keys. It waits at most 1 s for a new key,
    /// and only if the token is otherwise valid, and at most 1 s for the first fetch of a status
    /// list. With local [`Keys`], it never waits.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub async fn verify_async(&self, token: &str) -> Result<Claims, Error> {
        self.verify_async_as(token).await
    }

    /// Checks a token as [`verify_as`](Self::verify_as) does, and waits as
    /// [`verify_async`](Self::verify_async) does.
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

    /// Replaces the keys immediately, for all threads. Tokens of removed keys are then refused. The
    /// next fetch of `RemoteKeys` replaces the keys again.
    pub fn replace_keys(&self, keys: Keys) {
        self.source.replace(keys);
    }

    /// Returns the policy of this verifier.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn parse<'a>(&self, token: &'a str) -> Result<UnverifiedToken<'a>, Error> {
        UnverifiedToken::parse(token, &self.policy, &self.known_header)
    }

    fn check<Extra: DeserializeOwned>(&self, token: &UnverifiedToken<'_>) -> Outcome<Extra> {
        let claims = self.check_by(token, &self.policy)?;
        token.make_header_known(&self.known_header);
        Ok(claims)
    }

    fn check_by<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        policy: &Policy,
    ) -> Outcome<Extra> {
        let verify = |keys: &Keys| token.verify_signature(keys);
        self.source.with_keys(verify)??;
        self.check_signed(token, policy)
    }

    /// Checks everything but the signature, which was verified before.
    pub(crate) fn check_signed<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
        policy: &Policy,
    ) -> Outcome<Extra> {
        let now = self.clock.now();
        let claims = check_claims(token.payload(), policy, now)?;
        #[cfg(feature = "status")]
        self.check_status(&claims, policy, now)?;
        Ok(claims)
    }

    /// Checks whether the token of these claims is revoked. Everything else was checked before.
    #[cfg(feature = "status")]
    pub(crate) fn check_status<Extra>(
        &self,
        claims: &Claims<Extra>,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.source.check_status(&claims.status, policy, now)
    }

    async fn check_waiting<Extra: DeserializeOwned>(
        &self,
        token: &UnverifiedToken<'_>,
    ) -> Result<Claims<Extra>, Error> {
        let mut refusal = match self.check(token) {
            Ok(claims) => return Ok(claims),
            Err(refusal) => refusal,
        };
        // One wait for keys, then one for the status list, which only known keys can verify.
        for is_for_list in [false, true] {
            if is_for_list != matches!(refusal, Error::RevocationUnknown { .. }) {
                continue;
            }
            match self.ask(token, &refusal) {
                Some(wait) => wait.await,
                None => break,
            }
            refusal = match self.check(token) {
                Ok(claims) => return Ok(claims),
                Err(refusal) => refusal,
            };
        }
        Err(refusal)
    }

    /// If the token was refused because a key or status list is missing, asks for a fetch where it
    /// may help.
    fn ask(&self, token: &UnverifiedToken<'_>, refusal: &Error) -> Option<Wait> {
        self.source.ask(refusal, token, || {
            // The age of the token, if all its claims are valid.
            let now = self.clock.now();
            let claims = check_claims::<()>(token.payload(), &self.policy, now).ok()?;
            Some(now.saturating_since(claims.iat))
        })
    }

    pub(crate) fn observe<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Some(observer) = &self.observer {
            observer.verified(outcome.as_ref().map(|_| ()));
        }
        outcome
    }
}

type Outcome<Extra> = Result<Claims<Extra>, Error>;

//! A cache of verified tokens (feature `cache`). It holds accepted tokens only. Time, keys and
//! revocation are checked on every hit; if the policy is another one each time, all claims are.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use serde::de::DeserializeOwned;

use crate::check::{check_sign_in, has_passed, is_to_come};
use crate::claims::Claims;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::jws::{KnownHeader, UnverifiedToken};
use crate::key_set::Keys;
use crate::policy::Policy;
use crate::verifier::Verifier;

/// A [`Verifier`] with a cache, for services that receive the same tokens many times.
///
/// A hit costs about a hundredth of a verification. The result is always the same as without the
/// cache: the whole token must be equal, its times and its status are checked again, and any change of
/// the key set invalidates it. Readers and writers take no lock. Each token has one slot, which keeps the
/// latest token.
///
/// ```
/// # use signet_verifier::{CachedVerifier, Claims, Error, Verifier};
/// # use std::sync::Arc;
/// # fn example(verifier: Verifier, token: &str) -> Result<(), Error> {
/// let verifier = CachedVerifier::new(verifier, 1_000);
/// let claims: Arc<Claims> = verifier.verify(token)?;
/// # Ok(())
/// # }
/// ```
pub struct CachedVerifier {
    verifier: Arc<Verifier>,
    slots: Box<[ArcSwapOption<Entry>]>,
}

struct Entry {
    /// The key set that the signature was checked with.
    keys: Keys,
    known: Known,
}

enum Known {
    /// A token that the policy of the verifier accepted.
    Accepted(Box<str>, Arc<Claims>),
    /// The SHA-256 digest of a token that another policy accepted, so that the token is in no memory.
    Signed(Digest),
}

impl CachedVerifier {
    /// Caches at most `tokens` tokens; 0 counts as 1.
    pub fn new(verifier: impl Into<Arc<Verifier>>, tokens: usize) -> Self {
        let slots = (0..tokens.max(1)).map(|_| ArcSwapOption::empty()).collect();
        Self {
            verifier: verifier.into(),
            slots,
        }
    }

    /// Does what [`Verifier::verify`] does, or returns the cached claims.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, Error> {
        if let Some(claims) = self.recall(token) {
            return Ok(claims);
        }
        let keys = self.verifier.source.with_keys(Keys::clone).ok();
        let claims = self.verifier.verify(token)?;
        Ok(self.remember(token, keys, claims))
    }

    /// Does what [`Verifier::verify_async`] does, or returns the cached claims.
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub async fn verify_async(&self, token: &str) -> Result<Arc<Claims>, Error> {
        if let Some(claims) = self.recall(token) {
            return Ok(claims);
        }
        let keys = self.verifier.source.with_keys(Keys::clone).ok();
        let claims = self.verifier.verify_async(token).await?;
        Ok(self.remember(token, keys, claims))
    }

    /// Does what [`Verifier::verify_by`] does. The cache saves only the check of the signature:
    /// everything else, all claims included, is checked again by `policy`.
    ///
    /// ```
    /// # use signet_verifier::{CachedVerifier, Claims, Error, Policy};
    /// # fn example(verifier: &CachedVerifier, token: &str) -> Result<(), Error> {
    /// let policy = Policy::new("https://auth.example.com", "invoices");
    /// let claims: Claims = verifier.verify_by(token, &policy)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`] names the first check that failed.
    pub fn verify_by<Extra: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
    ) -> Result<Claims<Extra>, Error> {
        self.verifier.observe(self.check_by(token, policy))
    }

    fn check_by<Extra: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
    ) -> Result<Claims<Extra>, Error> {
        let parsed = UnverifiedToken::parse(token, policy, &KnownHeader::default())?;
        if self.knows_signature(token) {
            return self.verifier.check_signed(&parsed, policy);
        }
        let verify = |keys: &Keys| parsed.verify_signature(keys).map(|()| keys.clone());
        let keys = self.verifier.source.with_keys(verify)??;
        let claims = self.verifier.check_signed(&parsed, policy)?;
        self.store(token, keys, Known::Signed(digest_of(token)));
        Ok(claims)
    }

    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        let slot = self.slot(token)?.load();
        let Entry { keys, known } = slot.as_deref()?;
        let Known::Accepted(accepted, claims) = known else {
            return None;
        };
        let is_good =
            is_same(accepted.as_bytes(), token) && self.uses(keys) && self.still_accepts(claims);
        if let (true, Some(observer)) = (is_good, &self.verifier.observer) {
            observer.verified(Ok(()));
        }
        is_good.then(|| Arc::clone(claims))
    }

    /// Whether the current keys have verified the signature of exactly this token.
    fn knows_signature(&self, token: &str) -> bool {
        let slot = self.slot(token).map(ArcSwapOption::load);
        let entry = slot.as_deref().and_then(Option::as_deref);
        entry.is_some_and(|Entry { keys, known }| {
            let is_it = match known {
                Known::Accepted(accepted, _) => is_same(accepted.as_bytes(), token),
                Known::Signed(digest) => is_same(digest, digest_of(token)),
            };
            is_it && self.uses(keys)
        })
    }

    fn uses(&self, keys: &Keys) -> bool {
        let is_same_set = |used: &Keys| Arc::ptr_eq(&used.admitted, &keys.admitted);
        self.verifier.source.with_keys(is_same_set) == Ok(true)
    }

    /// Checks time and revocation. The keys are the same, and nothing else can have changed.
    fn still_accepts(&self, claims: &Claims) -> bool {
        let Verifier { policy, clock, .. } = &*self.verifier;
        let now = clock.now();
        !has_passed(claims.exp, policy, now)
            && !is_to_come(claims.iat, policy, now)
            && !claims.nbf.is_some_and(|nbf| is_to_come(nbf, policy, now))
            && check_sign_in(claims, policy, now).is_ok()
            && self.is_unrevoked(claims, now)
    }

    #[cfg(feature = "status")]
    fn is_unrevoked(&self, claims: &Claims, now: Timestamp) -> bool {
        let policy = self.verifier.policy();
        self.verifier.check_status(claims, policy, now).is_ok()
    }

    /// Without status lists, nothing is known of revocation.
    #[cfg(not(feature = "status"))]
    #[expect(
        clippy::unused_self,
        reason = "the same call with and without the feature"
    )]
    fn is_unrevoked(&self, _: &Claims, _: Timestamp) -> bool {
        true
    }

    /// Caches the claims together with the `keys` that were used before the verification. If the
    /// keys have changed since, the next hit notices.
    fn remember(&self, token: &str, keys: Option<Keys>, claims: Claims) -> Arc<Claims> {
        let claims = Arc::new(claims);
        if let Some(keys) = keys {
            self.store(
                token,
                keys,
                Known::Accepted(token.into(), Arc::clone(&claims)),
            );
        }
        claims
    }

    fn store(&self, token: &str, keys: Keys, known: Known) {
        if let Some(slot) = self.slot(token) {
            slot.store(Some(Arc::new(Entry { keys, known })));
        }
    }

    /// Chooses the slot from the end of the signature. Only the holder of the private key can
    /// choose these bytes, so an attacker cannot aim at a slot.
    fn slot(&self, token: &str) -> Option<&ArcSwapOption<Entry>> {
        let end = token
            .as_bytes()
            .last_chunk()
            .map(|bytes| u128::from_le_bytes(*bytes))?;
        let mixed = end.wrapping_mul(MIXER) >> (u128::BITS - u32::BITS);
        self.slots
            .get(usize::try_from(mixed).ok()? % self.slots.len())
    }
}

impl fmt::Debug for CachedVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.slots.len();
        formatter
            .debug_struct("CachedVerifier")
            .field("tokens", &tokens)
            .finish_non_exhaustive()
    }
}

fn digest_of(token: &str) -> Digest {
    digest(&SHA256, token.as_bytes())
}

/// In constant time, so that the time of an answer says nothing about another's token.
fn is_same(known: impl AsRef<[u8]>, given: impl AsRef<[u8]>) -> bool {
    verify_slices_are_equal(known.as_ref(), given.as_ref()).is_ok()
}

/// About 2^128 divided by the golden ratio, and odd: it spreads numbers that are close together.
const MIXER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

#[cfg(all(test, feature = "testing"))]
mod tests {
    use crate::Policy;
    use crate::testing::TestIssuer;

    use super::*;

    /// A token with a wrong signature shows whether the signature is checked.
    #[test]
    fn the_signature_of_a_cached_token_is_not_checked_again_while_the_keys_are_the_same() {
        let (issuer, policy) = (TestIssuer::new("i"), Policy::new("i", "a"));
        let verifier = Arc::new(issuer.verifier_with(policy.clone()));
        let cached = CachedVerifier::new(Arc::clone(&verifier), 8);
        let mut forged = issuer.token("ada", "a").sign();
        forged.replace_range(forged.len() - 8.., "AAAAAAAA");
        let outcome = || {
            cached
                .verify_by::<()>(&forged, &policy)
                .map(|found| found.sub)
        };

        assert_eq!(outcome(), Err(Error::SignatureInvalid));
        assert_eq!(outcome(), Err(Error::SignatureInvalid), "never cached");
        let keys = verifier.source.with_keys(Keys::clone).unwrap();
        cached.store(&forged, keys, Known::Signed(digest_of(&forged)));
        assert_eq!(outcome().as_deref(), Ok("ada"));
        verifier.replace_keys(issuer.keys());
        assert_eq!(outcome(), Err(Error::SignatureInvalid), "an equal set");
    }

    #[test]
    fn an_accepted_token_is_cached_with_the_keys_that_verified_it() {
        let (issuer, policy) = (TestIssuer::new("i"), Policy::new("i", "a"));
        let verifier = issuer.verifier_with(policy.clone());
        let cached = CachedVerifier::new(verifier, 8);
        let is_cached = |token: &str| cached.knows_signature(token);
        let good = issuer.token("ada", "a").sign();
        let foreign = issuer.token("ada", "b").sign();
        let late = issuer.token("ada", "a").claim("exp", 1).sign();

        for (token, is_good) in [(&good, true), (&foreign, false), (&late, false)] {
            assert!(!is_cached(token));
            let outcome = cached.verify_by::<()>(token, &policy);
            assert_eq!((outcome.is_ok(), is_cached(token)), (is_good, is_good));
        }
    }

    #[test]
    fn a_slot_keeps_the_latest_token() {
        let (issuer, policy) = (TestIssuer::new("i"), Policy::new("i", "a"));
        let cached = CachedVerifier::new(issuer.verifier_with(policy.clone()), 1);
        let is_cached = |token: &str| cached.knows_signature(token);
        let tokens = ["ada", "bob"].map(|sub| issuer.token(sub, "a").sign());
        let [first, second] = &tokens;

        for (verified, other) in [(first, second), (second, first), (first, second)] {
            assert!(cached.verify_by::<()>(verified, &policy).is_ok());
            assert_eq!((is_cached(verified), is_cached(other)), (true, false));
        }
    }
}

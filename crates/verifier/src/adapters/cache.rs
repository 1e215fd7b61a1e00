//! A cache of verified tokens (feature `cache`). It holds accepted tokens only. Time, keys and
//! revocation are checked on every hit.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::check::{check_sign_in, has_passed, is_to_come};
use crate::claims::Claims;
use crate::clock::Timestamp;
use crate::error::Error;
use crate::key_set::Keys;
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
    token: Box<str>,
    /// The key set that the signature was checked with.
    keys: Keys,
    claims: Arc<Claims>,
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

    fn recall(&self, token: &str) -> Option<Arc<Claims>> {
        let slot = self.slot(token)?.load();
        let entry = slot.as_deref()?;
        let is_good = *entry.token == *token && self.still_accepts(entry);
        if let (true, Some(observer)) = (is_good, &self.verifier.observer) {
            observer.verified(Ok(()));
        }
        is_good.then(|| Arc::clone(&entry.claims))
    }

    /// Checks time, keys and revocation; nothing else can have changed.
    fn still_accepts(&self, entry: &Entry) -> bool {
        let Verifier { policy, clock, .. } = &*self.verifier;
        let (claims, now) = (&entry.claims, clock.now());
        let is_same_set = |keys: &Keys| Arc::ptr_eq(&keys.admitted, &entry.keys.admitted);
        self.verifier.source.with_keys(is_same_set) == Ok(true)
            && !has_passed(claims.exp, policy, now)
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
        if let (Some(keys), Some(slot)) = (keys, self.slot(token)) {
            let (token, claims) = (token.into(), Arc::clone(&claims));
            slot.store(Some(Arc::new(Entry {
                token,
                keys,
                claims,
            })));
        }
        claims
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

/// About 2^128 divided by the golden ratio, and odd: it spreads numbers that are close together.
const MIXER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

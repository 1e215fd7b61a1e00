//! Keys that encrypt stored data: AES-256-GCM (NIST SP 800-38D), with a separate key for each
//! purpose, derived with HKDF-SHA256 (RFC 5869).
//!
//! A sealed value is `version 1 | key id 1 | nonce 12 | ciphertext | tag 16`. It opens only for the
//! same purpose and owner. This module must not know what is sealed or where it is stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use rand::CryptoRng;
use signet_verifier::Timestamp;
use zeroize::Zeroizing;

use super::activation_order::ActivationOrder;
use crate::ids::{AccountId, random_bytes};
use crate::secret::SecretBytes;

/// The purpose of a sealed value. Each purpose has its own key, so a value cannot be moved from one
/// column to another.
///
/// It contains the label of the derivation. If the label of a purpose changes, its stored values
/// cannot be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Purpose(&'static str);

impl Purpose {
    /// The secret that an account shares with its authenticator (RFC 6238).
    pub const TOTP_SECRET: Self = Self("signet data v1 totp secret");
    /// A mail that waits in the outbox.
    pub const MAIL: Self = Self("signet data v1 mail");
}

/// A data key, with the time when it begins to seal.
#[derive(Clone, Debug)]
pub struct DataKey {
    id: u8,
    activates_at: Timestamp,
    secret: SecretBytes<32>,
}

impl DataKey {
    /// Returns the key `id` with this secret. It seals from `activates_at` until a later key does.
    pub fn new(id: u8, activates_at: Timestamp, secret: SecretBytes<32>) -> Self {
        Self {
            id,
            activates_at,
            secret,
        }
    }

    fn for_purpose(&self, purpose: Purpose) -> Option<LessSafeKey> {
        let secret = Salt::new(HKDF_SHA256, &[]).extract(self.secret.expose());
        let label = [purpose.0.as_bytes()];
        let derived = secret.expand(&label, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(derived)))
    }
}

/// The data keys of a ring. Never empty.
#[derive(Clone, Debug)]
pub struct DataKeys(ActivationOrder<DataKey>);

impl DataKeys {
    /// Takes keys with different numbers, in any order. Returns `None` without keys.
    pub fn new(keys: Vec<DataKey>) -> Option<Self> {
        let keys = keys.into_iter().map(|key| (key.activates_at, key));
        ActivationOrder::new(keys).map(Self)
    }

    /// Seals `plain` with the key that is active at `now`. Equal values give different results.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the library fails, which happens only for values of many gigabytes.
    pub fn seal(
        &self,
        (purpose, owner): (Purpose, AccountId),
        plain: &[u8],
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let key = self.0.active_at(now);
        let nonce: [u8; NONCE_LEN] = random_bytes(rng);
        let mut body = Zeroizing::new(Vec::with_capacity(plain.len() + TAG_BYTES));
        body.extend_from_slice(plain);
        let head = [VERSION, key.id];
        key.for_purpose(purpose)
            .ok_or(SealError)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                bound_to(head, owner),
                &mut *body,
            )
            .map_err(|_| SealError)?;
        Ok([&head, nonce.as_slice(), &body].concat())
    }

    /// Opens a value that any key of the ring sealed for the same purpose and owner.
    ///
    /// # Errors
    ///
    /// [`UnsealError`] if it was sealed otherwise, or has changed.
    pub fn open(
        &self,
        (purpose, owner): (Purpose, AccountId),
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let (&head, rest) = sealed.split_first_chunk().ok_or(UnsealError::Malformed)?;
        let (&nonce, body) = rest.split_first_chunk().ok_or(UnsealError::Malformed)?;
        let [VERSION, id] = head else {
            return Err(UnsealError::Malformed);
        };
        let key = self.by_id(id).ok_or(UnsealError::UnknownKey(id))?;
        let key = key.for_purpose(purpose).ok_or(UnsealError::Changed)?;
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = key
            .open_in_place(nonce, bound_to(head, owner), &mut body)
            .map_err(|_| UnsealError::Changed)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    fn by_id(&self, id: u8) -> Option<&DataKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

/// Returns the authenticated additional data: version, key id and owner.
fn bound_to([version, id]: [u8; 2], owner: AccountId) -> Aad<Vec<u8>> {
    Aad::from([&[version, id], owner.as_bytes().as_slice()].concat())
}

/// A value could not be sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the value could not be sealed")]
pub struct SealError;

/// The reasons why a value cannot be opened. Never contains a part of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnsealError {
    /// The value is too short, or has another version.
    #[error("the value was not sealed by this version of Signet")]
    Malformed,
    /// The ring does not have the key: it is from another or an older keys folder.
    #[error("the value was sealed with data key {0}, which the ring does not have")]
    UnknownKey(u8),
    /// The value is damaged, or was sealed for another purpose or owner.
    #[error("the value was changed, or sealed for another purpose or owner")]
    Changed,
}

const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    const ADA: (Purpose, AccountId) = (Purpose::TOTP_SECRET, AccountId::from_bytes([1; 16]));
    const BOB: (Purpose, AccountId) = (Purpose::TOTP_SECRET, AccountId::from_bytes([2; 16]));
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn keys(ids: &[u8]) -> DataKeys {
        let key = |&id: &u8| DataKey::new(id, at(u64::from(id) * 100), SecretBytes::new([id; 32]));
        DataKeys::new(ids.iter().map(key).collect()).unwrap()
    }

    fn sealed(keys: &DataKeys, now: Timestamp) -> Vec<u8> {
        let mut rng = StdRng::seed_from_u64(now.as_millis());
        keys.seal(ADA, SECRET, now, &mut rng).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_alone() {
        let (keys, text) = (keys(&[1, 2]), sealed(&keys(&[1, 2]), at(100)));
        assert_eq!(text.len(), 2 + 12 + SECRET.len() + 16);
        assert_eq!(**keys.open(ADA, &text).unwrap(), *SECRET);
        assert_eq!(keys.open(BOB, &text), Err(UnsealError::Changed));
        assert!(!text.windows(SECRET.len()).any(|part| part == SECRET));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let keys = keys(&[1]);
        let text = sealed(&keys, at(100));
        for index in 0..text.len() {
            let mut changed = text.clone();
            changed[index] ^= 1;
            assert!(keys.open(ADA, &changed).is_err(), "{index}");
            assert!(keys.open(ADA, &text[..index]).is_err(), "{index}");
        }
        assert_eq!(keys.open(ADA, b""), Err(UnsealError::Malformed));
    }

    #[test]
    fn a_purpose_is_a_key_of_its_own() {
        let keys = keys(&[1]);
        let text = sealed(&keys, at(100));
        let other = (Purpose("signet data v1 something else"), ADA.1);
        assert_eq!(keys.open(other, &text), Err(UnsealError::Changed));
    }

    #[test]
    fn the_active_key_seals_and_the_old_one_still_opens() {
        let keys_now = keys(&[1, 2, 3]);
        for (now, id) in [(0, 1), (199, 1), (200, 2), (299, 2), (300, 3)] {
            let text = sealed(&keys_now, at(now));
            assert_eq!(text[1], id);
            assert_eq!(**keys_now.open(ADA, &text).unwrap(), *SECRET);
        }
    }

    #[test]
    fn a_key_that_the_ring_does_not_have_is_named() {
        let text = sealed(&keys(&[7]), at(700));
        let refusal = keys(&[1, 2]).open(ADA, &text);
        assert_eq!(refusal, Err(UnsealError::UnknownKey(7)));
    }

    #[test]
    fn equal_values_are_sealed_differently() {
        let keys = keys(&[1]);
        assert_ne!(sealed(&keys, at(100)), sealed(&keys, at(101)));
    }

    #[test]
    fn debug_says_nothing() {
        let text = format!("{:?}", keys(&[9]));
        assert!(text.contains("SecretBytes(..)") && !text.contains("9, 9"));
    }
}

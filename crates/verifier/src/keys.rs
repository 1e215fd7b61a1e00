//! A set of public keys, read once and never changed. Says which keys are admitted; knows
//! nothing of where they come from.

mod admission;
mod pem;
#[cfg(test)]
mod vectors;

use std::fmt;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::ParsedPublicKey;

use admission::{Admission, RsaKey};

/// A set of RSA public keys, each known by its `kid`.
///
/// A key is admitted only if it is RSA of 2048 to 8192 bits with an odd exponent of 3 or more,
/// comes without private members, and is meant for RS256 signatures. Foreign and broken entries
/// of a key set are skipped and [counted](Self::skipped), since a set may hold what others need.
#[derive(Clone, Debug)]
pub struct Keys {
    admitted: Vec<Key>,
    skipped: usize,
    /// The same for the same keys, and for no others.
    #[cfg(feature = "cache")]
    fingerprint: u128,
}

/// How the `kid` of a key must be formed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KidRule {
    /// It is the key's RFC 7638 thumbprint, as Signet's are: a `kid` then names one key for
    /// ever, whoever publishes it.
    #[default]
    Thumbprint,
    /// It may be anything, as other issuers have it.
    Any,
}

impl Keys {
    /// Reads a JWKS (RFC 7517 section 5) whose `kid`s are thumbprints.
    ///
    /// # Errors
    /// See [`from_jwks_with`](Self::from_jwks_with).
    pub fn from_jwks(jwks: impl AsRef<[u8]>) -> Result<Self, KeysError> {
        Self::from_jwks_with(jwks, KidRule::Thumbprint)
    }

    /// Reads a JWKS whose `kid`s follow `rule`. Of two keys with one `kid` the first counts.
    ///
    /// # Errors
    /// [`KeysError`] if it is no JWKS, is longer than 64 KiB, holds more than 32 keys, or holds
    /// none that is admitted.
    pub fn from_jwks_with(jwks: impl AsRef<[u8]>, rule: KidRule) -> Result<Self, KeysError> {
        let mut admission = Admission::default();
        for entry in admission::read_jwks(jwks.as_ref())? {
            admission.admit(admission::read_entry(entry, rule));
        }
        admission.finish()
    }

    /// Reads one or more public keys in PEM (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`); the
    /// `kid` of each is its thumbprint.
    ///
    /// # Errors
    /// [`KeysError`] if there is none that is admitted, one is broken, or one is private: a
    /// private key has no business in a service that verifies.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeysError> {
        let mut admission = Admission::default();
        for der in pem::public_keys(pem.as_ref())? {
            let key = RsaKey::from_der(&der).ok_or(KeysError::BadPem)?;
            admission.admit(key.admit_under_its_thumbprint());
        }
        admission.finish()
    }

    /// How many keys were admitted: 1 to 32.
    #[expect(
        clippy::len_without_is_empty,
        reason = "a set without a key cannot be built"
    )]
    pub fn len(&self) -> usize {
        self.admitted.len()
    }

    /// How many entries of the key set were not admitted.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The name of each key.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.admitted.iter().map(|key| &*key.kid)
    }

    #[cfg(feature = "cache")]
    pub(crate) fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.admitted.iter()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.admitted.iter().find(|key| &*key.kid == kid)
    }
}

/// One admitted key, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    kid: Box<str>,
    public: ParsedPublicKey,
}

impl Key {
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unspecified> {
        self.public.verify_sig(message, signature)
    }
}

/// Why something is no set of [`Keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeysError {
    /// It is not a JSON object with an array `keys`.
    NotAJwks,
    /// It is longer than 64 KiB.
    TooLong,
    /// It holds more than 32 keys.
    TooManyKeys,
    /// None of its keys is admitted.
    NoUsableKey {
        /// How many were looked at.
        skipped: usize,
    },
    /// The PEM is broken, or holds something else than public RSA keys.
    BadPem,
    /// The PEM holds a private key.
    PrivateKey,
}

impl fmt::Display for KeysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAJwks => formatter.write_str("not a JSON object with an array \"keys\""),
            Self::TooLong => formatter.write_str("the key set is longer than 64 KiB"),
            Self::TooManyKeys => formatter.write_str("the key set holds more than 32 keys"),
            Self::NoUsableKey { skipped } => {
                write!(
                    formatter,
                    "no usable key, {skipped} skipped: RS256 keys of 2048 to 8192 \
                     bits are, whose kid is their thumbprint unless KidRule::Any is given"
                )
            }
            Self::BadPem => formatter.write_str("the PEM is broken or holds no public RSA key"),
            Self::PrivateKey => {
                formatter.write_str("the PEM holds a private key; give the public one")
            }
        }
    }
}

impl std::error::Error for KeysError {}

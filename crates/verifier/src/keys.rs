//! A set of public keys, read once and never changed. Says which keys are admitted; knows
//! nothing of where they come from.

mod admission;
mod pem;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;

/// A set of RSA public keys, each known by its `kid`.
///
/// A key is admitted only if it is RSA of 2048 to 8192 bits with an odd exponent of 3 or more,
/// comes without private members, and is meant for RS256 signatures. Foreign and broken entries
/// of a key set are skipped and [counted](Self::skipped), since a set may hold what others need.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(crate) admitted: Arc<[Key]>,
    skipped: usize,
}

/// Ends when other keys may be available, or after a few seconds. A caller that cannot wait drops it.
pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

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
        let entries = admission::read_jwks(jwks.as_ref())?.into_iter();
        Self::admit(entries.map(|entry| admission::read_entry(entry, rule)))
    }

    /// Reads one or more public keys in PEM (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`); the
    /// `kid` of each is its thumbprint.
    ///
    /// # Errors
    /// [`KeysError`] if there is none that is admitted, one is broken, or one is private: a
    /// private key has no business in a service that verifies.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeysError> {
        let ders = pem::public_keys(pem.as_ref())?;
        let keys: Option<Vec<_>> = ders.iter().map(|der| admission::read_der(der)).collect();
        let keys = keys.ok_or(KeysError::BadPem)?;
        Self::admit(keys.iter().map(admission::admit_under_its_thumbprint))
    }

    /// Takes in what is a key and has a name of its own, and counts the rest.
    fn admit(candidates: impl Iterator<Item = Option<Key>>) -> Result<Self, KeysError> {
        let (mut admitted, mut skipped) = (Vec::<Key>::new(), 0);
        for candidate in candidates {
            match candidate {
                Some(key) if admitted.iter().all(|known| known.kid != key.kid) => {
                    admitted.push(key);
                }
                _ => skipped += 1,
            }
        }
        match admitted.len() {
            0 => Err(KeysError::NoUsableKey { skipped }),
            1..=admission::KEYS_MAX => Ok(Self {
                admitted: admitted.into(),
                skipped,
            }),
            _ => Err(KeysError::TooManyKeys),
        }
    }

    /// How many keys were admitted: 1 to 32.
    #[expect(clippy::len_without_is_empty, reason = "no set is empty")]
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

    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.admitted.iter().find(|key| &*key.kid == kid)
    }
}

/// One admitted key, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    kid: Box<str>,
    pub(crate) public: ParsedPublicKey,
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
        formatter.write_str(match self {
            Self::NotAJwks => "not a JSON object with an array \"keys\"",
            Self::TooLong => "the key set is longer than 64 KiB",
            Self::TooManyKeys => "the key set holds more than 32 keys",
            Self::NoUsableKey { .. } => "no RSA key for RS256 that is named by its thumbprint",
            Self::BadPem => "the PEM is broken or holds no public RSA key",
            Self::PrivateKey => "the PEM holds a private key; give the public one",
        })
    }
}

impl std::error::Error for KeysError {}

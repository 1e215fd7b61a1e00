//! An immutable set of public keys. Decides which keys are admitted. Must not know their source.

mod admission;
mod pem;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;

pub use admission::rsa_key_bits;

/// A set of RSA public keys, each with a `kid`.
///
/// A key is admitted only if it is RSA of 2048 to 8192 bits with an odd exponent of 3 or more,
/// has no private members, and is for RS256 signatures. Other entries of a key set are skipped and
/// [counted](Self::skipped), because a key set may hold keys for other purposes.
#[derive(Clone, Debug)]
pub struct Keys {
    pub(crate) admitted: Arc<[AdmittedKey]>,
    skipped: usize,
}

/// Ends when new keys may be available, or after a few seconds. Callers that cannot wait drop it.
pub(crate) type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How the `kid` of a key must be formed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KidRule {
    /// The `kid` is the key's RFC 7638 thumbprint, as with Signet. Such a `kid` always names the
    /// same key.
    #[default]
    Thumbprint,
    /// Any `kid` is accepted. Other issuers need this.
    Any,
}

impl Keys {
    /// Parses a JWKS (RFC 7517 section 5) whose `kid`s are thumbprints.
    ///
    /// # Errors
    /// See [`from_jwks_with`](Self::from_jwks_with).
    pub fn from_jwks(jwks: impl AsRef<[u8]>) -> Result<Self, KeysError> {
        Self::from_jwks_with(jwks, KidRule::Thumbprint)
    }

    /// Parses a JWKS whose `kid`s follow `rule`. If two keys have the same `kid`, the first is
    /// used.
    ///
    /// # Errors
    /// [`KeysError`] if the text is not a JWKS, is longer than 64 KiB, has more than 32 keys, or
    /// has no admitted key.
    pub fn from_jwks_with(jwks: impl AsRef<[u8]>, rule: KidRule) -> Result<Self, KeysError> {
        let entries = admission::read_jwks(jwks.as_ref())?.into_iter();
        Self::admit(entries.map(|entry| admission::read_entry(entry, rule)))
    }

    /// Parses one or more public keys in PEM (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`). The
    /// `kid` of each is its thumbprint.
    ///
    /// # Errors
    /// [`KeysError`] if no key is admitted, one is malformed, or one is private: a service that
    /// verifies must not have the private key.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeysError> {
        let ders = pem::public_keys(pem.as_ref())?;
        let keys: Option<Vec<_>> = ders.iter().map(|der| admission::read_der(der)).collect();
        let keys = keys.ok_or(KeysError::BadPem)?;
        Self::admit(keys.iter().map(admission::admit_under_its_thumbprint))
    }

    /// Admits keys with distinct `kid`s and counts the other candidates.
    fn admit(candidates: impl Iterator<Item = Option<AdmittedKey>>) -> Result<Self, KeysError> {
        let (mut admitted, mut skipped) = (Vec::<AdmittedKey>::new(), 0);
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

    /// Returns how many keys were admitted: 1 to 32.
    #[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
    pub fn len(&self) -> usize {
        self.admitted.len()
    }

    /// Returns how many entries of the key set were not admitted.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Returns the `kid` of each key.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.admitted.iter().map(|key| &*key.kid)
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&AdmittedKey> {
        self.admitted.iter().find(|key| &*key.kid == kid)
    }
}

/// An admitted and parsed key.
#[derive(Clone, Debug)]
pub(crate) struct AdmittedKey {
    kid: Box<str>,
    pub(crate) public: ParsedPublicKey,
}

/// The reasons why a text is not a set of [`Keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeysError {
    /// The text is not a JSON object with an array `keys`.
    NotAJwks,
    /// The text is longer than 64 KiB.
    TooLong,
    /// The key set has more than 32 keys.
    TooManyKeys,
    /// No key is admitted.
    NoUsableKey {
        /// How many entries were skipped.
        skipped: usize,
    },
    /// The PEM is malformed, or contains something other than public RSA keys.
    BadPem,
    /// The PEM contains a private key.
    PrivateKey,
}

impl fmt::Display for KeysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotAJwks => "not a JSON object with an array \"keys\"",
            Self::TooLong => "the key set is longer than 64 KiB",
            Self::TooManyKeys => "the key set has more than 32 keys",
            Self::NoUsableKey { .. } => {
                "the key set has no RSA key for RS256 with an acceptable kid"
            }
            Self::BadPem => "the PEM is malformed or contains no public RSA key",
            Self::PrivateKey => "the PEM contains a private key; use the public key",
        })
    }
}

impl std::error::Error for KeysError {}

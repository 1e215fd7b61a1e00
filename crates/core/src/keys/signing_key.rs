//! Keys that sign access tokens, with aws-lc-rs. They are parsed once.
//!
//! This module must not know claims, rings or files.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_verifier::Timestamp;

use super::activation_order::ActivationOrder;
use super::public_key::{Kid, PublicKey};

/// A private key that signs access tokens with RS256 (RFC 7518 section 3.3).
pub struct SigningKey {
    pair: KeyPair,
    public: PublicKey,
    header: String,
}

impl SigningKey {
    /// Parses and checks a private key, PKCS#8 in DER (RFC 5208).
    ///
    /// # Errors
    ///
    /// [`SigningError::InvalidKey`] if it is not an RSA key of a size that Signet uses.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SigningError> {
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| SigningError::InvalidKey)?;
        let numbers = pair.public_key();
        let public = PublicKey::from_numbers(
            numbers.modulus().big_endian_without_leading_zero(),
            numbers.exponent().big_endian_without_leading_zero(),
        )
        .ok_or(SigningError::InvalidKey)?;
        let header = format!(
            r#"{{"alg":"RS256","typ":"at+jwt","kid":"{}"}}"#,
            public.kid()
        );
        Ok(Self {
            pair,
            header: URL_SAFE_NO_PAD.encode(header),
            public,
        })
    }

    /// Returns the public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the name of the key.
    pub fn kid(&self) -> &Kid {
        self.public.kid()
    }

    /// Returns the JOSE header of this key's access tokens, in base64url.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Returns the length of a signature in bytes.
    pub(crate) fn signature_length(&self) -> usize {
        self.pair.public_modulus_len()
    }

    /// Writes the signature of `message` to the front of `buffer`, and returns that part.
    pub(crate) fn sign<'b>(
        &self,
        message: &[u8],
        buffer: &'b mut [u8; MAX_SIGNATURE_BYTES],
    ) -> Result<&'b [u8], SigningError> {
        let signature = buffer
            .get_mut(..self.signature_length())
            .ok_or(SigningError::InvalidKey)?;
        // RSASSA-PKCS1-v1_5 uses no randomness.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, signature)
            .map_err(|_| SigningError::Failed)?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

/// The keys of a ring that sign now or will sign later. Never empty.
#[derive(Debug)]
pub struct SigningKeys(ActivationOrder<SigningKey>);

impl SigningKeys {
    /// Takes keys, each with the time when it becomes active. Returns `None` without keys.
    pub fn new(keys: Vec<(Timestamp, SigningKey)>) -> Option<Self> {
        ActivationOrder::new(keys).map(Self)
    }

    /// Makes one signature with every key. The first signature of a key takes twice as long as the
    /// others. The first one of a process takes 25 ms more, because the library collects
    /// randomness.
    ///
    /// # Errors
    ///
    /// [`SigningError::Failed`] if a key does not sign.
    pub fn warm_up(&self) -> Result<(), SigningError> {
        self.0.iter().try_for_each(|key| {
            key.sign(b"warm up", &mut [0; MAX_SIGNATURE_BYTES])?;
            Ok(())
        })
    }

    /// Returns the key that signs at `now`: the one that was activated last.
    pub fn active_at(&self, now: Timestamp) -> &SigningKey {
        self.0.active_at(now)
    }
}

/// The reasons why a key cannot sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SigningError {
    /// The key is damaged, or not an RSA private key of 2048, 3072 or 4096 bits in PKCS#8.
    #[error("not an RSA private key of 2048, 3072 or 4096 bits")]
    InvalidKey,
    /// The library failed to sign.
    #[error("signing failed")]
    Failed,
}

/// The length of a signature with the largest key, 4096 bits.
pub(crate) const MAX_SIGNATURE_BYTES: usize = 512;

//! Client secrets: 32 random bytes that the server generates, shows once and stores as a hash.
//!
//! The hash is one SHA-256, not argon2. Slow hashes protect passwords, because people choose
//! passwords that can be guessed. 32 random bytes cannot be guessed, so a slow hash would only cost
//! 20 ms and 19 MiB on each request.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;

use crate::ids::InvalidId;
use crate::secret::{SecretBytes, SecretText};
use crate::sha256::sha256;

/// A new secret, to be sent to its owner.
#[derive(Clone, Debug)]
pub struct ClientSecret(SecretText);

impl ClientSecret {
    /// Returns a random secret: the prefix `sgc_`, which secret scanners can find, and 43
    /// characters of base64url.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let bytes = SecretBytes::<32>::random(rng);
        let mut text = String::with_capacity(PREFIX.len() + 43);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.expose(), &mut text);
        Self(SecretText::new(text))
    }

    /// Returns the text of the secret.
    pub fn text(&self) -> &SecretText {
        &self.0
    }

    /// Returns the hash to store.
    pub(crate) fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose())
    }
}

/// The SHA-256 of a client secret. It is not a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Returns the digest of this text.
    pub fn of(text: &str) -> Self {
        Self(sha256(&[text.as_bytes()]))
    }

    /// Parses the output of [`fmt::Display`].
    ///
    /// # Errors
    ///
    /// [`InvalidId`] when it is anything else.
    pub fn read(text: &str) -> Result<Self, InvalidId> {
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(InvalidId),
        }
    }
}

/// 43 characters of base64url.
impl fmt::Display for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

/// The one or two valid secrets of a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSecrets {
    /// The newest secret.
    pub current: SecretDigest,
    /// The secret before. It is valid until the rotation is finished.
    pub previous: Option<SecretDigest>,
}

impl ClientSecrets {
    /// Returns the first secret of a client.
    pub fn new(secret: &ClientSecret) -> Self {
        Self {
            current: secret.digest(),
            previous: None,
        }
    }

    /// Adds a new secret. The current one becomes the previous one and stays valid.
    #[must_use]
    pub fn rotated(&self, secret: &ClientSecret) -> Self {
        Self {
            current: secret.digest(),
            previous: Some(self.current),
        }
    }

    /// Removes the previous secret.
    #[must_use]
    pub fn finished(&self) -> Self {
        Self {
            current: self.current,
            previous: None,
        }
    }

    /// Returns whether `shown` is one of the secrets. The time does not depend on the result.
    pub fn accept(&self, shown: &SecretText) -> bool {
        self.contain(SecretDigest::of(shown.expose()))
    }

    /// Returns whether a secret with this digest is one of them. The time does not depend on the
    /// result.
    pub(crate) fn contain(&self, shown: SecretDigest) -> bool {
        let is = |known: SecretDigest| verify_slices_are_equal(&known.0, &shown.0).is_ok();
        let is_current = is(self.current);
        let is_previous = is(self.previous.unwrap_or(self.current));
        is_current | is_previous
    }
}

const PREFIX: &str = "sgc_";

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn secret(seed: u64) -> ClientSecret {
        ClientSecret::random(&mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn a_secret_is_47_characters_and_debug_is_silent() {
        let secret = secret(1);
        assert_eq!(secret.text().expose().len(), 47);
        assert!(secret.text().expose().starts_with("sgc_"));
        assert_eq!(format!("{secret:?}"), "ClientSecret(SecretText(..))");
    }

    #[test]
    fn two_secrets_are_good_while_they_rotate_and_one_after() {
        let (first, second, third) = (secret(1), secret(2), secret(3));
        let secrets = ClientSecrets::new(&first).rotated(&second);
        assert!(secrets.accept(first.text()));
        assert!(secrets.accept(second.text()));
        assert!(!secrets.accept(third.text()));
        let again = secrets.rotated(&third);
        assert!(!again.accept(first.text()));
        let finished = secrets.finished();
        assert!(finished.accept(second.text()));
        assert!(!finished.accept(first.text()));
    }

    #[test]
    fn a_digest_reads_back_and_nothing_else_is_one() {
        let digest = secret(1).digest();
        assert_eq!(SecretDigest::read(&digest.to_string()), Ok(digest));
        for text in ["", "AAAA", &"A".repeat(44), &"!".repeat(43)] {
            assert_eq!(SecretDigest::read(text), Err(InvalidId), "{text}");
        }
    }
}

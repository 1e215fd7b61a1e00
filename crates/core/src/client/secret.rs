//! Client secrets: 32 random bytes that the server makes, shows once and keeps as a hash.
//!
//! The hash is one SHA-256, not argon2. Slow hashes make up for what people choose: they hold up
//! who tries likely passwords. Nobody can try 2^256 random values, so a slow hash would protect
//! nothing, and would cost 20 ms and 19 MiB on each of a program's requests.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;

use crate::ids::InvalidId;
use crate::secret::{SecretBytes, SecretText};

/// A new secret on its way to its owner.
#[derive(Clone, Debug)]
pub struct ClientSecret(SecretText);

impl ClientSecret {
    /// A secret that nobody has: `sgc_`, for scanners to find, and 43 characters of base64url.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let bytes = SecretBytes::<32>::random(rng);
        let mut text = String::with_capacity(PREFIX.len() + 43);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bytes.expose(), &mut text);
        Self(SecretText::new(text))
    }

    /// The secret as its owner types it.
    pub fn text(&self) -> &SecretText {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose())
    }
}

/// The SHA-256 of a client secret; not a secret itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of this text.
    fn of(text: &str) -> Self {
        let mut bytes = [0; 32];
        let hash = digest(&SHA256, text.as_bytes());
        for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }

    /// Reads what [`fmt::Display`] writes.
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

/// The one or two secrets that a client may show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSecrets {
    /// The newest.
    pub current: SecretDigest,
    /// The one before, good until the rotation is finished.
    pub previous: Option<SecretDigest>,
}

impl ClientSecrets {
    /// A first secret.
    pub fn new(secret: &ClientSecret) -> Self {
        Self {
            current: secret.digest(),
            previous: None,
        }
    }

    /// The next secret beside the newest so far, for as long as programs learn the new one.
    #[must_use]
    pub fn rotated(&self, secret: &ClientSecret) -> Self {
        Self {
            current: secret.digest(),
            previous: Some(self.current),
        }
    }

    /// The newest secret alone.
    #[must_use]
    pub fn finished(&self) -> Self {
        Self {
            current: self.current,
            previous: None,
        }
    }

    /// Whether `shown` is one of them. Takes the same time whichever it is, or neither.
    pub fn accept(&self, shown: &SecretText) -> bool {
        let shown = SecretDigest::of(shown.expose());
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

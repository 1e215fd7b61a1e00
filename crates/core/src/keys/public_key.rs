//! Public signing keys and their names. Must not know private keys or files.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use signet_verifier::{rsa_key_bits, thumbprint};

use super::key_size::KeySize;
use crate::ids::InvalidId;

/// The name of a signing key: its RFC 7638 thumbprint, 43 characters of base64url.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kid(String);

impl Kid {
    /// Returns the name as text. It is safe as part of a file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Kid {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut bytes = [0; KID_BYTES];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(KID_BYTES) => Ok(Self(text.to_owned())),
            _ => Err(InvalidId),
        }
    }
}

impl TryFrom<String> for Kid {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Kid> for String {
    fn from(kid: Kid) -> Self {
        kid.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An RSA public key of 2048, 3072 or 4096 bits, in the form of RFC 7518 section 6.3.1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    kid: Kid,
    n: String,
    e: String,
    size: KeySize,
}

impl PublicKey {
    /// Returns the key with modulus `n` and public exponent `e`, both big-endian without leading
    /// zeros. Returns `None` if the numbers are unsuitable, or the modulus has a size that Signet
    /// does not use.
    pub(crate) fn from_numbers(n: &[u8], e: &[u8]) -> Option<Self> {
        let bits = u32::try_from(rsa_key_bits(n, e)?).ok()?;
        let size = KeySize::try_from(bits).ok()?;
        Some(Self {
            kid: Kid(thumbprint(n, e)),
            n: URL_SAFE_NO_PAD.encode(n),
            e: URL_SAFE_NO_PAD.encode(e),
            size,
        })
    }

    /// Returns the key with modulus and exponent in base64url, from a ring or a JWKS.
    pub(crate) fn from_base64url(n: &str, e: &str) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        Self::from_numbers(&decode(n)?, &decode(e)?)
    }

    /// Returns the name of the key.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Returns the modulus in base64url, the `n` of a JWK.
    pub(crate) fn n(&self) -> &str {
        &self.n
    }

    /// Returns the public exponent in base64url, the `e` of a JWK.
    pub(crate) fn e(&self) -> &str {
        &self.e
    }

    /// Returns modulus and public exponent, big-endian.
    pub(super) fn numbers(&self) -> (Vec<u8>, Vec<u8>) {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        (decode(&self.n), decode(&self.e))
    }

    /// Returns the size of the modulus.
    pub fn size(&self) -> KeySize {
        self.size
    }
}

const KID_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kid_is_43_characters_of_base64url_and_nothing_else() {
        assert!(
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
                .parse::<Kid>()
                .is_ok()
        );
        for text in [
            "",
            "../../etc/passwd",
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9X",
            "a/b",
        ] {
            assert_eq!(text.parse::<Kid>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn only_sound_moduli_of_the_three_sizes_are_keys() {
        let modulus = [0xff; 256];
        assert!(PublicKey::from_numbers(&modulus, &[1, 0, 1]).is_some());
        assert!(PublicKey::from_numbers(&modulus[..128], &[1, 0, 1]).is_none());
        assert!(PublicKey::from_numbers(&[&[0], &modulus[..]].concat(), &[1, 0, 1]).is_none());
        assert!(PublicKey::from_numbers(&[&[0x7f], &modulus[1..]].concat(), &[3]).is_none());
        for exponent in [&[][..], &[1], &[2], &[0, 3]] {
            assert!(
                PublicKey::from_numbers(&modulus, exponent).is_none(),
                "{exponent:?}"
            );
        }
    }
}

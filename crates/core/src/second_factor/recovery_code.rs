//! Recovery codes, for people who have lost their second factor.

use std::fmt;

use rand::CryptoRng;

use signet_verifier::Timestamp;

use super::base32;
use crate::ids::random_bytes;
use crate::one_time_token::OneTimeToken;
use crate::secret::SecretBytes;
use crate::session::{MacKeys, MacPurpose};
use crate::sha256::sha256;

/// The number of codes in a new set.
pub const RECOVERY_CODES: usize = 10;

/// Generates a new set of codes.
pub fn recovery_codes(rng: &mut impl CryptoRng) -> Vec<RecoveryCode> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    codes.resize_with(RECOVERY_CODES, || {
        RecoveryCode(SecretBytes::new(random_bytes(rng)))
    });
    codes
}

/// Computes the codes of a sign-in that enrols a second factor, from its token and the key that is
/// active at `now`. A request of this sign-in that is sent again gets the same codes, and neither the
/// token nor the keys folder is enough to compute them.
pub fn recovery_codes_of_sign_in(
    token: &OneTimeToken,
    keys: &MacKeys,
    now: Timestamp,
) -> Vec<RecoveryCode> {
    let code = |number: u8| {
        let named: [u8; DIGEST_BYTES] =
            sha256(&[SIGN_IN_LABEL, &[number], token.expose().as_bytes()]);
        let hash = keys.keyed_hash(MacPurpose::RECOVERY_CODE, &named, now);
        let mut bytes = [0; CODE_BYTES];
        for (to, from) in bytes.iter_mut().zip(hash) {
            *to = from;
        }
        RecoveryCode(SecretBytes::new(bytes))
    };
    (0_u8..).take(RECOVERY_CODES).map(code).collect()
}

/// One code: 80 random bits, shown once as four groups of four characters.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretBytes<CODE_BYTES>);

impl RecoveryCode {
    /// Parses a code that a person typed. Ignores case, spaces and hyphens.
    ///
    /// # Errors
    ///
    /// [`InvalidRecoveryCode`] if the text cannot be a code.
    pub fn read(text: &str) -> Result<Self, InvalidRecoveryCode> {
        if text.len() > MAX_TYPED_BYTES {
            return Err(InvalidRecoveryCode);
        }
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let letters: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let bytes = base32::decode(&letters).ok_or(InvalidRecoveryCode)?;
        let bytes = bytes.try_into().map_err(|_| InvalidRecoveryCode)?;
        Ok(Self(SecretBytes::new(bytes)))
    }

    /// Returns the code in the form that its owner sees.
    pub fn expose(&self) -> String {
        let mut shown = String::with_capacity(MAX_TYPED_BYTES);
        let letters = base32::encode(self.0.expose()).to_ascii_lowercase();
        for (index, letter) in letters.chars().enumerate() {
            if index > 0 && index % GROUP_CHARACTERS == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown
    }

    /// Returns the digest to store. 80 random bits cannot be guessed from it.
    pub fn digest(&self) -> RecoveryCodeDigest {
        RecoveryCodeDigest(sha256(&[self.0.expose()]))
    }
}

/// The SHA-256 of a recovery code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryCodeDigest([u8; DIGEST_BYTES]);

impl RecoveryCodeDigest {
    /// Returns the digest with these bytes.
    pub fn from_bytes(bytes: [u8; DIGEST_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodeDigest(..)")
    }
}

/// The text cannot be a recovery code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the recovery code is wrong")]
pub struct InvalidRecoveryCode;

/// Tells the hash of a token from the digest that stores keep of it.
const SIGN_IN_LABEL: &[u8] = b"signet recovery codes of sign-in v1";
const CODE_BYTES: usize = 10;
const DIGEST_BYTES: usize = 32;
const GROUP_CHARACTERS: usize = 4;

/// Enough for a code with a space after each character.
const MAX_TYPED_BYTES: usize = 40;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::one_time_token::OneTimePurpose;
    use crate::session::MacKey;

    #[test]
    fn ten_different_codes_read_back() {
        let codes = recovery_codes(&mut StdRng::seed_from_u64(1));
        let mut shown: Vec<_> = codes.iter().map(RecoveryCode::expose).collect();
        for (code, text) in codes.iter().zip(&shown) {
            assert_eq!(text.len(), 19);
            let read = RecoveryCode::read(text).unwrap();
            assert_eq!(read.digest(), code.digest());
        }
        shown.sort_unstable();
        shown.dedup();
        assert_eq!(shown.len(), 10);
    }

    #[test]
    fn the_codes_of_a_sign_in_depend_on_its_token_and_the_key() {
        let keys = |byte| {
            let secret = SecretBytes::new([byte; 32]);
            let key = MacKey::new(1, Timestamp::default(), &secret);
            MacKeys::new(vec![key]).unwrap()
        };
        let token = |seed| {
            let mut rng = StdRng::seed_from_u64(seed);
            OneTimeToken::random(OneTimePurpose::SecondFactor, &mut rng)
        };
        let shown = |seed, byte| {
            let codes = recovery_codes_of_sign_in(&token(seed), &keys(byte), Timestamp::default());
            let codes = codes.iter().map(RecoveryCode::expose);
            codes.collect::<BTreeSet<_>>()
        };
        let first = shown(1, 1);
        assert_eq!(first.len(), RECOVERY_CODES);
        assert_eq!(shown(1, 1), first);
        for other in [shown(2, 1), shown(1, 2)] {
            assert!(other.is_disjoint(&first));
        }
    }

    #[test]
    fn case_spaces_and_hyphens_do_not_matter() {
        let expected = RecoveryCode::read("abcd-efgh-ijkl-mnop").unwrap().digest();
        for text in [
            "ABCDEFGHIJKLMNOP",
            " abcd efgh ijkl mnop ",
            "AbCd--efghijkl-MNOP",
        ] {
            assert_eq!(RecoveryCode::read(text).unwrap().digest(), expected);
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        for text in [
            "",
            "abcd",
            "abcd-efgh-ijkl-mno1",
            "abcd-efgh-ijkl-mnopq",
            &"a".repeat(41),
        ] {
            let read = RecoveryCode::read(text);
            assert_eq!(read.err(), Some(InvalidRecoveryCode), "{text}");
        }
    }
}

//! User codes: what a person reads on a device and types in a browser (RFC 8628 section 6.1).

use std::fmt;
use std::str::FromStr;

use rand::{CryptoRng, RngExt as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::one_time_token::OneTimeDigest;
use crate::sha256::sha256;

/// Eight letters without vowels, so that no code is a word: 34 bits, for ten minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// A new random code.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut letters = [b'B'; LENGTH];
        for letter in &mut letters {
            let place = rng.random_range(0..LETTERS.len());
            *letter = LETTERS.get(place).copied().unwrap_or(b'B');
        }
        Self(letters)
    }

    /// Returns the digest under which stores keep it.
    pub fn digest(&self) -> OneTimeDigest {
        OneTimeDigest::from_bytes(sha256(&[LABEL, &self.0]))
    }
}

/// As people read it: two groups of four letters.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, &letter) in self.0.iter().enumerate() {
            if place == LENGTH / 2 {
                f.write_str("-")?;
            }
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

/// Parses a code that a person typed. Ignores case, spaces and dashes of every kind.
impl FromStr for UserCode {
    type Err = InvalidUserCode;

    fn from_str(text: &str) -> Result<Self, InvalidUserCode> {
        if text.len() > MAX_TYPED_BYTES {
            return Err(InvalidUserCode);
        }
        let is_between =
            |c: &char| c.is_whitespace() || *c == '-' || ('\u{2010}'..='\u{2015}').contains(c);
        let typed = text.chars().filter(|c| !is_between(c));
        let letters = typed.map(|c| u8::try_from(c.to_ascii_uppercase()).unwrap_or_default());
        let letters: Vec<u8> = letters.collect();
        if !letters.iter().all(|letter| LETTERS.contains(letter)) {
            return Err(InvalidUserCode);
        }
        letters.try_into().map(Self).map_err(|_| InvalidUserCode)
    }
}

impl Serialize for UserCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UserCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The text is not a user code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a user code has 8 letters without vowels")]
pub struct InvalidUserCode;

/// RFC 8628 section 6.1: no vowels, and nothing that looks like something else.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
const LABEL: &[u8] = b"signet user code ";
/// A code with generous space between its letters.
const MAX_TYPED_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_code_is_two_groups_of_four_consonants() {
        let code = UserCode::random(&mut StdRng::seed_from_u64(1)).to_string();
        assert_eq!(code.len(), 9);
        let is_letter = |letter: char| "BCDFGHJKLMNPQRSTVWXZ".contains(letter);
        let (first, second) = code.split_once('-').unwrap();
        assert!(first.chars().all(is_letter) && second.chars().all(is_letter));
        assert_eq!((first.len(), second.len()), (4, 4));
    }

    #[test]
    fn case_spaces_and_dashes_do_not_matter() {
        let code: UserCode = "WDJB-MJHT".parse().unwrap();
        for text in [
            "wdjbmjht",
            " wdjb mjht ",
            "W-D-J-B-M-J-H-T",
            "wdjb\u{2013}MJHT",
        ] {
            assert_eq!(text.parse(), Ok(code), "{text}");
        }
        assert_eq!(code.to_string(), "WDJB-MJHT");
        assert_eq!(format!("{code:?}"), "UserCode(..)");
    }

    #[test]
    fn nothing_else_is_a_code() {
        let long = format!("{}WDJBMJHT", "-".repeat(57));
        for text in [
            "",
            "WDJBMJH",
            "WDJBMJHTT",
            "WDJBMJHA",
            "WDJBMJH1",
            "WDJBMJH\u{e4}",
            &long,
        ] {
            assert_eq!(text.parse::<UserCode>(), Err(InvalidUserCode), "{text}");
        }
    }
}

//! Time-based one-time codes (RFC 6238): SHA-1, six digits and 30 seconds, which every
//! authenticator app supports.

use std::fmt::Write as _;
use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use rand::CryptoRng;
use signet_verifier::Timestamp;

use super::base32;
use crate::secret::{SecretBytes, SecretText};

/// The secret that an account shares with its authenticator app. It is only stored sealed.
#[derive(Clone, Debug)]
pub struct TotpSecret(SecretBytes<TOTP_SECRET_BYTES>);

/// The size of a secret in bytes; RFC 4226 section 4 recommends 160 bits.
pub const TOTP_SECRET_BYTES: usize = 20;

/// A code as a person typed it: six digits.
#[derive(Clone, Debug)]
pub struct TotpCode(SecretText);

impl FromStr for TotpCode {
    type Err = InvalidTotpCode;

    /// Reads six digits. Spaces do not matter, because apps show codes as two groups.
    fn from_str(text: &str) -> Result<Self, InvalidTotpCode> {
        if text.len() > MAX_TYPED_BYTES {
            return Err(InvalidTotpCode);
        }
        let digits: String = text.chars().filter(|character| *character != ' ').collect();
        if digits.len() == CODE_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            Ok(Self(SecretText::new(digits)))
        } else {
            Err(InvalidTotpCode)
        }
    }
}

/// The text cannot be a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be the six digits that the authenticator app shows")]
pub struct InvalidTotpCode;

/// The number of a period of 30 seconds since 1970. A code belongs to one step.
pub type TotpStep = u64;

impl TotpSecret {
    /// A new random secret.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBytes::random(rng))
    }

    /// Returns the secret with these bytes.
    pub fn from_bytes(bytes: [u8; TOTP_SECRET_BYTES]) -> Self {
        Self(SecretBytes::new(bytes))
    }

    /// Parses a secret in base32, as apps and other services write it. Returns `None` unless it has
    /// [`TOTP_SECRET_BYTES`].
    pub fn from_base32(text: &str) -> Option<Self> {
        let plain = text.trim_end_matches('=').to_ascii_uppercase();
        let bytes = base32::decode(&plain)?.try_into().ok()?;
        Some(Self::from_bytes(bytes))
    }

    /// Returns the bytes, for sealing.
    pub fn expose(&self) -> &[u8; TOTP_SECRET_BYTES] {
        self.0.expose()
    }

    /// Returns the secret in base32, for people who type it into their app.
    pub fn to_base32(&self) -> SecretText {
        SecretText::new(base32::encode(self.expose()))
    }

    /// Returns the `otpauth` address for a QR code. It contains the secret.
    pub fn uri(&self, issuer: &str, account_name: &str) -> SecretText {
        let (issuer, name) = (percent_encoded(issuer), percent_encoded(account_name));
        let secret = self.to_base32();
        SecretText::new(format!(
            "otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6\
             &period=30",
            secret.expose()
        ))
    }

    /// Returns the step of this code: the current, the previous or the next one. Returns `None` for
    /// a wrong code. The time does not depend on the result.
    ///
    /// The caller must refuse a step that is not later than the last accepted one, so that each
    /// code is accepted once.
    pub fn matching_step(&self, code: &TotpCode, now: Timestamp) -> Option<TotpStep> {
        let current = now.as_seconds() / STEP_SECONDS;
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.expose());
        let typed = code.0.expose().as_bytes();
        let mut found = None;
        for step in [
            current.saturating_sub(1),
            current,
            current.saturating_add(1),
        ] {
            let expected = code_at(&key, step);
            if verify_slices_are_equal(expected.as_bytes(), typed).is_ok() {
                found = found.or(Some(step));
            }
        }
        found
    }
}

/// Returns the code of a step (RFC 4226 section 5.3).
fn code_at(key: &Key, step: TotpStep) -> String {
    let tag = sign(key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let word = tag.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    let number = u32::from_be_bytes(word.copied().unwrap_or_default()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Percent-encodes all characters except unreserved ones (RFC 3986 section 2.3).
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The period of a code (RFC 6238 section 4.1).
const STEP_SECONDS: u64 = 30;
const CODE_DIGITS: usize = 6;
/// More than a code with a space after each digit.
const MAX_TYPED_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(*b"12345678901234567890")
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = secret().matching_step(&code.parse().unwrap(), at(seconds));
            assert_eq!(step, Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_valid_one_step_early_and_one_step_late() {
        let code: TotpCode = "005 924".parse().unwrap();
        let found = |seconds| secret().matching_step(&code, at(seconds));
        let step = 1_234_567_890 / 30;
        assert_eq!(found(1_234_567_890 - 31), None);
        assert_eq!(found(1_234_567_890 - 30), Some(step));
        assert_eq!(found(1_234_567_890 + 59), Some(step));
        assert_eq!(found(1_234_567_890 + 60), None);
    }

    #[test]
    fn anything_but_six_digits_is_no_code() {
        let spaced = format!("005924{}", " ".repeat(11));
        for text in [
            "",
            "00592",
            "0059244",
            "005-924",
            "５92４00",
            "00592a",
            &spaced,
        ] {
            let read = text.parse::<TotpCode>();
            assert_eq!(read.err(), Some(InvalidTotpCode), "{text}");
        }
    }

    #[test]
    fn the_address_for_the_app_is_encoded() {
        let uri = secret().uri("Acme & Co", "ada@example.com");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Acme%20%26%20Co:ada%40example.com?secret=\
             GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Co&algorithm=SHA1&digits=6\
             &period=30"
        );
        assert!(!format!("{:?} {uri:?}", secret()).contains("GEZ"));
    }
}

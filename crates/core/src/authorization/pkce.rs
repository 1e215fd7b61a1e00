//! Proof Key for Code Exchange (RFC 7636), with S256 only.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A code challenge: the SHA-256 of a secret that only the client has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    ///
    /// [`InvalidChallenge`]
    pub(crate) fn read(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Self, InvalidChallenge> {
        let challenge = challenge.ok_or(InvalidChallenge::Missing)?;
        if method != Some("S256") {
            return Err(InvalidChallenge::Method);
        }
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(challenge, &mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(InvalidChallenge::Malformed),
        }
    }

    /// Whether `verifier` is the secret of this challenge.
    pub(crate) fn is_of(&self, verifier: &str) -> bool {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(is_unreserved)
            && verify_slices_are_equal(digest(&SHA256, verifier.as_bytes()).as_ref(), &self.0)
                .is_ok()
    }
}

/// Why a request has no code challenge that a verifier can be compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidChallenge {
    /// The request has none.
    #[error("code_challenge is required, with the code_challenge_method S256")]
    Missing,
    /// Its method is another one than S256. Without a method it is `plain`, RFC 7636 section 4.3.
    #[error("code_challenge_method must be S256")]
    Method,
    /// It cannot be the SHA-256 of anything.
    #[error(
        "code_challenge is invalid: with S256 it must be 43 characters of base64url without padding, \
         the SHA-256 of the code_verifier (RFC 7636 section 4.2)"
    )]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_fits() {
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let challenge = CodeChallenge::read(challenge, Some("S256")).unwrap();
        assert!(challenge.is_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"));
        assert!(!challenge.is_of(""));
    }

    #[test]
    fn nothing_but_s256_is_a_challenge_and_the_error_says_which_part_is_wrong() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let padded = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=";
        let plain = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM";
        let s256 = Some("S256");
        for (challenge, method, problem) in [
            (None, None, InvalidChallenge::Missing),
            (None, s256, InvalidChallenge::Missing),
            (Some(good), None, InvalidChallenge::Method),
            (Some(good), Some("plain"), InvalidChallenge::Method),
            (Some(good), Some("s256"), InvalidChallenge::Method),
            (Some(""), s256, InvalidChallenge::Malformed),
            (Some("AAAA"), s256, InvalidChallenge::Malformed),
            (Some(padded), s256, InvalidChallenge::Malformed),
            (Some(plain), s256, InvalidChallenge::Malformed),
        ] {
            let read = CodeChallenge::read(challenge, method);
            assert_eq!(read, Err(problem), "{challenge:?} {method:?}");
        }
    }
}

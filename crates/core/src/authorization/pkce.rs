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
    /// [`InvalidChallenge`] if the method is not `S256`, or the challenge is not 43 characters of
    /// base64url.
    pub(crate) fn read(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Self, InvalidChallenge> {
        if method != Some("S256") {
            return Err(InvalidChallenge);
        }
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(challenge.ok_or(InvalidChallenge)?, &mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(InvalidChallenge),
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

/// The request has no code challenge with S256.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("code_challenge is required, with the code_challenge_method S256")]
pub struct InvalidChallenge;

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
    fn nothing_but_s256_is_a_challenge() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for (challenge, method) in [
            (Some(good), None),
            (Some(good), Some("plain")),
            (Some(good), Some("s256")),
            (None, Some("S256")),
            (Some(""), Some("S256")),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="),
                Some("S256"),
            ),
            (Some("AAAA"), Some("S256")),
        ] {
            let read = CodeChallenge::read(challenge, method);
            assert_eq!(read, Err(InvalidChallenge), "{challenge:?} {method:?}");
        }
    }
}

//! The answers of captchas, and what a service says of them, in the form that hCaptcha, Turnstile and
//! reCAPTCHA share.
//!
//! This module must not know how a service is reached, or when a captcha is taken.

use std::str::FromStr;

use serde::Deserialize;

use crate::secret::SecretText;
use crate::sha256::sha256;

/// What the widget of a service gave a person for a solved captcha. Only the service can judge it.
#[derive(Clone, Debug)]
pub struct CaptchaAnswer(SecretText);

impl CaptchaAnswer {
    /// The text, for the service.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The value that is claimed before the answer is sent, so that it is sent once.
    pub fn claim(&self) -> [u8; 32] {
        sha256(&[CLAIM_LABEL, self.expose().as_bytes()])
    }
}

impl FromStr for CaptchaAnswer {
    type Err = InvalidCaptcha;

    fn from_str(text: &str) -> Result<Self, InvalidCaptcha> {
        let is_valid = (1..=MAX_ANSWER_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid
            .then(|| Self(SecretText::new(text.to_owned())))
            .ok_or(InvalidCaptcha)
    }
}

/// The text cannot be the answer of a captcha.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to {MAX_ANSWER_LENGTH} printable ASCII characters without spaces")]
pub struct InvalidCaptcha;

/// Reads what a service says of an answer: whether it is right.
///
/// # Errors
///
/// [`InvalidVerdict`]
pub fn read_verdict(text: &str) -> Result<bool, InvalidVerdict> {
    #[derive(Deserialize)]
    struct Verdict {
        success: bool,
    }

    let verdict: Verdict = serde_json::from_str(text).map_err(|_| InvalidVerdict)?;
    Ok(verdict.success)
}

/// The text is not what a service says of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it is no JSON object with a boolean \"success\"")]
pub struct InvalidVerdict;

/// The longest known answers have less than half of this.
pub const MAX_ANSWER_LENGTH: usize = 8_192;
/// Claims of other values have other labels.
const CLAIM_LABEL: &[u8] = b"signet captcha v1\0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_word_of_ascii() {
        let longest = "x".repeat(MAX_ANSWER_LENGTH);
        for text in ["10000000-aaaa-bbbb-cccc-000000000001", "0.a_b~", &longest] {
            assert!(text.parse::<CaptchaAnswer>().is_ok(), "{text}");
        }
        let too_long = "x".repeat(MAX_ANSWER_LENGTH + 1);
        for text in ["", " ", "a b", "a\n", "é", "a\0", &too_long] {
            assert_eq!(text.parse::<CaptchaAnswer>().err(), Some(InvalidCaptcha));
        }
    }

    #[test]
    fn each_answer_is_another_claim() {
        let claim = |text: &str| text.parse::<CaptchaAnswer>().unwrap().claim();
        assert_eq!(claim("a"), claim("a"));
        assert_ne!(claim("a"), claim("b"));
    }

    #[test]
    fn an_answer_does_not_show_in_debug_output() {
        let answer: CaptchaAnswer = "hush".parse().unwrap();
        assert!(!format!("{answer:?}").contains("hush"));
    }

    #[test]
    fn a_verdict_is_an_object_with_a_boolean() {
        assert_eq!(read_verdict(r#"{"success":true}"#), Ok(true));
        let refused = r#"{"success": false, "error-codes": ["timeout-or-duplicate"]}"#;
        assert_eq!(read_verdict(refused), Ok(false));
        for text in [
            "",
            "true",
            "[]",
            "{}",
            "null",
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            r#"{"success":null}"#,
            r#"{"success":true"#,
            r#"{"success":true,"success":false}"#,
            "<html>",
        ] {
            assert_eq!(read_verdict(text), Err(InvalidVerdict), "{text}");
        }
    }
}

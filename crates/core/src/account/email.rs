//! Email addresses: which are valid and which are equal. Must not send mail.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use serde::{Serialize, Serializer};

use crate::sha256::sha256;

/// An email address as it was entered, trimmed. Use [`Email::lookup_key`] to compare addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The maximum length of an email address, in bytes: RFC 5321 section 4.5.3.1.3 allows 256 bytes
/// with the angle brackets.
pub const MAX_EMAIL_LENGTH: usize = 254;

impl Email {
    /// Returns the address for sending mail.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address with ASCII letters in lower case. Equal addresses have equal keys.
    pub fn lookup_key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// Returns the SHA-256 of the lookup key, for places that must not hold addresses.
    pub fn lookup_digest(&self) -> [u8; 32] {
        sha256(&[self.lookup_key().as_bytes()])
    }

    /// Returns the part before the `@`.
    pub(crate) fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// Hides the address, because logs must not contain addresses.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        if text.len() > MAX_EMAIL_LENGTH
            || text.chars().any(|c| c.is_control() || c.is_whitespace())
            || EmailAddress::parse_with_options(text, options).is_err()
        {
            return Err(InvalidEmail);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is not an email address of at most [`MAX_EMAIL_LENGTH`] bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be an email address of at most {MAX_EMAIL_LENGTH} bytes")]
pub struct InvalidEmail;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_is_trimmed_and_compared_by_lowered_ascii() {
        let email: Email = " Ada@Example.COM ".parse().unwrap();
        assert_eq!(email.as_str(), "Ada@Example.COM");
        assert_eq!(email.lookup_key(), "ada@example.com");
        assert_eq!(email.local_part(), "Ada");
        let accented: Email = "ÉVE@example.com".parse().unwrap();
        assert_eq!(accented.lookup_key(), "Éve@example.com");
    }

    #[test]
    fn malformed_email_is_refused() {
        let too_long = format!("{}@{}.com", "a".repeat(64), "b".repeat(190));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a b@example.com",
            "a\0@example.com",
            "Ada <ada@example.com>",
            "ada@[127.0.0.1]",
            "ada@example.com\n.org",
            &too_long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }
}

//! Finding a password in a list of breached ones without telling the password.
//!
//! A service of ranges knows the SHA-1 of each breached password. It is asked for all of them that
//! begin with 5 digits, and the rest is compared here. SHA-1 is what the lists are made of; nothing
//! is protected by it. This module must not know how a range is fetched.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use super::rules::Password;

/// A password as it is looked up. It has no `Debug`, because the digest reveals a weak password.
pub struct BreachQuery(Zeroizing<String>);

impl BreachQuery {
    /// The query for a password.
    pub fn of(password: &Password) -> Self {
        let bytes = password.expose().as_bytes();
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        let mut digits = Zeroizing::new(String::with_capacity(HEX_DIGITS));
        for byte in digest.as_ref() {
            // Writing to a text does not fail.
            let _written = write!(digits, "{byte:02X}");
        }
        Self(digits)
    }

    /// What the service is asked for: 5 hexadecimal digits, which about 800 passwords of a list of
    /// a billion share.
    pub fn prefix(&self) -> &str {
        self.split().0
    }

    /// Whether the password is in the range with this prefix. Each line has the other 35 digits, a
    /// colon and a count; lines with the count 0 are padding.
    ///
    /// # Errors
    ///
    /// [`InvalidRange`] if a line has another form.
    pub fn is_in(&self, range: &str) -> Result<bool, InvalidRange> {
        let mut is_found = false;
        for line in range.lines().filter(|line| !line.is_empty()) {
            let (rest, count) = line.split_once(':').ok_or(InvalidRange)?;
            let count: u64 = count.trim().parse().map_err(|_| InvalidRange)?;
            let is_rest = rest.len() == HEX_DIGITS - PREFIX_DIGITS
                && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_rest {
                return Err(InvalidRange);
            }
            is_found |= count > 0 && rest.eq_ignore_ascii_case(self.split().1);
        }
        Ok(is_found)
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_at_checked(PREFIX_DIGITS).unwrap_or_default()
    }
}

/// The answer of a service is no range of digests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a line is not 35 hexadecimal digits, a colon and a count")]
pub struct InvalidRange;

/// SHA-1 has 20 bytes.
const HEX_DIGITS: usize = 40;
const PREFIX_DIGITS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretText;

    /// Its SHA-1 is an example of FIPS 180: `A9993E36 4706816A BA3E2571 7850C26C 9CD0D89D`.
    fn abc() -> BreachQuery {
        BreachQuery::of(&Password::typed(&SecretText::new("abc".to_owned())).unwrap())
    }

    #[test]
    fn a_service_learns_five_digits_and_the_rest_is_compared_here() {
        assert_eq!(abc().prefix(), "A9993");
        let other = "00000000000000000000000000000000001:7";
        let own = "E364706816ABA3E25717850C26C9CD0D89D";
        for found in [
            format!("{other}\r\n{own}:2"),
            format!("{}:1\n{other}\n", own.to_lowercase()),
        ] {
            assert_eq!(abc().is_in(&found), Ok(true), "{found}");
        }
        for missing in [
            String::new(),
            other.to_owned(),
            format!("{own}:0\r\n{other}"),
        ] {
            assert_eq!(abc().is_in(&missing), Ok(false), "{missing}");
        }
    }

    #[test]
    fn another_form_is_no_range_even_after_the_password_was_found() {
        let own = "E364706816ABA3E25717850C26C9CD0D89D";
        for text in [
            "<html>".to_owned(),
            format!("{own}:2\r\n<html>"),
            format!("{own}:many"),
            format!("{own}:-1"),
            format!("{}:1", &own[1..]),
            format!("G{}:1", &own[1..]),
        ] {
            assert_eq!(abc().is_in(&text), Err(InvalidRange), "{text}");
        }
    }
}

//! The HTTP form of a refusal (RFC 6750): status, challenge, `Retry-After`. Must not know any
//! framework.

use crate::clock::seconds_rounded_up;
use crate::error::{Category, Error};

impl Error {
    /// Returns the HTTP status: 400, 401, 403, or 503 while keys or status lists are unavailable
    /// (with 401, clients would sign their users out).
    pub const fn http_status(&self) -> u16 {
        match (self, self.category()) {
            (Self::SeveralCredentials, _) => 400,
            (_, Category::Permission) => 403,
            (_, Category::Unavailable) => 503,
            _ => 401,
        }
    }

    /// Returns the `error` code of RFC 6750 section 3.1 or of RFC 9470 section 3. Returns `None`
    /// for a request without a token, as RFC 6750 requires, and with status 503.
    pub const fn oauth_error(&self) -> Option<&'static str> {
        match (self, self.category()) {
            (Self::TokenMissing | Self::IdentityMissing, _) | (_, Category::Unavailable) => None,
            (Self::SeveralCredentials, _) => Some("invalid_request"),
            (_, Category::SignIn) => Some("insufficient_user_authentication"),
            (_, Category::Permission) => Some("insufficient_scope"),
            _ => Some("invalid_token"),
        }
    }

    /// Returns the value of the `WWW-Authenticate` header (RFC 6750 section 3), or `None` with
    /// status 503. Characters of `realm` that a quoted string cannot hold are left out.
    pub fn www_authenticate(&self, realm: &str) -> Option<String> {
        if self.category() == Category::Unavailable {
            return None;
        }
        let mut parameters = vec![format!("realm=\"{}\"", quotable(realm))];
        if let Some(code) = self.oauth_error() {
            parameters.push(format!("error=\"{code}\", error_description=\"{self}\""));
        }
        if let Self::ScopeMissing { required } = self {
            parameters.push(format!("scope=\"{}\"", quotable(required)));
        }
        if let Self::UserAuthenticationInsufficient { max_age: Some(age) } = self {
            parameters.push(format!("max_age={}", age.as_secs()));
        }
        Some(format!("Bearer {}", parameters.join(", ")))
    }

    /// Returns when to retry, in whole seconds for `Retry-After`: 1 to 3,600, rounded up.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::KeysUnavailable { retry_after } | Self::RevocationUnknown { retry_after } => {
                Some(seconds_rounded_up(*retry_after).clamp(1, RETRY_AFTER_MAX_SECONDS))
            }
            _ => None,
        }
    }
}

/// Keeps the characters that need no escape in a quoted string (RFC 9110 section 5.6.4).
fn quotable(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\'))
        .collect()
}

/// An hour. Clients should not wait longer than that without asking.
const RETRY_AFTER_MAX_SECONDS: u64 = 3_600;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_token_gets_a_challenge_without_an_error() {
        let challenge = Error::TokenMissing.www_authenticate("orders");
        assert_eq!(challenge.as_deref(), Some(r#"Bearer realm="orders""#));
        assert_eq!(Error::TokenMissing.http_status(), 401);
    }

    #[test]
    fn an_expired_token_gets_invalid_token() {
        let challenge = Error::Expired.www_authenticate("a\"\\\r\nb").unwrap();
        let expected = r#"Bearer realm="ab", error="invalid_token", error_description="the token has expired""#;
        assert_eq!(challenge, expected);
        assert!(Error::Expired.is_expired());
    }

    #[test]
    fn a_missing_scope_is_403_and_named() {
        let error = Error::ScopeMissing {
            required: "orders:write".into(),
        };
        let challenge = error.www_authenticate("orders").unwrap();
        assert!(challenge.contains(r#"error="insufficient_scope""#));
        assert!(challenge.ends_with(r#"scope="orders:write""#));
        assert_eq!(
            (error.http_status(), error.category()),
            (403, Category::Permission)
        );
    }

    #[test]
    fn an_old_sign_in_is_401_and_says_how_recent_it_must_be() {
        let error = Error::UserAuthenticationInsufficient {
            max_age: Some(Duration::from_secs(5 * 60)),
        };
        let expected = r#"Bearer realm="orders", error="insufficient_user_authentication", error_description="a new sign-in is required", max_age=300"#;
        assert_eq!(error.www_authenticate("orders").as_deref(), Some(expected));
        assert_eq!(
            (error.http_status(), error.category()),
            (401, Category::SignIn)
        );
        let without = Error::UserAuthenticationInsufficient { max_age: None };
        let challenge = without.www_authenticate("orders").unwrap();
        assert!(!challenge.contains("max_age"), "{challenge}");
    }

    #[test]
    fn unavailable_keys_are_503_with_retry_after_and_no_challenge() {
        let error = Error::KeysUnavailable {
            retry_after: Duration::from_millis(1_001),
        };
        assert_eq!(error.http_status(), 503);
        assert_eq!(error.www_authenticate("orders"), None);
        assert_eq!(error.retry_after_seconds(), Some(2));
    }
}

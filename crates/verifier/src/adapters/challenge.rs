//! How a refusal is said over HTTP (RFC 6750): status, challenge, when to come back. Knows no
//! framework.

use crate::error::{Category, Error};

impl Error {
    /// The HTTP status to answer: 400, 401, 403, or 503 while keys are unavailable (a 401 there
    /// would sign everybody out).
    pub const fn http_status(&self) -> u16 {
        match (self, self.category()) {
            (Self::SeveralCredentials, _) => 400,
            (_, Category::Permission) => 403,
            (_, Category::Unavailable) => 503,
            _ => 401,
        }
    }

    /// Returns the `error` code of RFC 6750 section 3.1 or of RFC 9470 section 3. A request without
    /// a token has none, as RFC 6750 requires, and neither has one that should be tried again.
    pub const fn oauth_error(&self) -> Option<&'static str> {
        match (self, self.category()) {
            (Self::TokenMissing | Self::IdentityMissing, _) | (_, Category::Unavailable) => None,
            (Self::SeveralCredentials, _) => Some("invalid_request"),
            (_, Category::SignIn) => Some("insufficient_user_authentication"),
            (_, Category::Permission) => Some("insufficient_scope"),
            _ => Some("invalid_token"),
        }
    }

    /// The value of the `WWW-Authenticate` header to answer with (RFC 6750 section 3), `None`
    /// for the 503 that has none. Of `realm`, what a quoted string cannot hold is left out.
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

    /// When to try again, in whole seconds for `Retry-After`; at least 1.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::KeysUnavailable { retry_after } => {
                let begun_second = u64::from(retry_after.subsec_nanos() > 0);
                let seconds = retry_after.as_secs().saturating_add(begun_second);
                Some(seconds.clamp(1, RETRY_AFTER_MAX_SECONDS))
            }
            _ => None,
        }
    }
}

/// The characters that a quoted string holds as they are (RFC 9110 section 5.6.4).
fn quotable(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\'))
        .collect()
}

/// An hour: no outage that we see the end of is longer.
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
            max_age: Some(Duration::from_mins(5)),
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

//! Errors of bearer tokens: codes and the challenges of RFC 6750 section 3.

use std::time::Duration;

use axum::http::StatusCode;
use signet_flows::bearer::BearerError;
use signet_verifier::{Category, Error};

use super::{ApiError, Code};

/// Keeps the verifier's challenge. Expired and invalid tokens have different codes, so that a client
/// knows whether to refresh or to sign in again. A token from a clock that was ahead counts as
/// expired: a refresh gets one that is valid now.
impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let code = match (&error, error.category()) {
            (Error::SeveralCredentials, _) => Code::InvalidRequest,
            (Error::TokenMissing, _) => Code::TokenMissing,
            (_, Category::Permission) => Code::Forbidden,
            (_, Category::Unavailable) => Code::Unavailable,
            (_, Category::Time) => Code::TokenExpired,
            _ => Code::TokenInvalid,
        };
        let mut api_error = Self::from(code);
        if matches!(error, Error::IssuedInFuture | Error::NotYetValid) {
            api_error = api_error.detail(FROM_AHEAD);
        }
        if code == Code::InvalidRequest {
            api_error = api_error.detail(error.to_string());
        }
        if let Some(challenge) = error.www_authenticate(REALM) {
            api_error = api_error.challenge(challenge);
        }
        if let Some(seconds) = error.retry_after_seconds() {
            api_error = api_error.retry_after(Duration::from_secs(seconds));
        }
        api_error.because(error)
    }
}

impl From<BearerError> for ApiError {
    fn from(error: BearerError) -> Self {
        match error {
            BearerError::Token(error) => error.into(),
            BearerError::WrongKind => insufficient_scope(),
            BearerError::Denied => Code::SessionEnded.into(),
            BearerError::Store(error) => error.into(),
        }
    }
}

/// Refuses a valid token that does not open this route, as RFC 6750 section 3.1 says.
fn insufficient_scope() -> ApiError {
    let challenge = format!("Bearer realm=\"{REALM}\", error=\"insufficient_scope\"");
    ApiError::from(Code::Forbidden).challenge(challenge)
}

/// Every 401 needs a challenge (RFC 9110 section 15.5.2). If the request has no token, the challenge
/// has no `error` (RFC 6750 section 3.1).
pub(super) fn standard_challenge(code: Code) -> Option<String> {
    if code.status() != StatusCode::UNAUTHORIZED {
        return None;
    }
    Some(match code {
        Code::TokenExpired | Code::TokenInvalid | Code::SessionEnded => format!(
            "Bearer realm=\"{REALM}\", error=\"invalid_token\", error_description=\"{}\"",
            code.detail()
        ),
        _ => format!("Bearer realm=\"{REALM}\""),
    })
}

const FROM_AHEAD: &str =
    "the access token is not valid yet by the clock of this server; refresh it";

/// The realm of bearer challenges.
pub(crate) const REALM: &str = "signet";

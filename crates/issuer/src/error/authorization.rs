//! Errors of authorization requests, in the names of OAuth.

use signet_core::authorization::RequestProblem;
use signet_flows::authorize::DecideError;

use super::{ApiError, Code, OAuthError, ProtocolError};

impl From<DecideError> for ApiError {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Contended => Code::Unavailable.into(),
            DecideError::Store(error) => error.into(),
        }
    }
}

/// RFC 6749 section 4.1.2.1, RFC 8707 section 2 or OpenID Connect Core 1.0 section 3.1.2.6.
impl From<RequestProblem> for ProtocolError {
    fn from(problem: RequestProblem) -> Self {
        match problem {
            RequestProblem::ResponseType => Self::UnsupportedResponseType,
            RequestProblem::RequestObject => Self::RequestNotSupported,
            RequestProblem::RequestUri => Self::RequestUriNotSupported,
            RequestProblem::Scope(_) => Self::InvalidScope,
            RequestProblem::Target(_) => Self::InvalidTarget,
            RequestProblem::NoResponseType
            | RequestProblem::ResponseMode
            | RequestProblem::State
            | RequestProblem::Nonce
            | RequestProblem::MaxAge
            | RequestProblem::Challenge(_)
            | RequestProblem::Prompt(_) => Self::InvalidRequest,
        }
    }
}

impl From<RequestProblem> for OAuthError {
    fn from(problem: RequestProblem) -> Self {
        ProtocolError::from(problem).because(problem.to_string())
    }
}

//! Errors of devices that sign people in, in the names of RFC 8628.

use signet_flows::authorize::DeviceRequestError;
use signet_flows::grants::PollError;

use super::{OAuthError, ProtocolError};

/// RFC 8628 section 3.5.
impl From<PollError> for OAuthError {
    fn from(error: PollError) -> Self {
        let name = match error {
            PollError::Pending => ProtocolError::AuthorizationPending,
            PollError::SlowDown => ProtocolError::SlowDown,
            PollError::Denied => ProtocolError::AccessDenied,
            PollError::Expired => ProtocolError::ExpiredToken,
            PollError::Redeem(error) => return error.into(),
        };
        name.because(error.to_string())
    }
}

impl From<DeviceRequestError> for OAuthError {
    fn from(error: DeviceRequestError) -> Self {
        match error {
            DeviceRequestError::Problem(problem) => problem.into(),
            DeviceRequestError::Store(error) => error.into(),
        }
    }
}

//! Errors of codes and of devices that sign people in, in the names of RFC 6749 and RFC 8628.

use signet_flows::authorize::DeviceRequestError;
use signet_flows::grants::{PollError, RedeemError};

use super::{OAuthError, ProtocolError};

/// RFC 6749 section 5.2: one error, and one sentence for everything that may be wrong with a code.
impl From<RedeemError> for OAuthError {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Code(_) | RedeemError::Problem(_) | RedeemError::SignInEnded => {
                let text = "the code is invalid, used, expired, or issued to another request";
                ProtocolError::InvalidGrant.because(text)
            }
            RedeemError::RoleRequired | RedeemError::NoAudience => {
                ProtocolError::InvalidGrant.because(error.to_string())
            }
            RedeemError::Scope(error) => error.into(),
            RedeemError::Target(error) => error.into(),
            RedeemError::Issue(error) => error.into(),
            RedeemError::Store(error) => error.into(),
        }
    }
}

/// RFC 8628 section 3.5.
impl From<PollError> for OAuthError {
    fn from(error: PollError) -> Self {
        let name = match error {
            PollError::Pending => ProtocolError::AuthorizationPending,
            PollError::SlowDown => ProtocolError::SlowDown,
            PollError::Denied | PollError::Redeem(RedeemError::RoleRequired) => {
                ProtocolError::AccessDenied
            }
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

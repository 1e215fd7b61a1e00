//! Why the text of a field is refused, and the refusals of the domain types.

use std::borrow::Cow;

use signet_core::account::{
    InvalidClaims, InvalidDisplayName, InvalidEmail, TooManyRoles, UnknownAccountStatus,
    UnknownMfaPolicy,
};
use signet_core::captcha::InvalidCaptcha;
use signet_core::client::{InvalidKeys, InvalidRedirectUri, UnknownGrantType, UnknownMethod};
use signet_core::ids::InvalidId;
use signet_core::invitation::InvalidInvitationLifetime;
use signet_core::names::InvalidName;
use signet_core::password::{InvalidPasswordHash, PasswordProblem};
use signet_core::second_factor::{InvalidRecoveryCode, InvalidTotpCode};
use signet_core::webauthn::InvalidCredential;

/// Why the text of a field is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Invalid {
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
}

impl Invalid {
    /// A fault with a stable name and a sentence that follows the field's name.
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

macro_rules! invalid_from {
    ($($error:ty),*) => {
        $(impl From<$error> for Invalid {
            fn from(error: $error) -> Self {
                Self::new("invalid", error.to_string())
            }
        })*
    };
}

invalid_from!(
    InvalidClaims,
    InvalidCredential,
    TooManyRoles,
    UnknownAccountStatus,
    UnknownMfaPolicy,
    InvalidCaptcha,
    InvalidEmail,
    InvalidDisplayName,
    InvalidKeys,
    InvalidName,
    InvalidId,
    InvalidInvitationLifetime,
    InvalidRecoveryCode,
    InvalidRedirectUri,
    InvalidTotpCode,
    UnknownGrantType,
    UnknownMethod
);

impl From<PasswordProblem> for Invalid {
    fn from(problem: PasswordProblem) -> Self {
        Self::new(problem.code(), problem.to_string())
    }
}

impl From<InvalidPasswordHash> for Invalid {
    fn from(invalid: InvalidPasswordHash) -> Self {
        Self::new(invalid.code(), invalid.to_string())
    }
}

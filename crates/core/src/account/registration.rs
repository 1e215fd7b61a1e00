//! Who may register an account.

use std::str::FromStr;

/// Who may register an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistrationMode {
    /// Anyone.
    Open,
    /// People with an invitation.
    Invite,
    /// No one. Only administrators add accounts.
    Closed,
}

impl FromStr for RegistrationMode {
    type Err = UnknownRegistrationMode;

    fn from_str(text: &str) -> Result<Self, UnknownRegistrationMode> {
        match text {
            "open" => Ok(Self::Open),
            "invite" => Ok(Self::Invite),
            "closed" => Ok(Self::Closed),
            _ => Err(UnknownRegistrationMode),
        }
    }
}

/// The text names no way to register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be open, invite or closed")]
pub struct UnknownRegistrationMode;

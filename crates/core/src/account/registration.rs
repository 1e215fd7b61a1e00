//! Who may register an account.

use std::str::FromStr;

/// Who may register an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistrationMode {
    /// Anyone. The response says whether the address has an account.
    Open,
    /// Anyone who reads mail at their address. The response is the same for every address.
    Mail,
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
            "mail" => Ok(Self::Mail),
            "invite" => Ok(Self::Invite),
            "closed" => Ok(Self::Closed),
            _ => Err(UnknownRegistrationMode),
        }
    }
}

/// The text names no way to register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be open, mail, invite or closed")]
pub struct UnknownRegistrationMode;

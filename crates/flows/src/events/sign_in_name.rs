//! The account that a sign-in named, without its address.

use signet_core::ids::AccountId;
use signet_core::session::EmailHash;

/// The account that a sign-in named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInName {
    /// An account that exists.
    Account(AccountId),
    /// An email address without an account.
    Unknown(EmailHash),
    /// A passkey that no account has.
    UnknownPasskey,
}

impl SignInName {
    /// The account, if there is one.
    pub(crate) fn account_id(self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Unknown(_) | Self::UnknownPasskey => None,
        }
    }
}

//! The mails that there are.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a mail is about. Stored by name, so a name never changes its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A link to set a new password.
    Reset,
    /// A link to confirm an address.
    Verify,
    /// A link to set up an account, from an administrator.
    Invitation,
    /// A link to set up an account, for a person who wants to register.
    Registration,
    /// A person wants to register with the address of an account.
    AccountExists,
    /// A link to confirm a new address.
    ChangeEmail,
    /// Another address was requested.
    EmailChangeRequested,
    /// The address was changed.
    EmailChanged,
    /// An authenticator app, a passkey or the recovery codes were changed.
    FactorChanged,
    /// A person signed in with another program than before.
    NewDevice,
    /// The password was changed.
    PasswordChanged,
    /// A session ended because its refresh token was used twice.
    SessionReuse,
    /// Many wrong passwords were tried for the account.
    SignInAttempts,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Reset,
        Self::Verify,
        Self::Invitation,
        Self::Registration,
        Self::AccountExists,
        Self::ChangeEmail,
        Self::EmailChangeRequested,
        Self::EmailChanged,
        Self::FactorChanged,
        Self::NewDevice,
        Self::PasswordChanged,
        Self::SessionReuse,
        Self::SignInAttempts,
    ];

    /// The name in the names of template files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
            Self::Invitation => "invitation",
            Self::Registration => "registration",
            Self::AccountExists => "account_exists",
            Self::ChangeEmail => "change_email",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
            Self::FactorChanged => "factor_changed",
            Self::NewDevice => "new_device",
            Self::PasswordChanged => "password_changed",
            Self::SessionReuse => "session_reuse",
            Self::SignInAttempts => "sign_in_attempts",
        }
    }

    /// After this time a mail of this kind is no longer sent, and its link is invalid. An
    /// invitation may have another lifetime.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Reset => Duration::from_hours(1),
            Self::Verify | Self::Registration | Self::AccountExists | Self::ChangeEmail => {
                Duration::from_hours(24)
            }
            Self::Invitation => Duration::from_hours(7 * 24),
            Self::EmailChangeRequested
            | Self::EmailChanged
            | Self::FactorChanged
            | Self::NewDevice
            | Self::PasswordChanged
            | Self::SessionReuse
            | Self::SignInAttempts => Duration::from_hours(3 * 24),
        }
    }
}

//! Accounts: the account itself and the values it consists of.
//!
//! This module must not know passwords (see [`crate::password`]) or how accounts are stored.

mod display_name;
mod email;
mod epoch;
mod kept_session;
mod standing;

use signet_verifier::Timestamp;

pub use display_name::{DisplayName, InvalidDisplayName, MAX_DISPLAY_NAME_LENGTH};
pub use email::{Email, InvalidEmail, MAX_EMAIL_LENGTH};
pub use epoch::Epoch;
pub use kept_session::KeptSession;
pub use standing::{AccountStatus, Standing};

use crate::ids::AccountId;
use crate::names::Role;

/// What is known of an account, its password hash apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who it is, for ever.
    pub id: AccountId,
    /// Where mail goes, as it was typed when the account was made.
    pub email: Email,
    /// Whether the owner of the address has shown that it is theirs.
    pub email_verified: bool,
    /// What the person is called, if they said so.
    pub name: Option<DisplayName>,
    /// What the account may do elsewhere; copied into each access token.
    pub roles: Vec<Role>,
    /// Whether it may sign in, and since which ending its sessions count.
    pub standing: Standing,
    /// When it was registered.
    pub created_at: Timestamp,
}

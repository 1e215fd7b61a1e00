//! Accounts: the account itself and the values it consists of.
//!
//! This module must not know passwords (see [`crate::password`]) or how accounts are stored.

mod claims;
mod display_name;
mod email;
mod epoch;
mod kept_session;
mod registration;
mod roles;
mod standing;

use signet_verifier::Timestamp;

pub use claims::{AccountClaims, InvalidClaims, MAX_CLAIMS_BYTES};
pub use display_name::{DisplayName, InvalidDisplayName, MAX_DISPLAY_NAME_LENGTH};
pub use email::{Email, InvalidEmail, MAX_EMAIL_LENGTH};
pub use epoch::Epoch;
pub use kept_session::KeptSession;
pub use registration::{RegistrationMode, UnknownRegistrationMode};
pub use roles::{MAX_ROLES_CHARACTERS, TooManyRoles, check_roles};
pub use standing::{AccountStatus, Standing, UnknownAccountStatus};

use crate::ids::AccountId;
use crate::names::Role;

/// What is known of an account, its password hash apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who it is, for ever.
    pub id: AccountId,
    /// Where mail goes, as it was typed when the account was made.
    pub email: Email,
    /// When the owner of the address showed that it is theirs; `None` when they have not.
    pub email_verified_at: Option<Timestamp>,
    /// What the person is called, if they said so.
    pub name: Option<DisplayName>,
    /// What the account may do elsewhere; copied into each access token.
    pub roles: Vec<Role>,
    /// Whether it may sign in, and since which ending its sessions count.
    pub standing: Standing,
    /// What administrators say of the account, for services that read its tokens.
    pub claims: AccountClaims,
    /// How often the account was updated; what compare-and-swap compares.
    pub version: u64,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Account {
    /// A new account: active, unverified and without a role.
    pub fn new(id: AccountId, email: Email, name: Option<DisplayName>, now: Timestamp) -> Self {
        Self {
            id,
            email,
            email_verified_at: None,
            name,
            roles: Vec::new(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
                kept: None,
            },
            claims: AccountClaims::default(),
            version: 0,
            created_at: now,
        }
    }

    /// The account after a change, one version later.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.version = self.version.saturating_add(1);
        self
    }

    /// The account one epoch later: every session from before is over.
    #[must_use]
    pub fn ended(mut self) -> Self {
        self.standing.epoch = self.standing.epoch.next();
        self.standing.kept = None;
        self
    }
}

//! Accounts and the values they consist of.
//!
//! This module must not know passwords (see [`crate::password`]) or how accounts are stored.

mod claims;
mod display_name;
mod email;
mod epoch;
mod issue_from;
mod kept_session;
mod registration;
mod roles;
mod second_factors;
mod standing;

use signet_verifier::Timestamp;

pub use claims::{AccountClaims, InvalidClaims};
pub use display_name::{DisplayName, InvalidDisplayName, MAX_DISPLAY_NAME_LENGTH};
pub use email::{Email, InvalidEmail, MAX_EMAIL_LENGTH};
pub use epoch::{Epoch, EpochStep};
pub use kept_session::KeptSession;
pub use registration::{RegistrationMode, UnknownRegistrationMode};
pub use roles::{TooManyRoles, check_roles};
pub use second_factors::{MfaPolicy, SecondFactors, UnknownMfaPolicy};
pub use standing::{AccountStatus, Standing, UnknownAccountStatus};

use crate::ids::AccountId;
use crate::names::Role;

/// The data of an account, without its password hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The permanent id of the account.
    pub id: AccountId,
    /// The email address, as it was entered.
    pub email: Email,
    /// When the owner of the address confirmed it. `None` if it is not confirmed.
    pub email_verified_at: Option<Timestamp>,
    /// The name of the person, if they set one.
    pub name: Option<DisplayName>,
    /// The roles of the account in other services; copied into each access token.
    pub roles: Vec<Role>,
    /// The earliest `iat` of its next access tokens. Removing a role raises it, and tokens of an
    /// earlier time are denied.
    pub issue_from: Timestamp,
    /// Whether the account may sign in, and which of its sessions are valid.
    pub standing: Standing,
    /// The custom claims, for services that read the account's tokens.
    pub claims: AccountClaims,
    /// Whether the account must have a second factor.
    pub mfa: MfaPolicy,
    /// The second factors that are enrolled. Updates of the account leave them as they are.
    pub second_factors: SecondFactors,
    /// How often the account was updated. Compare-and-swap compares this number.
    pub version: u64,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Account {
    /// Returns a new account: active, unverified and without roles.
    pub fn new(id: AccountId, email: Email, name: Option<DisplayName>, now: Timestamp) -> Self {
        Self {
            id,
            email,
            email_verified_at: None,
            name,
            roles: Vec::new(),
            issue_from: Timestamp::default(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
                kept: None,
            },
            claims: AccountClaims::default(),
            mfa: MfaPolicy::default(),
            second_factors: SecondFactors::default(),
            version: 0,
            created_at: now,
        }
    }

    /// Returns the account after a change, with the next version.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.version = self.version.saturating_add(1);
        self
    }

    /// Returns the account after an ending at `now`, at the next epoch: all its sessions end.
    #[must_use]
    pub fn ended(mut self, now: Timestamp) -> Self {
        self.standing.epoch = self.standing.epoch.after_ending(now);
        self.standing.kept = None;
        self
    }
}

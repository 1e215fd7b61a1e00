//! Adding an account for somebody else.

use signet_core::account::{Account, AccountClaims, AccountStatus, DisplayName, Email};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_core::password::Password;
use signet_store::{Created, Credentials};

use super::AdministerError;
use crate::authenticate::PasswordAttempt;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::origin::Caller;
use crate::random::system_rng;
use crate::rate_limits::Counted;

/// An account to be added. Its password has passed the rules for new ones, and its roles fit into
/// tokens.
#[derive(Debug)]
pub struct AccountToAdd {
    /// The email address.
    pub email: Email,
    /// The name, if one is known.
    pub name: Option<DisplayName>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The custom claims.
    pub claims: AccountClaims,
    /// The password. An account without one is invited: nobody can sign in to it yet.
    pub password: Option<Password>,
}

impl Flows {
    /// Adds an account.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn add_account(
        &self,
        new: AccountToAdd,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let password_hash = match new.password {
            Some(password) => Some(self.hash_password(password, ATTEMPT).await?),
            None => None,
        };
        let id = AccountId::random(&mut system_rng());
        let mut account = Account::new(id, new.email, new.name, self.clock.now());
        account.roles = new.roles;
        account.claims = new.claims;
        if password_hash.is_none() {
            account.standing.status = AccountStatus::Invited;
        }
        let credentials = Credentials {
            account,
            password_hash,
        };
        match self.stores.accounts.create(&credentials).await? {
            Created::EmailTaken => Err(AdministerError::EmailTaken),
            Created::Added => {
                events::emit(Event::AccountRegistered(id), caller);
                Ok(credentials.account)
            }
        }
    }
}

/// An administrator has proved who they are and is counted nowhere.
const ATTEMPT: PasswordAttempt<'_> = PasswordAttempt {
    class: HashClass::SignedIn,
    counted: Counted {
        address: None,
        subject: None,
    },
};

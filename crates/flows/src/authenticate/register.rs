//! Registering: a new account, whose owner has proved who they are by the password they set.

use signet_core::account::{Account, DisplayName, Email};
use signet_core::ids::AccountId;
use signet_core::password::Password;
use signet_store::{Created, Credentials, StoreError};

use super::Authenticated;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashError;
use crate::origin::{Caller, RequestOrigin};
use crate::random::system_rng;

/// An account to be registered. Its password has passed the rules for new ones.
#[derive(Debug)]
pub struct NewAccount {
    /// The email address.
    pub email: Email,
    /// The password.
    pub password: Password,
    /// The name, if one was given.
    pub name: Option<DisplayName>,
}

/// Why no account was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Another account has the email address.
    #[error("an account with this email address exists")]
    EmailTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Registers an account.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]
    pub async fn register(
        &self,
        new: NewAccount,
        origin: &RequestOrigin,
    ) -> Result<Authenticated, RegisterError> {
        let password_hash = self.hash_password(new.password).await?;
        let now = self.clock.now();
        let id = AccountId::random(&mut system_rng());
        let account = Account::new(id, new.email, new.name, now);
        let credentials = Credentials {
            account,
            password_hash: Some(password_hash),
        };
        match self.stores.accounts.create(&credentials).await? {
            Created::EmailTaken => return Err(RegisterError::EmailTaken),
            Created::Added => {}
        }
        let account = credentials.account;
        let registered = Event::AccountRegistered(account.id);
        events::emit(registered, Caller::account(account.id, origin));
        Ok(Authenticated::by_password(account, now))
    }
}

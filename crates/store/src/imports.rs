//! Accounts that come from elsewhere, with everything that they sign in with.

use async_trait::async_trait;
use signet_core::authenticators::AuthenticatorSet;

use crate::accounts::Credentials;
use crate::error::StoreError;

/// Adds many accounts.
///
/// Promises: an account is added with all its authenticators or not at all, and never in the place
/// of another one. What was answered `Ok` survives a crash of the process and of the machine.
#[async_trait]
pub trait Imports: Send + Sync {
    /// Adds the accounts that can be added, in one or more transactions, and returns for each
    /// whether it was added. One is not added if another account has its email address, its id or
    /// one of its passkeys, or if sessions of a deleted account with its id are still to be ended.
    ///
    /// After an error some of the accounts may have been added.
    async fn add(&self, accounts: &[ImportedAccount]) -> Result<Vec<bool>, StoreError>;
}

/// An account to be added.
#[derive(Clone, Debug)]
pub struct ImportedAccount {
    /// The account and its password.
    pub credentials: Credentials,
    /// What else it signs in with; `None` for nothing.
    pub authenticators: Option<AuthenticatorSet>,
}

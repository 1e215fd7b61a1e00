//! Authenticators: what accounts sign in with, except passwords.

use async_trait::async_trait;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;

use crate::error::StoreError;

/// Remembers the authenticators of accounts.
///
/// Promises: a record is replaced by its successor only, so of concurrent changes of one version,
/// from any process, at most one is made; a one-time code that the successor has used up is used
/// once. A credential id belongs to at most one account. A password is removed in the same
/// transaction as the record changes, and a new password is a change of the record too: a change
/// that was decided before it is not made. A deleted account has no authenticators from the same moment.
#[async_trait]
pub trait Authenticators: Send + Sync {
    /// The authenticators of an account; `None` when there is no such account.
    async fn find(&self, account_id: AccountId) -> Result<Option<AuthenticatorSet>, StoreError>;

    /// Replaces the record by `next`, if the stored one is the version before. If `next` has no
    /// password, the password hash of the account goes too. It ends no sessions.
    async fn swap(&self, next: &AuthenticatorSet) -> Result<AuthenticatorsSwapped, StoreError>;

    /// The account that a credential id belongs to.
    async fn owner(&self, credential_id: &[u8]) -> Result<Option<AccountId>, StoreError>;
}

/// What became of a change of authenticators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthenticatorsSwapped {
    /// It was made.
    Done,
    /// The account is gone, or its authenticators were changed meanwhile; nothing was changed.
    Lost,
    /// Another account has a passkey with the same credential id; nothing was changed.
    CredentialTaken,
}

//! What administrators do with accounts: one file per thing that happens.

mod add;
mod change;
mod delete;
mod deny_tokens;
mod export;
mod find;
mod import;
mod remove_authenticator;
mod reset;
mod sessions;
mod status;

use signet_core::account::Account;
use signet_core::ids::AccountId;
use signet_core::names::{ADMIN_SCOPE, Role};
use signet_store::{Changed, EndingChange, StoreError};

use crate::flows::Flows;
use crate::hashing::HashError;
use crate::invitations::InviteError;
use crate::origin::Caller;
use crate::retry::{Round, until_done};

pub use add::{AccountToAdd, AddedAccount, Entry};
pub use change::{AccountChange, NameChange};
pub use export::{ExportedAccount, ExportedPage};
pub use import::{
    AccountToImport, ImportProblem, ImportVerdict, ImportedTotp, ImportedVerification,
};
pub use reset::{ResetDelivery, StartedReset};

/// Why something was not done with an account.
#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    /// There is no account with this id.
    #[error("there is no account with this id")]
    UnknownAccount,
    /// The account has no such session.
    #[error("the account has no such session")]
    UnknownSession,
    /// Another account has the email address.
    #[error("an account with this email address exists")]
    EmailTaken,
    /// The account would be active without a way to sign in.
    #[error("the account has no password and no passkey; invite its owner, who sets one")]
    NoAuthenticator,
    /// An account that has been active cannot be invited again.
    #[error("an account cannot become invited again; disable it instead")]
    NotAStatus,
    /// The account may not sign in.
    #[error("the account is not active; enable or invite it instead")]
    NotActive,
    /// The link should be mailed.
    #[error(
        "this server sends no mail; ask for a link instead, with \"deliver\": \"link\" or --link"
    )]
    NoMail,
    /// The account has no such authenticator.
    #[error("the account has no such authenticator")]
    UnknownAuthenticator,
    /// The account could not sign in any more.
    #[error("this is the last way to sign in; reset the password first")]
    LastAuthenticator,
    /// The account administers, and the caller may not change administrators.
    #[error(
        "the account has, or would have, a role that administers: only a token with the scope \
         {ADMIN_SCOPE} can do this"
    )]
    Administers,
    /// The account was changed too often meanwhile.
    #[error("the account was changed too often meanwhile")]
    Contended,
    /// The owner could not be invited.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Returns the account with this id to an administrator who is about to change it.
    async fn find_to_change(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let account = self.find_account(id).await?;
        check_reach(caller, &account.roles)?;
        Ok(account)
    }

    /// Makes a change that ends every session of an account, whatever its owner does meanwhile.
    async fn change_account(
        &self,
        id: AccountId,
        change: &EndingChange,
    ) -> Result<(), AdministerError> {
        until_done(AdministerError::Contended, (), |()| async move {
            let epoch = self.find_account(id).await?.standing.epoch;
            let step = epoch.step(self.clock.now());
            match self.stores.accounts.change(id, step, change).await? {
                Changed::Done(ending) => {
                    self.finish_or_leave(ending).await;
                    Ok(Round::Done(()))
                }
                Changed::Lost => Ok(Round::Overtaken(())),
            }
        })
        .await
    }
}

/// Administrators are changed only by callers who may do everything, so that no role leads to a
/// wider one.
fn check_reach(caller: Caller<'_>, roles: &[Role]) -> Result<(), AdministerError> {
    if caller.may_change_account_with(roles) {
        return Ok(());
    }
    Err(AdministerError::Administers)
}

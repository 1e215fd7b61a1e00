//! Reading everything that is stored about accounts, many at a time.

use futures::future::try_join_all;
use signet_core::account::Account;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::password::PasswordHash;
use signet_store::{AccountFilter, StoreError};

use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

/// An account with everything that it signs in with.
#[derive(Debug)]
pub struct ExportedAccount {
    /// The account.
    pub account: Account,
    /// The hash of its password, if it has one.
    pub password_hash: Option<PasswordHash>,
    /// What else it signs in with.
    pub authenticators: AuthenticatorSet,
}

/// One page of an export.
#[derive(Debug)]
pub struct ExportedPage {
    /// The accounts, in the order of their ids.
    pub accounts: Vec<ExportedAccount>,
    /// Where the next page begins; `None` after the last page.
    pub next: Option<AccountId>,
}

impl Flows {
    /// Reads the accounts whose ids follow `after`, at most `limit`. The first page is an event.
    /// Callers who may not change administrators do not get them: the export is as good as their
    /// passwords.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn export_accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
        caller: Caller<'_>,
    ) -> Result<ExportedPage, StoreError> {
        if after.is_none() {
            events::emit(Event::AccountsExported, caller);
        }
        let filter = AccountFilter::default();
        let found = self.stores.accounts.list(&filter, after, limit).await?;
        let is_full = u32::try_from(found.len()).is_ok_and(|found| found >= limit);
        let next = found.last().filter(|_| is_full).map(|last| last.id);
        let readable = found.into_iter();
        let readable = readable.filter(|account| caller.may_change_account_with(&account.roles));
        let whole = readable.map(|account| self.whole(account.id));
        let accounts = try_join_all(whole).await?.into_iter().flatten().collect();
        Ok(ExportedPage { accounts, next })
    }

    /// `None` if the account was deleted meanwhile.
    async fn whole(&self, id: AccountId) -> Result<Option<ExportedAccount>, StoreError> {
        let found = self.stores.accounts.by_id(id).await?;
        let authenticators = self.stores.authenticators.find(id).await?;
        let (Some(found), Some(authenticators)) = (found, authenticators) else {
            return Ok(None);
        };
        Ok(Some(ExportedAccount {
            account: found.account,
            password_hash: found.password_hash,
            authenticators,
        }))
    }
}

//! Denying the access tokens that an account had before a role was removed.
//!
//! Which tokens these are is in the record of the account: see `signet_core::account::issue_from`.
//! The denial is the last step of a removal. So if it is in place, the removal is complete, and
//! repeating the change denies nothing more.

use signet_core::account::Account;
use signet_core::session::denied_until;
use signet_store::{Denied, StoreError};
use signet_verifier::Timestamp;

use super::AdministerError;
use crate::flows::Flows;
use crate::issue::facts_of_new_token;
use crate::retry::{Round, until_done};

impl Flows {
    /// Denies the tokens that were issued before the latest removal of a role. Call it after the
    /// removal is stored. It does nothing if no role was removed, or if all tokens of that time
    /// have expired or are denied.
    pub(super) async fn deny_earlier_tokens(
        &self,
        account: &Account,
    ) -> Result<(), AdministerError> {
        let now = self.clock.now();
        let Some(issued_until) = account.denied_issued_until() else {
            return Ok(());
        };
        if denied_until(issued_until) <= now || self.is_denied(account, issued_until).await? {
            return Ok(());
        }
        let settled = self.issuing_after_change(account, now).await?;
        let issued_until = settled.denied_issued_until().unwrap_or(issued_until);
        let id = account.id;
        let denied = Denied::Account { id, issued_until };
        let until = denied_until(issued_until);
        Ok(self.stores.deny_list.deny(&denied, until).await?)
    }

    /// Whether tokens of the account are denied that were issued at this time.
    async fn is_denied(&self, account: &Account, issued_at: Timestamp) -> Result<bool, StoreError> {
        let token = facts_of_new_token((Some(account.id), None), &[], issued_at);
        let deny_list = &self.stores.deny_list;
        deny_list.is_denied(token, self.clock.now()).await
    }

    /// Stores a later `issue_from` if the removal may have been stored later than the present one
    /// assumes: a token of the old roles may have been issued in between. At `now` the removal is
    /// stored.
    async fn issuing_after_change(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<Account, AdministerError> {
        if account.clone().issuing_after(now) == *account {
            return Ok(account.clone());
        }
        until_done(AdministerError::Contended, (), |()| async move {
            let previous = self.find_account(account.id).await?;
            let next = previous.clone().issuing_after(now);
            if next == previous {
                return Ok(Round::Done(previous));
            }
            self.replace_account(previous, next).await.map(settled)
        })
        .await
    }
}

/// The second of two accounts.
fn settled(round: Round<(Account, Account)>) -> Round<Account> {
    match round {
        Round::Done((_, next)) => Round::Done(next),
        Round::Overtaken(()) => Round::Overtaken(()),
    }
}

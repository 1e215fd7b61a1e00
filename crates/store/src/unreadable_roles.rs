//! Reports stored roles that cannot be read, each account once in a process.
//!
//! Accounts are read at every refresh, so a line for each read would fill the log.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use signet_core::ids::AccountId;

/// The accounts that were reported.
#[derive(Default)]
pub(crate) struct UnreadableRoles {
    reported: Mutex<HashSet<AccountId>>,
}

impl UnreadableRoles {
    /// Logs that `unreadable` roles of an account are left out, unless the log already says so.
    pub(crate) fn report(&self, account: AccountId, unreadable: usize) {
        if self.is_new(account) {
            tracing::error!(
                event = "account.role_unreadable",
                %account,
                unreadable,
                "an account has stored roles that break the rule for roles; they are left out; \
                 correct the column `roles` of this account in the database"
            );
        }
    }

    fn is_new(&self, account: AccountId) -> bool {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        reported.len() < MAX_REPORTED && reported.insert(account)
    }
}

/// The number of accounts that are reported. More lines would say nothing new: the cause is then a
/// program that writes wrong roles.
const MAX_REPORTED: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_reported_once_and_a_thousand_accounts_at_most() {
        let roles = UnreadableRoles::default();
        let account = |number: u128| AccountId::from_bytes(number.to_be_bytes());
        for number in 0..1_000 {
            assert!(roles.is_new(account(number)));
            assert!(!roles.is_new(account(number)));
        }
        assert!(!roles.is_new(account(1_000)));
    }
}

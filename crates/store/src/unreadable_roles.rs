//! Which accounts have stored roles that cannot be read.
//!
//! Accounts are read at every refresh, so each account is announced once. This module must not know
//! how that is announced.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use signet_core::ids::AccountId;

/// The accounts that were read with unreadable roles, and whether each was announced.
#[derive(Default)]
pub(crate) struct UnreadableRoles {
    accounts: Mutex<HashMap<AccountId, bool>>,
}

impl UnreadableRoles {
    /// Notes whether an account that was read has unreadable roles.
    pub(crate) fn note(&self, account: AccountId, has_unreadable: bool) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if !has_unreadable {
            accounts.remove(&account);
        } else if accounts.len() < MAX_NOTED {
            accounts.entry(account).or_insert(false);
        }
    }

    /// Returns the number of accounts.
    pub(crate) fn count(&self) -> usize {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.len()
    }

    /// Returns each account that was not returned before.
    pub(crate) fn take_new(&self) -> Vec<AccountId> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = accounts.iter_mut().filter(|(_, announced)| !**announced);
        new.map(|(id, announced)| {
            *announced = true;
            *id
        })
        .collect()
    }
}

/// The maximum number of accounts that are noted. More would say nothing new: the cause is then a
/// program that writes wrong roles.
const MAX_NOTED: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn an_account_is_announced_once_until_it_is_mended() {
        let roles = UnreadableRoles::default();
        roles.note(account(1), true);
        roles.note(account(1), true);
        assert_eq!(roles.take_new(), [account(1)]);
        roles.note(account(1), true);
        assert_eq!(roles.take_new(), []);
        assert_eq!(roles.count(), 1);
        roles.note(account(1), false);
        assert_eq!(roles.count(), 0);
        roles.note(account(1), true);
        assert_eq!(roles.take_new(), [account(1)]);
    }

    #[test]
    fn a_thousand_accounts_are_noted_at_most() {
        let roles = UnreadableRoles::default();
        for number in 0..1_001 {
            roles.note(account(number), true);
        }
        assert_eq!(roles.count(), 1_000);
        roles.note(account(1_000), false);
        assert_eq!(roles.count(), 1_000);
    }
}

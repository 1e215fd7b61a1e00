//! Which rows have content that cannot be read: accounts with such roles, and clients.
//!
//! Rows are read often, so each is announced once. This module must not know how that is announced.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The unreadable rows that were read, and whether each was announced.
pub(crate) struct UnreadableRows<Id> {
    rows: Mutex<HashMap<Id, bool>>,
}

impl<Id: Clone + Eq + Hash> UnreadableRows<Id> {
    /// Notes whether a row that was read or written is unreadable.
    pub(crate) fn note<Key>(&self, id: &Key, is_unreadable: bool)
    where
        Id: Borrow<Key>,
        Key: ToOwned<Owned = Id> + Eq + Hash + ?Sized,
    {
        let mut rows = self.rows();
        if !is_unreadable {
            rows.remove(id);
        } else if rows.len() < MAX_NOTED && !rows.contains_key(id) {
            rows.insert(id.to_owned(), false);
        }
    }

    /// Returns the number of rows.
    pub(crate) fn count(&self) -> usize {
        self.rows().len()
    }

    /// Returns each row that was not returned before.
    pub(crate) fn take_new(&self) -> Vec<Id> {
        let mut rows = self.rows();
        let new = rows.iter_mut().filter(|(_, announced)| !**announced);
        new.map(|(id, announced)| {
            *announced = true;
            id.clone()
        })
        .collect()
    }

    /// Returns a few rows, to be read again: another replica may have mended them.
    pub(crate) fn some(&self) -> Vec<Id> {
        self.rows().keys().take(READ_AGAIN).cloned().collect()
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Id, bool>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Id> Default for UnreadableRows<Id> {
    fn default() -> Self {
        Self {
            rows: Mutex::default(),
        }
    }
}

/// The maximum number of rows that are noted. More would say nothing new: the cause is then a
/// program that writes wrong rows.
const MAX_NOTED: usize = 1_000;

const READ_AGAIN: usize = 16;

#[cfg(test)]
mod tests {
    use signet_core::ids::AccountId;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn a_row_is_announced_once_until_it_is_mended() {
        let rows = UnreadableRows::default();
        rows.note(&account(1), true);
        rows.note(&account(1), true);
        assert_eq!(rows.take_new(), [account(1)]);
        rows.note(&account(1), true);
        assert_eq!(rows.take_new(), []);
        assert_eq!(rows.count(), 1);
        rows.note(&account(1), false);
        assert_eq!(rows.count(), 0);
        rows.note(&account(1), true);
        assert_eq!(rows.take_new(), [account(1)]);
    }

    #[test]
    fn a_thousand_rows_are_noted_at_most() {
        let rows = UnreadableRows::default();
        for number in 0..1_001 {
            rows.note(&account(number), true);
        }
        assert_eq!(rows.count(), 1_000);
        rows.note(&account(1_000), false);
        assert_eq!(rows.count(), 1_000);
    }
}

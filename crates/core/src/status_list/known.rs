//! The lists as one replica knows them. Bits are only ever set: what was revoked stays revoked.

use std::collections::BTreeMap;
use std::time::Duration;

use signet_verifier::Timestamp;

use super::{BitRange, Bits, LIST_BITS, ListId, StatusIndex, StatusList};

/// What a store has to say about lists since it was asked before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatusChanges {
    /// Every list that has not expired.
    pub lists: Vec<StatusList>,
    /// Bits that were set.
    pub revoked: Vec<BitRange>,
    /// The store may have lost denials from before this time. So each list that was opened until
    /// then is revoked as a whole.
    pub refused_until: Timestamp,
}

/// A list and its bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaLists {
    /// The list.
    pub list: StatusList,
    /// Its bits.
    pub bits: Bits,
    /// How often bits were set. An equal number means equal bits.
    pub changes: u64,
}

/// The lists that have not expired.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownLists(BTreeMap<ListId, ReplicaLists>);

impl KnownLists {
    /// Adds a list, unless it is known.
    pub fn add(&mut self, list: StatusList) {
        self.0.entry(list.id).or_insert_with(|| ReplicaLists {
            list,
            bits: Bits::default(),
            changes: 0,
        });
    }

    /// Applies what a store says, and forgets lists that have expired.
    pub fn apply(&mut self, changes: &StatusChanges, now: Timestamp) {
        for list in &changes.lists {
            self.add(*list);
        }
        for range in &changes.revoked {
            if let Some(state) = self.0.get_mut(&range.list) {
                state.revoke(range.first, range.count);
            }
        }
        for state in self.0.values_mut() {
            if state.list.opened_at <= changes.refused_until {
                state.revoke(0, LIST_BITS);
            }
        }
        self.0.retain(|_, state| !state.list.has_expired(now));
    }

    /// Returns a list, if it is known.
    pub fn find(&self, id: ListId) -> Option<&ReplicaLists> {
        self.0.get(&id)
    }

    /// Every known list.
    pub fn iter(&self) -> impl Iterator<Item = &ReplicaLists> {
        self.0.values()
    }

    /// Returns whether a new session token may name this bit: its list takes tokens and the bit is
    /// not set.
    pub fn takes_tokens(&self, index: StatusIndex, now: Timestamp) -> bool {
        self.find(index.list)
            .is_some_and(|state| state.list.takes_tokens(now) && !state.bits.is_set(index.index))
    }

    /// Returns the latest `exp` of another token that names this bit, if it may have one. For a
    /// short time after the period of a list, a repeated refresh gets a token of the list that the
    /// first response named.
    pub fn tokens_until(&self, index: StatusIndex, now: Timestamp) -> Option<Timestamp> {
        let state = self.find(index.list)?;
        let closes = state.list.issues_until.saturating_add(LONGEST_REPLAY);
        let takes = now < closes && !state.bits.is_set(index.index);
        takes.then(|| state.list.tokens_until())
    }
}

impl ReplicaLists {
    fn revoke(&mut self, first: u32, count: u32) {
        if self.bits.set(first, count) {
            self.changes = self.changes.saturating_add(1);
        }
    }
}

/// The longest grace period after a rotation.
const LONGEST_REPLAY: Duration = Duration::from_mins(1);

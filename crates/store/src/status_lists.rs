//! Revocation lists: which bits are leased, and which are set.

use std::collections::HashMap;

use async_trait::async_trait;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::ClientId;
use signet_core::status_list::{BLOCK_BITS, BitRange, StatusChanges, StatusIndex, StatusList};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers revocation lists.
///
/// Promises:
///
/// - No bit is leased twice. If the store has lost leases, the lists from before are never leased
///   from again, and [`StatusChanges::refused_until`] revokes them.
/// - [`crate::DenyList::deny`] and every ending of a session set the bits of what they refuse in the
///   same step: the bits of the session record, the blocks of a client, and the bits of tokens that
///   were attached. An account's denial sets the bits of its sessions.
/// - A bit that was set is found by every later [`changes`](StatusLists::changes) with a new cursor.
#[async_trait]
pub trait StatusLists: Send + Sync {
    /// Leases a block of [`BLOCK_BITS`] bits for tokens of a
    /// client, of a list that takes tokens at `now` and was opened after `refused_until`, the latest
    /// that the caller knows. If there is none, `fresh` becomes a list; its period begins later if a
    /// loss was noticed at the same moment.
    async fn lease(
        &self,
        owner: &ClientId,
        fresh: StatusList,
        (now, refused_until): (Timestamp, Timestamp),
    ) -> Result<LeasedBlock, StoreError>;

    /// Lets the end of each holder set this bit too.
    async fn attach(
        &self,
        index: StatusIndex,
        holders: &[StatusHolder],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the lists, and the bits that were set since `cursor` was returned.
    async fn changes(
        &self,
        cursor: &StatusCursor,
        now: Timestamp,
    ) -> Result<(StatusChanges, StatusCursor), StoreError>;

    /// Removes at most `limit` rows of lists that have expired at `now`. Returns how many. Redis
    /// removes them itself, so it returns 0.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// A leased block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeasedBlock {
    /// The list.
    pub list: StatusList,
    /// The first bit of the block.
    pub first: u32,
}

impl LeasedBlock {
    /// Every bit of the block.
    pub(crate) fn range(&self) -> BitRange {
        BitRange {
            list: self.list.id,
            first: self.first,
            count: BLOCK_BITS,
            expires_at: self.list.expires_at,
        }
    }
}

/// What can end and then sets bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StatusHolder {
    /// A session.
    Session {
        /// Whose session.
        account_id: AccountId,
        /// Which session.
        id: SessionId,
    },
    /// An account.
    Account(AccountId),
    /// A client.
    Client(ClientId),
}

/// How far a reader has come. A new one has read nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatusCursor(pub(crate) HashMap<Vec<u8>, u64>);

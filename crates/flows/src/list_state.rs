//! The revocation lists as this replica knows them, and the bits that it has leased.
//!
//! This module must not know how lists are read, assigned or signed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signet_core::keys::Kid;
use signet_core::names::ClientId;
use signet_core::status_list::{
    Block, KnownLists, ListId, RenderedList, StatusChanges, StatusIndex, StatusList,
};
use signet_store::{LeasedBlock, StatusCursor};
use signet_verifier::Timestamp;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::random::system_rng;

/// The lists as this replica knows them, and the bits that it has leased.
#[derive(Default)]
pub(crate) struct ReplicaLists {
    state: Mutex<State>,
    /// One look at a time: the next one continues behind it.
    pub(crate) reader: AsyncMutex<Reader>,
    pub(crate) published: Mutex<HashMap<ListId, PublishedList>>,
}

/// How far the changes were read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) cursor: StatusCursor,
    /// When the last look began.
    pub(crate) began: Option<Instant>,
}

/// What is known of all lists.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) known: KnownLists,
    blocks: HashMap<ClientId, LeasedBits>,
    pub(crate) refused_until: Timestamp,
    looked_at: Timestamp,
}

/// The bits that this replica hands out to tokens of one client.
struct LeasedBits {
    /// The first `iat` of the client when they were leased. If it is later now, the client's tokens
    /// were denied, and these bits with them.
    issue_from: Timestamp,
    block: Block,
}

/// A signed list, and what it was made of.
pub(crate) struct PublishedList {
    pub(crate) list: Arc<RenderedList>,
    pub(crate) changes: u64,
    pub(crate) signer: Kid,
    /// The keys that were published at that time.
    pub(crate) kids: Vec<Kid>,
}

impl ReplicaLists {
    /// When the state of the lists was read that is known here.
    pub(crate) fn looked_at(&self) -> Timestamp {
        self.state().looked_at
    }

    pub(crate) fn apply(&self, changes: &StatusChanges, now: Timestamp) {
        let mut state = self.state();
        state.known.apply(changes, now);
        state.refused_until = state.refused_until.max(changes.refused_until);
        state.looked_at = now;
        state
            .blocks
            .retain(|_, leased| leased.block.list().takes_tokens(now));
        let lists = state.known.iter().count();
        let revoked = state
            .known
            .iter()
            .map(|list| list.bits.count())
            .sum::<u32>();
        drop(state);
        metrics::gauge!("signet_status_lists").set(u32::try_from(lists).unwrap_or(u32::MAX));
        metrics::gauge!("signet_status_list_revoked_bits").set(revoked);
    }

    pub(crate) fn show_age(&self, now: Timestamp) {
        let age = now.saturating_since(self.looked_at());
        metrics::gauge!("signet_status_list_age_seconds").set(age.as_secs_f64());
    }

    /// Returns the next leased bit for a token of a client, if one is left.
    pub(crate) fn take(
        &self,
        client: (&ClientId, Timestamp),
        now: Timestamp,
    ) -> Option<StatusIndex> {
        let (id, issue_from) = client;
        let mut state = self.state();
        let State { known, blocks, .. } = &mut *state;
        let leased = blocks.get_mut(id)?;
        let taken = leased.block.take(&mut system_rng());
        let good = taken
            .filter(|index| leased.issue_from == issue_from && known.takes_tokens(*index, now));
        if good.is_none() {
            blocks.remove(id);
        }
        good
    }

    pub(crate) fn add(&self, client: (&ClientId, Timestamp), leased: LeasedBlock) {
        let (id, issue_from) = client;
        let mut state = self.state();
        state.known.add(leased.list);
        let block = Block::new(leased.list, leased.first);
        let leased = LeasedBits { issue_from, block };
        state.blocks.insert(id.clone(), leased);
    }

    pub(crate) fn find(&self, id: ListId) -> Option<StatusList> {
        self.state().known.find(id).map(|state| state.list)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

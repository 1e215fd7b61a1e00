//! A block of bits that one replica hands out to the tokens of one client.

use rand::{CryptoRng, RngExt as _};

use super::{BLOCK_BITS, StatusIndex, StatusList};

/// Leased bits that no token names yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    list: StatusList,
    free: Vec<u32>,
}

impl Block {
    /// The bits of a list from `first` on.
    pub fn new(list: StatusList, first: u32) -> Self {
        let free = (first..first.saturating_add(BLOCK_BITS)).collect();
        Self { list, free }
    }

    /// The list of these bits.
    pub fn list(&self) -> StatusList {
        self.list
    }

    /// Returns a random bit that was not returned before. The order of bits would tell verifiers the
    /// order of sign-ins.
    pub fn take(&mut self, rng: &mut impl CryptoRng) -> Option<StatusIndex> {
        if self.free.is_empty() {
            return None;
        }
        let index = self.free.swap_remove(rng.random_range(..self.free.len()));
        Some(StatusIndex {
            list: self.list.id,
            index,
            expires_at: self.list.expires_at,
        })
    }
}

//! A walk over every key that is moved, on one server or on every master of a Cluster.
//!
//! This module must not know what the keys hold.

use std::collections::HashSet;

use super::Redis;
use super::fault::RedisFault;
use super::keys::Layout;
use super::moved_key::MovedKey;
use super::wire::Master;

/// A walk that gives each key once. While no key is written, it gives every key, even if slots of
/// a Cluster move meanwhile.
pub(super) struct Scan<'a> {
    redis: &'a Redis,
    /// The masters that this round has still to scan; the last one is scanned first.
    masters: Vec<Master>,
    cursor: u64,
    found: HashSet<Vec<u8>>,
    /// How many keys were found before this round.
    found_before: usize,
}

impl<'a> Scan<'a> {
    /// Begins a walk.
    pub(super) async fn begin(redis: &'a Redis) -> Result<Self, RedisFault> {
        Ok(Self {
            redis,
            masters: redis.hot.masters().await?,
            cursor: 0,
            found: HashSet::new(),
            found_before: 0,
        })
    }

    /// Returns some more keys, perhaps none yet; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<(Vec<u8>, MovedKey)>>, RedisFault> {
        let Some(master) = self.masters.last() else {
            return Ok(None);
        };
        let mut command = redis::cmd("SCAN");
        command.arg(self.cursor).arg("MATCH").arg("signet:*");
        command.arg("COUNT").arg(KEYS_OF_A_SCAN);
        let hot = &self.redis.hot;
        let (next, keys): (u64, Vec<Vec<u8>>) = hot.ask_master(master, &command).await?;
        let layout = self.redis.layout;
        let keys = keys.into_iter().filter_map(|key| {
            let read = MovedKey::read(layout, &key)?;
            // `SCAN` may give a key twice.
            self.found.insert(key.clone()).then_some((key, read))
        });
        let keys = keys.collect();
        self.cursor = next;
        if next == 0 {
            self.leave_master().await?;
        }
        Ok(Some(keys))
    }

    /// Goes on to the next master. A key may have moved from a master before its turn to one that
    /// had its turn, so rounds are repeated until one finds nothing new.
    async fn leave_master(&mut self) -> Result<(), RedisFault> {
        self.masters.pop();
        let found = self.found.len();
        let may_have_missed = match self.redis.layout {
            Layout::Whole => false,
            Layout::Partitions => found > self.found_before,
        };
        if self.masters.is_empty() && may_have_missed {
            self.found_before = found;
            self.masters = self.redis.hot.masters().await?;
        }
        Ok(())
    }
}

/// How many keys one command looks at.
const KEYS_OF_A_SCAN: usize = 500;

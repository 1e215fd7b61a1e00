//! Keys of one kind in the order in which they become active. Must not know their purpose.

use signet_verifier::Timestamp;

/// Keys that become active one after the other. Never empty.
#[derive(Clone, Debug)]
pub(crate) struct ActivationOrder<K> {
    first: K,
    later: Vec<(Timestamp, K)>,
}

impl<K> ActivationOrder<K> {
    /// Takes keys in any order, each with the time when it becomes active. Returns `None` without
    /// keys.
    pub(crate) fn new(keys: impl IntoIterator<Item = (Timestamp, K)>) -> Option<Self> {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_by_key(|(activates_at, _)| *activates_at);
        let mut keys = keys.into_iter();
        let (_, first) = keys.next()?;
        Some(Self {
            first,
            later: keys.collect(),
        })
    }

    /// Returns the key that is active at `now`. If `now` is before all times, as on a replica whose
    /// clock is behind, returns the first key.
    pub(crate) fn active_at(&self, now: Timestamp) -> &K {
        let mut newest_first = self.later.iter().rev();
        let active = newest_first.find(|(activates_at, _)| *activates_at <= now);
        active.map_or(&self.first, |(_, key)| key)
    }

    /// Returns every key, in the order in which they become active.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &K> {
        std::iter::once(&self.first).chain(self.later.iter().map(|(_, key)| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_that_was_activated_last_is_active() {
        let at = Timestamp::from_seconds;
        let keys = ActivationOrder::new([(at(30), 'c'), (at(10), 'a'), (at(20), 'b')]).unwrap();
        let active: String = [0, 10, 19, 20, 29, 30]
            .map(|now| *keys.active_at(at(now)))
            .iter()
            .collect();
        assert_eq!(active, "aaabbc");
        assert_eq!(keys.iter().collect::<String>(), "abc");
        assert!(ActivationOrder::<char>::new([]).is_none());
    }
}

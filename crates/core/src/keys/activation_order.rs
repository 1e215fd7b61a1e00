//! Keys of one kind in the order in which they become active. Knows nothing of what keys are for.

use signet_verifier::Timestamp;

/// Keys that are active one after the other; never empty.
#[derive(Clone, Debug)]
pub(crate) struct ActivationOrder<K> {
    first: K,
    later: Vec<(Timestamp, K)>,
}

impl<K> ActivationOrder<K> {
    /// Takes keys in any order, with the times from which they are active; `None` if there is no key.
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

    /// The key that is active at `now`. Before the first key is active, as on a replica whose clock
    /// is a second behind, it is the first key.
    pub(crate) fn active_at(&self, now: Timestamp) -> &K {
        let mut newest_first = self.later.iter().rev();
        let active = newest_first.find(|(activates_at, _)| *activates_at <= now);
        active.map_or(&self.first, |(_, key)| key)
    }

    /// Every key, in the order in which they become active.
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

//! Decides whether a replica's ring is so old that the replica must not sign, because its key may
//! be revoked. Must not know stores or folders.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::ring::KeyRing;

/// The newest generation of a ring that any replica has seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewestRing {
    /// The generation.
    pub generation: u64,
    /// When it was first seen.
    pub seen_at: Timestamp,
}

impl NewestRing {
    /// Returns this ring as seen at `now`.
    pub fn of(ring: &KeyRing, now: Timestamp) -> Self {
        Self {
            generation: ring.generation(),
            seen_at: now,
        }
    }

    /// Returns the newest ring for a replica with the generation `here`, which knew `earlier` so
    /// far. Further changes do not restart the grace of a replica that is already behind.
    #[must_use]
    pub fn after(self, earlier: Option<Self>, here: u64) -> Self {
        let missed = earlier.filter(|earlier| earlier.generation > here);
        Self {
            seen_at: missed.map_or(self.seen_at, |missed| missed.seen_at.min(self.seen_at)),
            ..self
        }
    }

    /// Returns how long a replica with the generation `here` has been behind at `now`, if that is
    /// longer than `ring_lag` allows. Such a replica must not sign.
    pub fn outdates(&self, here: u64, ring_lag: Duration, now: Timestamp) -> Option<Duration> {
        let behind_for = now.saturating_since(self.seen_at);
        let is_behind = self.generation > here && behind_for > ring_lag.max(SHORTEST_LAG);
        is_behind.then_some(behind_for)
    }
}

/// The minimum lag, however small `ring_lag` is: two seconds to read a change, two for clock
/// differences, and one for a slow disk.
const SHORTEST_LAG: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: NewestRing = NewestRing {
        generation: 7,
        seen_at: Timestamp::from_seconds(1_000),
    };
    const LAG: Duration = Duration::from_mins(2);

    fn outdated(here: u64, lag: Duration, seconds: u64) -> Option<u64> {
        let now = Timestamp::from_seconds(seconds);
        SEEN.outdates(here, lag, now).map(|behind| behind.as_secs())
    }

    #[test]
    fn a_replica_signs_until_it_is_behind_for_longer_than_the_lag() {
        assert_eq!(outdated(6, LAG, 1_000), None);
        assert_eq!(outdated(6, LAG, 1_120), None);
        assert_eq!(outdated(6, LAG, 1_121), Some(121));
        assert_eq!(outdated(1, LAG, 9_000), Some(8_000));
    }

    #[test]
    fn the_newest_ring_and_a_newer_one_are_never_behind() {
        assert_eq!(outdated(7, LAG, 9_000), None);
        assert_eq!(outdated(8, LAG, 9_000), None);
    }

    #[test]
    fn a_lag_of_nothing_still_leaves_time_to_look() {
        assert_eq!(outdated(6, Duration::ZERO, 1_005), None);
        assert_eq!(outdated(6, Duration::ZERO, 1_006), Some(6));
    }

    #[test]
    fn a_clock_that_is_behind_is_no_lag() {
        assert_eq!(outdated(6, LAG, 10), None);
    }

    #[test]
    fn further_changes_give_no_time_anew() {
        let newer = NewestRing {
            generation: 8,
            seen_at: Timestamp::from_seconds(1_100),
        };
        let since = |earlier, here| newer.after(earlier, here).seen_at.as_seconds();
        assert_eq!(since(Some(SEEN), 6), 1_000);
        assert_eq!(since(Some(SEEN), 7), 1_100);
        assert_eq!(since(None, 6), 1_100);
        assert_eq!(newer.after(Some(SEEN), 6).generation, 8);
    }
}

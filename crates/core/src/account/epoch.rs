//! The epoch of an account, which grows whenever all its sessions are ended.

use signet_verifier::Timestamp;

/// A number that grows whenever all sessions of an account are ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Epoch(u32);

impl Epoch {
    /// Later than every epoch that an account can reach, so every session is below it.
    pub const END: Self = Self(u32::MAX);

    /// Returns the epoch with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number of this epoch.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Returns the epoch after an ending at `now`: the number of seconds since 1970, or the next
    /// number if that is greater. So an account never has the same epoch twice, even if its store
    /// is restored from an older copy, which has forgotten the latest ones. It stays below
    /// [`Epoch::END`].
    #[must_use]
    pub fn after_ending(self, now: Timestamp) -> Self {
        let seconds = u32::try_from(now.as_millis() / 1_000).unwrap_or_default();
        // A clock that is a lifetime ahead must not use up the numbers.
        let seconds = if seconds < LAST_SECOND { seconds } else { 0 };
        let next = self.0.saturating_add(1).max(seconds);
        Self(next.min(u32::MAX - 1))
    }

    /// Returns the step from this epoch to the one after an ending at `now`.
    pub fn step(self, now: Timestamp) -> EpochStep {
        EpochStep {
            from: self,
            to: self.after_ending(now),
        }
    }
}

/// The epochs of an account before and after an ending.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochStep {
    /// The epoch that the account must still be at.
    pub from: Epoch,
    /// The epoch that it is at afterwards.
    pub to: Epoch,
}

/// The first second of 2100. After it an epoch only counts up.
const LAST_SECOND: u32 = 4_102_444_800;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_never_reaches_its_end() {
        for seconds in [0, 1_800_000_000, u64::MAX / 1_000] {
            let now = Timestamp::from_seconds(seconds);
            assert!(Epoch::END.after_ending(now) < Epoch::END);
        }
    }

    #[test]
    fn an_epoch_is_the_second_of_its_ending_or_the_next_number() {
        let at = |seconds| Timestamp::from_seconds(seconds);
        let first = Epoch::default().after_ending(at(1_800_000_000));
        assert_eq!(first, Epoch::from_number(1_800_000_000));
        let same_second = first.after_ending(at(1_800_000_000));
        assert_eq!(same_second, Epoch::from_number(1_800_000_001));
        let clock_set_back = same_second.after_ending(at(1_700_000_000));
        assert_eq!(clock_set_back, Epoch::from_number(1_800_000_002));
    }

    #[test]
    fn a_clock_that_is_a_lifetime_ahead_uses_up_no_numbers() {
        let ahead = Timestamp::from_seconds(4_200_000_000);
        let next = Epoch::from_number(7).after_ending(ahead);
        assert_eq!(next, Epoch::from_number(8));
    }

    #[test]
    fn an_older_copy_of_an_account_does_not_repeat_an_epoch() {
        let at = |seconds| Timestamp::from_seconds(seconds);
        let copied = Epoch::default().after_ending(at(1_800_000_000));
        let lost = copied.after_ending(at(1_800_000_100));
        let after_restore = copied.after_ending(at(1_800_000_200));
        assert!(after_restore > lost);
    }
}
